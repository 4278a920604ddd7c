//! `pushspec coverage` is pinned: a requirement that loses its cases or its proof shows in review. What it calls proven is
//! held against the pinned matrix of faults and cases.
//!
//! `INSTA_UPDATE=always cargo test -p pushspec --test all coverage` pins it anew.

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn coverage(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .arg("coverage")
        .args(args)
        .output()
        .expect("the binary runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn what_is_covered_is_pinned() {
    insta::assert_snapshot!("coverage", coverage(&[]));
}

/// The cases that turned red, or recorded something else, in the pinned matrix: its indented lines are a verdict and a case.
fn caught(matrix: &str) -> BTreeSet<&str> {
    matrix
        .lines()
        .filter(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect()
}

#[test]
fn what_is_called_proven_was_seen_in_the_matrix() {
    let mut caught_by_faults = caught(include_str!("snapshots/all__matrix__websocket.snap"));
    caught_by_faults.extend(caught(include_str!(
        "snapshots/all__matrix__event-stream.snap"
    )));
    let rows: Vec<Value> = serde_json::from_str(&coverage(&["--json"])).expect("JSON");
    let mut proven = BTreeSet::new();
    for row in &rows {
        for case in row["proven_by"].as_array().expect("a list") {
            proven.insert(case.as_str().expect("an id"));
        }
    }
    assert!(proven.len() > 500, "{}", proven.len());
    let unseen: Vec<&&str> = proven.difference(&caught_by_faults).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
