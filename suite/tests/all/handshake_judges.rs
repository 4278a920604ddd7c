//! The judges of `ws/hs` and `ws/hs-neg`, on hand-made transcripts: what no peer of the fixtures does, and where it
//! takes two connections to tell.

use pushspec::judgement::Judgement;
use pushspec::transcript::{Connection, End, Event, Transcript, What};
use pushspec::{Profile, Protocol, Reading, cases};
use pushspec_parser::http::accept_value;
use pushspec_reports::Verdict;
use std::time::Duration;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What happened on a connection: each line of `said` is sent (`>`) or received (`<`).
fn connection(label: &'static str, said: &[(char, &[u8])], end: Option<End>) -> Connection {
    let spoken = said.iter().map(|(direction, bytes)| match direction {
        '>' => What::Sent(bytes.to_vec().into()),
        _ => What::Received(bytes.to_vec().into()),
    });
    let all = std::iter::once(What::Connected)
        .chain(spoken)
        .chain(end.map(What::Ended));
    let events = all.map(|what| Event {
        at: Duration::ZERO,
        what,
    });
    Connection {
        label,
        events: events.collect(),
    }
}

fn request(more: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: peer.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n")
        .into_bytes()
}

fn switch(key: &str) -> Vec<u8> {
    let accept = accept_value(key.as_bytes());
    format!("HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n")
        .into_bytes()
}

/// A handshake with these fields more, and this answer.
fn asked(label: &'static str, more: &str, answer: &[u8]) -> Connection {
    connection(label, &[('>', &request(more)), ('<', answer)], None)
}

/// One that ended, or never did.
fn unanswered(label: &'static str, end: Option<End>) -> Connection {
    connection(label, &[('>', &request(""))], end)
}

