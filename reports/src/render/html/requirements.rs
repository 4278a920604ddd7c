//! From requirement to cases to verdict: which clauses this run examined, and what came of them.

use super::cases::word;
use crate::{CaseResult, Report, Verdict};
use maud::{Markup, html};
use pushspec_spec::{Document, Requirement, catalogue};
use std::collections::BTreeMap;

/// Every requirement that a case of this report examines, by document.
pub(super) fn section(report: &Report) -> Markup {
    let mut examined: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in &report.results {
        let ids = result.requirements.iter().chain(&result.requirement);
        for id in ids {
            let cases = examined.entry(id).or_default();
            if cases.last().is_none_or(|last| last.case != result.case) {
                cases.push(result);
            }
        }
    }
    html! {
        section #requirements aria-labelledby="requirements-title" {
            h2 #requirements-title { "Requirements" }
            p {
                "What the documents require, and what came of the cases that examine it. A case may examine several; it "
                "counts here for each, with the verdict only where the requirement decided."
            }
            @for document in Document::ALL {
                @let rows: Vec<&Requirement> = catalogue().of(*document).filter(|row| examined.contains_key(row.id.as_str())).collect();
                @if !rows.is_empty() {
                    h3 { (document.to_string()) }
                    @for row in rows {
                        (requirement(row, &examined[row.id.as_str()]))
                    }
                }
            }
        }
    }
}

/// What came of a requirement: the worst verdict among the cases that it decided; where it decided none, that some of those
/// which examine it passed, or else that something was seen of it.
fn verdict(id: &str, cases: &[&CaseResult]) -> Verdict {
    let decided = cases
        .iter()
        .filter(|result| result.requirement.as_deref() == Some(id));
    let worst = decided.map(|result| result.verdict).max();
    let passed = |result: &&CaseResult| result.verdict == Verdict::Pass;
    let sound = |result: &&CaseResult| result.verdict.is_sound();
    worst.unwrap_or_else(
        || match (cases.iter().any(passed), cases.iter().any(sound)) {
            (true, _) => Verdict::Pass,
            (false, true) => Verdict::Info,
            (false, false) => Verdict::Skip,
        },
    )
}

fn requirement(row: &Requirement, cases: &[&CaseResult]) -> Markup {
    html! {
        details.requirement id=(row.id) {
            summary {
                (word(verdict(&row.id, cases)))
                " " span.level { (row.level) } " " span.said { (row.summary) }
                " " span.count { (cases.len()) @if cases.len() == 1 { " case" } @else { " cases" } }
            }
            div.body {
                p { code { (row.id) } ", " a href=(row.link) rel="noreferrer" { (row.reference()) } }
                ul.cases {
                    @for result in cases {
                        li {
                            (word(result.verdict)) " " a href={ "#" (result.case) } { (result.case) }
                            @if result.requirement.as_deref() != Some(row.id.as_str()) && result.verdict != Verdict::Pass {
                                " (another requirement decided)"
                            }
                        }
                    }
                }
            }
        }
    }
}
