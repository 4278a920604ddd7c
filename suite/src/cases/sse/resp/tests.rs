//! Judges on hand-made transcripts, where what they say hangs on more than one thing.

use crate::declared::{Profile, Reading};
use crate::judgement::Judgement;
use crate::transcript::{Connection, End, Event, Transcript, What};
use pushspec_reports::Verdict::{self, Fail, Inconclusive, Info, Pass, Warn};
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

/// A connection on which something was asked at once, and what came so many milliseconds later.
fn connection(label: &'static str, events: &[(u64, What)]) -> Connection {
    let asked = (0, What::Sent("GET / HTTP/1.1\r\n\r\n".into()));
    let events = [&asked].into_iter().chain(events);
    Connection {
        label,
        events: events
            .map(|(at, what)| Event {
                at: Duration::from_millis(*at),
                what: what.clone(),
            })
            .collect(),
    }
}

fn came(at: u64, bytes: impl Into<String>) -> (u64, What) {
    (at, What::Received(bytes.into().into()))
}

const FIN: (u64, What) = (9_000, What::Ended(End::Fin));

fn waited_in_vain() -> (u64, What) {
    let waited = Duration::from_secs(5);
    let awaited = "a response";
    (5_000, What::TimedOut { awaited, waited })
}

fn judged_by(
    profile: Profile,
    case: &str,
    connections: impl IntoIterator<Item = Connection>,
) -> Judgement {
    let reading = Reading {
        profile,
        ..Reading::default()
    };
    let connections = connections.into_iter().collect();
    let case = super::cases()
        .into_iter()
        .find(|known| known.id.strip_prefix("sse/resp/") == Some(case))
        .expect("a case of this family");
    case.experiment.judge(&Transcript { connections }, &reading)
}

fn judged(case: &str, connections: impl IntoIterator<Item = Connection>) -> Verdict {
    judged_by(Profile::Standard, case, connections).verdict
}

#[test]
fn a_late_head_warns_only_when_every_sample_is_late() {
    let sample = |label, at| connection(label, &[came(at, HEAD)]);
    let three = |times: [u64; 3]| {
        let [first, second, third] = times;
        judged(
            "header-at-once",
            [
                sample("first", first),
                sample("second", second),
                sample("third", third),
            ],
        )
    };
    assert_eq!(judged("header-at-once", [sample("first", 1_000)]), Pass);
    assert_eq!(three([1_001, 2_000, 3_000]), Warn);
    assert_eq!(three([2_000, 900, 2_000]), Info);
    // One sample is not enough for red, whatever became of the others.
    let refused = connection("second", &[came(3, "HTTP/1.1 503 Busy\r\n\r\n")]);
    let samples = [sample("first", 2_000), refused, sample("third", 2_000)];
    assert_eq!(judged("header-at-once", samples), Inconclusive);
    let silent = connection("first", &[waited_in_vain()]);
    assert_eq!(judged("header-at-once", [silent]), Inconclusive);
}

#[test]
fn a_refusal_counts_only_where_a_twin_streams() {
    let unusual = |answer: &str| connection("unusual", &[came(1, answer), FIN]);
    let refused = || unusual("HTTP/1.1 406 No\r\n\r\n");
    let twin = |answer: &str| connection("twin", &[came(1, answer)]);
    assert_eq!(judged("accept-none", [unusual(HEAD)]), Pass);
    assert_eq!(judged("accept-none", [refused(), twin(HEAD)]), Warn);
    let busy = twin("HTTP/1.1 503 Busy\r\n\r\n");
    assert_eq!(judged("accept-none", [refused(), busy]), Inconclusive);
    let full = unusual("HTTP/1.1 503 Busy\r\n\r\n");
    assert_eq!(
        judged("request-cache-fields", [full, twin(HEAD)]),
        Inconclusive
    );
    let page = unusual("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>");
    assert_eq!(judged("accept-none", [page, twin(HEAD)]), Info);
    for (profile, verdict) in [
        (Profile::Standard, Warn),
        (Profile::Strict, Warn),
        (Profile::Browser, Fail),
    ] {
        let judgement = judged_by(profile, "accept-event-stream", [refused(), twin(HEAD)]);
        assert_eq!(judgement.verdict, verdict, "{profile}");
        assert!(judgement.confirm_alone && !judgement.rests_on_silence);
    }
    let silent = connection("unusual", &[waited_in_vain()]);
    let judgement = judged_by(
        Profile::Standard,
        "request-cache-fields",
        [silent, twin(HEAD)],
    );
    assert_eq!(judgement.verdict, Fail);
    assert!(judgement.rests_on_silence);
}

