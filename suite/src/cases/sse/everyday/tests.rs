//! Judges of what an everyday client tells.

use super::EVERYDAY;
use crate::case::Case;
use crate::declared::Reading;
use crate::transcript::{Connection, Event, Told, Transcript, What};
use bytes::Bytes;
use pushspec_reports::Verdict::{self, Fail, Info, Pass, Skip, Warn};
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
    let id = format!("sse/everyday/{name}");
    let case: Case = super::cases()
        .into_iter()
        .find(|case| case.id == id)
        .expect("a case");
    let connections = vec![told(EVERYDAY, first), told("again", again)];
    let transcript = Transcript { connections };
    let judgement = case.experiment.judge(&transcript, &Reading::default());
    judgement.verdict
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
