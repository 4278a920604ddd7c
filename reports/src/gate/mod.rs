//! From a report to an exit status. The rules are few and in one place, so that they cannot be fooled: [`known`] says what
//! has become of known failures, this file puts everything together.
//!
//! Nothing here reads a file or a clock: what day it is, and which cases there are, is said by the caller.

mod baseline;
mod date;
mod known;
mod status;

pub use baseline::propose;
pub use date::{Date, DateError};
pub use known::{Known, KnownError, KnownOutcome, KnownState, check_known, signature};
pub use status::ExitStatus;

use crate::{CaseResult, Report, Verdict};
use serde::{Deserialize, Serialize};

/// The needs that stand for the ordinary handshake: a target without it was not judged as what it is asked to be,
/// whatever the few cases say that ran nevertheless.
const HANDSHAKES: [&str; 2] = ["open", "sse"];

/// What to do where a filter let no case through.
const NO_CASE: &str = "no case matched: `pushspec list` names all, and those that it marks with a set, such as [long], need --include";

/// What the user lets pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// Whether a warning fails the gate too.
    pub fail_on_warn: bool,
    /// How many warnings the gate bears; any number where nothing is said.
    pub max_warn: Option<usize>,
    /// How many inconclusive cases the gate bears.
    pub max_inconclusive: usize,
    /// Failures that the user knows of. [`check_known`] says whether the list can be used.
    pub known: Vec<Known>,
}

/// What the gate has to be told, since it looks at nothing but the report.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// What day it is.
    pub today: Date,
    /// Whether there is a case with this id, selected or not.
    pub is_case: &'a dyn Fn(&str) -> bool,
    /// The id that comes nearest to one that is none, if any comes near.
    pub nearest: &'a dyn Fn(&str) -> Option<String>,
}

/// What the gate says of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// What the process ends with.
    pub status: ExitStatus,
    /// Why, a line for each reason; never empty.
    pub reasons: Vec<String>,
    /// Whether warnings fail this gate.
    pub fail_on_warn: bool,
    /// How many warnings it bears; any number where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_warn: Option<usize>,
    /// How many inconclusive cases it bears.
    #[serde(default)]
    pub max_inconclusive: usize,
    /// What has become of the known failures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownOutcome>,
}

impl Outcome {
    /// The reasons in one line.
    pub fn reason(&self) -> String {
        self.reasons.join("; ")
    }

    /// What has become of the known failure of this case; none where there is no such entry.
    pub fn known(&self, case: &str) -> Option<&KnownOutcome> {
        self.known.iter().find(|known| known.case == case)
    }
}

impl Gate {
    /// The exit status for this report, and why.
    ///
    /// In order of precedence: 4, 1, 3, 0. A run that was interrupted, whose target was lost, or in which nothing was
    /// soundly judged never gives 0.
    pub fn judge(&self, report: &Report, circumstances: Circumstances<'_>) -> Outcome {
        let known = known::judge(&self.known, report, circumstances);
        let (status, reasons) = self.weigh(report, &known);
        Outcome {
            status,
            reasons,
            fail_on_warn: self.fail_on_warn,
            max_warn: self.max_warn,
            max_inconclusive: self.max_inconclusive,
            known,
        }
    }

    /// The same gate, and nothing known.
    #[must_use]
    pub fn without_known(&self) -> Self {
        Self {
            known: Vec::new(),
            ..self.clone()
        }
    }

    /// The strictest of the gates that judged these reports, without known failures: what is judged together is judged no
    /// more mildly than each by itself.
    pub fn strictest<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Self {
        let gates: Vec<&Outcome> = reports
            .into_iter()
            .filter_map(|report| report.gate.as_ref())
            .collect();
        Self {
            fail_on_warn: gates.iter().any(|gate| gate.fail_on_warn),
            max_warn: gates.iter().filter_map(|gate| gate.max_warn).min(),
            max_inconclusive: gates
                .iter()
                .map(|gate| gate.max_inconclusive)
                .min()
                .unwrap_or(0),
            known: Vec::new(),
        }
    }