/// A full server may refuse by anything: what is no stream is seen again alone.
#[test]
fn served_is_who_gets_a_stream() {
    let twice = |answer: &str| {
        let connections = [connection("request", &[came(1, answer)])];
        let judgement = judged_by(Profile::Standard, "no-host-duplicate", connections);
        (judgement.verdict, judgement.confirm_alone)
    };
    assert_eq!(twice(HEAD), (Fail, false));
    assert_eq!(twice("HTTP/1.1 204 No Content\r\n\r\n"), (Fail, true));
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(twice(json), (Fail, true));
    let full = "HTTP/1.1 403 Forbidden\r\n\r\n";
    assert_eq!(twice(full), (Warn, true));
    for (case, verdict) in [("no-host-duplicate", Warn), ("head", Warn)] {
        let beside = |answer: &str| {
            let ordinary = connection("ordinary", &[came(2, answer)]);
            judged(
                case,
                [connection("request", &[came(1, full), FIN]), ordinary],
            )
        };
        assert_eq!(beside(HEAD), verdict, "{case}");
        assert_eq!(beside(full), Inconclusive, "{case}");
    }
}

#[test]
fn a_limit_is_told_by_a_4xx() {
    let extra = |answer: &str| {
        let unusual = connection("unusual", &[came(1, answer), FIN]);
        let less = connection("less", &[came(1, HEAD)]);
        let judgement = judged_by(Profile::Standard, "extra-fields", [unusual, less]);
        (judgement.verdict, judgement.requirement)
    };
    let limit = Some("rfc9110/5.4/oversized-field-4xx");
    assert_eq!(extra("HTTP/1.1 431 Too Large\r\n\r\n"), (Info, limit));
    assert_eq!(extra("HTTP/1.1 400 Bad Request\r\n\r\n"), (Info, limit));
    assert_eq!(extra("HTTP/1.1 500 Error\r\n\r\n"), (Warn, limit));
    assert_eq!(extra(""), (Warn, limit));
}

#[test]
fn content_behind_a_head_is_told_from_a_second_response() {
    let head = |events: &[(u64, What)]| judged("head", [connection("request", events)]);
    let length = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n";
    assert_eq!(head(&[came(1, length), came(2, length)]), Pass);
    assert_eq!(head(&[came(1, length), FIN]), Pass);
    assert_eq!(head(&[came(1, length), waited_in_vain()]), Info);
    assert_eq!(head(&[came(1, format!("{length}data: x\n\n"))]), Fail);
    assert_eq!(head(&[came(1, length), came(2, "HTT"), FIN]), Fail);
    // An empty chunk is no content, and still no response.
    let chunked = length.replace("Content-Length: 9", "Transfer-Encoding: chunked");
    let last = chunked.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let judgement = |answer: &str, behind: &str| {
        let came = [came(1, answer), came(2, behind), FIN];
        judged_by(Profile::Standard, "head", [connection("request", &came)])
    };
    const EMPTY: &str = "0\r\n\r\n";
    for (answer, behind, verdict, what, taken) in [
        (&chunked, EMPTY, Fail, "an empty chunked body follows", true),
        (&last, EMPTY, Warn, "an empty chunked body follows", false),
        (&last, "5\r\n: x\n\n\r\n", Fail, "content follows", false),
        (&chunked, "5\r\n: x\n\n\r\n", Fail, "content follows", true),
    ] {
        let judgement = judgement(answer, behind);
        let observed = &judgement.observed;
        assert_eq!(judgement.verdict, verdict, "{observed}");
        assert!(observed.starts_with(what), "{observed}");
        // Only where another response may follow.
        let is_taken = observed.contains("for the next response on the connection");
        assert_eq!(is_taken, taken, "{observed}");
        let offset = judgement.spot.map(|spot| spot.offset);
        assert_eq!(offset, Some(answer.len() as u64));
    }
    let refused = "HTTP/1.1 405 No\r\nAllow: GET\r\n\r\n";
    assert_eq!(head(&[came(1, refused), came(2, refused)]), Pass);
    assert_eq!(head(&[came(1, refused), came(2, "{}"), FIN]), Fail);
    assert_eq!(head(&[came(1, "HTTP/1.1 405 No\r\n\r\n"), FIN]), Warn);
    assert_eq!(head(&[came(1, "HTTP/1.1 404 No\r\n\r\n"), FIN]), Warn);
    assert_eq!(head(&[came(1, "HTTP/1.1 200 OK\r\n\r\n"), FIN]), Info);
    assert_eq!(head(&[FIN]), Warn);
}

