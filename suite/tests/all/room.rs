//! Targets with room for few streams: cases run as many at a time as they bear, and nobody is blamed.

use crate::command::{outcome, pushspec};
use crate::stub::{answer, serve};
use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nf\r\nid: 1\ndata: x\n\n\r\n";

const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

/// Cases that ask for one stream or two, and whether all of them were met.
fn check(port: u16, more: &[&str]) -> String {
    let url = format!("http://127.0.0.1:{port}/");
    let cases = "sse/{resp/{status,content-type,header-at-once},rec/no-id,rec/id-hostile-*,http/parallel-7}";
    let args = ["check", &url, "--case", cases, "-v"];
    let (code, said) = outcome(&pushspec(&[&args, more].concat()));
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains("inconclusive"), "{said}");
    said
}

fn says(said: &str, words: &str) {
    assert!(said.contains(words), "`{words}` is missing from:\n{said}");
}

/// A server that sends away whom it has no room for.
fn with_room_for(limit: usize) -> u16 {
    let open = Arc::new(AtomicUsize::new(0));
    serve(move |stream, _| {
        let before = open.fetch_add(1, Ordering::SeqCst);
        answer(stream, if before < limit { STREAM } else { FULL });
        open.fetch_sub(1, Ordering::SeqCst);
    })
}

#[test]
fn few_streams_are_asked_for_where_there_is_room_for_few() {
    let said = check(with_room_for(3), &[]);
    says(
        &said,
        "streams that were asked for side by side 3 were open together: at most 2 cases ran side by side",
    );
    says(&said, "3 of 7 streams are served, 4 got 503");
}

/// As workers do that serve one request after another.
#[test]
fn who_waits_for_its_turn_has_not_fallen() {
    let turn: Arc<Mutex<()>> = Arc::default();
    let port = serve(move |stream, _| {
        let _turn = turn.lock().unwrap_or_else(|turn| turn.into_inner());
        answer(stream, STREAM);
    });
    let said = check(port, &["--patience", "1"]);
    says(
        &said,
        "streams that were asked for side by side 1 were open together: cases ran one by one",
    );
    says(&said, "1 of 7 streams are served, 6 got no response");
}

/// Whoever asks for one case, or says how many the target bears, is not to find out how many more it would.
#[test]
fn no_more_streams_are_asked_for_than_cases_are_to_run() {
    let one_case = ["--case", "sse/resp/status"];
    let one_by_one = [
        "--case",
        "sse/resp/{status,content-type,bom}",
        "--jobs",
        "1",
    ];
    for more in [&one_case[..], &one_by_one] {
        let most = Arc::new(AtomicUsize::new(0));
        let (open, seen) = (AtomicUsize::new(0), Arc::clone(&most));
        let open = Arc::new(open);
        let port = serve(move |stream, _| {
            let before = open.fetch_add(1, Ordering::SeqCst);
            seen.fetch_max(before + 1, Ordering::SeqCst);
            answer(stream, STREAM);
            open.fetch_sub(1, Ordering::SeqCst);
        });
        let url = format!("http://127.0.0.1:{port}/");
        let (code, said) = outcome(&pushspec(&[&["check", &url], more].concat()));
        assert_eq!(code, 0, "{said}");
        // One that is left is still there for a moment.
        assert!(most.load(Ordering::SeqCst) <= 2, "{said}");
    }
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
