//! The judge of echoes, asked about hand-made transcripts.

use super::*;
use crate::ws::scene::{Scene, transcript};

fn marker() -> Frame {
    Frame::text(MARKER)
}

/// What is said of an echo of `sent` on which this came.
fn judged(sent: Vec<Frame>, scene: Scene) -> Judgement {
    Echo::of(sent).judge(&transcript([(ECHO, scene)]), &Reading::default())
}

/// The same for two texts, `one` and `two`.
fn of_two(came: impl IntoIterator<Item = Frame>) -> Judgement {
    let sent = vec![Frame::text("one"), Frame::text("two")];
    judged(sent, Scene::new().they_say(came))
}

#[track_caller]
fn assert_said(judgement: &Judgement, verdict: Verdict, part: &str) {
    assert!(
        judgement.verdict == verdict && judgement.observed.contains(part),
        "{verdict:?}, with {part:?}: {judgement:?}"
    );
}

#[test]
fn messages_in_order_pass() {
    let judgement = of_two([Frame::text("one"), Frame::text("two"), marker()]);
    assert_said(&judgement, Verdict::Pass, "all 2 messages");
}

#[test]
fn fragments_make_one_message_and_echoes_may_be_fragmented() {
    let sent = vec![
        Frame::text("on").unfinished(),
        Frame::ping("between"),
        Frame::continuation("e"),
    ];
    let came = [
        Frame::text("o").unfinished(),
        Frame::pong("between"),
        Frame::continuation("ne"),
        marker(),
    ];
    let judgement = judged(sent, Scene::new().they_say(came));
    assert_said(&judgement, Verdict::Pass, "3 bytes in 2 frames");
}

#[test]
fn a_swap_is_told_from_a_change() {
    let judgement = of_two([Frame::text("two"), Frame::text("one"), marker()]);
    assert_said(&judgement, Verdict::Fail, "behind a message that was sent");
    let judgement = of_two([Frame::text("one"), Frame::text("twö"), marker()]);
    assert_said(&judgement, Verdict::Fail, "came back with 4 bytes");
    let judgement = of_two([Frame::binary("one"), Frame::text("two"), marker()]);
    assert_said(&judgement, Verdict::Fail, "came back as a binary message");
}

#[test]
fn the_marker_shows_what_is_lost_and_what_comes_twice() {
    let judgement = of_two([Frame::text("two"), marker()]);
    assert_said(&judgement, Verdict::Fail, "never came back, a later");
    assert!(!judgement.rests_on_silence);
    let judgement = of_two([
        Frame::text("one"),
        Frame::text("one"),
        Frame::text("two"),
        marker(),
    ]);
    assert_said(&judgement, Verdict::Fail, "more than once");
}

#[test]
fn silence_is_no_proof_of_its_own() {
    let judgement = of_two([Frame::text("one")]);
    assert_said(&judgement, Verdict::Fail, "never came back");
    assert!(judgement.rests_on_silence);
}

#[test]
fn a_greeting_is_recorded_not_judged() {
    let judgement = of_two([
        Frame::text("welcome"),
        Frame::text("one"),
        Frame::text("two"),
        marker(),
    ]);
    assert_said(&judgement, Verdict::Info, "welcome");
}

#[test]
fn an_end_behind_all_echoes_is_recorded() {
    let judgement = of_two([
        Frame::text("one"),
        Frame::text("two"),
        Frame::close(1000, ""),
    ]);
    assert_said(&judgement, Verdict::Info, "everything came back");
}

#[test]
fn a_missing_pong_fails_where_the_messages_came() {
    let sent = vec![Frame::text("one"), Frame::ping("?")];
    let judgement = judged(sent, Scene::new().they_say([Frame::text("one")]));
    assert_said(&judgement, Verdict::Fail, "no pong");
    assert_eq!(judgement.requirement, Some("rfc6455/5.5.2/pong-required"));
}

#[test]
fn a_farewell_in_place_of_the_pong_is_recorded() {
    let sent = vec![Frame::text("one"), Frame::ping("?")];
    let ended = |code| {
        let came = [Frame::text("one"), Frame::close(code, "")];
        judged(sent.clone(), Scene::new().they_say(came))
    };
    assert_said(&ended(1000), Verdict::Info, "everything came back");
    assert_said(&ended(1002), Verdict::Fail, "no pong");
}

