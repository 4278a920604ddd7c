//! Puts the parts of one run together again. All of them, each once, and of the same run: what is missing would not be
//! missed by a gate.

use crate::{CaseResult, Partition, Report, selection};
use std::fmt;

/// Why reports are no parts of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeError {
    /// There is none.
    Nothing,
    /// A report is whole, and no part.
    Whole,
    /// The parts are of different runs.
    Differs {
        /// What differs, such as `target`.
        what: &'static str,
        /// What the first says.
        first: String,
        /// What another says.
        other: String,
    },
    /// A part is there twice.
    Twice(Partition),
    /// A part is missing.
    Missing(Partition),
    /// Two parts judged the same case.
    Case(String),
    /// The cases of the parts are not those that were selected.
    Selection,
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("there is no report to merge"),
            Self::Whole => f.write_str(
                "one of the reports is of a whole run: merge puts together what --partition took apart",
            ),
            Self::Differs { what, first, other } => {
                write!(
                    f,
                    "the reports are of different runs: {what} is `{first}` and `{other}`"
                )
            }
            Self::Twice(part) => write!(f, "part {part} is there twice"),
            Self::Missing(part) => write!(f, "part {part} is missing"),
            Self::Case(case) => write!(f, "{case} was judged in two parts"),
            Self::Selection => f.write_str(
                "the reports do not hold the cases that were selected: some are missing, or were added",
            ),
        }
    }
}

impl std::error::Error for MergeError {}

/// The report of the whole run, its results in the order that `rank` gives, not judged by any gate. A passive check, which
/// looks on in every part, has the worst verdict of them, all its witnesses, and all its bytes.
///
/// # Errors
/// [`MergeError`], where the reports are not exactly the parts of one run.
pub fn merge(parts: Vec<Report>, rank: impl Fn(&str) -> usize) -> Result<Report, MergeError> {
    complete(&parts)?;
    let mut parts = parts.into_iter();
    let mut whole = parts.next().ok_or(MergeError::Nothing)?;
    whole.partition = None;
    whole.gate = None;
    for part in parts {
        same_run(&whole, &part)?;
        whole.duration_ms = whole.duration_ms.max(part.duration_ms);
        whole.began = whole.began.min(part.began);
        whole.interrupted |= part.interrupted;
        whole.target_lost |= part.target_lost;
        for need in part.required_missing {
            if !whole.required_missing.contains(&need) {
                whole.required_missing.push(need);
            }
        }
        for outcome in part.needs {
            match whole
                .needs
                .iter_mut()
                .find(|known| known.need == outcome.need)
            {
                Some(known) if known.met && !outcome.met => *known = outcome,
                Some(_) => {}
                None => whole.needs.push(outcome),
            }
        }
        for note in part.notes {
            if !whole.notes.contains(&note) {
                whole.notes.push(note);
            }
        }
        for result in part.results {
            let there = whole
                .results
                .iter_mut()
                .find(|known| known.case == result.case);
            match (there, result.bytes_judged) {
                (None, _) => whole.results.push(result),
                (Some(check), Some(_)) => join(check, result),
                (Some(_), None) => return Err(MergeError::Case(result.case)),
            }
        }
    }
    let cases = whole.results.iter().map(|result| result.case.as_str());
    if whole.selection.take() != Some(selection(cases)) {
        return Err(MergeError::Selection);
    }
    whole.results.sort_by_key(|result| rank(&result.case));
    Ok(whole)
}

/// Whether the parts are all there, each once.
fn complete(parts: &[Report]) -> Result<(), MergeError> {
    let first = parts.first().ok_or(MergeError::Nothing)?;
    let of = first.partition.ok_or(MergeError::Whole)?.of();
    let mut there = vec![false; of as usize];
    for report in parts {
        let part = report.partition.ok_or(MergeError::Whole)?;
        if part.of() != of {
            return Err(MergeError::Differs {
                what: "the number of parts",
                first: of.to_string(),
                other: part.of().to_string(),
            });
        }
        let seen = &mut there[part.index() as usize - 1];
        if std::mem::replace(seen, true) {
            return Err(MergeError::Twice(part));
        }
    }
    match there.iter().position(|there| !there) {
        Some(index) => Err(MergeError::Missing(Partition::new(index as u32 + 1, of))),
        None => Ok(()),
    }
}

fn same_run(first: &Report, other: &Report) -> Result<(), MergeError> {
    let facts = |report: &Report| {
        [
            ("version", report.version.clone()),
            ("target", report.target.clone()),
            ("role", report.role.clone()),
            ("transport", report.transport.clone()),
            ("profile", report.profile.clone()),
            ("sets", report.sets.join(",")),
            ("exhaustive", report.exhaustive.to_string()),
            ("seed", report.seed.to_string()),
            (
                "the selection of cases",
                report.selection.clone().unwrap_or_default(),
            ),
            ("catalogue", report.catalogue.clone().unwrap_or_default()),
        ]
    };
    for ((what, first), (_, other)) in facts(first).into_iter().zip(facts(other)) {
        if first != other {
            return Err(MergeError::Differs { what, first, other });
        }
    }
    Ok(())
}

/// What a passive check saw in two parts.
fn join(check: &mut CaseResult, mut other: CaseResult) {
    let bytes = check
        .bytes_judged
        .unwrap_or(0)
        .saturating_add(other.bytes_judged.unwrap_or(0));
    if other.verdict > check.verdict {
        std::mem::swap(check, &mut other);
    }
    check.bytes_judged = Some(bytes);
    check.witnesses.append(&mut other.witnesses);
}
