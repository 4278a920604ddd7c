//! The head of the page: what the gate says, how the run was, and how many came to each verdict, by family and by level.

use super::super::tally::{TOLD, Tally, families, skips};
use super::cases::word;
use crate::gate::ExitStatus;
use crate::{CaseResult, Report, Standing, Verdict};
use maud::{Markup, PreEscaped, html};
use pushspec_spec::{Level, catalogue};
use std::fmt::Write as _;

/// Width of a whole bar.
const BAR: usize = 200;

/// How the run was done.
pub(super) fn run(report: &Report) -> Markup {
    let seconds = format!("{:.1} s", report.duration_ms as f64 / 1000.0);
    let mut facts: Vec<(&str, &str)> = Vec::new();
    if let Some(began) = &report.began {
        facts.push(("began", began));
    }
    facts.push(("took", &seconds));
    facts.push(("over", &report.transport));
    facts.push(("profile", &report.profile));
    let (sets, seed) = (report.sets.join(", "), report.seed.to_string());
    if !sets.is_empty() {
        facts.push(("sets", &sets));
    }
    if report.exhaustive {
        facts.push(("exhaustive", "yes"));
    }
    facts.push(("seed", &seed));
    let part = report.partition.map(|part| part.to_string());
    if let Some(part) = &part {
        facts.push(("part", part));
    }
    if let Some(release) = &report.catalogue {
        facts.push(("scored", release));
    }
    html! {
        dl.facts {
            @for (name, value) in facts {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// The summary.
pub(super) fn section(report: &Report) -> Markup {
    html! {
        section #summary aria-labelledby="summary-title" {
            h2 #summary-title { "Summary" }
            (gate(report))
            @for note in &report.notes {
                p.note { (note) }
            }
            div.tables {
                @let all = Tally::of(&report.results);
                (table("by family", "family", &by_family(report), &all))
                (table("by level of the requirement that decides", "level", &by_level(report), &all))
            }
            (needs(report))
            (skipped(report))
        }
    }
}

fn gate(report: &Report) -> Markup {
    let Some(outcome) = &report.gate else {
        return html! {};
    };
    let (class, word) = match outcome.status {
        ExitStatus::Met => ("met", "The gate is met"),
        ExitStatus::NotMet => ("red", "The gate is not met"),
        ExitStatus::Usage => ("unsure", "Usage or configuration is wrong"),
        ExitStatus::Unsound => ("unsure", "Not soundly judged"),
        ExitStatus::OwnError => ("red", "pushspec itself went wrong"),
    };
    html! {
        div.gate.(class) {
            p { b { (word) } " (exit status " (outcome.status.code()) ")" }
            @if outcome.status != ExitStatus::Met || outcome.reasons.len() > 1 {
                ul {
                    @for reason in &outcome.reasons {
                        li { (reason) }
                    }
                }
            }
            (red(report))
            @if !outcome.known.is_empty() {
                details {
                    summary { (outcome.known.len()) " known failures" }
                    ul {
                        @for known in &outcome.known {
                            li {
                                a href={ "#" (known.case) } { (known.case) } ": " (known.told)
                                @if let Some(day) = known.expires { " (until " (day) ")" }
                                @if let Some(link) = known.link.as_deref().filter(|link| link.starts_with("https://")) {
                                    " " a href=(link) rel="noreferrer" { "more" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Results that are listed under the gate.
const LISTED: usize = 100;

/// What made the gate red, a link to each; what is borne is not among it.
fn red(report: &Report) -> Markup {
    let is_red = |result: &&CaseResult| match report.standing(result) {
        Standing::Failed | Standing::Stale(_) | Standing::Unclear | Standing::Broken => true,
        Standing::Sound | Standing::Borne(_) | Standing::Unscored | Standing::Skipped => false,
    };
    let found: Vec<&CaseResult> = report.results.iter().filter(is_red).collect();
    html! {
        @if !found.is_empty() {
            ul.red {
                @for result in found.iter().take(LISTED) {
                    li {
                        (word(result.verdict)) " "
                        a.id href={ "#" (result.case) } { (result.case) }
                        " " span.said { (result.observed) }
                    }
                }
                @if found.len() > LISTED {
                    li { "… and " (found.len() - LISTED) " more" }
                }
            }
        }
    }
}

fn by_family(report: &Report) -> Vec<(String, Tally)> {
    let families = families(report).into_iter();
    families
        .map(|(name, results)| (name.to_owned(), Tally::of(results)))
        .collect()
}

/// The level of the requirement that decides, or of the first that is examined.
fn level(result: &CaseResult) -> Option<Level> {
    let id = result
        .requirement
        .as_ref()
        .or(result.requirements.first())?;
    catalogue().get(id).map(|found| found.level)
}

fn by_level(report: &Report) -> Vec<(String, Tally)> {
    let mut rows: Vec<(String, Tally)> = Vec::new();
    for wanted in [
        Some(Level::Must),
        Some(Level::MustNot),
        Some(Level::Should),
        Some(Level::ShouldNot),
        Some(Level::May),
        None,
    ] {
        let tally = Tally::of(
            report
                .results
                .iter()
                .filter(|result| level(result) == wanted),
        );
        if tally.total() > 0 {
            let name = wanted.map_or("none".to_owned(), |level| level.to_string());
            rows.push((name, tally));
        }
    }
    rows
}

fn table(caption: &str, head: &str, rows: &[(String, Tally)], all: &Tally) -> Markup {
    let occurs = |verdict: &Verdict| rows.iter().any(|(_, tally)| tally.count(*verdict) > 0);
    let shown: Vec<Verdict> = TOLD.into_iter().filter(occurs).collect();
    html! {
        div.scroll role="group" aria-label={ "Verdicts " (caption) } tabindex="0" {
            table.sums {
                caption { "Verdicts " (caption) }
                thead {
                    tr {
                        th scope="col" { (head) }
                        td {}
                        @for verdict in &shown {
                            th.number scope="col" { (verdict) }
                        }
                    }
                }
                tbody {
                    @for (name, tally) in rows {
                        tr {
                            th scope="row" { (name) }
                            td.bar { (bar(tally)) }
                            @for verdict in &shown {
                                td.number {
                                    @let count = tally.count(*verdict);
                                    @if count > 0 { (count) }
                                }
                            }
                        }
                    }
                }
                tfoot {
                    tr {
                        th scope="row" { "all" }
                        td {}
                        @for verdict in &shown {
                            td.number { (all.count(*verdict)) }
                        }
                    }
                }
            }
        }
    }
}

/// The shares of the verdicts as a bar. The numbers stand beside it: a reader who sees no colours loses nothing.
fn bar(tally: &Tally) -> PreEscaped<String> {
    let mut out = format!(
        r#"<svg viewBox="0 0 {BAR} 12" width="{BAR}" height="12" preserveAspectRatio="none" aria-hidden="true">"#
    );
    let (total, mut before) = (tally.total().max(1), 0);
    for verdict in TOLD {
        let count = tally.count(verdict);
        if count > 0 {
            let (from, to) = (before * BAR / total, (before + count) * BAR / total);
            // A single failure among hundreds has to be seen.
            let width = (to - from).max(2);
            let _ = write!(
                out,
                r#"<rect class="{verdict}" x="{}" width="{width}" height="12"/>"#,
                from.min(BAR - width)
            );
        }
        before += count;
    }
    out.push_str("</svg>");
    PreEscaped(out)
}

fn needs(report: &Report) -> Markup {
    html! {
        @if !report.needs.is_empty() {
            details {
                summary { "What the target offers" }
                ul {
                    @for outcome in &report.needs {
                        li {
                            b { (outcome.need) } @if outcome.met { ": met" } @else { ": not met" }
                            ", " (outcome.reason)
                        }
                    }
                }
            }
        }
    }
}

fn skipped(report: &Report) -> Markup {
    let reasons = skips(report);
    html! {
        @if !reasons.is_empty() {
            details {
                summary { "Why cases were skipped" }
                ul {
                    @for (reason, count) in reasons {
                        li { (count) ": " (reason) }
                    }
                }
            }
        }
    }
}
