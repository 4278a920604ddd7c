//! The lossless level as a table: body → facts, in the order of the stream.

use pushspec_parser::sse::{
    Decoder, Dispatch, Fact, Field, FieldName, Holds, Limits, LineEnd, Tail,
};

use crate::chunks::{every_cut, facts};

/// The facts of `body` are `expected`, however it is cut.
#[track_caller]
fn check(body: &[u8], expected: &[Fact<'_>]) {
    let expected: Vec<String> = expected.iter().map(|fact| format!("{fact:?}")).collect();
    every_cut(body, |chunks| {
        let seen: Vec<String> = facts(chunks, Limits::default())
            .into_iter()
            .filter(|fact| !fact.starts_with("Violation"))
            .collect();
        assert_eq!(seen, expected, "{chunks:?}");
    });
}

fn end(offset: u64, end: LineEnd) -> Fact<'static> {
    Fact::LineEnd { offset, end }
}

/// A field written with colon and space.
fn field<'a>(offset: u64, name: FieldName<'a>, value: &'a [u8]) -> Fact<'a> {
    Fact::Field(Field {
        offset,
        name,
        colon: true,
        space: true,
        value,
    })
}

const NOTHING: Holds = Holds {
    data: false,
    event: false,
    id: false,
    retry: false,
    comment: false,
    unknown: false,
    truncated: false,
};

#[test]
fn an_event() {
    check(
        b"\xef\xbb\xbfevent: e\r\nid: 1\rdata: x\n\n",
        &[
            Fact::Bom,
            field(3, FieldName::Event, b"e"),
            end(11, LineEnd::CrLf),
            field(13, FieldName::Id, b"1"),
            end(18, LineEnd::Cr),
            field(19, FieldName::Data, b"x"),
            end(26, LineEnd::Lf),
            Fact::Dispatch(Dispatch {
                offset: 27,
                begin: 3,
                holds: Holds {
                    data: true,
                    event: true,
                    id: true,
                    ..NOTHING
                },
                event: b"e",
                data: b"x",
                id: b"1",
            }),
            end(27, LineEnd::Lf),
        ],
    );
}

#[test]
fn spelling_is_kept() {
    let spelled = |offset, name, colon, space, value| {
        Fact::Field(Field {
            offset,
            name,
            colon,
            space,
            value,
        })
    };
    check(
        b"id\nid:\nid: \nid:  1\n x:\n:c\n",
        &[
            spelled(0, FieldName::Id, false, false, b""),
            end(2, LineEnd::Lf),
            spelled(3, FieldName::Id, true, false, b""),
            end(6, LineEnd::Lf),
            spelled(7, FieldName::Id, true, true, b""),
            end(11, LineEnd::Lf),
            spelled(12, FieldName::Id, true, true, b" 1"),
            end(18, LineEnd::Lf),
            spelled(19, FieldName::Unknown(b" x"), true, false, b""),
            end(22, LineEnd::Lf),
            Fact::Comment {
                offset: 23,
                text: b"c",
            },
            end(25, LineEnd::Lf),
            Fact::Tail(Tail {
                offset: 0,
                len: 26,
                holds: Holds {
                    id: true,
                    unknown: true,
                    comment: true,
                    ..NOTHING
                },
                line: b"",
            }),
        ],
    );
}

#[test]
fn blocks_without_an_event() {
    check(
        b"\n:c\n\nid: 1\r\r",
        &[
            Fact::Blank { offset: 0 },
            end(0, LineEnd::Lf),
            Fact::Comment {
                offset: 1,
                text: b"c",
            },
            end(3, LineEnd::Lf),
            Fact::Blank { offset: 4 },
            end(4, LineEnd::Lf),
            field(5, FieldName::Id, b"1"),
            end(10, LineEnd::Cr),
            Fact::DeadBlock {
                offset: 11,
                begin: 5,
                holds: Holds {
                    id: true,
                    ..NOTHING
                },
            },
            end(11, LineEnd::Cr),
        ],
    );
}

