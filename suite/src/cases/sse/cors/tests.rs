//! Judges on hand-made transcripts: what is declared decides.

use crate::declared::{Declared, Reading};
use crate::transcript::{Connection, Event, Transcript, What};
use pushspec_reports::Verdict::{self, Fail, Info, Pass, Warn};
use std::time::Duration;

const APP: &str = "https://app.test";

fn connection(label: &'static str, origin: &str, fields: &str) -> Connection {
    let sent = format!("GET / HTTP/1.1\r\nOrigin: {origin}\r\n\r\n");
    let came = format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{fields}\r\n");
    let event = |what| Event {
        at: Duration::ZERO,
        what,
    };
    Connection {
        label,
        events: vec![
            event(What::Sent(sent.into())),
            event(What::Received(came.into())),
        ],
    }
}

fn judged(case: &str, declared: Option<bool>, connections: Vec<Connection>) -> Verdict {
    let reading = Reading {
        declared: Declared {
            cross_origin: declared.map(|_| APP.into()),
            cross_origin_credentials: declared.unwrap_or_default(),
            ..Declared::default()
        },
        ..Reading::default()
    };
    let case = super::cases()
        .into_iter()
        .find(|known| known.id.strip_prefix("sse/cors/") == Some(case))
        .expect("a case of this family");
    case.experiment
        .judge(&Transcript { connections }, &reading)
        .verdict
}

#[test]
fn origins_are_compared_letter_by_letter() {
    for (value, verdict) in [
        ("*", Pass),
        (APP, Pass),
        ("https://app.test/", Fail),
        ("https://APP.test", Fail),
        ("https://a.test, https://app.test", Fail),
        ("null", Fail),
    ] {
        let with = |declared| {
            let fields = format!("Access-Control-Allow-Origin: {value}\r\n");
            let connections = vec![connection("declared-origin", APP, &fields)];
            judged("acao-origin", declared, connections)
        };
        assert_eq!(with(Some(false)), verdict, "{value}");
        assert_eq!(with(None), Info, "{value}");
    }
    let missing = vec![connection("declared-origin", APP, "")];
    assert_eq!(judged("acao-origin", Some(false), missing), Fail);
}

#[test]
fn cookies_and_who_may_send_them() {
    let both = |declared, own: &str, other: &str| {
        let connections = vec![
            connection("declared-origin", APP, own),
            connection("foreign-origin", super::SECOND, other),
        ];
        judged("credentials", declared, connections)
    };
    let star = "Access-Control-Allow-Origin: *\r\n";
    let star_too = format!("{star}Access-Control-Allow-Credentials: true\r\n");
    assert_eq!(both(Some(true), &star_too, &star_too), Fail);
    assert_eq!(both(Some(false), &star_too, &star_too), Warn);
    assert_eq!(both(None, &star_too, &star_too), Info);
    assert_eq!(both(Some(false), star, star), Pass);
    assert_eq!(both(Some(true), star, star), Fail);
    let named = |origin: &str| {
        format!(
            "Access-Control-Allow-Origin: {origin}\r\nAccess-Control-Allow-Credentials: true\r\n"
        )
    };
    assert_eq!(both(Some(true), &named(APP), ""), Pass);
    assert_eq!(both(Some(true), &named(APP), &named(super::SECOND)), Warn);
    assert_eq!(both(None, &named(APP), &named(super::SECOND)), Warn);
}
