//! What judging the answer to an opening handshake rests on. (The answers are in the vectors.)
#![cfg(feature = "handshake")]

use pushspec_parser::http::{Extension, accept_value};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

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
