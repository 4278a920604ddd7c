//! Text that is UTF-8, however odd: it comes back byte for byte.

use super::{FAILED, INVALID, echoed, invalid, refused};
use crate::case::Case;
use crate::ws::after_fault::AfterFault;
use crate::ws::echo::Echo;
use crate::ws::{Frame, Segments};

const VALID: &[&str] = &["rfc6455/5.6/text-utf8-whole-message"];

const SPLIT: &[&str] = &["rfc6455/5.6/text-split-code-points"];

const SAME: &str = "the text comes back once, byte for byte";

/// Text that software likes to change, or stumbles over.
const TEXTS: &[(&str, &str, &str)] = &[
    (
        "latin",
        "a text in Latin letters with accents",
        "Hello-µ@ßöäüàá-UTF-8!!",
    ),
    ("greek", "a text in Greek letters", GREEK),
    ("cjk", "a text in Chinese and Japanese", "漢字とかな"),
    (
        "emoji",
        "emoji that several characters make up",
        "👩\u{200d}👩\u{200d}👧 🏴\u{e0067}\u{e0062}\u{e007f} 👍🏽",
    ),
    (
        "combining",
        "letters with combining marks, and the same letters composed",
        "e\u{301} é, A\u{30a} Å Å",
    ),
    (
        "bidi",
        "a text with marks that turn its direction",
        "abc \u{202e}cba\u{202c} \u{2067}שלום\u{2069}",
    ),
    (
        "private-use",
        "characters for private use",
        "\u{e000}\u{f8ff}\u{f0000}\u{10fffd}",
    ),
    (
        "noncharacters-fdd0",
        "the noncharacters U+FDD0 to U+FDEF",
        "\u{fdd0}\u{fdd1}\u{fddf}\u{fde0}\u{fdee}\u{fdef}",
    ),
    ("bom", "a byte order mark", "\u{feff}"),
    (
        "bom-twice",
        "two byte order marks and a text",
        "\u{feff}\u{feff}text",
    ),
    ("nul-inside", "a text with a NUL in it", "before\0behind\0"),
    ("controls", "every control character of ASCII", CONTROLS),
    (
        "controls-c1",
        "control characters beyond ASCII",
        "\u{80}\u{85}\u{9b}\u{9f}",
    ),
    (
        "line-breaks",
        "line breaks of every kind",
        "a\r\nb\rc\nd\n\re\r\n\r\n\u{2028}\u{2029}\u{85}\u{b}\u{c}\r",
    ),
    (
        "blanks-around",
        "a text with blanks before and behind it",
        " \t  text \u{a0}\u{3000}\t ",
    ),
    ("blanks-only", "a text of nothing but blanks", "   "),
    (
        "markup",
        "what other languages escape",
        "<b>\"&amp;\"</b> \\u0041\\n %41 {\"a\":null} ' ` $x ${x}",
    ),
];

const GREEK: &str = "\u{3ba}\u{1f79}\u{3c3}\u{3bc}\u{3b5}";

const CONTROLS: &str = "\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\
                        \x1a\x1b\x1c\x1d\x1e\x1f\x7f";

/// Characters on both sides of each length and of the surrogates, and those that Unicode calls special.
const CHARACTERS: [char; 13] = [
    '\0',
    '\u{7f}',
    '\u{80}',
    '\u{7ff}',
    '\u{800}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{fff9}',
    '\u{fffa}',
    '\u{fffb}',
    '\u{fffc}',
    '\u{fffd}',
    '\u{10000}',
];

/// A character of each length that takes more than one byte.
const LONG_CHARACTERS: [char; 3] = ['é', '€', '😀'];

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = TEXTS
        .iter()
        .map(|&(name, what, text)| valid(name, what, text))
        .collect();
    cases.extend(
        CHARACTERS
            .into_iter()
            .chain(noncharacters())
            .map(|character| {
                let code = u32::from(character);
                valid(
                    &format!("u{code:04x}"),
                    &format!("the character U+{code:04X}"),
                    character.encode_utf8(&mut [0; 4]),
                )
            }),
    );
    cases.extend((1..=GREEK.len()).map(prefix));
    for character in LONG_CHARACTERS {
        cases.extend((1..character.len_utf8()).map(|at| split(character, at)));
    }
    cases.extend([
        split_between(),
        split_everywhere(),
        split_over_tcp(),
        with_ping_between(),
        binary(),
    ]);
    cases
}

