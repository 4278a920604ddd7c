//! The checks on hand-made connections: what is seen, where, and what is not judged.

use super::{CHECKS, Inspect, Overheard, Subject};
use crate::declared::Reading;
use crate::transcript::{Connection, End, Event, What};
use pushspec_reports::Verdict;
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";

fn connection(events: Vec<What>) -> Connection {
    let at = Duration::ZERO;
    let events = events.into_iter().map(|what| Event { at, what });
    Connection {
        label: "test",
        events: events.collect(),
    }
}

/// A stream whose body is framed by the end of the connection, and that end.
fn stream(target: &str, body: &[u8], end: Option<What>) -> Connection {
    let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut answer = format!("{HEAD}\r\n").into_bytes();
    answer.extend(body);
    let mut events = vec![
        What::Connected,
        What::Sent(request.into()),
        What::Received(answer.into()),
    ];
    events.extend(end);
    connection(events)
}

/// Everything that the checks see: the check's last word, the verdict, and the offset within the body.
fn seen(connection: &Connection) -> Vec<(&'static str, Verdict, u64)> {
    let overheard = Overheard::of(connection);
    let body = (HEAD.len() + 2) as u64;
    let mut seen = Vec::new();
    for check in CHECKS.iter() {
        let Some(name) = check.id.strip_prefix("sse/passive/") else {
            continue;
        };
        let Inspect::EventStream(inspect) = check.inspect else {
            panic!("{}", check.id);
        };
        for sighting in inspect(&overheard, &Reading::default()).sightings {
            let spot = sighting.spot.unwrap();
            seen.push((name, sighting.verdict, spot.offset - body));
        }
    }
    seen
}

/// How many bytes the first check judges.
fn judged(connection: &Connection) -> u64 {
    Overheard::of(connection).inspect(Subject::Utf8).bytes
}

fn open(body: &[u8]) -> Vec<(&'static str, Verdict, u64)> {
    seen(&stream("/", body, None))
}

fn ended(body: &[u8]) -> Vec<(&'static str, Verdict, u64)> {
    seen(&stream("/", body, Some(What::Ended(End::Fin))))
}

use Verdict::{Fail, Info, Warn};

/// A stream that goes on, whose parts come so many milliseconds apart.
fn dripping(parts: &[&str], apart: u64) -> Vec<(&'static str, Verdict, u64)> {
    let mut connection = stream("/", b"", None);
    for (at, part) in (1..).zip(parts) {
        connection.events.push(Event {
            at: Duration::from_millis(at * apart),
            what: What::Received(part.as_bytes().to_vec().into()),
        });
    }
    seen(&connection)
}

#[test]
fn a_stream_without_an_empty_line_fires_no_event() {
    let line = "data: x\n";
    let endless = vec![("grammar", Warn, 0)];
    assert_eq!(dripping(&[line; 4], 600), endless);
    assert_eq!(dripping(&["id: 1\r\ndata: x\r\n"; 4], 600)[0].1, Warn);
    let silent: [(&[&str], u64); 5] = [
        // One event, written line by line.
        (&[line; 20], 50),
        (&[line, line], 5_000),
        (&[line, line, line, "\n"], 600),
        (&["\n", line, line, line], 600),
        (&["id: 1\n", "event: x\n", ": y\n", ": z\n"], 600),
    ];
    for (parts, apart) in silent {
        let seen = dripping(parts, apart);
        assert!(
            !seen.iter().any(|(name, ..)| *name == "grammar"),
            "{parts:?}: {seen:?}"
        );
    }
}

/// What the check of heads sees: the requirement, and the place.
fn heads(head: &str) -> Vec<(&'static str, u64)> {
    let request = What::Sent("GET / HTTP/1.1\r\n\r\n".into());
    let connection = connection(vec![request, What::Received(head.to_owned().into())]);
    let overheard = Overheard::of(&connection);
    let seen = overheard.heads.sightings.iter();
    seen.map(|sighting| {
        assert_eq!(sighting.verdict, Fail);
        (sighting.requirement.unwrap(), sighting.spot.unwrap().offset)
    })
    .collect()
}

