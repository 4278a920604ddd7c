//! What a report says in the words of Autobahn|Testsuite, in each form for people: what came of its cases, and whether as many
//! messages were sent as it sends.

use crate::{AutobahnCase, AutobahnClass, Report};
use std::collections::BTreeMap;

/// What the section says of itself.
#[cfg(feature = "renderers")]
pub(super) const MEANING: &str = "What the cases of Autobahn|Testsuite would come to: of each the worst that came of the cases behind it.";

/// The classes that occur, and the cases that came to each.
pub(super) fn classes(report: &Report) -> BTreeMap<AutobahnClass, Vec<&AutobahnCase>> {
    let mut classes: BTreeMap<AutobahnClass, Vec<&AutobahnCase>> = BTreeMap::new();
    for case in &report.autobahn {
        classes.entry(case.class).or_default().push(case);
    }
    classes
}

/// What stands behind the profile of a run that sent as much as Autobahn does.
pub(super) fn exhaustive(report: &Report) -> &'static str {
    match report.exhaustive {
        true => ", exhaustive",
        false => "",
    }
}
