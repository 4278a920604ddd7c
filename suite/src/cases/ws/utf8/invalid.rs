//! Text that is not UTF-8.

use super::{INVALID, refused};
use crate::case::Case;
use crate::ws::Frame;
use crate::ws::after_fault::AfterFault;

/// What is wrong with some bytes.
struct Class {
    /// In ids.
    name: &'static str,
    /// In words, behind "a text with the bytes …, ".
    words: &'static str,
    sequences: &'static [&'static [u8]],
}

/// The sequences of Markus Kuhn's decoder test, and some more.
const CLASSES: &[Class] = &[
    Class {
        name: "overlong",
        words: "longer than need be",
        sequences: &[
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xf0\x80\x80\x80",
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xf0\x80\x80\xaf",
            b"\xc1\xbf",
            b"\xe0\x9f\xbf",
            b"\xf0\x8f\xbf\xbf",
        ],
    },
    Class {
        name: "surrogate",
        words: "surrogates",
        sequences: &[
            b"\xed\xa0\x80",
            b"\xed\xad\xbf",
            b"\xed\xae\x80",
            b"\xed\xaf\xbf",
            b"\xed\xb0\x80",
            b"\xed\xbe\x80",
            b"\xed\xbf\xbf",
            b"\xed\xa0\x80\xed\xb0\x80",
            b"\xed\xa0\x80\xed\xbf\xbf",
            b"\xed\xad\xbf\xed\xb0\x80",
            b"\xed\xad\xbf\xed\xbf\xbf",
            b"\xed\xae\x80\xed\xb0\x80",
            b"\xed\xae\x80\xed\xbf\xbf",
            b"\xed\xaf\xbf\xed\xb0\x80",
            b"\xed\xaf\xbf\xed\xbf\xbf",
        ],
    },
    Class {
        name: "beyond",
        words: "beyond U+10FFFF",
        sequences: &[
            b"\xf4\x90\x80\x80",
            b"\xf5\x80\x80\x80",
            b"\xf7\xbf\xbf\xbf",
        ],
    },
    Class {
        name: "long",
        words: "a form of five or six bytes",
        sequences: &[
            b"\xf8\x88\x80\x80\x80",
            b"\xfc\x84\x80\x80\x80\x80",
            b"\xfb\xbf\xbf\xbf\xbf",
            b"\xfd\xbf\xbf\xbf\xbf\xbf",
            b"\xf8\x80\x80\x80\x80",
            b"\xfc\x80\x80\x80\x80\x80",
            b"\xf8\x80\x80\x80\xaf",
            b"\xfc\x80\x80\x80\x80\xaf",
            b"\xf8\x87\xbf\xbf\xbf",
            b"\xfc\x83\xbf\xbf\xbf\xbf",
        ],
    },
    Class {
        name: "lone",
        words: "which continue nothing",
        sequences: &[
            b"\x80",
            b"\xbf",
            b"\x80\xbf",
            b"\x80\xbf\x80",
            b"\x80\xbf\x80\xbf",
            b"\x80\xbf\x80\xbf\x80",
            b"\x80\xbf\x80\xbf\x80\xbf",
        ],
    },
    Class {
        name: "truncated",
        words: "a character without its end",
        sequences: &[
            b"\xc3",
            b"\xdf",
            b"\xe2\x82",
            b"\xef\xbf",
            b"\xf0\x9f\x98",
            b"\xc0",
            b"\xe0\x80",
            b"\xf0\x80\x80",
            b"\xf8\x80\x80\x80",
            b"\xfc\x80\x80\x80\x80",
            b"\xf7\xbf\xbf",
            b"\xfb\xbf\xbf\xbf",
            b"\xfd\xbf\xbf\xbf\xbf",
        ],
    },
    Class {
        name: "fe-ff",
        words: "which stand nowhere in UTF-8",
        sequences: &[b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"],
    },
];

/// Bytes that begin a character or continue one, in a row: those of a text with blanks between them.
const STARTS: [(&str, &str, std::ops::RangeInclusive<u8>); 5] = [
    ("truncated-starts-2", "two bytes", 0xc0..=0xdf),
    ("truncated-starts-3", "three bytes", 0xe0..=0xef),
    ("truncated-starts-4", "four bytes", 0xf0..=0xf7),
    ("truncated-starts-5", "five bytes", 0xf8..=0xfb),
    ("truncated-starts-6", "six bytes", 0xfc..=0xfd),
];

/// Bytes of a long text.
const LONG: usize = 65536;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for class in CLASSES {
        cases.extend(class.sequences.iter().map(|bytes| {
            let hex = |separator: &str| {
                let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                digits.join(separator)
            };
            one(
                &format!("{}-{}", class.name, hex("-")),
                format!("a text with {}, {}", hex(" "), class.words),
                bytes,
            )
        }));
    }
    cases.push(one(
        "lone-every",
        "a text with every byte from 80 to bf, which continue nothing".into(),
        &lone(),
    ));
    cases.push(one(
        "truncated-in-a-row",
        "a text with characters without their ends in a row".into(),
        &in_a_row(),
    ));
    cases.extend(STARTS.map(|(name, length, bytes)| {
        one(
            name,
            format!("a text with every byte that would begin a character of {length}, and a blank behind each"),
            &starts(bytes),
        )
    }));
    cases.extend([mid_long("whole", 1), mid_long("fragmented", 8)]);
    cases.extend(ACROSS.iter().map(across_fragments));
    cases.push(incomplete());
    cases
}

