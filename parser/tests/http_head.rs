//! Response heads: a table of sound and unsound ones, and the laws for any bytes.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use pushspec_parser::Violation::{self, *};
use pushspec_parser::http::{BodyFraming, HeadLimits, HeadParse, RequestFacts, ResponseHead};

fn parse(input: &[u8]) -> ResponseHead {
    match ResponseHead::parse(input, HeadLimits::default()) {
        HeadParse::Complete(head) => head,
        other => panic!("{other:?} for {}", input.escape_ascii()),
    }
}

fn found(head: &ResponseHead) -> Vec<(Violation, u64)> {
    head.findings
        .iter()
        .map(|finding| (finding.violation, finding.offset))
        .collect()
}

/// Violations and their offsets.
type Found = &'static [(Violation, u64)];

/// A head, and all that is wrong with it.
const HEADS: &[(&[u8], Found)] = &[
    (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", &[]),
    (b"HTTP/1.1 200 \r\n\r\n", &[]),
    (b"HTTP/1.0 204 No Content, really\r\n\r\n", &[]),
    (b"HTTP/1.1 200 \xc3\xa9t\xc3\xa9\tx\r\n\r\n", &[]),
    (
        b"HTTP/1.1 200 OK\r\nA:\r\nB:b\r\nC: \t c \t\r\n!#$%&'*+-.^_`|~09: \xff\r\n\r\n",
        &[],
    ),
    // The status line, RFC 9112 section 4.
    (b"HTTP/1.1 200\r\n\r\n", &[(HttpStatusLine, 12)]),
    (b"HTTP/1.1  200 OK\r\n\r\n", &[(HttpStatusLine, 8)]),
    (b"HTTP/1.1\t200 OK\r\n\r\n", &[(HttpStatusLine, 8)]),
    (b"HTTP/1.1 200\tOK\r\n\r\n", &[(HttpStatusLine, 12)]),
    (b"HTTP/1.1 200 O\0K\r\n\r\n", &[(HttpStatusLine, 14)]),
    (b"HTTP/1.1 200 O\rK\r\n\r\n", &[(HttpBareCr, 14)]),
    (
        b"HTTP/1.1 200\r \r\n\r\n",
        &[(HttpStatusLine, 12), (HttpBareCr, 12)],
    ),
    (
        b"HTTP/1.1 200 \0\rO\rK\x7f\r\r\n\r\n",
        &[
            (HttpStatusLine, 13),
            (HttpBareCr, 14),
            (HttpBareCr, 16),
            (HttpStatusLine, 18),
            (HttpBareCr, 19),
        ],
    ),
    (b"\r\n\nHTTP/1.1 200 OK\r\n\r\n", &[(HttpStatusLine, 0)]),
    // Line ends, section 2.2.
    (
        b"HTTP/1.1 200 OK\nA: b\n\n",
        &[(HttpBareLf, 15), (HttpBareLf, 20), (HttpBareLf, 21)],
    ),
    (b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", &[(HttpBareCr, 21)]),
    (b"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n", &[(HttpBareCr, 21)]),
    // Field lines, section 5, and RFC 9110 section 5.5.
    (
        b"HTTP/1.1 200 OK\r\n A: b\r\nC: d\r\n\r\n",
        &[(HttpBlankBeforeFirstField, 17)],
    ),
    (
        b"HTTP/1.1 200 OK\r\n \0A\r: b\r\nC: d\r\n\r\n",
        &[
            (HttpBlankBeforeFirstField, 17),
            (HttpControlInValue, 18),
            (HttpBareCr, 20),
        ],
    ),
    (
        b"HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n",
        &[(HttpFoldedField, 23)],
    ),
    (
        b"HTTP/1.1 200 OK\r\nA \t: b\r\n\r\n",
        &[(HttpBlankBeforeColon, 18)],
    ),
    (b"HTTP/1.1 200 OK\r\n: b\r\n\r\n", &[(HttpFieldName, 17)]),
    (b"HTTP/1.1 200 OK\r\nA B: b\r\n\r\n", &[(HttpFieldName, 17)]),
    (
        b"HTTP/1.1 200 OK\r\nA\r\0B\r: b\r\n\r\n",
        &[(HttpFieldName, 17), (HttpBareCr, 18), (HttpBareCr, 21)],
    ),
    (
        b"HTTP/1.1 200 OK\r\n\xc3\xa9: b\r\n\r\n",
        &[(HttpFieldName, 17)],
    ),
    (
        b"HTTP/1.1 200 OK\r\nA\r\n\r\n",
        &[(HttpFieldWithoutColon, 17)],
    ),
    (
        b"HTTP/1.1 200 OK\r\nA: \0b\0\r\r\r\n\r\n",
        &[
            (HttpControlInValue, 20),
            (HttpControlInValue, 22),
            (HttpBareCr, 23),
            (HttpBareCr, 24),
        ],
    ),
    (
        b"HTTP/1.1 200 OK\r\nA: b\x7f\r\n\r\n",
        &[(HttpControlInValue, 21)],
    ),
    (
        b"HTTP/1.1 200 OK\r\nA B : \0\r\0\n\n",
        &[
            (HttpFieldName, 17),
            (HttpBlankBeforeColon, 20),
            (HttpControlInValue, 23),
            (HttpBareCr, 24),
            (HttpControlInValue, 25),
            (HttpBareLf, 26),
            (HttpBareLf, 27),
        ],
    ),
];

/// A head without its final line, the method's kind, its framing, and all that is wrong about that.
const FRAMINGS: &[(&str, RequestFacts, BodyFraming, Found)] = &[
    ("200 OK", RequestFacts::GET, BodyFraming::UntilClose, &[]),
    (
        "200 OK|Content-Length: 0",
        RequestFacts::GET,
        BodyFraming::Length(0),
        &[],
    ),
    (
        "200 OK|Content-Length: 007",
        RequestFacts::GET,
        BodyFraming::Length(7),
        &[],
    ),
    (
        "200 OK|Content-Length: 7",
        RequestFacts::HEAD,
        BodyFraming::None,
        &[],
    ),
    (
        "304 Not Modified|Content-Length: 7",
        RequestFacts::GET,
        BodyFraming::None,
        &[],
    ),
    ("204 No Content", RequestFacts::GET, BodyFraming::None, &[]),
    (
        "204 No Content|Content-Length: 0",
        RequestFacts::GET,
        BodyFraming::None,
        &[(HttpLengthWithoutContent, 25)],
    ),
    (
        "101 Go|Content-Length: 0",
        RequestFacts::GET,
        BodyFraming::None,
        &[(HttpLengthWithoutContent, 17)],
    ),
    (
        "100 Go|Transfer-Encoding: chunked",
        RequestFacts::GET,
        BodyFraming::None,
        &[(HttpCodingWithoutContent, 17)],
    ),
    (
        "204 No|Transfer-Encoding: chunked",
        RequestFacts::HEAD,
        BodyFraming::None,
        &[(HttpCodingWithoutContent, 17)],
    ),
    (
        "200 OK|transfer-encoding: Chunked",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[],
    ),
    (
        "200 OK|Transfer-Encoding: gzip|Transfer-Encoding: , chunked,",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[],
    ),
    (
        "200 OK|Transfer-Encoding: chunked, gzip",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[],
    ),
    (
        "200 OK|Transfer-Encoding: chunked",
        RequestFacts::GET_1_0,
        BodyFraming::Chunked,
        &[(HttpCodingToHttp10, 17)],
    ),
    (
        "HTTP/1.0 200 OK|Content-Length: 7|Transfer-Encoding: chunked",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpCodingInHttp10, 36), (HttpLengthAndCoding, 36)],
    ),
    (
        "HTTP/1.0 200 OK|Transfer-Encoding: gzip",
        RequestFacts::GET_1_0,
        BodyFraming::UntilClose,
        &[(HttpCodingToHttp10, 17), (HttpCodingInHttp10, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: chunked, CHUNKED, chunked",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpChunkedTwice, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: chunked|Transfer-Encoding: gzip, chunked",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpChunkedTwice, 45)],
    ),
    (
        "200 OK|Transfer-Encoding: chunked|Transfer-Encoding: gzip;a=\"chunked, chunked\"",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[],
    ),
    (
        "200 OK|Transfer-Encoding: chunked;foo=bar",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpChunkedParameters, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: gzip, chunked ; q = \"1;,\\\"\" ;r=2",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpChunkedParameters, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: chunked;q=1, gzip;level=9",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpChunkedParameters, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: chunked ; q",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpTransferCoding, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: chunked;",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpTransferCoding, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: \"chunked\"",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpTransferCoding, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: a=b chunked",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpTransferCoding, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: foo@, chunked",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpTransferCoding, 17)],
    ),
    (
        "200 OK|Transfer-Encoding: gzip;level=9|Transfer-Encoding: a b, chunked;q=1",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpTransferCoding, 50), (HttpChunkedParameters, 50)],
    ),
    (
        "200 OK|Content-Length: 7|Transfer-Encoding: chunked",
        RequestFacts::GET,
        BodyFraming::Chunked,
        &[(HttpLengthAndCoding, 36)],
    ),
    (
        "200 OK|Content-Length: 7|Transfer-Encoding: gzip",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpLengthAndCoding, 36)],
    ),
    (
        "200 OK|Content-Length: 7, 7",
        RequestFacts::GET,
        BodyFraming::Length(7),
        &[(HttpContentLength, 17)],
    ),
    (
        "200 OK|Content-Length: 7|Content-Length: 7",
        RequestFacts::GET,
        BodyFraming::Length(7),
        &[(HttpContentLength, 36)],
    ),
    (
        "200 OK|Content-Length: 7|Content-Length: 8",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpContentLengthsDiffer, 36)],
    ),
    (
        "200 OK|Content-Length: 7, 8",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpContentLengthsDiffer, 17)],
    ),
    (
        "200 OK|Content-Length: +7",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpContentLength, 17)],
    ),
    (
        "200 OK|Content-Length: -1",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpContentLength, 17)],
    ),
    (
        "200 OK|Content-Length:",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpContentLength, 17)],
    ),
    (
        "200 OK|Content-Length: 18446744073709551616",
        RequestFacts::GET,
        BodyFraming::UntilClose,
        &[(HttpContentLength, 17)],
    ),
];

