//! How many results came to each verdict, in one family and in all. The renderers count alike.

use crate::{CaseResult, Report, Verdict};

/// Verdicts in the order in which sums are told.
pub(super) const TOLD: [Verdict; 7] = [
    Verdict::Pass,
    Verdict::Fail,
    Verdict::Warn,
    Verdict::Info,
    Verdict::Skip,
    Verdict::Inconclusive,
    Verdict::Error,
];

/// Verdicts that ask for attention, the most urgent first.
pub(super) const URGENT: [Verdict; 4] = [
    Verdict::Error,
    Verdict::Fail,
    Verdict::Warn,
    Verdict::Inconclusive,
];

/// What the gate is called, where it stands beside the cases.
#[cfg(feature = "renderers")]
pub(super) const GATE: &str = "gate";

/// Counts of verdicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally([usize; Verdict::ALL.len()]);

impl Tally {
    /// What these results came to.
    pub(super) fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut tally = Self::default();
        for result in results {
            tally.0[result.verdict as usize] += 1;
        }
        tally
    }

    /// How many came to this verdict.
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.0[verdict as usize]
    }

    /// How many there are.
    #[cfg(feature = "renderers")]
    pub(super) fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// The verdicts that occur, each dressed by `dress`, as in `3 pass, 1 fail`.
    pub(super) fn in_words(&self, dress: impl Fn(Verdict) -> String) -> String {
        let parts: Vec<String> = TOLD
            .into_iter()
            .filter(|&verdict| self.count(verdict) > 0)
            .map(|verdict| format!("{} {}", self.count(verdict), dress(verdict)))
            .collect();
        if parts.is_empty() {
            return "none".into();
        }
        parts.join(", ")
    }
}

/// The family of a case: its id without the last segment.
pub(super) fn family(case: &str) -> &str {
    case.rsplit_once('/').map_or(case, |(family, _)| family)
}

/// The results of each family, in the order in which families first occur.
pub(super) fn families(report: &Report) -> Vec<(&str, Vec<&CaseResult>)> {
    let mut families: Vec<(&str, Vec<&CaseResult>)> = Vec::new();
    for result in &report.results {
        let name = family(&result.case);
        match families.iter_mut().find(|(known, _)| *known == name) {
            Some((_, results)) => results.push(result),
            None => families.push((name, vec![result])),
        }
    }
    families
}

/// The results with this verdict, in catalogue order.
pub(super) fn of(report: &Report, verdict: Verdict) -> impl Iterator<Item = &CaseResult> {
    let wanted = move |result: &&CaseResult| result.verdict == verdict;
    report.results.iter().filter(wanted)
}

/// Why cases were skipped, and how many for each reason, in the order in which they come.
pub(super) fn skips(report: &Report) -> Vec<(&str, usize)> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for result in of(report, Verdict::Skip) {
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
