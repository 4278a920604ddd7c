//! The gate as a table: what a report holds, what the user lets pass, what the process ends with.

use crate::sample::{report, result};
use pushspec_reports::NeedOutcome;
use pushspec_reports::Verdict::{self, Error, Fail, Inconclusive, Info, Pass, Skip, Warn};
use pushspec_reports::gate::{ExitStatus, Gate};

const PLAIN: Gate = Gate {
    fail_on_warn: false,
    max_inconclusive: 0,
};
const STRICT: Gate = Gate {
    fail_on_warn: true,
    max_inconclusive: 0,
};
const LENIENT: Gate = Gate {
    fail_on_warn: false,
    max_inconclusive: 1,
};

fn judged(gate: Gate, verdicts: &[Verdict]) -> (ExitStatus, String) {
    let results = verdicts
        .iter()
        .enumerate()
        .map(|(index, &verdict)| result(&format!("ws/a/case-{index}"), verdict));
    gate.judge(&report(results.collect()))
}

#[test]
fn verdicts_decide() {
    let rows: &[(Gate, &[Verdict], ExitStatus, &str)] = &[
        (
            PLAIN,
            &[Pass, Info, Skip],
            ExitStatus::Met,
            "the gate is met",
        ),
        (PLAIN, &[Pass, Warn], ExitStatus::Met, "the gate is met"),
        (
            STRICT,
            &[Pass, Warn],
            ExitStatus::NotMet,
            "1 warning, and warnings fail this gate",
        ),
        (PLAIN, &[Pass, Fail, Fail], ExitStatus::NotMet, "2 failures"),
        (
            PLAIN,
            &[Pass, Inconclusive],
            ExitStatus::Unsound,
            "1 inconclusive, the gate bears 0",
        ),
        (
            LENIENT,
            &[Pass, Inconclusive],
            ExitStatus::Met,
            "the gate is met",
        ),
        (
            LENIENT,
            &[Pass, Inconclusive, Inconclusive],
            ExitStatus::Unsound,
            "2 inconclusive, the gate bears 1",
        ),
        (
            PLAIN,
            &[Fail, Inconclusive],
            ExitStatus::NotMet,
            "1 failure",
        ),
        (
            PLAIN,
            &[Fail, Error],
            ExitStatus::OwnError,
            "1 error of our own: please report it",
        ),
        (
            PLAIN,
            &[Skip, Skip],
            ExitStatus::Unsound,
            "nothing was judged",
        ),
        (
            LENIENT,
            &[Skip, Inconclusive],
            ExitStatus::Unsound,
            "nothing was judged",
        ),
    ];
    for (gate, verdicts, status, reason) in rows {
        assert_eq!(
            judged(*gate, verdicts),
            (*status, (*reason).to_owned()),
            "{gate:?} {verdicts:?}"
        );
    }
}

#[test]
fn a_partial_report_is_never_green() {
    for (interrupted, lost, reason) in [(true, false, "interrupted"), (false, true, "lost")] {
        let mut partial = report(vec![result("ws/a/b", Pass)]);
        (partial.interrupted, partial.target_lost) = (interrupted, lost);
        let (status, said) = PLAIN.judge(&partial);
        assert_eq!(status, ExitStatus::Unsound);
        assert!(said.contains(reason), "{said}");
        partial.results.push(result("ws/a/c", Fail));
        let (status, said) = PLAIN.judge(&partial);
        assert_eq!(status, ExitStatus::NotMet);
        assert!(
            said.contains("1 failure") && said.contains(reason),
            "{said}"
        );
    }
}

#[test]
fn where_no_case_matched_the_reason_says_what_to_do() {
    let (status, said) = judged(PLAIN, &[]);
    assert_eq!(status, ExitStatus::Unsound);
    assert!(
        said.starts_with("no case matched: `pushspec list`"),
        "{said}"
    );
}

#[test]
fn a_target_that_is_not_there_is_the_reason_and_not_what_is_inconclusive_for_it() {
    let mut absent = report(vec![result("ws/a/b", Inconclusive), result("ws/a/c", Skip)]);
    absent.needs[0] = NeedOutcome {
        need: "open".into(),
        met: false,
        reason: "no TCP connection: is the server running?".into(),
    };
    assert_eq!(
        PLAIN.judge(&absent),
        (ExitStatus::Unsound, absent.needs[0].reason.clone())
    );
}

#[test]
fn a_required_need_that_is_missing_fails_the_gate() {
    let mut skipped = report(vec![result("ws/a/b", Pass), result("ws/a/c", Skip)]);
    skipped.required_missing = vec!["echo".into()];
    assert_eq!(
        PLAIN.judge(&skipped),
        (
            ExitStatus::NotMet,
            "required, but not offered by the target: echo".to_owned()
        )
    );
}

#[test]
fn statuses_have_their_numbers_and_their_precedence() {
    use ExitStatus::{Met, NotMet, OwnError, Unsound, Usage};
    assert_eq!(
        [Met, NotMet, Usage, Unsound, OwnError].map(ExitStatus::code),
        [0, 1, 2, 3, 4]
    );
    let order = [Met, Unsound, NotMet, OwnError, Usage];
    for (index, &status) in order.iter().enumerate() {
        for &lesser in &order[..=index] {
            assert_eq!(status.worse(lesser), status);
            assert_eq!(lesser.worse(status), status);
        }
    }
}
