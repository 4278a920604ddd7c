//! `pushspec coverage`: what the documents require, which cases examine it, whether a verdict on a planted fault has named it,
//! and, with a report, what came of it. What is not examined says why.
//!
//! What is proven is data, `proven/*.tsv`, a line for each requirement: its id, a fault of the fixtures, and the case whose
//! verdict on it, fail or warn, names the requirement as the one that decides. The matrix of faults and cases writes it
//! and holds it to its word.

use super::Usage;
use super::args::CoverageArgs;
use super::check::print;
use super::list::{Entry, entries};
use super::render::read;
use pushspec_reports::gate::ExitStatus;
use pushspec_reports::{CaseResult, Verdict};
use pushspec_spec::{Document, Level, Observable, Requirement, Role, catalogue};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What is known of one requirement.
#[derive(Debug, Serialize)]
struct Row {
    id: &'static str,
    document: String,
    level: Level,
    state: State,
    /// The cases that examine it.
    cases: Vec<String>,
    /// A planted fault that broke it, by the word of a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    proven_by: Option<Proof>,
    /// Why it is not examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The worst verdict on it in the report. A fail or a warn is one on the requirement that decided, and on no other that the
    /// case examines.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    /// The worst verdict of a case that examines it, where no case came to one on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    beside: Option<Verdict>,
    /// The cases with that verdict which it decided; none where others did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decided: Vec<String>,
}

/// A verdict on a planted fault that names a requirement as the one that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Proof {
    fault: &'static str,
    case: &'static str,
}

/// How far a requirement is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// A planted fault turns a case red, and its verdict names this requirement.
    Proven,
    /// A case lists it; on what is planted, other requirements decided.
    Covered,
    /// It binds somebody else, or cannot be seen from outside.
    Excluded,
    /// A case could, and there is none.
    Open,
}

impl State {
    const ALL: [Self; 4] = [Self::Proven, Self::Covered, Self::Excluded, Self::Open];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Covered => "covered",
            Self::Excluded => "excluded",
            Self::Open => "open",
        }
    }
}

const NO_CASE_YET: &str = "no case yet";

pub(super) fn run(args: &CoverageArgs) -> Result<ExitStatus, Usage> {
    let report = args.report.as_deref().map(read).transpose()?;
    let results = report.map(|report| report.results).unwrap_or_default();
    let rows = rows(&results);
    let text = if args.json {
        let json = serde_json::to_string_pretty(&rows).map_err(Usage::new)?;
        format!("{json}\n")
    } else {
        told(&rows)
    };
    print(&text);
    Ok(ExitStatus::Met)
}

fn rows(results: &[CaseResult]) -> Vec<Row> {
    let entries = entries();
    let proofs = proofs();
    catalogue()
        .iter()
        .map(|requirement| row(requirement, &entries, &proofs, results))
        .collect()
}

fn row(
    requirement: &'static Requirement,
    entries: &[Entry],
    proofs: &BTreeMap<&str, Proof>,
    results: &[CaseResult],
) -> Row {
    let id = requirement.id.as_str();
    let cases: Vec<String> = entries
        .iter()
        .filter(|entry| entry.requirements.contains(&id))
        .map(|entry| entry.id.clone())
        .collect();
    let duty = elsewhere(requirement);
    let proven_by = proofs.get(id).copied().filter(|_| duty.is_none());
    let excluded = excluded(requirement).filter(|_| proven_by.is_none());
    let (state, reason) = match (excluded, proven_by, cases.as_slice()) {
        (Some(why), _, []) => (State::Excluded, Some(why)),
        (Some(why), _, cases) => {
            let probed = format!("{why}; probed by {}", several(cases));
            (State::Excluded, Some(probed))
        }
        (None, Some(_), _) => (State::Proven, None),
        (None, None, []) => (State::Open, Some(NO_CASE_YET.into())),
        (None, None, _) => (State::Covered, None),
    };
    let decides = |result: &CaseResult| result.requirement.as_deref() == Some(id);
    let concerned: Vec<&CaseResult> = results
        .iter()
        .filter(|result| decides(result) || result.requirements.iter().any(|cited| cited == id))
        .collect();
    let on_it = |result: &&&CaseResult| {
        decides(result) || !matches!(result.verdict, Verdict::Fail | Verdict::Warn)
    };
    let worst = |of: &mut dyn Iterator<Item = &&CaseResult>| of.map(|result| result.verdict).max();
    let verdict = worst(&mut concerned.iter().filter(on_it));
    let beside = worst(&mut concerned.iter()).filter(|_| verdict.is_none());
    let decided = concerned
        .iter()
        .filter(|result| Some(result.verdict) == verdict && decides(result))
        .map(|result| result.case.clone())
        .collect();
    Row {
        id,
        document: requirement.document.to_string(),
        level: requirement.level,
        state,
        cases,
        proven_by,
        reason,
        verdict,
        beside,
        decided,
    }
}

