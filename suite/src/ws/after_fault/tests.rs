//! The rule after a fault, asked about hand-made transcripts.

use super::*;
use crate::declared::Profile;
use crate::ws::scene::{Scene, transcript};

fn case() -> AfterFault {
    AfterFault::new(
        "a fault",
        vec![Frame::text("faulty")],
        vec![Frame::text("legal")],
    )
}

/// The twin of a target that lets it live.
fn living() -> Scene {
    Scene::new().they_say([Frame::pong("still there, twin?"), Frame::close(1000, "")])
}

fn fault() -> Scene {
    Scene::new()
}

fn judged(case: &AfterFault, [fault, twin]: [Scene; 2]) -> Judgement {
    let transcript = transcript([(FAULT, fault), (TWIN, twin)]);
    case.judge(&transcript, &Reading::default())
}

fn verdict(case: &AfterFault, fault: Scene) -> Verdict {
    judged(case, [fault, living()]).verdict
}

fn pong(case: &AfterFault, label: &str) -> Frame {
    Frame::pong(case.canary_of(label))
}

fn echo(case: &AfterFault, label: &str) -> Frame {
    Frame::text(case.canary_of(label))
}

#[test]
fn any_end_passes_where_the_twin_lives() {
    let closed = || fault().they_say([Frame::close(1011, "")]);
    for scene in [closed(), closed().fin(), fault().fin(), fault().reset()] {
        assert_eq!(verdict(&case(), scene), Verdict::Pass);
    }
}

#[test]
fn an_answer_to_the_canary_or_the_fault_fails() {
    for frame in [
        pong(&case(), FAULT),
        echo(&case(), FAULT),
        Frame::text("faulty"),
    ] {
        assert_eq!(verdict(&case(), fault().they_say([frame])), Verdict::Fail);
    }
}

#[test]
fn an_answer_behind_the_close_is_told_apart() {
    let scene = fault().they_say([Frame::close(1002, ""), pong(&case(), FAULT)]);
    let judgement = judged(&case(), [scene, living()]);
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert_eq!(
        judgement.requirement,
        Some("rfc6455/7.1.7/no-processing-after-fail")
    );
}

#[test]
fn what_others_say_is_no_answer() {
    // A chat that passes on what the twin said, and a message of its own.
    let scene = fault()
        .they_say([
            Frame::text("legal"),
            echo(&case(), TWIN),
            Frame::text("news"),
        ])
        .fin();
    assert_eq!(verdict(&case(), scene), Verdict::Pass);
}

#[test]
fn what_stands_before_the_fault_may_be_echoed() {
    let case = case().after(&[Frame::text("before"), Frame::ping("before")]);
    let scene = fault().they_say([Frame::text("before"), Frame::pong("before")]);
    assert_eq!(verdict(&case, scene.fin()), Verdict::Pass);
}

#[test]
fn a_message_may_be_delivered_in_parts() {
    let faulty = vec![
        Frame::text("one, ").unfinished(),
        Frame::continuation("two, ").unfinished(),
        Frame::continuation("three"),
    ];
    let case = AfterFault::new("a fault", faulty, vec![Frame::text("legal")]);
    let scene = fault().they_say([Frame::text("one, two, "), Frame::close(1002, "")]);
    assert_eq!(verdict(&case, scene), Verdict::Fail);
}

#[test]
fn a_fault_of_a_message_may_be_found_behind_a_ping() {
    let case = case().found_late();
    let ponged = || fault().they_say([pong(&case, FAULT)]);
    assert_eq!(verdict(&case, ponged().fin()), Verdict::Pass);
    let echoed = ponged().they_say([echo(&case, FAULT)]);
    assert_eq!(verdict(&case, echoed), Verdict::Fail);
}

#[test]
fn silence_is_judged_by_the_duty_and_is_no_proof_of_its_own() {
    let judgement = judged(&case(), [fault(), living()]);
    assert!(judgement.verdict == Verdict::Fail && judgement.rests_on_silence);
    let case = case().mute(Verdict::Warn);
    assert_eq!(verdict(&case, fault()), Verdict::Warn);
    let strict = Reading {
        profile: Profile::Strict,
        ..Reading::default()
    };
    let judgement = case.judge(&transcript([(FAULT, fault()), (TWIN, living())]), &strict);
    assert_eq!(judgement.verdict, Verdict::Fail);
}

#[test]
fn an_end_proves_nothing_where_the_twin_ends_too() {
    let hung_up = || Scene::new().they_say([Frame::close(1003, "text only")]);
    let ended = |frame: Frame| judged(&case(), [fault().they_say([frame]), hung_up()]).verdict;
    assert_eq!(
        ended(Frame::close(1003, "text only")),
        Verdict::Inconclusive
    );
    assert_eq!(ended(Frame::close(1000, "")), Verdict::Inconclusive);
    // Only the fault is called one.
    assert_eq!(ended(Frame::close(1002, "")), Verdict::Pass);
    let both = Scene::new().they_say([Frame::close(1002, "")]);
    let judgement = judged(&case(), [fault().they_say([Frame::close(1002, "")]), both]);
    assert_eq!(judgement.verdict, Verdict::Inconclusive);
}

#[test]
fn a_bystander_that_ends_fails_the_target() {
    let answered = || Scene::new().they_say([Frame::pong("before the fault")]);
    let judged = |bystander| {
        let scenes = [
            (FAULT, fault().fin()),
            (TWIN, living()),
            ("bystander", bystander),
        ];
        let case = case().watched();
        case.judge(&transcript(scenes), &Reading::default())
    };
    let judgement = judged(answered().fin());
    assert_eq!(
        judgement.requirement,
        Some("rfc6455/10.4/protect-limits"),
        "{judgement:?}"
    );
    let blamed = answered().they_say([Frame::close(1011, "")]);
    assert_eq!(judged(blamed).verdict, Verdict::Fail);
    let served = answered().they_say([Frame::pong("after the fault")]);
    assert_eq!(judged(served).verdict, Verdict::Pass);
    // A server that does not keep idle connections.
    let dismissed = answered().they_say([Frame::close(1001, "idle")]);
    assert_eq!(judged(dismissed.fin()).verdict, Verdict::Pass);
}

#[test]
fn a_canary_fits_into_a_ping() {
    let case = AfterFault::new("x".repeat(300), Vec::new(), Vec::new());
    assert_eq!(case.canary_of(FAULT).len(), 125);
    assert_ne!(case.canary_of(FAULT), case.canary_of(TWIN));
}
