//! Chunked bodies: a table of sound and unsound ones, and the laws for any bytes.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use pushspec_parser::Violation::{self, *};
use pushspec_parser::http::{
    BodyDecoder, BodyEnd, BodyEvent, BodyFraming, ChunkLimits, ChunkedDecoder,
};

const LIMITS: ChunkLimits = ChunkLimits {
    line: 24,
    trailers: 40,
};

/// What a decoder told, data joined.
#[derive(Debug, Default, PartialEq)]
struct Told {
    content: Vec<u8>,
    lines: Vec<String>,
    found: Vec<(Violation, u64)>,
    used: usize,
    lost: Option<u64>,
    ended: bool,
}

fn decode(limits: ChunkLimits, chunks: &[&[u8]]) -> Told {
    let mut decoder = ChunkedDecoder::new(limits);
    let mut told = Told::default();
    for chunk in chunks {
        let used = decoder.feed(chunk, |event| match event {
            BodyEvent::Data { bytes, .. } => told.content.extend_from_slice(bytes),
            BodyEvent::Violation(finding) => told.found.push((finding.violation, finding.offset)),
            BodyEvent::Lost { offset } => told.lost = Some(offset),
            BodyEvent::End { .. } => told.ended = true,
            BodyEvent::Chunk { .. }
            | BodyEvent::LastChunk { .. }
            | BodyEvent::Trailer { .. }
            | BodyEvent::LimitReached { .. } => told.lines.push(format!("{event:?}")),
        });
        told.used += used;
        assert!(used == chunk.len() || decoder.is_done());
    }
    told.found.extend(
        decoder
            .finish()
            .map(|finding| (finding.violation, finding.offset)),
    );
    assert_eq!(
        (told.ended, told.lost.is_some()),
        (decoder.is_done(), decoder.is_lost())
    );
    assert_eq!(told.used as u64, decoder.offset());
    told
}

/// Violations and their offsets.
type Found = &'static [(Violation, u64)];

/// A body, its content, whether the framing is lost, and all that is wrong with it.
const BODIES: &[(&[u8], &[u8], bool, Found)] = &[
    (b"0\r\n\r\n", b"", false, &[]),
    (
        b"1\r\na\r\n00a\r\n0123456789\r\n000\r\n\r\n",
        b"a0123456789",
        false,
        &[],
    ),
    (
        b"A\r\n0123456789\r\n0\r\nName: value\r\nOther:\r\n\r\n",
        b"0123456789",
        false,
        &[],
    ),
    (
        b"1;a;b=c;d=\"e;\\\"\r\"\r\na\r\n0\r\n\r\n",
        b"a",
        false,
        &[(ChunkExtension, 1)],
    ),
    (
        b"1;a;b=c;d=\"e;\\\"\"\r\na\r\n0 ; x\r\n\r\n",
        b"a",
        false,
        &[],
    ),
    (
        b"1;\r\na\r\n0;=\r\n\r\n",
        b"a",
        false,
        &[(ChunkExtension, 1), (ChunkExtension, 8)],
    ),
    (b"1 \r\na\r\n0\r\n\r\n", b"a", false, &[(ChunkExtension, 1)]),
    (
        b"1\na\r\n0\n\n",
        b"a",
        false,
        &[(ChunkLineEnd, 1), (ChunkLineEnd, 6), (ChunkLineEnd, 7)],
    ),
    (b"1\r\na\n0\r\n\r\n", b"a", false, &[(ChunkDataEnd, 4)]),
    (b"1\r\nab\r\n0\r\n\r\n", b"a", true, &[(ChunkDataEnd, 4)]),
    (b"1\r\na\rb\n0\r\n\r\n", b"a", true, &[(ChunkDataEnd, 4)]),
    (b"\r\n0\r\n\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"x\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"-1\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"+1\r\na\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"0x1\r\n\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"1x\r\na\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"1,2\r\na\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"1 2\r\na\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"1\r\r\na\r\n", b"", true, &[(ChunkSize, 0)]),
    (
        b"1 \t\r\na\r\n0\r\n\r\n",
        b"a",
        false,
        &[(ChunkExtension, 1)],
    ),
    (
        b"1 \t;,\r\na\r\n0\r\n\r\n",
        b"a",
        false,
        &[(ChunkExtension, 1)],
    ),
    (b"10000000000000000\r\n", b"", true, &[(ChunkSize, 0)]),
    (b"00000000000000001\r\na\r\n0\r\n\r\n", b"a", false, &[]),
    (b"0\r\nName value\r\n\r\n", b"", false, &[(ChunkTrailer, 3)]),
    (
        b"0\r\nName : \x01\r\n\r\n",
        b"",
        false,
        &[(ChunkTrailer, 3)],
    ),
    (b"", b"", false, &[(ChunkedIncomplete, 0)]),
    (b"1", b"", false, &[(ChunkedIncomplete, 1)]),
    (b"3\r\na", b"a", false, &[(ChunkedIncomplete, 4)]),
    (b"1\r\na\r", b"a", false, &[(ChunkedIncomplete, 5)]),
    (b"1\r\na\r\n0\r", b"a", false, &[(ChunkedIncomplete, 8)]),
    (b"1\r\na\r\n0\r\n", b"a", false, &[(ChunkedEnd, 9)]),
    (b"1\r\na\r\n0\r\n\r", b"a", false, &[(ChunkedEnd, 10)]),
    (b"0\r\nName: value\r\n", b"", false, &[(ChunkedEnd, 16)]),
    (
        b"ffffffffffffffff\r\na",
        b"a",
        false,
        &[(ChunkedIncomplete, 19)],
    ),
];

