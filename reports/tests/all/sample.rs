//! A small report with one result of each kind, made by hand.

use pushspec_reports::gate::{Circumstances, Gate, Known};
use pushspec_reports::{
    CaseResult, Direction, Evidence, Excerpt, Exchange, Moment, NeedOutcome, Place, Report,
    SCHEMA_VERSION, Severity, Verdict, Window, Witness,
};

/// A result without evidence.
pub(crate) fn result(case: &str, verdict: Verdict) -> CaseResult {
    CaseResult {
        case: case.into(),
        title: "what is done".into(),
        verdict,
        severity: Severity::Major,
        expected: "what the documents call for".into(),
        observed: "what the target did".into(),
        requirement: None,
        requirements: vec!["rfc6455/5.5.2/pong-required".into()],
        ambiguities: Vec::new(),
        place: None,
        evidence: Evidence::default(),
        witnesses: Vec::new(),
        bytes_judged: None,
        duration_ms: 3,
        replay: format!("pushspec check 'ws://127.0.0.1:9001/' --case {case} --seed 1"),
        scored: true,
        exchange: None,
    }
}

/// A report with these results.
pub(crate) fn report(results: Vec<CaseResult>) -> Report {
    Report {
        schema: SCHEMA_VERSION,
        version: "0.1.0".into(),
        began: None,
        target: "ws://127.0.0.1:9001/".into(),
        role: "server".into(),
        transport: "tcp".into(),
        profile: "standard".into(),
        sets: Vec::new(),
        partition: None,
        selection: None,
        catalogue: None,
        exhaustive: false,
        seed: 1,
        duration_ms: 1234,
        needs: vec![NeedOutcome {
            need: "echo".into(),
            met: false,
            reason: "a text did not come back".into(),
        }],
        required_missing: Vec::new(),
        notes: vec!["a note".into()],
        interrupted: false,
        target_lost: false,
        autobahn: Vec::new(),
        gate: None,
        results,
    }
}

/// One result of each kind; the failure with all that a failure shows.
pub(crate) fn full() -> Report {
    let failure = CaseResult {
        title: "a masked ping".into(),
        expected: "a pong with the same payload".into(),
        observed: "a pong with another payload".into(),
        requirement: Some("rfc6455/5.5.3/pong-identical-data".into()),
        place: Some(Place {
            connection: "case".into(),
            direction: Direction::Received,
            offset: 2,
            window: Window {
                start: 0,
                bytes: "8a0470696e67".into(),
            },
        }),
        evidence: Evidence {
            exchanges: vec![Exchange {
                label: "case".into(),
                moments: vec![
                    Moment::Note {
                        at_us: 120,
                        text: "connected".into(),
                    },
                    bytes(
                        450,
                        Direction::Sent,
                        "898400000000706f6e67",
                        "ping 4 bytes masked 00000000 \"pong\"",
                    ),
                    bytes(
                        900,
                        Direction::Received,
                        "8a0470696e67",
                        "pong 4 bytes unmasked \"ping\"",
                    ),
                ],
                left_out: 0,
            }],
        },
        ..result("ws/ctl/ping-text", Verdict::Fail)
    };
    let check = CaseResult {
        witnesses: vec![Witness {
            case: "ws/frame/echo-text-1".into(),
            observed: "a length of 1 in 16 bits".into(),
            place: None,
        }],
        ambiguities: vec!["ambiguity/wasteful-length".into()],
        bytes_judged: Some(4096),
        ..result("ws/passive/length-minimal", Verdict::Warn)
    };
    let skip = CaseResult {
        observed: "needs `echo`: a text did not come back".into(),
        ..result("ws/frame/a", Verdict::Skip)
    };
    report(vec![
        failure,
        check,
        result("ws/ctl/idle", Verdict::Info),
        skip,
        result("ws/ctl/ping-empty", Verdict::Pass),
        result("ws/close/latency", Verdict::Inconclusive),
    ])
}

/// The same, judged by a gate to which the failure is known, and with an entry that is stale.
pub(crate) fn judged() -> Report {
    let known = |case: &str| Known {
        case: case.into(),
        target: None,
        signature: None,
        reason: "issue 7".into(),
        expires: Some("2027-12-31".parse().expect("a date")),
        link: Some("https://example.org/7".into()),
    };
    let gate = Gate {
        known: vec![known("ws/ctl/ping-text"), known("ws/ctl/ping-empty")],
        ..Gate::default()
    };
    let mut report = full();
    let circumstances = Circumstances {
        today: "2027-06-15".parse().expect("a date"),
        is_case: &|_| true,
        nearest: &|_| None,
    };
    report.gate = Some(gate.judge(&report, circumstances));
    report
}

/// A report full of what a target might say to fool a reader or a program.
pub(crate) fn hostile() -> Report {
    let said = "<script>alert(1)</script> ]]> | ``` # \\ \" ' & \u{1b}[31m \u{0} \u{202e} \n![x](http://a.test/x) {{x}} -->";
    let bad = |verdict| CaseResult {
        title: said.into(),
        expected: said.into(),
        observed: said.into(),
        ..result(&format!("ws/ctl/hostile-{verdict}"), verdict)
    };
    let mut report = full();
    report.results[0].evidence.exchanges[0].label = said.into();
    report.results.extend(Verdict::ALL.map(bad));
    report.target = said.into();
    report.notes = vec![said.into()];
    report
}

fn bytes(at_us: u64, direction: Direction, hex: &str, decoded: &str) -> Moment {
    let bytes = Excerpt {
        len: hex.len() as u64 / 2,
        head: hex.into(),
        tail: String::new(),
        sha256: String::new(),
    };
    Moment::Bytes {
        at_us,
        direction,
        offset: 0,
        bytes,
        decoded: vec![decoded.into()],
    }
}
