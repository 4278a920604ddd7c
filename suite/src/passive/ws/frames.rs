//! Checks of frames and messages: what RFC 6455 section 5 forbids to send.

use super::overheard::{Overheard, described};
use super::said::{Compressed, Said};
use crate::declared::Reading;
use crate::passive::{Inspected, Sighting};
use crate::ws::compression::{self, Inflated};
use crate::ws::handshake::Asked;
use pushspec_parser::Violation;
use pushspec_parser::ws::Opcode;
use pushspec_parser::ws::deflate::InflateFault;
use pushspec_reports::Verdict;

/// What each check looks for. Together with [`super::close::VIOLATIONS`] these are all that a server's frames can break.
pub(super) const MASK: &[Violation] = &[Violation::MaskedByServer];
pub(super) const RSV: &[Violation] = &[
    Violation::ReservedBits,
    Violation::Rsv1OnControl,
    Violation::Rsv1OnContinuation,
];
pub(super) const OPCODE: &[Violation] = &[Violation::ReservedOpcode];
pub(super) const LENGTH: &[Violation] = &[Violation::LengthNotMinimal, Violation::LengthTopBit];
pub(super) const CONTROL: &[Violation] = &[Violation::ControlTooLong, Violation::ControlFragmented];
pub(super) const SEQUENCE: &[Violation] = &[
    Violation::ContinuationWithoutStart,
    Violation::DataInsideMessage,
];
pub(super) const TEXT: &[Violation] = &[Violation::TextNotUtf8];

/// What a header breaks that is none, or is read out of step. A mask alone is a habit, and leaves no doubt where the next frame
/// begins.
pub(super) const HEADER: [&[Violation]; 4] = [RSV, OPCODE, LENGTH, CONTROL];

pub(super) fn mask(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    overheard.forbid(|_| true, MASK)
}

pub(super) fn rsv(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    overheard.forbid(|_| true, RSV)
}

pub(super) fn opcode(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    overheard.forbid(|_| true, OPCODE)
}

pub(super) fn length_minimal(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    overheard.forbid(|_| true, LENGTH)
}

pub(super) fn control(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    overheard.forbid(|frame| frame.header.opcode.is_control(), CONTROL)
}

/// A message that is left unfinished is no violation where the connection left the open state (section 6.1), and while
/// it is open the rest may still come: only what comes instead of the rest tells.
pub(super) fn sequence(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    overheard.forbid(Said::is_data, SEQUENCE)
}

pub(super) fn text_utf8(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    let mut in_text = false;
    let text = |frame: &Said| {
        if matches!(frame.header.opcode, Opcode::TEXT | Opcode::BINARY) {
            in_text = frame.header.opcode == Opcode::TEXT;
        }
        in_text && frame.is_data()
    };
    overheard.forbid(text, TEXT)
}

/// Every message that is marked as compressed inflates within what was agreed. That a text among them is UTF-8 is for
/// [`text_utf8`] to say.
pub(super) fn pmd_decodes(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    let mut inspected = Inspected::default();
    let offered = Asked::on(overheard.connection)
        .extensions()
        .any(|offer| offer.name == compression::NAME.as_bytes());
    if overheard.heard.is_open() && offered {
        inspected.why_none = Some(match overheard.heard.compression {
            None => "the target declines permessage-deflate",
            Some(_) => "the target accepts permessage-deflate, and sent no compressed message",
        });
    }
    let readable = overheard.frames().count();
    for message in &overheard.theirs.compressed {
        let frames = &overheard.theirs.frames;
        let (first, last) = (&frames[message.first], &frames[message.last]);
        if message.last >= readable || overheard.is_at_fault(last) {
            break;
        }
        inspected.bytes += frames[message.first..=message.last]
            .iter()
            .filter(|frame| frame.is_data())
            .map(Said::bytes)
            .sum::<u64>();
        let gives_back = |ours: &Compressed| {
            let event = overheard.ours.frames[ours.last].event;
            let odd = ours.wire.is_empty() || matches!(ours.inflated, Inflated::Broken(_));
            odd && ours.wire == message.wire && event < first.event
        };
        if message.wire.is_empty() && !overheard.ours.compressed.iter().any(gives_back) {
            inspected.sightings.push(Sighting {
                verdict: Verdict::Fail,
                observed: format!(
                    "a compressed message has no payload, where an empty one is `00`: the four bytes that clients add are the \
                     half of a block then, and they misread the next message ({})",
                    described(first)
                ),
                requirement: Some("rfc7692/7.2.1/deflate-then-strip-tail"),
                spot: Some(overheard.spot(first.offset)),
            });
        }
        let Inflated::Broken(error) = message.inflated else {
            continue;
        };
        let unreadable = overheard
            .heard
            .compression
            .is_none_or(|it| it.answer.is_err());
        if !unreadable && !overheard.ours.compressed.iter().any(gives_back) {
            inspected.sightings.push(Sighting {
                verdict: Verdict::Fail,
                observed: format!(
                    "a compressed message does not inflate: {error} ({})",
                    described(first)
                ),
                requirement: Some(decides(error.fault, overheard)),
                spot: Some(overheard.spot(first.offset)),
            });
        }
        // Nothing behind it can be inflated.
        break;
    }
    inspected
}

/// The requirement that a message breaks with this fault.
fn decides(fault: InflateFault, overheard: &Overheard<'_>) -> &'static str {
    let agreed = overheard.heard.compression;
    agreed
        .and_then(|compression| compression.broken_by(fault))
        .unwrap_or("rfc7692/6.1/compressed-send-algorithm")
}
