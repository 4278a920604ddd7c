//! A refusal that an ordinary request meets as well is not held against what was asked.

use crate::command::{outcome, pushspec};
use crate::stub::{head_of, respond, serve};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nid: 1\ndata: x\n\n";

const FAILS: &[u8] = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

const TOO_MANY: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What a case comes to where its request fails, by which it is known, and so many behind it.
fn verdict(case: &str, known_by: &'static str, failing: usize) -> String {
    let left = Arc::new(AtomicUsize::new(0));
    let port = serve(move |mut stream, _| {
        let is_it = head_of(&mut stream).contains(known_by);
        if is_it {
            left.store(1 + failing, Ordering::SeqCst);
        }
        let fails = left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        respond(stream, if fails { FAILS } else { STREAM });
    });
    let url = format!("http://127.0.0.1:{port}/");
    let (_, said) = outcome(&pushspec(&["check", &url, "--case", case, "-v"]));
    let verdicts = ["fail", "warn", "inconclusive", "info", "pass"];
    let found = verdicts
        .iter()
        .find(|verdict| said.contains(&format!("{verdict}  {case}  ")));
    found.map_or(said.clone(), |verdict| (*verdict).to_owned())
}

#[test]
fn who_is_refused_as_others_are_is_not_blamed() {
    for (case, known_by, blamed, otherwise) in [
        ("sse/resp/head", "HEAD / ", "warn", "inconclusive"),
        ("sse/http/http10", " HTTP/1.0\r\n", "warn", "inconclusive"),
        ("sse/cors/acao-null", "Origin: null\r\n", "warn", "info"),
        (
            "sse/rec/id-hostile-null",
            "Last-Event-ID: null\r\n",
            "fail",
            "inconclusive",
        ),
    ] {
        assert_eq!(verdict(case, known_by, 0), blamed, "{case}");
        assert_eq!(verdict(case, known_by, 1), otherwise, "{case}");
    }
}

/// 429 speaks of how many ask: nothing is concluded from it where no other request tells more.
#[test]
fn who_is_sent_away_for_now_is_not_blamed() {
    let port = serve(|mut stream, _| {
        let head = head_of(&mut stream).to_lowercase();
        let comes_back = head.contains("last-event-id: 1\r\n");
        respond(stream, if comes_back { TOO_MANY } else { STREAM });
    });
    let url = format!("http://127.0.0.1:{port}/");
    let args = ["check", &url, "--case", "sse/everyday/cookies", "-v"];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("that speaks of how many ask at the time"),
        "{said}"
    );
}

/// Who answers nobody for longer than is waited answers all of them then, what was asked first as well.
#[test]
fn who_stalls_is_not_blamed_for_what_was_asked_meanwhile() {
    let later: Arc<(Mutex<bool>, Condvar)> = Arc::default();
    let port = serve(move |mut stream, _| {
        let head = head_of(&mut stream);
        let (asked, told) = &*later;
        let mut asked = asked.lock().expect("no thread panics");
        if head.contains("Host:127.0.0.1") {
            *asked = false;
            drop(told.wait_while(asked, |asked| !*asked));
        } else {
            *asked = true;
            told.notify_all();
            drop(asked);
        }
        respond(stream, STREAM);
    });
    let url = format!("http://127.0.0.1:{port}/");
    let case = "sse/resp/fields-without-blanks";
    let args = ["check", &url, "--case", case, "--patience", "0.5", "-v"];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 pass"), "{said}");
}
