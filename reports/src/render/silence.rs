//! Failures that are one silence: a target that shakes hands and then says nothing fails a hundred cases for one cause.

use crate::{CaseResult, Direction, Evidence, Moment, Report, Verdict};

/// How many make it worth a line of its own.
const MANY: usize = 10;

/// How many failures are silences, where they are many.
pub(super) fn silences(report: &Report) -> Option<usize> {
    let silent = |result: &&CaseResult| {
        result.verdict == Verdict::Fail && result.scored && is_silent(&result.evidence)
    };
    Some(report.results.iter().filter(silent).count()).filter(|&count| count >= MANY)
}

/// Whether something was waited for in vain, on a connection on which no more than the handshake was answered and which
/// the target did not end.
fn is_silent(evidence: &Evidence) -> bool {
    evidence.exchanges.iter().any(|exchange| {
        let (mut received, mut waited, mut ended) = (0, false, false);
        for moment in &exchange.moments {
            match moment {
                Moment::Bytes { direction, .. } => match direction {
                    Direction::Received => received += 1,
                    Direction::Sent => {}
                },
                Moment::Note { text, .. } => {
                    waited |= text.starts_with("waited ");
                    ended |= text.starts_with('←');
                }
            }
        }
        received <= 1 && waited && !ended
    })
}
