//! Bad situations: each ends by itself, with the designed exit status and one line that says what to do.

use crate::tls;
use rustls::{ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Listens on a free port and lets `behaviour` have each connection and its number; ends with the process.
fn serve(behaviour: impl Fn(TcpStream, usize) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let number = count.fetch_add(1, Ordering::Relaxed);
            let behaviour = behaviour.clone();
            std::thread::spawn(move || behaviour(stream, number));
        }
    });
    port
}

/// Reads a request head, answers with `response`, and leaves the connection open until the client closes it.
fn answer(mut stream: TcpStream, response: &[u8]) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    let _ = stream.write_all(response);
    let _ = stream.read_to_end(&mut Vec::new());
}

/// The 101 that the request in `head` asks for.
fn accept(stream: TcpStream) -> TcpStream {
    accept_behind("", stream)
}

/// The same behind interim responses.
fn accept_behind(interim: &str, mut stream: TcpStream) -> TcpStream {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head);
    let key = text
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        .unwrap_or_default();
    let accept = pushspec_parser::http::accept_value(key.as_bytes());
    let response = format!(
        "{interim}HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let _ = stream.write_all(response.as_bytes());
    stream
}

/// Echoes frames of up to 125 bytes, whatever they are, without judging them: a server that speaks just enough.
fn echo(mut stream: TcpStream) {
    while let Some(frame) = answer_to_frame(&mut stream) {
        let _ = stream.write_all(&frame);
        if frame[0] == 0x88 {
            return;
        }
    }
}

/// Reads a frame and gives the one that [`echo`] answers it by.
fn answer_to_frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut header = [0; 6];
    stream.read_exact(&mut header).ok()?;
    let mut payload = vec![0; usize::from(header[1] & 0x7f)];
    if header[1] & 0x7f > 125 {
        return None;
    }
    stream.read_exact(&mut payload).ok()?;
    for (index, byte) in payload.iter_mut().enumerate() {
        *byte ^= header[2 + index % 4];
    }
    let opcode = if header[0] == 0x89 { 0x8a } else { header[0] };
    Some([&[opcode, payload.len() as u8], payload.as_slice()].concat())
}

fn pushspec(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args(args)
        // No configuration of the developer's must leak in.
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the binary runs")
}

/// The exit status, and everything that was said.
fn outcome(output: &Output) -> (i32, String) {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (
        output.status.code().expect("no signal"),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// Asserts exit status and message of a check of `url` with little patience.
#[track_caller]
fn ends_with(url: &str, more: &[&str], status: i32, message: &str) {
    let mut args = vec!["check", url, "--patience", "0.3"];
    args.extend(more);
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, status, "{said}");
    assert!(
        said.contains(message),
        "`{message}` is missing from:\n{said}"
    );
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a temporary file");
    path
}

#[test]
fn connection_refused() {
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("an address")
        .port();
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[],
        3,
        // The last line, which a person reads first.
        "exit 3: no TCP connection to",
    );
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &[],
        3,
        "is the server running?",
    );
}

#[test]
fn name_that_does_not_resolve() {
    ends_with("ws://no-such-host.invalid/", &[], 3, "check its spelling");
}

#[test]
fn tcp_accept_and_silence() {
    let port = serve(|stream, _| answer(stream, b""));
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[],
        3,
        "was not answered within 0.3 s",
    );
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &[],
        3,
        "was not answered within 0.9 s",
    );
}

#[test]
fn a_101_and_then_silence() {
    let port = serve(|stream, _| {
        let _ = accept(stream).read_to_end(&mut Vec::new());
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[],
        1,
        "answered nothing within",
    );
}

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
fn a_server_that_dies_half_way() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(20).flatten() {
            std::thread::spawn(move || echo(accept(stream)));
        }
        // The listener falls here: further connections are refused.
    });
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("half-way.json");
    let report = format!("json={}", path.display());
    let url = format!("ws://127.0.0.1:{port}/");
    let (code, said) = outcome(&pushspec(&[
        "check",
        &url,
        "--patience",
        "0.3",
        "--report",
        &report,
    ]));
    assert!(code == 1 || code == 3, "{code}: {said}");
    let text = std::fs::read_to_string(path).expect("a report");
    let report = pushspec_reports::render::json::read(&text).expect("a valid report");
    assert!(report.target_lost, "{said}");
    assert!(
        said.contains("the target was lost before this case"),
        "{said}"
    );
}

