//! The report as a person reads it in a terminal: what went wrong first, with its evidence, and the sums at the end.

use super::autobahn::{classes, exhaustive};
use super::compat;
use super::silence::silences;
use super::story::story;
use super::tally::{Tally, URGENT, families, family, of, skips};
use crate::gate::{ExitStatus, Outcome, plural};
use crate::{AutobahnClass, CaseResult, Report, Standing, Verdict};
use pushspec_spec::ambiguities;
use std::fmt::Write as _;

/// How the text is dressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub colour: bool,
    /// Whether results that need no attention are listed too.
    pub verbose: bool,
}

/// Results of one verdict in one family that are told in full; the others get a line each, lest a server with one lax
/// habit drowns the rest in red.
const SHOWN_DETAILS: usize = 3;

/// Ids of Autobahn's that are told for each class.
const IDS: usize = 12;

/// Clients that broke over a form and are named without being asked for.
const CLIENTS: usize = 2;

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.into()
        }
    }

    fn verdict(self, verdict: Verdict) -> String {
        let code = match verdict {
            Verdict::Pass => "32",
            Verdict::Fail | Verdict::Error => "1;31",
            Verdict::Warn => "33",
            Verdict::Info => "36",
            Verdict::Skip => "2",
            Verdict::Inconclusive => "35",
        };
        self.paint(code, verdict.as_str())
    }

    fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }
}

/// The whole report as text.
pub fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let mut shortened = 0;
    for verdict in URGENT {
        let mut shown: Vec<&str> = Vec::new();
        let mut alike = Alike::default();
        // What the user knows of is told in one line at the end: a new failure must not drown in it.
        let news = |result: &&CaseResult| style.verbose || !is_borne(report, result);
        for result in of(report, verdict).filter(news) {
            let family = family(&result.case);
            shown.push(family);
            let in_family = shown.iter().filter(|other| **other == family).count();
            if in_family <= SHOWN_DETAILS || style.verbose {
                alike.tell(&mut out, style);
                detail(&mut out, report, result, style);
            } else {
                shortened += 1;
                if !alike.takes(result) {
                    alike.tell(&mut out, style);
                }
                alike.0.push(result);
            }
        }
        alike.tell(&mut out, style);
    }
    if style.verbose {
        for verdict in [Verdict::Info, Verdict::Skip, Verdict::Pass] {
            of(report, verdict).for_each(|result| line(&mut out, result, style));
        }
    }
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
    compatibility(&mut out, report, style);
    summary(&mut out, report, shortened, style);
    out
}

/// Whether it fails, and the user knows of it.
fn is_borne(report: &Report, result: &CaseResult) -> bool {
    matches!(report.standing(result), Standing::Borne(_))
}

/// What is legal and broke clients: two of them by name, all where everything is told.
fn compatibility(out: &mut String, report: &Report, style: Style) {
    let seen = compat::seen(report);
    if seen.is_empty() {
        return;
    }
    let _ = writeln!(out, "compatibility: {}", compat::MEANING);
    for (hazard, result) in seen {
        let _ = writeln!(out, "  {}  {}: {}", hazard.id, hazard.form, result.observed);
        let shown = match style.verbose {
            true => hazard.clients.len(),
            false => CLIENTS,
        };
        for client in hazard.clients.iter().take(shown) {
            let link = style.faint(&client.link);
            let _ = writeln!(out, "    {}  {link}", client.name);
        }
        if hazard.clients.len() > shown {
            let more = format!("    and {} more: --verbose", hazard.clients.len() - shown);
            let _ = writeln!(out, "{}", style.faint(&more));
        }
    }
    out.push('\n');
}

/// Results in a row that say the same, whatever they quote: a target that is mute says it a hundred times, one that refuses
/// an offer says it of every offer.
#[derive(Default)]
struct Alike<'a>(Vec<&'a CaseResult>);

impl<'a> Alike<'a> {
    fn takes(&self, result: &CaseResult) -> bool {
        self.0.first().is_none_or(|first| {
            family(&first.case) == family(&result.case)
                && unquoted(&first.observed) == unquoted(&result.observed)
        })
    }

    /// Tells them: one or two by name, more as a number.
    fn tell(&mut self, out: &mut String, style: Style) {
        match self.0.as_slice() {
            [] => {}
            [one] => line(out, one, style),
            [one, other] => {
                line(out, one, style);
                line(out, other, style);
            }
            [first, .., last] => {
                let same = self.0.iter().all(|one| one.observed == first.observed);
                let _ = writeln!(
                    out,
                    "{}  {} … {}  {} cases alike{}: {}",
                    style.verdict(first.verdict),
                    first.case,
                    last.case,
                    self.0.len(),
                    if same { "" } else { ", such as" },
                    first.observed
                );
            }
        }
        self.0.clear();
    }
}

/// A text without what stands in it between backticks or quotation marks.
fn unquoted(text: &str) -> String {
    text.split('`')
        .step_by(2)
        .flat_map(|part| part.split('"').step_by(2))
        .collect()
}

