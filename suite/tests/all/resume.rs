//! The resume oracle: what a server does to those who come back is told apart, on a script and on the stream as it is, and
//! whether resumption is declared or not.

use crate::bench::Bench;
use pushspec::{Declared, Protocol};
use pushspec_fixtures::sse;
use pushspec_reports::{Report, Verdict};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Cases on a script, and on the stream as it is, in which every fault shows.
const TELLING: [&str; 4] = [
    "sse/rec/cut-mid-event-data",
    "sse/rec/cut-mid-event-character",
    "sse/rec/live-fin",
    "sse/rec/live-reset",
];

/// Each planted fault, and what has to be said of it.
const FAULTS: [(&str, &str); 4] = [
    ("resume-loses-one", "1 event is lost"),
    ("resume-repeats", "1 event comes again"),
    ("resume-reorders", "the events come out of order"),
    (
        "resume-ignored",
        "the id is ignored, and the stream begins anew: 2 events come again",
    ),
];

fn check(resumption: bool, peer: impl Fn() -> sse::Faulty + Send + Sync + 'static) -> Report {
    let bench = Bench {
        declared: Some(Declared {
            resumption,
            ..Declared::default()
        }),
        ..Bench::default()
    };
    bench.check(Protocol::EventStream, &TELLING, move || Arc::new(peer()))
}

fn verdicts(report: &Report) -> BTreeSet<(&str, Verdict)> {
    let results = report.results.iter();
    let told = results.filter(|result| result.case.starts_with("sse/rec/"));
    told.map(|result| (result.case.as_str(), result.verdict))
        .collect()
}

#[test]
fn what_resumption_does_is_told_apart() {
    for (name, said) in FAULTS {
        let fault = move || {
            let fault = sse::FAULTS.iter().find(|fault| fault.name == name);
            fault.expect("a fault of this name")
        };
        let report = check(true, move || sse::Faulty::with(fault()));
        for case in TELLING {
            let result = report.result(case).expect("it ran");
            assert_eq!(
                result.verdict,
                Verdict::Fail,
                "{name}, {case}: {}",
                result.observed
            );
            for (other, words) in FAULTS {
                assert_eq!(
                    result.observed.contains(words),
                    other == name,
                    "{name} against {other} ({said}), {case}: {}",
                    result.observed
                );
            }
        }
        // Undeclared, a script shows by what it leaves out that it resumes; a stream as it is may have its own reasons.
        let undeclared = check(false, move || sse::Faulty::with(fault()));
        let proven = match name {
            "resume-ignored" => Verdict::Info,
            _ => Verdict::Fail,
        };
        let wanted = [
            ("sse/rec/cut-mid-event-data", proven),
            ("sse/rec/cut-mid-event-character", proven),
            ("sse/rec/live-fin", Verdict::Info),
            ("sse/rec/live-reset", Verdict::Info),
        ];
        assert_eq!(verdicts(&undeclared), wanted.into(), "{name}, undeclared");
    }
}

#[test]
fn a_right_server_passes() {
    for resumption in [false, true] {
        let report = check(resumption, || sse::Faulty::new(sse::Policy::default()));
        let wanted = TELLING.map(|case| (case, Verdict::Pass));
        assert_eq!(verdicts(&report), wanted.into());
    }
}
