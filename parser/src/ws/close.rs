//! The body of a Close frame, RFC 6455 section 5.5.1, and its codes, section 7.4 and the IANA registry it founded.

use super::event::{CloseFrame, SessionEvent};
use super::frame::{FrameHeader, Role};
use super::utf8::Utf8Check;
use crate::{Finding, Violation};

/// What the documents say about a close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseCode {
    /// 1000 to 1003, 1007 to 1009 and 1011 (section 7.4.1), and 1012 to 1014, registered with IANA later.
    Registered,
    /// 1010: a client missed an extension; a server has no use for it (section 7.4.1).
    ClientOnly,
    /// 1005, 1006 and 1015: for use inside an API, never in a Close frame (section 7.4.1).
    NeverOnWire,
    /// 1004, and 1016 to 2999: reserved, without a meaning so far (sections 7.4.1 and 7.4.2).
    Reserved,
    /// 0 to 999: not used (section 7.4.2).
    Unused,
    /// 3000 to 3999: for libraries, frameworks and applications, registered with IANA (section 7.4.2).
    Library,
    /// 4000 to 4999: private, by agreement of the two sides (section 7.4.2).
    Private,
    /// 5000 and above: the document says nothing about them.
    Undefined,
}

/// The class of a close code.
///
/// ```
/// use pushspec_parser::ws::{CloseCode, close_code_class};
/// assert_eq!(close_code_class(1000), CloseCode::Registered);
/// assert_eq!(close_code_class(1006), CloseCode::NeverOnWire);
/// assert_eq!(close_code_class(2999), CloseCode::Reserved);
/// ```
pub const fn close_code_class(code: u16) -> CloseCode {
    match code {
        0..=999 => CloseCode::Unused,
        1000..=1003 | 1007..=1009 | 1011..=1014 => CloseCode::Registered,
        1005 | 1006 | 1015 => CloseCode::NeverOnWire,
        1010 => CloseCode::ClientOnly,
        1004 | 1016..=2999 => CloseCode::Reserved,
        3000..=3999 => CloseCode::Library,
        4000..=4999 => CloseCode::Private,
        5000.. => CloseCode::Undefined,
    }
}

/// The rule that `code` breaks when `from` puts it in a Close frame.
const fn close_code_violation(code: u16, from: Role) -> Option<Violation> {
    match (close_code_class(code), code) {
        (CloseCode::Unused, _) => Some(Violation::CloseCodeUnused),
        (CloseCode::NeverOnWire, 1005) => Some(Violation::CloseCode1005),
        (CloseCode::NeverOnWire, 1006) => Some(Violation::CloseCode1006),
        (CloseCode::NeverOnWire, _) => Some(Violation::CloseCode1015),
        (CloseCode::Reserved, 1004) => Some(Violation::CloseCode1004),
        (CloseCode::Reserved, _) => Some(Violation::CloseCodeReserved),
        (CloseCode::ClientOnly, _) => match from {
            Role::Server => Some(Violation::CloseCode1010ByServer),
            Role::Client => None,
        },
        (
            CloseCode::Registered | CloseCode::Library | CloseCode::Private | CloseCode::Undefined,
            _,
        ) => None,
    }
}

/// Judges the body of the Close frame that begins at `offset`. `body` is what was kept of it: all, if it is not too long.
pub(super) fn judge_close<'a>(
    header: &FrameHeader,
    offset: u64,
    body: &'a [u8],
    from: Role,
    on: &mut impl FnMut(SessionEvent<'_>),
) -> CloseFrame<'a> {
    let body_offset = offset + header.len() as u64;
    let mut tell = |violation, at| on(SessionEvent::Violation(Finding::new(violation, at)));
    let Some((code, reason)) = body.split_first_chunk() else {
        if header.length == 1 {
            tell(Violation::CloseBodyOneByte, body_offset);
        }
        return CloseFrame {
            code: None,
            reason: &[],
            body,
            offset,
        };
    };
    let code = u16::from_be_bytes(*code);
    if let Some(violation) = close_code_violation(code, from) {
        tell(violation, body_offset);
    }
    let mut check = Utf8Check::new();
    check.feed(reason, body_offset + 2);
    let whole = body.len() as u64 == header.length;
    if let Some(fault) = if whole { check.finish() } else { check.fault() } {
        tell(Violation::CloseReasonNotUtf8, fault);
    }
    CloseFrame {
        code: Some(code),
        reason,
        body,
        offset,
    }
}
