//! The crosswalk from Autobahn|Testsuite: which of our cases examine what each of its 517 cases examines.
//!
//! The table is data, `autobahn.tsv`: an id of Autobahn's, a tab, and ids of ours with blanks between them. A dash stands
//! where nothing here examines it yet. A case of ours may stand behind several of Autobahn's: those tell the same thing.

use globset::GlobBuilder;
use pushspec_reports::{AutobahnCase, AutobahnClass, CaseResult};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// One of Autobahn's cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id, such as `6.4.1`.
    pub id: &'static str,
    /// What examines the same here; empty where nothing does yet.
    pub cases: Vec<&'static str>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    include_str!("autobahn.tsv")
        .lines()
        .map(|line| {
            let (id, cases) = line.split_once('\t').expect("an id, a tab and cases");
            Row {
                id,
                cases: cases.split(' ').filter(|case| *case != "-").collect(),
            }
        })
        .collect()
});

/// Every case of Autobahn's, in its order.
///
/// ```
/// let rows = pushspec::autobahn::crosswalk();
/// assert_eq!(rows.len(), 517);
/// let row = rows.iter().find(|row| row.id == "2.5").unwrap();
/// assert_eq!(row.cases, ["ws/ctl/ping-126-16bit"]);
/// ```
pub fn crosswalk() -> &'static [Row] {
    &ROWS
}

/// What a case of Autobahn's comes to where one of ours behind it comes to this: the same, but for those that look
/// otherwise at the same thing.
fn seen_by(id: &str, class: AutobahnClass) -> AutobahnClass {
    match (id, class) {
        // Its Close has no body, and ours has a code: where it is given back as it came, Autobahn sees no code at all, and is
        // content.
        ("3.7", AutobahnClass::NonStrict) => AutobahnClass::Ok,
        // These say FAILED of a wrong code, and of nothing else: the code is all that they are about.
        (_, AutobahnClass::WrongCode) if id.starts_with("7.9.") => AutobahnClass::Failed,
        (_, class) => class,
    }
}

/// What came of Autobahn's cases that were `asked` for: of each the worst that came of the cases behind it, where one of them
/// was asked for.
pub fn classes(results: &[CaseResult], asked: impl Fn(&Row) -> bool) -> Vec<AutobahnCase> {
    let class = |row: &str, id: &str| {
        let result = results.iter().find(|result| result.case == id)?;
        Some((seen_by(row, AutobahnClass::of(result)), id.to_owned()))
    };
    crosswalk()
        .iter()
        .filter(|row| asked(row))
        .filter_map(|row| {
            let (classes, cases): (Vec<_>, Vec<_>) =
                row.cases.iter().filter_map(|id| class(row.id, id)).unzip();
            Some(AutobahnCase {
                id: row.id.into(),
                class: classes.into_iter().max()?,
                cases,
            })
        })
        .collect()
}

/// How many of Autobahn's cases were not `asked` for, and why; none where all were.
pub fn unasked(asked: impl Fn(&Row) -> bool) -> Option<String> {
    let left: Vec<&Row> = crosswalk().iter().filter(|row| !asked(row)).collect();
    let sections: BTreeSet<&str> = left
        .iter()
        .filter_map(|row| row.id.split('.').next())
        .collect();
    let heavy = sections.iter().eq(["9"].iter());
    let why = match heavy {
        true => {
            "those of its section 9 are in the set `hardening`, --include hardening asks for them"
        }
        false => "--case and --include say which are",
    };
    let (count, all) = (left.len(), crosswalk().len());
    (count > 0).then(|| format!("{count} of Autobahn's {all} cases were not asked for: {why}"))
}