/// Every sequence that is not UTF-8.
pub(super) fn sequences() -> impl Iterator<Item = Vec<u8>> {
    CLASSES
        .iter()
        .flat_map(|class| class.sequences)
        .map(|bytes| bytes.to_vec())
        .chain([lone(), in_a_row()])
        .chain(STARTS.map(|(_, _, bytes)| starts(bytes)))
}

fn lone() -> Vec<u8> {
    (0x80..=0xbf).collect()
}

fn starts(bytes: impl Iterator<Item = u8>) -> Vec<u8> {
    bytes.flat_map(|byte| [byte, b' ']).collect()
}

fn in_a_row() -> Vec<u8> {
    CLASSES
        .iter()
        .filter(|class| class.name == "truncated")
        .flat_map(|class| class.sequences.concat())
        .collect()
}

/// Inside a text, so that its end is not what is wrong.
fn one(name: &str, fault: String, bytes: &[u8]) -> Case {
    refused(
        format!("invalid-{name}"),
        INVALID,
        AfterFault::new(
            fault,
            vec![Frame::text([b"before ", bytes, b" behind"].concat())],
            vec![Frame::text("a sound text")],
        ),
    )
}

/// A long text with one byte in its middle, in so many frames.
fn mid_long(name: &str, fragments: usize) -> Case {
    let frames = |middle: u8| {
        let mut text = crate::ws::echo::text(LONG);
        text[LONG / 2] = middle;
        let last = fragments - 1;
        let pieces = text.chunks(LONG / fragments).enumerate();
        pieces
            .map(|(index, piece)| Frame {
                fin: index == last,
                ..match index {
                    0 => Frame::text(piece),
                    _ => Frame::continuation(piece),
                }
            })
            .collect()
    };
    let what = match fragments {
        1 => "in one frame".to_owned(),
        _ => format!("in {fragments} fragments"),
    };
    refused(
        format!("invalid-mid-long-{name}"),
        INVALID,
        AfterFault::new(
            format!("a text of {LONG} bytes {what} with the byte ff in its middle"),
            frames(0xff),
            frames(b'!'),
        ),
    )
}

/// Sequences that only both fragments together make wrong.
const ACROSS: [(&str, &str, &[u8], &[u8]); 4] = [
    ("surrogate", "a surrogate", b"\xed", b"\xa0\x80"),
    (
        "overlong",
        "a form longer than need be",
        b"\xe0",
        b"\x80\xaf",
    ),
    (
        "beyond",
        "what lies beyond U+10FFFF",
        b"\xf4",
        b"\x90\x80\x80",
    ),
    (
        "broken-off",
        "a character without its end",
        b"\xe2\x82",
        b"",
    ),
];

fn across_fragments((name, what, first, second): &(&str, &str, &[u8], &[u8])) -> Case {
    let frames = |first: &[u8], second: &[u8], text: &[u8]| {
        vec![
            Frame::text([text, first].concat()).unfinished(),
            Frame::continuation([second, b" behind"].concat()),
        ]
    };
    refused(
        format!("invalid-across-fragments-{name}"),
        &[
            "rfc6455/8.1/invalid-utf8-in-fragments",
            "rfc6455/8.1/invalid-utf8-fails",
            "rfc6455/7.4.1/1007-for-bad-payload",
        ],
        AfterFault::new(
            format!("a text in two fragments with {what} across them"),
            frames(first, second, b"before "),
            frames(b"\xe2", b"\x82\xac", b"sound "),
        ),
    )
}

fn incomplete() -> Case {
    refused(
        "incomplete-at-fin",
        &[
            "rfc6455/8.1/invalid-utf8-in-fragments",
            "rfc6455/8.1/invalid-utf8-fails",
            "rfc6455/7.4.1/1007-for-bad-payload",
        ],
        AfterFault::new(
            "a text that ends inside a character, and one that begins with the rest of it",
            vec![
                Frame::text(b"half a character: \xe2\x82"),
                Frame::text(b"\xac, and the other half"),
            ],
            vec![
                Frame::text("a whole character: \u{20ac}"),
                Frame::text("and nothing else"),
            ],
        ),
    )
}