fn status(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

fn judge_by(profile: Profile, case: &str, connections: Vec<Connection>) -> Judgement {
    let catalogue = cases::catalogue(Protocol::WebSocket);
    let case = catalogue.iter().find(|known| known.id == case);
    let reading = Reading {
        profile,
        ..Reading::default()
    };
    let transcript = Transcript { connections };
    case.expect("a case of the catalogue")
        .experiment
        .judge(&transcript, &reading)
}

fn judge(case: &str, connections: Vec<Connection>) -> Judgement {
    judge_by(Profile::Standard, case, connections)
}

#[test]
fn a_switch_to_what_the_client_listed_is_http() {
    let h2c = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n";
    let accept = accept_value(KEY.as_bytes());
    let rows: [(&str, String, Verdict); 4] = [
        ("h2c", format!("{h2c}\r\n"), Verdict::Info),
        ("foo/1", format!("{h2c}\r\n"), Verdict::Fail),
        (
            "h2c",
            format!("{h2c}Sec-WebSocket-Accept: {accept}\r\n\r\n"),
            Verdict::Fail,
        ),
        (
            "h2c",
            String::from_utf8(switch(KEY)).expect("text"),
            Verdict::Fail,
        ),
    ];
    for (listed, answer, expected) in rows {
        let request = String::from_utf8(request("")).expect("text");
        let request = request.replace("websocket", listed);
        let said = [('>', request.as_bytes()), ('<', answer.as_bytes())];
        let fault = connection("fault", &said, None);
        let judged = judge("ws/hs-neg/upgrade-other-h2c", vec![fault]);
        assert_eq!(judged.verdict, expected, "{listed}: {}", judged.observed);
    }
}

#[test]
fn a_refusal_counts_only_beside_an_accepted_twin() {
    let case = "ws/hs/upgrade-case-upper";
    let refused = || asked("varied", "", &status("400 Bad Request"));
    let judged = judge(case, vec![refused(), asked("twin", "", &switch(KEY))]);
    assert_eq!(judged.verdict, Verdict::Fail);
    assert!(judged.confirm_alone);
    for twin in [
        asked("twin", "", &status("503 Busy")),
        unanswered("twin", Some(End::Reset)),
        unanswered("twin", None),
    ] {
        let judged = judge(case, vec![refused(), twin]);
        assert_eq!(judged.verdict, Verdict::Inconclusive);
        assert!(judged.confirm_alone);
    }
    let silent = unanswered("varied", None);
    let judged = judge(case, vec![silent, asked("twin", "", &switch(KEY))]);
    assert_eq!(judged.verdict, Verdict::Fail);
    assert!(judged.rests_on_silence && judged.confirm_alone);
}

#[test]
fn of_a_refusal_by_accident_only_what_is_repeated_counts() {
    let oops = || status("500 Oops");
    let rows: [(&str, &str, Vec<u8>, Verdict); 7] = [
        ("ws/hs/tcp-chop-odd", "varied", oops(), Verdict::Fail),
        (
            "ws/hs/tcp-chop-odd",
            "varied",
            switch(KEY),
            Verdict::Inconclusive,
        ),
        ("ws/hs/leading-crlf", "varied", oops(), Verdict::Warn),
        (
            "ws/hs/leading-crlf",
            "varied",
            switch(KEY),
            Verdict::Inconclusive,
        ),
        ("ws/hs-neg/no-key", "fault", oops(), Verdict::Warn),
        (
            "ws/hs-neg/no-key",
            "fault",
            status("400 Bad Request"),
            Verdict::Pass,
        ),
        (
            "ws/ext/quoted-value-blank",
            "asking",
            status("400 Bad Request"),
            Verdict::Pass,
        ),
    ];
    for (case, label, second, expected) in rows {
        let connections = vec![
            asked(label, "", &oops()),
            asked("twin", "", &switch(KEY)),
            asked("again", "", &second),
        ];
        let judged = judge(case, connections);
        assert_eq!(judged.verdict, expected, "{case}: {}", judged.observed);
        assert!(expected == Verdict::Pass || judged.confirm_alone);
    }
}

#[test]
fn a_flaw_of_every_101_is_no_flaw_of_the_variation() {
    let case = "ws/hs/field-name-case-lower";
    let wrong = || switch("another key");
    let judged = judge(
        case,
        vec![
            asked("varied", "", &wrong()),
            asked("twin", "", &switch(KEY)),
        ],
    );
    assert_eq!(judged.verdict, Verdict::Fail);
    let judged = judge(
        case,
        vec![asked("varied", "", &wrong()), asked("twin", "", &wrong())],
    );
    assert_eq!(judged.verdict, Verdict::Pass);
    let judged = judge(
        case,
        vec![asked("varied", "", &wrong()), unanswered("twin", None)],
    );
    assert_eq!(judged.verdict, Verdict::Inconclusive);
}

#[test]
fn the_bare_handshake_is_measured_by_what_was_declared() {
    let case = "ws/hs/minimal";
    let declared = || asked("twin", "Origin: http://peer.test\r\n", &switch(KEY));
    let rows: [(Connection, Verdict); 5] = [
        (asked("bare", "", &status("403 Forbidden")), Verdict::Info),
        (asked("bare", "", &status("500 Oops")), Verdict::Fail),
        (unanswered("bare", Some(End::Fin)), Verdict::Warn),
        (unanswered("bare", None), Verdict::Fail),
        (asked("bare", "", &switch(KEY)), Verdict::Pass),
    ];
    for (bare, expected) in rows {
        assert_eq!(judge(case, vec![bare, declared()]).verdict, expected);
    }
    // Nothing was declared: the two handshakes are the same.
    let refused = asked("bare", "", &status("403 Forbidden"));
    let same = asked("twin", "", &switch(KEY));
    assert_eq!(
        judge(case, vec![refused.clone(), same]).verdict,
        Verdict::Inconclusive
    );
    let neither = asked("twin", "", &status("403 Forbidden"));
    assert_eq!(
        judge(case, vec![refused, neither]).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn an_acceptance_without_101_is_told_from_a_page() {
    let disguised = String::from_utf8(switch(KEY)).expect("text");
    for status_line in ["HTTP/1.1 200 OK", "WebSocket 101"] {
        let answer = disguised.replace("HTTP/1.1 101 ", status_line);
        let judged = judge("ws/hs/minimal", vec![asked("bare", "", answer.as_bytes())]);
        assert_eq!(judged.verdict, Verdict::Fail, "{status_line}");
    }
    let page = asked("bare", "", b"220 mail.test ESMTP\r\n");
    assert_eq!(
        judge("ws/hs/minimal", vec![page]).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn a_crowd_may_be_refused_but_not_mixed_up() {
    let case = "ws/hs/second-connection";
    let twin = || asked("twin", "", &switch(KEY));
    let right = asked("crowd 1", "", &switch(KEY));
    let judged = judge(case, vec![right.clone(), twin()]);
    assert_eq!(judged.verdict, Verdict::Info);
    let mixed_up = asked("crowd 2", "", &switch("the key of crowd 1"));
    let judged = judge(case, vec![right, mixed_up, twin()]);
    assert_eq!(judged.verdict, Verdict::Fail);
}

#[test]
fn a_kept_connection_stays_in_step() {
    let case = "ws/hs/reused-connection";
    let get = b"GET / HTTP/1.1\r\nHost: peer.test\r\n\r\n";
    let page = status("200 OK");
    let reused = |answer: &[u8]| {
        let handshake = request("");
        let said: [(char, &[u8]); 4] = [('>', get), ('<', &page), ('>', &handshake), ('<', answer)];
        connection("reused", &said, None)
    };
    let twice = [page.clone(), switch(KEY)].concat();
    let rows: [(&[u8], Verdict); 6] = [
        (&switch(KEY), Verdict::Pass),
        (&switch("another key"), Verdict::Fail),
        (&status("400 Bad Request"), Verdict::Info),
        (&twice, Verdict::Fail),
        (b"left over", Verdict::Fail),
        (b"", Verdict::Warn),
    ];
    for (answer, expected) in rows {
        let twin = asked("twin", "", &switch(KEY));
        let judged = judge(case, vec![reused(answer), twin]);
        assert_eq!(judged.verdict, expected, "{}", judged.observed);
    }
}

#[test]
fn what_answers_a_fault() {
    let twin = || asked("twin", "", &switch(KEY));
    let no_allow = status("405 Method Not Allowed");
    let listed =
        b"HTTP/1.1 400 No\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Version: 7, 13\r\n\r\n";
    let rows: [(&str, &[u8], Verdict); 17] = [
        ("method-post", b"HTTP/1.1 200 OK\r\n\r\n", Verdict::Pass),
        ("method-post", b"HTTP/1.1 501 What\r\n\r\n", Verdict::Pass),
        ("method-post", b"HTTP/1.1 500 Oops\r\n\r\n", Verdict::Warn),
        ("method-post", &no_allow, Verdict::Warn),
        ("http10", &no_allow, Verdict::Pass),
        ("no-host", b"HTTP/1.1 400 No\r\n\r\n", Verdict::Pass),
        ("no-host", b"HTTP/1.1 404 No\r\n\r\n", Verdict::Warn),
        ("no-key", b"HTTP/1.1 404 No\r\n\r\n", Verdict::Pass),
        ("no-key", b"HTTP/1.1 200 OK\r\n\r\n", Verdict::Warn),
        ("no-key", b"bad request\r\n", Verdict::Warn),
        ("no-key", b"", Verdict::Fail),
        ("key-len-8", b"", Verdict::Warn),
        ("no-upgrade", b"HTTP/1.1 426 No\r\n\r\n", Verdict::Fail),
        (
            "version-unsupported-25",
            b"HTTP/1.1 400 No\r\n\r\n",
            Verdict::Fail,
        ),
        ("version-unsupported-25", listed, Verdict::Pass),
        ("http-other-9-9", b"HTTP/1.1 505 No\r\n\r\n", Verdict::Info),
        ("obs-fold", b"HTTP/1.1 101 \r\n\r\n", Verdict::Pass),
    ];
    for (id, answer, expected) in rows {
        let judged = judge(
            &format!("ws/hs-neg/{id}"),
            vec![asked("fault", "", answer), twin()],
        );
        assert_eq!(judged.verdict, expected, "{id}: {}", judged.observed);
    }
    // While nobody is accepted, nothing is refused for its fault.
    let busy = status("503 Busy");
    let both = vec![asked("fault", "", &busy), asked("twin", "", &busy)];
    assert_eq!(
        judge("ws/hs-neg/no-key", both).verdict,
        Verdict::Inconclusive
    );
    let alone = vec![asked("fault", "", &status("429 Slow down")), twin()];
    assert!(judge("ws/hs-neg/no-key", alone).confirm_alone);
}

#[test]
fn a_malformed_key_fails_where_it_is_read_strictly() {
    let accepted = || vec![asked("fault", "", &switch(KEY))];
    for (profile, expected) in [
        (Profile::Standard, Verdict::Warn),
        (Profile::Strict, Verdict::Fail),
    ] {
        let judged = judge_by(profile, "ws/hs-neg/key-len-8", accepted());
        assert_eq!(judged.verdict, expected);
    }
}

#[test]
fn garbage_may_be_answered_in_its_own_protocol() {
    let alert: &[u8] = b"\x15\x03\x03\0\x02\x02\x28";
    let settings: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
    let rows: [(&str, &[u8], Verdict); 5] = [
        ("garbage-tls-hello", alert, Verdict::Pass),
        ("garbage-h2-preface", settings, Verdict::Pass),
        ("garbage-h2-preface", alert, Verdict::Warn),
        ("garbage-random", alert, Verdict::Warn),
        ("garbage-random", b"HTTP/1.1 200 OK\r\n\r\n", Verdict::Warn),
    ];
    for (id, answer, expected) in rows {
        let fault = connection("fault", &[('>', b"?"), ('<', answer)], None);
        let twin = asked("twin", "", &switch(KEY));
        let judged = judge(&format!("ws/hs-neg/{id}"), vec![fault, twin]);
        assert_eq!(judged.verdict, expected, "{id}: {}", judged.observed);
    }
}

#[test]
fn a_refusal_for_want_of_room_says_nothing() {
    let busy = || status("503 Service Unavailable");
    let limited = || status("429 Too Many Requests");
    for (case, label) in [
        ("ws/ext/malformed-comma", "asking"),
        ("ws/pmd-neg/quoted", "offer"),
        ("ws/hs/body-with-handshake-chunked", "body"),
        ("ws/hs-neg/plain-get", "fault"),
    ] {
        let judged = judge(
            case,
            vec![
                asked(label, "", &limited()),
                asked("twin", "", &switch(KEY)),
            ],
        );
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{case}: {judged:?}");
        assert!(judged.confirm_alone);
    }
    let twin = || asked("twin", "", &switch(KEY));
    for answer in [busy(), limited()] {
        let varied = asked("varied", "", &answer);
        let judged = judge("ws/hs/upgrade-case-upper", vec![varied, twin()]);
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{judged:?}");
    }
    for case in ["ws/hs-neg/version-unsupported-14", "ws/hs-neg/no-host"] {
        let fault = asked("fault", "", &limited());
        let judged = judge(case, vec![fault, twin()]);
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{judged:?}");
    }
}

/// As PyPI `websockets` does: the pong overtakes the refusal.
#[test]
fn a_pong_in_front_of_a_refusal_is_seen() {
    let pong = b"\x8a\x15ping behind a refusalHTTP/1.1 400 Bad Request\r\n\r\n";
    let fault = asked("fault", "", pong);
    let judged = judge("ws/hs-neg/refused-then-frames", vec![fault]);
    assert_eq!(judged.verdict, Verdict::Warn);
    assert_eq!(judged.spot.map(|spot| spot.offset), Some(2));
}

#[test]
fn a_100_behind_a_101_is_seen() {
    let late = [switch(KEY), b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()].concat();
    let judged = judge("ws/hs/expect-100", vec![asked("expect", "", &late)]);
    assert_eq!(judged.verdict, Verdict::Fail);
    let first = [b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), switch(KEY)].concat();
    let judged = judge("ws/hs/expect-100", vec![asked("expect", "", &first)]);
    assert_eq!(judged.verdict, Verdict::Info);
    assert_eq!(judged.observed, "answered by 100, then 101");
}
