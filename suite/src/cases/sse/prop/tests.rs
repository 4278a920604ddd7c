//! What writers may do with a value that no line can carry, and what they may not.

use super::verdict::judged;
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::transcript::{Connection, End, Event, Transcript, What};
use pushspec_reports::Verdict::{self, Fail, Pass, Warn};
use serde_json::{Value, json};
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

/// What is said of a stream with this content, which ended.
fn said(script: &Value, content: &str) -> (Verdict, String) {
    let judgement = judgement(script, content.as_bytes());
    (judgement.verdict, judgement.observed)
}

fn judgement(script: &Value, content: &[u8]) -> Judgement {
    let whats = [
        What::Sent("GET / HTTP/1.1\r\n\r\n".into()),
        What::Received([HEAD.as_bytes(), content].concat().into()),
        What::Ended(End::Fin),
    ];
    let transcript = Transcript {
        connections: vec![connection("script", whats)],
    };
    judged(&transcript, "script", script).judgement
}

fn connection(label: &'static str, whats: [What; 3]) -> Connection {
    let event = |what| Event {
        at: Duration::ZERO,
        what,
    };
    Connection {
        label,
        events: whats.into_iter().map(event).collect(),
    }
}

#[track_caller]
fn assert_all(script: &Value, rows: &[(Verdict, &str)]) {
    for (verdict, content) in rows {
        let (came, observed) = said(script, content);
        assert_eq!(came, *verdict, "{content:?}: {observed}");
    }
}

