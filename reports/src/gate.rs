//! From a report to an exit status. The rules are few and in one place, so that they cannot be fooled.

use crate::{Report, Verdict};

/// The exit statuses of `pushspec check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: judged, and the gate is met.
    Met,
    /// 1: the gate is not met.
    NotMet,
    /// 2: usage or configuration is wrong; nothing ran.
    Usage,
    /// 3: nothing sound was judged, or not all that was asked for.
    Unsound,
    /// 4: pushspec itself went wrong.
    OwnError,
}

impl ExitStatus {
    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Met => 0,
            Self::NotMet => 1,
            Self::Usage => 2,
            Self::Unsound => 3,
            Self::OwnError => 4,
        }
    }
}

impl ExitStatus {
    /// The one that speaks for both: 2 before 4 before 1 before 3 before 0.
    ///
    /// ```
    /// use pushspec_reports::gate::ExitStatus;
    /// assert_eq!(ExitStatus::Unsound.worse(ExitStatus::NotMet), ExitStatus::NotMet);
    /// ```
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |status| match status {
            Self::Met => 0,
            Self::Unsound => 1,
            Self::NotMet => 2,
            Self::OwnError => 3,
            Self::Usage => 4,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

/// The needs that stand for the ordinary handshake: a target without it was not judged as what it is asked to be,
/// whatever the few cases say that ran nevertheless.
const HANDSHAKES: [&str; 2] = ["open", "sse"];

/// What to do where a filter let no case through.
const NO_CASE: &str = "no case matched: `pushspec list` names all, and those that it marks with a set, such as [long], need --include";

/// What the user lets pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gate {
    /// Whether a warning fails the gate too.
    pub fail_on_warn: bool,
    /// How many inconclusive cases the gate bears.
    pub max_inconclusive: usize,
}

impl Gate {
    /// The exit status for this report, and the reason in one line.
    ///
    /// In order of precedence: 4, 1, 3, 0. A run that was interrupted, whose target was lost, or in which nothing was
    /// soundly judged never gives 0.
    pub fn judge(&self, report: &Report) -> (ExitStatus, String) {
        let count = |verdict| report.count(verdict);
        let (errors, fails, warns) = (
            count(Verdict::Error),
            count(Verdict::Fail),
            count(Verdict::Warn),
        );
        let inconclusive = count(Verdict::Inconclusive);
        if errors > 0 {
            return (
                ExitStatus::OwnError,
                format!("{} of our own: please report it", plural(errors, "error")),
            );
        }
        let partial = match (report.interrupted, report.target_lost) {
            (true, _) => Some("the run was interrupted: the report is partial"),
            (false, true) => Some("the target was lost: the report is partial"),
            (false, false) => None,
        };
        if fails > 0 {
            let fails = plural(fails, "failure");
            return (
                ExitStatus::NotMet,
                partial.map_or(fails.clone(), |partial| format!("{fails}; {partial}")),
            );
        }
        if !report.required_missing.is_empty() {
            let needs = report.required_missing.join(", ");
            return (
                ExitStatus::NotMet,
                format!("required, but not offered by the target: {needs}"),
            );
        }
        if self.fail_on_warn && warns > 0 {
            return (
                ExitStatus::NotMet,
                format!("{}, and warnings fail this gate", plural(warns, "warning")),
            );
        }
        if let Some(partial) = partial {
            return (ExitStatus::Unsound, partial.into());
        }
        if report.results.is_empty() {
            return (ExitStatus::Unsound, NO_CASE.into());
        }
        // Before what is inconclusive: nothing else could come of a target that is not there.
        let handshake = report
            .needs
            .iter()
            .find(|outcome| HANDSHAKES.contains(&outcome.need.as_str()) && !outcome.met);
        if let Some(outcome) = handshake {
            return (ExitStatus::Unsound, outcome.reason.clone());
        }
        if inconclusive > self.max_inconclusive {
            let bound = self.max_inconclusive;
            return (
                ExitStatus::Unsound,
                format!("{inconclusive} inconclusive, the gate bears {bound}"),
            );
        }
        if !report
            .results
            .iter()
            .any(|result| result.verdict.is_sound())
        {
            return (ExitStatus::Unsound, "nothing was judged".into());
        }
        (ExitStatus::Met, "the gate is met".into())
    }
}

/// `count` and the noun, in the plural where it is due.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
