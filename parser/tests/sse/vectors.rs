//! The everyday level as a table: body → events. Each vector is run whole, byte by byte, and cut
//! once and twice at every place.
//!
//! The groups are what other parsers get wrong, and what is legal but breaks clients in the field.

use pushspec_parser::sse::Limits;

use crate::chunks::{every_cut, everyday};

/// Event type, data, last event ID.
type Expected = (&'static str, &'static str, &'static str);

struct Vector {
    name: &'static str,
    body: &'static [u8],
    events: &'static [Expected],
}

const fn vector(name: &'static str, body: &'static [u8], events: &'static [Expected]) -> Vector {
    Vector { name, body, events }
}

const M: &str = "message";

const VECTORS: &[Vector] = &[
    // The form of a stream.
    vector("empty stream", b"", &[]),
    vector("one event", b"data: x\n\n", &[(M, "x", "")]),
    vector(
        "every field",
        b"event: e\nid: 1\nretry: 5\ndata: x\n\n",
        &[("e", "x", "1")],
    ),
    vector(
        "fields in reverse",
        b"data: x\nid: 1\nevent: e\n\n",
        &[("e", "x", "1")],
    ),
    vector(
        "blank lines around",
        b"\n\n\ndata: x\n\n\n\n",
        &[(M, "x", "")],
    ),
    vector(
        "two events",
        b"data: x\n\ndata: y\n\n",
        &[(M, "x", ""), (M, "y", "")],
    ),
    // Line ends.
    vector("lone CR", b"data: x\r\r", &[(M, "x", "")]),
    vector("CRLF", b"data: x\r\n\r\n", &[(M, "x", "")]),
    vector(
        "CRLF, two events",
        b"data: x\r\n\r\ndata: y\r\n\r\n",
        &[(M, "x", ""), (M, "y", "")],
    ),
    vector(
        "all line ends mixed",
        b"data: a\r\ndata: b\rdata: c\n\r\n",
        &[(M, "a\nb\nc", "")],
    ),
    vector(
        "CR then CRLF",
        b"data: x\r\r\ndata: y\n\n",
        &[(M, "x", ""), (M, "y", "")],
    ),
    vector(
        "LF then CR",
        b"data: x\n\rdata: y\n\n",
        &[(M, "x", ""), (M, "y", "")],
    ),
    vector(
        "CR at the end of the stream",
        b"data: x\n\r",
        &[(M, "x", "")],
    ),
    vector(
        "CRLF between CR lines",
        b"data: a\r\n\rdata: b\r\r",
        &[(M, "a", ""), (M, "b", "")],
    ),
    // UTF-8.
    vector(
        "ill-formed byte",
        b"data: a\xffb\n\n",
        &[(M, "a\u{fffd}b", "")],
    ),
    vector(
        "one U+FFFD for a maximal subpart",
        b"data: \xf0\x9f\x98x\n\n",
        &[(M, "\u{fffd}x", "")],
    ),
    vector(
        "surrogate",
        b"data: \xed\xa0\x80\n\n",
        &[(M, "\u{fffd}\u{fffd}\u{fffd}", "")],
    ),
    vector(
        "overlong",
        b"data: \xc0\xaf\n\n",
        &[(M, "\u{fffd}\u{fffd}", "")],
    ),
    vector(
        "beyond U+10FFFF",
        b"data: \xf4\x90\x80\x80\n\n",
        &[(M, "\u{fffd}\u{fffd}\u{fffd}\u{fffd}", "")],
    ),
    vector(
        "character cut by a line end",
        b"data: \xe2\x82\ndata: \xac\n\n",
        &[(M, "\u{fffd}\n\u{fffd}", "")],
    ),
    vector(
        "ill-formed id and event",
        b"id: \xff\nevent: \xfe\ndata\n\n",
        &[("\u{fffd}", "", "\u{fffd}")],
    ),
    vector(
        "ill-formed name",
        b"data\xff: x\ndata: y\n\n",
        &[(M, "y", "")],
    ),
    vector(
        "characters of every length",
        "data: aé€😀\n\n".as_bytes(),
        &[(M, "aé€😀", "")],
    ),
    // The BOM.
    vector("BOM", b"\xef\xbb\xbfdata: x\n\n", &[(M, "x", "")]),
    vector(
        "BOM before a comment",
        b"\xef\xbb\xbf:c\ndata: x\n\n",
        &[(M, "x", "")],
    ),
    vector(
        "BOM before a blank line",
        b"\xef\xbb\xbf\ndata: x\n\n",
        &[(M, "x", "")],
    ),
    vector(
        "two BOMs",
        b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\ndata: y\n\n",
        &[(M, "y", "")],
    ),
    vector("BOM only", b"\xef\xbb\xbf", &[]),
    vector("half a BOM only", b"\xef\xbb", &[]),
    vector(
        "half a BOM",
        b"\xef\xbbdata: x\n\ndata: y\n\n",
        &[(M, "y", "")],
    ),
    vector(
        "BOM later",
        b"data: x\n\n\xef\xbb\xbfdata: y\n\n",
        &[(M, "x", "")],
    ),
    vector("BOM after a blank line", b"\n\xef\xbb\xbfdata: x\n\n", &[]),
    vector(
        "BOM in data",
        b"data: \xef\xbb\xbfx\n\n",
        &[(M, "\u{feff}x", "")],
    ),
    vector(
        "UTF-16 BOM",
        b"\xff\xfedata: x\n\ndata: y\n\n",
        &[(M, "y", "")],
    ),
    // Data.
    vector("empty data", b"data:\n\n", &[(M, "", "")]),
    vector("empty data with space", b"data: \n\n", &[(M, "", "")]),
    vector("data without colon", b"data\n\n", &[(M, "", "")]),
    vector("two empty data", b"data\ndata\n\n", &[(M, "\n", "")]),
    vector("first line empty", b"data:\ndata: x\n\n", &[(M, "\nx", "")]),
    vector("last line empty", b"data: x\ndata:\n\n", &[(M, "x\n", "")]),
    vector(
        "data lines apart",
        b"data: a\n:c\nid: 1\ndata: b\n\n",
        &[(M, "a\nb", "1")],
    ),
    vector(
        "colons in data",
        b"data: a:b:\ndata::c\n\n",
        &[(M, "a:b:\n:c", "")],
    ),
    vector("NUL in data", b"data: \0\n\n", &[(M, "\0", "")]),
    vector("no data", b"event: e\n\ndata: x\n\n", &[(M, "x", "")]),
    // The event type.
    vector(
        "type lasts one event",
        b"event: e\ndata: x\n\ndata: y\n\n",
        &[("e", "x", ""), (M, "y", "")],
    ),
    vector(
        "last type wins",
        b"event: e\nevent: f\ndata: x\n\n",
        &[("f", "x", "")],
    ),
    vector("empty type", b"event:\ndata: x\n\n", &[(M, "x", "")]),
    vector(
        "empty type wins",
        b"event: e\nevent\ndata: x\n\n",
        &[(M, "x", "")],
    ),
    vector(
        "event without colon",
        b"event\ndata: x\n\n",
        &[(M, "x", "")],
    ),
    vector(
        "type after data",
        b"data: x\nevent: e\ndata: y\n\n",
        &[("e", "x\ny", "")],
    ),
    // The id.
    vector(
        "id is kept",
        b"id: 1\ndata: x\n\ndata: y\n\n",
        &[(M, "x", "1"), (M, "y", "1")],
    ),
    vector("id without data", b"id: 1\n\ndata: x\n\n", &[(M, "x", "1")]),
    vector(
        "empty id resets",
        b"id: 1\ndata: x\n\nid:\ndata: y\n\n",
        &[(M, "x", "1"), (M, "y", "")],
    ),
    vector(
        "id without colon resets",
        b"id: 1\n\nid\ndata: y\n\n",
        &[(M, "y", "")],
    ),
    vector(
        "id with NUL",
        b"id: 1\n\nid: 2\0\ndata: x\n\n",
        &[(M, "x", "1")],
    ),
    vector("id of NUL", b"id: \0\ndata: x\n\n", &[(M, "x", "")]),
    vector(
        "id with NUL keeps the one before",
        b"id: 1\nid: \0\ndata: x\n\n",
        &[(M, "x", "1")],
    ),
    vector(
        "last id wins",
        b"id: 1\nid: 2\ndata: x\n\n",
        &[(M, "x", "2")],
    ),
    vector(
        "id that is no number",
        "id: ä…/ b\ndata: x\n\n".as_bytes(),
        &[(M, "x", "ä…/ b")],
    ),
    // Names.
    vector("unknown field", b"foo: bar\ndata: x\n\n", &[(M, "x", "")]),
    vector("upper case", b"Data: x\nDATA: y\n\n", &[]),
    vector(
        "longer and shorter names",
        b"dat: x\ndatas: y\nda-ta: z\n\n",
        &[],
    ),
    vector("indented name", b" data: x\n\tdata: y\n\n", &[]),
    vector("space before the colon", b"data : x\n\n", &[]),
    vector("name with NUL", b"data\0: x\n\n", &[]),
    vector(
        "comments",
        b":\n: a\n::\n:data: x\n\ndata: y\n\n",
        &[(M, "y", "")],
    ),
    // The end of the stream.
    vector("no blank line", b"data: x\n", &[]),
    vector("no line end", b"data: x\n\ndata: y", &[(M, "x", "")]),
    vector(
        "id of the tail",
        b"id: 1\ndata: x\n\nid: 2\n",
        &[(M, "x", "1")],
    ),
    // Legal, and known to break clients.
    vector("no space", b"data:x\nevent:e\nid:1\n\n", &[("e", "x", "1")]),
    vector(
        "comment as heartbeat",
        b": ping\n\ndata: x\n\n",
        &[(M, "x", "")],
    ),
    vector(
        "empty data as heartbeat",
        b"data\n\ndata: x\n\n",
        &[(M, "", ""), (M, "x", "")],
    ),
    vector(
        "other line separators",
        "data: a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f\n\n".as_bytes(),
        &[(M, "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f", "")],
    ),
    vector(
        "spaces that count",
        b"data:  a \ndata:\tb\t\n\n",
        &[(M, " a \n\tb\t", "")],
    ),
    vector("spaces only", b"data:   \n\n", &[(M, "  ", "")]),
];

#[test]
fn every_vector_under_every_cut() {
    for vector in VECTORS {
        every_cut(vector.body, |chunks| {
            let result = everyday(chunks, Limits::default());
            let seen: Vec<_> = result
                .events
                .iter()
                .map(|event| (&*event.event, &*event.data, &*event.id))
                .collect();
            assert_eq!(seen, vector.events, "{}: {chunks:?}", vector.name);
            assert_eq!(result.reached, None);
        });
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = VECTORS.iter().map(|vector| vector.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), VECTORS.len());
}