#[test]
fn a_target_may_count_the_messages_of_one_client() {
    let ended = |count: usize, code| {
        let sent = (0..count).map(|number| Frame::text(format!("message {number}")));
        let came = [Frame::text("message 0"), Frame::close(code, "")];
        judged(sent.collect(), Scene::new().they_say(came))
    };
    assert_said(&ended(1000, 1008), Verdict::Info, "1 of 1000 messages");
    assert_said(&ended(1000, 1002), Verdict::Fail, "Close 1002");
    assert_said(&ended(3, 1008), Verdict::Fail, "(number 2 of 3), which");
}

#[test]
fn either_side_may_say_good_bye() {
    let sent = || ["one", "two", "three"].map(Frame::text).to_vec();
    let ended = |came: &[&str], code| {
        let came = came.iter().copied().map(Frame::text);
        Scene::new().they_say(came.chain([Frame::close(code, "")]))
    };
    for code in [1000, 1001, 1012, 1013, 4001] {
        let judgement = judged(sent(), ended(&["one"], code));
        assert_said(&judgement, Verdict::Info, "1 of 3 messages had come back");
    }
    for code in [1002, 1003, 1007, 1008, 1011] {
        assert_said(
            &judged(sent(), ended(&["one"], code)),
            Verdict::Fail,
            "which is legal",
        );
    }
    let again = |again: Scene, plain: Option<Scene>| {
        let mut transcript = transcript([(ECHO, ended(&["one"], 1001)), (AGAIN, again)]);
        let plain = plain.map(|plain| plain.connection(dismissal::PLAIN));
        transcript.connections.extend(plain);
        Echo::of(sent()).judge(&transcript, &Reading::default())
    };
    // What is said once more tells more.
    let all = [
        Frame::text("one"),
        Frame::text("two"),
        Frame::text("three"),
        marker(),
    ];
    let judgement = again(Scene::new().they_say(all.clone()), None);
    assert_said(&judgement, Verdict::Pass, "all 3 messages");
    // A Close that answers ours is no good-bye: what came back spoilt before it is judged.
    let spoilt = ["one", "two", "thr"].map(Frame::text).into_iter();
    let spoilt = Scene::new()
        .they_say(spoilt.chain([marker()]))
        .we(Frame::close(1000, ""))
        .they_send(Frame::close(1000, ""));
    let transcript = transcript([(ECHO, spoilt), (AGAIN, Scene::new().they_say(all.clone()))]);
    let judgement = Echo::of(sent()).judge(&transcript, &Reading::default());
    assert_said(&judgement, Verdict::Fail, "without its last bytes");
    // At the same place, where plain texts live: then it is what was said.
    let lives = || Some(Scene::new().they_send(Frame::text(dismissal::AFTERWARDS)));
    let judgement = again(ended(&["one"], 1000), lives());
    assert_said(
        &judgement,
        Verdict::Fail,
        "on a third 3 plain texts come back",
    );
    let judgement = again(ended(&["one", "two"], 1001), lives());
    assert_said(&judgement, Verdict::Info, "may at any time");
    let dismissed = Scene::new().they_send(Frame::close(1001, ""));
    let judgement = again(ended(&["one"], 1001), Some(dismissed));
    assert_said(&judgement, Verdict::Info, "may at any time");
}

#[test]
fn a_limit_may_be_told_before_earlier_echoes_went_out() {
    let sent = || {
        vec![
            Frame::text("a"),
            Frame::text("b"),
            Frame::binary(binary(5000)),
        ]
    };
    let judgement = judged(sent(), Scene::new().they_send(Frame::close(1009, "")));
    assert_said(&judgement, Verdict::Info, "something is more than it takes");
    // Nothing behind it is more than what was echoed by the probe.
    let judgement = judged(
        sent()[..2].to_vec(),
        Scene::new().they_send(Frame::close(1009, "")),
    );
    assert_said(&judgement, Verdict::Fail, "Close 1009");
}

#[test]
fn what_was_taken_once_is_not_too_big() {
    let sent = [&text(900)[..], &text(800), &text(850)].map(Frame::text);
    let came = [sent[0].clone(), Frame::close(1009, "")];
    let judgement = judged(sent.to_vec(), Scene::new().they_say(came.clone()));
    assert_said(&judgement, Verdict::Warn, "the same had come back");
    // One of them is larger: it may be that one.
    let sent = [&sent[..], &[Frame::text(text(901))]].concat();
    let judgement = judged(sent, Scene::new().they_say(came));
    assert_said(&judgement, Verdict::Info, "limit");
}

