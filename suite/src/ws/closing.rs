//! What is wrong with the body of a Close, and how much it weighs.

use super::dialogue::{Dialogue, HeardClose};
use crate::declared::Reading;
use pushspec_parser::Finding;
use pushspec_parser::Violation;
use pushspec_parser::ws::FrameHeader;
use pushspec_reports::Verdict;

/// What a Close body must never hold.
pub const WRONG: &[Violation] = &[
    Violation::CloseBodyOneByte,
    Violation::CloseReasonNotUtf8,
    Violation::CloseCodeUnused,
    Violation::CloseCode1005,
    Violation::CloseCode1006,
    Violation::CloseCode1015,
];

/// Codes that belong to others: 1004 and 1016 to 2999 to the protocol's future, 1010 to clients. No sentence with a
/// keyword forbids a server to send them.
pub const CONTESTABLE: &[Violation] = &[
    Violation::CloseCode1004,
    Violation::CloseCodeReserved,
    Violation::CloseCode1010ByServer,
];

/// What it means that a Close of the target breaks this rule; none where the rule is not about Close bodies.
pub fn body_verdict(violation: Violation, reading: &Reading) -> Option<Verdict> {
    if WRONG.contains(&violation) {
        Some(Verdict::Fail)
    } else if CONTESTABLE.contains(&violation) {
        Some(reading.contestable())
    } else {
        None
    }
}

/// The worst that is wrong with the body of this Close.
pub fn body_fault(
    heard: &Dialogue,
    close: &HeardClose,
    reading: &Reading,
) -> Option<(Verdict, Finding)> {
    let end = close.offset + (FrameHeader::MAX_LEN + close.body.len()) as u64;
    let inside = |finding: &&Finding| (close.offset..end).contains(&finding.offset);
    heard
        .findings
        .iter()
        .filter(inside)
        .filter_map(|finding| Some((body_verdict(finding.violation, reading)?, *finding)))
        .max_by_key(|(verdict, _)| *verdict)
}
