//! Which cases run: sets, and `--case` patterns.

use crate::case::Set;
use globset::{GlobBuilder, GlobMatcher};
use std::fmt;

/// Which cases were asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    patterns: Vec<GlobMatcher>,
    sets: Vec<Set>,
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
            "--case `{pattern}` is not a pattern ({reason}): write an id, or a glob such as 'ws/close/*'"
        )
    }
}

impl std::error::Error for SelectionError {}

impl Selection {
    /// Cases whose id matches any of `patterns` (all, where there is none) and that are in the default set, in one of
    /// `sets`, or named by a pattern without wildcards.
    ///
    /// # Errors
    /// Where a pattern is no glob.
    pub fn new(patterns: &[String], sets: &[Set]) -> Result<Self, SelectionError> {
        let patterns = patterns
            .iter()
            .map(|pattern| matcher(pattern))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            patterns,
            sets: sets.to_vec(),
        })
    }

    /// Whether a case with this id and set was asked for.
    pub fn includes(&self, id: &str, set: Set) -> bool {
        let named = self
            .patterns
            .iter()
            .any(|pattern| pattern.glob().glob() == id);
        let matched =
            self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.is_match(id));
        matched && (named || set == Set::Default || self.sets.contains(&set))
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
    fn a_broken_pattern_is_named() {
        let error = Selection::new(&["ws/[".into()], &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("`ws/[`"), "{error}");
    }
}
