//! `ws/frame`: echoes of every length, mask and segmentation.

mod parallel;

use crate::case::{Case, Need, ORDINARY_WEIGHT};
use crate::ws::echo::{Echo, binary, text};
use crate::ws::{Frame, Masking, Segments};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

const TEXT_REQUIREMENTS: &[&str] = &[
    "rfc6455/6.1/transmit",
    "rfc6455/5.2/length-7bit",
    "rfc6455/5.2/length-16bit",
    "rfc6455/5.2/length-64bit",
    "rfc6455/5.2/network-byte-order",
    "rfc6455/5.2/first-fragment-may-be-final",
    "rfc6455/6.1/opcode-matches-type",
    "rfc6455/5.2/extension-data-zero",
];

const BINARY_REQUIREMENTS: &[&str] = &[
    "rfc6455/6.1/transmit",
    "rfc6455/5.2/length-7bit",
    "rfc6455/5.2/length-16bit",
    "rfc6455/5.2/length-64bit",
    "rfc6455/5.6/binary-arbitrary",
    "rfc6455/5.2/network-byte-order",
];

/// Both sides of every limit of the three length forms, signed readings of them included, and of a common buffer.
const LENGTHS: [usize; 18] = [
    0, 1, 124, 125, 126, 127, 128, 255, 256, 258, 4095, 4096, 4097, 32767, 32768, 65535, 65536,
    65537,
];

/// 0x010203: each of its bytes is another.
const UNLIKE_BYTES: usize = 66051;

const SEVERAL: &str = "each message comes back once, the same bytes and type, in order";

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = LENGTHS
        .iter()
        .map(|&length| one("text", length, Frame::text(text(length)), TEXT_REQUIREMENTS))
        .collect();
    cases.extend(LENGTHS.iter().chain([&UNLIKE_BYTES]).map(|&length| {
        one(
            "binary",
            length,
            Frame::binary(binary(length)),
            BINARY_REQUIREMENTS,
        )
    }));
    cases.extend([
        chopped("text", Frame::text(text(65536))),
        chopped("binary", Frame::binary(binary(65536))),
        all_bytes(),
    ]);
    cases.extend(mask_keys());
    cases.extend((0..=9).chain(1021..=1031).map(mask_tail));
    cases.extend([
        back_to_back(),
        empty_masked(),
        byte_by_byte(),
        coalesced(),
        parallel::case(),
    ]);
    cases
}

fn case(id: impl Into<String>, requirements: &'static [&'static str], echo: Echo) -> Case {
    Case::new(id, Severity::Major, &[Need::Echo], requirements, echo)
}

fn one(kind: &str, length: usize, frame: Frame, requirements: &'static [&'static str]) -> Case {
    case(
        format!("ws/frame/echo-{kind}-{length}"),
        requirements,
        Echo::of(vec![frame]),
    )
    .about(
        format!("a {kind} message of {length} bytes in one frame"),
        "the message comes back once, the same bytes and type",
    )
}

fn chopped(kind: &str, frame: Frame) -> Case {
    case(
        format!("ws/frame/echo-chopped-{kind}"),
        &["rfc6455/6.2/parse-as-frames"],
        Echo::of(vec![frame]).cut(Segments::Bytes(997)),
    )
    .about(
        format!("a {kind} message of 65536 bytes in TCP segments of 997 bytes"),
        "the message comes back once, the same bytes and type",
    )
}

fn all_bytes() -> Case {
    let bytes: Vec<u8> = (0..=255).collect();
    // Overlong, a surrogate, beyond U+10FFFF, cut off.
    let not_utf8 = *b"\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xff\xfe \xe2\x82";
    case(
        "ws/frame/binary-all-bytes",
        &["rfc6455/5.6/binary-arbitrary"],
        Echo::of(vec![Frame::binary(bytes), Frame::binary(not_utf8)]),
    )
    .about(
        "binary messages of every byte value, and of what is not UTF-8",
        SEVERAL,
    )
}

