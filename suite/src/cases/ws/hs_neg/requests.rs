//! Wrong request lines and wrong hosts.

use super::refusal::{Due, Family, Member};
use crate::case::Case;
use pushspec_reports::{Severity, Verdict};

/// What becomes of a switch that the HTTP side of the connection does not expect.
const SMUGGLED: &str = "a proxy that reads on as HTTP takes frames for requests and answers, and gives them to other users";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    FAMILIES
        .iter()
        .flat_map(Family::cases)
        .chain(LONG_TARGET.hardening_cases())
}

static FAMILIES: &[Family] = &[
    Family {
        severity: Severity::Major,
        requirements: &[
            "rfc6455/4.2.1/method-get",
            "rfc9110/10.2.1/405-allow",
            "rfc6455/10.7/http-status-for-bad-handshake",
            "rfc9110/7.8/upgrade-may-be-ignored",
        ],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Page,
        expected: "any HTTP answer but 101: only GET opens a WebSocket",
        members: &[
            Member {
                id: "method-post",
                what: "a handshake with the method POST",
                spoil: |request, _| with_content(request, "POST"),
                suffers: SMUGGLED,
            },
            Member {
                id: "method-put",
                what: "a handshake with the method PUT",
                spoil: |request, _| with_content(request, "PUT"),
                suffers: SMUGGLED,
            },
            Member {
                id: "method-head",
                what: "a handshake with the method HEAD",
                spoil: |request, _| request.method = "HEAD".into(),
                suffers: SMUGGLED,
            },
            Member {
                id: "method-options",
                what: "a handshake with the method OPTIONS",
                spoil: |request, _| request.method = "OPTIONS".into(),
                suffers: SMUGGLED,
            },
            Member {
                id: "method-delete",
                what: "a handshake with the method DELETE",
                spoil: |request, _| request.method = "DELETE".into(),
                suffers: SMUGGLED,
            },
            Member {
                id: "method-connect",
                what: "a handshake with the method CONNECT",
                spoil: |request, target| {
                    request.method = "CONNECT".into();
                    let host = match target.host.contains(':') {
                        true => format!("[{}]", target.host),
                        false => target.host.clone(),
                    };
                    request.target = format!("{host}:{}", target.port).into_bytes();
                },
                suffers: "the client asked for a tunnel to a host, and talks to the server instead",
            },
            Member {
                id: "method-get-lower",
                what: "a handshake with the method `get` in lower case",
                spoil: |request, _| request.method = "get".into(),
                suffers: "methods are case-sensitive: a filter in front that lets through what it does not know as GET is \
                          passed by",
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &[
            "rfc6455/4.2.1/http-version-min",
            "rfc9110/7.8/ignore-upgrade-http10",
            "rfc9110/15.2/no-1xx-to-http10",
        ],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Page,
        expected: "any HTTP answer but 101: an HTTP/1.0 client knows no 101",
        members: &[Member {
            id: "http10",
            what: "a handshake with HTTP/1.0 in its request line",
            spoil: |request, _| request.version = "HTTP/1.0",
            suffers: "an HTTP/1.0 proxy passes Upgrade on blindly and knows no 101: it takes frames for a page, and may \
                      keep it for other users",
        }],
    },
    Family {
        severity: Severity::Informational,
        requirements: &["rfc6455/4.2.1/http-version-higher"],
        accepted: Verdict::Info,
        open: Some("ambiguity/other-http-versions"),
        due: Due::Nothing,
        expected: "recorded: RFC 6455 asks for HTTP/1.1 or higher, and HTTP for 505 where a major version is not known",
        members: &[
            Member {
                id: "http-other-1-2",
                what: "a handshake with HTTP/1.2 in its request line",
                spoil: |request, _| request.version = "HTTP/1.2",
                suffers: "a higher minor version means nothing here",
            },
            Member {
                id: "http-other-2-0",
                what: "a handshake with HTTP/2.0 in its request line",
                spoil: |request, _| request.version = "HTTP/2.0",
                suffers: "HTTP/2 has no such request line, but RFC 6455 allows it",
            },
            Member {
                id: "http-other-9-9",
                what: "a handshake with HTTP/9.9 in its request line",
                spoil: |request, _| request.version = "HTTP/9.9",
                suffers: "nobody knows that version, but RFC 6455 allows it",
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: &[
            "rfc6455/4.2.1/host-required",
            "rfc9112/3.2/host-missing-400",
        ],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Status(400),
        expected: "400: HTTP/1.1 needs Host",
        members: &[Member {
            id: "no-host",
            what: "a handshake without Host",
            spoil: |request, _| {
                request.remove("Host");
            },
            suffers: "nobody knows which site was asked for: behind a shared address the wrong one answers",
        }],
    },
    Family {
        severity: Severity::Major,
        requirements: &["rfc9112/3.2/host-duplicate-400"],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Status(400),
        expected: "400: there is one Host",
        members: &[
            Member {
                id: "host-dup-same",
                what: "a handshake with two equal Host lines",
                spoil: |request, target| {
                    request.add("Host", &target.authority);
                },
                suffers: "a request that a proxy has to stop gets through: the next one has two different values",
            },
            Member {
                id: "host-dup-different",
                what: "a handshake with two different Host lines",
                spoil: |request, _| {
                    request.add("Host", "other.example");
                },
                suffers: "a proxy in front checks one of them and the server takes the other: the wrong site is reached",
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: &["rfc9112/3.2/host-invalid-400"],
        accepted: Verdict::Warn,
        open: Some("ambiguity/http-beside-the-protocol"),
        due: Due::Status(400),
        expected: "400: Host is a name or an address, and perhaps a port",
        members: &[
            Member {
                id: "host-bad-blank",
                what: "a handshake with a blank inside Host",
                spoil: |request, _| {
                    request.set("Host", "exa mple.test");
                },
                suffers: "whoever compares Host with a list of sites compares something else than the server",
            },
            Member {
                id: "host-bad-port",
                what: "a handshake with a port in Host that is no number",
                spoil: |request, _| {
                    request.set("Host", "example.test:http");
                },
                suffers: "whoever compares Host with a list of sites compares something else than the server",
            },
            Member {
                id: "host-bad-userinfo",
                what: "a handshake with a user name in Host",
                spoil: |request, _| {
                    request.set("Host", "user@example.test");
                },
                suffers: "what stands before the @ may be taken for the site by one and for a name by another",
            },
        ],
    },
    Family {
        severity: Severity::Informational,
        requirements: &["rfc6455/4.2.2/resource-not-available"],
        accepted: Verdict::Info,
        open: Some("ambiguity/any-path-any-origin"),
        due: Due::Nothing,
        expected: "recorded: 404 or another error, or 101 where one endpoint serves every path",
        members: &[Member {
            id: "not-found",
            what: "a handshake for a path that hardly exists",
            spoil: |request, _| request.target = b"/pushspec/no-such-resource-7d1f0c".to_vec(),
            suffers: "one endpoint serves every path",
        }],
    },
];

static LONG_TARGET: Family = Family {
    severity: Severity::Informational,
    requirements: &["rfc9112/3/long-target-414"],
    accepted: Verdict::Info,
    open: Some("ambiguity/limits"),
    due: Due::Nothing,
    expected: "recorded: 414, another refusal, or 101",
    members: &[Member {
        id: "long-target",
        what: "a handshake with a request target of 64 kB",
        spoil: |request, _| {
            let separator = if request.target.contains(&b'?') {
                b'&'
            } else {
                b'?'
            };
            request.target.push(separator);
            let len = request.target.len();
            request.target.resize(len.max(64 * 1024), b'x');
        },
        suffers: "the target is read whole",
    }],
};

/// A method that carries content, and none of it.
fn with_content(request: &mut crate::http::Request, method: &str) {
    request.method = method.into();
    request.add("Content-Length", "0");
}
