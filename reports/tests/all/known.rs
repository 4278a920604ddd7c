//! Known failures as a table: every transition, with the exit status and the words for it.

use crate::gate::judge;
use crate::sample::{report, result};
use pushspec_reports::Verdict::{self, Error, Fail, Inconclusive, Info, Pass, Skip, Warn};
use pushspec_reports::gate::{
    ExitStatus, Gate, Known, KnownError, KnownState, check_known, propose, signature,
};
use pushspec_reports::{CaseResult, Report, Standing};

fn known(case: &str) -> Known {
    Known {
        case: case.into(),
        target: None,
        signature: None,
        reason: "issue 7".into(),
        expires: None,
        link: None,
    }
}

fn expiring(day: &str) -> Known {
    Known {
        expires: Some(day.parse().expect("a date")),
        ..known("ws/a/known")
    }
}

fn signed(signature: &str) -> Known {
    Known {
        signature: Some(signature.into()),
        ..known("ws/a/known")
    }
}

fn gate(known: Known) -> Gate {
    Gate {
        known: vec![known],
        ..Gate::default()
    }
}

/// A sound case, and the known one with this verdict.
fn run(verdict: Verdict) -> Report {
    report(vec![
        result("ws/a/sound", Pass),
        CaseResult {
            requirement: Some("rfc6455/5.5.2/pong-required".into()),
            observed: "no pong within 5 s".into(),
            ..result("ws/a/known", verdict)
        },
    ])
}

#[test]
fn every_transition() {
    use ExitStatus::{Met, NotMet, OwnError, Unsound};
    let rows: Vec<(&str, Known, Verdict, ExitStatus, &str)> = vec![
        (
            "still fails",
            known("ws/a/known"),
            Fail,
            Met,
            "the gate is met; 1 known failure still fails",
        ),
        (
            "still warns",
            known("ws/a/known"),
            Warn,
            Met,
            "the gate is met; 1 known failure still fails",
        ),
        (
            "passes",
            known("ws/a/known"),
            Pass,
            NotMet,
            "known failure ws/a/known does not fail any more: take the entry away, or give it the `target` on which it still does",
        ),
        (
            "is recorded only",
            known("ws/a/known"),
            Info,
            NotMet,
            "known failure ws/a/known does not fail any more: take the entry away, or give it the `target` on which it still does",
        ),
        (
            "fails as it says",
            signed("fail rfc6455/5.5.2/pong-required: no pong within # s"),
            Fail,
            Met,
            "the gate is met; 1 known failure still fails",
        ),
        (
            "fails as its beginning says",
            signed("fail rfc6455/5.5.2/pong-required"),
            Fail,
            Met,
            "the gate is met; 1 known failure still fails",
        ),
        (
            "fails otherwise",
            signed("fail rfc6455/5.5.3/pong-identical-data"),
            Fail,
            NotMet,
            "known failure ws/a/known fails in another way: `fail rfc6455/5.5.2/pong-required: no pong within # s`, \
             not `fail rfc6455/5.5.3/pong-identical-data`",
        ),
        (
            "warns, and should fail",
            signed("fail"),
            Warn,
            NotMet,
            "known failure ws/a/known fails in another way: `warn rfc6455/5.5.2/pong-required: no pong within # s`, not `fail`",
        ),
        (
            "is skipped",
            known("ws/a/known"),
            Skip,
            Met,
            "the gate is met",
        ),
        (
            "comes to nothing",
            known("ws/a/known"),
            Inconclusive,
            Unsound,
            "1 inconclusive, the gate bears 0",
        ),
        (
            "is our own error",
            known("ws/a/known"),
            Error,
            OwnError,
            "1 error of our own: please report it",
        ),
        (
            "expires today",
            expiring("2027-06-15"),
            Fail,
            Met,
            "the gate is met; 1 known failure still fails",
        ),
        (
            "expired yesterday",
            expiring("2027-06-14"),
            Fail,
            NotMet,
            "known failure ws/a/known still fails, and its entry expired on 2027-06-14",
        ),
        (
            "expired, and passes",
            expiring("2027-06-14"),
            Pass,
            NotMet,
            "known failure ws/a/known does not fail any more: take the entry away, or give it the `target` on which it still does",
        ),
        (
            "names no case",
            known("nowhere/a"),
            Pass,
            NotMet,
            "known failure `nowhere/a` names no case: `pushspec list` names all",
        ),
        (
            "names a case that was not selected",
            known("ws/b/other"),
            Pass,
            Met,
            "the gate is met",
        ),
        (
            "is of another target",
            Known {
                target: Some("ws://other/".into()),
                ..known("ws/a/known")
            },
            Fail,
            NotMet,
            "1 failure: ws/a/known",
        ),
        (
            "is of this target",
            Known {
                target: Some("ws://127.0.0.1:9001/".into()),
                ..known("ws/a/known")
            },
            Fail,
            Met,
            "the gate is met; 1 known failure still fails",
        ),
    ];
    for (what, known, verdict, status, reason) in rows {
        assert_eq!(
            judge(&gate(known), &run(verdict)),
            (status, reason.to_owned()),
            "{what}"
        );
    }
}