#[test]
fn each_head_has_exactly_its_violations() {
    for (input, expected) in HEADS {
        let head = parse(input);
        assert_eq!(found(&head), *expected, "{}", input.escape_ascii());
        assert_eq!(head.len, input.len());
    }
}

#[test]
fn each_framing_is_that_of_rfc_9112_section_6_3() {
    for (text, request, framing, expected) in FRAMINGS {
        let version = match text.starts_with("HTTP/") {
            true => "",
            false => "HTTP/1.1 ",
        };
        let input = format!("{version}{}\r\n\r\n", text.replace('|', "\r\n"));
        let (seen, findings) = BodyFraming::of(&parse(input.as_bytes()), *request);
        let findings: Vec<_> = findings
            .iter()
            .map(|finding| (finding.violation, finding.offset))
            .collect();
        assert_eq!((seen, &findings[..]), (*framing, *expected), "{text}");
    }
}

#[test]
fn each_http_violation_is_seen() {
    let heads = HEADS.iter().flat_map(|(_, found)| *found);
    let framings = FRAMINGS.iter().flat_map(|(.., found)| *found);
    let seen: BTreeSet<_> = heads
        .chain(framings)
        .map(|(violation, _)| *violation)
        .collect();
    let all: BTreeSet<_> = Violation::ALL
        .iter()
        .copied()
        .filter(|violation| format!("{violation:?}").starts_with("Http"))
        .collect();
    assert_eq!(seen, all);
}

