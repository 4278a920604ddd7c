//! A comparison of two reports, for a person: as plain text, and as Markdown.

use super::markdown::{cell, text};
use crate::diff::{Change, Kind};
use crate::gate::plural;
use std::fmt::Write as _;

/// Changes of one kind that are told at all.
const TOLD: usize = 500;

/// The comparison as plain text, the most urgent first, behind what else the reports do not have in common.
pub fn plain(circumstances: &[String], changes: &[Change<'_>]) -> String {
    let mut out = String::new();
    for (kind, changes) in grouped(changes) {
        let _ = writeln!(out, "{} {}", changes.len(), kind.as_str());
        for change in changes.iter().take(TOLD) {
            let _ = writeln!(
                out,
                "  {}  {}  {}",
                change.case(),
                verdicts(change),
                observed(change)
            );
        }
        if changes.len() > TOLD {
            let _ = writeln!(out, "  … {} more …", changes.len() - TOLD);
        }
    }
    if out.is_empty() {
        out.push_str("nothing changed\n");
    }
    let mut told = String::new();
    for line in circumstances {
        let _ = writeln!(told, "note: {line}");
    }
    told + &out
}

/// The comparison as Markdown.
pub fn markdown(circumstances: &[String], changes: &[Change<'_>]) -> String {
    let mut out = format!("## pushspec: {}\n\n", plural(changes.len(), "change"));
    for line in circumstances {
        let _ = writeln!(out, "- {}", text(line));
    }
    if !circumstances.is_empty() {
        out.push('\n');
    }
    for (kind, changes) in grouped(changes) {
        let _ = writeln!(out, "### {} {}\n", changes.len(), text(kind.as_str()));
        out.push_str("| case | verdict | observed |\n| --- | --- | --- |\n");
        for change in changes.iter().take(TOLD) {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                cell(change.case()),
                text(&verdicts(change)),
                cell(observed(change))
            );
        }
        if changes.len() > TOLD {
            let _ = writeln!(out, "\n… and {} more.", changes.len() - TOLD);
        }
        out.push('\n');
    }
    out
}

fn grouped<'a, 'b>(changes: &'b [Change<'a>]) -> Vec<(Kind, Vec<&'b Change<'a>>)> {
    let of = |kind| {
        changes
            .iter()
            .filter(move |change| change.kind == kind)
            .collect()
    };
    let groups = Kind::ALL.into_iter().map(|kind| (kind, of(kind)));
    groups
        .filter(|(_, changes): &(_, Vec<_>)| !changes.is_empty())
        .collect()
}

fn verdicts(change: &Change<'_>) -> String {
    let word = |result: Option<&crate::CaseResult>| result.map(|result| result.verdict.as_str());
    match (word(change.before), word(change.after)) {
        (Some(before), Some(after)) if before == after => after.into(),
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (Some(only), None) | (None, Some(only)) => only.into(),
        (None, None) => String::new(),
    }
}

fn observed<'a>(change: &Change<'a>) -> &'a str {
    let result = change.after.or(change.before);
    result.map_or("", |result| result.observed.as_str())
}