#[test]
fn a_known_failure_covers_its_own_case_only_and_no_partial_report() {
    let mut more = run(Fail);
    more.results.push(result("ws/a/new", Fail));
    assert_eq!(
        judge(&gate(known("ws/a/known")), &more),
        (ExitStatus::NotMet, "1 failure: ws/a/new".to_owned())
    );
    let mut lost = run(Fail);
    lost.target_lost = true;
    assert_eq!(
        judge(&gate(known("ws/a/known")), &lost),
        (
            ExitStatus::Unsound,
            "the target was lost: the report is partial".to_owned()
        )
    );
}

#[test]
fn only_red_states_are_red() {
    use KnownState::{Expired, FailsOtherwise, Holds, NoSuchCase, NotJudged, Passes};
    let red = [Passes, FailsOtherwise, Expired, NoSuchCase];
    for state in [
        Holds,
        Passes,
        FailsOtherwise,
        Expired,
        NotJudged,
        NoSuchCase,
    ] {
        assert_eq!(state.is_red(), red.contains(&state), "{state:?}");
    }
}

#[test]
fn lists_that_cannot_be_used_are_refused() {
    let twice = [known("ws/a/b"), signed("fail"), known("ws/a/b")];
    assert_eq!(
        check_known(&twice),
        Err(KnownError::Duplicate {
            case: "ws/a/b".into()
        })
    );
    let elsewhere = |target: &str| Known {
        target: Some(target.into()),
        ..known("ws/a/b")
    };
    assert_eq!(
        check_known(&[elsewhere("ws://a/"), elsewhere("ws://b/")]),
        Ok(())
    );
    assert!(check_known(&[elsewhere("ws://a/"), known("ws/a/b")]).is_err());
    for empty in ["", "f", "failing", " fail"] {
        let error = check_known(&[signed(empty)]).expect_err(empty);
        assert!(
            error.to_string().contains("signature that says nothing"),
            "{error}"
        );
    }
    assert_eq!(check_known(&[signed("fail"), known("ws/a/other")]), Ok(()));
    let unwritten = Known {
        reason: " \t".into(),
        ..known("ws/a/b")
    };
    let error = check_known(&[unwritten]).expect_err("no reason");
    assert_eq!(
        error.to_string(),
        "known failure `ws/a/b` has no reason: write why it is borne"
    );
}

#[test]
fn what_is_proposed_holds_and_keeps_what_people_wrote() {
    let mut before = run(Fail);
    before.results.push(result("ws/a/warned", Warn));
    let proposed = propose(&before, &[], true, "accepted");
    let cases: Vec<&str> = proposed.iter().map(|known| known.case.as_str()).collect();
    assert_eq!(cases, ["ws/a/known", "ws/a/warned"]);
    let gate = Gate {
        known: proposed.clone(),
        fail_on_warn: true,
        ..Gate::default()
    };
    assert_eq!(judge(&gate, &before).0, ExitStatus::Met);

    let written = [Known {
        link: Some("https://example.org/7".into()),
        ..expiring("2027-12-31")
    }];
    let again = propose(&before, &written, false, "");
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].reason, "issue 7");
    assert_eq!(again[0].expires, written[0].expires);
    assert_eq!(again[0].link, written[0].link);
    assert_eq!(again[0].signature, Some(signature(&before.results[1])));
}

#[test]
fn a_report_that_was_judged_says_how_its_results_count() {
    let mut judged = run(Fail);
    let circumstances = pushspec_reports::gate::Circumstances {
        today: "2027-06-15".parse().expect("a date"),
        is_case: &|_| true,
        nearest: &|_| None,
    };
    judged.gate = Some(gate(known("ws/a/known")).judge(&judged, circumstances));
    assert_eq!(judged.standing(&judged.results[0]), Standing::Sound);
    assert_eq!(
        judged.standing(&judged.results[1]),
        Standing::Borne("issue 7")
    );
    judged.gate = None;
    assert_eq!(judged.standing(&judged.results[1]), Standing::Failed);
}

/// What a passive check quotes is whatever it met first: another thing in a part of the run.
#[test]
fn the_signature_of_a_passive_check_quotes_nothing() {
    let mut check = result("ws/passive/text-utf8", Fail);
    check.bytes_judged = Some(10);
    check.requirement = Some("rfc6455/5.5.2/pong-required".into());
    let one = signature(&check);
    check.observed = "something else".into();
    assert_eq!(signature(&check), one);
    assert_eq!(one, "fail rfc6455/5.5.2/pong-required");
}
