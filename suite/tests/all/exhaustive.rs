//! As many compressed messages as Autobahn sends: they come back from a faithful peer, and a fault that only shows behind many
//! messages is found by them alone.

use crate::bench::Bench;
use pushspec::case::Case;
use pushspec::{Protocol, cases};
use pushspec_fixtures::ws::{EchoPeer, FramePolicy, Policy};
use pushspec_reports::{CaseResult, Verdict};
use std::sync::Arc;

/// Of each size: enough to be more than the ordinary form sends.
const MESSAGES: u64 = 20;

/// The peer forgets itself behind so many.
const GOOD: u64 = 12;

fn result(cases: &[Case], id: &str, policy: fn() -> Policy) -> CaseResult {
    let peer = move || Arc::new(EchoPeer::new(policy())) as _;
    let report = Bench::default().check_cases(Protocol::WebSocket, cases, &[id], peer);
    report.result(id).expect("it was asked for").clone()
}

fn forgetful() -> Policy {
    Policy {
        frames: FramePolicy {
            echo: |turn, mut message| {
                if turn.messages == GOOD
                    && let Some(last) = message.payload.last_mut()
                {
                    *last ^= 1;
                }
                vec![message.into_frame()]
            },
            ..FramePolicy::default()
        },
        ..Policy::default()
    }
}

#[test]
fn all_sizes_come_back_from_a_faithful_peer() {
    let cases = cases::exhaustive(Protocol::WebSocket, 2);
    for id in [
        "ws/pmd/corpora-prose",
        "ws/pmd/corpora-random",
        "ws/pmd/param-matrix-server-nct-mwb-9",
    ] {
        let result = result(&cases, id, Policy::default);
        assert_eq!(result.verdict, Verdict::Pass, "{id}: {}", result.observed);
        let told = "then 2 messages of each of 18 sizes came back too";
        assert!(result.observed.contains(told), "{}", result.observed);
    }
}

#[test]
fn what_goes_wrong_behind_many_messages_is_found_by_many() {
    let id = "ws/pmd/param-matrix-plain";
    let few = result(&cases::catalogue(Protocol::WebSocket), id, forgetful);
    assert_eq!(few.verdict, Verdict::Pass, "{}", few.observed);
    let many = result(
        &cases::exhaustive(Protocol::WebSocket, MESSAGES),
        id,
        forgetful,
    );
    assert_eq!(many.verdict, Verdict::Fail, "{}", many.observed);
    let told = "number 13 of 20 text messages of 16 bytes did not come back as it was sent: it is another from byte 15 on";
    assert_eq!(many.observed, told);
}
