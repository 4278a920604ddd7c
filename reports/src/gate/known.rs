//! Known failures: what the user says about a case, and what has become of it. A known failure still runs; an entry that
//! is no longer true makes the gate red.

use super::{Circumstances, Date};
use crate::{CaseResult, Report, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A failure that the user knows of, one `[[known]]` of `pushspec.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Known {
    /// The case's id.
    pub case: String,
    /// Only on this target, written as the report names it; on every one where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The beginning of the [`signature`] that the failure has to have; any failure where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Why it is borne.
    pub reason: String,
    /// The last day on which it is borne.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// Where more is told of it, such as an issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// What has become of a known failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum KnownState {
    /// It fails as it is said to: the gate bears it.
    Holds,
    /// It does not fail any more.
    Passes,
    /// It fails in another way.
    FailsOtherwise,
    /// It fails as it is said to, but the entry has expired.
    Expired,
    /// The case was skipped or came to nothing, so that nothing can be said.
    NotJudged,
    /// There is no case with this id.
    NoSuchCase,
}

impl KnownState {
    /// Whether the entry makes the gate red.
    pub const fn is_red(self) -> bool {
        match self {
            Self::Holds | Self::NotJudged => false,
            Self::Passes | Self::FailsOtherwise | Self::Expired | Self::NoSuchCase => true,
        }
    }
}

/// A known failure of a case that was selected, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KnownOutcome {
    /// The case's id.
    pub case: String,
    /// What has become of it.
    pub state: KnownState,
    /// Why it is borne, as the user wrote.
    pub reason: String,
    /// The last day on which it is borne.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// Where more is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The state in a sentence that says what to do.
    pub told: String,
}

/// Why a list of known failures cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownError {
    /// Two entries for the same case on the same target.
    Duplicate {
        /// The case that is named twice.
        case: String,
    },
    /// An entry whose signature is the beginning of none.
    Signature {
        /// The case that it names.
        case: String,
    },
    /// An entry without a reason.
    NoReason {
        /// The case that it names.
        case: String,
    },
}

impl fmt::Display for KnownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { case } => {
                write!(f, "known failure `{case}` is listed twice: keep one entry")
            }
            Self::Signature { case } => {
                write!(
                    f,
                    "known failure `{case}` has a signature that says nothing: write `fail`, or the beginning of what \
                     `pushspec baseline write` proposes, with whole words"
                )
            }
            Self::NoReason { case } => {
                write!(
                    f,
                    "known failure `{case}` has no reason: write why it is borne"
                )
            }
        }
    }
}

impl std::error::Error for KnownError {}

/// Refuses entries without a reason, and two entries of which both would speak for one result.
///
/// ```
/// use pushspec_reports::gate::{Known, KnownError, check_known};
/// let known = Known {
///     case: "ws/close/empty".into(),
///     target: None,
///     signature: None,
///     reason: " ".into(),
///     expires: None,
///     link: None,
/// };
/// assert_eq!(check_known(&[known]), Err(KnownError::NoReason { case: "ws/close/empty".into() }));
/// ```
///
/// # Errors
/// [`KnownError`], for the first entry that cannot be used.
pub fn check_known(entries: &[Known]) -> Result<(), KnownError> {
    for (index, entry) in entries.iter().enumerate() {
        let case = || entry.case.clone();
        if entry.reason.trim().is_empty() {
            return Err(KnownError::NoReason { case: case() });
        }
        // The beginning of a word would fit what nobody thought of; an empty one fits all.
        let says = |signature: &String| {
            let first = signature.split([' ', ':']).next();
            first.is_some_and(|first| Verdict::ALL.iter().any(|verdict| verdict.as_str() == first))
        };
        if !entry.signature.as_ref().is_none_or(says) {
            return Err(KnownError::Signature { case: case() });
        }
        let overlaps = |other: &Known| {
            other.case == entry.case
                && (other.target == entry.target
                    || other.target.is_none()
                    || entry.target.is_none())
        };
        if entries[..index].iter().any(overlaps) {
            return Err(KnownError::Duplicate { case: case() });
        }
    }
    Ok(())
}

/// How a result fails, in one line that is the same in the next run: the verdict, the requirement that decides, and what
/// was observed, without what changes from run to run (times, ports, offsets, how often it was seen).
///
/// ```
/// use pushspec_reports::{Report, gate, render::json};
/// let report: Report = json::read(include_str!("../../tests/data/small.json")).unwrap();
/// assert_eq!(
///     gate::signature(&report.results[0]),
///     "fail rfc6455/5.5.2/pong-required: no pong within # s"
/// );
/// ```
///
/// Of a passive check it is the verdict and the requirement alone: what it quotes is whatever it met first, and that is
/// another thing once other cases run. So it is of a case that generates what it sends: another seed makes another thing of it.
pub fn signature(result: &CaseResult) -> String {
    let requirement = result
        .requirement
        .as_deref()
        .map(|id| format!(" {id}"))
        .unwrap_or_default();
    let verdict = result.verdict;
    match result.bytes_judged.is_some() || result.exchange.is_some() {
        true => format!("{verdict}{requirement}"),
        false => format!("{verdict}{requirement}: {}", steady(&result.observed)),
    }
}

/// Units behind numbers that change from run to run.
const UNSTEADY: [&str; 7] = ["s", "ms", "µs", "us", "seconds", "sightings", "sighting"];

/// The text with `#` for each number that may be another in the next run.
fn steady(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from
            .char_indices()
            .find(|&(index, c)| {
                let decimal =
                    c == '.' && from[index + 1..].starts_with(|c: char| c.is_ascii_digit());
                !c.is_ascii_digit() && !decimal
            })
            .map_or(from.len(), |(index, _)| index);
        let (number, after) = from.split_at(end);
        let unit: String = after
            .trim_start_matches(' ')
            .chars()
            .take_while(|c| c.is_alphabetic())
            .collect();
        let port = before.ends_with(':') && number.len() >= 4;
        let offset = before.ends_with("offset ");
        if UNSTEADY.contains(&unit.as_str()) || port || offset || before.ends_with("port ") {
            out.push('#');
        } else {
            out.push_str(number);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What has become of the known failures that concern this report: those of cases that were selected, and those that name
/// no case at all.
pub(super) fn judge(
    entries: &[Known],
    report: &Report,
    circumstances: Circumstances<'_>,
) -> Vec<KnownOutcome> {
    let Circumstances {
        today,
        is_case,
        nearest,
    } = circumstances;
    let concerns = |entry: &&Known| {
        let target = entry.target.as_deref();
        target.is_none_or(|target| target == report.target)
    };
    // A name that is none is wrong on every target.
    let selected = |entry: &&Known| concerns(entry) || !is_case(&entry.case);
    entries
        .iter()
        .filter(selected)
        .filter_map(|entry| {
            let (state, told) = match report.result(&entry.case) {
                Some(result) => state(entry, result, today),
                // Filtered out: the entry is neither confirmed nor refuted.
                None if is_case(&entry.case) => return None,
                None => {
                    let nearest = nearest(&entry.case);
                    let nearest = nearest
                        .map_or_else(String::new, |name| format!("; the nearest is `{name}`"));
                    (
                        KnownState::NoSuchCase,
                        format!(
                            "known failure `{}` names no case{nearest}: `pushspec list` names all",
                            entry.case
                        ),
                    )
                }
            };
            Some(KnownOutcome {
                case: entry.case.clone(),
                state,
                reason: entry.reason.clone(),
                expires: entry.expires,
                link: entry.link.clone(),
                told,
            })
        })
        .collect()
}

fn state(entry: &Known, result: &CaseResult, today: Date) -> (KnownState, String) {
    let case = &entry.case;
    match result.verdict {
        Verdict::Pass | Verdict::Info => (
            KnownState::Passes,
            match entry.target {
                Some(_) => {
                    format!("known failure {case} does not fail any more: take the entry away")
                }
                None => format!(
                    "known failure {case} does not fail any more: take the entry away, or give it the `target` on which \
                     it still does"
                ),
            },
        ),
        Verdict::Skip | Verdict::Inconclusive | Verdict::Error => (
            KnownState::NotJudged,
            format!("known failure {case} was not judged: {}", result.verdict),
        ),
        Verdict::Fail | Verdict::Warn => {
            let signature = signature(result);
            if let Some(wanted) = entry
                .signature
                .as_deref()
                .filter(|s| !signature.starts_with(s))
            {
                return (
                    KnownState::FailsOtherwise,
                    format!(
                        "known failure {case} fails in another way: `{signature}`, not `{wanted}`"
                    ),
                );
            }
            match entry.expires {
                Some(day) if day < today => (
                    KnownState::Expired,
                    format!("known failure {case} still fails, and its entry expired on {day}"),
                ),
                Some(_) | None => (
                    KnownState::Holds,
                    format!("known failure {case} still fails: {}", entry.reason),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::steady;

    #[test]
    fn what_changes_from_run_to_run_is_no_part_of_a_signature() {
        let rows = [
            ("no pong within 5 s", "no pong within # s"),
            ("took 12.75 ms", "took # ms"),
            ("closed with 1006, not 1002", "closed with 1006, not 1002"),
            ("127.0.0.1:54321 refused", "127.0.0.1:# refused"),
            ("HTTP/1.1 200", "HTTP/1.1 200"),
            (
                "bad byte at offset 129 (3 sightings in this run)",
                "bad byte at offset # (# sightings in this run)",
            ),
            ("4 bytes", "4 bytes"),
            ("ends in 7", "ends in 7"),
            ("", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(steady(text), expected);
        }
    }
}
