//! Parts of a run are put together again, or refused; two reports are compared.

use crate::sample::{report, result};
use pushspec_reports::Verdict::{Fail, Info, Pass, Skip, Warn};
use pushspec_reports::diff::{self, Kind};
use pushspec_reports::gate::ExitStatus;
use pushspec_reports::render::changes;
use pushspec_reports::{CaseResult, MergeError, Report, Verdict, merge, selection};

fn part(text: &str, results: Vec<CaseResult>) -> Report {
    Report {
        partition: Some(text.parse().expect("a part")),
        selection: Some(selection(["ws/a/1", "ws/a/2"])),
        ..report(results)
    }
}

fn check(verdict: Verdict, bytes: u64) -> CaseResult {
    CaseResult {
        bytes_judged: Some(bytes),
        ..result("ws/passive/mask", verdict)
    }
}

fn rank(case: &str) -> usize {
    ["ws/a/1", "ws/a/2", "ws/a/3", "ws/passive/mask"]
        .iter()
        .position(|known| *known == case)
        .expect("a case")
}

#[test]
fn parts_make_the_whole_again() {
    let one = part("hash:1/2", vec![result("ws/a/2", Pass), check(Pass, 10)]);
    let mut two = part(
        "hash:2/2",
        vec![
            result("ws/a/1", Fail),
            result("ws/a/3", Pass),
            check(Fail, 5),
        ],
    );
    two.notes.push("another note".into());
    let all = selection(["ws/a/1", "ws/a/2", "ws/a/3", "ws/passive/mask"]);
    let of_all = |part: Report| Report {
        selection: Some(all.clone()),
        ..part
    };
    let (one, two) = (of_all(one), of_all(two));
    let whole = merge(vec![two, one], rank).expect("a whole");
    let told: Vec<(&str, Verdict)> = whole
        .results
        .iter()
        .map(|result| (result.case.as_str(), result.verdict))
        .collect();
    assert_eq!(
        told,
        [
            ("ws/a/1", Fail),
            ("ws/a/2", Pass),
            ("ws/a/3", Pass),
            ("ws/passive/mask", Fail)
        ]
    );
    assert_eq!(whole.results[3].bytes_judged, Some(15));
    assert_eq!(whole.partition, None);
    assert_eq!(whole.notes, ["a note", "another note"]);
}

#[test]
fn what_is_not_a_whole_run_is_refused() {
    let one = || part("hash:1/2", vec![result("ws/a/1", Pass)]);
    let two = || part("hash:2/2", vec![result("ws/a/2", Pass)]);
    let refused = |parts: Vec<Report>| merge(parts, rank).expect_err("no whole");
    assert_eq!(refused(Vec::new()), MergeError::Nothing);
    assert_eq!(refused(vec![report(Vec::new())]), MergeError::Whole);
    assert_eq!(
        refused(vec![one(), one()]),
        MergeError::Twice("hash:1/2".parse().expect("a part"))
    );
    assert_eq!(
        refused(vec![two()]),
        MergeError::Missing("hash:1/2".parse().expect("a part"))
    );
    let other = Report { seed: 2, ..two() };
    let message = refused(vec![one(), other]).to_string();
    assert_eq!(
        message,
        "the reports are of different runs: seed is `1` and `2`"
    );
    let thrice = part("hash:2/3", Vec::new());
    assert!(matches!(
        refused(vec![one(), thrice]),
        MergeError::Differs {
            what: "the number of parts",
            ..
        }
    ));
    let fewer = part("hash:2/2", Vec::new());
    assert_eq!(refused(vec![one(), fewer]), MergeError::Selection);
    let mut others = two();
    others.selection = Some(selection(["ws/a/2"]));
    assert!(matches!(
        refused(vec![one(), others]),
        MergeError::Differs {
            what: "the selection of cases",
            ..
        }
    ));
    let same = part("hash:2/2", vec![result("ws/a/1", Pass)]);
    assert_eq!(
        refused(vec![one(), same]),
        MergeError::Case("ws/a/1".into())
    );
}