/// Cases in one line.
fn several(cases: &[String]) -> String {
    match cases {
        [] => String::new(),
        [only] => only.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}

/// Why no case examines a requirement.
pub(super) fn why_none(requirement: &Requirement) -> String {
    excluded(requirement).unwrap_or_else(|| NO_CASE_YET.into())
}

/// Why no test of a server from outside can examine it; none where one can.
fn excluded(requirement: &Requirement) -> Option<String> {
    if let Some(duty) = elsewhere(requirement) {
        return Some(duty.into());
    }
    match requirement.observable {
        Observable::Yes | Observable::Partly => None,
        Observable::No => Some(match &requirement.observability {
            Some(why) => format!("not observable: {why}"),
            None => "not observable".into(),
        }),
    }
}

/// Whose duty it is, where it is no server's.
fn elsewhere(requirement: &Requirement) -> Option<&'static str> {
    match requirement.role {
        Role::Client => Some("a duty of clients"),
        Role::Intermediary => Some("a duty of intermediaries"),
        Role::Server | Role::Both => None,
    }
}

/// What the matrix of faults and cases has proved, by requirement.
fn proofs() -> BTreeMap<&'static str, Proof> {
    let tables = [
        include_str!("proven/websocket.tsv"),
        include_str!("proven/event-stream.tsv"),
    ];
    let lines = tables.into_iter().flat_map(str::lines);
    let proof = |line: &'static str| {
        let mut parts = line.split('\t');
        let mut next = || parts.next().expect("a requirement, a fault and a case");
        let requirement = next();
        let (fault, case) = (next(), next());
        (requirement, Proof { fault, case })
    };
    lines.map(proof).collect()
}

fn told(rows: &[Row]) -> String {
    let mut out = String::new();
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    for row in rows {
        let _ = write!(out, "{:<8}  {:<width$}", row.state.as_str(), row.id);
        let _ = match (row.verdict, row.beside) {
            (Some(verdict), _) => write!(out, "  {verdict}"),
            (None, Some(beside)) => write!(out, "  ({beside})"),
            (None, None) => Ok(()),
        };
        let _ = match &row.reason {
            Some(reason) => writeln!(out, "  {reason}"),
            None => writeln!(out, "  {}", several(&row.cases)),
        };
    }
    out.push('\n');
    if rows.iter().any(|row| row.beside.is_some()) {
        out.push_str(
            "In brackets: the verdict of a case that examines it and stopped at another requirement. It is not judged.\n\n",
        );
    }
    for document in Document::ALL.iter().map(ToString::to_string) {
        sums(&mut out, &document, rows, |row| row.document == document);
    }
    for &level in Level::ALL {
        sums(&mut out, &level.to_string(), rows, |row| row.level == level);
    }
    sums(&mut out, "all", rows, |_| true);
    out
}

