//! Whole messages, for everyday use: sound ones come out, the first fault ends it.

#[cfg(feature = "deflate")]
use alloc::boxed::Box;
use core::fmt;

use super::decoder::Step;
#[cfg(feature = "deflate")]
use super::deflate::{Decompressor, Direction, InflateFault};
use super::event::{Message, SessionEvent};
#[cfg(feature = "deflate")]
use super::frame::RSV1;
use super::frame::{MAX_CONTROL, Role};
use super::opcode::Opcode;
use super::session::{Session, SessionLimits};
use crate::{Finding, Violation};

/// What the other side said. Borrowed from the input where it came unmasked and in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ProtocolError {
    /// A rule is broken. The offset of [`Violation::TextNotUtf8`] is that of the message's first frame.
    Violation(Finding),
    /// A compressed message cannot be decompressed: it is no DEFLATE data, or goes beyond the agreed window (RFC 7692
    /// section 7.2.2). Only where permessage-deflate was agreed on.
    Compressed {
        /// Where its first frame begins, from the start of what was fed.
        offset: u64,
    },
    /// A message is longer than the limit. Known from the header of a frame, before its payload comes, unless only
    /// decompression shows it.
    TooLong {
        /// The first byte beyond the limit (of a compressed message: beyond what any message within the limit takes),
        /// from the start of what was fed; of a message that is too long only once it is decompressed, the start of
        /// its first frame.
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
            })
            | Self::Compressed { .. } => 1007,
            Self::Violation(_) => 1002,
            Self::TooLong { .. } => 1009,
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(finding) => finding.fmt(out),
            Self::Compressed { offset } => {
                write!(out, "a compressed message is unsound at byte {offset}")
            }
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
    #[cfg(feature = "deflate")]
    decompressor: Option<Box<Decompressor>>,
}

impl MessageDecoder {
    /// A decoder for what `from` sent behind the opening handshake, without extensions. Messages are limited to
    /// `limit` bytes of payload.
    pub const fn new(from: Role, limit: u64) -> Self {
        let limits = SessionLimits {
            message: limit,
            frame: MAX_CONTROL,
        };
        Self {
            session: Session::new(from, limits).without_text_judgement(),
            failed: None,
            #[cfg(feature = "deflate")]
            decompressor: None,
        }
    }

    /// A decoder for what `from` sent where permessage-deflate was agreed on: `direction` is how `from` compresses.
    /// Messages are limited to `limit` bytes, once decompressed. A compressed one may take up to a seventh more on the
    /// wire, and 64 bytes: whatever cannot be compressed needs no more.
    ///
    /// ```
    /// use pushspec_parser::ws::deflate::Direction;
    /// use pushspec_parser::ws::{Incoming, MessageDecoder, Role};
    /// let mut decoder = MessageDecoder::with_deflate(Role::Server, 1 << 20, Direction::default());
    /// let mut said = Vec::new();
    /// decoder.feed(b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", |incoming| {
    ///     if let Incoming::Text(text) = incoming {
    ///         said.push(text.to_owned());
    ///     }
    /// })?;
    /// assert_eq!(said, ["Hello"]);
    /// # Ok::<(), pushspec_parser::ws::ProtocolError>(())
    /// ```
    #[cfg(feature = "deflate")]
    pub fn with_deflate(from: Role, limit: u64, direction: Direction) -> Self {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut decoder = Self::new(from, limit);
        // Of a literal the fixed code makes nine bits at most, and there are headers of blocks.
        let on_the_wire = limit.saturating_add(limit / 7).saturating_add(64);
        decoder.session = decoder
            .session
            .with_allowed_rsv(RSV1)
            .with_compressed_limit(on_the_wire);
        decoder.decompressor = Some(Box::new(Decompressor::new(direction, most)));
        decoder
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
        let mut input = chunk;
        loop {
            while self.failed.is_none()
                && let Some(frame) = self.session.whole(&mut input)
            {
                if let Some((_, message)) = self.session.sound_message(&frame) {
                    match whole(&message, message.payload) {
                        Ok(incoming) => on(incoming),
                        Err(error) => self.failed = Some(error),
                    }
                } else {
                    self.take(Step::Whole(frame), &mut on);
                }
            }
            if let Some(error) = self.failed {
                return Err(error);
            }
            match self.session.piece(&mut input) {
                Some(piece) => self.take(Step::Piece(piece), &mut on),
                None => return Ok(()),
            }
        }
    }

    /// Whatever is no sound message in one frame.
    #[inline(never)]
    fn take(&mut self, step: Step<'_>, on: &mut impl FnMut(Incoming<'_>)) {
        let failed = &mut self.failed;
        #[cfg(feature = "deflate")]
        let decompressor = &mut self.decompressor;
        self.session.take(step, &mut |event| {
            if failed.is_none() {
                #[cfg(feature = "deflate")]
                let told = match (event, decompressor.as_deref_mut()) {
                    (SessionEvent::Message(message), Some(decompressor))
                        if message.rsv & RSV1 != 0 =>
                    {
                        decompressed(&message, decompressor).map(Some)
                    }
                    (event, _) => incoming(event),
                };
                #[cfg(not(feature = "deflate"))]
                let told = incoming(event);
                match told {
                    Ok(Some(incoming)) => on(incoming),
                    Ok(None) => {}
                    Err(error) => *failed = Some(error),
                }
            }
        });
    }

    /// Whether neither a frame nor a message is in progress.
    pub const fn is_idle(&self) -> bool {
        self.session.is_idle()
    }
}

#[inline]
fn incoming(event: SessionEvent<'_>) -> Result<Option<Incoming<'_>>, ProtocolError> {
    Ok(Some(match event {
        SessionEvent::Message(message) => whole(&message, message.payload)?,
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

/// A message with this payload.
#[inline]
fn whole<'a>(message: &Message<'_>, payload: &'a [u8]) -> Result<Incoming<'a>, ProtocolError> {
    if message.opcode != Opcode::TEXT {
        return Ok(Incoming::Binary(payload));
    }
    match simdutf8::basic::from_utf8(payload) {
        Ok(text) => Ok(Incoming::Text(text)),
        Err(_) => Err(not_utf8(Violation::TextNotUtf8, message.first_offset)),
    }
}

/// A message whose payload is compressed.
#[cfg(feature = "deflate")]
fn decompressed<'a>(
    message: &Message<'_>,
    decompressor: &'a mut Decompressor,
) -> Result<Incoming<'a>, ProtocolError> {
    let offset = message.first_offset;
    match decompressor.decompress(message.payload) {
        Ok(payload) => whole(message, payload),
        Err(error) if error.fault == InflateFault::TooLong => {
            Err(ProtocolError::TooLong { offset })
        }
        Err(_) => Err(ProtocolError::Compressed { offset }),
    }
}

#[cold]
fn not_utf8(violation: Violation, offset: u64) -> ProtocolError {
    ProtocolError::Violation(Finding::new(violation, offset))
}
