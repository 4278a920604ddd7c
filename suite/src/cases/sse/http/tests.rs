//! Judges on hand-made transcripts.

use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::transcript::{Connection, End, Event, Transcript, What};
use pushspec_reports::Verdict::{self, Fail, Inconclusive, Info, Pass, Skip, Warn};
use std::time::Duration;

const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";

fn connection(label: &'static str, request: &str, came: &[What]) -> Connection {
    let sent = What::Sent(request.to_owned().into());
    let events = [&sent].into_iter().chain(came).map(|what| Event {
        at: Duration::ZERO,
        what: what.clone(),
    });
    Connection {
        label,
        events: events.collect(),
    }
}

fn came(bytes: impl Into<String>) -> What {
    What::Received(bytes.into().into())
}

const FIN: What = What::Ended(End::Fin);

fn judged(case: &str, connections: Vec<Connection>) -> Verdict {
    judgement(case, connections).verdict
}

fn judgement(case: &str, connections: Vec<Connection>) -> Judgement {
    let case = super::cases()
        .into_iter()
        .find(|known| known.id.strip_prefix("sse/http/") == Some(case))
        .expect("a case of this family");
    let transcript = Transcript { connections };
    case.experiment.judge(&transcript, &Reading::default())
}

#[test]
fn a_client_without_chunks() {
    let old = |answer: &[What]| {
        judged(
            "http10",
            vec![connection("request", "GET / HTTP/1.0\r\n\r\n", answer)],
        )
    };
    assert_eq!(old(&[came(format!("{STREAM}\r\ndata: x\n\n"))]), Pass);
    let chunked = format!("{STREAM}Transfer-Encoding: chunked\r\n\r\n");
    assert_eq!(old(&[came(chunked)]), Fail);
    assert_eq!(old(&[came("HTTP/1.1 505 No\r\n\r\n")]), Pass);
    assert_eq!(old(&[came("HTTP/1.1 426 No\r\n\r\n")]), Pass);
    assert_eq!(old(&[came("HTTP/1.1 500 No\r\n\r\n")]), Warn);
    assert_eq!(old(&[came("HTTP/1.1 302 Found\r\n\r\n")]), Info);
    assert_eq!(old(&[FIN]), Warn);
}

#[test]
fn ends_over_tls() {
    let over = |fields: &str, end: Option<End>| {
        let mut events = vec![came(format!("{STREAM}{fields}\r\ndata: x\n\n"))];
        events.extend(end.map(What::Ended));
        judged(
            "close-delimited-tls",
            vec![connection("stream", "GET / HTTP/1.0\r\n\r\n", &events)],
        )
    };
    assert_eq!(over("", Some(End::Fin)), Pass);
    assert_eq!(over("", Some(End::FinWithoutAlert)), Warn);
    assert_eq!(
        over("Content-Length: 9\r\n", Some(End::FinWithoutAlert)),
        Warn
    );
    assert_eq!(over("", Some(End::Reset)), Info);
    assert_eq!(over("", None), Info);
}

#[test]
fn ends_of_chunked_streams() {
    let ending = |body: &str, end: Option<What>| {
        let head = format!("{STREAM}Transfer-Encoding: chunked\r\n\r\n");
        let mut events = vec![came(format!("{head}{body}"))];
        events.extend(end);
        judgement("last-chunk", vec![connection("stream", "", &events)])
    };
    let over = |body: &str, end| ending(body, end).verdict;
    assert_eq!(over("1\r\n\n\r\n0\r\n\r\n", None), Pass);
    assert_eq!(over("1\r\n\n\r\n", Some(FIN)), Warn);
    assert_eq!(over("1\r\n\n\r\n0\r\n", Some(FIN)), Warn);
    let broken = |body: &str| ending(body, Some(FIN)).requirement;
    assert_eq!(
        broken("1\r\n\n\r\n0\r"),
        Some("rfc9112/8/incomplete-chunked")
    );
    assert_eq!(
        broken("1\r\n\n\r\n0\r\n"),
        Some("rfc9112/7.1/chunk-grammar")
    );
    assert_eq!(over("1\r\n\n\r\n", None), Warn);
    assert_eq!(over("zz\r\n", Some(FIN)), Inconclusive);
    let closed = [came(format!("{STREAM}\r\ndata: x\n\n")), FIN];
    assert_eq!(
        judged("last-chunk", vec![connection("stream", "", &closed)]),
        Pass
    );
}

#[test]
fn what_follows_a_204() {
    let after = |answer: &str, end: Option<What>| {
        let mut events = vec![came(answer)];
        events.extend(end);
        judged("204-clean", vec![connection("requests", "", &events)])
    };
    let clean = "HTTP/1.1 204 No Content\r\n\r\n";
    let next = format!("{STREAM}\r\n");
    assert_eq!(after(&format!("{clean}{next}"), None), Pass);
    assert_eq!(after(clean, Some(FIN)), Pass);
    assert_eq!(after(&format!("{clean}data: x\n\n"), None), Fail);
    assert_eq!(after(&format!("{clean}{{}}"), Some(FIN)), Fail);
    let length = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(after(&format!("{length}{next}"), None), Fail);
    assert_eq!(after("HTTP/1.1 400 Bad Request\r\n\r\n", None), Skip);
    assert_eq!(after("HTTP/1.1 200 OK\r\n\r\n", None), Info);
}

#[test]
fn answers_within_a_stream() {
    let pair = |body: &str, twin: Option<&str>| {
        let mut connections = vec![connection(
            "requests",
            "",
            &[came(format!("{STREAM}{body}"))],
        )];
        connections
            .extend(twin.map(|body| connection("twin", "", &[came(format!("{STREAM}{body}"))])));
        judged("pipelined", connections)
    };
    let sound = "Transfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n";
    let broken = format!("{sound}HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(pair(sound, None), Pass);
    assert_eq!(pair(&format!("{sound}0\r\n\r\n{STREAM}\r\n"), None), Pass);
    assert_eq!(pair(&broken, Some(sound)), Fail);
    assert_eq!(pair(&broken, Some(&broken)), Inconclusive);
    let closed = "\r\ndata: 1\n\nHTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(pair(closed, Some("\r\ndata: 1\n\n")), Fail);
}
