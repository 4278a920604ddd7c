//! Checks of frames and messages: what RFC 6455 section 5 forbids to send.

use super::overheard::Overheard;
use super::said::Said;
use crate::declared::Reading;
use crate::passive::Inspected;
use pushspec_parser::Violation;
use pushspec_parser::ws::Opcode;

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

/// This release offers no permessage-deflate, so that no compressed message can come: there is nothing to judge.
pub(super) fn pmd_decodes(_: &Overheard<'_>, _: &Reading) -> Inspected {
    Inspected::default()
}
