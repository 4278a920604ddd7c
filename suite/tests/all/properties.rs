//! The property cases find what is planted for them within their budget, and show it in few frames.

use crate::bench::{Bench, check};
use pushspec::{Protocol, Timing};
use pushspec_fixtures::sse;
use pushspec_fixtures::wire::Peer;
use pushspec_fixtures::ws::{EchoPeer, Ending, FAULTS, Policy};
use pushspec_reports::{CaseResult, Verdict};
use std::sync::Arc;

/// Faults of meaning, and the property that finds each. None is a matter of one frame by itself.
const PLANTED: [(&str, &str); 12] = [
    ("ping-inside-joins", "ws/prop/legal-plain"),
    ("utf8-per-fragment", "ws/prop/legal-plain"),
    ("echo-stale-tail", "ws/prop/legal-plain"),
    ("echo-empty-behind-lost", "ws/prop/legal-plain"),
    ("sequence-type-of-last-frame", "ws/prop/legal-plain"),
    ("sequence-pong-inside-empty", "ws/prop/legal-plain"),
    ("deflate-plain-in-window", "ws/prop/legal-compressed"),
    ("sequence-rsv-inside-accepted", "ws/prop/illegal-plain"),
    ("sequence-unmasked-inside-accepted", "ws/prop/illegal-plain"),
    ("stray-continuation-later-ignored", "ws/prop/illegal-plain"),
    ("sequence-utf8-later-unchecked", "ws/prop/illegal-plain"),
    ("close-bad-reason-ignored", "ws/prop/illegal-plain"),
];

/// Faults of event writers, the property that finds each, and the steps in which it is shown.
const WRITERS: [(&str, &str, usize); 8] = [
    ("data-later-lines-trimmed", "sse/prop/plain", 1),
    ("data-wrapped-at-100", "sse/prop/plain", 1),
    ("data-markup-escaped", "sse/prop/plain", 1),
    ("id-as-number", "sse/prop/plain", 1),
    ("event-name-raw", "sse/prop/hostile", 2),
    ("id-raw", "sse/prop/hostile", 2),
    ("comment-raw", "sse/prop/hostile", 2),
    ("data-cr-raw", "sse/prop/hostile", 2),
];

/// Frames that a person can look through.
const FEW: usize = 5;

fn peer(fault: &'static str) -> impl Fn() -> Arc<dyn Peer> {
    move || {
        let fault = FAULTS.iter().find(|other| other.name == fault);
        Arc::new(EchoPeer::faulty(fault.expect("a fault of that name")))
    }
}

fn against(fault: &'static str, case: &str) -> CaseResult {
    let report = check(Protocol::WebSocket, &[case], peer(fault));
    report.result(case).expect("it was run").clone()
}

