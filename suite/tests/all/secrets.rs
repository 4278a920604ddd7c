//! What the user gave as a secret reaches no report, however it travelled.

use crate::bench::Bench;
use pushspec::{Declared, Protocol};
use pushspec_fixtures::ws;
use pushspec_reports::render::{Format, terminal};
use std::sync::Arc;

/// Secrets as they are given, and the encodings in which they go over the wire.
const SECRETS: &[&str] = &[
    "hunter2-password",
    "user:hunter2-password",
    "dXNlcjpodW50ZXIyLXBhc3N3b3Jk",
    "query-token-value",
    "Bearer header-token-value",
    "session=cookie-value",
];

#[test]
fn no_secret_reaches_a_report() {
    let bench = Bench {
        url: Some("ws://user:hunter2-password@peer.test/chat?token=query-token-value"),
        declared: Some(Declared {
            headers: vec![
                ("Authorization".into(), "Bearer header-token-value".into()),
                ("Cookie".into(), "session=cookie-value".into()),
            ],
            ..Declared::default()
        }),
        ..Bench::default()
    };
    let report = bench.check(
        Protocol::WebSocket,
        &[],
        || Arc::new(ws::EchoPeer::strict()),
    );
    let style = terminal::Style {
        verbose: true,
        ..terminal::Style::default()
    };
    let mut texts = vec![terminal::render(&report, style)];
    texts.extend(Format::ALL.map(|format| format.render(&report)));
    for text in texts {
        for secret in SECRETS {
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(!text.contains(secret), "{secret} stands in a report");
            assert!(
                !text.contains(&hex),
                "{secret} stands in a report, in hexadecimal"
            );
        }
    }
    assert_eq!(report.target, "ws://peer.test/chat?token=…");
}
