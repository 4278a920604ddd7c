//! Which verdicts rest on which ambiguity of the documents.
//!
//! The table is data, `ambiguity.tsv`: an id of the register in `pushspec-spec`, a tab, and globs of the cases whose
//! verdicts rest on how it is read, with blanks between them. A dash stands where nothing here examines it yet.

use crate::Profile;
use globset::{Glob, GlobSet, GlobSetBuilder};
use pushspec_reports::Verdict;
use pushspec_spec::{Leave, ambiguities};
use std::sync::LazyLock;

/// The table: each ambiguity with its globs.
fn rows() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    include_str!("ambiguity.tsv").lines().map(|line| {
        let (id, globs) = line.split_once('\t').expect("an id, a tab and globs");
        let globs = globs.split(' ').filter(|glob| *glob != "-").collect();
        (id, globs)
    })
}

static ROWS: LazyLock<Vec<(&str, GlobSet)>> = LazyLock::new(|| {
    let set = |globs: Vec<&str>| {
        let mut set = GlobSetBuilder::new();
        for glob in globs {
            set.add(Glob::new(glob).expect("a glob"));
        }
        set.build().expect("few globs")
    };
    rows().map(|(id, globs)| (id, set(globs))).collect()
});

/// The ambiguities that a verdict of a case rests on: those with an outcome that it fits. A pass and a record fit what is
/// permitted, a warning what is doubtful, a failure what is forbidden; but other profiles than the standard one fail what
/// is doubtful.
pub(crate) fn under(verdict: Verdict, case: &str, profile: Profile) -> Vec<String> {
    let reads_otherwise = profile != Profile::Standard;
    let leaves_room = |leave| match leave {
        Leave::Permitted => matches!(verdict, Verdict::Pass | Verdict::Info),
        Leave::Doubtful => {
            verdict == Verdict::Warn || (verdict == Verdict::Fail && reads_otherwise)
        }
        Leave::Forbidden => verdict == Verdict::Fail,
    };
    behind(case)
        .into_iter()
        .filter(|id| {
            let found = ambiguities().get(id).into_iter();
            let mut outcomes = found.flat_map(|found| &found.outcomes);
            outcomes.any(|outcome| leaves_room(outcome.leave))
        })
        .map(str::to_owned)
        .collect()
}

/// The ambiguities that the verdicts of a case rest on, by their ids in the register.
///
/// ```
/// assert_eq!(pushspec::ambiguity::behind("ws/hs/expect-100"), ["ambiguity/expect-continue"]);
/// assert!(pushspec::ambiguity::behind("ws/passive/mask").is_empty());
/// ```
pub fn behind(case: &str) -> Vec<&'static str> {
    ROWS.iter()
        .filter(|(_, cases)| cases.is_match(case))
        .map(|(id, _)| *id)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Protocol, cases, passive};
    use std::collections::BTreeSet;

    /// Every case and check, with what it examines.
    fn known() -> Vec<(String, &'static [&'static str])> {
        let mut known = Vec::new();
        for protocol in [Protocol::WebSocket, Protocol::EventStream] {
            let cases = cases::catalogue(protocol).into_iter();
            known.extend(cases.map(|case| (case.id, case.requirements)));
            let checks = passive::checks(protocol).iter();
            known.extend(checks.map(|check| (check.id.to_owned(), check.requirements)));
        }
        known
    }

    #[test]
    fn every_ambiguity_has_its_row_and_every_citation_exists() {
        let ids: Vec<&str> = rows().map(|(id, _)| id).collect();
        let register: Vec<&str> = ambiguities()
            .iter()
            .map(|found| found.id.as_str())
            .collect();
        assert_eq!(ids, register);
        let known = known();
        for (id, globs) in rows() {
            for glob in globs {
                let cases = Glob::new(glob).expect("a glob").compile_matcher();
                assert!(
                    known.iter().any(|(case, _)| cases.is_match(case)),
                    "{id}: {glob} is no case"
                );
            }
        }
    }

    #[test]
    fn a_verdict_rests_on_what_leaves_room_for_it() {
        let standard = |verdict| under(verdict, "ws/close/tcp-first", Profile::Standard);
        assert_eq!(standard(Verdict::Warn), ["ambiguity/tcp-close"]);
        assert_eq!(standard(Verdict::Pass), ["ambiguity/tcp-close"]);
        for verdict in [
            Verdict::Fail,
            Verdict::Skip,
            Verdict::Inconclusive,
            Verdict::Error,
        ] {
            assert_eq!(standard(verdict), [""; 0], "{verdict}");
        }
        let strict = under(Verdict::Fail, "ws/close/tcp-first", Profile::Strict);
        assert_eq!(strict, ["ambiguity/tcp-close"]);
        let forbidden = under(Verdict::Fail, "ws/hs/expect-100", Profile::Standard);
        assert_eq!(forbidden, ["ambiguity/expect-continue"]);
    }

    /// An ambiguity that is cited by nobody concerns nothing that is examined.
    #[test]
    fn every_ambiguity_is_cited_where_its_requirements_are_examined() {
        let known = known();
        let uncited: BTreeSet<&str> = rows()
            .filter(|(_, globs)| globs.is_empty())
            .map(|(id, _)| id)
            .collect();
        let expected = [
            "ambiguity/browsers-want-101",
            "ambiguity/connect-unadvertised",
            "ambiguity/h2-clean-end",
            "ambiguity/protocol-pseudo-field",
        ];
        assert_eq!(uncited, BTreeSet::from(expected), "HTTP/2 has no case yet");
        for id in uncited {
            let found = ambiguities().get(id).expect("it stands in the register");
            for (case, requirements) in &known {
                let examines = |requirement: &String| requirements.contains(&requirement.as_str());
                assert!(
                    !found.requirements.iter().any(examines),
                    "{case} examines what {id} concerns: cite it"
                );
            }
        }
    }
}
