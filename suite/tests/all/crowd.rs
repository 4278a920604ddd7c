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

/// A peer that serves one connection at a time, and answers 503 to all others.
fn one_at_a_time() -> EchoPeer {
    let mut policy = Policy::default();
    policy.handshake.most_open = 1;
    EchoPeer::new(policy)
}

#[test]
fn a_server_that_refuses_the_crowd_fails_no_handshake_case() {
    for family in ["ws/hs/*", "ws/hs-neg/*"] {
        let strict = check(Protocol::WebSocket, &[family], || {
            Arc::new(EchoPeer::strict())
        });
        let crowded = check(Protocol::WebSocket, &[family], || Arc::new(one_at_a_time()));
        assert_eq!(verdicts(&crowded), verdicts(&strict), "{family}");
    }
}