#[test]
fn a_later_message_is_one_that_came_later() {
    let sent = vec![Frame::text("a"), Frame::text("b"), Frame::text("a")];
    let came = [Frame::text("a"), Frame::close(1002, "")];
    let judgement = judged(sent, Scene::new().they_say(came));
    assert_said(&judgement, Verdict::Fail, "Close 1002");
}

#[test]
fn a_word_of_the_targets_own_is_no_echo() {
    let tick = || Frame::text("tick");
    let judgement = of_two([tick(), Frame::close(1009, "")]);
    assert_said(&judgement, Verdict::Fail, "Close 1009");
    let judgement = of_two([tick(), tick(), tick()]);
    assert_said(&judgement, Verdict::Fail, "never came back; what came was");
    assert!(judgement.rests_on_silence);
    // With something behind it, it stands in the place of the echo.
    let judgement = of_two([tick(), Frame::text("two"), marker()]);
    assert_said(&judgement, Verdict::Fail, "in its place came");
    assert!(!judgement.rests_on_silence);
}

#[test]
fn a_target_that_takes_text_alone_says_so() {
    let refused = |frame: Frame, other: Scene| {
        let scene = Scene::new().they_say([Frame::close(1003, "text only")]);
        Echo::of(vec![frame]).judge(
            &transcript([(ECHO, scene), (OTHER_BINARY, other)]),
            &Reading::default(),
        )
    };
    let again = || Scene::new().they_say([Frame::close(1003, "text only")]);
    let binary_frame = Frame::binary(binary(126));
    let judgement = refused(binary_frame.clone(), again());
    assert_said(&judgement, Verdict::Info, "no binary messages");
    let echoed = Scene::new().they_say([Frame::binary(binary(OTHER_BINARY_LENGTH))]);
    let judgement = refused(binary_frame, echoed);
    assert_said(&judgement, Verdict::Fail, "another binary message");
    let judgement = refused(Frame::text("text"), again());
    assert_said(&judgement, Verdict::Fail, "Close 1003");
}

fn refused(length: usize, code: u16) -> Judgement {
    let scene = Scene::new().they_say([Frame::close(code, "")]);
    judged(vec![Frame::binary(binary(length))], scene)
}

#[test]
fn only_a_close_that_says_so_shows_a_limit() {
    assert_said(&refused(65536, 1009), Verdict::Info, "limit");
    assert_said(&refused(65536, 1002), Verdict::Fail, "Close 1002");
    // Section 7.4.1: 1008 stands where there is no other code that suits.
    assert_said(&refused(65536, 1008), Verdict::Info, "a limit, it seems");
    assert_said(&refused(16, 1008), Verdict::Fail, "Close 1008");
    // The endpoint echoed as much when it was probed.
    assert_said(&refused(16, 1009), Verdict::Fail, "Close 1009");
}

#[test]
fn a_count_of_fragments_may_be_refused_as_policy() {
    let mut sent = vec![Frame::text("x").unfinished(); MANY_FRAGMENTS];
    for frame in &mut sent[1..] {
        frame.opcode = Opcode::CONTINUATION;
    }
    sent.push(Frame::continuation("x"));
    let scene = Scene::new().they_say([Frame::close(1008, "")]);
    assert_said(&judged(sent, scene), Verdict::Info, "limit");
}

#[test]
fn a_bare_drop_may_be_a_limit_unless_more_comes_back() {
    let dropped = || Scene::new().reset();
    let large = vec![Frame::binary(binary(32768))];
    let judgement = judged(large.clone(), dropped());
    assert_said(&judgement, Verdict::Inconclusive, "may be a limit");
    let more = Scene::new().they_say([Frame::binary(binary(LARGER_LENGTH))]);
    let judgement = Echo::of(large).judge(
        &transcript([(ECHO, dropped()), (LARGER, more)]),
        &Reading::default(),
    );
    assert_said(&judgement, Verdict::Fail, "no limit");
    let judgement = judged(vec![Frame::binary(binary(126))], dropped());
    assert_said(&judgement, Verdict::Fail, "TCP RST");
}

#[test]
fn payloads_do_not_repeat_themselves() {
    assert_eq!(text(40), text(40));
    assert_ne!(text(40)[..20], text(40)[20..]);
    assert!(str::from_utf8(&text(1000)).is_ok());
    assert!(str::from_utf8(&binary(1000)).is_err());
}
