//! Judges on hand-made transcripts, where what they say hangs on more than one thing.

use crate::declared::{Declared, Reading};
use crate::judgement::Judgement;
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
    judgement(case, resumption, connections).verdict
}

fn judgement(case: &str, resumption: bool, connections: Vec<Connection>) -> Judgement {
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
    case.experiment.judge(&Transcript { connections }, &reading)
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
        // The client is left with another id, or with none, and comes back with that.
        (
            &format!("{HEAD}event: reset\nid: 9\ndata: x\n\n"),
            Pass,
            Info,
        ),
        (&format!("{HEAD}retry: 100\nid:\n\n"), Pass, Info),
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

/// An event with an id, or without one.
fn event(id: &str, rest: &str) -> String {
    match id {
        "" => format!("{rest}\n\n"),
        id => format!("id: {id}\n{rest}\n\n"),
    }
}

fn bare(data: &str) -> String {
    event("", &format!("data: {data}"))
}

/// What `live-fin` says, with resumption declared, of three streams, each given as its events' ids; the data is the id.
fn lived(whole: &str, cut: &str, resumed: &str) -> Verdict {
    let stream = |ids: &str| {
        let events = ids.split(' ').filter(|id| !id.is_empty());
        events
            .map(|id| event(id, &format!("data: {id}")))
            .collect::<String>()
    };
    live(&stream(whole), &stream(cut), &stream(resumed))
}

fn live(whole: &str, cut: &str, resumed: &str) -> Verdict {
    let connections = vec![
        connection("whole", format!("{HEAD}{whole}"), false),
        connection("cut", format!("{HEAD}{cut}"), false),
        connection("resumed", format!("{HEAD}{resumed}"), false),
    ];
    judged("live-fin", true, connections)
}

#[test]
fn a_loss_is_told_of_one_sequence_alone() {
    for (whole, cut, resumed, verdict) in [
        ("1 2 3 4 5", "1 2", "3 4 5", Pass),
        ("1 2 3 4 5", "1 2", "3 4 5 6", Pass),
        ("1 2 3 4 5", "1 2", "4 5", Fail),
        ("1 2 3 4 5", "1 2", "2 3 4 5", Fail),
        ("1 2 3 4 5", "1 2", "1 2 3 4 5", Fail),
        ("1 2 3 4 5", "1 2", "3 3 4 5", Fail),
        ("1 2 3 4 5", "1 2", "3 4 5 3 4 5", Fail),
        ("1 2 3 4 5", "1 2", "3 4 3 4 5", Fail),
        ("1 2 3 4 5", "1 2", "", Fail),
        // Not yet, perhaps.
        ("1 2 3 4 5", "1 2", "3 4", Fail),
        // In another order: behind the cut, and on two connections that were open at the same time.
        ("1 2 3 4 5", "1 2", "4 3 5", Fail),
        ("1 2 3 4 5", "2 1", "4 5", Info),
        // Cursors over two sources: the same events, mixed in another way.
        ("a1b0 a1b1 a2b1 a2b2", "a1b0", "a1b1 a1b2 a2b2", Info),
        ("a0b0 a1b0 a1b1 a2b1", "a0b0 a0b1 a1b1", "a2b2", Info),
        // Nothing that two connections share.
        ("s1-1 s1-2 s1-3", "s2-1 s2-2", "s2-3", Info),
    ] {
        assert_eq!(
            lived(whole, cut, resumed),
            verdict,
            "{whole} | {cut} | {resumed}"
        );
    }
}

#[test]
fn what_one_connection_has_of_its_own_is_left_out_of_account() {
    let ping = |id: &str| event(id, "event: ping\ndata: x");
    let plain = |ids: &[&str]| {
        ids.iter()
            .map(|id| event(id, "data: x"))
            .collect::<String>()
    };
    let whole = [ping("p1"), plain(&["1", "2", "3", "4", "5"]), ping("p2")].concat();
    let cut = [plain(&["1", "2"]), ping("p3")].concat();
    for (resumed, verdict) in [
        ([ping("p4"), plain(&["3", "4", "5"])].concat(), Pass),
        ([ping("p4"), plain(&["4", "5"])].concat(), Fail),
        ([ping("p4"), plain(&["5", "6"])].concat(), Info),
    ] {
        assert_eq!(live(&whole, &cut, &resumed), verdict, "{resumed}");
    }
}

#[test]
fn what_comes_again_is_the_same_event() {
    let (whole, cut) = ([1, 2, 3, 4, 5], [1, 2]);
    let stream = |numbers: &[u32], how: &dyn Fn(u32) -> String| {
        numbers
            .iter()
            .map(|number| how(*number))
            .collect::<String>()
    };
    let plain = |number: u32| {
        event(
            &number.to_string(),
            &format!("event: tick\ndata: {{\"a\": {number}, \"b\": 1}}"),
        )
    };
    let of = |how: &dyn Fn(u32) -> String| {
        let resumed = stream(&[3, 4, 5], how);
        live(&stream(&whole, &plain), &stream(&cut, &plain), &resumed)
    };
    assert_eq!(of(&plain), Pass);
    assert_eq!(
        of(&|number| event(
            &number.to_string(),
            &format!("event: tick\ndata: {{\"b\":1,\"a\":{number}}}")
        )),
        Pass
    );
    let renamed = |number: u32| plain(number).replace("tick", "tock");
    let altered = |number: u32| plain(number).replace("1}", "2}");
    let bare = |number: u32| match number {
        3 | 4 => plain(number).replace(&format!("id: {number}\n"), ""),
        _ => plain(number),
    };
    assert_eq!(of(&bare), Warn);
    assert_eq!(of(&renamed), Warn);
    assert_eq!(of(&altered), Warn);
    // Whether two connections stamp an event with the same time is chance.
    let stamped = |number: u32| plain(number).replace("1}", "\"2026-11-21T08:52:35.529Z\"}");
    let later = |number: u32| stamped(number).replace("35.529", "36.531");
    let resumed = stream(&[3, 4, 5], &later);
    let said = live(&stream(&whole, &stamped), &stream(&cut, &stamped), &resumed);
    assert_eq!(said, Pass);
    // Numbers of orders are no times.
    let order = |number: u32| plain(number).replace("1}", "\"order 1000003\"}");
    let other = |number: u32| order(number).replace("1000003", "6000003");
    let resumed = stream(&[3, 4, 5], &other);
    let said = live(&stream(&whole, &order), &stream(&cut, &order), &resumed);
    assert_eq!(said, Warn);
    // What each connection has in its own words cannot be compared.
    let own = |number: u32| plain(number).replace("1}", "7}");
    let resumed = stream(&[3, 4, 5], &altered);
    let said = live(&stream(&whole, &plain), &stream(&cut, &own), &resumed);
    assert_eq!(said, Pass);
}

#[test]
fn ids_that_come_again_are_no_places() {
    // A number that begins anew: what stands behind the id is another event.
    let wrapped = |from: u32, to: u32| {
        let events =
            (from..=to).map(|number| event(&(number % 4).to_string(), &format!("data: {number}")));
        events.collect::<String>()
    };
    assert_eq!(live(&wrapped(1, 6), &wrapped(1, 2), &wrapped(3, 7)), Pass);
    assert_eq!(live(&wrapped(1, 4), &wrapped(1, 2), &wrapped(3, 7)), Info);
    assert_eq!(live(&wrapped(1, 4), &wrapped(1, 2), &wrapped(4, 7)), Info);
    // A batch under one id.
    let batches = |from: u32, to: u32| {
        let events = (from..=to).flat_map(|number| {
            (0..3).map(move |part| event(&number.to_string(), &format!("data: {number}.{part}")))
        });
        events.collect::<String>()
    };
    assert_eq!(live(&batches(1, 5), &batches(1, 2), &batches(3, 5)), Pass);
    assert_eq!(live(&batches(1, 5), &batches(1, 2), &batches(4, 5)), Fail);
    // State, the same each time.
    let state = event("1", "data: x").repeat(5);
    assert_eq!(live(&state, &event("1", "data: x").repeat(2), &state), Info);
}

#[test]
fn events_without_ids_are_recorded() {
    let group =
        |number: u32| [event(&number.to_string(), "data: x"), bare("y"), bare("z")].concat();
    let stream = |numbers: &[u32]| numbers.iter().map(|it| group(*it)).collect::<String>();
    let (whole, cut) = (stream(&[1, 2, 3, 4]), stream(&[1, 2]));
    assert_eq!(live(&whole, &cut, &stream(&[3, 4])), Pass);
    let lost = [event("3", "data: x"), event("4", "data: x")].concat();
    assert_eq!(live(&whole, &cut, &lost), Info);
}

#[test]
fn an_id_of_its_own_is_no_reason_to_fall() {
    let streams = format!("{HEAD}id: 7\ndata: x\n\n");
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    let half = format!("{HEAD}id: 8\ndata: y");
    let next = format!("{HEAD}id: 8\ndata: y\n\n");
    const REFUSED: &str = "HTTP/1.1 500 No\r\n\r\n";
    for (answer, ended, verdict, declared) in [
        (REFUSED, true, Fail, Fail),
        ("", true, Fail, Fail),
        ("HTTP/1.1 404 No\r\n\r\n", true, Warn, Fail),
        (page, true, Warn, Fail),
        (HEAD, true, Warn, Fail),
        (&half, true, Warn, Fail),
        // The client is left with another id.
        (&next, true, Pass, Pass),
        ("HTTP/1.1 204 No\r\n\r\n", true, Pass, Info),
        // There may be no room yet.
        ("HTTP/1.1 503 No\r\n\r\n", true, Warn, Info),
        ("HTTP/1.1 409 No\r\n\r\n", true, Warn, Info),
        (HEAD, false, Pass, Fail),
    ] {
        let again = vec![
            connection("first", &streams[..], false),
            connection("again", answer, ended),
            connection("ordinary", &streams[..], false),
        ];
        assert_eq!(judged("with-id", false, again), verdict, "{answer}");
        let live = vec![
            connection("whole", format!("{streams}id: 8\ndata: y\n\n"), false),
            connection("cut", &streams[..], false),
            connection("resumed", answer, ended),
            connection("ordinary", &streams[..], false),
        ];
        assert_eq!(judged("live-fin", true, live), declared, "{answer}");
    }
    // A request without the id fares no better.
    let again = vec![
        connection("first", &streams[..], false),
        connection("again", REFUSED, true),
        connection("ordinary", REFUSED, true),
    ];
    assert_eq!(judged("with-id", false, again), Inconclusive);
}

#[test]
fn the_event_that_a_client_names_is_not_to_come_again() {
    let said = |declared, first: &str, again: &str| {
        let both = [("first", first), ("again", again)];
        let both = both.map(|(label, came)| connection(label, format!("{HEAD}{came}"), false));
        judged("with-id", declared, both.into())
    };
    let stream = |ids: &[u32]| {
        let events = ids
            .iter()
            .map(|id| event(&id.to_string(), &format!("data: tick {id}")));
        events.collect::<String>()
    };
    for (first, again, verdict) in [
        (stream(&[7]), stream(&[8, 9]), Pass),
        (stream(&[7]), stream(&[7, 8]), Fail),
        (stream(&[6, 7]), stream(&[7]), Fail),
        (
            stream(&[7]),
            [bare("hello"), stream(&[7, 8])].concat(),
            Fail,
        ),
        // From the start, and with another event of that id: with-id leaves that to others.
        (stream(&[6, 7]), stream(&[6, 7, 8]), Pass),
        (stream(&[6, 7]), event("7", "data: other"), Pass),
        // State may have the same id each time, and a batch has one for all of it.
        (stream(&[7]), stream(&[7]), Pass),
        (stream(&[7]), stream(&[7, 7, 8]), Pass),
        (stream(&[6, 7]), [stream(&[7]), bare("more")].concat(), Pass),
        (
            [stream(&[6, 7]), event("", "id: 8")].concat(),
            stream(&[7, 8]),
            Pass,
        ),
    ] {
        let undeclared = if verdict == Fail { Info } else { verdict };
        assert_eq!(said(true, &first, &again), verdict, "{first} | {again}");
        assert_eq!(said(false, &first, &again), undeclared, "{first} | {again}");
    }
}

#[test]
fn a_server_that_allows_one_stream_cannot_be_compared() {
    let stream = format!("{HEAD}id: 7\ndata: x\n\n");
    for (refusal, ended, stands, verdict) in [
        ("HTTP/1.1 409 Conflict\r\n\r\n", true, true, Info),
        ("HTTP/1.1 429 Slow down\r\n\r\n", true, true, Info),
        ("HTTP/1.1 503 Full\r\n\r\n", true, true, Info),
        // It waits for its turn.
        ("", false, true, Info),
        // The one that stood has made room.
        ("HTTP/1.1 409 Conflict\r\n\r\n", true, false, Inconclusive),
        ("HTTP/1.1 500 No\r\n\r\n", true, true, Inconclusive),
        ("", true, true, Inconclusive),
    ] {
        for labels in [["whole", "cut"], ["cut", "whole"]] {
            let both = vec![
                connection(labels[0], &stream[..], !stands),
                connection(labels[1], refusal, ended),
            ];
            let judgement = judgement("live-fin", true, both);
            assert_eq!(judgement.verdict, verdict, "{refusal}");
            // The other may have been refused for the sake of another case.
            assert!(judgement.confirm_alone, "{refusal}");
        }
    }
    let refused = ["whole", "cut"].map(|label| connection(label, "HTTP/1.1 409 No\r\n\r\n", true));
    assert_eq!(judged("live-fin", true, refused.into()), Inconclusive);
}

#[test]
fn an_id_counts_without_data_too() {
    let dead = format!("{HEAD}event: ping\nid: 7\n\n");
    let again = vec![
        connection("first", &dead[..], false),
        connection("again", "HTTP/1.1 500 No\r\n\r\n", true),
        connection("ordinary", &dead[..], false),
    ];
    assert_eq!(judged("with-id", false, again), Fail);
}

#[test]
fn each_event_that_was_missed_comes_as_it_was() {
    let stream = |from: usize, how: &dyn Fn(String) -> String| {
        let events = super::resume::TEXTS.iter().enumerate().skip(from);
        let events = events.map(|(index, text)| {
            let name = if index % 2 == 0 { "event: news\n" } else { "" };
            how(format!("id: e{index}\n{name}data: {text}\n\n"))
        });
        format!("{HEAD}{}", events.collect::<String>())
    };
    let same = |event: String| event;
    let said = |how: &dyn Fn(String) -> String| {
        let connections = vec![
            connection("whole", stream(0, &same), true),
            connection(
                "cut",
                format!("{HEAD}id: e0\nevent: news\ndata: first\n\n"),
                false,
            ),
            connection("resumed", stream(1, how), true),
        ];
        judged("resume-1", false, connections)
    };
    assert_eq!(said(&same), Pass);
    for (from, to) in [
        ("event: news\n", ""),
        ("event: news", "event: replay"),
        ("id: e", "id: f"),
        ("data: ", "data: >"),
    ] {
        assert_eq!(said(&|event| event.replace(from, to)), Fail, "{from:?}");
    }
    assert_eq!(
        said(&|event| event[event.find('\n').unwrap_or(0) + 1..].into()),
        Fail
    );
}

#[test]
fn a_field_that_clients_ignore_is_not_the_rest_of_an_event() {
    let stream = |range: std::ops::Range<usize>, before: &str| {
        let events = super::resume::TEXTS.iter().enumerate();
        let events = events.skip(range.start).take(range.len());
        let events = events.map(|(index, text)| format!("{before}id: e{index}\ndata: {text}\n\n"));
        format!("{HEAD}{}", events.collect::<String>())
    };
    let said = |before: &str, rest: &str| {
        let resumed = stream(2..5, before).replacen(HEAD, &format!("{HEAD}{rest}"), 1);
        let connections = vec![
            connection("whole", stream(0..5, before), true),
            connection("cut", stream(0..2, before), false),
            connection("resumed", resumed, true),
        ];
        judged("cut-mid-event-data", true, connections)
    };
    assert_eq!(said("", ""), Pass);
    assert_eq!(said("type: news\n", ""), Pass);
    assert_eq!(said("type: news\n", "ail\n\n"), Fail);
}

#[test]
fn an_id_beyond_ascii_reaches_the_application() {
    let said = |events: &[&str]| {
        let echo = format!("{HEAD}{}", events.concat());
        let connections = vec![
            connection("value", format!("{HEAD}data: x\n\n"), false),
            connection("echo", echo, true),
        ];
        judgement("id-utf8", false, connections)
    };
    let told = |id: &str| format!("retry: 10\n\ndata: {id}\n\n");
    const READ: &str = "reads the id as it was sent";
    for id in [
        "grüße-€-😀",
        "{\"data\":\"grüße-€-😀\"}",
        "\"gr\\u00fc\\u00dfe-\\u20ac-\\ud83d\\ude00\"",
    ] {
        let judgement = said(&[&told(id)]);
        assert_eq!(judgement.verdict, Pass, "{id}");
        assert!(judgement.observed.contains(READ), "{}", judgement.observed);
    }
    let garbled = said(&[&told("gr??e-?-?")]);
    assert_eq!(garbled.verdict, Warn);
    let observed = &garbled.observed;
    assert!(observed.contains("\"gr??e-?-?\""), "{observed}");
    let offset = (HEAD.len() + "retry: 10\n\n".len()) as u64;
    assert_eq!(garbled.spot.map(|spot| spot.offset), Some(offset));
    // An endpoint that adds events of its own does not play scripts: which of them tells the id?
    for events in [
        ["event: hello\ndata: hi\n\n", "data: gr??e-?-?\n\n"],
        ["data: gr??e-?-?\n\n", "event: end\ndata:\n\n"],
    ] {
        let judgement = said(&events);
        assert_eq!(judgement.verdict, Pass);
        assert_eq!(judgement.observed, "a stream, as without the field");
    }
}
