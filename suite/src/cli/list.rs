//! `pushspec list`: every case, every requirement, and every open point.

use super::Usage;
use super::args::ListArgs;
use super::check::print;
use super::nearest;
use crate::ambiguity;
use crate::autobahn;
use crate::case::Set;
use crate::engine::Selection;
use crate::{Protocol, cases, passive};
use pushspec_reports::Severity;
use pushspec_reports::gate::ExitStatus;
use pushspec_spec::{Ambiguity, Requirement, ambiguities, catalogue as requirements};
use serde::Serialize;
use std::fmt::Write as _;

/// What is said of a case.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) expected: String,
    pub(super) severity: Severity,
    pub(super) set: &'static str,
    pub(super) needs: Vec<&'static str>,
    pub(super) requirements: Vec<&'static str>,
    /// Open points that its verdicts rest on.
    pub(super) ambiguities: Vec<&'static str>,
    pub(super) since: &'static str,
}

/// The whole list, as JSON has it, or the part of it that was asked for.
#[derive(Serialize)]
struct List<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<Vec<Entry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<Vec<&'a Requirement>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ambiguities: Option<Vec<&'a Ambiguity>>,
}

/// Every case, passive checks included, in catalogue order.
pub(super) fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for protocol in [Protocol::WebSocket, Protocol::EventStream] {
        entries.extend(cases::catalogue(protocol).into_iter().map(|case| Entry {
            ambiguities: ambiguity::behind(&case.id),
            id: case.id,
            title: case.title,
            expected: case.expected,
            severity: case.severity,
            set: case.set.as_str(),
            needs: case.needs.iter().map(|need| need.as_str()).collect(),
            requirements: case.requirements.to_vec(),
            since: case.since,
        }));
        entries.extend(passive::checks(protocol).iter().map(|check| Entry {
            ambiguities: ambiguity::behind(check.id),
            id: check.id.into(),
            title: check.title.into(),
            expected: check.expected.into(),
            severity: check.severity,
            set: Set::Default.as_str(),
            needs: Vec::new(),
            requirements: check.requirements.to_vec(),
            since: "0.1.0",
        }));
    }
    entries
}

pub(super) fn run(args: &ListArgs) -> Result<ExitStatus, Usage> {
    if let Some(pattern) = &args.autobahn {
        let rows = autobahn::matching(pattern)
            .map_err(|reason| Usage::new(format_args!("--autobahn `{pattern}`: {reason}")))?;
        print(&crosswalk(&rows));
        return Ok(ExitStatus::Met);
    }
    let selection = Selection::new(&args.case, &Set::ALL).map_err(Usage::new)?;
    let mut cases = entries();
    cases.retain(|entry| selection.includes(&entry.id, Set::Default));
    let found = !cases.is_empty();
    if args.json {
        let list = List {
            cases: (!args.requirements && !args.ambiguities).then_some(cases),
            requirements: (!args.ambiguities).then(|| requirements().iter().collect()),
            ambiguities: (!args.requirements).then(|| ambiguities().iter().collect()),
        };
        let text = serde_json::to_string_pretty(&list).map_err(Usage::new)?;
        print(&format!("{text}\n"));
    } else if args.requirements {
        print(&all_requirements());
    } else if args.ambiguities {
        print(&all_ambiguities());
    } else {
        let width = cases.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
        let mut out = String::new();
        for Entry { id, title, set, .. } in &cases {
            let set = if *set == Set::Default.as_str() {
                String::new()
            } else {
                format!(" [{set}]")
            };
            let _ = writeln!(out, "{id:<width$}  {title}{set}");
        }
        let _ = writeln!(
            out,
            "{}; `pushspec explain ID` tells more, `--requirements` and `--ambiguities` list those, `--json` tells all",
            plural(cases.len(), "case")
        );
        print(&out);
    }
    if !found {
        for why in nearest::strays(&selection) {
            eprintln!("pushspec: {why}");
        }
    }
    // A filter that matches nothing is a mistake, not an empty list.
    Ok(if found {
        ExitStatus::Met
    } else {
        ExitStatus::Unsound
    })
}

/// Each of Autobahn's cases in one line, with what examines the same here.
pub(super) fn crosswalk(rows: &[&autobahn::Row]) -> String {
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for autobahn::Row { id, cases } in rows {
        let cases = match cases.is_empty() {
            true => "nothing here yet".to_owned(),
            false => cases.join(" "),
        };
        let _ = writeln!(out, "{id:<width$}  {cases}");
    }
    let _ = writeln!(
        out,
        "{} of Autobahn's; `pushspec check URL --case 'autobahn:GLOB'` runs what stands behind them, `pushspec explain \
         autobahn` tells what its words mean",
        plural(rows.len(), "case")
    );
    out
}

/// Each requirement in one line.
fn all_requirements() -> String {
    let mut out = String::new();
    let (mut count, width) = (0, requirements().iter().map(|found| found.id.len()).max());
    let width = width.unwrap_or(0);
    for Requirement { id, summary, .. } in requirements().iter() {
        count += 1;
        let _ = writeln!(out, "{id:<width$}  {summary}");
    }
    let _ = writeln!(
        out,
        "{}; `pushspec explain ID` tells more, `--json` tells all",
        plural(count, "requirement")
    );
    out
}

/// Each open point in one line.
fn all_ambiguities() -> String {
    let mut out = String::new();
    let width = ambiguities().iter().map(|found| found.id.len()).max();
    let width = width.unwrap_or(0);
    for Ambiguity { id, question, .. } in ambiguities() {
        let _ = writeln!(out, "{id:<width$}  {question}");
    }
    let _ = writeln!(
        out,
        "{} of the documents; `pushspec explain ID` tells how each is read, `--json` tells all",
        plural(ambiguities().iter().count(), "open point")
    );
    out
}

/// `count` and the noun, in the plural where it is due.
fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
