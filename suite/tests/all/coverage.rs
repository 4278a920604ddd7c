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

/// Every fault with a case that turned red on it, in the pinned matrix: a fault on a line of its own, and behind it indented
/// lines with a verdict and a case.
fn red(matrix: &str) -> BTreeSet<(&str, &str)> {
    let mut red = BTreeSet::new();
    let mut fault = "";
    for line in matrix.lines() {
        match line.strip_prefix("  ") {
            None => fault = line,
            Some(said) => {
                let mut words = said.split_whitespace();
                if let (Some("fail" | "warn"), Some(case)) = (words.next(), words.next()) {
                    red.insert((fault, case));
                }
            }
        }
    }
    red
}

/// That the verdict names the requirement is what the matrix itself holds against the data.
#[test]
fn what_is_called_proven_was_seen_in_the_matrix() {
    let mut seen = red(include_str!("snapshots/all__matrix__websocket.snap"));
    seen.extend(red(include_str!(
        "snapshots/all__matrix__event-stream.snap"
    )));
    let rows: Vec<Value> = serde_json::from_str(&coverage(&["--json"])).expect("JSON");
    let mut proven = 0;
    for row in rows.iter().filter(|row| row["state"] == "proven") {
        let by = |key: &str| row["proven_by"][key].as_str().expect("a name");
        let proof = (by("fault"), by("case"));
        assert!(seen.contains(&proof), "{}: {proof:?}", row["id"]);
        proven += 1;
    }
    assert!(proven > 200, "{proven}");
}