#[test]
fn heads_are_read_to_the_byte() {
    assert_eq!(heads(&format!("{HEAD}\r\n")), []);
    // Refusals too.
    assert_eq!(heads("HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n"), []);
    let format = "rfc9112/2.1/message-format";
    let length = "rfc9110/8.6/content-length-grammar";
    for (head, requirement, at) in [
        ("HTTP/1.1 503\r\nA: b\r\n\r\n", "rfc9112/4/status-line", 12),
        ("HTTP/1.1 200 OK\nA: b\n\n", format, 15),
        (
            "HTTP/1.1 200 OK\r\n A: b\r\nC: d\r\n\r\n",
            "rfc9112/2.2/whitespace-before-first-field",
            17,
        ),
        ("HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", format, 17),
        ("HTTP/1.1 200 OK\r\nA\r\n\r\n", format, 17),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", format, 18),
        (
            "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
            "rfc9112/5.2/no-folding",
            23,
        ),
        (
            "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n",
            "rfc9112/2.2/bare-cr",
            21,
        ),
        (
            "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
            "rfc9110/5.5/ctl-in-value",
            21,
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", length, 17),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            length,
            36,
        ),
    ] {
        assert_eq!(heads(head), [(requirement, at)], "{head:?}");
    }
}

#[test]
fn a_sound_stream_leaves_nothing_to_say() {
    let body = b"\xef\xbb\xbf: hi\nretry: 3000\n\nid: 1\nevent: a\ndata: {\ndata: \"x\": 1}\n\n";
    assert_eq!(open(body), []);
    assert_eq!(ended(body), []);
}

