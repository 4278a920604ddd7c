//! `--start`: pushspec starts the target, starts it again when a case fells it, and ends it.

use pushspec_reports::{Report, Verdict, render::json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("an address")
        .port()
}

/// Checks a peer that pushspec itself serves, with these further arguments; the report, and whether the port is free again.
fn started(fault: Option<&str>, more: &[&str]) -> (Report, bool) {
    let (port, pushspec) = (free_port(), env!("CARGO_BIN_EXE_pushspec"));
    let fault = fault
        .map(|name| format!("--fault {name}"))
        .unwrap_or_default();
    let start = format!("'{pushspec}' serve ws --port {port} {fault}");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("started-{port}.json"));
    let output = Command::new(pushspec)
        .args([
            "check",
            &format!("ws://127.0.0.1:{port}/"),
            "--start",
            &start,
        ])
        .args([
            "--patience",
            "2",
            "--report",
            &format!("json={}", path.display()),
        ])
        .args(more)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the binary runs");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let report = json::read(&text)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (report, TcpStream::connect(("127.0.0.1", port)).is_err())
}

#[test]
fn the_target_is_started_and_ended() {
    let (report, ended) = started(None, &["--case", "ws/hs/minimal"]);
    assert_eq!(report.count(Verdict::Pass), 1);
    assert!(ended, "the target outlives the run");
}

#[test]
fn a_fallen_target_is_started_again_and_the_fall_is_pinned_to_one_case() {
    let (report, ended) = started(
        Some("msb-kills"),
        &["--case", "ws/frame-neg/*", "--case", "ws/ctl/*"],
    );
    assert!(!report.target_lost, "{:?}", report.notes);
    assert_eq!(
        report
            .result("ws/frame-neg/length-msb")
            .expect("a result")
            .verdict,
        Verdict::Fail
    );
    assert_eq!(
        report.result("ws/ctl/ping-text").expect("a result").verdict,
        Verdict::Pass
    );
    assert_eq!(
        report
            .result("ws/frame-neg/rsv4-text")
            .expect("a result")
            .verdict,
        Verdict::Pass
    );
    assert_eq!(report.count(Verdict::Inconclusive), 0);
    assert!(ended, "the target outlives the run");
}

#[test]
fn a_target_that_was_started_is_told_to_stop() {
    for (fault, verdict, said) in [
        (None, Verdict::Pass, "Close 1001"),
        (
            Some("stop-ignored"),
            Verdict::Info,
            "left the connection open",
        ),
        (
            Some("own-close-unannounced"),
            Verdict::Info,
            "without a Close",
        ),
    ] {
        let cases = [
            "--case",
            "ws/close/graceful-shutdown",
            "--case",
            "ws/hs/minimal",
        ];
        let (report, ended) = started(fault, &cases);
        let result = report
            .result("ws/close/graceful-shutdown")
            .expect("a result");
        assert_eq!(result.verdict, verdict, "{fault:?}: {}", result.observed);
        assert!(result.observed.contains(said), "{}", result.observed);
        assert!(!report.target_lost && ended, "{fault:?}");
    }
}

/// Starts a check of `port` with `start` as its `--start`.
fn checking(port: u16, start: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args(["check", &format!("ws://127.0.0.1:{port}/")])
        .args(["--start", start, "--include", "long", "--patience", "2"])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// Sends a signal; whether there was anybody to get it.
fn kill(signal: &str, id: u32) -> bool {
    let kill = Command::new("kill")
        .args([signal, &id.to_string()])
        .output();
    kill.expect("kill runs").status.success()
}

/// Waits until `done`, within reason.
#[track_caller]
fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..600 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never came to pass");
}

#[test]
fn a_port_that_is_taken_is_not_checked_by_mistake() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let output = checking(port, "sleep 300")
        .wait_with_output()
        .expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("listens on port"), "{said}");
}

#[test]
fn the_target_ends_with_a_check_that_is_terminated() {
    let (port, pushspec) = (free_port(), env!("CARGO_BIN_EXE_pushspec"));
    let check = checking(port, &format!("'{pushspec}' serve ws --port {port}"));
    until(|| TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert!(kill("-TERM", check.id()));
    let output = check.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("the run was interrupted"), "{said}");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn a_target_that_never_listens_is_given_up_at_ctrl_c() {
    let port = free_port();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("never-{port}.pid"));
    let check = checking(
        port,
        &format!("sh -c 'echo $$ > never-{port}.pid; exec sleep 300'"),
    );
    let mut id = None;
    until(|| {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        id = text.trim().parse().ok();
        id.is_some()
    });
    assert!(kill("-INT", check.id()));
    let output = check.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("the run was interrupted"), "{said}");
    until(|| !kill("-0", id.expect("an id")));
}
