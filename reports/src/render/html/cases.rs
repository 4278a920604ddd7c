//! Each case, folded under its name: what was called for, what was observed, the clause, the exchange, the bytes.

use super::super::hex::bytes_of;
use super::super::story::place_title;
use super::super::tally::{TOLD, URGENT, families};
use super::diagram::{FEW_LINES, LINES, diagram};
use crate::{CaseResult, Place, Report, Standing, Verdict};
use maud::{Markup, PreEscaped, html};
use pushspec_spec::{ambiguities, catalogue};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Bytes in one row of hexadecimal.
const ROW: usize = 16;

/// What the verdicts mean.
pub(super) const MEANINGS: [(&str, &str); 7] = [
    ("pass", "the expectation was met"),
    ("fail", "a MUST was broken, seen beyond doubt"),
    (
        "warn",
        "a SHOULD was missed, or a MUST whose reading is contestable",
    ),
    ("info", "recorded: the documents leave it open"),
    ("skip", "not run"),
    ("inconclusive", "nothing can be said"),
    ("error", "our own fault"),
];

/// Every case, by family. Exchanges may take `budget` bytes.
pub(super) fn section(report: &Report, budget: usize) -> Markup {
    let drawn = drawn(report, budget);
    html! {
        section #cases aria-labelledby="cases-title" {
            h2 #cases-title { "Cases" }
            form #filters role="search" hidden {
                label { "Search " input #search type="search" placeholder="id, text, requirement" autocomplete="off"; }
                fieldset {
                    legend { "Verdicts" }
                    @for verdict in TOLD {
                        @let count = report.count(verdict);
                        @if count > 0 {
                            label { input type="checkbox" name="verdict" value=(verdict) checked; " " (verdict) " (" (count) ")" }
                        }
                    }
                }
                p #found aria-live="polite" {}
            }
            @for (family, results) in families(report) {
                div.family {
                    h3 { (family) }
                    @for result in results {
                        (case(report, result, drawn.get(result.case.as_str())))
                    }
                }
            }
        }
    }
}

/// The exchanges, most urgent first, as far as the budget reaches.
fn drawn(report: &Report, budget: usize) -> BTreeMap<&str, String> {
    let mut order: Vec<&CaseResult> = report.results.iter().collect();
    order.sort_by_key(|result| {
        URGENT
            .iter()
            .position(|&verdict| verdict == result.verdict)
            .unwrap_or(URGENT.len())
    });
    let (mut drawn, mut spent) = (BTreeMap::new(), 0);
    for result in order {
        let mut out = String::new();
        let lines = match result.verdict.needs_attention() {
            true => LINES,
            false => FEW_LINES,
        };
        for exchange in &result.evidence.exchanges {
            diagram(&mut out, exchange, result.place.as_ref(), lines);
        }
        if spent + out.len() <= budget {
            spent += out.len();
            drawn.insert(result.case.as_str(), out);
        }
    }
    drawn
}

