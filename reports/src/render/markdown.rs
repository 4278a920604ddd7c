//! Markdown, fit for the summary of a CI step: the sums as a table, what went wrong folded under its name.
//!
//! Bounded, since a step summary may hold a mebibyte: of each verdict so many results are told in full, the others in a
//! line each. Text from a target stands in code spans and code blocks only, where it can be neither link nor HTML.

use super::autobahn::{self, exhaustive};
use super::compat;
use super::story::story;
use super::tally::{TOLD, Tally, URGENT, families, of, skips};
use crate::gate::{ExitStatus, plural};
use crate::{AutobahnClass, CaseResult, Report, Standing, Verdict};
use pushspec_spec::ambiguities;
use std::fmt::Write as _;

/// Results of one verdict told in full.
const TOLD_IN_FULL: usize = 20;

/// Results of one verdict told at all.
const TOLD_AT_ALL: usize = 500;

/// The report as Markdown.
pub fn write(report: &Report) -> String {
    let mut out = format!("## pushspec: {}\n\n", code(&report.target));
    if let Some(gate) = &report.gate {
        let sign = match gate.status {
            ExitStatus::Met => "✅",
            ExitStatus::NotMet | ExitStatus::OwnError => "❌",
            ExitStatus::Usage | ExitStatus::Unsound => "⚠️",
        };
        let _ = writeln!(out, "**{sign} exit {}**", gate.status.code());
        for reason in &gate.reasons {
            let _ = writeln!(out, "- {}", text(reason));
        }
        out.push('\n');
    }
    sums(&mut out, report);
    for verdict in URGENT {
        section(&mut out, report, verdict);
    }
    in_autobahns_words(&mut out, report);
    compatibility(&mut out, report);
    remarks(&mut out, report);
    out
}

fn sums(out: &mut String, report: &Report) {
    let all = Tally::of(&report.results);
    let shown: Vec<Verdict> = TOLD
        .into_iter()
        .filter(|&verdict| all.count(verdict) > 0)
        .collect();
    if shown.is_empty() {
        out.push_str("No case matched.\n\n");
        return;
    }
    let mut row = |name: &str, cells: Vec<String>| {
        let _ = writeln!(out, "| {name} | {} |", cells.join(" | "));
    };
    row(
        "family",
        shown.iter().map(|verdict| verdict.to_string()).collect(),
    );
    row("---", vec!["--:".into(); shown.len()]);
    let numbers = |tally: &Tally| -> Vec<String> {
        let number = |&verdict| match tally.count(verdict) {
            0 => String::new(),
            count => count.to_string(),
        };
        shown.iter().map(number).collect()
    };
    for (family, results) in families(report) {
        row(&cell(family), numbers(&Tally::of(results)));
    }
    row("**all**", numbers(&all));
    let _ = writeln!(
        out,
        "\n{} in {:.1} s, over {}, profile {}{}, seed {}\n",
        plural(all.total(), "case"),
        report.duration_ms as f64 / 1000.0,
        text(&report.transport),
        text(&report.profile),
        exhaustive(report),
        report.seed
    );
}

fn section(out: &mut String, report: &Report, verdict: Verdict) {
    let results: Vec<&CaseResult> = of(report, verdict).collect();
    if results.is_empty() {
        return;
    }
    let _ = writeln!(out, "### {} {verdict}\n", results.len());
    for (index, result) in results.iter().enumerate().take(TOLD_AT_ALL) {
        let known = match report.standing(result) {
            Standing::Borne(reason) => format!(" (known: {})", text(reason)),
            Standing::Unscored => " (not scored: newer than the frozen catalogue)".into(),
            Standing::Sound
            | Standing::Failed
            | Standing::Stale(_)
            | Standing::Skipped
            | Standing::Unclear
            | Standing::Broken => String::new(),
        };
        let head = format!("{}: {}{known}", html(&result.case), html(&result.observed));
        if index < TOLD_IN_FULL {
            let _ = writeln!(out, "<details><summary>{head}</summary>\n");
            detail(out, result);
            // Only a blank line ends what HTML began: without it the next lines would be HTML too.
            out.push_str("\n</details>\n\n");
        } else {
            let _ = writeln!(
                out,
                "- {}: {}{known}",
                code(&result.case),
                code(&result.observed)
            );
        }
    }
    if results.len() > TOLD_AT_ALL {
        let _ = writeln!(out, "\n… and {} more.", results.len() - TOLD_AT_ALL);
    }
    out.push('\n');
}