/// One line: how far requirements are covered, and what came of them, where there is a report.
fn sums(out: &mut String, name: &str, rows: &[Row], wanted: impl Fn(&Row) -> bool) {
    let reported = rows.iter().any(|row| row.verdict.is_some());
    let rows: Vec<&Row> = rows.iter().filter(|row| wanted(row)).collect();
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    let parts: Vec<String> = State::ALL
        .into_iter()
        .filter(|&state| count(state) > 0)
        .map(|state| format!("{} {}", count(state), state.as_str()))
        .collect();
    if parts.is_empty() {
        return;
    }
    let _ = write!(out, "{name:<18}  {}", parts.join(", "));
    let told = |verdict: &Verdict| {
        rows.iter()
            .filter(|row| row.verdict == Some(*verdict))
            .count()
    };
    let mut verdicts: Vec<String> = Verdict::ALL
        .iter()
        .filter(|verdict| told(verdict) > 0)
        .map(|verdict| format!("{} {verdict}", told(verdict)))
        .collect();
    let examined = |row: &&&Row| matches!(row.state, State::Proven | State::Covered);
    let unjudged = |row: &&&Row| examined(row) && row.verdict.is_none();
    let unjudged = rows.iter().filter(unjudged).count();
    if reported && unjudged > 0 {
        verdicts.push(format!("{unjudged} not judged"));
    }
    if !verdicts.is_empty() {
        let _ = write!(out, "; {}", verdicts.join(", "));
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_has_a_row_and_what_is_not_covered_has_a_reason() {
        let rows = rows(&[]);
        assert_eq!(rows.len(), catalogue().len());
        for row in &rows {
            let examined = matches!(row.state, State::Proven | State::Covered);
            assert_eq!(row.reason.is_none(), examined, "{}", row.id);
            assert!(!examined || !row.cases.is_empty() || row.proven_by.is_some());
            assert_eq!(row.proven_by.is_some(), row.state == State::Proven);
        }
        let state = |id: &str| rows.iter().find(|row| row.id == id).map(|row| row.state);
        assert_eq!(state("rfc6455/5.5.2/pong-required"), Some(State::Proven));
        let duties_of_clients = [
            "ws-api/gc/1001-on-navigation",
            "rfc6455/4.1/client-waits-for-response",
        ];
        for id in duties_of_clients {
            assert_eq!(state(id), Some(State::Excluded), "{id}");
        }
        assert!(proofs().keys().all(|id| catalogue().get(id).is_some()));
        for wanted in [State::Proven, State::Excluded] {
            assert!(rows.iter().any(|row| row.state == wanted), "{wanted:?}");
        }
        assert!(told(&rows).contains("\nall  "));
    }

    #[test]
    fn a_requirement_fails_where_it_decided_and_nowhere_else() {
        let [first, second] = [
            "rfc6455/5.5.2/pong-required",
            "rfc6455/5.5.3/pong-identical-data",
        ];
        let result = serde_json::json!({
            "case": "ws/ctl/ping-empty", "title": "", "verdict": "fail", "severity": "major", "expected": "",
            "observed": "", "requirement": first, "requirements": [first, second], "evidence": { "exchanges": [] },
            "duration_ms": 0, "replay": "",
        });
        let rows = rows(&[serde_json::from_value(result).expect("a result")]);
        let row = |id: &str| rows.iter().find(|row| row.id == id).expect("a row");
        let said = |id: &str| (row(id).verdict, row(id).beside, row(id).decided.len());
        assert_eq!(said(first), (Some(Verdict::Fail), None, 1));
        assert_eq!(said(second), (None, Some(Verdict::Fail), 0));
        let told = told(&rows);
        let line = |id: &str| told.lines().find(|line| line.contains(id)).expect("a line");
        assert!(line(first).contains("  fail  ") && line(second).contains("  (fail)  "));
        assert!(
            told.lines()
                .last()
                .is_some_and(|all| all.contains("; 1 fail, "))
        );
    }
}
