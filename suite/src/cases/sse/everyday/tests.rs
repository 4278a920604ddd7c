//! Judges of what an everyday client tells.

use super::EVERYDAY;
use crate::case::Case;
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::transcript::{Connection, Event, Told, Transcript, What};
use bytes::Bytes;
use pushspec_reports::Verdict::{self, Fail, Inconclusive, Info, Pass, Skip, Warn};
use std::time::Duration;

fn told(label: &'static str, told: &[Told]) -> Connection {
    let events = told.iter().map(|told| Event {
        at: Duration::ZERO,
        what: What::Told(told.clone()),
    });
    Connection {
        label,
        events: events.collect(),
    }
}

fn judged(name: &str, first: &[Told], again: &[Told]) -> Verdict {
    judgement(name, vec![told(EVERYDAY, first), told("again", again)]).verdict
}

fn judgement(name: &str, connections: Vec<Connection>) -> Judgement {
    let id = format!("sse/everyday/{name}");
    let case: Case = super::cases()
        .into_iter()
        .find(|case| case.id == id)
        .expect("a case");
    let transcript = Transcript { connections };
    case.experiment.judge(&transcript, &Reading::default())
}

fn answered(status: u16) -> Told {
    let content_type = (status == 200).then(|| "text/event-stream; charset=utf-8".to_owned());
    Told::Answered {
        status,
        content_type,
    }
}

fn redirected(to: &str, followed: bool) -> Told {
    Told::Redirected {
        status: 307,
        to: to.into(),
        followed,
    }
}

fn event() -> Told {
    Told::Content(Bytes::from_static(b"id: 1\ndata: x\n\n"))
}

#[test]
fn redirects_end_at_a_stream() {
    let there = || redirected("http://a.test/", true);
    let streams = [there(), answered(200), event()];
    let row = |first: &[Told], again: &[Told]| judged("redirect", first, again);
    assert_eq!(row(&streams, &streams), Pass);
    assert_eq!(row(&streams, &[there(), answered(204)]), Pass);
    assert_eq!(row(&streams, &[there(), answered(403)]), Warn);
    assert_eq!(row(&[answered(200)], &[answered(200)]), Info);
    assert_eq!(row(&[answered(403)], &[]), Info);
    assert_eq!(row(&[there(), answered(404)], &[]), Fail);
    assert_eq!(row(&[there()], &[]), Warn, "silence is no error");
    assert_eq!(row(&[answered(307)], &[]), Fail);
    let elsewhere = [redirected("http://b.test/", false), answered(307)];
    assert_eq!(row(&elsewhere, &[]), Info);
    let mut endless = vec![there(); 20];
    endless.extend([redirected("http://a.test/", false), answered(307)]);
    assert_eq!(row(&endless, &[]), Fail);
    assert_eq!(row(&[Told::GaveUp("broken".into())], &[]), Info);
    assert_eq!(row(&[Told::Absent("no socket".into())], &[]), Skip);
}

#[test]
fn cookies_that_cannot_go_back_are_not_asked_for() {
    let sends = |name: &str| Told::SendsCookies(vec![name.into()]);
    let plain = [answered(200), event()];
    let given = [
        Told::GotCookies(vec!["session".into()]),
        answered(200),
        event(),
    ];
    let row = |first: &[Told], again: &[Told]| judged("cookies", first, again);
    assert_eq!(row(&plain, &plain), Pass);
    assert_eq!(row(&given, &[sends("session"), answered(200)]), Pass);
    assert_eq!(row(&given, &[sends("other"), answered(200)]), Info);
    assert_eq!(row(&given, &[answered(403)]), Warn);
    assert_eq!(row(&given, &[sends("session"), answered(204)]), Pass);
    assert_eq!(row(&plain, &[answered(404)]), Warn);
    // Without an id it may be a stream that is used once.
    assert_eq!(row(&[answered(200)], &[answered(404)]), Info);
    assert_eq!(row(&[answered(403)], &[]), Info);
}