fn mask_keys() -> impl Iterator<Item = Case> {
    [
        ("zero", [0, 0, 0, 0]),
        ("ones", [0xff, 0xff, 0xff, 0xff]),
        ("one", [0, 0, 0, 1]),
        // RFC 6455 section 5.7.
        ("sample", [0x37, 0xfa, 0x21, 0x3d]),
        ("lanes", [0x01, 0x02, 0x04, 0x08]),
        ("top-bits", [0x80, 0x80, 0x80, 0x80]),
    ]
    .into_iter()
    .map(|(name, key)| {
        let [a, b, c, d] = key;
        let frames = [Frame::text(*b"Hello"), Frame::binary(binary(61))]
            .map(|frame| frame.masked(Masking::Key(key)));
        let mut case = case(
            format!("ws/frame/mask-keys-{name}"),
            &[
                "rfc6455/5.3/any-key-accepted",
                "rfc6455/6.2/server-unmasks",
                "rfc6455/5.3/mask-xor-mod4",
            ],
            Echo::of(frames.to_vec()),
        );
        case.severity = Severity::Critical;
        case.about(
            format!("messages masked with the key {a:02x} {b:02x} {c:02x} {d:02x}"),
            SEVERAL,
        )
    })
}

fn mask_tail(length: usize) -> Case {
    case(
        format!("ws/frame/mask-tails-{length}"),
        &["rfc6455/5.3/mask-xor-mod4"],
        Echo::of(vec![Frame::binary(binary(length))]).cut(Segments::Bytes(7)),
    )
    .about(
        format!("a masked message of {length} bytes in TCP segments of 7 bytes"),
        "the message comes back once, the same bytes and type",
    )
}

fn back_to_back() -> Case {
    case(
        "ws/frame/back-to-back",
        &[
            "rfc6455/6.2/next-frame-new-message",
            "rfc6455/5.3/length-excludes-key",
            "rfc6455/5.2/masking-key-present",
        ],
        // Each shorter than the one before: what is left in a buffer shows.
        Echo::of(vec![
            Frame::text(text(60)),
            Frame::binary(binary(20)),
            Frame::ping("between two messages"),
            Frame::text(text(7)),
        ]),
    )
    .about(
        "a text, a binary message, a ping and a text in one TCP segment",
        "each message comes back once, the same, in order; the pong comes anywhere among them",
    )
}

fn empty_masked() -> Case {
    case(
        "ws/frame/empty-masked",
        &["rfc6455/5.2/masking-key-present"],
        // What one message leaves in a buffer shows in the empty one behind it.
        Echo::of(vec![
            Frame::text(""),
            Frame::ping("behind an empty text"),
            Frame::text("a"),
            Frame::text(""),
            Frame::text("b"),
            Frame::binary(*b"\xff"),
            Frame::binary(""),
            Frame::binary(*b"\xfe"),
        ]),
    )
    .about(
        "empty texts and binary messages, whose frames have a masking key all the same, between others; a ping among them",
        "each message comes back once, the empty ones too, in order; and a pong",
    )
}

fn byte_by_byte() -> Case {
    case(
        "ws/frame/byte-by-byte",
        &["rfc6455/6.2/parse-as-frames"],
        Echo::of(vec![
            Frame::text("a text"),
            Frame::ping("a ping"),
            Frame::text("a text in ").unfinished(),
            Frame::new(Opcode::CONTINUATION, "two fragments"),
            Frame::pong("a pong"),
            Frame::binary(binary(130)),
        ])
        .cut(Segments::Bytes(1))
        .closing(),
    )
    .about(
        "frames of every type, each byte in a TCP segment of its own",
        "the same as without segments: three messages, a pong, and the answer to the Close",
    )
}

fn coalesced() -> Case {
    // Of different lengths, some shorter than the one before.
    let frames = (0..1000).map(|number| {
        let tail = "!".repeat(number % 7);
        Frame::text(format!("message {number} of 1000{tail}"))
    });
    case(
        "ws/frame/coalesced",
        &[
            "rfc6455/6.2/parse-as-frames",
            "rfc6455/6.2/next-frame-new-message",
        ],
        Echo::of(frames.collect()),
    )
    // A target may cut each of them into fragments, or say more in between: four frames for one.
    .weighing(8 * ORDINARY_WEIGHT)
    .about("1000 small messages, sent in one go", SEVERAL)
}
