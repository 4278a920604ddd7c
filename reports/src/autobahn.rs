//! The words of Autobahn|Testsuite for what came of its cases: for people who know its reports, and to compare with them. Which
//! cases of ours stand behind one of its is the suite's to know.

use crate::{CaseResult, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of one of Autobahn's cases, in its own words; the worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum AutobahnClass {
    /// As it wants it.
    Ok,
    /// Something else than it wants was recorded.
    Informational,
    /// Legal, and not as it wants it.
    NonStrict,
    /// The target does not have what the case is about.
    Unimplemented,
    /// Nothing can be said: Autobahn has no word for that.
    Undecided,
    /// Right but for the connection's end.
    Unclean,
    /// Right but for the code of the Close.
    #[serde(rename = "WRONG CODE")]
    WrongCode,
    /// Wrong.
    Failed,
}

/// Requirements that are about the code of a Close, and about the end of TCP, by the beginnings of their ids.
const CODES: [&str; 2] = ["rfc6455/7.4/", "rfc6455/7.4."];
const ENDS: [&str; 1] = ["rfc6455/7.1.1/"];

impl AutobahnClass {
    /// What a result comes to.
    pub fn of(result: &CaseResult) -> Self {
        let about = |beginnings: &[&str]| {
            let id = result.requirement.as_deref().unwrap_or_default();
            beginnings.iter().any(|beginning| id.starts_with(beginning))
        };
        match result.verdict {
            Verdict::Pass => Self::Ok,
            Verdict::Info => Self::Informational,
            Verdict::Warn => Self::NonStrict,
            Verdict::Skip => Self::Unimplemented,
            Verdict::Inconclusive | Verdict::Error => Self::Undecided,
            Verdict::Fail if about(&CODES) => Self::WrongCode,
            Verdict::Fail if about(&ENDS) => Self::Unclean,
            Verdict::Fail => Self::Failed,
        }
    }

    /// As Autobahn writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Informational => "INFORMATIONAL",
            Self::NonStrict => "NON-STRICT",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Undecided => "UNDECIDED",
            Self::Unclean => "UNCLEAN",
            Self::WrongCode => "WRONG CODE",
            Self::Failed => "FAILED",
        }
    }
}

impl fmt::Display for AutobahnClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What came of one of Autobahn's cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AutobahnCase {
    /// Its id, such as `6.4.1`.
    pub id: String,
    /// The worst that came of the cases behind it.
    pub class: AutobahnClass,
    /// The cases behind it that ran.
    pub cases: Vec<String>,
}
