//! Points that the documents leave open: how each is read, what may be seen, and the verdicts of this run that rest on it.

use super::cases::word;
use crate::{CaseResult, Report};
use maud::{Markup, html};
use pushspec_spec::{Ambiguity, ambiguities, catalogue};

/// Every ambiguity that a result of this report rests on.
pub(super) fn section(report: &Report) -> Markup {
    let cited = |id: &str| -> Vec<&CaseResult> {
        let rests = |result: &&CaseResult| result.ambiguities.iter().any(|cited| cited == id);
        report.results.iter().filter(rests).collect()
    };
    let rows: Vec<(&Ambiguity, Vec<&CaseResult>)> = ambiguities()
        .iter()
        .map(|ambiguity| (ambiguity, cited(&ambiguity.id)))
        .filter(|(_, cases)| !cases.is_empty())
        .collect();
    html! {
        section #ambiguities aria-labelledby="ambiguities-title" {
            h2 #ambiguities-title { "Open points" }
            p {
                @if rows.is_empty() {
                    "No verdict here rests on a point that the documents leave open."
                } @else {
                    "What the documents leave open or decide twice, how it is read here, and the verdicts that rest on that."
                }
            }
            @for (ambiguity, cases) in rows {
                (open_point(ambiguity, &cases))
            }
        }
    }
}

fn open_point(ambiguity: &Ambiguity, cases: &[&CaseResult]) -> Markup {
    html! {
        details.requirement id=(ambiguity.id) {
            summary {
                span.said { (ambiguity.question) }
                " " span.count { (cases.len()) @if cases.len() == 1 { " case" } @else { " cases" } }
            }
            div.body {
                p { (ambiguity.reading) " " code { (ambiguity.id) } }
                ul {
                    @for outcome in &ambiguity.outcomes {
                        li {
                            b { (outcome.leave) } ": " (outcome.what)
                            @if let Some(found) = catalogue().get(&outcome.clause) {
                                ", " a href=(found.link) rel="noreferrer" { (found.reference()) }
                            }
                        }
                    }
                    @for number in &ambiguity.errata {
                        li {
                            a href={ "https://www.rfc-editor.org/errata/eid" (number) } rel="noreferrer" { "erratum " (number) }
                        }
                    }
                }
                ul.cases {
                    @for result in cases {
                        li { (word(result.verdict)) " " a href={ "#" (result.case) } { (result.case) } }
                    }
                }
            }
        }
    }
}