/// The rows whose Autobahn id matches a glob, or stands in this section: `6.4.1`, `6.*`, `6.4`.
///
/// # Errors
/// Why the pattern is no glob, or that it names none of Autobahn's cases.
pub fn matching(pattern: &str) -> Result<Vec<&'static Row>, String> {
    let glob = GlobBuilder::new(pattern)
        .build()
        .map_err(|error| error.kind().to_string())?
        .compile_matcher();
    let rows: Vec<&Row> = crosswalk()
        .iter()
        .filter(|row| {
            let within = row.id.strip_prefix(pattern);
            glob.is_match(row.id) || within.is_some_and(|rest| rest.starts_with('.'))
        })
        .collect();
    match rows.is_empty() {
        true => {
            Err("Autobahn has no such case: its ids are like 6.4.1, its sections like 6.4".into())
        }
        false => Ok(rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Protocol, cases};

    #[test]
    fn every_id_stands_once_and_names_cases_that_exist() {
        let known: BTreeSet<String> = cases::catalogue(Protocol::WebSocket)
            .into_iter()
            .map(|case| case.id)
            .collect();
        let ids: BTreeSet<&str> = crosswalk().iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), 517);
        assert_eq!(crosswalk().len(), 517);
        let unknown: Vec<&str> = crosswalk()
            .iter()
            .flat_map(|row| row.cases.iter().copied())
            .filter(|case| !known.contains(*case))
            .collect();
        assert_eq!(unknown, [""; 0]);
    }

    #[test]
    fn all_of_it_is_examined_here() {
        let left: Vec<&str> = crosswalk()
            .iter()
            .filter(|row| row.cases.is_empty())
            .map(|row| row.id)
            .collect();
        assert_eq!(left, [""; 0]);
    }

    #[test]
    fn the_worst_of_the_cases_behind_it_is_what_a_case_comes_to() {
        let text = include_str!("../../reports/tests/data/small.json");
        let report = pushspec_reports::render::json::read(text).expect("a report");
        let result = |case: &str, verdict| CaseResult {
            case: case.into(),
            verdict,
            ..report.results[0].clone()
        };
        let row = crosswalk().iter().find(|row| row.cases.len() == 2).unwrap();
        let class = |first, second| {
            let results = [result(row.cases[0], first), result(row.cases[1], second)];
            let classes = classes(&results, |_| true);
            classes.iter().find(|case| case.id == row.id).unwrap().class
        };
        use pushspec_reports::Verdict::{Fail, Inconclusive, Info, Pass, Skip, Warn};
        assert_eq!(class(Pass, Pass), AutobahnClass::Ok);
        assert_eq!(class(Warn, Pass), AutobahnClass::NonStrict);
        assert_eq!(class(Pass, Info), AutobahnClass::Informational);
        assert_eq!(class(Skip, Skip), AutobahnClass::Unimplemented);
        assert_eq!(class(Pass, Inconclusive), AutobahnClass::Undecided);
        assert_eq!(class(Fail, Warn), AutobahnClass::Failed);
        assert!(classes(&[], |_| true).is_empty());
    }

    #[test]
    fn what_was_not_asked_for_is_counted_and_says_why() {
        assert_eq!(unasked(|_| true), None);
        let heavy = unasked(|row| !row.id.starts_with("9.")).expect("some are left");
        assert!(heavy.starts_with("54 of Autobahn's 517 cases were not asked for: "));
        assert!(heavy.contains("--include hardening"));
        let narrow = unasked(|row| row.id.starts_with("6.4.")).expect("some are left");
        assert!(narrow.starts_with("513 of ") && narrow.contains("--case"));
    }

    #[test]
    fn some_look_otherwise_at_the_same_thing() {
        use AutobahnClass::{Failed, NonStrict, Ok, WrongCode};
        for id in ["7.9.1", "7.9.9"] {
            assert_eq!(seen_by(id, WrongCode), Failed);
            assert_eq!(seen_by(id, Ok), Ok);
        }
        assert_eq!(seen_by("3.7", NonStrict), Ok);
        assert_eq!(seen_by("3.7", Failed), Failed);
        assert_eq!(seen_by("7.3.2", WrongCode), WrongCode);
        assert_eq!(seen_by("6.4.3", NonStrict), NonStrict);
    }

    #[test]
    fn globs_choose_and_mistakes_are_told() {
        let ids = |pattern| {
            let rows = matching(pattern).unwrap();
            rows.iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(ids("6.4.1"), ["6.4.1"]);
        assert_eq!(ids("6.4.*").len(), 4);
        assert_eq!(ids("6.4"), ids("6.4.*"));
        assert_eq!(ids("6").len(), ids("6.*").len());
        assert_eq!(ids("1.1.1"), ["1.1.1"]);
        assert!(matching("14.*").unwrap_err().contains("no such case"));
        assert!(matching("6.[").is_err());
    }
}
