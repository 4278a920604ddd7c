//! What a target does that is legal and broke clients: the rows of the compatibility section, in each form for people.

use crate::{CaseResult, Report, Verdict};
use pushspec_spec::{Hazard, hazards};

/// What the section says of itself.
pub(super) const MEANING: &str =
    "Legal, and no failure of this server: clients are known that broke over it.";

/// The hazards that were seen, and the result that tells where.
pub(super) fn seen(report: &Report) -> Vec<(&'static Hazard, &CaseResult)> {
    let results = report.results.iter();
    results
        .filter(|result| result.verdict == Verdict::Info)
        .filter_map(|result| Some((hazards().get(&result.case)?, result)))
        .collect()
}
