//! Which cases run: sets, and `--case` patterns.

use crate::autobahn;
use crate::case::Set;
use globset::{GlobBuilder, GlobMatcher};
use pushspec_reports::Partition;
use std::fmt;

/// What stands before a pattern of Autobahn's ids.
const AUTOBAHN: &str = "autobahn:";

/// Which cases were asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    patterns: Vec<GlobMatcher>,
    /// Autobahn's cases that were asked for by its own ids; none where they were not.
    theirs: Vec<&'static str>,
    sets: Vec<Set>,
    partition: Option<Partition>,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionError {
    pattern: String,
    reason: String,
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, reason } = self;
        write!(
            f,
            "--case `{pattern}` is not a pattern ({reason}): write an id, a glob such as 'ws/close/*', or one of \
             Autobahn's such as 'autobahn:6.4.*'"
        )
    }
}

impl std::error::Error for SelectionError {}

impl Selection {
    /// Cases whose id matches any of `patterns` (all, where there is none) and that are in the default set, in one of
    /// `sets`, or named by a pattern without wildcards. `autobahn:GLOB` names the cases that examine what these cases of
    /// Autobahn|Testsuite examine.
    ///
    /// # Errors
    /// Where a pattern is no glob, or names none of Autobahn's cases.
    pub fn new(patterns: &[String], sets: &[Set]) -> Result<Self, SelectionError> {
        let mut matchers = Vec::new();
        let mut named = Vec::new();
        for pattern in patterns {
            match pattern.strip_prefix(AUTOBAHN) {
                None => matchers.push(matcher(pattern)?),
                Some(theirs) => {
                    let rows = autobahn::matching(theirs).map_err(|reason| SelectionError {
                        pattern: pattern.clone(),
                        reason,
                    })?;
                    named.extend(rows.iter().map(|row| row.id));
                    for case in rows.into_iter().flat_map(|row| &row.cases) {
                        matchers.push(matcher(case)?);
                    }
                    // Not to be taken for a selection without patterns.
                    if matchers.is_empty() {
                        matchers.push(matcher(pattern)?);
                    }
                }
            }
        }
        Ok(Self {
            patterns: matchers,
            theirs: named,
            sets: sets.to_vec(),
            partition: None,
        })
    }

    /// The same, in one part of several.
    #[must_use]
    pub fn part(self, partition: Option<Partition>) -> Self {
        Self { partition, ..self }
    }

    /// The part that runs.
    pub fn partition(&self) -> Option<Partition> {
        self.partition
    }

    /// Whether a case with this id and set runs: it was asked for, and it is in the part that runs.
    pub fn runs(&self, id: &str, set: Set) -> bool {
        self.includes(id, set) && self.partition.is_none_or(|part| part.holds(id))
    }

    /// Whether a case or check with this id and set was asked for. Checks look on in every part.
    pub fn includes(&self, id: &str, set: Set) -> bool {
        let named = self
            .patterns
            .iter()
            .any(|pattern| pattern.glob().glob() == id);
        let matched =
            self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.is_match(id));
        matched && (named || set == Set::Default || self.sets.contains(&set))
    }

    /// Whether this case of Autobahn's was asked for: by its id; else, by what stands behind it.
    pub fn asks_for(&self, row: &autobahn::Row) -> bool {
        self.theirs.is_empty() || self.theirs.contains(&row.id)
    }

    /// The patterns that match none of these ids.
    pub fn strays(&self, ids: &[&str]) -> Vec<&str> {
        let stray = |pattern: &&GlobMatcher| {
            let written = pattern.glob().glob();
            !written.starts_with(AUTOBAHN) && !ids.iter().any(|id| pattern.is_match(id))
        };
        let strays = self.patterns.iter().filter(stray);
        strays.map(|pattern| pattern.glob().glob()).collect()
    }

    /// How many patterns there are.
    pub fn patterns(&self) -> usize {
        self.patterns.len()
    }

    /// The sets beyond the default, as words.
    pub fn sets(&self) -> Vec<String> {
        self.sets
            .iter()
            .map(|set| set.as_str().to_owned())
            .collect()
    }
}

fn matcher(pattern: &str) -> Result<GlobMatcher, SelectionError> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|error| SelectionError {
            pattern: pattern.into(),
            reason: error.kind().to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cross_slashes_and_sets_gate() {
        let select = |patterns: &[&str], sets: &[Set]| {
            Selection::new(
                &patterns.iter().map(|&p| p.to_owned()).collect::<Vec<_>>(),
                sets,
            )
            .unwrap()
        };
        type Row = (
            &'static [&'static str],
            &'static [Set],
            &'static str,
            Set,
            bool,
        );
        let rows: &[Row] = &[
            (&[], &[], "ws/hs/minimal", Set::Default, true),
            (&[], &[], "ws/ctl/idle", Set::Long, false),
            (&[], &[Set::Long], "ws/ctl/idle", Set::Long, true),
            (&["ws/*"], &[], "ws/hs/minimal", Set::Default, true),
            (&["ws/*"], &[], "ws/ctl/idle", Set::Long, false),
            (&["ws/ctl/idle"], &[], "ws/ctl/idle", Set::Long, true),
            (
                &["*mask*"],
                &[],
                "ws/frame/mask-keys-zero",
                Set::Default,
                true,
            ),
            (
                &["ws/close/*", "ws/ctl/*"],
                &[],
                "ws/hs/minimal",
                Set::Default,
                false,
            ),
        ];
        for (patterns, sets, id, set, expected) in rows {
            assert_eq!(
                select(patterns, sets).includes(id, *set),
                *expected,
                "{patterns:?} {sets:?} {id}"
            );
        }
    }

    #[test]
    fn what_autobahn_has_is_found_under_its_ids() {
        let select = |pattern: &str| Selection::new(&[pattern.to_owned()], &[]).unwrap();
        let pings = select("autobahn:2.*");
        assert!(pings.includes("ws/ctl/ping-empty", Set::Default));
        assert!(!pings.includes("ws/close/empty", Set::Default));
        // Its pauses make it long, and whoever names it wants it.
        assert!(select("autobahn:5.19").includes("ws/frag/pings-with-pauses-framewise", Set::Long));
        let row = |id: &str| autobahn::matching(id).unwrap()[0];
        assert!(pings.asks_for(row("2.1")) && !pings.asks_for(row("5.1")));
        assert!(Selection::default().asks_for(row("5.1")));
        let unknown = Selection::new(&["autobahn:99".into()], &[]).unwrap_err();
        assert!(unknown.to_string().contains("no such case"), "{unknown}");
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = Selection::new(&["ws/[".into()], &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("`ws/[`"), "{error}");
    }
}
