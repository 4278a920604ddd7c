//! The proof of the suite: every case passes on the faithful peers, every fault is caught by the cases that it names,
//! and every case has a fault that it catches. The matrix is a committed snapshot.

use crate::bench::check;
use pushspec::{Protocol, cases, passive};
use pushspec_fixtures::wire::Peer;
use pushspec_fixtures::{sse, ws};
use pushspec_reports::{Report, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One column of the matrix: a peer with one fault.
struct Column {
    name: &'static str,
    caught_by: &'static [&'static str],
    peer: fn(usize) -> Arc<dyn Peer>,
    index: usize,
}

fn columns(protocol: Protocol) -> Vec<Column> {
    match protocol {
        Protocol::WebSocket => ws::FAULTS
            .iter()
            .enumerate()
            .map(|(index, fault)| Column {
                name: fault.name,
                caught_by: fault.caught_by,
                peer: |index| Arc::new(ws::EchoPeer::faulty(&ws::FAULTS[index])),
                index,
            })
            .collect(),
        Protocol::EventStream => sse::FAULTS
            .iter()
            .enumerate()
            .map(|(index, fault)| Column {
                name: fault.name,
                caught_by: fault.caught_by,
                peer: |index| Arc::new(sse::Faulty::with(&sse::FAULTS[index])),
                index,
            })
            .collect(),
    }
}

/// What a report says of each case: the verdict, and for a record what was recorded.
type Said = BTreeMap<String, (Verdict, String)>;

/// The requirement that decided a case, for those short of a pass.
type Broken = BTreeMap<String, String>;

fn broken(report: &Report) -> Broken {
    let red = report
        .results
        .iter()
        .filter(|result| matches!(result.verdict, Verdict::Fail | Verdict::Warn));
    red.filter_map(|result| Some((result.case.clone(), result.requirement.clone()?)))
        .collect()
}

fn said(report: &Report) -> Said {
    report
        .results
        .iter()
        .map(|result| {
            let recorded = if result.verdict == Verdict::Info {
                result.observed.clone()
            } else {
                String::new()
            };
            (result.case.clone(), (result.verdict, recorded))
        })
        .collect()
}

fn ids(protocol: Protocol) -> Vec<String> {
    let checks = passive::checks(protocol)
        .iter()
        .map(|check| check.id.to_owned());
    cases::catalogue(protocol)
        .into_iter()
        .map(|case| case.id)
        .chain(checks)
        .collect()
}

fn assert_faithful(report: &Report, who: &str) {
    let wrong: Vec<String> = report
        .results
        .iter()
        .filter(|result| {
            !matches!(
                result.verdict,
                Verdict::Pass | Verdict::Info | Verdict::Skip
            )
        })
        .map(|result| format!("{} {}: {}", result.verdict, result.case, result.observed))
        .collect();
    assert!(
        wrong.is_empty(),
        "{who} is faithful, yet:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn faithful_websocket_peers_pass() {
    let strict = check(
        Protocol::WebSocket,
        &[],
        || Arc::new(ws::EchoPeer::strict()),
    );
    assert_faithful(&strict, "the strict peer");
    let tungstenite = check(Protocol::WebSocket, &[], || {
        Arc::new(ws::TungstenitePeer::default())
    });
    assert_faithful(&tungstenite, "the tungstenite peer");
}

#[test]
fn faithful_event_stream_peers_pass() {
    let hyper = check(Protocol::EventStream, &[], || {
        Arc::new(sse::Faithful::default())
    });
    assert_faithful(&hyper, "the hyper peer");
    let raw = check(Protocol::EventStream, &[], || {
        Arc::new(sse::Faulty::new(sse::Policy::default()))
    });
    assert_faithful(&raw, "the raw peer without a fault");
}

#[test]
fn websocket_matrix() {
    matrix(
        Protocol::WebSocket,
        || Arc::new(ws::EchoPeer::strict()),
        "websocket",
    );
}

#[test]
fn event_stream_matrix() {
    matrix(
        Protocol::EventStream,
        || Arc::new(sse::Faulty::new(sse::Policy::default())),
        "event-stream",
    );
}

/// Families that faults are run against together: a fault that names cases of one is run against all of that group, and
/// against what is judged in every case. All faults times all cases are the square of what there is, and a compressed
/// message says little of a server that mistakes a handshake; `PUSHSPEC_MATRIX='*'` runs them nevertheless.
const GROUPS: [&[&str]; 5] = [
    &[
        "ws/hs",
        "ws/hs-neg",
        "ws/sub",
        "ws/ext",
        "ws/origin",
        "ws/auth",
    ],
    &[
        "ws/frame",
        "ws/frame-neg",
        "ws/frag",
        "ws/frag-neg",
        "ws/ctl",
        "ws/close",
        "ws/fail",
    ],
    &["ws/utf8"],
    &["ws/pmd", "ws/pmd-neg", "ws/pmd-bad"],
    &[
        "sse/resp", "sse/http", "sse/enc", "sse/inj", "sse/rec", "sse/cors", "sse/time",
    ],
];

/// Families that only faults which name them meet: many connections, or many bytes, for each case; or another
/// transport, or nothing that breaks a rule.
const COSTLY: [&[&str]; 6] = [
    &["ws/prop"],
    &["sse/prop"],
    &["sse/everyday"],
    &["sse/compat"],
    &["ws/limits", "ws/perf"],
    &["ws/tls"],
];

/// What is judged in every case.
const ALWAYS: [&str; 2] = ["ws/passive/*", "sse/passive/*"];

/// The family of a case, or of the pattern of a fault.
fn family(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(family, _)| family)
}

