//! Bad situations: each ends by itself, with the designed exit status and one line that says what to do.

use crate::command::{ends_with, outcome, pushspec};
use crate::stub::{accept, answer, echo, serve, serve_tls};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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

/// Each round of cases would wait for it with full patience.
#[test]
fn silence_ends_soon() {
    let silent = serve(|stream, _| answer(stream, b""));
    for scheme in ["ws", "wss"] {
        let began = Instant::now();
        let url = format!("{scheme}://localhost:{silent}/");
        let (code, said) = outcome(&pushspec(&["check", &url, "--patience", "2"]));
        assert_eq!(code, 3, "{said}");
        // Patience once, and a little of it for each of the rounds.
        let took = began.elapsed();
        assert!(took < Duration::from_secs(6), "{url}: {took:?}");
    }
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
fn who_may_have_felled_a_server_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let clients: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let fell = Arc::new(AtomicBool::new(false));
        for mut stream in listener.incoming().flatten() {
            if fell.load(Ordering::SeqCst) {
                return;
            }
            let (clients, fell) = (Arc::clone(&clients), Arc::clone(&fell));
            let handle = stream.try_clone().expect("another handle");
            clients.lock().expect("no thread panics").push(handle);
            std::thread::spawn(move || {
                let mut head = [0; 1024];
                let read = stream.read(&mut head).unwrap_or(0);
                if String::from_utf8_lossy(&head[..read]).contains("not-a-number") {
                    fell.store(true, Ordering::SeqCst);
                    for client in clients.lock().expect("no thread panics").iter() {
                        let _ = client.shutdown(Shutdown::Both);
                    }
                    return;
                }
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\ndata: x\n\n",
                );
                let _ = stream.read(&mut head);
            });
        }
    });
    let url = format!("http://127.0.0.1:{port}/");
    let case = [
        "--case",
        "sse/rec/{with-id,id-hostile-*}",
        "--patience",
        "1",
    ];
    let (code, said) = outcome(&pushspec(&[&["check", &url][..], &case].concat()));
    assert_eq!(code, 3, "{said}");
    for words in [
        "with requests unanswered, in this order, of sse/rec/",
        "sse/rec/id-hostile-word",
        "note: the target went away and did not come back: ",
        "--start CMD",
        "--jobs 1",
    ] {
        assert!(said.contains(words), "{said}");
    }
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
        "a head that does not end within 64 KiB and 256 fields",
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
fn an_untrusted_certificate() {
    let port = serve_tls();
    ends_with(
        &format!("wss://localhost:{port}/"),
        &[],
        3,
        "for a private certificate give --cacert FILE",
    );
}

/// As in an image that has no roots of its own: those that are built in stand in, and vouch for nobody else.
#[test]
fn a_machine_without_roots() {
    let port = serve_tls();
    let checked = Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args(["check", &format!("wss://localhost:{port}/")])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env("SSL_CERT_FILE", "/nonexistent/roots.pem")
        .env("SSL_CERT_DIR", "/nonexistent")
        .output()
        .expect("the binary runs");
    let (code, said) = outcome(&checked);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("the certificate's issuer is not trusted"),
        "{said}"
    );
}
