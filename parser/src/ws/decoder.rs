//! A byte stream cut into frames, in constant memory: payload is passed on, never held.
//!
//! The decoder judges nothing and never stops: any bytes are frames of some kind.

use core::mem;

use super::frame::{FrameHeader, Parsed};
use super::mask::mask;
use super::opcode::Opcode;

/// A part of a frame, in the order of the wire: one header, any number of payload pieces, one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameEvent<'a> {
    /// A header is complete.
    Header {
        /// The header.
        header: FrameHeader,
        /// Where it begins, in bytes from the start of the stream.
        offset: u64,
    },
    /// A piece of payload, never empty, as large as the input (and, where it had to be unmasked, the
    /// decoder's scratch space) allows.
    Payload {
        /// The bytes, unmasked.
        bytes: &'a [u8],
        /// Where they begin, in bytes from the start of the stream.
        offset: u64,
    },
    /// The frame is complete.
    End {
        /// The position behind its last byte, in bytes from the start of the stream.
        offset: u64,
    },
}

/// Cuts what one side sent into frames. Chunk boundaries move the cuts between payload pieces and nothing else.
///
/// ```
/// use pushspec_parser::ws::{FrameDecoder, FrameEvent};
/// let mut decoder = FrameDecoder::new();
/// let mut text = Vec::new();
/// for chunk in [&b"\x81"[..], b"\x05He", b"llo"] {
///     decoder.feed(chunk, |event| {
///         if let FrameEvent::Payload { bytes, .. } = event {
///             text.extend_from_slice(bytes);
///         }
///     });
/// }
/// assert_eq!(text, b"Hello");
/// assert!(decoder.is_between_frames());
/// ```
#[derive(Clone, Debug)]
pub struct FrameDecoder {
    /// The first bytes of a header that a chunk cut.
    cut: [u8; FrameHeader::MAX_LEN],
    cut_len: usize,
    /// The header of the frame in progress; of no meaning between frames.
    header: FrameHeader,
    /// Bytes of its payload that are still to come.
    remaining: u64,
    inside: bool,
    /// Bytes consumed so far.
    offset: u64,
}

/// A frame that lies in the input as a whole, which is the common case.
pub(super) struct Whole<'a> {
    pub(super) header: FrameHeader,
    /// Where it begins.
    pub(super) offset: u64,
    pub(super) payload: Wire<'a>,
}

/// A piece of any other frame.
pub(super) enum Piece<'a> {
    /// A header, and where it begins.
    Header(FrameHeader, u64),
    /// Payload as it is on the wire, masked or not.
    Payload(Wire<'a>),
    /// The end of a frame.
    End,
}

/// What comes next, whichever it is.
pub(super) enum Step<'a> {
    Whole(Whole<'a>),
    Piece(Piece<'a>),
}

/// A piece of payload as it is on the wire.
pub(super) struct Wire<'a> {
    pub(super) bytes: &'a [u8],
    /// Its position in the frame's payload.
    pub(super) position: u64,
    /// Its position in the stream.
    pub(super) offset: u64,
}

impl FrameDecoder {
    /// A decoder at the start of a stream: behind the handshake, where the first frame begins.
    pub const fn new() -> Self {
        Self {
            cut: [0; FrameHeader::MAX_LEN],
            cut_len: 0,
            header: FrameHeader::new(Opcode::CONTINUATION, 0),
            remaining: 0,
            inside: false,
            offset: 0,
        }
    }

