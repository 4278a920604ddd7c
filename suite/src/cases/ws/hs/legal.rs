//! Spellings, orders and lists that every server has to read alike.

use super::variation::{Family, Member};
use crate::case::Case;
use pushspec_reports::{Severity, Verdict};

/// What a client library meets that writes its handshake in a way of its own.
const LIBRARIES: &str = "client libraries that write it so cannot connect";

/// What a client meets whose handshake comes through an intermediary.
const INTERMEDIARIES: &str = "clients behind a proxy that rewrites the field so cannot connect";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    FAMILIES.iter().flat_map(Family::cases)
}

const FAMILIES: &[Family] = &[
    Family {
        severity: Severity::Major,
        requirements: &["rfc6455/4.1/field-names-case-insensitive"],
        refused: Verdict::Fail,
        open: None,
        expected: "101: the letter case of field names means nothing",
        members: &[
            Member {
                id: "field-name-case-lower",
                what: "a handshake with field names in lower case",
                vary: |request, _| {
                    request.rename_all(<[u8]>::to_ascii_lowercase);
                },
                suffers: "HTTP/2 front ends and many libraries write field names in lower case: their users cannot connect",
            },
            Member {
                id: "field-name-case-upper",
                what: "a handshake with field names in upper case",
                vary: |request, _| {
                    request.rename_all(<[u8]>::to_ascii_uppercase);
                },
                suffers: LIBRARIES,
            },
            Member {
                id: "field-name-case-mixed",
                what: "a handshake with field names in alternating case",
                vary: |request, _| {
                    request.rename_all(alternating);
                },
                suffers: LIBRARIES,
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &["rfc6455/4.2.1/field-order-insignificant"],
        refused: Verdict::Fail,
        open: None,
        expected: "101: the order of fields means nothing",
        members: &[
            Member {
                id: "field-order-reversed",
                what: "a handshake with its fields in reversed order",
                vary: |request, _| {
                    request.reorder(<[_]>::reverse);
                },
                suffers: LIBRARIES,
            },
            Member {
                id: "field-order-alphabetical",
                what: "a handshake with its fields in alphabetical order",
                vary: |request, _| {
                    request.reorder(|fields| {
                        fields.sort_by_key(|(name, _)| name.to_ascii_lowercase())
                    });
                },
                suffers: "libraries that keep fields in a sorted map cannot connect",
            },
            Member {
                id: "field-order-host-last",
                what: "a handshake with Host as its last field",
                vary: |request, _| {
                    request.reorder(|fields| fields.rotate_left(1));
                },
                suffers: "libraries that add Host when all else is written cannot connect",
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &[
            "rfc6455/4.2.1/upgrade-case-insensitive",
            "rfc9110/7.8/case-insensitive-protocol-name",
        ],
        refused: Verdict::Fail,
        open: None,
        expected: "101: `websocket` is compared without regard to case",
        members: &[
            Member {
                id: "upgrade-case-camel",
                what: "a handshake with `Upgrade: WebSocket`",
                vary: |request, _| {
                    request.set("Upgrade", "WebSocket");
                },
                suffers: "older browsers and many libraries write it so: their users cannot connect",
            },
            Member {
                id: "upgrade-case-upper",
                what: "a handshake with `Upgrade: WEBSOCKET`",
                vary: |request, _| {
                    request.set("Upgrade", "WEBSOCKET");
                },
                suffers: LIBRARIES,
            },
            Member {
                id: "upgrade-case-mixed",
                what: "a handshake with `Upgrade: wEbSoCkEt`",
                vary: |request, _| {
                    request.set("Upgrade", "wEbSoCkEt");
                },
                suffers: LIBRARIES,
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: &["rfc6455/4.2.1/upgrade-list-member"],
        // The text says "containing"; that Upgrade is a list follows from HTTP alone.
        refused: Verdict::Warn,
        open: Some("ambiguity/upgrade-list"),
        expected: "101: `websocket` may be one of several protocols on offer",
        members: &[
            Member {
                id: "upgrade-list-last",
                what: "a handshake with `Upgrade: foo/1, websocket`",
                vary: |request, _| {
                    request.set("Upgrade", "foo/1, websocket");
                },
                suffers: INTERMEDIARIES,
            },
            Member {
                id: "upgrade-list-first",
                what: "a handshake with `Upgrade: websocket, foo`",
                vary: |request, _| {
                    request.set("Upgrade", "websocket, foo");
                },
                suffers: INTERMEDIARIES,
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &[
            "rfc6455/4.2.1/connection-token-list",
            "rfc9110/5.3/field-lines-combine",
            "rfc9110/5.6.1/empty-list-elements",
        ],
        refused: Verdict::Fail,
        open: None,
        expected: "101: Connection is a list, and `Upgrade` may stand anywhere in it",
        members: &[
            Member {
                id: "connection-list-keep-alive-first",
                what: "a handshake with `Connection: keep-alive, Upgrade`",
                vary: |request, _| {
                    request.set("Connection", "keep-alive, Upgrade");
                },
                suffers: "Firefox sends exactly this: its users cannot connect",
            },
            Member {
                id: "connection-list-no-blanks",
                what: "a handshake with `Connection: Upgrade,keep-alive`",
                vary: |request, _| {
                    request.set("Connection", "Upgrade,keep-alive");
                },
                suffers: INTERMEDIARIES,
            },
            Member {
                id: "connection-list-tabs",
                what: "a handshake with tabs around the options of Connection",
                vary: |request, _| {
                    request.set("Connection", "keep-alive\t,\tUpgrade\t");
                },
                suffers: INTERMEDIARIES,
            },
            Member {
                id: "connection-list-two-lines",
                what: "a handshake with two Connection lines, `keep-alive` and `Upgrade`",
                vary: |request, _| {
                    request.set("Connection", "keep-alive");
                    request.add("Connection", "Upgrade");
                },
                suffers: "clients behind a proxy that adds a line of its own cannot connect",
            },
            Member {
                id: "connection-list-empty-elements",
                what: "a handshake with `Connection: , keep-alive, , Upgrade`",
                vary: |request, _| {
                    request.set("Connection", ", keep-alive, , Upgrade");
                },
                suffers: "clients behind a proxy that blanks an option out cannot connect",
            },
            Member {
                id: "connection-list-trailing-comma",
                what: "a handshake with `Connection: Upgrade,`",
                vary: |request, _| {
                    request.set("Connection", "Upgrade,");
                },
                suffers: "clients behind a proxy that takes the last option away cannot connect",
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &["rfc6455/4.2.1/connection-case-insensitive"],
        refused: Verdict::Fail,
        open: None,
        expected: "101: `Upgrade` in Connection is compared without regard to case",
        members: &[
            Member {
                id: "connection-case-lower",
                what: "a handshake with `Connection: upgrade`",
                vary: |request, _| {
                    request.set("Connection", "upgrade");
                },
                suffers: "nginx and other proxies are configured to send exactly this: nobody behind them can connect",
            },
            Member {
                id: "connection-case-upper",
                what: "a handshake with `Connection: UPGRADE`",
                vary: |request, _| {
                    request.set("Connection", "UPGRADE");
                },
                suffers: LIBRARIES,
            },
            Member {
                id: "connection-case-mixed",
                what: "a handshake with `Connection: uPgRaDe`",
                vary: |request, _| {
                    request.set("Connection", "uPgRaDe");
                },
                suffers: LIBRARIES,
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: &[
            "rfc6455/4.2.1/request-target-absolute",
            "rfc9112/3.2.2/absolute-form-accepted",
        ],
        refused: Verdict::Fail,
        open: None,
        expected: "101: the absolute form names the same resource",
        members: &[Member {
            id: "absolute-form",
            what: "a handshake whose request target is an absolute URL",
            vary: |request, target| {
                let origin = format!("{}://{}", target.http_scheme(), target.authority);
                request.target.splice(0..0, origin.into_bytes());
            },
            suffers: "clients behind a proxy that forwards the absolute form cannot connect",
        }],
    },
    Family {
        severity: Severity::Minor,
        requirements: &["rfc9112/2.2/leading-crlf"],
        refused: Verdict::Warn,
        open: None,
        expected: "101: an empty line before the request line is skipped",
        members: &[Member {
            id: "leading-crlf",
            what: "a handshake with an empty line before its request line",
            vary: |request, _| request.method.insert_str(0, "\r\n"),
            suffers: "clients that end an earlier request with a line end too many cannot connect",
        }],
    },
    Family {
        severity: Severity::Major,
        requirements: &["rfc9110/5.5/trim-whitespace"],
        refused: Verdict::Fail,
        open: None,
        expected: "101, with the accept value of the key without the blanks around it",
        members: &[Member {
            id: "key-padded-ows",
            what: "a handshake with spaces and tabs around the key",
            vary: |request, _| {
                let key = request.value("Sec-WebSocket-Key").unwrap_or_default();
                let padded = [b" \t ", key, b" \t "].concat();
                request.set("Sec-WebSocket-Key", padded);
            },
            suffers: "blanks around a value are not part of it: clients that align their fields cannot connect",
        }],
    },
    Family {
        severity: Severity::Major,
        requirements: &["rfc9112/5/blanks-optional"],
        refused: Verdict::Fail,
        open: None,
        expected: "101: no blank is due between a colon and a value",
        members: &[Member {
            id: "fields-without-blanks",
            what: "a handshake without a blank behind any colon",
            vary: |request, _| request.separator = ":",
            suffers: "small clients save the blank, and some proxies take it away: their users cannot connect",
        }],
    },
];

/// `HoSt`, `CoNnEcTiOn`.
fn alternating(name: &[u8]) -> Vec<u8> {
    let letters = name.iter().enumerate();
    letters
        .map(|(index, letter)| match index % 2 {
            0 => letter.to_ascii_uppercase(),
            _ => letter.to_ascii_lowercase(),
        })
        .collect()
}
