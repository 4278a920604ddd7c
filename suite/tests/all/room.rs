//! Targets with room for few streams: cases run as many at a time as they bear, and nobody is blamed.

use crate::command::{outcome, pushspec};
use crate::stub::{answer, head_of, serve};
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
    // How long it took the server to notice that they left, may stand between these two.
    says(
        &said,
        "streams that were asked for side by side 3 were open together",
    );
    says(&said, ": at most 2 cases ran side by side");
    says(&said, "3 of 7 streams are served, 4 got 503");
}

/// Some say so by hanging up (RFC 9110 section 15.6.4 lets them): that is no fall, and no answer to what was asked.
#[test]
fn who_hangs_up_for_want_of_room_is_not_blamed() {
    let open = Arc::new(AtomicUsize::new(0));
    let port = serve(move |stream, _| {
        if open.fetch_add(1, Ordering::SeqCst) < 3 {
            answer(stream, STREAM);
        } else {
            head_of(&mut { stream });
        }
        // It takes a moment to notice that a client left.
        std::thread::sleep(Duration::from_millis(50));
        open.fetch_sub(1, Ordering::SeqCst);
    });
    let said = check(port, &[]);
    says(&said, "3 were open together");
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
        "streams that were asked for side by side 1 were open together",
    );
    says(&said, ": cases ran one by one");
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

/// A server that counts clients and never notices that one left: what it never gave is not told as given.
#[test]
fn room_that_does_not_come_again_is_not_told() {
    let served = Arc::new(AtomicUsize::new(0));
    let port = serve(move |stream, _| {
        let before = served.fetch_add(1, Ordering::SeqCst);
        answer(stream, if before < 3 { STREAM } else { FULL });
    });
    let url = format!("http://127.0.0.1:{port}/");
    let cases = "sse/resp/{status,content-type,finite}";
    let args = [
        "check",
        &url,
        "--case",
        cases,
        "--patience",
        "0.3",
        "--deadline",
        "1",
        "-v",
    ];
    let (_, said) = outcome(&pushspec(&args));
    says(&said, "3 were open together");
    says(&said, "after they were left there was no room again");
    assert!(!said.contains("there was room again"), "{said}");
}
