//! The gate as a user meets it: every transition as a row, with what the process ends with and what it says last.

use crate::served::{Served, folder, pushspec, said, status};
use crate::stub::{accept, echo};
use std::fs;
use std::net::TcpListener;
use std::path::Path;

/// What the peer of these tests does wrong: `ws/ctl/ping-empty` fails, the other pings pass.
const FAULT: &str = "pong-none-for-empty";

const PINGS: [&str; 3] = [
    "ws/ctl/ping-empty",
    "ws/ctl/ping-text",
    "ws/ctl/ping-binary",
];

/// An entry of pushspec.toml.
fn known(case: &str, more: &str) -> String {
    format!("[[known]]\ncase = \"{case}\"\nreason = \"issue 7\"\n{more}\n")
}

#[test]
fn known_failures() {
    let entry = known;
    let empty = "ws/ctl/ping-empty";
    let rows: Vec<(&str, String, i32, &str)> = vec![
        (
            "no entry",
            String::new(),
            1,
            "exit 1: 1 failure: ws/ctl/ping-empty\n",
        ),
        (
            "still fails",
            entry(empty, ""),
            0,
            "exit 0: the gate is met; 1 known failure still fails\n",
        ),
        (
            "still fails, as it says",
            entry(empty, "signature = \"fail rfc6455/5.5.2/pong-required\""),
            0,
            "exit 0: the gate is met; 1 known failure still fails\n",
        ),
        (
            "passes",
            entry(empty, "") + &entry("ws/ctl/ping-text", ""),
            1,
            "exit 1: known failure ws/ctl/ping-text does not fail any more: take the entry away, or give it the `target` on which it still does\n",
        ),
        (
            "fails otherwise",
            entry(
                empty,
                "signature = \"fail rfc6455/5.5.3/pong-identical-data\"",
            ),
            1,
            "exit 1: known failure ws/ctl/ping-empty fails in another way: ",
        ),
        (
            "unknown id",
            entry(empty, "") + &entry("ws/ctl/pong-empty", ""),
            1,
            "exit 1: known failure `ws/ctl/pong-empty` names no case; the nearest is `ws/ctl/ping-empty`: `pushspec list` names all\n",
        ),
        (
            "not selected",
            entry(empty, "") + &entry("ws/close/empty", ""),
            0,
            "exit 0: the gate is met; 1 known failure still fails\n",
        ),
        (
            "expired",
            entry(empty, "expires = \"2020-01-31\""),
            1,
            "exit 1: known failure ws/ctl/ping-empty still fails, and its entry expired on 2020-01-31\n",
        ),
        (
            "not yet expired",
            entry(empty, "expires = \"9999-12-31\""),
            0,
            "exit 0: the gate is met; 1 known failure still fails\n",
        ),
        (
            "duplicate",
            entry(empty, "") + &entry(empty, ""),
            2,
            "known failure `ws/ctl/ping-empty` is listed twice: keep one entry\n",
        ),
        (
            "without a reason",
            entry(empty, "").replace("issue 7", " "),
            2,
            "known failure `ws/ctl/ping-empty` has no reason: write why it is borne\n",
        ),
        (
            "an expiry that is no day",
            entry(empty, "expires = \"soon\""),
            2,
            "pushspec.toml: line 4, ",
        ),
    ];
    let (folder, served) = (folder("gate-known"), Served::start(FAULT));
    for (what, toml, expected, last) in rows {
        fs::write(folder.join("pushspec.toml"), toml).expect("written");
        let mut args = vec!["check", &served.url];
        args.extend(PINGS.iter().flat_map(|case| ["--case", case]));
        let output = pushspec(&folder, &args);
        let told = said(&output);
        assert_eq!(status(&output), Some(expected), "{what}: {told}");
        let ends = told.ends_with(last) || (!last.ends_with('\n') && told.contains(last));
        assert!(ends, "{what}: {told}");
    }
}

