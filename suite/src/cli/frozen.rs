//! Frozen sets: `--catalogue 0.1` scores the cases that came with that release or before it. Newer ones run too and are told,
//! so that an upgrade of pushspec turns nothing red until the user moves on.

use super::Usage;
use super::list::entries;
use pushspec_reports::{CaseResult, Report};
use std::collections::HashSet;

/// A release whose cases are scored.
#[derive(Debug)]
pub(super) struct Frozen {
    release: String,
    newer: HashSet<String>,
}

impl Frozen {
    /// The release that `--catalogue` names. One that this pushspec does not know is refused: its cases are not here.
    pub(super) fn parse(release: &str) -> Result<Self, Usage> {
        let wanted = numbers(release).ok_or_else(|| {
            Usage::new(format_args!(
                "--catalogue `{release}` is no release: write one such as 0.1 or 0.1.0"
            ))
        })?;
        let ours = env!("CARGO_PKG_VERSION");
        if numbers(ours).is_none_or(|ours| wanted > upper(&ours, wanted.len())) {
            return Err(Usage::new(format_args!(
                "--catalogue {release}: this is pushspec {ours}, which does not know the cases of a later release"
            )));
        }
        let newer = entries()
            .into_iter()
            .filter(|entry| {
                let since = numbers(entry.since).unwrap_or_default();
                upper(&since, wanted.len()) > wanted
            })
            .map(|entry| entry.id)
            .collect();
        Ok(Self {
            release: release.into(),
            newer,
        })
    }

    /// Whether a case is scored.
    pub(super) fn scores(&self, case: &str) -> bool {
        !self.newer.contains(case)
    }

    /// Marks a result that is not scored.
    pub(super) fn mark(&self, result: &mut CaseResult) {
        result.scored = self.scores(&result.case);
    }

    /// Marks every result of a report, and says in it which release is scored.
    pub(super) fn mark_all(&self, report: &mut Report) {
        report
            .results
            .iter_mut()
            .for_each(|result| self.mark(result));
        report.catalogue = Some(self.release.clone());
    }
}

/// The numbers of a release; at most three.
fn numbers(release: &str) -> Option<Vec<u32>> {
    let numbers: Option<Vec<u32>> = release.split('.').map(|part| part.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() <= 3)
}

/// The first `count` numbers: 0.1 stands for every 0.1.x.
fn upper(numbers: &[u32], count: usize) -> Vec<u32> {
    numbers.iter().copied().take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_ours_or_older() {
        for known in ["0.1", "0.1.0", "0"] {
            let frozen = Frozen::parse(known).expect(known);
            assert!(
                frozen.newer.is_empty(),
                "{known}: the first release has no newer cases"
            );
        }
        let older = Frozen::parse("0.0.9").expect("older");
        assert!(older.newer.contains("ws/hs/minimal"));
        for unknown in ["0.2", "1", "0.1.1", "x", "", "0.1.0.0", "-1"] {
            assert!(Frozen::parse(unknown).is_err(), "{unknown}");
        }
    }
}