/// The patterns of the cases that a fault is run against: all, where it names no group.
fn scope(column: &Column) -> Vec<String> {
    let named: Vec<&str> = column.caught_by.iter().map(|id| family(id)).collect();
    let is_named = |group: &[&str]| group.iter().any(|family| named.contains(family));
    let anywhere = !GROUPS.iter().chain(&COSTLY).any(|group| is_named(group));
    GROUPS
        .iter()
        .filter(|group| anywhere || is_named(group))
        .chain(COSTLY.iter().filter(|group| is_named(group)))
        .flat_map(|group| group.iter().map(|family| format!("{family}/*")))
        .chain(ALWAYS.map(str::to_owned))
        .collect()
}

/// The environment variable that narrows the matrix to some cases while one works on them: `ws/close/*`. What it
/// leaves out is not asserted, and nothing is pinned.
const NARROW: &str = "PUSHSPEC_MATRIX";

/// Whether an id is named by a pattern of a fault.
fn names(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => id.starts_with(stem),
        None => id == pattern,
    }
}

/// Runs every fault against the cases of its scope, asserts that each fault is caught by the cases it names and each case
/// catches a fault, and pins the whole.
fn matrix(protocol: Protocol, faithful: fn() -> Arc<dyn Peer>, name: &str) {
    let narrow = std::env::var(NARROW).ok();
    let wanted = |id: &str| narrow.as_deref().is_none_or(|pattern| names(pattern, id));
    let mut ids = ids(protocol);
    ids.retain(|id| wanted(id));
    let mut columns = columns(protocol);
    columns.retain(|column| {
        narrow.is_none()
            || column
                .caught_by
                .iter()
                .any(|pattern| ids.iter().any(|id| names(pattern, id)))
    });
    let scope = |column: &Column| match &narrow {
        Some(pattern) => vec![pattern.clone()],
        None => scope(column),
    };
    let scopes: BTreeSet<Vec<String>> = columns.iter().map(scope).collect();
    let usual: BTreeMap<Vec<String>, Said> = scopes
        .into_iter()
        .map(|scope| {
            let patterns: Vec<&str> = scope.iter().map(String::as_str).collect();
            let said = said(&check(protocol, &patterns, faithful));
            (scope, said)
        })
        .collect();
    let rows = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            threads.spawn(|| {
                while let Some(column) = columns.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (peer, index) = (column.peer, column.index);
                    let scope = scope(column);
                    let patterns: Vec<&str> = scope.iter().map(String::as_str).collect();
                    let report = check(protocol, &patterns, move || peer(index));
                    let mut different = said(&report);
                    different.retain(|case, said| usual[&scope].get(case) != Some(said));
                    let row = (different, broken(&report));
                    rows.lock().expect("no panic").insert(index, row);
                }
            });
        }
    });
    let rows = rows.into_inner().expect("no panic");

    let mut wrong = Vec::new();
    let mut caught: BTreeMap<&str, usize> = BTreeMap::new();
    let mut picture = String::new();
    let mut proofs = Vec::new();
    for column in &columns {
        let (different, broken) = &rows[&column.index];
        for (case, requirement) in broken {
            proofs.push([requirement.as_str(), column.name, case]);
        }
        let _ = writeln!(picture, "{}", column.name);
        for (case, (verdict, _)) in different {
            let _ = writeln!(picture, "  {verdict:<12} {case}");
            if *verdict == Verdict::Error {
                wrong.push(format!(
                    "{case} is an error of our own on `{}`",
                    column.name
                ));
            }
            if matches!(verdict, Verdict::Fail | Verdict::Warn | Verdict::Info) {
                *caught.entry(case).or_default() += 1;
            }
        }
        for pattern in column.caught_by {
            // Families that are not in the catalogue yet.
            if !ids.iter().any(|id| family(id) == family(pattern)) {
                continue;
            }
            if narrow.is_some() && !ids.iter().any(|id| names(pattern, id)) {
                continue;
            }
            if !ids.iter().any(|id| names(pattern, id)) {
                wrong.push(format!(
                    "`{}` names {pattern}, which is no case",
                    column.name
                ));
            } else if !different.iter().any(|(case, (verdict, _))| {
                names(pattern, case)
                    && matches!(verdict, Verdict::Fail | Verdict::Warn | Verdict::Info)
            }) {
                wrong.push(format!("{pattern} does not catch `{}`", column.name));
            }
        }
    }
    for id in &ids {
        let proven = caught.contains_key(id.as_str());
        if !proven {
            wrong.push(format!("no fault makes {id} say anything else"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} flaws in the matrix:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    if narrow.is_none() {
        insta::assert_snapshot!(name, picture);
        assert_proven(name, &proofs);
    }
}

/// `pushspec coverage` calls nothing proven that the matrix does not show: a requirement, a fault, and a case that is red on
/// it for that requirement. With `INSTA_UPDATE=always` it is written anew, the first proof of each.
fn assert_proven(name: &str, proofs: &[[&str; 3]]) {
    let path = format!("{}/src/cli/proven/{name}.tsv", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        let mut first = BTreeMap::new();
        for proof in proofs {
            first
                .entry(proof[0])
                .or_insert_with(|| format!("{}\n", proof.join("\t")));
        }
        let lines: Vec<String> = first.into_values().collect();
        std::fs::write(&path, lines.concat()).expect("it can be written");
    }
    let told = std::fs::read_to_string(&path).expect("it can be read");
    let shown: BTreeSet<String> = proofs.iter().map(|proof| proof.join("\t")).collect();
    let lost: Vec<&str> = told.lines().filter(|line| !shown.contains(*line)).collect();
    assert!(lost.is_empty(), "{path}: no longer shown: {lost:#?}");
}