/// The last two code points of each plane.
fn noncharacters() -> impl Iterator<Item = char> {
    (0..=16)
        .flat_map(|plane| [0xfffe, 0xffff].map(|low| plane << 16 | low))
        .filter_map(char::from_u32)
}

/// By itself, and with something on both sides.
fn valid(name: &str, what: &str, text: &str) -> Case {
    let inside = format!("before {text} behind");
    echoed(
        format!("valid-{name}"),
        VALID,
        Echo::of(vec![Frame::text(text), Frame::text(inside)]),
    )
    .about(
        format!("{what}, alone and inside a text"),
        "each text comes back once, byte for byte",
    )
}

/// The first bytes of a word in which each letter takes two bytes or three.
fn prefix(length: usize) -> Case {
    let name = format!("valid-prefixes-{length}");
    let bytes = &GREEK.as_bytes()[..length];
    let what = format!(
        "the first {length} of the {} bytes of a Greek word",
        GREEK.len()
    );
    if GREEK.is_char_boundary(length) {
        return echoed(name, VALID, Echo::of(vec![Frame::text(bytes)]))
            .about(format!("{what}, which are whole letters"), SAME);
    }
    refused(
        name,
        INVALID,
        AfterFault::new(
            format!("a text of {what}, which end inside a letter"),
            vec![Frame::text(bytes)],
            vec![Frame::text("a whole word")],
        ),
    )
    .about(format!("{what}, which end inside a letter"), FAILED)
}

/// A text in two fragments, cut inside a character.
fn cut_inside(character: char, at: usize) -> [Frame; 2] {
    let mut buffer = [0; 4];
    let (first, second) = character.encode_utf8(&mut buffer).as_bytes().split_at(at);
    [
        Frame::text([b"cut inside ", first].concat()).unfinished(),
        Frame::continuation([second, b" a character"].concat()),
    ]
}

fn split(character: char, at: usize) -> Case {
    let length = character.len_utf8();
    echoed(
        format!("split-{length}-after-{at}"),
        SPLIT,
        Echo::of(cut_inside(character, at).to_vec()).cut(Segments::Frames),
    )
    .about(
        format!(
            "a text in two fragments, cut behind byte {at} of a character of {length} bytes, in two TCP segments"
        ),
        SAME,
    )
}

/// Each fragment is UTF-8 by itself: whoever checks them so has no reason to refuse.
fn split_between() -> Case {
    let fragments = vec![
        Frame::text("Hello-µ@ßöä").unfinished(),
        Frame::continuation("üàá-UTF-8!!"),
    ];
    echoed("split-between-characters", VALID, Echo::of(fragments)).about(
        "a text in two fragments, cut between two characters of two bytes each",
        SAME,
    )
}

fn split_everywhere() -> Case {
    let mut frames: Vec<Frame> = "aé€😀 z"
        .bytes()
        .enumerate()
        .map(|(index, byte)| match index {
            0 => Frame::text([byte]).unfinished(),
            _ => Frame::continuation([byte]).unfinished(),
        })
        .collect();
    if let Some(last) = frames.last_mut() {
        last.fin = true;
    }
    echoed("split-every-byte", SPLIT, Echo::of(frames)).about(
        "a text with characters of every length, each byte in a fragment of its own",
        SAME,
    )
}

fn split_over_tcp() -> Case {
    echoed(
        "split-over-tcp",
        SPLIT,
        Echo::of(vec![Frame::text("aé€😀 z")]).cut(Segments::Bytes(1)),
    )
    .about(
        "a text with characters of every length in one frame, each byte in a TCP segment of its own",
        SAME,
    )
}

fn with_ping_between() -> Case {
    let [first, last] = cut_inside('€', 2);
    echoed(
        "with-ping-between",
        &[
            "rfc6455/5.4/handle-control-mid-message",
            "rfc6455/5.6/text-split-code-points",
        ],
        // The bytes of the ping are no text, and none of the message's either.
        Echo::of(vec![first, Frame::ping([0xff, 0x82]), last]),
    )
    .about(
        "a text in two fragments, cut inside a character, with a ping between them",
        "a pong, and the text comes back once, byte for byte",
    )
}

fn binary() -> Case {
    echoed(
        "binary-not-validated",
        &["rfc6455/5.6/binary-arbitrary"],
        Echo::of(invalid::sequences().map(Frame::binary).collect()),
    )
    .about(
        "every sequence that no text may hold, in binary messages",
        "each message comes back once, byte for byte",
    )
}