#[test]
fn what_is_no_response_is_told_at_once() {
    let rows: &[(&[u8], Option<u64>)] = &[
        (b"", None),
        (b"HTTP", None),
        (b"HTTP/1.1 20", None),
        (b"HTTP/1.1 200", None),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r", None),
        (b"HTTP/1.1 200 OK\rA: b\r\r", None),
        (b"\x81\x05Hello", Some(0)),
        (b"HTTP/1.1 2000 OK", Some(12)),
        (b"HTTP/1.1 ok", Some(9)),
        (b"HTTP/1.10 200 OK", Some(8)),
        (b"http/1.1 200 OK", Some(0)),
        (b"\r\nICY 200 OK", Some(2)),
        (b"GET / HTTP/1.1", Some(0)),
    ];
    for (input, offset) in rows {
        let expected = offset.map_or(HeadParse::Partial, |offset| HeadParse::NotHttp { offset });
        assert_eq!(
            ResponseHead::parse(input, HeadLimits::default()),
            expected,
            "{}",
            input.escape_ascii()
        );
    }
}

#[test]
fn a_head_beyond_its_limits_is_told() {
    let limits = HeadLimits {
        bytes: 30,
        fields: 2,
    };
    let rows: &[(&[u8], bool)] = &[
        (b"HTTP/1.1 200 OK\r\nA:\r\nB:\r\n\r\n", false),
        (b"HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\n\r\n", true),
        (b"HTTP/1.1 200 OK\r\nA: 1234567\r\n\r\n", true),
        (b"HTTP/1.1 200 OK\r\nA: 123456\r\n\r\n", false),
        (b"HTTP/1.1 200 OK, and so on, and so on", true),
    ];
    for (input, large) in rows {
        let parsed = ResponseHead::parse(input, limits);
        assert_eq!(
            parsed == HeadParse::TooLarge,
            *large,
            "{} is {parsed:?}",
            input.escape_ascii()
        );
    }
}

#[test]
fn fields_are_found_by_name_over_all_lines() {
    let head = parse(
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive, \"a,b\" ,,\r\nconnection : Upgrade\r\n\tx\r\nAccept\r\nEmpty:\r\n\r\n",
    );
    assert_eq!(
        (head.version, head.status, &head.reason[..]),
        ((1, 1), 200, &b"OK"[..])
    );
    assert!(
        head.all("CONNECTION")
            .eq([&b"keep-alive, \"a,b\" ,,"[..], b"Upgrade x"])
    );
    assert!(
        head.list("connection")
            .eq([&b"keep-alive"[..], b"\"a,b\"", b"Upgrade x"])
    );
    assert!(head.has_token("Connection", "KEEP-ALIVE") && !head.has_token("Connection", "upgrade"));
    assert_eq!(
        (head.first("accept"), head.first("empty")),
        (None, Some(&b""[..]))
    );
    assert_eq!(
        head.lines("empty")
            .map(|field| field.offset)
            .collect::<Vec<_>>(),
        [85]
    );
}

