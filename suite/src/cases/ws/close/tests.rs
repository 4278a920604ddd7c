//! Hand-made transcripts, and what the judges say of them.

use super::answer::MAIN;
use crate::declared::{Profile, Reading};
use crate::judgement::Judgement;
use crate::transcript::{End, Transcript, What};
use crate::ws::Frame;
use crate::ws::after_fault::TWIN;
use crate::ws::scene::Scene;
use pushspec_reports::Verdict::{self, Fail, Inconclusive, Info, Pass, Warn};

/// What the case says of connections with these labels.
fn judged(case: &str, profile: Profile, scenes: Vec<(&'static str, Scene)>) -> Judgement {
    let id = format!("ws/close/{case}");
    let case = super::cases().into_iter().find(|case| case.id == id);
    let reading = Reading {
        profile,
        ..Reading::default()
    };
    let transcript = Transcript {
        connections: scenes
            .into_iter()
            .map(|(label, scene)| scene.connection(label))
            .collect(),
    };
    case.expect("a case")
        .experiment
        .judge(&transcript, &reading)
}

#[track_caller]
fn says(case: &str, scene: Scene, expected: Verdict) {
    let judgement = judged(case, Profile::Standard, vec![(MAIN, scene)]);
    assert_eq!(judgement.verdict, expected, "{}", judgement.observed);
}

/// Our Close, ready to be answered.
fn closing(code: u16) -> Scene {
    Scene::new().we(Frame::close(code, ""))
}

#[test]
fn an_http_response_is_no_close() {
    let page = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 64\r\n\r\nnothing that is long enough to make a frame of what stands before";
    for cut in [1, 6, 7, 30, page.len()] {
        let (first, second) = page.split_at(cut);
        let scene = || closing(1000).they(first).they(second).fin();
        says("codes-valid-1000", scene(), Fail);
        let judgement = judged("codes-valid-1000", Profile::Standard, vec![(MAIN, scene())]);
        let told = "an HTTP response where a frame should begin (\"HTTP/1.1 400 Bad Request\")";
        assert!(judgement.observed.contains(told), "{}", judgement.observed);
        let behind = closing(1000)
            .they_send(Frame::close(1000, ""))
            .they(first)
            .they(second)
            .fin();
        says("codes-valid-1000", behind, Pass);
    }
}

#[test]
fn the_code_of_an_answer() {
    let answered = |code, answer| closing(code).they_send(Frame::close(answer, "")).fin();
    says("codes-valid-3000", answered(3000, 3000), Pass);
    says("codes-valid-3000", answered(3000, 1000), Pass);
    says("codes-valid-3000", answered(3000, 1001), Warn);
    says("codes-valid-3000", answered(3000, 2000), Warn);
    says("codes-valid-3000", answered(3000, 1006), Fail);
    says("codes-valid-1010", answered(1010, 1002), Info);
    says("codes-iana-1013", answered(1013, 1002), Info);
    says("codes-iana-1013", answered(1013, 1013), Pass);
    let empty = closing(3000).they_send(Frame::close_with([])).fin();
    says("codes-valid-3000", empty, Pass);
    let autobahn = vec![(MAIN, answered(3000, 1001))];
    let judgement = judged("codes-valid-3000", Profile::Autobahn, autobahn);
    assert_eq!(judgement.verdict, Fail);
    let rows = [(1010, Info, Pass), (1000, Info, Pass), (1002, Info, Fail)];
    for (answer, standard, autobahn) in rows {
        for (profile, expected) in [(Profile::Standard, standard), (Profile::Autobahn, autobahn)] {
            let scenes = vec![(MAIN, answered(1010, answer))];
            assert_eq!(
                judged("codes-valid-1010", profile, scenes).verdict,
                expected
            );
        }
    }
}

#[test]
fn an_answer_that_is_missing() {
    says("code-only", closing(1000).fin(), Fail);
    says("code-only", closing(1000), Fail);
    let judgement = judged("code-only", Profile::Standard, vec![(MAIN, closing(1000))]);
    assert!(judgement.rests_on_silence);
}

#[test]
fn a_target_that_closes_by_itself_proves_nothing() {
    let by_itself = Scene::new()
        .they_send(Frame::close(1008, ""))
        .we(Frame::close(1000, ""))
        .fin();
    says("code-only", by_itself, Inconclusive);
    let gone = Scene::new()
        .and(What::NotSent("gone".into()))
        .and(What::Ended(End::Fin));
    says("code-only", gone, Inconclusive);
    says(
        "code-only",
        Scene::refused(b"HTTP/1.1 503 Busy\r\n\r\n"),
        Inconclusive,
    );
}

#[test]
fn an_illegal_close_in_each_profile() {
    let bad = || Scene::new().we(Frame::close(1006, ""));
    let twin = || closing(1000).they_send(Frame::close(1000, "")).fin();
    let code = |code| bad().they_send(Frame::close(code, "")).fin();
    let empty = || bad().they_send(Frame::close_with([])).fin();
    let rows = [
        (code(1002), [Pass, Pass, Pass]),
        (code(1008), [Pass, Pass, Fail]),
        (bad().fin(), [Pass, Pass, Pass]),
        (code(1000), [Warn, Warn, Fail]),
        (empty(), [Warn, Warn, Pass]),
        (code(1006), [Fail, Fail, Fail]),
        (bad(), [Fail, Fail, Fail]),
    ];
    let profiles = [Profile::Standard, Profile::Strict, Profile::Autobahn];
    for (scene, expected) in rows {
        for (profile, expected) in profiles.into_iter().zip(expected) {
            let scenes = vec![(MAIN, scene.clone()), (TWIN, twin())];
            let judgement = judged("codes-never-on-wire-1006", profile, scenes);
            assert_eq!(judgement.verdict, expected, "{}", judgement.observed);
        }
    }
    // A server that answers no Close at all shows nothing by ending the connection.
    let scenes = vec![(MAIN, bad().fin()), (TWIN, closing(1000).fin())];
    let judgement = judged("codes-never-on-wire-1006", Profile::Standard, scenes);
    assert_eq!(judgement.verdict, Inconclusive);
}

#[test]
fn a_reserved_code_is_recorded_except_for_autobahn() {
    let code = |code| {
        let scene = Scene::new().we(Frame::close(2000, ""));
        vec![(MAIN, scene.they_send(Frame::close(code, "")).fin())]
    };
    let judge = |profile, answer| judged("codes-reserved-2000", profile, code(answer)).verdict;
    assert_eq!(judge(Profile::Standard, 2000), Info);
    assert_eq!(judge(Profile::Strict, 1000), Info);
    assert_eq!(judge(Profile::Autobahn, 1000), Fail);
    assert_eq!(judge(Profile::Autobahn, 1002), Pass);
}

#[test]
fn bytes_behind_our_close_may_provoke_a_reset() {
    let reset = || {
        Scene::new()
            .we_write(b"two frames")
            .and(What::Ended(End::Reset))
    };
    says("then-ping", reset(), Inconclusive);
    says(
        "code-only",
        closing(1000).and(What::Ended(End::Reset)),
        Fail,
    );
}

#[test]
fn a_time_is_judged_by_the_middle_of_three() {
    let took = |milliseconds| {
        closing(1000)
            .they_send(Frame::close(1000, ""))
            .later(milliseconds)
            .fin()
    };
    let never = || closing(1000).they_send(Frame::close(1000, ""));
    let judge = |profile, samples: [Scene; 3]| {
        let labels = ["first", "second", "third"];
        judged(
            "tcp-first",
            profile,
            labels.into_iter().zip(samples).collect(),
        )
    };
    let standard = |samples| judge(Profile::Standard, samples).verdict;
    assert_eq!(standard([took(1), took(2), took(3)]), Pass);
    assert_eq!(standard([took(4000), took(2), took(3)]), Pass);
    assert_eq!(standard([took(4000), never(), took(3)]), Warn);
    assert_eq!(standard([never(), never(), took(3)]), Warn);
    assert_eq!(
        judge(Profile::Strict, [never(), never(), never()]).verdict,
        Fail
    );
    assert_eq!(
        judge(Profile::Strict, [took(4000), took(4000), never()]).verdict,
        Warn
    );
    let unanswered = || closing(1000).fin();
    assert_eq!(
        standard([unanswered(), unanswered(), unanswered()]),
        Inconclusive
    );
    assert_eq!(standard([unanswered(), took(4000), took(1)]), Pass);
}
