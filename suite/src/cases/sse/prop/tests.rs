//! What writers may do with a value that no line can carry, and what they may not.

use super::verdict::judged;
use crate::transcript::{Connection, End, Event, Transcript, What};
use pushspec_reports::Verdict::{self, Fail, Pass, Warn};
use serde_json::{Value, json};
use std::time::Duration;

/// What is said of a stream with this content, which ended.
fn said(script: &Value, content: &str) -> (Verdict, String) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let whats = [
        What::Sent("GET / HTTP/1.1\r\n\r\n".into()),
        What::Received(format!("{head}{content}").into()),
        What::Ended(End::Fin),
    ];
    let event = |what| Event {
        at: Duration::ZERO,
        what,
    };
    let connection = Connection {
        label: "script",
        events: whats.into_iter().map(event).collect(),
    };
    let transcript = Transcript {
        connections: vec![connection],
    };
    let judgement = judged(&transcript, "script", script).judgement;
    (judgement.verdict, judgement.observed)
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
