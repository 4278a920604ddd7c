//! Which cases an ambiguity of the documents concerns, and which verdicts rest on it.
//!
//! The table is data, `ambiguity.tsv`: an id of the register in `pushspec-spec`, a tab, and globs of the cases that meet
//! it, with blanks between them. A dash stands where nothing here examines it yet. That a verdict rests on it is for the
//! judge to say, where it decides; the table bounds what it may name.

use globset::{Glob, GlobSet, GlobSetBuilder};
use pushspec_reports::Verdict;
use pushspec_spec::{Ambiguity, Leave, ambiguities};
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

/// The ambiguities that a judge named, within what the table has of its case: a judge may be that of several cases.
pub(crate) fn of_case(named: &[&'static str], case: &str) -> Vec<String> {
    let behind = behind(case);
    let named = named.iter().filter(|id| behind.contains(id));
    named.map(|&id| id.to_owned()).collect()
}

/// The ambiguities that a verdict of a passive check rests on: what it saw is one violation, so that the requirement that
/// decides tells which. A record fits what is permitted, a warning what is doubtful, a failure what is forbidden; a pass
/// rests on nothing.
pub(crate) fn of_check(verdict: Verdict, check: &str, decides: Option<&str>) -> Vec<String> {
    let leave = match verdict {
        Verdict::Info => Leave::Permitted,
        Verdict::Warn => Leave::Doubtful,
        Verdict::Fail => Leave::Forbidden,
        Verdict::Pass | Verdict::Skip | Verdict::Inconclusive | Verdict::Error => {
            return Vec::new();
        }
    };
    let concerns = |ambiguity: &&Ambiguity| {
        let requirements = &ambiguity.requirements;
        requirements.iter().any(|id| Some(id.as_str()) == decides)
            && ambiguity.outcomes.iter().any(|it| it.leave == leave)
    };
    let behind = behind(check).into_iter();
    let found = behind.filter_map(|id| ambiguities().get(id));
    found
        .filter(concerns)
        .map(|found| found.id.clone())
        .collect()
}

/// The ambiguities that a case meets, by their ids in the register.
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
    fn a_check_rests_on_what_leaves_room_for_what_it_saw() {
        let retry = "sse/9.2.6/retry-digits";
        let of = |verdict| of_check(verdict, "sse/passive/retry", Some(retry));
        assert_eq!(of(Verdict::Warn), ["ambiguity/ignored-fields"]);
        assert_eq!(of(Verdict::Pass), [""; 0]);
        let other = of_check(Verdict::Warn, "sse/passive/retry", Some("sse/9.2.5/utf8"));
        assert_eq!(other, [""; 0]);
    }

    #[test]
    fn a_judge_names_nothing_beyond_the_table() {
        let named = ["ambiguity/tcp-close", "ambiguity/close-codes"];
        assert_eq!(of_case(&named, "ws/close/tcp-first"), [named[0]]);
    }

    /// Those that say why nothing is judged: every verdict of their cases would be the same without them.
    const NAMED_BY_NOBODY: [&str; 9] = [
        "ambiguity/when-a-fault-is-found",
        "ambiguity/echo-before-the-end",
        "ambiguity/unfinished-message",
        "ambiguity/deflate-eight-bits",
        "ambiguity/line-ends",
        "ambiguity/ignored-fields",
        "ambiguity/bom-inside",
        "ambiguity/retry-range",
        "ambiguity/cut-event",
    ];

    /// A row that no judge names is a promise that nothing keeps.
    #[test]
    fn every_row_is_named_by_a_judge() {
        let mut sources = String::new();
        let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/src").into()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir::<std::path::PathBuf>(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "rs")
                    && !path.ends_with("src/ambiguity.rs")
                {
                    sources.push_str(&std::fs::read_to_string(path).expect("text"));
                }
            }
        }
        let unnamed: Vec<&str> = rows()
            .filter(|(id, globs)| !globs.is_empty() && !sources.contains(&format!("\"{id}\"")))
            .map(|(id, _)| id)
            .collect();
        let unnamed: BTreeSet<&str> = unnamed.into_iter().collect();
        assert_eq!(unnamed, BTreeSet::from(NAMED_BY_NOBODY));
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
