//! The report as a person reads it in a terminal: what went wrong first, with its evidence, and the sums at the end.

use super::hex::{bytes_of, dump};
use crate::gate::{ExitStatus, plural};
use crate::{CaseResult, Direction, Exchange, Moment, Place, Report, Verdict};
use std::fmt::Write as _;

/// How the text is dressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub colour: bool,
    /// Whether results that need no attention are listed too.
    pub verbose: bool,
}

/// Moments of one exchange shown in full; of a longer one the middle is left out.
const SHOWN_MOMENTS: usize = 12;

/// Results of one verdict in one family that are told in full; the others get a line each, lest a server with one lax
/// habit drowns the rest in red.
const SHOWN_DETAILS: usize = 3;

/// Lines of decoded elements shown for one moment.
const SHOWN_LINES: usize = 6;

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
    let told = [
        Verdict::Error,
        Verdict::Fail,
        Verdict::Warn,
        Verdict::Inconclusive,
    ];
    let mut shortened = 0;
    for verdict in told {
        let mut shown: Vec<&str> = Vec::new();
        for result in of(report, verdict) {
            let family = family(&result.case);
            shown.push(family);
            let in_family = shown.iter().filter(|other| **other == family).count();
            if in_family <= SHOWN_DETAILS || style.verbose {
                detail(&mut out, result, style);
            } else {
                line(&mut out, result, style);
                shortened += 1;
            }
        }
    }
    for verdict in [Verdict::Info, Verdict::Skip, Verdict::Pass] {
        if verdict == Verdict::Info || style.verbose {
            of(report, verdict).for_each(|result| line(&mut out, result, style));
        }
    }
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
    summary(&mut out, report, shortened, style);
    out
}

/// The results with this verdict, in catalogue order.
fn of(report: &Report, verdict: Verdict) -> impl Iterator<Item = &CaseResult> {
    report
        .results
        .iter()
        .filter(move |result| result.verdict == verdict)
}

/// The last line of a run: what the gate says.
pub fn outcome(status: ExitStatus, reason: &str, style: Style) -> String {
    let colour = match status {
        ExitStatus::Met => "32",
        ExitStatus::NotMet | ExitStatus::OwnError => "1;31",
        ExitStatus::Usage | ExitStatus::Unsound => "35",
    };
    format!("exit {}: {}\n", status.code(), style.paint(colour, reason))
}

fn summary(out: &mut String, report: &Report, shortened: usize, style: Style) {
    let mut families: Vec<(&str, [usize; Verdict::ALL.len()])> = Vec::new();
    for result in &report.results {
        let family = family(&result.case);
        let row = match families.iter_mut().position(|(name, _)| *name == family) {
            Some(index) => &mut families[index].1,
            None => {
                families.push((family, [0; Verdict::ALL.len()]));
                &mut families.last_mut().expect("just pushed").1
            }
        };
        row[result.verdict as usize] += 1;
    }
    let width = families
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0);
    for (name, row) in &families {
        let _ = writeln!(
            out,
            "{name:<width$}  {}",
            counts(|verdict| row[verdict as usize], style)
        );
    }
    let _ = writeln!(
        out,
        "{} on {} ({}, profile {}, seed {}) in {:.1} s: {}",
        plural(report.results.len(), "case"),
        report.target,
        report.transport,
        report.profile,
        report.seed,
        report.duration_ms as f64 / 1000.0,
        counts(|verdict| report.count(verdict), style),
    );
    if shortened > 0 {
        let told = format!(
            "{shortened} of these in one line only: --verbose tells them in full, --case ID one of them"
        );
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

/// Why cases were skipped, and how many for each reason, in the order in which they come.
fn skips(report: &Report) -> Vec<(&str, usize)> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for result in report
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Skip)
    {
        match reasons
            .iter_mut()
            .find(|(reason, _)| *reason == result.observed)
        {
            Some((_, count)) => *count += 1,
            None => reasons.push((&result.observed, 1)),
        }
    }
    reasons
}

