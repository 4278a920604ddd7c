//! The same seed: the same cases, the same bytes sent, the same verdicts; and verdicts do not depend on `--jobs`.

use crate::bench::{Bench, check};
use pushspec::Protocol;
use pushspec_fixtures::{sse, ws};
use pushspec_reports::{Direction, Moment, Report, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs for the comparison of `--jobs 1` with `--jobs 32`.
const RUNS: usize = 20;

/// What was sent on each connection of each case, in order.
fn sent(report: &Report) -> BTreeMap<String, Vec<String>> {
    let mut sent = BTreeMap::new();
    for result in &report.results {
        // Passive checks show the exchange of whichever case they saw something in first.
        for exchange in result
            .evidence
            .exchanges
            .iter()
            .filter(|_| result.witnesses.is_empty())
        {
            let bytes = exchange.moments.iter().filter_map(|moment| match moment {
                Moment::Bytes {
                    direction: Direction::Sent,
                    bytes,
                    ..
                } => Some(format!("{}…{} {}", bytes.head, bytes.tail, bytes.sha256)),
                Moment::Bytes { .. } | Moment::Note { .. } => None,
            });
            sent.insert(
                format!("{} {}", result.case, exchange.label),
                bytes.collect(),
            );
        }
    }
    sent
}

fn verdicts(report: &Report) -> BTreeMap<String, Verdict> {
    report
        .results
        .iter()
        .map(|result| (result.case.clone(), result.verdict))
        .collect()
}

#[test]
fn the_same_seed_sends_the_same_bytes() {
    let run = || {
        check(
            Protocol::WebSocket,
            &[],
            || Arc::new(ws::EchoPeer::strict()),
        )
    };
    let (first, second) = (run(), run());
    assert_eq!(sent(&first), sent(&second));
    assert_eq!(verdicts(&first), verdicts(&second));
}

#[test]
fn another_seed_sends_other_keys() {
    let run = |seed| {
        Bench {
            seed,
            ..Bench::default()
        }
        .check(Protocol::WebSocket, &["ws/frame/*"], || {
            Arc::new(ws::EchoPeer::strict())
        })
    };
    let (first, second) = (run(1), run(2));
    assert_ne!(sent(&first), sent(&second));
    assert_eq!(verdicts(&first), verdicts(&second));
}

#[test]
fn jobs_do_not_change_verdicts() {
    let websocket = |jobs| {
        let bench = Bench {
            jobs,
            ..Bench::default()
        };
        verdicts(&bench.check(Protocol::WebSocket, &[], || {
            Arc::new(ws::EchoPeer::faulty(&ws::FAULTS[0]))
        }))
    };
    let event_stream = |jobs| {
        let bench = Bench {
            jobs,
            ..Bench::default()
        };
        verdicts(&bench.check(Protocol::EventStream, &[], || {
            Arc::new(sse::Faulty::with(&sse::FAULTS[0]))
        }))
    };
    let (one_websocket, one_stream) = (websocket(1), event_stream(1));
    for _ in 0..RUNS {
        assert_eq!(websocket(32), one_websocket);
        assert_eq!(event_stream(32), one_stream);
    }
}