fn case(report: &Report, result: &CaseResult, drawn: Option<&String>) -> Markup {
    let attention = result.verdict.needs_attention();
    html! {
        details.case id=(result.case) data-verdict=(result.verdict) {
            summary {
                span.verdict.(result.verdict.as_str()) { (result.verdict) }
                " " span.id { (result.case) }
                @if let Standing::Borne(_) = report.standing(result) { " " span.known { "known" } }
                " " span.said { @if attention { (result.observed) } @else { (result.title) } }
            }
            div.body {
                dl {
                    dt { "does" } dd { (result.title) }
                    dt { "expected" } dd { (result.expected) }
                    dt { "observed" } dd { (result.observed) }
                    @if let Some(suffers) = result.suffers() {
                        dt { "suffers" } dd { (suffers) }
                    }
                    (standing(report, result))
                    @if let Some(id) = &result.requirement {
                        dt { "clause" }
                        dd { (clause(id)) }
                    }
                    @if !result.ambiguities.is_empty() {
                        dt { "open" }
                        dd {
                            ul {
                                @for id in &result.ambiguities {
                                    li { (open(id, attention)) }
                                }
                            }
                        }
                    }
                    @if !result.requirements.is_empty() {
                        dt { "examines" }
                        dd {
                            @for (index, id) in result.requirements.iter().enumerate() {
                                @if index > 0 { ", " }
                                a href={ "#" (id) } { (id) }
                            }
                        }
                    }
                    @if let Some(bytes) = result.bytes_judged {
                        dt { "judged" } dd { (bytes) " bytes" }
                    }
                    @if !result.witnesses.is_empty() {
                        dt { "seen in" }
                        dd {
                            ul {
                                @for witness in &result.witnesses {
                                    li { @if report.result(&witness.case).is_some() {
                                            a href={ "#" (witness.case) } { (witness.case) }
                                        } @else {
                                            (witness.case)
                                        }
                                        ": " (witness.observed) }
                                }
                            }
                        }
                    }
                    dt { "again" } dd { code.command { (result.replay) } }
                }
                @match drawn {
                    Some(drawn) => (PreEscaped(drawn)),
                    None => p.note { "The exchange is left out to keep this page small: the JSON report has it." }
                }
                @if let Some(place) = &result.place {
                    (bytes(place))
                }
            }
        }
    }
}

fn standing(report: &Report, result: &CaseResult) -> Markup {
    let told = match report.standing(result) {
        Standing::Borne(reason) => Some(("known", reason)),
        Standing::Stale(told) => Some(("known", told)),
        Standing::Unscored => Some(("scored", "no: newer than the frozen catalogue")),
        Standing::Sound
        | Standing::Failed
        | Standing::Skipped
        | Standing::Unclear
        | Standing::Broken => None,
    };
    html! {
        @if let Some((name, told)) = told {
            dt { (name) } dd { (told) }
        }
    }
}

fn clause(id: &str) -> Markup {
    html! {
        @match catalogue().get(id) {
            Some(found) => {
                b { (found.level) } " " (found.summary) " "
                a href=(found.link) rel="noreferrer" { (found.reference()) }
            }
            None => (id)
        }
    }
}

/// The way to all that is known of an open point; how it is read at once where something went wrong.
fn open(id: &str, attention: bool) -> Markup {
    html! {
        @match ambiguities().get(id) {
            Some(found) => {
                @if attention { (found.reading) " " }
                a href={ "#" (id) } { (id) }
            }
            None => (id)
        }
    }
}

/// The bytes around the spot that decides, that one marked.
fn bytes(place: &Place) -> Markup {
    let (bytes, start) = (bytes_of(&place.window.bytes), place.window.start);
    let mut rows = String::new();
    for (index, row) in bytes.chunks(ROW).enumerate() {
        let offset = start + (index * ROW) as u64;
        let _ = write!(rows, "{offset:06x}  ");
        let marked = |column: usize| offset + column as u64 == place.offset;
        for (column, byte) in row.iter().enumerate() {
            let _ = match marked(column) {
                true => write!(rows, "<mark>{byte:02x}</mark> "),
                false => write!(rows, "{byte:02x} "),
            };
        }
        let _ = write!(rows, "{:width$} ", "", width = 3 * (ROW - row.len()));
        for (column, &byte) in row.iter().enumerate() {
            let shown = match byte {
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'&' => "&amp;",
                0x20..0x7f => &(byte as char).to_string(),
                _ => ".",
            };
            let _ = match marked(column) {
                true => write!(rows, "<mark>{shown}</mark>"),
                false => write!(rows, "{shown}"),
            };
        }
        rows.push('\n');
    }
    html! {
        figure {
            figcaption { (place_title(place)) }
            div.scroll role="group" aria-label="Bytes in hexadecimal" tabindex="0" {
                pre.hex { (PreEscaped(rows)) }
            }
        }
    }
}

/// The word with its colour.
pub(super) fn word(verdict: Verdict) -> Markup {
    html! { span.verdict.(verdict.as_str()) { (verdict) } }
}