#[test]
fn each_body_has_exactly_its_content_and_violations() {
    for (input, content, lost, found) in BODIES {
        let told = decode(ChunkLimits::default(), &[input]);
        assert_eq!(
            (&told.content[..], told.lost.is_some(), &told.found[..]),
            (*content, *lost, *found),
            "{}",
            input.escape_ascii()
        );
    }
}

#[test]
fn every_cut_gives_the_same_body() {
    for (input, ..) in BODIES {
        for limits in [
            ChunkLimits::default(),
            ChunkLimits {
                line: 4,
                trailers: 8,
            },
        ] {
            let whole = decode(limits, &[input]);
            for first in 0..=input.len() {
                for second in first..=input.len() {
                    let chunks = [&input[..first], &input[first..second], &input[second..]];
                    assert_eq!(decode(limits, &chunks), whole, "{}", input.escape_ascii());
                }
            }
        }
    }
}

#[test]
fn each_chunk_violation_is_seen() {
    let seen: BTreeSet<_> = BODIES
        .iter()
        .flat_map(|(.., found)| *found)
        .map(|(violation, _)| *violation)
        .collect();
    let all: BTreeSet<_> = Violation::ALL
        .iter()
        .copied()
        .filter(|violation| format!("{violation:?}").starts_with("Chunk"))
        .collect();
    assert_eq!(seen, all);
}

#[test]
fn a_line_beyond_its_limit_loses_the_framing() {
    let rows: &[(&[u8], bool)] = &[
        (b"1;a=1234567890123456789\r\na\r\n", true),
        (b"1;a=12345678901234567\r\na\r\n", false),
        (
            b"0\r\nA: 1234567890123456\r\nB: 123456789012\r\n\r\n",
            false,
        ),
        (
            b"0\r\nA: 1234567890123456\r\nB: 1234567890123\r\n\r\n",
            true,
        ),
    ];
    for (input, lost) in rows {
        let told = decode(LIMITS, &[input]);
        assert_eq!(told.lost.is_some(), *lost, "{told:?}");
        assert_eq!(
            told.lines
                .iter()
                .any(|line| line.starts_with("LimitReached")),
            *lost
        );
    }
}

#[test]
fn the_end_of_the_connection_means_what_the_framing_says() {
    let rows: &[(BodyFraming, &[u8], usize, BodyEnd)] = &[
        (BodyFraming::None, b"abc", 0, BodyEnd::Complete),
        (BodyFraming::Length(0), b"abc", 0, BodyEnd::Complete),
        (BodyFraming::Length(2), b"abc", 2, BodyEnd::Complete),
        (
            BodyFraming::Length(5),
            b"abc",
            3,
            BodyEnd::Short { missing: 2 },
        ),
        (BodyFraming::UntilClose, b"abc", 3, BodyEnd::ByClose),
        (BodyFraming::Chunked, b"0\r\n\r\nabc", 5, BodyEnd::Complete),
        (BodyFraming::Chunked, b"?\r\n\r\nabc", 8, BodyEnd::Lost),
    ];
    for (framing, input, used, end) in rows {
        let mut body = BodyDecoder::new(*framing, ChunkLimits::default());
        assert_eq!(
            (body.feed(input, |_| {}), body.finish()),
            (*used, *end),
            "{framing:?}"
        );
    }
    let mut body = BodyDecoder::new(BodyFraming::Chunked, ChunkLimits::default());
    body.feed(b"5\r\nab", |_| {});
    assert!(matches!(body.finish(), BodyEnd::Unterminated(finding) if finding.offset == 5));
}

/// Bytes that look like a chunked body, with some damage.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let chunk = vec(any::<u8>(), 1..30)
        .prop_map(|data| [format!("{:x}\r\n", data.len()).as_bytes(), &data, b"\r\n"].concat());
    let piece = prop_oneof![
        8 => chunk,
        1 => Just(b"0\r\n".to_vec()),
        1 => Just(b"Name: value\r\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"3;a=\"b c\"\nabc\r\n".to_vec()),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chunks_do_not_change_a_body(input in input(), sizes in vec(1..9_usize, 1..4), tight: bool) {
        let limits = if tight { LIMITS } else { ChunkLimits::default() };
        let (mut chunks, mut rest) = (Vec::new(), &input[..]);
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, more) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = more;
        }
        prop_assert_eq!(decode(limits, &chunks), decode(limits, &[&input]));
    }

    #[test]
    fn sound_bodies_come_back(pieces in vec(vec(any::<u8>(), 1..30), 0..6), rest in vec(any::<u8>(), 0..9)) {
        let mut body = Vec::new();
        for piece in &pieces {
            body.extend(format!("{:X}\r\n", piece.len()).as_bytes());
            body.extend(piece);
            body.extend(b"\r\n");
        }
        body.extend(b"0\r\n\r\n");
        let len = body.len();
        body.extend(rest);
        let told = decode(ChunkLimits::default(), &[&body]);
        prop_assert_eq!((told.content, told.found, told.used), (pieces.concat(), vec![], len));
    }
}
