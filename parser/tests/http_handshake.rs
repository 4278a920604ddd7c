//! The answer to an opening handshake: each violation, seen and not seen.
#![cfg(feature = "handshake")]

use std::collections::BTreeSet;

use pushspec_parser::Violation::{self, *};
use pushspec_parser::http::{
    Extension, HeadLimits, HeadParse, Offer, ResponseHead, accept_value, judge_upgrade,
};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const BARE: Offer<'_> = Offer::new(KEY);
const RICH: Offer<'_> = Offer {
    key: KEY,
    protocols: &["chat", "soap"],
    extensions: &["permessage-deflate", "x-a"],
};

/// The offer, the status line behind the version, further lines, and all that is wrong. `%` stands for the lines
/// that every acceptance needs.
const ROWS: &[(Offer<'_>, &str, &[Violation])] = &[
    (BARE, "1.1 101 Switching Protocols|%", &[]),
    (
        BARE,
        "1.1 101 |CONNECTION: keep-alive, UPGRADE|upgrade: WebSocket|@",
        &[],
    ),
    (BARE, "1.1 200 OK|%", &[UpgradeStatus]),
    (BARE, "1.0 101 Go|%", &[UpgradeVersion]),
    (BARE, "2.0 101 Go|%", &[UpgradeVersion]),
    (BARE, "1.1 101 Go|Connection: Upgrade|@", &[UpgradeField]),
    (
        BARE,
        "1.1 101 Go|Upgrade: websocket, foo|Connection: Upgrade|@",
        &[UpgradeField],
    ),
    (
        BARE,
        "1.1 101 Go|Upgrade: h2c|Connection: Upgrade|@",
        &[UpgradeField],
    ),
    (
        BARE,
        "1.1 101 Go|Upgrade: websocket|@",
        &[UpgradeConnection],
    ),
    (
        BARE,
        "1.1 101 Go|Upgrade: websocket|Connection: Upgraded|@",
        &[UpgradeConnection],
    ),
    (
        BARE,
        "1.1 101 Go|Upgrade: websocket|Connection: Upgrade",
        &[AcceptMissing],
    ),
    (
        BARE,
        "1.1 101 Go|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: x",
        &[AcceptWrong],
    ),
    (
        BARE,
        "1.1 101 Go|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=",
        &[AcceptWrong],
    ),
    (BARE, "1.1 101 Go|%|@", &[AcceptRepeated]),
    (
        BARE,
        "1.1 101 Go|%|Content-Length: 0",
        &[HttpLengthWithoutContent],
    ),
    (
        BARE,
        "1.1 101 Go|%|Transfer-Encoding: chunked",
        &[HttpCodingWithoutContent],
    ),
    // Subprotocols, section 4.2.2 item 5.5.
    (RICH, "1.1 101 Go|%", &[]),
    (RICH, "1.1 101 Go|%|Sec-WebSocket-Protocol: soap", &[]),
    (
        BARE,
        "1.1 101 Go|%|Sec-WebSocket-Protocol: soap",
        &[SubprotocolUnrequested],
    ),
    (
        BARE,
        "1.1 101 Go|%|Sec-WebSocket-Protocol:",
        &[SubprotocolUnrequested, SubprotocolEmpty],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Protocol: Chat",
        &[SubprotocolNotOffered],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Protocol:",
        &[SubprotocolEmpty],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Protocol: chat, soap",
        &[SubprotocolNotOneToken],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Protocol: chat|Sec-WebSocket-Protocol: soap",
        &[SubprotocolRepeated],
    ),
    // Extensions, section 4.2.2 item 5.6.
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Extensions: x-a, permessage-deflate; a=1; b=\"2\"; c",
        &[],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Extensions: x-b",
        &[ExtensionNotOffered],
    ),
    (
        BARE,
        "1.1 101 Go|%|Sec-WebSocket-Extensions: permessage-deflate",
        &[ExtensionNotOffered],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Extensions: ,",
        &[ExtensionsEmpty],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Extensions: x-a;",
        &[ExtensionsMalformed],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Extensions: x-a; b=\"c d\"",
        &[ExtensionsMalformed],
    ),
    (
        RICH,
        "1.1 101 Go|%|Sec-WebSocket-Extensions: x-a|Sec-WebSocket-Extensions: x-a",
        &[ExtensionsRepeated],
    ),
];

#[test]
fn each_answer_has_exactly_its_violations() {
    for (offer, text, expected) in ROWS {
        let text = text
            .replace('%', "Upgrade: websocket|Connection: Upgrade|@")
            .replace('@', ACCEPT);
        let input = format!("HTTP/{}\r\n\r\n", text.replace('|', "\r\n"));
        let HeadParse::Complete(head) =
            ResponseHead::parse(input.as_bytes(), HeadLimits::default())
        else {
            panic!("{text}");
        };
        let found: Vec<_> = judge_upgrade(&head, offer)
            .iter()
            .map(|finding| finding.violation)
            .collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn each_handshake_violation_is_seen() {
    let seen: BTreeSet<_> = ROWS
        .iter()
        .flat_map(|(.., found)| *found)
        .copied()
        .collect();
    let of_handshake = |violation: &Violation| {
        let name = format!("{violation:?}");
        ["Upgrade", "Accept", "Subprotocol", "Extension"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    let all: BTreeSet<_> = Violation::ALL
        .iter()
        .copied()
        .filter(of_handshake)
        .collect();
    assert!(seen.is_superset(&all), "{:?}", all.difference(&seen));
}

#[test]
fn findings_point_at_their_lines() {
    let input = format!(
        "HTTP/1.1 101 Go\r\nUpgrade: no\r\nConnection: no\r\n{ACCEPT}\r\n{ACCEPT}\r\nContent-Length: 0\r\n\r\n"
    );
    let HeadParse::Complete(head) = ResponseHead::parse(input.as_bytes(), HeadLimits::default())
    else {
        panic!()
    };
    for finding in judge_upgrade(&head, &BARE) {
        let line = input[finding.offset as usize..]
            .split("\r\n")
            .next()
            .unwrap();
        let expected = match finding.violation {
            UpgradeField => "Upgrade: no",
            UpgradeConnection => "Connection: no",
            AcceptRepeated => ACCEPT,
            HttpLengthWithoutContent => "Content-Length: 0",
            other => panic!("{other:?}"),
        };
        assert_eq!(line, expected);
    }
}

/// The sample of RFC 6455 section 1.3, and that of section 4.1, whose spare bits are set: the text is hashed as it is.
#[test]
fn accept_values_are_those_of_the_documents() {
    assert_eq!(accept_value(KEY.as_bytes()), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(
        accept_value(b"AQIDBAUGBwgJCgsMDQ4PEC=="),
        "OfS0wDaT5NoxF2gqm7Zj2YtetzM="
    );
}

#[test]
fn extensions_follow_the_grammar_of_section_9_1() {
    for sound in ["a", "a;b", "a ; b = c", "a;b=\"c\"", "a;b=\"\\c\"", "a;b;b"] {
        assert!(Extension::parse(sound.as_bytes()).is_some(), "{sound}");
    }
    for unsound in [
        "",
        ";",
        "a;;b",
        "=x",
        "\"a\"",
        "a b",
        "a;b=",
        "a;b=\"c",
        "a;b=\"\"",
        "a;b=\"c d\"",
        "a=b",
        "a;=b",
    ] {
        assert_eq!(Extension::parse(unsound.as_bytes()), None, "{unsound}");
    }
}
