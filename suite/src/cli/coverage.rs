//! `pushspec coverage`: what the documents require, which cases examine it, whether a planted fault has proved them, and, with
//! a report, what came of it. What no case examines says why.

use super::Usage;
use super::args::CoverageArgs;
use super::check::print;
use super::list::{Entry, entries};
use super::render::read;
use pushspec_fixtures::{sse, ws};
use pushspec_reports::gate::ExitStatus;
use pushspec_reports::{Report, Verdict};
use pushspec_spec::{Document, Level, Observable, Requirement, Role, catalogue};
use serde::Serialize;
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
    /// Those among them that a planted fault has turned red.
    proven_by: Vec<String>,
    /// Why no case examines it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The worst that the report says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

/// How far a requirement is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// A case examines it, and a planted fault has turned that case red.
    Proven,
    /// A case examines it.
    Covered,
    /// No case can: it binds somebody else, or cannot be seen from outside.
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
    let rows = rows(report.as_ref());
    let text = if args.json {
        let json = serde_json::to_string_pretty(&rows).map_err(Usage::new)?;
        format!("{json}\n")
    } else {
        told(&rows)
    };
    print(&text);
    Ok(ExitStatus::Met)
}

fn rows(report: Option<&Report>) -> Vec<Row> {
    let entries = entries();
    let proven = Proven::new();
    catalogue()
        .iter()
        .map(|requirement| row(requirement, &entries, &proven, report))
        .collect()
}

fn row(
    requirement: &'static Requirement,
    entries: &[Entry],
    proven: &Proven,
    report: Option<&Report>,
) -> Row {
    let id = requirement.id.as_str();
    let cases: Vec<String> = entries
        .iter()
        .filter(|entry| entry.requirements.contains(&id))
        .map(|entry| entry.id.clone())
        .collect();
    let proven_by: Vec<String> = cases
        .iter()
        .filter(|case| proven.has(case))
        .cloned()
        .collect();
    let excluded = excluded(requirement);
    let state = match (cases.is_empty(), proven_by.is_empty(), &excluded) {
        (false, false, _) => State::Proven,
        (false, true, _) => State::Covered,
        (true, _, Some(_)) => State::Excluded,
        (true, _, None) => State::Open,
    };
    let reason = match state {
        State::Proven | State::Covered => None,
        State::Excluded => excluded,
        State::Open => Some(NO_CASE_YET.into()),
    };
    let decided = report.into_iter().flat_map(|report| &report.results);
    let verdict = decided
        .filter(|result| result.requirement.as_deref() == Some(id))
        .map(|result| result.verdict)
        .max();
    Row {
        id,
        document: requirement.document.to_string(),
        level: requirement.level,
        state,
        cases,
        proven_by,
        reason,
        verdict,
    }
}

/// Why no case examines a requirement.
pub(super) fn why_none(requirement: &Requirement) -> String {
    excluded(requirement).unwrap_or_else(|| NO_CASE_YET.into())
}

/// Why no test of a server from outside can examine it; none where one can.
fn excluded(requirement: &Requirement) -> Option<String> {
    match requirement.role {
        Role::Client => return Some("a duty of clients".into()),
        Role::Intermediary => return Some("a duty of intermediaries".into()),
        Role::Server | Role::Both => {}
    }
    match requirement.observable {
        Observable::Yes | Observable::Partly => None,
        Observable::No => Some(match &requirement.observability {
            Some(why) => format!("not observable: {why}"),
            None => "not observable".into(),
        }),
    }
}

/// Cases that a planted fault turns red: the tables of the fixtures, which the matrix of faults and cases holds to their word.
struct Proven(Vec<&'static str>);

impl Proven {
    fn new() -> Self {
        let websocket = ws::FAULTS.iter().flat_map(|fault| fault.caught_by);
        let streams = sse::FAULTS.iter().flat_map(|fault| fault.caught_by);
        Self(websocket.chain(streams).copied().collect())
    }

    /// A trailing `*` stands for any rest.
    fn has(&self, case: &str) -> bool {
        self.0
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(beginning) => case.starts_with(beginning),
                None => *pattern == case,
            })
    }
}

fn told(rows: &[Row]) -> String {
    let mut out = String::new();
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    for row in rows {
        let _ = write!(out, "{:<8}  {:<width$}", row.state.as_str(), row.id);
        if let Some(verdict) = row.verdict {
            let _ = write!(out, "  {verdict}");
        }
        let _ = match (&row.reason, row.cases.as_slice()) {
            (Some(reason), _) => writeln!(out, "  {reason}"),
            (None, [only]) => writeln!(out, "  {only}"),
            (None, [first, more @ ..]) => writeln!(out, "  {first} and {} more", more.len()),
            (None, []) => writeln!(out),
        };
    }
    out.push('\n');
    for document in Document::ALL.iter().map(ToString::to_string) {
        sums(&mut out, &document, rows, |row| row.document == document);
    }
    for &level in Level::ALL {
        sums(&mut out, &level.to_string(), rows, |row| row.level == level);
    }
    sums(&mut out, "all", rows, |_| true);
    out
}

fn sums(out: &mut String, name: &str, rows: &[Row], wanted: impl Fn(&Row) -> bool) {
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
    let verdicts: Vec<String> = Verdict::ALL
        .iter()
        .filter(|verdict| told(verdict) > 0)
        .map(|verdict| format!("{} {verdict}", told(verdict)))
        .collect();
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
        let rows = rows(None);
        assert_eq!(rows.len(), catalogue().len());
        for row in &rows {
            assert_eq!(row.reason.is_none(), !row.cases.is_empty(), "{}", row.id);
            assert!(
                row.proven_by.iter().all(|case| row.cases.contains(case)),
                "{}",
                row.id
            );
        }
        let state = |id: &str| rows.iter().find(|row| row.id == id).map(|row| row.state);
        assert_eq!(state("rfc6455/5.5.2/pong-required"), Some(State::Proven));
        for wanted in [State::Proven, State::Excluded] {
            assert!(rows.iter().any(|row| row.state == wanted), "{wanted:?}");
        }
        assert!(told(&rows).contains("\nall  "));
    }
}