#[test]
fn what_is_wrong_and_where() {
    for (body, expected) in [
        (&b"data: caf\xe9\n\n"[..], vec![("utf8", Fail, 9)]),
        (b"data: \xff\ndata: \xff\n\n", vec![("utf8", Fail, 6)]),
        (
            "data: x\n\u{feff}id: 7\n\n".as_bytes(),
            vec![("bom", Warn, 8)],
        ),
        (b"data: a\r\rdata: b\r\r", vec![("line-endings", Info, 7)]),
        (
            b"data: a\n\n: b\r\n\r\ndata: c\n\n",
            vec![("line-endings", Info, 12)],
        ),
        (b"x: 1\n\n", vec![("known-fields", Warn, 0)]),
        (b"Data: 1\n\n", vec![("known-fields", Warn, 0)]),
        (
            b"data: a\nevent: b\nevent: c\n\n",
            vec![("known-fields", Info, 17)],
        ),
        (b"id: 1\x00\ndata: a\n\n", vec![("id-nul", Warn, 5)]),
        (b"retry: 1s\n\n", vec![("retry", Warn, 8)]),
        (b"retry: 0\n\n", vec![("retry", Info, 7)]),
        (b"retry: 86400000\n\n", vec![]),
        (b"retry: 86400001\n\n", vec![("retry", Info, 7)]),
        (
            b"event: a\n\nid: 3\n\n",
            vec![("dead-events", Info, 0), ("dead-events", Info, 10)],
        ),
        // A comment in front of it is not what counts.
        (b": a\nid: 3\n\n", vec![("dead-events", Info, 4)]),
        (b"id: 3\ndata\n\n", vec![]),
        (b"event: a \ndata\n\n", vec![("known-fields", Info, 0)]),
        (b"event: a b\ndata: a \nid: 1 \n\n", vec![]),
        (
            b"id: 1\ndata: a\n\n: pingid: 2\ndata: b\n\n",
            vec![("comments", Info, 15)],
        ),
        (
            b": pingevent: a\ndata: b\n\nevent: a\ndata: c\n\n",
            vec![("comments", Info, 0)],
        ),
        (
            b"data: a\n\n: pingdata: b\nid: 2\n\n",
            vec![("dead-events", Info, 23), ("comments", Info, 9)],
        ),
        // No other block has such a field; this one has; it is not in front of a field; it is the comment's own beginning.
        (b": uuid: 5\ndata: a\n\n", vec![]),
        (b": uuid: 5\nid: 5\ndata: a\n\n", vec![]),
        (b"id: 1\ndata: a\n\n: uuid: 5\n\ndata: b\n\n", vec![]),
        (b"id: 1\ndata: a\n\n: id: 5\ndata: b\n\n", vec![]),
        (
            b" : a\n\n",
            vec![("known-fields", Warn, 0), ("comments", Info, 0)],
        ),
        (
            b"# a\n\n",
            vec![("known-fields", Warn, 0), ("comments", Info, 0)],
        ),
        (
            b"data: {\n \"a\": 1\n}\n\n",
            vec![("known-fields", Warn, 8), ("json-split", Info, 0)],
        ),
        (
            b"data: {\"a\": \"b\n\ndata: c\"}\n\n",
            vec![("json-split", Info, 0)],
        ),
        (
            b"data: {\"a\": 1,\n\n\"b\": 2}\n\n",
            vec![("known-fields", Warn, 16), ("json-split", Info, 0)],
        ),
        (b"data: {\n\ndata: }\n\n", vec![]),
        (b"data: {\"a\": \"b\n\ndata: c\n\n", vec![]),
    ] {
        assert_eq!(open(body), expected, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn an_end_is_judged_only_where_it_is_the_targets() {
    assert_eq!(ended(b"data: a\n\ndata: b\n"), [("grammar", Fail, 9)]);
    assert_eq!(ended(b"id: 1"), [("grammar", Fail, 0)]);
    assert_eq!(ended(b": bye\n"), [("grammar", Warn, 0)]);
    assert_eq!(ended(b"data: \xf0\x9f\n\n"), [("utf8", Fail, 6)]);
    assert_eq!(ended(b""), []);
    let tail = b"data: \xf0\x9f";
    assert_eq!(ended(tail), [("utf8", Fail, 6), ("grammar", Fail, 0)]);
    assert_eq!(open(tail), []);
    for end in [
        What::Ended(End::Reset),
        What::Ended(End::FinWithoutAlert),
        What::SentFin,
        What::Full,
    ] {
        assert_eq!(seen(&stream("/", tail, Some(end.clone()))), [], "{end:?}");
    }
    let mut ours = stream("/", tail, Some(What::SentFin));
    ours.events.push(Event {
        at: Duration::ZERO,
        what: What::Ended(End::Fin),
    });
    assert_eq!(seen(&ours), []);
}

#[test]
fn chunks_are_taken_off_and_their_end_counts() {
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let chunked = |body: &str| {
        let answer = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{body}");
        connection(vec![
            What::Sent(request.into()),
            What::Received(answer.into()),
            What::Ended(End::Fin),
        ])
    };
    let fields = "Transfer-Encoding: chunked\r\n".len() as u64;
    let whole = chunked("6\r\ndata: \r\n3\r\nx\n\n\r\n8\r\ndata: y\n\r\n0\r\n\r\n");
    let at = "6\r\ndata: \r\n3\r\nx\n\n\r\n8\r\n".len() as u64;
    assert_eq!(seen(&whole), [("grammar", Fail, fields + at)]);
    // The last chunk is missing: the end is not the framing's own.
    assert_eq!(seen(&chunked("8\r\ndata: y\n\r\n")), []);
    // A last chunk whose line is malformed may be meant as another.
    assert_eq!(seen(&chunked("8\r\ndata: y\n\r\n0x8\r\n\r\n")), []);
    // Nobody knows what is content.
    assert_eq!(seen(&chunked("8\r\nfield: \nxx")), []);
}

#[test]
fn what_a_script_asked_for_is_not_held_against_the_stream() {
    let body = b"x: 1\nid: a\x00\n\nevent: a\n\ndata: \xff\n\ndata: b\n";
    let scripted = stream("/s?room=1&script=%5B%5D", body, Some(What::Ended(End::Fin)));
    assert_eq!(seen(&scripted), [("utf8", Fail, 29), ("grammar", Fail, 32)]);
    let plain = stream("/s?scripts=1", body, None);
    assert_eq!(seen(&plain).len(), 4);
}

/// Browsers read the content under a name of no coding as it is. Under one of the registry, or one that somebody gave a coding of
/// his own, it is not text.
#[test]
fn names_of_no_coding_hide_nothing() {
    let coded = |names: &str, content: &[u8]| {
        let mut answer = format!("{HEAD}Content-Encoding: {names}\r\n\r\n").into_bytes();
        answer.extend(content);
        judged(&connection(vec![What::Received(answer.into())]))
    };
    for (names, content) in [
        ("none", &b"data: 1\nId: \xff\n\n"[..]),
        ("utf-8, identity", b"data: 1\n\n"),
        ("utf-8", b"caf\xc3"),
        ("none", b"data: \xff\0\x1b\n\n"),
        ("8bit, none", b"\xef\xbb\xbf\n: 1\n\n"),
    ] {
        assert_eq!(coded(names, content), content.len() as u64, "{names}");
    }
    for (names, content) in [
        ("gzip", &b"data: 1\n\n"[..]),
        ("compress", b"data: 1\n\n"),
        ("none, GZIP", b"data: 1\n\n"),
        ("brotli", b"\x0b\x04\x80data\n\n"),
        ("lz4", b"\x04\"M\x18\x60\x40\n\n\n"),
    ] {
        assert_eq!(coded(names, content), 0, "{names}");
    }
}

#[test]
fn other_answers_are_not_judged() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
        "HTTP/1.1 500 No\r\nContent-Type: text/event-stream\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n",
    ] {
        let answer = format!("{head}\r\nnothing: of the kind\n\n");
        let other = connection(vec![What::Received(answer.into())]);
        assert_eq!(seen(&other), [], "{head}");
        assert_eq!(judged(&other), 0);
    }
    // A response to HEAD has no content, and the next response stands behind its head.
    let twice = format!("{HEAD}\r\n{HEAD}\r\n");
    let heads = connection(vec![
        What::Sent("HEAD / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\n".into()),
        What::Received(twice.into()),
    ]);
    assert_eq!(seen(&heads), []);
    assert_eq!(judged(&heads), 0);
}

#[test]
fn an_empty_line_that_comes_with_the_next_event_is_late() {
    let late = |pieces: &[(u64, &str)]| {
        let mut connection = stream("/", b"", None);
        let pieces = pieces.iter().map(|&(at, text)| Event {
            at: Duration::from_millis(at),
            what: What::Received(text.to_owned().into()),
        });
        connection.events.extend(pieces);
        seen(&connection).contains(&("grammar", Verdict::Warn, 0))
    };
    let one = "data: 1\n";
    let next = "\ndata: 2\n";
    assert!(late(&[(0, one), (250, next), (500, next)]));
    assert!(!late(&[(0, one), (250, next)]), "once is none");
    assert!(!late(&[(0, one), (50, next), (99, next)]));
    // Byte by byte, or line by line: each comes when it is written.
    assert!(!late(&[(0, one), (250, "\n"), (500, one), (750, "\n")]));
    let whole = "data: 3\n\n";
    assert!(!late(&[(0, whole), (250, whole), (500, whole)]));
}

/// A page of JSON under the type of a stream has no event that could be lost, and nothing that is read.
#[test]
fn what_is_no_stream_at_all_is_told_as_such() {
    let said = |body: &[u8]| {
        let connection = stream("/", body, Some(What::Ended(End::Fin)));
        let overheard = Overheard::of(&connection);
        let sightings = overheard.inspect(Subject::Grammar).sightings;
        sightings.into_iter().next().map(|it| it.observed)
    };
    let json = said(b"{\"a\": 1}").expect("it is seen");
    assert!(json.contains("clients read nothing in it"), "{json}");
    let comment = said(b"retry: 5").expect("it is seen");
    assert!(comment.contains("nothing is lost"), "{comment}");
}