#[test]
fn ctrl_c_leaves_a_valid_partial_report() {
    // Every connection is accepted and nothing is ever answered, so that the run is certainly still on.
    let (connected, wait) = std::sync::mpsc::channel();
    let port = serve(move |stream, number| {
        let stream = accept(stream);
        if number > 2 {
            let _ = connected.send(());
        }
        let _ = { stream }.read_to_end(&mut Vec::new());
    });
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("partial.json");
    let url = format!("ws://127.0.0.1:{port}/");
    let report = format!("json={}", path.display());
    let child = Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args([
            "check",
            &url,
            "--patience",
            "1",
            "--jobs",
            "2",
            "--report",
            &report,
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    wait.recv().expect("the run reaches its cases");
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(interrupted.success());
    let (code, said) = outcome(&child.wait_with_output().expect("it ends"));
    assert!(code == 1 || code == 3, "{code}: {said}");
    let text = std::fs::read_to_string(path).expect("a report");
    let report = pushspec_reports::render::json::read(&text).expect("a valid report");
    assert!(report.interrupted, "{said}");
}

#[test]
fn an_endless_header() {
    let port = serve(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n");
        while stream
            .write_all(b"X-More: and more and more and more and more\r\n")
            .is_ok()
        {}
    });
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[],
        3,
        "a head without end",
    );
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &[],
        3,
        "a head without end",
    );
}

#[test]
fn a_page_of_html() {
    let page =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<p>Hello.</p>";
    let port = serve(|stream, _| answer(stream, page));
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[],
        3,
        "answered by 200 OK, not 101",
    );
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &[],
        3,
        "answered by 200 OK and text/html",
    );
}

#[test]
fn a_plain_404() {
    let not_found = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    let port = serve(|stream, _| answer(stream, not_found));
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &[],
        3,
        "answered by 404 Not Found, not 101",
    );
    ends_with(
        &format!("http://127.0.0.1:{port}/"),
        &[],
        3,
        "answered by 404",
    );
}

#[test]
fn a_filter_that_matches_nothing() {
    let port = serve(|stream, _| answer(stream, b""));
    ends_with(
        &format!("ws://127.0.0.1:{port}/"),
        &["--case", "ws/nothing/*"],
        3,
        "no case matched",
    );
}

#[test]
fn usage_errors() {
    let config = file(
        "broken.toml",
        "targets = [\"ws://127.0.0.1:1/\"]\npatiance = 3\n",
    );
    let config = config.to_str().expect("UTF-8");
    let rows: &[(&[&str], &str)] = &[
        (&["check", "127.0.0.1:9001"], "is not a URL"),
        (
            &["check", "ftp://127.0.0.1/"],
            "the scheme must be ws or wss",
        ),
        (&["check", "ws://127.0.0.1/#here"], "leave out `#…`"),
        (&["check"], "no target"),
        (&["check", "--config", config], "unknown field `patiance`"),
        (&["check", "--config", "absent.toml"], "cannot be read"),
        (
            &["check", "ws://127.0.0.1:1/", "--case", "ws/["],
            "is not a pattern",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--report", "yaml=x"],
            "write FORMAT=PATH",
        ),
        (
            &[
                "check",
                "ws://127.0.0.1:1/",
                "--report",
                "json=absent/x.json",
            ],
            "cannot be written",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--patience", "0"],
            "a number of seconds above 0",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--header", "nonsense"],
            "write `Name: value`",
        ),
        (
            &["check", "wss://127.0.0.1:1/", "--cacert", "absent.pem"],
            "give a PEM file",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--start", "'unbalanced"],
            "unbalanced quote",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--start", "no-such-program"],
            "cannot be started",
        ),
        (
            &["explain", "ws/no/such"],
            "is neither a case nor a requirement",
        ),
        (
            &["check", "ws://127.0.0.1:1/", "--no-such-flag"],
            "--no-such-flag",
        ),
        (
            &["check", "http://127.0.0.1:1/", "--include", "resume"],
            "[possible values: long, hardening]",
        ),
        (
            &["serve", "ws", "--fault", "no-such"],
            "\n  pong-none-for-empty: does not answer empty pings\n",
        ),
    ];
    for (args, message) in rows {
        let (code, said) = outcome(&pushspec(args));
        assert_eq!(code, 2, "{args:?}: {said}");
        assert!(
            said.contains(message),
            "{args:?}: `{message}` is missing from:\n{said}"
        );
    }
}

#[test]
fn an_untrusted_certificate() {
    let port = serve_tls();
    ends_with(
        &format!("wss://localhost:{port}/"),
        &[],
        3,
        "for a private certificate give --cacert FILE",
    );
}

/// A TLS server whose certificate nobody vouches for.
fn serve_tls() -> u16 {
    let (config, _) = tls::server();
    let listener = TcpListener::bind("localhost:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let session = ServerConnection::new(Arc::clone(&config)).expect("a session");
            std::thread::spawn(move || {
                StreamOwned::new(session, stream).read_to_end(&mut Vec::new())
            });
        }
    });
    port
}