    fn weigh(&self, report: &Report, known: &[KnownOutcome]) -> (ExitStatus, Vec<String>) {
        let holds = |result: &CaseResult| {
            let holds = |known: &KnownOutcome| {
                known.case == result.case && known.state == KnownState::Holds
            };
            known.iter().any(holds)
        };
        let count = |verdict| {
            let counts =
                |result: &&CaseResult| result.verdict == verdict && result.scored && !holds(result);
            report.results.iter().filter(counts).count()
        };
        // Our own errors are never borne, nor overlooked because a case is new.
        let errors = report.count(Verdict::Error);
        if errors > 0 {
            let errors = plural(errors, "error");
            return (
                ExitStatus::OwnError,
                vec![format!("{errors} of our own: please report it")],
            );
        }
        let partial = match (report.interrupted, report.target_lost) {
            (true, _) => Some("the run was interrupted: the report is partial"),
            (false, true) => Some("the target was lost: the report is partial"),
            (false, false) => None,
        };
        // A known failure that is not as it was said to be is told once, by what is wrong with its entry.
        let told = |result: &CaseResult| {
            let tells = |known: &KnownOutcome| known.case == result.case && known.state.is_red();
            known.iter().any(tells)
        };
        let failed: Vec<&str> = report
            .results
            .iter()
            .filter(|result| {
                result.verdict == Verdict::Fail && result.scored && !holds(result) && !told(result)
            })
            .map(|result| result.case.as_str())
            .collect();
        let mut red = self.red(report, known, &failed, count(Verdict::Warn));
        if !red.is_empty() {
            red.extend(partial.map(str::to_owned));
            return (ExitStatus::NotMet, red);
        }
        if let Some(reason) = self.unsound(report, partial, count(Verdict::Inconclusive)) {
            return (ExitStatus::Unsound, vec![reason]);
        }
        let mut reasons = vec!["the gate is met".to_owned()];
        let borne = report.results.iter().filter(|&result| holds(result));
        match borne.count() {
            0 => {}
            1 => reasons.push("1 known failure still fails".into()),
            borne => reasons.push(format!("{borne} known failures still fail")),
        }
        (ExitStatus::Met, reasons)
    }

    /// Every reason for which the gate is not met.
    fn red(
        &self,
        report: &Report,
        known: &[KnownOutcome],
        failed: &[&str],
        warns: usize,
    ) -> Vec<String> {
        let mut red = Vec::new();
        if !failed.is_empty() {
            red.push(format!(
                "{}: {}",
                plural(failed.len(), "failure"),
                named(failed)
            ));
        }
        let stale = known.iter().filter(|known| known.state.is_red());
        red.extend(stale.map(|known| known.told.clone()));
        if !report.required_missing.is_empty() {
            let needs: Vec<String> = report
                .required_missing
                .iter()
                .map(|need| missing(report, need))
                .collect();
            let needs = needs.join(", ");
            red.push(format!("required, but not offered by the target: {needs}"));
        }
        let warned = plural(warns, "warning");
        match self.max_warn {
            Some(bound) if warns > bound => red.push(format!("{warned}, the gate bears {bound}")),
            Some(_) | None if self.fail_on_warn && warns > 0 => {
                red.push(format!("{warned}, and warnings fail this gate"));
            }
            Some(_) | None => {}
        }
        red
    }

    /// Why nothing, or not all, was soundly judged.
    fn unsound(
        &self,
        report: &Report,
        partial: Option<&str>,
        inconclusive: usize,
    ) -> Option<String> {
        if let Some(partial) = partial {
            return Some(partial.into());
        }
        if report.results.is_empty() {
            return Some(NO_CASE.into());
        }
        // Before what is inconclusive: nothing else could come of a target that is not there.
        let handshake = report
            .needs
            .iter()
            .find(|outcome| HANDSHAKES.contains(&outcome.need.as_str()) && !outcome.met);
        if let Some(outcome) = handshake {
            return Some(outcome.reason.clone());
        }
        if inconclusive > self.max_inconclusive {
            let bound = self.max_inconclusive;
            return Some(format!(
                "{inconclusive} inconclusive, the gate bears {bound}"
            ));
        }
        let sound = |result: &CaseResult| result.verdict.is_sound() && result.scored;
        (!report.results.iter().any(sound)).then(|| "nothing was judged".into())
    }
}

/// How many failures are told by name.
const NAMED: usize = 3;

/// The first of these cases by name, the others as a number.
fn named(cases: &[&str]) -> String {
    let more = cases.len().saturating_sub(NAMED);
    let names = cases[..cases.len() - more].join(", ");
    match more {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

/// A need that was required and is not met, and why, where the report says it.
fn missing(report: &Report, need: &str) -> String {
    let outcome = report.needs.iter().find(|outcome| outcome.need == need);
    match outcome {
        Some(outcome) if !outcome.reason.is_empty() => format!("{need} ({})", outcome.reason),
        Some(_) | None => need.into(),
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
