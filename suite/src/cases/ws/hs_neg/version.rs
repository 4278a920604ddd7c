//! Wrong or missing Sec-WebSocket-Version.

use super::refusal::{Due, Family, Member};
use crate::case::Case;
use pushspec_reports::{Severity, Verdict};

pub(super) fn cases() -> impl Iterator<Item = Case> {
    FAMILIES.iter().flat_map(Family::cases)
}

const UNSUPPORTED: &[&str] = &[
    "rfc6455/4.2.2/version-mismatch-error",
    "rfc6455/4.2.2/version-mismatch-lists-versions",
    "rfc6455/4.4/version-advertise-all",
    "rfc6455/11.3.5/version-many-in-response",
    "rfc9110/7.8/426-carries-upgrade",
];

const LISTED: &str =
    "a 4xx such as 426, with Sec-WebSocket-Version to say which versions are spoken";

const SYNTAX: &[&str] = &[
    "rfc6455/4.3/version-grammar",
    "rfc6455/4.2.2/version-mismatch-error",
    "rfc6455/4.2.1/reject-nonconforming-handshake",
];

const MISREAD: &str =
    "client and server go on with different versions of the protocol and misread each other";

const LENIENT: &str = "the version is read more leniently than elsewhere: a broken client shows its fault only when the \
                       server is replaced";

static FAMILIES: &[Family] = &[
    Family {
        severity: Severity::Major,
        requirements: &["rfc6455/4.2.1/version-required"],
        accepted: Verdict::Fail,
        open: None,
        due: Due::Error,
        expected: "400, 426 or another 4xx",
        members: &[Member {
            id: "no-version",
            what: "a handshake without Sec-WebSocket-Version",
            spoil: |request, _| {
                request.remove("Sec-WebSocket-Version");
            },
            suffers: "a client of a draft before versions waits for other frames than it gets",
        }],
    },
    Family {
        severity: Severity::Major,
        requirements: UNSUPPORTED,
        accepted: Verdict::Fail,
        open: None,
        due: Due::Versions,
        expected: LISTED,
        members: &[
            Member {
                id: "version-unsupported-0",
                what: "a handshake with version 0",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "0");
                },
                suffers: MISREAD,
            },
            Member {
                id: "version-unsupported-12",
                what: "a handshake with version 12",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "12");
                },
                suffers: MISREAD,
            },
            Member {
                id: "version-unsupported-14",
                what: "a handshake with version 14",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "14");
                },
                suffers: MISREAD,
            },
            Member {
                id: "version-unsupported-25",
                what: "a handshake with version 25",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "25");
                },
                suffers: MISREAD,
            },
            Member {
                id: "version-unsupported-255",
                what: "a handshake with version 255",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "255");
                },
                suffers: MISREAD,
            },
        ],
    },
    Family {
        severity: Severity::Major,
        requirements: UNSUPPORTED,
        // Drafts that some servers still speak.
        accepted: Verdict::Info,
        open: Some("ambiguity/draft-versions"),
        due: Due::Versions,
        expected: "101 where the server speaks that draft; else a 4xx with Sec-WebSocket-Version",
        members: &[
            Member {
                id: "version-unsupported-7",
                what: "a handshake with draft version 7",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "7");
                },
                suffers: "right for a server that speaks that draft",
            },
            Member {
                id: "version-unsupported-8",
                what: "a handshake with draft version 8",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "8");
                },
                suffers: "right for a server that speaks that draft",
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: SYNTAX,
        accepted: Verdict::Warn,
        open: Some("ambiguity/version-spelling"),
        due: Due::Error,
        expected: "a 4xx: the version is a number from 0 to 255 without leading zeros",
        members: &[
            Member {
                id: "version-syntax-013",
                what: "a handshake with version 013",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "013");
                },
                suffers: LENIENT,
            },
            Member {
                id: "version-syntax-13-0",
                what: "a handshake with version 13.0",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "13.0");
                },
                suffers: LENIENT,
            },
            Member {
                id: "version-syntax-plus-13",
                what: "a handshake with version +13",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "+13");
                },
                suffers: LENIENT,
            },
            Member {
                id: "version-syntax-0x0d",
                what: "a handshake with version 0x0d",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "0x0d");
                },
                suffers: LENIENT,
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: SYNTAX,
        // In no reading are these 13.
        accepted: Verdict::Fail,
        open: None,
        due: Due::Error,
        expected: "a 4xx: this is 13 in no reading",
        members: &[
            Member {
                id: "version-syntax-256",
                what: "a handshake with version 256",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "256");
                },
                suffers: MISREAD,
            },
            Member {
                id: "version-syntax-abc",
                what: "a handshake with version abc",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "abc");
                },
                suffers: MISREAD,
            },
        ],
    },
    Family {
        severity: Severity::Minor,
        requirements: &[
            "rfc6455/4.2.1/reject-nonconforming-handshake",
            "rfc6455/11.3.5/version-once-in-request",
        ],
        // The client's MUST NOT; that a server counts the fields does not stand in section 4.2.1.
        accepted: Verdict::Warn,
        open: Some("ambiguity/repeated-fields"),
        due: Due::Error,
        expected: "a 4xx: there is one version in a request",
        members: &[
            Member {
                id: "version-dup-13-13",
                what: "a handshake with version 13 twice",
                spoil: |request, _| {
                    request.add("Sec-WebSocket-Version", "13");
                },
                suffers: "a request that was put together from two goes through",
            },
            Member {
                id: "version-dup-13-8",
                what: "a handshake with the versions 13 and 8 in two fields",
                spoil: |request, _| {
                    request.add("Sec-WebSocket-Version", "8");
                },
                suffers: "which of them was agreed upon is a guess",
            },
            Member {
                id: "version-dup-list",
                what: "a handshake with `Sec-WebSocket-Version: 13, 8`",
                spoil: |request, _| {
                    request.set("Sec-WebSocket-Version", "13, 8");
                },
                suffers: "which of them was agreed upon is a guess",
            },
        ],
    },
];
