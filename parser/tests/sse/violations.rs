//! Every `Sse…` violation, seen and not seen: bodies that have it, and the nearest that do not.

use pushspec_parser::{Finding, Violation};

use crate::chunks::{every_cut, findings};

/// A violation, bodies with the findings expected in them, and bodies without any finding.
type Row = (
    Violation,
    &'static [(&'static [u8], &'static [u64])],
    &'static [&'static [u8]],
);

const TABLE: &[Row] = &[
    (
        Violation::SseInvalidUtf8,
        &[
            (b"data: \xff\n\n", &[6]),
            (b":\xc3\n:\xa9\n:\xe2\x82\n\n", &[1, 4, 7]),
            (b"data: \xed\xa0\x80\n\n", &[6, 7, 8]),
        ],
        &["data: é€😀\u{2028}\u{0}\n\n".as_bytes(), b"\xef\xbb\xbf\n"],
    ),
    (
        Violation::SseEndLosesEvent,
        &[
            (b"data: x\n", &[0]),
            (b"\ndata: x", &[1]),
            (b"event\n", &[0]),
            (b"id: 1\r", &[0]),
            (b": c\nid", &[0]),
            (b"data: x\n\nda", &[9]),
            (b"data: x\n\ndata: y\r\n:\r\n", &[9]),
        ],
        &[
            b"data: x\n\n",
            b"data: x\r\r",
            b"data: x\r\n\r\n",
            b"data: x\n\n\n",
            b"",
        ],
    ),
    (
        Violation::SseEndWithoutBlankLine,
        &[
            (b": ping\n", &[0]),
            (b"data: x\n\n: pi", &[9]),
            (b"retry: 5\n", &[0]),
            (b"retry: 5", &[0]),
            (b"\nfoo: bar", &[1]),
        ],
        &[b": ping\n\n", b"retry: 5\r\r", b"\n"],
    ),
    (
        Violation::SseBomInside,
        &[
            (b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\n", &[3]),
            (b"data: x\n\n\xef\xbb\xbfdata: x\n\n", &[9]),
            (b"data: x\n\n\xef\xbb\xbf\n\n", &[9]),
            (b"\n\xef\xbb\xbf: c\n\n", &[1]),
        ],
        &[
            b"\xef\xbb\xbfdata: x\n\n",
            b"data: \xef\xbb\xbf\n\n",
            b":\xef\xbb\xbf\n\n",
        ],
    ),
    (
        Violation::SseFieldUnknown,
        &[
            (b"foo: bar\n\n", &[0]),
            (b"data: x\ndatas: y\n\n", &[8]),
            (b"{\"json\": 1}\n\n", &[0]),
            (b"dat\0a\n\n", &[0]),
        ],
        &[b"data\n\n", b": foo\n\n", b"retry: 1\n\n"],
    ),
    (
        Violation::SseFieldCase,
        &[
            (b"Data: x\n\n", &[0]),
            (b"data: x\nID: 1\nRetry: 1\n\n", &[8, 14]),
        ],
        &[b"data: Data\n\n", b"event: ID\ndata\n\n"],
    ),
    (
        Violation::SseFieldPadded,
        &[
            (b" data: x\n\n", &[0]),
            (b"data : x\n\tid\n\n", &[0, 9]),
            (b" Data: x\n\n", &[0]),
        ],
        &[b"data: x \n\n", b"id:\t1\n\n"],
    ),
    (
        Violation::SseEventRepeated,
        &[
            (b"event: a\nevent: b\ndata\n\n", &[9]),
            (b"event\ndata\nevent\nevent\n\n", &[11, 17]),
        ],
        &[b"event: a\ndata\n\nevent: a\ndata\n\n"],
    ),
    (
        Violation::SseIdRepeated,
        &[(b"id: 1\nid: 1\n\n", &[6]), (b"id\ndata\nid: 2\n\n", &[8])],
        &[b"id: 1\n\nid: 2\ndata\n\nid: 3\n\n"],
    ),
    (
        Violation::SseIdWithNul,
        &[(b"id: \0\n\n", &[4]), (b"id:1\0\0\nid: 2\ndata\n\n", &[4])],
        &[b"data: \0\n\n", b"event: \0\ndata\n\n", b"id: 0\n\n"],
    ),
    (
        Violation::SseRetryNotDigits,
        &[
            (b"retry: +5\n\n", &[7]),
            (b"retry: 1.5\n\n", &[8]),
            (b"retry\n\n", &[5]),
            (b"retry: \n\n", &[7]),
            (b"retry: 5 \n\n", &[8]),
            (b"retry: 3s\n\n", &[8]),
        ],
        &[
            b"retry: 0\n\n",
            b"retry:007\n\n",
            b"retry: 99999999999999999999\n\n",
        ],
    ),
    (
        Violation::SseEventWithoutData,
        &[
            (b"event: e\n\n", &[0]),
            (b"\n: c\nevent: e\nid: 1\r\n\r\n", &[1]),
        ],
        &[
            b"event: e\ndata\n\n",
            b"id: 1\n\n",
            b"retry: 1\n\n",
            b": c\n\n",
        ],
    ),
];

#[test]
fn each_is_seen_where_it_is_and_nowhere_else() {
    for (violation, faulty, sound) in TABLE {
        for (body, offsets) in *faulty {
            let expected: Vec<Finding> = offsets
                .iter()
                .map(|&offset| Finding::new(*violation, offset))
                .collect();
            every_cut(body, |chunks| {
                let seen = findings(chunks);
                let ours: Vec<Finding> = seen
                    .iter()
                    .copied()
                    .filter(|finding| finding.violation == *violation)
                    .collect();
                assert_eq!(ours, expected, "{chunks:?}: {seen:?}");
            });
        }
        for body in *sound {
            every_cut(body, |chunks| {
                assert_eq!(findings(chunks), [], "{chunks:?}")
            });
        }
    }
}

/// One fault, one finding: nothing is reported twice under different names.
#[test]
fn no_faulty_body_has_another_fault() {
    for (violation, faulty, _) in TABLE {
        for (body, offsets) in *faulty {
            let seen = findings(&[body]);
            assert_eq!(seen.len(), offsets.len(), "{violation:?} {seen:?}");
        }
    }
}

#[test]
fn the_table_is_complete() {
    let of_streams: Vec<Violation> = Violation::ALL
        .iter()
        .copied()
        .filter(|violation| violation.requirement().starts_with("sse/"))
        .collect();
    let tested: Vec<Violation> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(tested, of_streams);
}
