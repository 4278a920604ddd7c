//! Judges on hand-made transcripts: what is declared decides.

use crate::declared::{Declared, Reading};
use crate::transcript::{Connection, Event, Transcript, What};
use pushspec_reports::Verdict::{self, Fail, Inconclusive, Info, Pass, Warn};
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
fn who_fails_over_an_origin_is_told() {
    let answered = |status: &str| Connection {
        label: "declared-origin",
        events: [
            What::Sent("GET / HTTP/1.1\r\nOrigin: null\r\n\r\n".into()),
            What::Received(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into()),
        ]
        .map(|what| Event {
            at: Duration::ZERO,
            what,
        })
        .into(),
    };
    let served = || connection("no-origin", "", "");
    let mut refused = answered("500 Oops");
    refused.label = "no-origin";
    let oops = || answered("500 Oops");
    assert_eq!(judged("acao-null", None, vec![oops(), served()]), Warn);
    // To refuse is to answer, and who fails for everybody does not fail over this.
    assert_eq!(
        judged("acao-null", None, vec![answered("403 No"), served()]),
        Info
    );
    assert_eq!(judged("acao-null", None, vec![oops(), refused]), Info);
    assert_eq!(judged("acao-null", None, vec![oops()]), Info);
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

#[test]
fn look_alikes_are_foreign() {
    let with = |allowed: &[&str], label, alike: &str, credentials: &str| {
        let named =
            |origin: &str| format!("Access-Control-Allow-Origin: {origin}\r\n{credentials}");
        let connections = vec![
            connection("declared-origin", APP, &named(APP)),
            connection("foreign-origin", super::SECOND, ""),
            connection(label, alike, &named(alike)),
        ];
        let reading = Reading {
            declared: Declared {
                cross_origin: Some(APP.into()),
                allowed_origins: allowed.iter().map(|&it| it.to_owned()).collect(),
                ..Declared::default()
            },
            ..Reading::default()
        };
        let case = super::cases()
            .into_iter()
            .find(|known| known.id == "sse/cors/credentials")
            .expect("a case of this family");
        case.experiment
            .judge(&Transcript { connections }, &reading)
            .verdict
    };
    const COOKIES: &str = "Access-Control-Allow-Credentials: true\r\n";
    let rows = [
        ("ends-alike", "https://pushspecapp.test"),
        ("begins-alike", "https://app.test.pushspec.invalid"),
        ("dot-alike", "https://appxtest"),
        ("without-tls", "http://app.test"),
        ("null-origin", "null"),
    ];
    for (label, alike) in rows {
        assert_eq!(with(&[APP], label, alike, COOKIES), Fail, "{alike}");
        assert_eq!(with(&[APP], label, alike, ""), Fail, "{alike}");
        assert_eq!(with(&[], label, alike, COOKIES), Warn, "{alike}");
        assert_eq!(with(&[], label, alike, ""), Pass, "{alike}");
    }
    let made = super::allowed::look_alikes(APP);
    for row in rows {
        assert!(made.contains(&(row.0, row.1.to_owned())), "{row:?}");
    }
    assert_eq!(made.len(), rows.len());
    let local = super::allowed::look_alikes("http://localhost:3000");
    let local: Vec<&str> = local.iter().map(|(_, origin)| origin.as_str()).collect();
    assert_eq!(
        local,
        [
            "http://pushspeclocalhost:3000",
            "http://localhost.pushspec.invalid:3000",
            "null"
        ]
    );
}

/// A foreign name is not to blame for what an ordinary request meets too.
#[test]
fn a_refusal_of_everybody_is_not_one_of_a_foreign_host() {
    let row = |twin: &str| {
        let answered = |label, status: &str| {
            let mut connection = connection(label, APP, "");
            let came = format!("HTTP/1.1 {status}\r\nContent-Type: text/event-stream\r\n\r\n");
            connection.events[1].what = What::Received(came.into());
            connection
        };
        let connections = vec![answered("request", "409 Conflict"), answered("twin", twin)];
        judged("foreign-host", None, connections)
    };
    assert_eq!(row("200 OK"), Info);
    assert_eq!(row("409 Conflict"), Inconclusive);
}
