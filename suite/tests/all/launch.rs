//! `--start`: pushspec starts the target, starts it again when a case fells it, and ends it.

use pushspec_reports::{Report, Verdict, render::json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

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