fn detail(out: &mut String, result: &CaseResult) {
    let _ = writeln!(out, "- does: {}", code(&result.title));
    let _ = writeln!(out, "- expected: {}", code(&result.expected));
    let _ = writeln!(out, "- observed: {}", code(&result.observed));
    if let Some(suffers) = result.suffers() {
        let _ = writeln!(out, "- users suffer: {}", text(suffers));
    }
    if let Some(id) = &result.requirement {
        match pushspec_spec::catalogue().get(id) {
            Some(found) => {
                let summary = text(&found.summary);
                let _ = writeln!(out, "- clause: [{}]({}): {summary}", found.id, found.link);
            }
            None => {
                let _ = writeln!(out, "- clause: {}", code(id));
            }
        }
    }
    for id in &result.ambiguities {
        let reading = ambiguities().get(id).map_or("", |found| &found.reading);
        let _ = writeln!(out, "- open: {}: {}", code(id), text(reading));
    }
    let _ = writeln!(out, "- again: {}\n", code(&result.replay));
    let story = story(result, &str::to_owned);
    if !story.is_empty() {
        let fence = "`".repeat(longest_run(&story).max(2) + 1);
        let _ = writeln!(out, "{fence}text\n{story}{fence}");
    }
}

fn compatibility(out: &mut String, report: &Report) {
    let seen = compat::seen(report);
    if seen.is_empty() {
        return;
    }
    let _ = writeln!(out, "### Compatibility\n\n{}\n", compat::MEANING);
    for (hazard, result) in seen {
        let clients = hazard.clients.iter();
        let links = clients.map(|client| format!("[{}]({})", client.name, client.link));
        let _ = writeln!(
            out,
            "- {}: {}: {}: {}",
            code(&hazard.id),
            text(&hazard.form),
            text(&result.observed),
            links.collect::<Vec<_>>().join(", ")
        );
    }
    out.push('\n');
}

/// Ids that are named for each of Autobahn's classes.
const IDS: usize = 50;

fn in_autobahns_words(out: &mut String, report: &Report) {
    if report.autobahn.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "### In Autobahn's words\n\n{}\n",
        text(autobahn::MEANING)
    );
    for (class, cases) in autobahn::classes(report) {
        let _ = write!(out, "- {} {class}", cases.len());
        if class != AutobahnClass::Ok {
            let ids = cases.iter().take(IDS).map(|case| case.id.as_str());
            let _ = write!(out, ": {}", text(&ids.collect::<Vec<_>>().join(", ")));
            if let more @ 1.. = cases.len().saturating_sub(IDS) {
                let _ = write!(out, " and {more} more");
            }
        }
        out.push('\n');
    }
    out.push('\n');
}

fn remarks(out: &mut String, report: &Report) {
    for (reason, count) in skips(report) {
        let _ = writeln!(out, "- {count} skipped: {}", text(reason));
    }
    for note in &report.notes {
        let _ = writeln!(out, "- note: {}", text(note));
    }
}

/// A code span in a cell of a table, which a bar would end, even there.
pub(super) fn cell(text: &str) -> String {
    code(&text.replace('|', "\\|"))
}

/// A code span, in which nothing has a meaning.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// How many backticks stand in a row at most.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Running text: what Markdown or HTML would read as a sign is escaped.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' | '\n' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text inside an HTML element. What Markdown would read as a sign becomes a character reference.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' | '\n' => out.push(' '),
            '&' | '<' | '>' | '"' | '\'' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '|' | '@'
            | '#' | '!' | ':' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}
