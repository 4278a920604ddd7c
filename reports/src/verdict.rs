//! The words for what came of a case. Nothing here knows how a case is run.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of one case.
///
/// ```
/// use pushspec_reports::Verdict;
/// assert_eq!(Verdict::Fail.to_string(), "fail");
/// assert_eq!([Verdict::Pass, Verdict::Fail, Verdict::Warn].into_iter().max(), Some(Verdict::Fail));
/// ```
///
/// The order is that of urgency: the worst of several verdicts is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Not run: a need was not met. Never a pass.
    Skip,
    /// The expectation was met.
    Pass,
    /// Behaviour recorded where the documents leave it open.
    Info,
    /// Noise, time, or a sick target: nothing can be said.
    Inconclusive,
    /// A SHOULD was missed, or a MUST whose reading is contestable.
    Warn,
    /// A MUST or MUST NOT was broken, seen beyond doubt.
    Fail,
    /// Our own fault.
    Error,
}

impl Verdict {
    /// Every verdict, from the least to the most urgent.
    pub const ALL: [Self; 7] = [
        Self::Skip,
        Self::Pass,
        Self::Info,
        Self::Inconclusive,
        Self::Warn,
        Self::Fail,
        Self::Error,
    ];

    /// The word that stands in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Pass => "pass",
            Self::Info => "info",
            Self::Inconclusive => "inconclusive",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }

    /// Whether the case said something about the target: a pass, a fail, a warning or a record.
    pub const fn is_sound(self) -> bool {
        match self {
            Self::Pass | Self::Info | Self::Warn | Self::Fail => true,
            Self::Skip | Self::Inconclusive | Self::Error => false,
        }
    }

    /// Whether something went wrong: with the target, with the run, or with pushspec.
    ///
    /// ```
    /// use pushspec_reports::Verdict;
    /// let wanted: Vec<_> = Verdict::ALL.into_iter().filter(|verdict| verdict.needs_attention()).collect();
    /// assert_eq!(wanted, [Verdict::Inconclusive, Verdict::Warn, Verdict::Fail, Verdict::Error]);
    /// ```
    pub const fn needs_attention(self) -> bool {
        match self {
            Self::Inconclusive | Self::Warn | Self::Fail | Self::Error => true,
            Self::Skip | Self::Pass | Self::Info => false,
        }
    }

    /// Whether it is no success, as TAP has to know: a failure, an error, or nothing that can be said.
    #[cfg(feature = "renderers")]
    pub(crate) const fn is_bad(self) -> bool {
        match self {
            Self::Inconclusive | Self::Fail | Self::Error => true,
            Self::Skip | Self::Pass | Self::Info | Self::Warn => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How much a case weighs when it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Records behaviour; never fails a run.
    Informational,
    /// A SHOULD, or a contestable MUST.
    Minor,
    /// A plain MUST.
    Major,
    /// Security or data corruption.
    Critical,
}
