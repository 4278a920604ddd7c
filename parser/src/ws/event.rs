//! What a [`Session`](super::Session) tells.

use super::frame::FrameHeader;
use super::opcode::Opcode;
use crate::Finding;

/// A fact about what one side sent. All offsets count bytes from the start of what was fed.
///
/// Everything that is wrong with a frame is told before the frame itself, and what its header alone shows as soon as that
/// is complete; the frame before the message, ping, pong
/// or Close that it completes. The order does not depend on chunk boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEvent<'a> {
    /// A rule is broken.
    Violation(Finding),
    /// A frame is complete, of whatever kind.
    Frame(Frame<'a>),
    /// A message is complete.
    Message(Message<'a>),
    /// A ping is complete.
    Ping {
        /// Its payload, as far as it was kept.
        payload: &'a [u8],
        /// Where its frame begins.
        offset: u64,
    },
    /// A pong is complete.
    Pong {
        /// Its payload, as far as it was kept.
        payload: &'a [u8],
        /// Where its frame begins.
        offset: u64,
    },
    /// A Close frame is complete.
    Close(CloseFrame<'a>),
    /// A message never completed, because a fragmented one began inside it.
    Abandoned(Unfinished),
    /// A header announces more payload of a message or lone frame than [`SessionLimits`](super::SessionLimits) allow. It
    /// is judged to its end, but no more of it is kept. Told once for each.
    LimitReached {
        /// The place of the first byte that will not be kept.
        offset: u64,
    },
}

/// A complete frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its header, with the true length.
    pub header: FrameHeader,
    /// Where it begins.
    pub offset: u64,
    /// Its payload, unmasked, as far as it was kept.
    pub payload: &'a [u8],
}

impl Frame<'_> {
    /// Where the payload begins.
    pub const fn payload_offset(&self) -> u64 {
        self.offset + self.header.len() as u64
    }

    /// The position behind the last byte.
    pub const fn end_offset(&self) -> u64 {
        self.payload_offset() + self.header.length
    }
}

/// A complete message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// [`Opcode::TEXT`] or [`Opcode::BINARY`].
    pub opcode: Opcode,
    /// The reserved bits of the first frame. A set bit that is allowed means that an extension coded the payload;
    /// such a text is not judged, for its rule holds behind the decoding (RFC 7692 section 6.1).
    pub rsv: u8,
    /// The payload, unmasked, as far as it was kept.
    pub payload: &'a [u8],
    /// The true length of the payload in bytes; more than `payload.len()` if the limit was reached.
    pub length: u64,
    /// Where its first frame begins.
    pub first_offset: u64,
    /// The position behind its last frame.
    pub end_offset: u64,
    /// How many frames it took.
    pub frames: u64,
}

/// A complete Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseFrame<'a> {
    /// The code, whatever its value, if the body has two bytes.
    pub code: Option<u16>,
    /// What follows the code; perhaps no UTF-8.
    pub reason: &'a [u8],
    /// The body: code and reason, or a lone byte. All of it, unless it is longer than a control frame may be: then as far
    /// as it was kept, and judged as far.
    pub body: &'a [u8],
    /// Where the frame begins.
    pub offset: u64,
}

/// A message of which some frame is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// [`Opcode::TEXT`] or [`Opcode::BINARY`].
    pub opcode: Opcode,
    /// Where its first frame begins.
    pub first_offset: u64,
    /// How many frames of it are complete.
    pub frames: u64,
    /// The length of their payload in bytes.
    pub length: u64,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Bytes fed in all.
    pub offset: u64,
    /// Whether a Close frame was seen.
    pub closed: bool,
    /// How many bytes of a cut header the stream ended with, 0 to 13.
    pub cut_header: usize,
    /// The frame that the end cut, and how many bytes of its payload are missing.
    pub cut_frame: Option<(FrameHeader, u64)>,
    /// The message that was left without its last frame.
    pub message: Option<Unfinished>,
}
