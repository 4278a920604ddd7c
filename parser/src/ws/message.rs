//! Whole messages, for everyday use: sound ones come out, the first fault ends it.

use core::fmt;

use super::event::SessionEvent;
use super::frame::Role;
use super::opcode::Opcode;
use super::session::{Session, SessionLimits};
use crate::{Finding, Violation};

/// What the other side said. Borrowed from the input where it came unmasked and in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// A ping; a pong with the same payload is due (RFC 6455 section 5.5.2).
    Ping(&'a [u8]),
    /// A pong.
    Pong(&'a [u8]),
    /// A Close, with its code and reason if it has a code. A Close is due in answer (section 5.5.1).
    Close(Option<(u16, &'a str)>),
}

/// Why a connection has to be failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProtocolError {
    /// A rule is broken. The offset of [`Violation::TextNotUtf8`] is that of the message's first frame.
    Violation(Finding),
    /// A message is longer than the limit.
    TooLong {
        /// The first byte beyond the limit, from the start of what was fed.
        offset: u64,
    },
}

impl ProtocolError {
    /// The close code to answer with, section 7.4.1: 1002, 1007 or 1009.
    pub const fn close_code(&self) -> u16 {
        match self {
            Self::Violation(Finding {
                violation: Violation::TextNotUtf8 | Violation::CloseReasonNotUtf8,
                ..
            }) => 1007,
            Self::Violation(_) => 1002,
            Self::TooLong { .. } => 1009,
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(finding) => finding.fmt(out),
            Self::TooLong { offset } => write!(out, "a message is too long at byte {offset}"),
        }
    }
}

impl core::error::Error for ProtocolError {}

/// Decodes the messages that one side sends, and stops at the first fault.
///
/// ```
/// use pushspec_parser::ws::{Incoming, MessageDecoder, Role};
/// let mut decoder = MessageDecoder::new(Role::Server, 1 << 20);
/// let mut said = Vec::new();
/// let result = decoder.feed(b"\x01\x03Hel\x80\x02lo\x81\x01\xff\x81\x02no", |incoming| {
///     if let Incoming::Text(text) = incoming {
///         said.push(text.to_owned());
///     }
/// });
/// assert_eq!(said, ["Hello"]);
/// assert_eq!(result.unwrap_err().close_code(), 1007);
/// ```
#[derive(Clone, Debug)]
pub struct MessageDecoder {
    session: Session,
    failed: Option<ProtocolError>,
}

impl MessageDecoder {
    /// A decoder for what `from` sent behind the opening handshake, without extensions. Messages are limited to
    /// `limit` bytes of payload.
    pub const fn new(from: Role, limit: u64) -> Self {
        // Legal control frames have at most 125 bytes.
        let limits = SessionLimits {
            message: limit,
            frame: 125,
        };
        Self {
            session: Session::new(from, limits).without_text_judgement(),
            failed: None,
        }
    }

    /// Decodes a further chunk and calls `on` for each message, ping, pong and Close in it.
    ///
    /// # Errors
    ///
    /// The first fault. Messages before it in the same chunk are told, nothing behind it ever is: a further call
    /// returns the same error.
    pub fn feed(
        &mut self,
        chunk: &[u8],
        mut on: impl FnMut(Incoming<'_>),
    ) -> Result<(), ProtocolError> {
        let failed = &mut self.failed;
        if failed.is_none() {
            self.session.feed(chunk, |event| {
                if failed.is_none() {
                    match incoming(event) {
                        Ok(Some(incoming)) => on(incoming),
                        Ok(None) => {}
                        Err(error) => *failed = Some(error),
                    }
                }
            });
        }
        self.failed.map_or(Ok(()), Err)
    }

    /// Whether neither a frame nor a message is in progress.
    pub const fn is_idle(&self) -> bool {
        self.session.is_idle()
    }
}

#[inline]
fn incoming(event: SessionEvent<'_>) -> Result<Option<Incoming<'_>>, ProtocolError> {
    Ok(Some(match event {
        SessionEvent::Message(message) if message.opcode == Opcode::TEXT => {
            let text = simdutf8::basic::from_utf8(message.payload);
            Incoming::Text(
                text.map_err(|_| not_utf8(Violation::TextNotUtf8, message.first_offset))?,
            )
        }
        SessionEvent::Message(message) => Incoming::Binary(message.payload),
        SessionEvent::Ping { payload, .. } => Incoming::Ping(payload),
        SessionEvent::Pong { payload, .. } => Incoming::Pong(payload),
        SessionEvent::Close(close) => {
            let reason = core::str::from_utf8(close.reason);
            let reason =
                reason.map_err(|_| not_utf8(Violation::CloseReasonNotUtf8, close.offset))?;
            Incoming::Close(close.code.map(|code| (code, reason)))
        }
        SessionEvent::Violation(finding) => return Err(ProtocolError::Violation(finding)),
        SessionEvent::LimitReached { offset } => return Err(ProtocolError::TooLong { offset }),
        SessionEvent::Frame(_) | SessionEvent::Abandoned(_) => return Ok(None),
    }))
}

#[cold]
fn not_utf8(violation: Violation, offset: u64) -> ProtocolError {
    ProtocolError::Violation(Finding::new(violation, offset))
}