#[test]
fn runs_that_judge_nothing_or_not_all() {
    let folder = folder("gate-runs");
    let served = Served::start(FAULT);
    let rows: [(&str, &[&str], i32, &str); 6] = [
        (
            "zero cases",
            &["ws/none/*"],
            3,
            "exit 3: no case matched: `pushspec list`",
        ),
        (
            "all skipped",
            &["ws/sub/known"],
            3,
            "exit 3: nothing was judged\n",
        ),
        (
            "a pass",
            &["ws/ctl/ping-text"],
            0,
            "exit 0: the gate is met\n",
        ),
        (
            "a pass and a skip",
            &["ws/ctl/ping-text", "ws/sub/known"],
            0,
            "exit 0: the gate is met\n",
        ),
        (
            "a failure and a skip",
            &["ws/ctl/ping-empty", "ws/sub/known"],
            1,
            "exit 1: 1 failure: ws/ctl/ping-empty\n",
        ),
        (
            "a record",
            &["ws/origin/matrix-none"],
            0,
            "exit 0: the gate is met\n",
        ),
    ];
    for (what, cases, expected, last) in rows {
        let mut args = vec!["check", &served.url];
        args.extend(cases.iter().flat_map(|case| ["--case", case]));
        let output = pushspec(&folder, &args);
        assert_eq!(status(&output), Some(expected), "{what}: {}", said(&output));
        assert!(said(&output).contains(last), "{what}: {}", said(&output));
    }
}

#[test]
fn a_target_that_dies_half_way_is_never_green() {
    let folder = folder("gate-dies");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        // Enough for the probes and the first pings; then further connections are refused.
        for stream in listener.incoming().take(8).flatten() {
            std::thread::spawn(move || echo(accept(stream)));
        }
    });
    let url = format!("ws://127.0.0.1:{port}/");
    let args = [
        "check",
        &url,
        "--case",
        "ws/ctl/p*",
        "--jobs",
        "1",
        "--patience",
        "0.3",
    ];
    let output = pushspec(&folder, &args);
    assert_eq!(status(&output), Some(3), "{}", said(&output));
    let last = "exit 3: the target was lost: the report is partial\n";
    assert!(said(&output).ends_with(last), "{}", said(&output));
}

#[test]
fn saved_reports_that_cannot_be_trusted_are_refused_by_whoever_reads_them() {
    let folder = folder("gate-saved");
    let small = include_str!("../../../reports/tests/data/small.json");
    let rows = [
        (
            "truncated.json",
            small[..small.len() / 2].to_owned(),
            "truncated.json: not a pushspec report",
        ),
        (
            "empty.json",
            String::new(),
            "empty.json: not a pushspec report",
        ),
        (
            "old.json",
            small.replacen("\"schema\": 1", "\"schema\": 0", 1),
            "old.json: a report of schema 0",
        ),
        (
            "newer.json",
            small.replacen("\"schema\": 1", "\"schema\": 999", 1),
            "newer.json: a report of schema 999",
        ),
    ];
    fs::write(folder.join("good.json"), small).expect("written");
    for (name, text, reason) in rows {
        fs::write(folder.join(name), text).expect("written");
        refused(&folder, name, reason);
    }
}

/// Each command that reads a saved report ends with 2 and says why.
fn refused(folder: &Path, name: &str, reason: &str) {
    let commands: [&[&str]; 7] = [
        &["render", name],
        &["merge", name],
        &["diff", "good.json", name],
        &["diff", name, "good.json"],
        &["matrix", "good.json", name],
        &["baseline", "write", name],
        &["coverage", name],
    ];
    for command in commands {
        let output = pushspec(folder, command);
        assert_eq!(status(&output), Some(2), "{command:?}: {}", said(&output));
        assert!(
            said(&output).contains(reason),
            "{command:?}: {}",
            said(&output)
        );
    }
}