fn without_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Names are read in groups of eight bytes, and what stands at any place of a group counts.
#[test]
fn a_name_consists_of_tchar_wherever_they_are() {
    const SIGNS: &[u8] = b"!#$%&'*+-.^_`|~";
    for at in 0..20 {
        for byte in (0..=u8::MAX).filter(|byte| !b":\n".contains(byte)) {
            let mut name = [b'n'; 20];
            name[at] = byte;
            let head = parse(&[b"HTTP/1.1 200 OK\r\n", &name[..], b":v\r\n\r\n"].concat());
            let sound = byte.is_ascii_alphanumeric() || SIGNS.contains(&byte);
            assert_eq!(head.findings.is_empty(), sound, "{byte:#04x} at {at}");
            if sound {
                assert_eq!(head.fields[0].name[..], name);
                assert_eq!(head.fields[0].value[..], *b"v");
            }
        }
    }
}

/// Bytes that look like a head, with some damage.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b"\r\n".to_vec()),
        4 => Just(b"Name: value\r\n".to_vec()),
        1 => Just(b"Name : \"a,b\", c\r\n d\n".to_vec()),
        1 => Just(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n".to_vec()),
        2 => vec(any::<u8>(), 0..6),
    ];
    let start = prop_oneof![
        6 => Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        1 => Just(b"\nHTTP/1.0  101\n".to_vec()),
        1 => vec(any::<u8>(), 0..20),
    ];
    (start, vec(piece, 0..8)).prop_map(|(start, pieces)| [start, pieces.concat()].concat())
}

proptest! {
    #[test]
    fn control_bytes_are_found_wherever_they_are(
        value in vec(prop_oneof![6 => 0x20..0x7F_u8, 1 => Just(b'\t'), 1 => any::<u8>()], 0..40),
    ) {
        prop_assume!(!value.contains(&b'\n'));
        let input = [b"HTTP/1.1 200 OK\r\nA:", &value[..], b"\r\n\r\n"].concat();
        let head = parse(&input);
        let expected: Vec<_> = (19..)
            .zip(&value)
            .filter(|(_, byte)| **byte != b'\t' && byte.is_ascii_control())
            .map(|(at, &byte)| (if byte == b'\r' { HttpBareCr } else { HttpControlInValue }, at))
            .collect();
        prop_assert_eq!(found(&head), expected);
        prop_assert_eq!(&head.fields[0].value[..], without_blanks(&value));
    }

    #[test]
    fn more_bytes_never_change_a_result(input in input(), more in vec(any::<u8>(), 0..10)) {
        let limits = HeadLimits { bytes: 90, fields: 5 };
        let longer = [&input[..], &more].concat();
        let parsed = ResponseHead::parse(&longer, limits);
        for end in 0..longer.len() {
            match ResponseHead::parse(&longer[..end], limits) {
                HeadParse::Partial => {}
                settled => prop_assert_eq!(&settled, &parsed),
            }
        }
        if let HeadParse::Complete(head) = parsed {
            prop_assert!(head.len <= limits.bytes && head.fields.len() <= limits.fields);
            prop_assert!(head.findings.iter().all(|finding| finding.offset < head.len as u64));
            let kept: usize = head.fields.iter().map(|field| field.name.len() + field.value.len()).sum();
            prop_assert!(kept <= head.len);
            BodyFraming::of(&head, RequestFacts::GET);
        }
    }
}

/// Long heads are not read before they are complete, whatever ends their lines.
#[test]
fn long_heads_are_complete_with_their_last_byte() {
    for end in ["\r\n", "\n"] {
        for value in [1_000, 5_000] {
            let head = format!(
                "HTTP/1.1 200 OK{end}A: {}{end}B: c{end}{end}",
                "x".repeat(value)
            );
            for len in 0..head.len() {
                let parsed = ResponseHead::parse(&head.as_bytes()[..len], HeadLimits::default());
                assert_eq!(parsed, HeadParse::Partial, "{len}");
            }
            assert_eq!(parse(head.as_bytes()).len, head.len());
        }
    }
    let noise = [&b"HTTX"[..], &[b'x'; 5_000]].concat();
    let parsed = ResponseHead::parse(&noise, HeadLimits::default());
    assert!(matches!(parsed, HeadParse::NotHttp { .. }));
}