#[test]
fn one_stream_at_a_time_is_no_matter_of_the_client() {
    let raw = |label, response: &str| {
        let sent = What::Sent(Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n"));
        let whats = [sent, What::Received(response.to_owned().into())];
        let events = whats.map(|what| Event {
            at: Duration::ZERO,
            what,
        });
        Connection {
            label,
            events: events.into(),
        }
    };
    const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n";
    const CONFLICT: &str = "HTTP/1.1 409 Conflict\r\n\r\n";
    let row = |heard: &[Told], plain: &str| {
        let both = vec![raw("coded", STREAM), raw("plain", plain)];
        let all = [vec![told(EVERYDAY, heard)], both].concat();
        let judgement = judgement("stream", all);
        let is_limit = judgement.observed.contains("a server has no room");
        (judgement.verdict, is_limit)
    };
    let stream = [answered(200), event()];
    assert_eq!(row(&[answered(409)], STREAM), (Info, true));
    assert_eq!(row(&stream, CONFLICT), (Info, true));
    assert_eq!(row(&[answered(400)], STREAM), (Info, false));
    let over = [answered(200), event(), Told::Over];
    assert_eq!(row(&over, CONFLICT), (Inconclusive, false));
}

#[test]
fn streams_come_coded_as_they_come_uncoded() {
    let came = |label, coding: &str| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
        let sent = What::Sent(Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n"));
        let response = match coding {
            "" => format!("{head}\r\ndata: x\n\ndata: y\n\n"),
            _ => format!("{head}Content-Encoding: {coding}\r\n\r\n"),
        };
        let whats = [sent, What::Received(response.into())];
        let events = whats.map(|what| Event {
            at: Duration::ZERO,
            what,
        });
        Connection {
            label,
            events: events.into(),
        }
    };
    let judged = |heard: &[Told], is_cut: bool, coding: &str| {
        let mut visit = told(EVERYDAY, heard);
        visit.events.extend(is_cut.then_some(Event {
            at: Duration::ZERO,
            what: What::Full,
        }));
        let connections = vec![visit, came("coded", coding), came("plain", "")];
        judgement("stream", connections)
    };
    let row = |heard: &[Told], is_cut: bool| {
        let judgement = judged(heard, is_cut, "br");
        (judgement.verdict, judgement.rests_on_silence)
    };
    assert_eq!(row(&[answered(200), event()], false), (Pass, false));
    assert_eq!(row(&[answered(200)], false), (Warn, true));
    let zeros = Told::Content(Bytes::from_static(b"data: 000000"));
    let bomb = [answered(200), zeros];
    assert_eq!(row(&bomb, true), (Warn, false), "megabytes are not silence");
    let said = |coding| judged(&bomb, true, coding).observed;
    assert!(said("br").starts_with("reqwest gets the stream in br, which decodes to megabytes"));
    assert!(said("").starts_with("reqwest gets megabytes of the stream"));
    // One that is empty, where another is open, may be how a server says that it is full; a coding is not the reason.
    let empty = |coding| judged(&[answered(200), Told::Over], false, coding).verdict;
    assert_eq!((empty(""), empty("br")), (Info, Warn));
}

/// Events at these milliseconds, uncoded and as reqwest reads them of a stream in gzip; and what is said.
#[track_caller]
fn beside(uncoded: &[u64], read: &[u64], is_over: bool) -> Judgement {
    let event = |number: usize| format!("data: event {number}\n\n");
    let at = |&milliseconds: &u64| Duration::from_millis(milliseconds);
    let raw = |label, coding: &str, times: &[u64]| {
        let sent = What::Sent(Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n"));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{coding}\r\n");
        let begin = [sent, What::Received(head.into())].map(|what| (Duration::ZERO, what));
        let events = times.iter().enumerate();
        let events = events.map(|(number, time)| (at(time), What::Received(event(number).into())));
        let all = begin.into_iter().chain(events);
        Connection {
            label,
            events: all.map(|(at, what)| Event { at, what }).collect(),
        }
    };
    let mut visit = told(EVERYDAY, &[answered(200)]);
    for (number, time) in read.iter().enumerate() {
        let what = What::Told(Told::Content(event(number).into()));
        visit.events.push(Event { at: at(time), what });
    }
    visit.events.extend(is_over.then_some(Event {
        at: Duration::from_secs(9),
        what: What::Told(Told::Over),
    }));
    let coded = raw("coded", "Content-Encoding: gzip\r\n", &[]);
    judgement("stream", vec![visit, coded, raw("plain", "", uncoded)])
}

#[test]
fn events_that_come_late_in_a_coding_are_held_back() {
    let uncoded = [0, 300, 600, 900, 1200, 1500, 1800, 2100];
    let row = |read: &[u64], is_over| {
        let judgement = beside(&uncoded, read, is_over);
        assert!(judgement.confirm_alone);
        (
            judgement.verdict,
            judgement.observed.contains("as they came"),
        )
    };
    assert_eq!(row(&uncoded, false), (Pass, true));
    assert_eq!(row(&uncoded.map(|at| at + 80), true), (Pass, true));
    // All at the end, be it the stream's or not yet.
    assert_eq!(row(&[3000; 8], false), (Warn, false));
    assert_eq!(row(&[2400; 3], true), (Warn, false));
    // Two by two.
    assert_eq!(row(&[300, 300, 900, 900, 1500, 1500], false), (Warn, false));
    let few = beside(&[0], &[0], false);
    assert!(few.verdict == Pass && !few.observed.contains("as they came"));
}