#[test]
fn values_that_do_not_count() {
    check(
        b"id: a\0\nretry: 5s\nretry: 5\nretry:\nretry: 99999999999999999999",
        &[
            field(0, FieldName::Id, b"a\0"),
            Fact::IdWithNul { offset: 5 },
            end(6, LineEnd::Lf),
            field(7, FieldName::Retry, b"5s"),
            Fact::RetryNotDigits { offset: 15 },
            end(16, LineEnd::Lf),
            field(17, FieldName::Retry, b"5"),
            Fact::Retry {
                offset: 24,
                millis: 5,
                saturated: false,
            },
            end(25, LineEnd::Lf),
            Fact::Field(Field {
                offset: 26,
                name: FieldName::Retry,
                colon: true,
                space: false,
                value: b"",
            }),
            Fact::RetryNotDigits { offset: 32 },
            end(32, LineEnd::Lf),
            Fact::Tail(Tail {
                offset: 0,
                len: 60,
                holds: Holds {
                    retry: true,
                    ..NOTHING
                },
                line: b"retry: 99999999999999999999",
            }),
        ],
    );
    check(
        b"retry: 99999999999999999999\n\n",
        &[
            field(0, FieldName::Retry, b"99999999999999999999"),
            Fact::Retry {
                offset: 7,
                millis: u64::MAX,
                saturated: true,
            },
            end(27, LineEnd::Lf),
            Fact::Blank { offset: 28 },
            end(28, LineEnd::Lf),
        ],
    );
}

#[test]
fn ill_formed_text_and_boms() {
    check(
        b"\xef\xbb\xbf\xef\xbb\xbfid: 1\n:\xf0\x9f\x98\xff\n\xc3",
        &[
            Fact::Bom,
            Fact::BomInside { offset: 3 },
            field(3, FieldName::Unknown(b"\xef\xbb\xbfid"), b"1"),
            end(11, LineEnd::Lf),
            Fact::InvalidUtf8 { offset: 13, len: 3 },
            Fact::InvalidUtf8 { offset: 16, len: 1 },
            Fact::Comment {
                offset: 12,
                text: b"\xf0\x9f\x98\xff",
            },
            end(17, LineEnd::Lf),
            Fact::InvalidUtf8 { offset: 18, len: 1 },
            Fact::Tail(Tail {
                offset: 3,
                len: 16,
                holds: Holds {
                    comment: true,
                    unknown: true,
                    ..NOTHING
                },
                line: b"\xc3",
            }),
        ],
    );
}

/// An id with NUL is ignored, so that the end of the stream loses none.
#[test]
fn an_unfinished_id_with_nul_is_no_id() {
    let holds = |id| Holds { id, ..NOTHING };
    for (line, id) in [
        (&b"id: a\0"[..], false),
        (b"id:\0", false),
        (b"id: a", true),
    ] {
        let (offset, len) = (0, line.len() as u64);
        let tail = Tail {
            offset,
            len,
            holds: holds(id),
            line,
        };
        check(line, &[Fact::Tail(tail)]);
    }
}

#[test]
fn half_a_bom_is_the_beginning_of_a_line() {
    check(
        b"\xef\xbb",
        &[
            Fact::InvalidUtf8 { offset: 0, len: 2 },
            Fact::Tail(Tail {
                offset: 0,
                len: 2,
                holds: Holds {
                    unknown: true,
                    ..NOTHING
                },
                line: b"\xef\xbb",
            }),
        ],
    );
}

#[test]
fn nothing_to_report() {
    check(b"", &[]);
    check(b"\xef\xbb\xbf", &[Fact::Bom]);
}

/// A CR ends its line when it comes; only the name of the line end waits.
#[test]
fn a_cr_dispatches_at_once() {
    let mut decoder = Decoder::new(Limits::default());
    let mut seen = Vec::new();
    decoder.feed(b"data: x\r\r", |fact| seen.push(format!("{fact:?}")));
    assert_eq!(seen.len(), 3);
    assert!(seen[2].starts_with("Dispatch"), "{seen:?}");
    seen.clear();
    decoder.feed(b"\n", |fact| seen.push(format!("{fact:?}")));
    assert_eq!(seen, ["LineEnd { offset: 8, end: CrLf }"]);
}

#[test]
fn a_finished_decoder_begins_again() {
    let mut decoder = Decoder::new(Limits::default());
    decoder.feed(b"\nevent: e\nid: 1\nda", |_| {});
    decoder.finish(|_| {});
    let mut seen = Vec::new();
    decoder.feed(b"\xef\xbb\xbfdata: x\n\n", |fact| {
        seen.push(format!("{fact:?}"))
    });
    assert_eq!(
        seen,
        facts(&[b"\xef\xbb\xbfdata: x\n\n"], Limits::default())
    );
}
