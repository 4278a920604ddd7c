//! The gate as a table: what a report holds, what the user lets pass, what the process ends with.

use crate::sample::{report, result};
use pushspec_reports::NeedOutcome;
use pushspec_reports::Report;
use pushspec_reports::Verdict::{self, Error, Fail, Inconclusive, Info, Pass, Skip, Warn};
use pushspec_reports::gate::{Circumstances, ExitStatus, Gate};

const fn gate(fail_on_warn: bool, max_warn: Option<usize>, max_inconclusive: usize) -> Gate {
    Gate {
        fail_on_warn,
        max_warn,
        max_inconclusive,
        known: Vec::new(),
    }
}

static PLAIN: Gate = gate(false, None, 0);
static STRICT: Gate = gate(true, None, 0);
static LENIENT: Gate = gate(false, None, 1);
static ONE_WARNING: Gate = gate(false, Some(1), 0);

/// What a gate says of a report, on a day in 2027, of a catalogue whose cases are all called `ws/…`.
pub(crate) fn judge(gate: &Gate, report: &Report) -> (ExitStatus, String) {
    let circumstances = Circumstances {
        today: "2027-06-15".parse().expect("a date"),
        is_case: &|id| id.starts_with("ws/"),
        nearest: &|_| None,
    };
    let outcome = gate.judge(report, circumstances);
    (outcome.status, outcome.reason())
}

fn judged(gate: &Gate, verdicts: &[Verdict]) -> (ExitStatus, String) {
    let results = verdicts
        .iter()
        .enumerate()
        .map(|(index, &verdict)| result(&format!("ws/a/case-{index}"), verdict));
    judge(gate, &report(results.collect()))
}

#[test]
fn verdicts_decide() {
    let rows: &[(&Gate, &[Verdict], ExitStatus, &str)] = &[
        (
            &PLAIN,
            &[Pass, Info, Skip],
            ExitStatus::Met,
            "the gate is met",
        ),
        (&PLAIN, &[Pass, Warn], ExitStatus::Met, "the gate is met"),
        (
            &STRICT,
            &[Pass, Warn],
            ExitStatus::NotMet,
            "1 warning, and warnings fail this gate",
        ),
        (
            &PLAIN,
            &[Pass, Fail, Fail],
            ExitStatus::NotMet,
            "2 failures: ws/a/case-1, ws/a/case-2",
        ),
        (
            &PLAIN,
            &[Pass, Inconclusive],
            ExitStatus::Unsound,
            "1 inconclusive, the gate bears 0",
        ),
        (
            &LENIENT,
            &[Pass, Inconclusive],
            ExitStatus::Met,
            "the gate is met",
        ),
        (
            &LENIENT,
            &[Pass, Inconclusive, Inconclusive],
            ExitStatus::Unsound,
            "2 inconclusive, the gate bears 1",
        ),
        (
            &PLAIN,
            &[Fail, Inconclusive],
            ExitStatus::NotMet,
            "1 failure: ws/a/case-0",
        ),
        (
            &PLAIN,
            &[Fail, Error],
            ExitStatus::OwnError,
            "1 error of our own: please report it",
        ),
        (
            &ONE_WARNING,
            &[Pass, Warn],
            ExitStatus::Met,
            "the gate is met",
        ),
        (
            &ONE_WARNING,
            &[Warn, Warn, Fail],
            ExitStatus::NotMet,
            "1 failure: ws/a/case-2; 2 warnings, the gate bears 1",
        ),
        (
            &PLAIN,
            &[Skip, Skip],
            ExitStatus::Unsound,
            "nothing was judged",
        ),
        (
            &LENIENT,
            &[Skip, Inconclusive],
            ExitStatus::Unsound,
            "nothing was judged",
        ),
    ];
    for (gate, verdicts, status, reason) in rows {
        assert_eq!(
            judged(gate, verdicts),
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
        let (status, said) = judge(&PLAIN, &partial);
        assert_eq!(status, ExitStatus::Unsound);
        assert!(said.contains(reason), "{said}");
        partial.results.push(result("ws/a/c", Fail));
        let (status, said) = judge(&PLAIN, &partial);
        assert_eq!(status, ExitStatus::NotMet);
        assert!(
            said.contains("1 failure") && said.contains(reason),
            "{said}"
        );
    }
}

#[test]
fn where_no_case_matched_the_reason_says_what_to_do() {
    let (status, said) = judged(&PLAIN, &[]);
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
        judge(&PLAIN, &absent),
        (ExitStatus::Unsound, absent.needs[0].reason.clone())
    );
}

#[test]
fn a_required_need_that_is_missing_fails_the_gate() {
    let mut skipped = report(vec![result("ws/a/b", Pass), result("ws/a/c", Skip)]);
    skipped.required_missing = vec!["echo".into()];
    let outcome = skipped.needs.iter().find(|outcome| outcome.need == "echo");
    let reason = outcome.expect("the report has it").reason.clone();
    assert_eq!(
        judge(&PLAIN, &skipped),
        (
            ExitStatus::NotMet,
            format!("required, but not offered by the target: echo ({reason})")
        )
    );
}

#[test]
fn what_is_not_scored_is_not_counted_and_our_own_errors_always_are() {
    let mut newer = result("ws/a/newer", Fail);
    newer.scored = false;
    let mut frozen = report(vec![newer.clone()]);
    assert_eq!(
        judge(&PLAIN, &frozen),
        (ExitStatus::Unsound, "nothing was judged".to_owned())
    );
    frozen.results.push(result("ws/a/b", Pass));
    assert_eq!(judge(&PLAIN, &frozen).0, ExitStatus::Met);
    frozen.results[0].verdict = Error;
    assert_eq!(judge(&PLAIN, &frozen).0, ExitStatus::OwnError);
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

#[test]
fn what_is_judged_together_is_judged_as_strictly_as_each_part() {
    let judged_by = |gate: &Gate| {
        let mut part = report(vec![result("ws/a/b", Warn)]);
        let circumstances = Circumstances {
            today: "2027-06-15".parse().expect("a date"),
            is_case: &|_| true,
            nearest: &|_| None,
        };
        part.gate = Some(gate.judge(&part, circumstances));
        part
    };
    let parts = [
        judged_by(&PLAIN),
        judged_by(&STRICT),
        judged_by(&ONE_WARNING),
    ];
    let together = Gate::strictest(&parts);
    assert_eq!((together.fail_on_warn, together.max_warn), (true, Some(1)));
    let lenient = [judged_by(&LENIENT), judged_by(&LENIENT)];
    assert_eq!(Gate::strictest(&lenient), LENIENT);
}