    /// Decodes a further chunk and calls `on` for each event in it.
    ///
    /// Unmasked payload is lent from `chunk`; masked payload is unmasked in a small scratch space.
    pub fn feed(&mut self, chunk: &[u8], mut on: impl FnMut(FrameEvent<'_>)) {
        let mut input = chunk;
        loop {
            while let Some(frame) = self.whole(&mut input) {
                let Whole {
                    header,
                    offset,
                    payload,
                } = frame;
                on(FrameEvent::Header { header, offset });
                if !payload.bytes.is_empty() {
                    lend(header.masking_key, &payload, &mut on);
                }
                on(FrameEvent::End {
                    offset: self.offset,
                });
            }
            match self.piece(&mut input) {
                Some(Piece::Header(header, offset)) => on(FrameEvent::Header { header, offset }),
                Some(Piece::Payload(wire)) => lend(self.header.masking_key, &wire, &mut on),
                Some(Piece::End) => on(FrameEvent::End {
                    offset: self.offset,
                }),
                None => return,
            }
        }
    }

    /// Decodes a further chunk like [`feed`](Self::feed), but unmasks in place, which spares masked payload a copy.
    pub fn feed_in_place(&mut self, chunk: &mut [u8], mut on: impl FnMut(FrameEvent<'_>)) {
        let mut chunk = chunk;
        loop {
            let mut input = &*chunk;
            while let Some(frame) = self.whole(&mut input) {
                let (header, offset) = (frame.header, frame.offset);
                let (payload_at, len) = (frame.payload.offset, frame.payload.bytes.len());
                let end = chunk.len() - input.len();
                on(FrameEvent::Header { header, offset });
                let bytes = &mut split_front(&mut chunk, end)[end - len..];
                if len > 0 {
                    if let Some(key) = header.masking_key {
                        mask(key, 0, bytes);
                    }
                    on(FrameEvent::Payload {
                        bytes,
                        offset: payload_at,
                    });
                }
                on(FrameEvent::End {
                    offset: self.offset,
                });
                input = &*chunk;
            }
            let piece = self.piece(&mut input);
            let end = chunk.len() - input.len();
            match piece {
                Some(Piece::Header(header, offset)) => on(FrameEvent::Header { header, offset }),
                Some(Piece::Payload(Wire {
                    position, offset, ..
                })) => {
                    let bytes = &mut chunk[..end];
                    if let Some(key) = self.header.masking_key {
                        mask(key, position, bytes);
                    }
                    on(FrameEvent::Payload { bytes, offset });
                }
                Some(Piece::End) => on(FrameEvent::End {
                    offset: self.offset,
                }),
                None => return,
            }
            split_front(&mut chunk, end);
        }
    }

    /// Bytes fed so far.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the stream may end here: no frame has begun that is not complete.
    pub const fn is_between_frames(&self) -> bool {
        !self.inside && self.cut_len == 0
    }

    /// The frame in progress and the bytes of its payload that are still to come, if a header is complete and the
    /// frame is not.
    pub const fn unfinished(&self) -> Option<(&FrameHeader, u64)> {
        if self.inside {
            Some((&self.header, self.remaining))
        } else {
            None
        }
    }

    /// The bytes of a header that is not complete.
    pub fn unfinished_header(&self) -> &[u8] {
        &self.cut[..self.cut_len]
    }

    /// Takes the frame that `input` begins with, if no frame has begun before and all of it is there.
    ///
    /// Always inlined, so that it goes from the input to its reader in registers. Returned together with [`Piece`], as
    /// one of several cases, it would go through memory, and small frames would take three times as long.
    #[inline(always)]
    pub(super) fn whole<'a>(&mut self, input: &mut &'a [u8]) -> Option<Whole<'a>> {
        if self.is_between_frames()
            && let Parsed::Complete((header, len)) = FrameHeader::parse(input)
            && let Ok(length) = usize::try_from(header.length)
            && let Some((bytes, rest)) = input[len..].split_at_checked(length)
        {
            let offset = self.offset;
            let payload = Wire {
                bytes,
                position: 0,
                offset: offset + len as u64,
            };
            self.offset = payload.offset + header.length;
            *input = rest;
            return Some(Whole {
                header,
                offset,
                payload,
            });
        }
        None
    }

    /// Takes the next piece of a frame that a chunk cut, or `None` when `input` is used up. For use where there is no
    /// [`whole`](Self::whole) frame.
    #[inline(never)]
    pub(super) fn piece<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        if !self.inside {
            let offset = self.offset - self.cut_len as u64;
            let header = self.complete_header(input)?;
            self.header = header;
            self.remaining = header.length;
            self.inside = true;
            return Some(Piece::Header(header, offset));
        }
        if self.remaining == 0 {
            self.inside = false;
            return Some(Piece::End);
        }
        if input.is_empty() {
            return None;
        }
        let len = usize::try_from(self.remaining)
            .unwrap_or(usize::MAX)
            .min(input.len());
        let (bytes, rest) = input.split_at(len);
        let wire = Wire {
            bytes,
            position: self.header.length - self.remaining,
            offset: self.offset,
        };
        self.remaining -= len as u64;
        self.offset += len as u64;
        *input = rest;
        Some(Piece::Payload(wire))
    }

    /// Takes as many bytes as the header in progress needs, and keeps them if the chunk has too few.
    fn complete_header(&mut self, input: &mut &[u8]) -> Option<FrameHeader> {
        loop {
            let needed = match FrameHeader::parse(&self.cut[..self.cut_len]) {
                Parsed::Complete((header, _)) => {
                    self.cut_len = 0;
                    return Some(header);
                }
                Parsed::Partial { needed } => needed.min(input.len()),
            };
            if needed == 0 {
                return None;
            }
            let (bytes, rest) = input.split_at(needed);
            self.cut[self.cut_len..][..needed].copy_from_slice(bytes);
            self.cut_len += needed;
            self.offset += needed as u64;
            *input = rest;
        }
    }
}

impl Default for FrameDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes the first `len` bytes of `chunk` off it.
#[inline(always)]
fn split_front<'a>(chunk: &mut &'a mut [u8], len: usize) -> &'a mut [u8] {
    let (front, rest) = mem::take(chunk).split_at_mut(len);
    *chunk = rest;
    front
}

/// Passes payload on: as it is, or unmasked in a scratch space.
#[inline(always)]
fn lend(key: Option<[u8; 4]>, wire: &Wire<'_>, on: &mut impl FnMut(FrameEvent<'_>)) {
    match key {
        None => on(FrameEvent::Payload {
            bytes: wire.bytes,
            offset: wire.offset,
        }),
        // Clearing the scratch space costs time, so a small piece gets a small one.
        Some(key) if wire.bytes.len() <= 128 => unmask_pieces::<128>(key, wire, on),
        Some(key) => unmask_pieces::<4096>(key, wire, on),
    }
}

/// Unmasks `wire` piece by piece in a scratch space that stays in the first-level cache.
fn unmask_pieces<const N: usize>(
    key: [u8; 4],
    wire: &Wire<'_>,
    on: &mut impl FnMut(FrameEvent<'_>),
) {
    let mut scratch = [0; N];
    let (mut position, mut offset) = (wire.position, wire.offset);
    for piece in wire.bytes.chunks(N) {
        let bytes = &mut scratch[..piece.len()];
        bytes.copy_from_slice(piece);
        mask(key, position, bytes);
        on(FrameEvent::Payload { bytes, offset });
        position += piece.len() as u64;
        offset += piece.len() as u64;
    }
}