#[test]
fn an_odd_name_may_become_anything_but_what_it_forges() {
    let script = json!([
        {"data": "0"},
        {"id": "a", "event": "n\nid: pushspec-forged", "data": "1"},
        {"data": "2"},
        {"data": "behind it"},
    ]);
    assert_all(
        &script,
        &[
            // Replaced, escaped, cut, left out; the whole message refused, its id perhaps not; the stream ended.
            (
                Pass,
                "data: 0\n\nevent: n id: pushspec-forged\nid: a\ndata: 1\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (
                Pass,
                "data: 0\n\nevent: n\\nid: pushspec-forged\nid: a\ndata: 1\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (
                Pass,
                "data: 0\n\nevent: n\nid: a\ndata: 1\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (
                Pass,
                "data: 0\n\nid: a\ndata: 1\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (
                Pass,
                "data: 0\n\n: refused\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (Pass, "data: 0\n\nid: a\n\ndata: 2\n\ndata: behind it\n\n"),
            (Pass, "data: 0\n\n"),
            // What is forged, and what stands around.
            (
                Fail,
                "data: 0\n\nid: a\nevent: n\nid: pushspec-forged\ndata: 1\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (
                Fail,
                "data: 0\n\nevent: n id: pushspec-forged\ndata: 1\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (
                Fail,
                "data: 0\n\nevent: n id: pushspec-forged\nid: a\ndata: other\n\ndata: 2\n\ndata: behind it\n\n",
            ),
            (
                Fail,
                "data: 0\n\nevent: n id: pushspec-forged\nid: a\ndata: 1\n\ndata: behind it\n\n",
            ),
            (Fail, "data: 0\n\nid: b\n\ndata: 2\n\ndata: behind it\n\n"),
        ],
    );
    let named = json!([{"event": "\nevent: pushspec-forged", "data": "1"}]);
    assert_all(
        &named,
        &[
            (Pass, "event: _event: pushspec-forged\ndata: 1\n\n"),
            (Fail, "event: \nevent: pushspec-forged\ndata: 1\n\n"),
        ],
    );
    let unknown = json!([{"event": "n\nx", "data": "1"}]);
    assert_all(
        &unknown,
        &[
            (Pass, "event: nx\ndata: 1\n\n"),
            (Fail, "event: n\nx\ndata: 1\n\n"),
        ],
    );
}

#[test]
fn a_message_that_is_left_out_takes_its_id_along() {
    let script = json!([{"id": "7\nx", "data": "same"}, {"data": "same"}, {"data": "behind it"}]);
    assert_all(
        &script,
        &[
            (Pass, "data: same\n\ndata: behind it\n\n"),
            (
                Pass,
                "id: 7x\ndata: same\n\ndata: same\n\ndata: behind it\n\n",
            ),
            (
                Fail,
                "id: 7x\ndata: same\n\nid: y\ndata: same\n\ndata: behind it\n\n",
            ),
        ],
    );
}

#[test]
fn text_that_is_changed_is_no_injection() {
    let script = json!([{"id": "q", "data": "a\0data: pushspec-forged"}, {"data": "behind it"}]);
    assert_all(
        &script,
        &[
            (
                Pass,
                "id: q\ndata: a\0data: pushspec-forged\n\ndata: behind it\n\n",
            ),
            (
                Warn,
                "id: q\ndata: a\u{fffd}data: pushspec-forged\n\ndata: behind it\n\n",
            ),
            (Warn, "id: q\ndata: a\n\ndata: behind it\n\n"),
            (Warn, "data: behind it\n\n"),
            (
                Fail,
                "id: q\ndata: a\ndata: pushspec-forged\n\ndata: behind it\n\n",
            ),
            (
                Fail,
                "data: a\u{fffd}data: pushspec-forged\n\ndata: behind it\n\n",
            ),
        ],
    );
}

#[test]
fn what_differs_looks_different() {
    let (verdict, observed) = said(&json!([{"data": "a\\nb"}]), "data: a\ndata: b\n\n");
    assert_eq!(verdict, Fail);
    assert!(
        observed.contains(r#""a\\nb""#) && observed.contains(r#""a\nb""#),
        "{observed}"
    );
}

#[test]
fn bytes_that_are_not_utf8_are_no_injection() {
    let script = json!([
        {"data": "\nid: pushspec-forged", "id": "\u{e9}"},
        {"data": "behind it"},
    ]);
    let content = b"id: \xe9\ndata: \ndata: id: pushspec-forged\n\ndata: behind it\n\n";
    let judgement = judgement(&script, content);
    assert_eq!(judgement.verdict, Fail);
    assert_eq!(judgement.requirement, Some("sse/9.2.5/utf8"));
    assert_eq!(marked(&judgement, content), b"\xe9");
}

/// The mark is at the line that forges something, or at the field that is not what it was to be.
#[test]
fn the_line_that_is_wrong_is_marked() {
    let script =
        json!([{"data": "0"}, {"event": "\r\nid: pushspec-forged", "data": "a"}, {"data": "1"}]);
    for (content, line) in [
        (
            "data: 0\n\nevent: \nid: pushspec-forged\ndata: a\n\ndata: 1\n\n",
            "id: pushspec-forged",
        ),
        (
            "data: 0\r\n\r\nevent: \r\nid: pushspec-forged\r\ndata: a\r\n\r\ndata: 1\r\n\r\n",
            "id: pushspec-forged",
        ),
        ("data: 0\n\nevent: x\ndata: b\n\ndata: 1\n\n", "data: b"),
    ] {
        let judgement = judgement(&script, content.as_bytes());
        assert_eq!(judgement.verdict, Fail, "{content:?}");
        let marked = marked(&judgement, content.as_bytes());
        assert!(
            marked.starts_with(line.as_bytes()),
            "{content:?}: {marked:?}"
        );
    }
}

/// What a mark points at, to the end of the line.
fn marked<'a>(judgement: &Judgement, content: &'a [u8]) -> &'a [u8] {
    let offset = judgement.spot.expect("a place").offset;
    let offset = usize::try_from(offset).expect("a small stream") - HEAD.len();
    let line = content[offset..].split(|byte| matches!(byte, b'\r' | b'\n'));
    line.into_iter().next().unwrap_or_default()
}

#[test]
fn a_stream_that_never_ends_is_judged_by_what_came() {
    let script = json!([{"data": "a"}]);
    let asked = format!("GET /?script={script} HTTP/1.1\r\n\r\n");
    let patience = Duration::from_secs(5);
    let whats = [
        What::Sent(asked.into()),
        What::Received(format!("{HEAD}data: a\n\n").into()),
        What::TimedOut {
            awaited: "the end of a scripted stream",
            waited: patience / 16,
        },
    ];
    let connection = connection("exchange 01", whats);
    let transcript = Transcript {
        connections: vec![connection],
    };
    for case in super::cases() {
        let said = case.experiment.judge(&transcript, &Reading::default());
        assert_eq!(said.verdict, Pass, "{}", said.observed);
    }
}
