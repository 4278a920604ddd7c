//! Targets that are neither broken nor what the suite needs: none is blamed for what it never promised.

use crate::command::{ends_with, outcome, pushspec};
use crate::stub::{accept, accept_behind, answer, answer_to_frame, echo, serve};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn a_chat_is_no_echo_endpoint() {
    let room: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
    let port = serve(move |stream, _| {
        let everyone = || room.lock().expect("no thread panics");
        let mut stream = {
            // Whoever has the 101 is in the room.
            let mut members = everyone();
            let stream = accept(stream);
            members.push(stream.try_clone().expect("another handle"));
            stream
        };
        while let Some(frame) = answer_to_frame(&mut stream) {
            match frame[0] {
                0x88 => {
                    let _ = stream.write_all(&frame);
                    let _ = stream.shutdown(Shutdown::Both);
                    return;
                }
                0x8a => {
                    let _room = everyone();
                    let _ = stream.write_all(&frame);
                }
                _ => {
                    for member in everyone().iter_mut() {
                        let _ = member.write_all(&frame);
                    }
                }
            }
        }
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/frame/mask-keys-*"],
        3,
        "went to another connection as well, as in a chat",
    );
}

/// Who has the 101 is in the room a little later, and what is said reaches the others later than the one who said it.
#[test]
fn a_slow_chat_is_no_echo_endpoint() {
    const HOP: Duration = Duration::from_millis(5);
    let room: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
    let port = serve(move |stream, _| {
        let mut stream = accept(stream);
        let own = stream.peer_addr().ok();
        std::thread::sleep(HOP);
        let member = stream.try_clone().expect("another handle");
        room.lock().expect("no thread panics").push(member);
        while let Some(frame) = answer_to_frame(&mut stream) {
            let _ = stream.write_all(&frame);
            if frame[0] == 0x88 {
                return;
            }
            if frame[0] == 0x81 {
                std::thread::sleep(HOP);
                for member in room.lock().expect("no thread panics").iter_mut() {
                    if member.peer_addr().ok() != own {
                        let _ = member.write_all(&frame);
                    }
                }
            }
        }
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/frame/mask-keys-*"],
        3,
        "went to another connection as well, as in a chat",
    );
}

#[test]
fn a_greeting_is_no_echo_of_large_traffic() {
    let port = serve(|stream, _| {
        let mut stream = accept(stream);
        // Behind what is read together with the 101.
        std::thread::sleep(Duration::from_millis(5));
        let _ = stream.write_all(b"\x81\x07welcome");
        echo(stream);
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[
            "--include",
            "hardening",
            "--case",
            "ws/perf/rtt-{text-16,binary-64}",
        ],
        0,
        "the gate is met",
    );
}

#[test]
fn whoever_says_good_bye_behind_one_message_is_no_echo_endpoint() {
    let port = serve(|stream, _| {
        let mut stream = accept(stream);
        if let Some(frame) = answer_to_frame(&mut stream) {
            let _ = stream.write_all(&frame);
            let _ = stream.write_all(&[0x88, 2, 0x03, 0xe8]);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/frame/mask-keys-*"],
        3,
        "and then the target ended the conversation",
    );
}

#[test]
fn a_full_target_is_not_blamed() {
    const STREAM: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\ndata: 1\n\n";
    const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    // It never notices that a client has left.
    let port = serve(|stream, number| answer(stream, if number < 1 { STREAM } else { FULL }));
    let accept = ["--case", "sse/resp/accept-none", "--deadline", "1"];
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &accept,
        3,
        "no room for",
    );
}

/// Behind a HEAD it answers nobody for longer than the patience, and then as before.
#[test]
fn a_target_that_was_busy_has_not_fallen() {
    const STREAM: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n";
    let worker: Arc<Mutex<()>> = Arc::default();
    let port = serve(move |mut stream, _| {
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap_or_default();
        let busy = worker.lock().expect("no thread panics");
        let _ = stream.write_all(STREAM);
        if request[..length].starts_with(b"HEAD ") {
            let _ = stream.shutdown(Shutdown::Both);
            std::thread::sleep(Duration::from_millis(450));
        } else {
            drop(busy);
            let _ = stream.write_all(b"data: 1\n\n");
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &["--case", "sse/resp/head"],
        0,
        "the gate is met",
    );
}

#[test]
fn interim_responses_before_the_101_are_no_fall() {
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    let port = serve(move |stream, _| echo(accept_behind(hints, stream)));
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/ctl/ping-text"],
        0,
        "1 pass",
    );
}

#[test]
fn a_slow_server_is_not_silent() {
    let port = serve(|stream, _| {
        let mut stream = accept(stream);
        while let Some(frame) = answer_to_frame(&mut stream) {
            // Ten of these are more than the patience, even the patience for this target.
            std::thread::sleep(Duration::from_millis(100));
            if stream.write_all(&frame).is_err() || frame[0] == 0x88 {
                return;
            }
        }
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[
            "--case",
            "ws/ctl/ping-burst-10-whole",
            "--case",
            "ws/frame/back-to-back",
        ],
        0,
        "the gate is met",
    );
}

#[test]
fn a_target_that_wakes_late_is_not_mute() {
    // Mute to the probe and the first cases.
    let port = serve(|stream, number| match number {
        0..6 => drop(accept(stream).read_to_end(&mut Vec::new())),
        6.. => echo(accept(stream)),
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[
            "--case",
            "ws/ctl/ping-{empty,text,binary,latency}",
            "--jobs",
            "1",
        ],
        0,
        "all cases ran again, with full patience",
    );
}

/// One that answers no handshake is given little time, and all of it again once it wakes.
#[test]
fn a_target_that_shakes_hands_late_is_not_mute() {
    let port = serve(|stream, number| match number {
        0..2 => answer(stream, b""),
        2.. => echo(accept(stream)),
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[
            "--case",
            "ws/hs/minimal",
            "--case",
            "ws/ctl/ping-text",
            "--jobs",
            "1",
        ],
        0,
        "all cases ran again, with full patience",
    );
}

#[test]
fn a_flood_of_small_frames_is_no_silence_and_is_read_in_part() {
    let port = serve(|stream, _| {
        let mut stream = accept(stream);
        let frames = [0x81, 0].repeat(4096);
        while stream.write_all(&frames).is_ok() {}
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/ctl/ping-text"],
        3,
        "the target sent more than the case reads",
    );
}

/// A server that plays the first message of a script, or sends the event "1"; what it makes of the event.
fn plays(content: fn(String) -> String) -> String {
    let port = serve(move |mut stream, _| {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head);
        let asked = head.split_once("%22data%22%3A%22");
        let text = asked.and_then(|(_, rest)| rest.split_once("%22"));
        let event = format!("data: {}\n\n", text.map_or("1", |(text, _)| text));
        let chunks: String = content(event)
            .chars()
            .map(|byte| format!("1\r\n{byte}\r\n"))
            .collect();
        let fields = "Content-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked";
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\n{fields}\r\n\r\n{chunks}0\r\n\r\n"
        );
        let _ = stream.read_to_end(&mut Vec::new());
    });
    format!("http://127.0.0.1:{port}/")
}

/// Chunks may cut the content anywhere, so what a script asked for need not stand on the wire in one piece.
#[test]
fn a_script_is_played_in_chunks_of_a_byte() {
    let url = plays(|event| event);
    ends_with(
        &url,
        &["--script", &url, "--case", "sse/resp/status"],
        0,
        "1 pass",
    );
}

/// No case could tell them from what a value forged: that is said once, and not sixty times.
#[test]
fn a_script_endpoint_that_sends_events_of_its_own_plays_no_scripts() {
    for own in [
        |event| format!("event: connected\ndata: hello\n\n{event}"),
        |event| format!("{event}event: connected\ndata: hello\n\n"),
    ] {
        let url = plays(own);
        let case = ["--case", "sse/enc/*"];
        let told = "sends events of its own beside those of the script, such as `connected` with \"hello\"";
        ends_with(&url, &[&["--script", &url], &case[..]].concat(), 1, told);
    }
}

/// Whoever names an endpoint wants it to be asked: a run that skips all of it is not green.
#[test]
fn a_script_endpoint_that_plays_nothing_is_missed() {
    let url = plays(|event| event);
    let port = serve(|mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let script = format!("http://127.0.0.1:{port}/");
    let case = ["--case", "sse/resp/status"];
    let told = "required, but not offered by the target: script";
    ends_with(&url, &[&["--script", &script], &case[..]].concat(), 1, told);
}

/// What only one protocol has is asked of the targets that speak it.
#[test]
fn a_need_is_required_where_it_fits() {
    let streams = plays(|event| event);
    let quiet = serve(|stream, _| answer(accept(stream), b""));
    let echoes = serve(|stream, _| echo(accept(stream)));
    for (port, status, told) in [
        (echoes, 0, "the gate is met"),
        (quiet, 1, "required, but not offered by the target: echo"),
    ] {
        let url = format!("ws://127.0.0.1:{port}/");
        let cases = ["--case", "ws/hs/minimal", "--case", "sse/resp/status"];
        let required = ["--require", "echo,open,sse"];
        ends_with(
            &url,
            &[&[&*streams], &required[..], &cases[..]].concat(),
            status,
            told,
        );
    }
}

/// What comes before the answer to a command is none.
#[test]
fn an_endpoint_that_greets_may_obey_commands() {
    let port = serve(|stream, _| {
        let mut stream = accept(stream);
        let _ = stream.write_all(b"\x81\x07welcome");
        while let Some(frame) = answer_to_frame(&mut stream) {
            let answer = match &frame[2..] {
                b"send:1:8:text:1" => b"\x81\x08pushspec".to_vec(),
                b"close:1001:closed on command" => b"\x88\x13\x03\xe9closed on command".to_vec(),
                _ if frame[0] == 0x88 => break,
                _ => frame,
            };
            let _ = stream.write_all(&answer);
        }
        let _ = stream.shutdown(Shutdown::Write);
    });
    let url = format!("ws://127.0.0.1:{port}/");
    ends_with(
        &url,
        &[
            "--command",
            &url,
            "--case",
            "ws/close/server-initiated",
            "--verbose",
        ],
        0,
        "Close 1001 \"closed on command\", then TCP FIN",
    );
}

/// Nothing is wrong with what was asked: it is taken the second time.
#[test]
fn a_server_that_stumbles_now_and_then_is_no_server_that_refuses() {
    let empty_lines: Arc<Mutex<usize>> = Arc::default();
    let port = serve(move |stream, _| {
        let mut first = [0];
        let _ = stream.peek(&mut first);
        let mut count = empty_lines.lock().expect("no thread panics");
        *count += usize::from(first == *b"\r");
        let stumbles = first == *b"\r" && *count % 2 == 1;
        drop(count);
        match stumbles {
            true => answer(stream, b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
            false => echo(accept(stream)),
        }
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/hs/leading-crlf"],
        3,
        "answered by 500 Oops, and by 101 when byte for byte the same came a second time",
    );
}

const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nf\r\nid: 1\ndata: x\n\n\r\n";

/// A client has one stream: the one that it opened last. What becomes of cases does not hang on how many run together.
#[test]
fn where_the_newest_stream_ends_the_older_cases_run_one_by_one() {
    let newest: Arc<Mutex<Option<TcpStream>>> = Arc::default();
    let port = serve(move |stream, _| {
        let handle = stream.try_clone().expect("another handle");
        let older = newest.lock().expect("no thread panics").replace(handle);
        if let Some(mut older) = older {
            let _ = older.write_all(b"0\r\n\r\n");
            let _ = older.shutdown(Shutdown::Both);
        }
        answer(stream, STREAM);
    });
    let url = format!("http://127.0.0.1:{port}/");
    let case = ["--case", "sse/{resp/finite,rec/id-hostile-*}", "-v"];
    let (code, said) = outcome(&pushspec(&[&["check", &url][..], &case].concat()));
    assert_eq!(code, 0, "{said}");
    for words in ["the stream is open after 1 s", "cases ran one by one"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!said.contains("ends at once"), "{said}");
}

/// How long an application is silent says nothing of how long its server takes.
#[test]
fn a_head_that_waits_for_the_first_event_is_told_as_that() {
    let port = serve(|stream, _| {
        std::thread::sleep(Duration::from_millis(700));
        answer(stream, STREAM);
    });
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &["--case", "sse/resp/status"],
        0,
        "the head of the stream came only with its first content, after ",
    );
}

/// A server that says how long a field may be is not asked what fells it.
#[test]
fn what_is_refused_is_not_compared_with_a_word() {
    let (heard, said) = std::sync::mpsc::channel();
    let port = serve(move |mut stream, _| {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
            head.push(byte[0]);
        }
        let _ = stream.write_all(match head.len() > 8192 {
            true => b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n",
            false => STREAM,
        });
        let _ = heard.send(String::from_utf8_lossy(&head).into_owned());
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let case = ["--case", "sse/rec/id-unknown-long", "-v"];
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &case,
        0,
        "answered by 431 Request Header Fields Too Large",
    );
    let asked: Vec<String> = said.try_iter().collect();
    assert!(asked.iter().any(|head| head.len() > 8192));
    assert!(!asked.iter().any(|head| head.contains("not-a-number")));
}