/// The last lines of a run: what the gate says.
pub fn outcome(outcome: &Outcome, style: Style) -> String {
    let colour = match outcome.status {
        ExitStatus::Met => "32",
        ExitStatus::NotMet | ExitStatus::OwnError => "1;31",
        ExitStatus::Usage | ExitStatus::Unsound => "35",
    };
    let mut out = String::new();
    for known in outcome.known.iter().filter(|known| !known.state.is_red()) {
        let _ = writeln!(out, "{}", style.faint(&known.told));
    }
    let code = outcome.status.code();
    let _ = match outcome.reasons.as_slice() {
        // Lists are read line by line, one reason in one glance.
        [] | [_] | [_, _] => writeln!(
            out,
            "exit {code}: {}",
            style.paint(colour, &outcome.reason())
        ),
        [first, more @ ..] => {
            let _ = writeln!(out, "exit {code}: {}", style.paint(colour, first));
            more.iter()
                .try_for_each(|reason| writeln!(out, "        {}", style.paint(colour, reason)))
        }
    };
    out
}

fn summary(out: &mut String, report: &Report, shortened: usize, style: Style) {
    let families = families(report);
    let width = families.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or(0);
    for (name, results) in &families {
        let tally = Tally::of(results.iter().copied());
        let told = tally.in_words(|verdict| style.verdict(verdict));
        let _ = writeln!(out, "{name:<width$}  {told}");
    }
    let _ = writeln!(
        out,
        "{} on {} ({}, profile {}{}, seed {}) in {:.1} s: {}",
        plural(report.results.len(), "case"),
        report.target,
        report.transport,
        report.profile,
        exhaustive(report),
        report.seed,
        report.duration_ms as f64 / 1000.0,
        Tally::of(&report.results).in_words(|verdict| style.verdict(verdict)),
    );
    if !report.autobahn.is_empty() {
        let _ = writeln!(out, "in Autobahn's words: {}", autobahn(report));
    }
    if shortened > 0 {
        let told = format!(
            "{shortened} of these in one line only: --verbose tells them in full, --case ID one of them"
        );
        let _ = writeln!(out, "{}", style.faint(&told));
    }
    if let Some(count) = silences(report) {
        let fails = report.count(Verdict::Fail);
        let _ = writeln!(
            out,
            "{count} of the {} are one silence: after the handshake the target neither answered nor closed",
            plural(fails, "failure")
        );
    }
    let unscored = report.results.iter().filter(|result| !result.scored);
    if let (count @ 1.., Some(release)) = (unscored.count(), &report.catalogue) {
        let told = format!(
            "{} newer than catalogue {release}: not scored",
            plural(count, "case")
        );
        let _ = writeln!(out, "{}", style.faint(&told));
    }
    let recorded = report.count(Verdict::Info);
    if recorded > 0 && !style.verbose {
        let told =
            format!("{recorded} recorded, where the documents leave it open: --verbose lists them");
        let _ = writeln!(out, "{}", style.faint(&told));
    }
    for (reason, count) in skips(report) {
        let _ = writeln!(
            out,
            "{}",
            style.faint(&format!("{count} skipped: {reason}"))
        );
    }
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
}

/// How many of Autobahn's cases came to each class, and which where that is not OK.
fn autobahn(report: &Report) -> String {
    let told = classes(report).into_iter().map(|(class, cases)| {
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let more = match ids.len().saturating_sub(IDS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match class {
            AutobahnClass::Ok => format!("{} {class}", ids.len()),
            AutobahnClass::Informational
            | AutobahnClass::NonStrict
            | AutobahnClass::Unimplemented
            | AutobahnClass::Undecided
            | AutobahnClass::Unclean
            | AutobahnClass::WrongCode
            | AutobahnClass::Failed => format!(
                "{} {class} ({}{more})",
                ids.len(),
                ids[..ids.len().min(IDS)].join(", ")
            ),
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

/// A result in one line.
fn line(out: &mut String, result: &CaseResult, style: Style) {
    let verdict = style.verdict(result.verdict);
    let _ = writeln!(out, "{verdict}  {}  {}", result.case, result.observed);
}

fn detail(out: &mut String, report: &Report, result: &CaseResult, style: Style) {
    let _ = writeln!(
        out,
        "{}  {}  {}",
        style.verdict(result.verdict),
        result.case,
        result.title
    );
    let _ = writeln!(out, "  expected  {}", result.expected);
    let _ = writeln!(out, "  observed  {}", result.observed);
    if let Some(suffers) = result.suffers() {
        let _ = writeln!(out, "  suffers   {suffers}");
    }
    match report.standing(result) {
        Standing::Borne(reason) => {
            let _ = writeln!(out, "  known     {reason}");
        }
        Standing::Unscored => {
            let _ = writeln!(
                out,
                "  counted   no: the case is newer than the frozen catalogue"
            );
        }
        Standing::Stale(_)
        | Standing::Sound
        | Standing::Failed
        | Standing::Skipped
        | Standing::Unclear
        | Standing::Broken => {}
    }
    if let Some(id) = &result.requirement {
        let requirement = pushspec_spec::catalogue().get(id);
        let (summary, link) = requirement.map_or(("", ""), |found| {
            (found.summary.as_str(), found.link.as_str())
        });
        let _ = writeln!(out, "  clause    {id}: {summary}");
        let _ = writeln!(out, "            {}", style.faint(link));
    }
    for id in &result.ambiguities {
        let reading = ambiguities().get(id).map_or("", |found| &found.reading);
        let _ = writeln!(out, "  open      {id}: {reading}");
    }
    for witness in &result.witnesses {
        let _ = writeln!(out, "  seen in   {}: {}", witness.case, witness.observed);
    }
    out.push_str(&story(result, &|text| style.faint(text)));
    let _ = writeln!(out, "  again     {}\n", result.replay);
}