#[test]
fn what_is_planted_is_found_and_made_small() {
    let mut wrong = Vec::new();
    for (fault, case) in PLANTED {
        let result = against(fault, case);
        let exchange = result.exchange.as_ref();
        let frames = exchange.and_then(|exchange| exchange["frames"].as_array());
        let frames = frames.map_or(usize::MAX, Vec::len);
        if result.verdict != Verdict::Fail || frames > FEW {
            wrong.push(format!(
                "{fault}: {} with {frames} frames: {}",
                result.verdict, result.observed
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where one frame is enough, no more are shown: what stands around it is taken away, whatever led there.
#[test]
fn one_frame_is_enough_where_it_is() {
    for (fault, shown) in [
        (
            "pong-none-for-one-byte",
            "sent were: ping 1 byte (shrunk to 1 frame)",
        ),
        ("pong-cut", "(shrunk to 1 frame)"),
        ("echo-empty-lost", "(shrunk to 1 frame)"),
    ] {
        let said = against(fault, "ws/prop/legal-plain").observed;
        assert!(said.contains(shown), "{fault}: {said}");
    }
}

/// A replay shows on the peer that failed what was shown before, and nothing on one that is sound.
#[test]
fn what_was_found_is_found_again_when_it_is_played() {
    let (fault, id) = ("sequence-rsv-inside-accepted", "ws/prop/illegal-plain");
    let found = against(fault, id).exchange.expect("it fails");
    let play = |peer: &dyn Fn() -> Arc<dyn Peer>| {
        let case = pushspec::cases::replayed(&found.to_string()).expect("well-formed");
        let peer = peer();
        let report = Bench::default().check_cases(Protocol::WebSocket, &[case], &[id], move || {
            Arc::clone(&peer)
        });
        report.result(id).expect("it was run").clone()
    };
    let faulty = play(&peer(fault));
    assert_eq!(faulty.verdict, Verdict::Fail, "{}", faulty.observed);
    assert_eq!(faulty.exchange.as_ref(), Some(&found));
    let sound = play(&|| Arc::new(EchoPeer::strict()));
    assert_eq!(sound.verdict, Verdict::Pass, "{}", sound.observed);
}

/// Sound, and in such a hurry that the rest of an illegal frame finds nobody.
fn hasty() -> Arc<dyn Peer> {
    let mut policy = Policy::default();
    policy.frames.hasty = true;
    policy.close.failure_end = Ending::AtOnce;
    Arc::new(EchoPeer::new(policy))
}

#[test]
fn what_is_noticed_at_the_first_byte_is_noticed() {
    let frame = r#"{"opcode":3,"key":"00000000","payload":"616263"}"#;
    let exchange = format!(
        r#"{{"replay":1,"case":"ws/prop/illegal-plain","cuts":[1,2,3,4],"frames":[{frame}]}}"#
    );
    let case = pushspec::cases::replayed(&exchange).expect("well-formed");
    let ids = ["ws/prop/illegal-plain", "ws/prop/illegal-compressed"];
    let replay = Bench::default().check_cases(Protocol::WebSocket, &[case], &ids, hasty);
    let searches = (1..=3).map(|seed| {
        let bench = Bench {
            seed,
            ..Bench::default()
        };
        bench.check(Protocol::WebSocket, &ids, hasty)
    });
    for report in searches.chain([replay]) {
        for result in &report.results {
            assert_eq!(result.verdict, Verdict::Pass, "{}", result.observed);
        }
    }
}

/// A target that leaves TCP open behind its Close takes time, and there are many conversations.
#[test]
fn tcp_left_open_does_not_use_up_the_time() {
    let ids = ["ws/prop/illegal-plain", "ws/prop/legal-plain"];
    let report = check(Protocol::WebSocket, &ids, || {
        let mut policy = Policy::default();
        policy.close.end = Ending::Never;
        policy.close.failure_end = Ending::Never;
        Arc::new(EchoPeer::new(policy))
    });
    for result in &report.results {
        assert_eq!(result.verdict, Verdict::Pass, "{}", result.observed);
        assert!(result.duration_ms < 15_000, "{} ms", result.duration_ms);
    }
}

/// Not all of it can be tried on a slow target, and what was tried is judged.
#[test]
fn a_slow_target_is_judged_by_what_was_played() {
    let slow = || -> Arc<dyn Peer> {
        let mut policy = Policy::default();
        policy.control.pong_delay = std::time::Duration::from_millis(200);
        policy.close.answer_delay = std::time::Duration::from_secs(3);
        Arc::new(EchoPeer::new(policy))
    };
    let id = "ws/prop/legal-plain";
    let report = check(Protocol::WebSocket, &[id], slow);
    let result = report.result(id).expect("it was run");
    assert_eq!(result.verdict, Verdict::Pass, "{}", result.observed);
    assert!(!result.observed.starts_with("32 "), "{}", result.observed);
}

fn writer(fault: &'static str) -> Arc<dyn Peer> {
    let fault = sse::FAULTS.iter().find(|other| other.name == fault);
    Arc::new(sse::Faulty::with(fault.expect("a fault of that name")))
}

#[test]
fn faults_of_event_writers_are_found_and_made_small() {
    let mut wrong = Vec::new();
    for (fault, id, steps) in WRITERS {
        let report = check(Protocol::EventStream, &[id], move || writer(fault));
        let result = report.result(id).expect("it was run");
        let exchange = result.exchange.as_ref();
        let script = exchange.and_then(|exchange| exchange["script"].as_array());
        if result.verdict != Verdict::Fail || script.map(Vec::len) != Some(steps) {
            wrong.push(format!("{fault}: {}: {}", result.verdict, result.observed));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_script_that_was_found_is_found_again_when_it_is_played() {
    let (fault, id) = ("id-raw", "sse/prop/hostile");
    let report = check(Protocol::EventStream, &[id], move || writer(fault));
    let found = report.result(id).and_then(|result| result.exchange.clone());
    let found = found.expect("it fails");
    let play = |peer: Arc<dyn Peer>| {
        let case = pushspec::cases::replayed(&found.to_string()).expect("well-formed");
        let report =
            Bench::default().check_cases(Protocol::EventStream, &[case], &[id], move || {
                Arc::clone(&peer)
            });
        report.result(id).expect("it was run").clone()
    };
    let faulty = play(writer(fault));
    assert_eq!(faulty.verdict, Verdict::Fail, "{}", faulty.observed);
    assert_eq!(faulty.exchange.as_ref(), Some(&found));
    let sound = play(Arc::new(sse::Faithful::default()));
    assert_eq!(sound.verdict, Verdict::Pass, "{}", sound.observed);
}

/// What is silent is waited for patiently once: for the smallest.
#[test]
fn silence_is_shrunk_in_little_time() {
    for (fault, case) in [
        ("rsv-mute", "ws/prop/illegal-plain"),
        ("utf8-mute", "ws/prop/illegal-plain"),
        ("rsv-mute", "ws/prop/illegal-compressed"),
    ] {
        let result = against(fault, case);
        assert_eq!(
            result.verdict,
            Verdict::Fail,
            "{fault}: {}",
            result.observed
        );
        let patience = Timing::default().patience.as_millis() as u64;
        // The guard and the twin behind it are quick.
        assert!(
            result.duration_ms < 2 * patience,
            "{fault}: {case} took {} ms",
            result.duration_ms
        );
        let told: Vec<&str> = result
            .evidence
            .exchanges
            .iter()
            .map(|exchange| exchange.label.as_str())
            .collect();
        assert_eq!(told, ["smallest", "guard"], "{fault}");
    }
}

/// An exchange says whether it is legal; as one of the other sort it would pass without proof.
#[test]
fn what_is_no_exchange_of_the_case_is_refused() {
    let legal = r#"{"opcode":1,"key":"00000000","payload":"61"}"#;
    let illegal = r#"{"opcode":1,"key":null,"payload":"61"}"#;
    let begun = r#"{"opcode":1,"fin":false,"key":"00000000","payload":"61"}"#;
    let ping = r#"{"opcode":9,"key":"00000000","payload":"61"}"#;
    let pong = r#"{"opcode":10,"key":"00000000","payload":""}"#;
    let close = r#"{"opcode":8,"key":"00000000","payload":"03e8"}"#;
    let marked = r#"{"opcode":1,"rsv":4,"key":"00000000","payload":"4a0400"}"#;
    let file = |case: &str, frames: &[&str]| {
        let frames = frames.join(",");
        format!(r#"{{"replay":1,"case":"ws/prop/{case}","frames":[{frames}]}}"#)
    };
    let wrong = [
        (
            file("legal-plain", &[legal, illegal]),
            "frame 2 is a frame that is not masked",
        ),
        (
            file("legal-plain", &[marked]),
            "frame 1 is a frame with a reserved bit",
        ),
        (file("illegal-plain", &[legal]), "every frame is legal"),
        (
            file("illegal-compressed", &[marked]),
            "every frame is legal",
        ),
        (
            file("illegal-plain", &[illegal, legal]),
            "leave out what follows",
        ),
        (file("legal", &[legal]), "is no case with exchanges"),
        (file("legal-plain", &[]), "`frames` is empty"),
        (
            file("legal-plain", &[legal, begun]),
            "the frames end in a text, for which nothing is due",
        ),
        (
            file("legal-plain", &[begun, ping, close]),
            "frame 2 is a ping in a message that is never finished",
        ),
        (
            file("illegal-plain", &[close, legal]),
            "frame 2 is a frame behind a Close, and stands behind a Close",
        ),
        (
            file("illegal-plain", &[close, illegal]),
            "frame 2 is a frame that is not masked, and stands behind a Close",
        ),
    ];
    for (text, expected) in wrong {
        let error = pushspec::cases::replayed(&text).expect_err("wrong");
        assert!(error.contains(expected), "{error}");
    }
    let right: [(&str, &[&str]); 6] = [
        ("legal-plain", &[legal]),
        ("legal-compressed", &[marked]),
        // What shows that the connection outlives it comes behind it.
        ("legal-plain", &[pong]),
        ("legal-plain", &[begun, pong, close]),
        ("legal-plain", &[close]),
        ("illegal-plain", &[begun, illegal]),
    ];
    for (case, frames) in right {
        pushspec::cases::replayed(&file(case, frames)).expect(case);
    }
}
