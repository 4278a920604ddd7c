//! Strategies: bodies made of the bytes that matter, and messages for the encoder.

use proptest::{collection::vec, option, prelude::*, sample::select};

/// Pieces of a stream, so that fields and blocks come about, and are damaged, often.
pub(crate) const PIECES: &[&[u8]] = &[
    b"\n",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\r\r",
    b"\r\n\r\n",
    b"\n\r",
    b":",
    b" ",
    b"\t",
    b"\0",
    b"a",
    b"xyz",
    b"1",
    b"data",
    b"event",
    b"id",
    b"retry",
    b"data: ",
    b"data:",
    b"event: ",
    b"id: ",
    b"retry: ",
    b"retry:12",
    b"Data: ",
    b"dat",
    b": note",
    b"\xef\xbb\xbf",
    b"\xef\xbb",
    b"\xef",
    b"\xbb\xbf",
    b"\xff",
    b"\x80",
    b"\xc3",
    b"\xc3\xa9",
    b"\xe2\x82\xac",
    b"\xe2\x82",
    b"\xf0\x9f\x98\x80",
    b"\xf0\x9f",
    b"\x98\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe0\x80",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
];

/// Anything, biased towards what a parser trips over.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        12 => select(PIECES).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ];
    (
        option::weighted(0.2, Just(b"\xef\xbb\xbf".to_vec())),
        vec(piece, 0..40),
    )
        .prop_map(|(bom, pieces)| bom.into_iter().chain(pieces).flatten().collect())
}

/// Lines of data that are sound and long enough to go beyond small limits, the last one perhaps unfinished.
pub(crate) fn data_lines() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        8 => "[a-z]{0,9}".prop_map(String::into_bytes),
        1 => vec(select(&[0xff, 0xc3, 0xa9, b'x'][..]), 0..4),
    ];
    let line = (value, select(&["\n", "\n", "\n", "\r\n", "\n\n"][..]))
        .prop_map(|(value, end)| [b"data:", value.as_slice(), end.as_bytes()].concat());
    (vec(line, 0..10), 0_usize..12).prop_map(|(lines, unfinished)| {
        let mut body = lines.concat();
        body.truncate(body.len().saturating_sub(unfinished));
        body
    })
}

/// Places to cut a body at, to be taken modulo its length.
pub(crate) fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(any::<usize>(), 0..12)
}

/// Text with line breaks, blanks, colons, NUL and whatever looks like a field.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => select(&["\n", "\r", "\r\n", " ", ":", "\0", "\u{feff}", "\u{2028}", "\u{85}", "data: x"][..])
            .prop_map(str::to_owned),
        2 => ".{0,4}",
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A message that may or may not be encodable.
#[derive(Clone, Debug)]
pub(crate) struct OwnedMessage {
    pub(crate) comment: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) retry: Option<u64>,
    pub(crate) data: Option<String>,
}

pub(crate) fn message() -> impl Strategy<Value = OwnedMessage> {
    let name = || option::of(prop_oneof![2 => "[^\r\n\0]{0,6}", 1 => text()]);
    let retry = option::of(any::<u64>());
    (
        option::of(text()),
        name(),
        name(),
        retry,
        option::of(text()),
    )
        .prop_map(|(comment, event, id, retry, data)| OwnedMessage {
            comment,
            event,
            id,
            retry,
            data,
        })
}
