//! Wrong or missing fields of the handshake, the version apart.

use super::refusal::{Due, Family, Member};
use crate::case::Case;
use pushspec_reports::{Severity, Verdict};

const UNASKED: &str =
    "a client that did not ask for WebSocket gets frames where it waits for a page";

/// Connection says which fields are for the next hop only.
const FORWARDED: &str = "Upgrade without its Connection option was passed on by a proxy that still speaks HTTP: it takes \
                         frames for requests and answers, and gives them to other users";

/// RFC 6455 section 1.3: scripts may not set fields that begin with `Sec-`.
const FORGED: &str = "the key is what tells a WebSocket client from a request that a page's script or form has forged, and \
                      the server does not ask for it";

const UNCHECKED: &str = "the server does not look at the key, so that what a broken client or an attacker sends passes \
                         for one";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    FAMILIES.iter().flat_map(Family::cases)
}

static FAMILIES: &[Family] = &[
    Family {
        severity: Severity::Major,
        requirements: &[
            "rfc6455/4.2.1/upgrade-required",
            "rfc9110/7.8/426-carries-upgrade",
            "rfc9110/7.8/upgrade-may-be-ignored",
        ],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Page,
        expected: "any HTTP answer but 101; a 426 says in Upgrade what it wants",
        members: &[Member {
            id: "no-upgrade",
            what: "a handshake without Upgrade",
            spoil: |request, _| {
                request.remove("Upgrade");
            },
            suffers: UNASKED,
        }],
    },
    Family {
        severity: Severity::Major,
        requirements: &[
            "rfc6455/4.2.1/upgrade-required",
            "rfc9110/7.8/no-unrequested-switch",
        ],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Page,
        expected: "any HTTP answer but 101: the client did not ask for websocket",
        members: &[
            Member {
                id: "upgrade-other-h2c",
                what: "a handshake with `Upgrade: h2c`",
                spoil: |request, _| {
                    request.set("Upgrade", "h2c");
                },
                suffers: "the client asked for HTTP/2 and misreads every byte from then on",
            },
            Member {
                id: "upgrade-other-websockets",
                what: "a handshake with `Upgrade: websockets`",
                spoil: |request, _| {
                    request.set("Upgrade", "websockets");
                },
                suffers: "a misspelt protocol passes here and nowhere else: the error shows when the server is replaced",
            },
            Member {
                id: "upgrade-other-empty",
                what: "a handshake with an empty Upgrade",
                spoil: |request, _| {
                    request.set("Upgrade", "");
                },
                suffers: UNASKED,
            },
            Member {
                id: "upgrade-other-blank-inside",
                what: "a handshake with `Upgrade: web socket`",
                spoil: |request, _| {
                    request.set("Upgrade", "web socket");
                },
                suffers: "a misspelt protocol passes here and nowhere else: the error shows when the server is replaced",
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &["rfc6455/4.2.1/connection-required"],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Page,
        expected: "any HTTP answer but 101: Connection has to list Upgrade",
        members: &[
            Member {
                id: "no-connection",
                what: "a handshake without Connection",
                spoil: |request, _| {
                    request.remove("Connection");
                },
                suffers: FORWARDED,
            },
            Member {
                id: "connection-other-keep-alive",
                what: "a handshake with `Connection: keep-alive`",
                spoil: |request, _| {
                    request.set("Connection", "keep-alive");
                },
                suffers: FORWARDED,
            },
            Member {
                id: "connection-other-upgraded",
                what: "a handshake with `Connection: upgraded`",
                spoil: |request, _| {
                    request.set("Connection", "upgraded");
                },
                suffers: FORWARDED,
            },
            Member {
                id: "connection-other-blank-inside",
                what: "a handshake with `Connection: up grade`",
                spoil: |request, _| {
                    request.set("Connection", "up grade");
                },
                suffers: FORWARDED,
            },
            Member {
                id: "connection-other-close",
                what: "a handshake with `Connection: close`",
                spoil: |request, _| {
                    request.set("Connection", "close");
                },
                suffers: "the client said that it wants one answer and an end, and waits for that end in vain",
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &["rfc6455/4.2.1/key-required"],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Error,
        expected: "400 or another 4xx: there is nothing to answer in Sec-WebSocket-Accept",
        members: &[Member {
            id: "no-key",
            what: "a handshake without Sec-WebSocket-Key",
            spoil: |request, _| {
                request.remove("Sec-WebSocket-Key");
            },
            suffers: FORGED,
        }],
    },
    Family {
        severity: Severity::Minor,
        requirements: &[
            "rfc6455/4.2.1/key-decodes-to-16",
            "rfc6455/4.2.2/server-need-not-decode-key",
        ],
        // Section 4.2.1 requires 16 bytes; section 4.2.2 says that a server need not decode.
        accepted: Verdict::Warn,
        open: Some("ambiguity/malformed-key"),
        due: Due::Error,
        expected: "400 or another 4xx: the key stands for 16 bytes",
        members: &[
            Member {
                id: "key-empty",
                what: "a handshake with an empty Sec-WebSocket-Key",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-len-0",
                what: "a handshake with a key of padding alone",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "====");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-len-8",
                what: "a handshake with a key of 8 bytes",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "AQIDBAUGBwg=");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-len-15",
                what: "a handshake with a key of 15 bytes",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4P");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-len-17",
                what: "a handshake with a key of 17 bytes",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEBE=");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-len-32",
                what: "a handshake with a key of 32 bytes",
                spoil: |request, _| {
                    let key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
                    request.set("Sec-WebSocket-Key", key);
                },
                suffers: UNCHECKED,
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: &["rfc6455/4.2.1/key-base64-alphabet"],
        // As with the length: section 4.2.2 says that a server need not decode.
        accepted: Verdict::Warn,
        open: Some("ambiguity/malformed-key"),
        due: Due::Error,
        expected: "400 or another 4xx: the key is base64",
        members: &[
            Member {
                id: "key-alphabet-exclamation",
                what: "a handshake with `!` in its key",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "!QIDBAUGBwgJCgsMDQ4PEA==");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-alphabet-minus",
                what: "a handshake with `-` of the other base64 alphabet in its key",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "-QIDBAUGBwgJCgsMDQ4PEA==");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-alphabet-underscore",
                what: "a handshake with `_` of the other base64 alphabet in its key",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "_QIDBAUGBwgJCgsMDQ4PEA==");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-alphabet-unpadded",
                what: "a handshake with a key without padding",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-alphabet-overpadded",
                what: "a handshake with too much padding behind its key",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA===");
                },
                suffers: UNCHECKED,
            },
            Member {
                id: "key-alphabet-inner-blank",
                what: "a handshake with a blank inside its key",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Key", "AQIDBAUGBwgJ CgsMDQ4PEA==");
                },
                suffers: UNCHECKED,
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: &[
            "rfc6455/4.2.1/reject-nonconforming-handshake",
            "rfc6455/11.3.1/key-once",
        ],
        // The client's MUST NOT; that a server counts the fields does not stand in section 4.2.1.
        accepted: Verdict::Warn,
        open: Some("ambiguity/repeated-fields"),
        due: Due::Error,
        expected: "400 or another 4xx: there is one key",
        members: &[
            Member {
                id: "key-dup-same",
                what: "a handshake with two equal keys",
                spoil: |request, _| {
                    let key = request.value("Sec-WebSocket-Key").map(<[u8]>::to_vec);
                    request.add("Sec-WebSocket-Key", key.unwrap_or_default());
                },
                suffers: "a request that was put together from two goes through",
            },
            Member {
                id: "key-dup-different",
                what: "a handshake with two different keys",
                spoil: |request, _| {
                    request.add("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA==");
                },
                suffers: "which of them was answered is a guess: a request that was put together from two goes through",
            },
        ],
    },
];