/// How many results came to each verdict, in words; of none at all, that.
fn counts(of: impl Fn(Verdict) -> usize, style: Style) -> String {
    let shown = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Warn,
        Verdict::Info,
        Verdict::Skip,
        Verdict::Inconclusive,
        Verdict::Error,
    ];
    let parts: Vec<String> = shown
        .into_iter()
        .filter(|&verdict| of(verdict) > 0)
        .map(|verdict| format!("{} {}", of(verdict), style.verdict(verdict)))
        .collect();
    if parts.is_empty() {
        return "none".into();
    }
    parts.join(", ")
}

/// The family of a case: its id without the last segment.
fn family(case: &str) -> &str {
    case.rsplit_once('/').map_or(case, |(family, _)| family)
}

/// A result in one line.
fn line(out: &mut String, result: &CaseResult, style: Style) {
    let verdict = style.verdict(result.verdict);
    let _ = writeln!(out, "{verdict}  {}  {}", result.case, result.observed);
}

fn detail(out: &mut String, result: &CaseResult, style: Style) {
    let _ = writeln!(
        out,
        "{}  {}  {}",
        style.verdict(result.verdict),
        result.case,
        result.title
    );
    let _ = writeln!(out, "  expected  {}", result.expected);
    let _ = writeln!(out, "  observed  {}", result.observed);
    if let Some(id) = &result.requirement {
        let requirement = pushspec_spec::catalogue().get(id);
        let (summary, link) = requirement.map_or(("", ""), |found| {
            (found.summary.as_str(), found.link.as_str())
        });
        let _ = writeln!(out, "  clause    {id}: {summary}");
        let _ = writeln!(out, "            {}", style.faint(link));
    }
    for witness in &result.witnesses {
        let _ = writeln!(out, "  seen in   {}: {}", witness.case, witness.observed);
    }
    // Where one spot decides, the connection that it lies on tells the story; else all of them do.
    let decisive = result.place.as_ref().map(|place| &place.connection);
    for exchange in &result.evidence.exchanges {
        if decisive.is_none_or(|label| *label == exchange.label) {
            self::exchange(out, exchange, style);
        }
    }
    if let Some(place) = &result.place {
        bytes_around(out, place);
    }
    let _ = writeln!(out, "  again     {}\n", result.replay);
}

fn exchange(out: &mut String, exchange: &Exchange, style: Style) {
    let _ = writeln!(out, "  {} connection", exchange.label);
    let total = exchange.moments.len();
    for (index, moment) in exchange.moments.iter().enumerate() {
        if total > SHOWN_MOMENTS && index == SHOWN_MOMENTS / 2 {
            let _ = writeln!(
                out,
                "    {}",
                style.faint(&format!("… {} more …", total - SHOWN_MOMENTS))
            );
        }
        if total > SHOWN_MOMENTS && (SHOWN_MOMENTS / 2..total - SHOWN_MOMENTS / 2).contains(&index)
        {
            continue;
        }
        self::moment(out, moment, style);
    }
}

fn moment(out: &mut String, moment: &Moment, style: Style) {
    match moment {
        Moment::Note { at_us, text } => {
            let _ = writeln!(out, "    {}   {text}", time(*at_us));
        }
        Moment::Bytes {
            at_us,
            direction,
            bytes,
            decoded,
            ..
        } => {
            let arrow = match direction {
                Direction::Sent => "→",
                Direction::Received => "←",
            };
            let nothing = format!(
                "{} inside what began before",
                plural(bytes.len as usize, "byte")
            );
            let first = decoded.first().unwrap_or(&nothing);
            let _ = writeln!(out, "    {} {arrow} {first}", time(*at_us));
            for line in decoded.iter().skip(1).take(SHOWN_LINES - 1) {
                let _ = writeln!(out, "                 {line}");
            }
            if decoded.len() > SHOWN_LINES {
                let more = format!("… {} more …", decoded.len() - SHOWN_LINES);
                let _ = writeln!(out, "                 {}", style.faint(&more));
            }
        }
    }
}

fn time(at_us: u64) -> String {
    format!("{:>9.3} ms", at_us as f64 / 1000.0)
}

fn bytes_around(out: &mut String, place: &Place) {
    let who = match place.direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    };
    let _ = writeln!(
        out,
        "  bytes {who} on the {} connection around offset {}",
        place.connection, place.offset
    );
    for line in dump(
        &bytes_of(&place.window.bytes),
        place.window.start,
        Some(place.offset),
    )
    .lines()
    {
        let _ = writeln!(out, "    {line}");
    }
}
