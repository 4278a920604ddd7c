//! Streams that are watched: one connection tells all there is to tell of it, and what is in doubt is settled meanwhile.

use crate::command::{outcome, pushspec};
use crate::stub::{answer, head_of, serve};
use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nf\r\nid: 1\ndata: x\n\n\r\n";

fn says(said: &str, words: &str) {
    assert!(said.contains(words), "`{words}` is missing from:\n{said}");
}

/// How long the stream is silent, whether it ends, and what passive checks say of it, is all told by one connection; and the
/// user is told beforehand how long that takes.
#[test]
fn the_stream_is_watched_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let port = serve(move |stream, _| {
        count.fetch_add(1, Ordering::SeqCst);
        answer(stream, STREAM);
    });
    let url = format!("http://127.0.0.1:{port}/");
    let cases = "sse/{time/keepalive,time/lifetime,passive/*,compat/*}";
    let (code, said) = outcome(&pushspec(&[
        "check",
        &url,
        "--case",
        cases,
        "--observe",
        "1",
        "--jobs",
        "1",
        "-v",
    ]));
    assert_eq!(code, 0, "{said}");
    says(&said, "the stream is open after 1 s");
    says(&said, "not a byte came in the last 1 of 1 s");
    says(&said, &format!("pushspec: watching {url} takes up to "));
    // The probe, the watch, and a last look at the target.
    assert_eq!(asked.load(Ordering::SeqCst), 3, "{said}");
}

/// The last chunk may come long behind the last content.
#[test]
fn a_stream_lasts_until_its_end() {
    let port = serve(|mut stream, _| {
        let greeting = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nd\r\nretry: 1000\n\n\r\n";
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(greeting);
        std::thread::sleep(Duration::from_secs(1));
        let _ = stream.write_all(b"0\r\n\r\n");
        let _ = stream.read(&mut [0; 4096]);
    });
    let url = format!("http://127.0.0.1:{port}/");
    let args = ["check", &url, "--case", "sse/time/lifetime", "-v"];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 0, "{said}");
    says(&said, "the stream is ended after 1.");
}

/// What has to be seen again is seen while the stream is watched, and once: a run takes no longer for it.
#[test]
fn doubts_are_settled_beside_the_watch() {
    let refused: Arc<Mutex<Vec<usize>>> = Arc::default();
    let (open, seen) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&refused));
    let port = serve(move |mut stream, _| {
        let others = open.fetch_add(1, Ordering::SeqCst);
        let negative = head_of(&mut stream).contains("Last-Event-ID: -1\r\n");
        if negative {
            seen.lock()
                .unwrap_or_else(|seen| seen.into_inner())
                .push(others);
        }
        let _ = stream.write_all(match negative {
            true => b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
            false => STREAM,
        });
        let _ = stream.read_to_end(&mut Vec::new());
        open.fetch_sub(1, Ordering::SeqCst);
    });
    let url = format!("http://127.0.0.1:{port}/");
    let cases = "sse/{time/keepalive,rec/id-hostile-negative}";
    let args = ["check", &url, "--case", cases, "--observe", "2", "-v"];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 1, "{said}");
    says(&said, "sse/rec/id-hostile-negative");
    let refused = refused
        .lock()
        .unwrap_or_else(|refused| refused.into_inner());
    assert_eq!(refused.len(), 2, "{said}");
    // The stream that is watched was open the second time, too.
    assert!(refused[1] > 0, "{said}");
    assert!(!said.contains("takes longer"), "{said}");
}

/// Who comes to refuse everybody for a while is not blamed for what was asked meanwhile.
#[test]
fn doubts_wait_for_a_target_that_refuses_everybody() {
    let (open, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let port = serve(move |mut stream, _| {
        open.fetch_add(1, Ordering::SeqCst);
        let is_head = head_of(&mut stream).starts_with("HEAD ");
        let before = heads.fetch_add(usize::from(is_head), Ordering::SeqCst);
        let refuses = match before + usize::from(is_head) {
            0 | 1 => is_head,
            _ => {
                // Who left is seen to have left a moment later.
                std::thread::sleep(Duration::from_millis(100));
                open.load(Ordering::SeqCst) > 1
            }
        };
        let _ = stream.write_all(match (refuses, is_head) {
            (true, _) => b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
            (false, true) => {
                b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n"
            }
            (false, false) => STREAM,
        });
        let _ = stream.read_to_end(&mut Vec::new());
        open.fetch_sub(1, Ordering::SeqCst);
    });
    let url = format!("http://127.0.0.1:{port}/");
    let cases = "sse/{time/keepalive,resp/head}";
    let args = [
        "check",
        &url,
        "--case",
        cases,
        "--observe",
        "2",
        "--patience",
        "0.5",
        "-v",
    ];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 0, "{said}");
    says(&said, "1 pass");
}

/// A target that answers nobody for a while is not blamed for what was asked meanwhile: it answers that, too, when it answers.
#[test]
fn a_stall_is_outwaited() {
    let stalls_until: Arc<Mutex<Option<Instant>>> = Arc::default();
    let port = serve(move |mut stream, _| {
        let head = head_of(&mut stream);
        let until = {
            let mut until = stalls_until
                .lock()
                .unwrap_or_else(|until| until.into_inner());
            if head.contains("Last-Event-ID: -1\r\n") && until.is_none() {
                *until = Some(Instant::now() + Duration::from_millis(1200));
            }
            *until
        };
        if let Some(until) = until {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        let _ = stream.write_all(STREAM);
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let url = format!("http://127.0.0.1:{port}/");
    let case = "sse/rec/id-hostile-negative";
    let args = ["check", &url, "--case", case, "--patience", "0.8", "-v"];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 0, "{said}");
    says(&said, "1 pass");
}

/// A target that is full for a while may leave one without an answer for ever: it is asked again, and none is blamed.
#[test]
fn who_got_no_answer_asks_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let port = serve(move |mut stream, _| {
        let negative = head_of(&mut stream).contains("Last-Event-ID: -1\r\n");
        let before = count.fetch_add(usize::from(negative), Ordering::SeqCst);
        if !negative || before > 0 {
            let _ = stream.write_all(STREAM);
        }
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let url = format!("http://127.0.0.1:{port}/");
    let case = "sse/rec/id-hostile-negative";
    let args = ["check", &url, "--case", case, "--patience", "0.5", "-v"];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 0, "{said}");
    says(&said, "1 pass");
    assert_eq!(asked.load(Ordering::SeqCst), 2, "{said}");
}

/// A target that comes to answer everybody by an error does so behind any case: none of them is named for it.
#[test]
fn who_refuses_everybody_is_not_said_to_have_fallen() {
    let served = Arc::new(AtomicUsize::new(0));
    let port = serve(move |mut stream, _| {
        head_of(&mut stream);
        let _ = stream.write_all(match served.fetch_add(1, Ordering::SeqCst) {
            0..3 => STREAM,
            _ => b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        });
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let url = format!("http://127.0.0.1:{port}/");
    let cases = "sse/{resp/head,everyday/cookies,resp/accept-any}";
    for jobs in ["1", "4"] {
        let args = [
            "check",
            &url,
            "--case",
            cases,
            "--jobs",
            jobs,
            "--patience",
            "0.3",
            "-v",
        ];
        let (_, said) = outcome(&pushspec(&args));
        says(&said, "answer");
        assert!(!said.contains("did not answer another client"), "{said}");
        assert!(!said.contains("went away"), "{said}");
        assert!(!said.contains("fail "), "{said}");
    }
}