#[test]
fn redirects_lead_somewhere() {
    let hops = |answers: &[&str]| {
        let hops = super::redirect::HOPS.into_iter().zip(answers);
        let hops = hops.map(|(label, answer)| connection(label, &[came(1, *answer), FIN]));
        judged("redirect", hops)
    };
    let to = |status: u16, location: &str| {
        format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\n\r\n")
    };
    let next = to(308, "/next?a=b");
    let page = "HTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(hops(&[&next, HEAD]), Pass);
    assert_eq!(hops(&[&next, &to(302, "../x"), HEAD]), Pass);
    assert_eq!(hops(&[next.as_str(); 21]), Fail);
    let with_cookie = next.replace("Location", "Set-Cookie: a=b\r\nLocation");
    assert_eq!(hops(&[with_cookie.as_str(); 21]), Info);
    assert_eq!(hops(&[&next, page]), Fail);
    assert_eq!(hops(&[&next, ""]), Fail);
    assert_eq!(hops(&[&next, &to(301, "https://other.test/")]), Info);
    assert_eq!(hops(&[&to(302, "ftp://other.test/")]), Fail);
    assert_eq!(hops(&[&to(302, "http://[")]), Fail);
    assert_eq!(hops(&["HTTP/1.1 303 Other\r\n\r\n"]), Fail);
    assert_eq!(hops(&[&to(300, "/next")]), Fail);
    assert_eq!(hops(&[page]), Fail);
    assert_eq!(hops(&[HEAD]), Info);
}

#[test]
fn a_length_is_right_only_where_the_stream_ends_there() {
    let stream = |body: &str| {
        let head = HEAD.replace("\r\n\r\n", "\r\nContent-Length: 9\r\n\r\n");
        judged(
            "content-length",
            [connection("stream", &[came(1, format!("{head}{body}"))])],
        )
    };
    assert_eq!(stream("data: x\n\n"), Pass);
    assert_eq!(stream("data: x\n"), Warn);
}

#[test]
fn types_and_charsets() {
    let typed = |case, profile, fields: &str| {
        let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\ndata: x\n\n");
        judged_by(profile, case, [connection("stream", &[came(1, answer)])]).verdict
    };
    let sse = "Content-Type: text/event-stream";
    let html = "Content-Type: text/html";
    for (fields, standard, strict) in [
        (sse, Pass, Pass),
        ("content-type:TEXT/event-stream ; charset=x", Pass, Pass),
        (html, Fail, Fail),
        (&format!("{sse}\r\n{html}"), Fail, Fail),
        (&format!("{html}\r\n{sse}"), Fail, Fail),
        (&format!("{sse}\r\n{sse};charset=utf-8"), Warn, Fail),
        (&format!("{sse}, text/event-stream"), Warn, Fail),
        (&format!("{sse}, text/html"), Fail, Fail),
    ] {
        let verdict = |profile| typed("content-type", profile, fields);
        assert_eq!(verdict(Profile::Standard), standard, "{fields}");
        assert_eq!(verdict(Profile::Strict), strict, "{fields}");
    }
    for (parameters, standard, strict) in [
        ("", Pass, Pass),
        ("; charset=\"UTF-8\"", Pass, Pass),
        ("; charset=utf8", Warn, Fail),
        ("; charset=utf-8; charset=latin1", Warn, Fail),
        ("; charset=latin1; charset=utf-8", Fail, Fail),
        ("; charset=us-ascii", Fail, Fail),
        ("; charset=utf-8; v=1", Info, Info),
        ("; charset", Info, Info),
    ] {
        let verdict = |profile| typed("charset", profile, &format!("{sse}{parameters}"));
        assert_eq!(verdict(Profile::Standard), standard, "{parameters}");
        assert_eq!(verdict(Profile::Strict), strict, "{parameters}");
    }
}
