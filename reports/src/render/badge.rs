//! An SVG badge: how many passed, how many failed. It is green only where all of a whole run was sound and nothing failed.

use super::tally::Tally;
use crate::{Report, Verdict};

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

/// The words hold nothing that a target said. The colours bear white text with a contrast of 4.5 at least.
fn message(report: &Report) -> (String, &'static str) {
    let tally = Tally::of(&report.results);
    let (pass, fail) = (tally.count(Verdict::Pass), tally.count(Verdict::Fail));
    if tally.count(Verdict::Error) > 0 {
        return ("error".into(), "#6b4f9e");
    }
    let partial = report.interrupted || report.target_lost || report.partition.is_some();
    let sums = format!("{pass} pass, {fail} fail");
    if fail > 0 {
        let more = if partial { ", partial" } else { "" };
        return (format!("{sums}{more}"), "#b3261e");
    }
    if partial {
        return (format!("{pass} pass, partial"), "#5f6368");
    }
    let unclear = tally.count(Verdict::Inconclusive);
    if unclear > 0 {
        return (format!("{pass} pass, {unclear} inconclusive"), "#5f6368");
    }
    let open = |outcome: &crate::NeedOutcome| outcome.need == "open" || outcome.need == "sse";
    let absent = report.needs.iter().any(|need| open(need) && !need.met);
    let sound = report
        .results
        .iter()
        .any(|result| result.verdict.is_sound());
    if absent || !sound {
        return ("not judged".into(), "#5f6368");
    }
    match tally.count(Verdict::Warn) {
        0 => (format!("{pass} pass"), "#1e7b34"),
        warn => (format!("{pass} pass, {warn} warn"), "#7a6000"),
    }
}
