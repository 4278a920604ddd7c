//! Handshakes in parallel break a rule for clients (RFC 6455 section 4.1: one pending for each address), so a server that
//! refuses them breaks none: what it refuses only then is never held against it.

use crate::bench::check;
use pushspec::Protocol;
use pushspec_fixtures::ws::{EchoPeer, Policy};
use pushspec_reports::{Report, Verdict};
use std::sync::Arc;

/// The case that is about the crowd itself.
const CROWD: &str = "ws/hs/second-connection";

fn verdicts(report: &Report) -> Vec<(String, Verdict)> {
    let cases = report.results.iter().filter(|result| result.case != CROWD);
    cases
        .map(|result| (result.case.clone(), result.verdict))
        .collect()
}

/// A peer that serves one connection at a time, and answers this status to all others.
fn one_at_a_time(status: u16) -> EchoPeer {
    let mut policy = Policy::default();
    policy.handshake.most_open = 1;
    policy.handshake.edit_refusal = match status {
        429 => |_, response| {
            if response.status == 503 {
                response.status = 429;
                response.add("Retry-After", "2");
            }
        },
        _ => |_, _| {},
    };
    EchoPeer::new(policy)
}

#[test]
fn a_server_that_refuses_the_crowd_fails_no_handshake_case() {
    let families = [
        "ws/hs/*",
        "ws/hs-neg/*",
        "ws/pmd-neg/*",
        "ws/ext/*",
        "ws/sub/*",
        "ws/origin/*",
    ];
    let strict = check(Protocol::WebSocket, &families, || {
        Arc::new(EchoPeer::strict())
    });
    for status in [503, 429] {
        let crowded = check(Protocol::WebSocket, &families, move || {
            Arc::new(one_at_a_time(status))
        });
        assert_eq!(verdicts(&crowded), verdicts(&strict), "{status}");
    }
}

/// The faults are shown one after another.
#[test]
fn a_server_with_room_for_one_shows_how_it_fails_connections() {
    let cases = ["ws/fail/{closes,close-frame,code-fits,nothing-after}"];
    let strict = check(Protocol::WebSocket, &cases, || Arc::new(EchoPeer::strict()));
    let crowded = check(Protocol::WebSocket, &cases, || Arc::new(one_at_a_time(503)));
    assert_eq!(verdicts(&crowded), verdicts(&strict));
}
