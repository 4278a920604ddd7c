//! A client owes pongs too: what a target pings is answered, in every case that breaks nothing on purpose.

use crate::bench::check;
use pushspec::Protocol;
use pushspec_fixtures::ws;
use std::sync::Arc;

#[test]
fn pings_of_a_target_are_answered() {
    for name in ["sends-hello-ping", "sends-pings"] {
        let index = ws::FAULTS
            .iter()
            .position(|fault| fault.name == name)
            .expect("a fault");
        let report = check(
            Protocol::WebSocket,
            &["ws/passive/server-ping"],
            move || Arc::new(ws::EchoPeer::faulty(&ws::FAULTS[index])),
        );
        let result = report
            .result("ws/passive/server-ping")
            .expect("the check has a result");
        assert!(!result.witnesses.is_empty(), "{name}");
        for witness in &result.witnesses {
            assert!(
                witness.observed.ends_with("which was answered"),
                "{name}: {}",
                witness.observed
            );
        }
    }
}
