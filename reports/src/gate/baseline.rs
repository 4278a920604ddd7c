//! Proposes known failures for what a report holds. What is written already is kept: only people write reasons.

use super::{Known, signature};
use crate::{CaseResult, Report, Verdict};

/// An entry for each failure of `report`, and each warning where `warnings` are wanted, in catalogue order. An entry that is
/// in `known` keeps its reason, expiry and link; new ones have this `reason`.
///
/// ```
/// use pushspec_reports::{Report, gate, render::json};
/// let report: Report = json::read(include_str!("../../tests/data/small.json")).unwrap();
/// let known = gate::propose(&report, &[], false, "");
/// assert_eq!(known.len(), 1);
/// assert_eq!(known[0].case, "ws/ctl/ping-text");
/// assert!(gate::check_known(&known).is_err(), "somebody has to write why");
/// ```
pub fn propose(report: &Report, known: &[Known], warnings: bool, reason: &str) -> Vec<Known> {
    let wanted = |result: &&CaseResult| match result.verdict {
        Verdict::Fail => true,
        Verdict::Warn => warnings,
        Verdict::Skip | Verdict::Pass | Verdict::Info | Verdict::Inconclusive | Verdict::Error => {
            false
        }
    };
    let concerns = |entry: &&Known| {
        let target = entry.target.as_deref();
        target.is_none_or(|target| target == report.target)
    };
    let failing = report.results.iter().filter(wanted);
    failing
        .map(|result| {
            let mut there = known.iter().filter(concerns);
            let there = there.find(|entry| entry.case == result.case);
            Known {
                case: result.case.clone(),
                target: there.and_then(|entry| entry.target.clone()),
                signature: Some(signature(result)),
                reason: there.map_or(reason, |entry| &entry.reason).to_owned(),
                expires: there.and_then(|entry| entry.expires),
                link: there.and_then(|entry| entry.link.clone()),
            }
        })
        .collect()
}
