//! Judges on hand-made transcripts.

use crate::Timing;
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::transcript::{Connection, Event, Transcript, What};
use pushspec_reports::Verdict::{Info, Pass, Warn};
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

/// A stream that is watched for 35 s, with a comment at each of these seconds.
fn judged(at: &[u64]) -> Judgement {
    let event = |at, what| Event {
        at: Duration::from_secs(at),
        what,
    };
    let mut events = vec![
        event(0, What::Sent("GET / HTTP/1.1\r\n\r\n".into())),
        event(0, What::Received(HEAD.into())),
    ];
    events.extend(
        at.iter()
            .map(|&at| event(at, What::Received(":\n\n".into()))),
    );
    let reading = Reading {
        timing: Timing {
            observe: Duration::from_secs(35),
            ..Timing::default()
        },
        ..Reading::default()
    };
    let case = super::cases()
        .into_iter()
        .find(|case| case.id == "sse/time/keepalive")
        .expect("a case");
    let connections = vec![Connection {
        label: "stream",
        events,
    }];
    case.experiment.judge(&Transcript { connections }, &reading)
}

#[test]
fn the_longest_silence_counts_wherever_it_is() {
    let silence = |at: &[u64]| judged(at).verdict;
    assert_eq!(silence(&[15, 30]), Pass);
    assert_eq!(silence(&[1, 25, 34]), Warn);
    assert_eq!(silence(&[]), Warn);
    assert_eq!(silence(&[5, 10, 14]), Warn);
    assert_eq!(silence(&[5, 10, 16]), Info);
    // To look for as long again would double the run.
    assert!(!judged(&[]).confirm_alone && judged(&[]).rests_on_silence);
}