#[test]
fn a_part_that_was_cut_off_makes_the_whole_partial() {
    let mut one = part("hash:1/2", vec![result("ws/a/1", Pass)]);
    one.target_lost = true;
    let two = part("hash:2/2", vec![result("ws/a/2", Pass)]);
    assert!(merge(vec![two, one], rank).expect("a whole").target_lost);
}

#[test]
fn every_change_has_its_kind() {
    let rows = [
        (Some(Pass), Some(Fail), Some(Kind::Worse)),
        (Some(Pass), Some(Warn), Some(Kind::Worse)),
        (Some(Warn), Some(Fail), Some(Kind::Worse)),
        (Some(Skip), Some(Fail), Some(Kind::Worse)),
        (Some(Fail), Some(Pass), Some(Kind::Better)),
        (Some(Fail), Some(Warn), Some(Kind::Better)),
        (Some(Pass), Some(Skip), Some(Kind::Lost)),
        (Some(Skip), Some(Pass), Some(Kind::Found)),
        (Some(Pass), Some(Info), Some(Kind::Otherwise)),
        (None, Some(Pass), Some(Kind::New)),
        (Some(Pass), None, Some(Kind::Gone)),
        (Some(Pass), Some(Pass), None),
        (Some(Skip), Some(Skip), None),
    ];
    for (before, after, kind) in rows {
        let of = |verdict: Option<Verdict>| {
            report(
                verdict
                    .map(|verdict| result("ws/a/1", verdict))
                    .into_iter()
                    .collect(),
            )
        };
        let (old, new) = (of(before), of(after));
        let changes = diff::diff(&old, &new);
        assert_eq!(
            changes.first().map(|change| change.kind),
            kind,
            "{before:?} {after:?}"
        );
    }
}

#[test]
fn a_failure_that_fails_otherwise_is_told() {
    let old = report(vec![result("ws/a/1", Fail)]);
    let mut new = old.clone();
    new.results[0].observed = "something else".into();
    let changes = diff::diff(&old, &new);
    assert_eq!(changes[0].kind, Kind::Otherwise);
    assert_eq!(diff::status(&changes, &new), ExitStatus::Met);
}

#[test]
fn a_comparison_ends_with_what_it_found() {
    let old = report(vec![result("ws/a/1", Pass), result("ws/a/2", Fail)]);
    let status = |results: Vec<CaseResult>| {
        let new = report(results);
        diff::status(&diff::diff(&old, &new), &new)
    };
    assert_eq!(status(old.results.clone()), ExitStatus::Met);
    assert_eq!(
        status(vec![result("ws/a/1", Pass), result("ws/a/2", Pass)]),
        ExitStatus::Met
    );
    assert_eq!(
        status(vec![result("ws/a/1", Fail), result("ws/a/2", Pass)]),
        ExitStatus::NotMet
    );
    assert_eq!(status(vec![result("ws/a/1", Pass)]), ExitStatus::Unsound);
    let mut more = old.results.clone();
    more.push(result("ws/a/3", Fail));
    assert_eq!(status(more), ExitStatus::NotMet);
}

#[test]
fn a_comparison_is_told() {
    let old = report(vec![result("ws/a/1", Pass), result("ws/a/2", Fail)]);
    let mut new = report(vec![result("ws/a/1", Fail), result("ws/a/2", Pass)]);
    assert!(diff::circumstances(&old, &new).is_empty());
    new.profile = "strict".into();
    let apart = diff::circumstances(&old, &new);
    assert_eq!(apart, ["profile: standard before, strict now"]);
    let changes = diff::diff(&old, &new);
    insta::assert_snapshot!(changes::plain(&[], &changes));
    let markdown = changes::markdown(&apart, &changes);
    assert!(
        markdown.contains("\n- profile: standard before, strict now\n"),
        "{markdown}"
    );
    assert!(markdown.contains("\n### 1 worse\n"), "{markdown}");
    assert!(
        markdown.contains("| `ws/a/1` | pass → fail | `what the target did` |"),
        "{markdown}"
    );
    assert_eq!(changes::plain(&[], &[]), "nothing changed\n");
}
