//! TAP 14: one test point for each case, with a YAML block under those that need attention.
//!
//! A known failure is `# TODO`, which is the word of that form for what is expected to fail; a skip is `# SKIP`. What is
//! inconclusive is `not ok`: TAP has no third word, and a pass it is not. The last point is the gate: it is `not ok` where the
//! exit status is not 0. A run that did not end bails out.

use super::tally::GATE;
use crate::gate::{ExitStatus, Outcome};
use crate::{CaseResult, Report, Standing};
use std::fmt::Write as _;

/// The report as TAP 14.
pub fn write(report: &Report) -> String {
    let mut out = String::from("TAP version 14\n");
    match report.results.len() + usize::from(report.gate.is_some()) {
        0 => out.push_str("1..0 # SKIP no case matched\n"),
        points => {
            let _ = writeln!(out, "1..{points}");
        }
    }
    let _ = writeln!(
        out,
        "# pushspec {} on {}",
        report.version,
        escaped(&report.target)
    );
    for (index, result) in report.results.iter().enumerate() {
        point(&mut out, report, result, index + 1);
    }
    if let Some(outcome) = &report.gate {
        gate(&mut out, outcome, report.results.len() + 1);
    }
    for note in &report.notes {
        let _ = writeln!(out, "# {}", one_line(note));
    }
    match (report.interrupted, report.target_lost) {
        (true, _) => out.push_str("Bail out! The run was interrupted\n"),
        (false, true) => out.push_str("Bail out! The target was lost\n"),
        (false, false) => {}
    }
    out
}

fn point(out: &mut String, report: &Report, result: &CaseResult, number: usize) {
    let (ok, directive) = match report.standing(result) {
        Standing::Sound => (true, String::new()),
        Standing::Skipped => (true, format!(" # SKIP {}", escaped(&result.observed))),
        Standing::Borne(reason) => (false, format!(" # TODO {}", escaped(reason))),
        Standing::Unscored => (
            !result.verdict.is_bad(),
            " # TODO newer than the frozen catalogue".into(),
        ),
        Standing::Failed | Standing::Stale(_) | Standing::Unclear | Standing::Broken => {
            (false, String::new())
        }
    };
    let word = if ok { "ok" } else { "not ok" };
    let case = escaped(&result.case);
    let _ = writeln!(out, "{word} {number} - {case}{directive}");
    if !ok || result.verdict.needs_attention() {
        diagnostics(out, report, result);
    }
}

/// What the gate says, as the last point.
fn gate(out: &mut String, outcome: &Outcome, number: usize) {
    if outcome.status == ExitStatus::Met {
        let _ = writeln!(out, "ok {number} - {GATE}");
        return;
    }
    let _ = writeln!(out, "not ok {number} - {GATE}\n  ---");
    let _ = writeln!(out, "  exit: \"{}\"", outcome.status.code());
    let _ = writeln!(
        out,
        "  reason: {}\n  ...",
        serde_json::Value::from(outcome.reason())
    );
}

/// The YAML block: values are JSON strings, which YAML reads as they are.
fn diagnostics(out: &mut String, report: &Report, result: &CaseResult) {
    out.push_str("  ---\n");
    let mut pair = |key: &str, value: &str| {
        let value = serde_json::Value::from(value);
        let _ = writeln!(out, "  {key}: {value}");
    };
    pair("verdict", result.verdict.as_str());
    pair("title", &result.title);
    pair("expected", &result.expected);
    pair("observed", &result.observed);
    if let Some(suffers) = result.suffers() {
        pair("suffers", suffers);
    }
    if let Some(id) = &result.requirement {
        pair("requirement", id);
        if let Some(found) = pushspec_spec::catalogue().get(id) {
            pair("link", &found.link);
        }
    }
    if let Standing::Stale(told) = report.standing(result) {
        pair("known", told);
    }
    pair("again", &result.replay);
    out.push_str("  ...\n");
}

/// A description or directive: `#` and `\` have a meaning there.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
