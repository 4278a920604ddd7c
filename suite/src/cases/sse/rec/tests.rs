//! Judges on hand-made transcripts, where what they say hangs on more than one thing.

use crate::declared::{Declared, Reading};
use crate::transcript::{Connection, End, Event, Transcript, What};
use pushspec_reports::Verdict::{self, Fail, Inconclusive, Info, Pass, Warn};
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

fn connection(label: &'static str, came: impl Into<String>, ended: bool) -> Connection {
    let mut whats = vec![What::Sent("GET / HTTP/1.1\r\n\r\n".into())];
    let came: String = came.into();
    if !came.is_empty() {
        whats.push(What::Received(came.into()));
    }
    if ended {
        whats.push(What::Ended(End::Fin));
    }
    let event = |what| Event {
        at: Duration::ZERO,
        what,
    };
    Connection {
        label,
        events: whats.into_iter().map(event).collect(),
    }
}

fn judged(case: &str, resumption: bool, connections: Vec<Connection>) -> Verdict {
    let reading = Reading {
        declared: Declared {
            resumption,
            ..Declared::default()
        },
        ..Reading::default()
    };
    let case = super::cases()
        .into_iter()
        .find(|known| known.id.strip_prefix("sse/rec/") == Some(case))
        .expect("a case of this family");
    case.experiment
        .judge(&Transcript { connections }, &reading)
        .verdict
}

#[test]
fn a_legal_id_is_no_reason_to_fall() {
    const STREAM: &str = "data: x\n\n";
    let value = |case: &str, answer: &str, word: &str| {
        let control = connection("control", format!("{HEAD}{STREAM}"), false);
        let value = connection("value", answer, true);
        let word = connection("word", word, !word.contains(STREAM));
        judged(case, false, vec![value, control, word])
    };
    let streams = format!("{HEAD}{STREAM}");
    let error = format!("{HEAD}event: error\ndata: no\n\n");
    for (answer, hostile, unknown) in [
        ("HTTP/1.1 500 No\r\n\r\n", Fail, Info),
        ("", Fail, Info),
        ("HTTP/1.1 400 No\r\n\r\n", Pass, Info),
        ("HTTP/1.1 204 No\r\n\r\n", Pass, Info),
        (HEAD, Warn, Warn),
        (&error, Warn, Warn),
        // The same content, and an end that the other stream may yet come to.
        (&streams, Pass, Info),
    ] {
        let blank = value("id-hostile-blank", answer, &streams);
        assert_eq!(blank, hostile, "{answer}");
        let random = value("id-unknown-random", answer, &streams);
        assert_eq!(random, unknown, "{answer}");
    }
    assert_eq!(value("id-unknown-long", "", &streams), Warn);
    const REFUSED: &str = "HTTP/1.1 400 No\r\n\r\n";
    assert_eq!(value("id-utf8", REFUSED, &streams), Warn);
    assert_eq!(value("id-utf8", REFUSED, REFUSED), Pass);
    // One bug counts once.
    for answer in ["HTTP/1.1 500 No\r\n\r\n", "", HEAD] {
        assert_eq!(value("id-hostile-blank", answer, answer), Info, "{answer}");
        assert_eq!(value("id-utf8", answer, answer), Info, "{answer}");
    }
    let busy = vec![
        connection("value", "HTTP/1.1 503 Busy\r\n\r\n", true),
        connection("control", "HTTP/1.1 503 Busy\r\n\r\n", true),
    ];
    assert_eq!(judged("id-hostile-word", false, busy), Inconclusive);
}

#[test]
fn resumption_is_held_against_those_who_declare_or_prove_it() {
    let stream = |numbers: &[usize]| {
        let events = numbers.iter().map(|number| {
            let text = super::resume::TEXTS[number - 1];
            format!("id: e{number}\ndata: {text}\n\n")
        });
        format!("{HEAD}{}", events.collect::<String>())
    };
    let resumed = |case: &str, declared, cut: &[usize], rest: &[usize]| {
        let connections = vec![
            connection("whole", stream(&[1, 2, 3, 4, 5]), true),
            connection("cut", stream(cut), false),
            connection("resumed", stream(rest), true),
        ];
        judged(case, declared, connections)
    };
    for declared in [false, true] {
        assert_eq!(resumed("resume-1", declared, &[1], &[2, 3, 4, 5]), Pass);
        assert_eq!(resumed("resume-n", declared, &[1, 2, 3, 4, 5], &[]), Pass);
    }
    // Everything again: nothing is said about that.
    assert_eq!(resumed("resume-1", false, &[1], &[1, 2, 3, 4, 5]), Info);
    assert_eq!(resumed("resume-1", true, &[1], &[1, 2, 3, 4, 5]), Fail);
    // Who leaves out what came first knows what the id means.
    assert_eq!(resumed("resume-1", false, &[1], &[3, 4, 5]), Fail);
    let whole = [1, 2, 3, 4];
    assert_eq!(resumed("resume-n-1", false, &whole, &[4, 5]), Fail);
}
