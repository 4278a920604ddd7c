//! An SVG badge: how many passed, how many failed. It is green only where all of a whole run was sound, nothing failed, and the
//! gate is met; red only where it is not.

use super::tally::Tally;
use crate::gate::ExitStatus;
use crate::{CaseResult, NeedOutcome, Report, Standing, Verdict};

/// Width of a character, about; the text is stretched to fit.
const CHARACTER: usize = 7;

/// The report as an SVG badge.
///
/// ```
/// use pushspec_reports::{Report, render::{badge, json}};
/// let report: Report = json::read(include_str!("../../tests/data/small.json")).unwrap();
/// assert!(badge::write(&report).contains("aria-label=\"pushspec: 1 pass, 1 fail\""));
/// ```
pub fn write(report: &Report) -> String {
    let (words, colour) = message(report);
    let label = "pushspec";
    let (left, right) = (width(label), width(&words));
    let whole = left + right;
    let (left_middle, right_middle) = (left / 2, left + right / 2);
    let (left_text, right_text) = (left - 12, right - 12);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" viewBox="0 0 {whole} 20" role="img" aria-label="{label}: {words}">
  <title>{label}: {words}</title>
  <clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#r)">
    <rect width="{left}" height="20" fill="#444"/>
    <rect x="{left}" width="{right}" height="20" fill="{colour}"/>
  </g>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
    <text x="{left_middle}" y="14" textLength="{left_text}">{label}</text>
    <text x="{right_middle}" y="14" textLength="{right_text}">{words}</text>
  </g>
</svg>
"##
    )
}

fn width(text: &str) -> usize {
    text.chars().count() * CHARACTER + 12
}

/// Colours that bear white text with a contrast of 4.5 at least.
const GREEN: &str = "#1e7b34";
const AMBER: &str = "#7a6000";
const RED: &str = "#b3261e";
const GREY: &str = "#5f6368";
const VIOLET: &str = "#6b4f9e";

/// The words hold nothing that a target said. The colour is that of the gate, where one judged.
fn message(report: &Report) -> (String, &'static str) {
    let tally = Tally::of(&report.results);
    let (pass, fail) = (tally.count(Verdict::Pass), tally.count(Verdict::Fail));
    let borne = |result: &&CaseResult| {
        result.verdict == Verdict::Fail && matches!(report.standing(result), Standing::Borne(_))
    };
    let known = report.results.iter().filter(borne).count();
    let status = report.gate.as_ref().map(|gate| gate.status);
    if tally.count(Verdict::Error) > 0 || status == Some(ExitStatus::OwnError) {
        return ("error".into(), VIOLET);
    }
    let partial = report.interrupted || report.target_lost || report.partition.is_some();
    let mut words = vec![format!("{pass} pass")];
    let more = [
        (fail, "fail"),
        (known, "of them known"),
        (tally.count(Verdict::Warn), "warn"),
        (tally.count(Verdict::Inconclusive), "inconclusive"),
    ];
    words.extend(
        more.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}")),
    );
    if partial {
        words.push("partial".into());
    }
    let colour = match status {
        Some(ExitStatus::NotMet) => RED,
        None if fail > 0 => RED,
        Some(ExitStatus::Unsound | ExitStatus::Usage | ExitStatus::OwnError) => GREY,
        Some(ExitStatus::Met) | None if partial => GREY,
        Some(ExitStatus::Met) | None if tally.count(Verdict::Inconclusive) > 0 => GREY,
        Some(ExitStatus::Met) | None if fail + tally.count(Verdict::Warn) > 0 => AMBER,
        Some(ExitStatus::Met) | None => GREEN,
    };
    if !report
        .results
        .iter()
        .any(|result| result.verdict.is_sound())
        || absent(report)
    {
        return ("not judged".into(), if colour == RED { RED } else { GREY });
    }
    if colour == RED && fail == known {
        words.push("gate not met".into());
    }
    (words.join(", "), colour)
}

/// Whether the ordinary handshake was not answered: whatever passed says little, then.
fn absent(report: &Report) -> bool {
    let open = |outcome: &NeedOutcome| outcome.need == "open" || outcome.need == "sse";
    report.needs.iter().any(|need| open(need) && !need.met)
}
