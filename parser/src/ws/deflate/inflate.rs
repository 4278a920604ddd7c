//! Decompression, RFC 7692 section 7.2.2 over RFC 1951, that holds the sender to what was agreed.

use alloc::vec::Vec;
use core::fmt;

use super::TAIL;
use super::bits::Bits;
use super::huffman::Code;
use super::params::Direction;

/// Decompresses the messages of one direction.
///
/// Memory is bounded by twice the window and the limit together. After an error nothing is known about the window any
/// more: every further message is the same error.
///
/// ```
/// use pushspec_parser::ws::deflate::{Decompressor, Direction, InflateFault};
/// let mut decompressor = Decompressor::new(Direction::default(), 5);
/// // The examples of RFC 7692 section 7.2.3.
/// assert_eq!(decompressor.decompress(b"\xf2\x48\xcd\xc9\xc9\x07\x00").unwrap(), b"Hello");
/// assert_eq!(decompressor.decompress(b"\xf2\x00\x11\x00\x00").unwrap(), b"Hello");
/// // Ten bytes are more than five.
/// let error = decompressor.decompress(b"\xf2\x48\xcd\xc9\xc9\xf7\x40\x50\x00").unwrap_err();
/// assert_eq!(error.fault, InflateFault::TooLong);
/// ```
#[derive(Clone, Debug)]
pub struct Decompressor {
    window: usize,
    context_takeover: bool,
    limit: usize,
    /// The window, then the message.
    out: Vec<u8>,
    literals: Code,
    distances: Code,
    /// The two codes are those of section 3.2.6: to build them takes longer than to read a short block.
    codes_are_fixed: bool,
    failed: Option<InflateError>,
}

/// Why a payload cannot be decompressed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InflateError {
    /// What is wrong.
    pub fault: InflateFault,
    /// Bytes of the payload begun until then, one more than the last whole byte if the fault is among its bits; at most
    /// the payload's length. Of a code, a symbol or a distance it is behind what is wrong, not in front of it.
    pub offset: usize,
}

/// What can be wrong with a compressed payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InflateFault {
    /// The payload ends inside a block, even with the four bytes that are added to it.
    Truncated,
    /// A block of the reserved type 3.
    BlockType,
    /// The two lengths of a stored block contradict each other.
    StoredLength,
    /// The code of a dynamic block is none: too many words, too few, or no end of block.
    Code,
    /// Bits that are no word of the code, or a word that stands for nothing.
    Symbol,
    /// A distance beyond everything there was: before the first byte, or before this message where no context is
    /// taken over.
    DistanceTooFar,
    /// A distance beyond the agreed window.
    DistanceBeyondWindow,
    /// The message is longer than the limit.
    TooLong,
}

impl fmt::Display for InflateFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Truncated => "the payload ends inside a block",
            Self::BlockType => "a block has the reserved type",
            Self::StoredLength => "the lengths of a stored block differ",
            Self::Code => "a Huffman code is unsound",
            Self::Symbol => "bits stand for nothing",
            Self::DistanceTooFar => "a distance goes back before the context",
            Self::DistanceBeyondWindow => "a distance is beyond the agreed window",
            Self::TooLong => "the message is too long",
        })
    }
}

impl fmt::Display for InflateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at byte {} of the payload", self.fault, self.offset)
    }
}

impl core::error::Error for InflateError {}

impl Decompressor {
    /// For messages of at most `limit` bytes that were compressed as agreed for this direction.
    pub fn new(direction: Direction, limit: usize) -> Self {
        Self {
            window: direction.window_bits.size(),
            context_takeover: direction.context_takeover,
            limit,
            out: Vec::new(),
            literals: Code::empty(),
            distances: Code::empty(),
            codes_are_fixed: false,
            failed: None,
        }
    }

    /// Decompresses the payload of one message, of all its frames together.
    ///
    /// A payload that lacks nothing but what the four added bytes half supply is understood: an empty one, one whose
    /// tail was not stripped, one that ends with a final block.
    ///
    /// # Errors
    ///
    /// [`InflateError`]; the connection has to be failed.
    pub fn decompress(&mut self, payload: &[u8]) -> Result<&[u8], InflateError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let kept = if self.context_takeover {
            self.out.len().min(self.window)
        } else {
            0
        };
        self.out.drain(..self.out.len() - kept);
        self.out
            .shrink_to(2 * (self.window + self.limit.min(1 << 16)));
        let mut bits = Bits::new(payload);
        match self.message(&mut bits, kept) {
            Ok(()) => Ok(&self.out[kept..]),
            Err(fault) => {
                self.out = Vec::new();
                let offset = bits.offset().min(payload.len());
                let error = InflateError { fault, offset };
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Section 7.2.1: any number of blocks of any type, final or not. The last is stored and empty, and of it only the
    /// length is stripped: whatever else takes its bits from the four added bytes was cut off.
    fn message(&mut self, bits: &mut Bits<'_>, start: usize) -> Result<(), InflateFault> {
        let most = start.saturating_add(self.limit);
        while !bits.is_at_end() {
            let last = bits.take(1)? == 1;
            match bits.take(2)? {
                0 => {
                    if !self.stored(bits, most)? {
                        return Ok(());
                    }
                }
                1 => {
                    self.fixed();
                    self.block(bits, most)?;
                }
                2 => {
                    self.dynamic(bits)?;
                    self.block(bits, most)?;
                }
                _ => return Err(InflateFault::BlockType),
            }
            if last {
                bits.align();
            }
        }
        Ok(())
    }

    /// A stored block. False if it is the unfinished beginning of one, made of the added bytes alone.
    fn stored(&mut self, bits: &mut Bits<'_>, most: usize) -> Result<bool, InflateFault> {
        bits.align();
        if bits.in_tail_only() && bits.left() < TAIL.len() {
            return Ok(false);
        }
        let length = bits.take(16)?;
        if length ^ bits.take(16)? != 0xffff {
            return Err(InflateFault::StoredLength);
        }
        for _ in 0..length {
            let byte = bits.take(8)? as u8;
            if self.out.len() == most {
                return Err(InflateFault::TooLong);
            }
            self.out.push(byte);
        }
        if length > 0 {
            bits.before_tail()?;
        }
        Ok(true)
    }

    /// The code of section 3.2.6.
    fn fixed(&mut self) {
        if core::mem::replace(&mut self.codes_are_fixed, true) {
            return;
        }
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        self.literals.build(&lengths);
        self.distances.build(&[5; 32]);
    }

    /// The code that section 3.2.7 describes.
    fn dynamic(&mut self, bits: &mut Bits<'_>) -> Result<(), InflateFault> {
        const ORDER: [usize; 19] = [
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        ];
        self.codes_are_fixed = false;
        let literals = bits.take(5)? as usize + 257;
        let distances = bits.take(5)? as usize + 1;
        let count = bits.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(InflateFault::Code);
        }
        let mut lengths = [0; 286 + 30];
        for &place in &ORDER[..count] {
            lengths[place] = bits.take(3)? as u8;
        }
        if !self.literals.build(&lengths[..19]) {
            return Err(InflateFault::Code);
        }
        lengths[..19].fill(0);
        let mut at = 0;
        while at < literals + distances {
            let (length, times) = match bits.word(&self.literals)? {
                16 => match at {
                    0 => return Err(InflateFault::Code),
                    _ => (lengths[at - 1], bits.take(2)? as usize + 3),
                },
                17 => (0, bits.take(3)? as usize + 3),
                18 => (0, bits.take(7)? as usize + 11),
                length => (length as u8, 1),
            };
            let Some(run) = lengths[..literals + distances].get_mut(at..at + times) else {
                return Err(InflateFault::Code);
            };
            run.fill(length);
            at += times;
        }
        let sound = lengths[256] != 0
            && self.literals.build(&lengths[..literals])
            && self
                .distances
                .build(&lengths[literals..literals + distances]);
        if sound {
            Ok(())
        } else {
            Err(InflateFault::Code)
        }
    }

    /// The literals and matches of a block, up to its end (section 3.2.5).
    fn block(&mut self, bits: &mut Bits<'_>, most: usize) -> Result<(), InflateFault> {
        loop {
            let symbol = bits.word(&self.literals)?;
            if symbol < 256 {
                if self.out.len() == most {
                    return Err(InflateFault::TooLong);
                }
                self.out.push(symbol as u8);
                continue;
            }
            if symbol == 256 {
                return bits.before_tail();
            }
            let (base, extra) = length(symbol - 257).ok_or(InflateFault::Symbol)?;
            let length = base + bits.take(extra)? as usize;
            let (base, extra) =
                distance(bits.word(&self.distances)?).ok_or(InflateFault::Symbol)?;
            let distance = base + bits.take(extra)? as usize;
            if distance > self.out.len() {
                return Err(InflateFault::DistanceTooFar);
            }
            if distance > self.window {
                return Err(InflateFault::DistanceBeyondWindow);
            }
            if length > most - self.out.len() {
                return Err(InflateFault::TooLong);
            }
            self.repeat(distance, length);
        }
    }

    /// Appends `length` bytes that begin `distance` back, and may reach into themselves.
    fn repeat(&mut self, distance: usize, mut length: usize) {
        let from = self.out.len() - distance;
        while length > 0 {
            let piece = length.min(self.out.len() - from);
            self.out.extend_from_within(from..from + piece);
            length -= piece;
        }
    }
}

/// The shortest length of a symbol, counted from 257, and how many bits are added to it.
fn length(symbol: u16) -> Option<(usize, u32)> {
    match u32::from(symbol) {
        symbol @ 0..8 => Some((symbol as usize + 3, 0)),
        symbol @ 8..28 => {
            let extra = symbol / 4 - 1;
            Some((((symbol as usize % 4 + 4) << extra) + 3, extra))
        }
        28 => Some((258, 0)),
        _ => None,
    }
}

/// The shortest distance of a symbol, and how many bits are added to it.
fn distance(symbol: u16) -> Option<(usize, u32)> {
    match u32::from(symbol) {
        symbol @ 0..4 => Some((symbol as usize + 1, 0)),
        symbol @ 4..30 => {
            let extra = symbol / 2 - 1;
            Some((((symbol as usize % 2 + 2) << extra) + 1, extra))
        }
        _ => None,
    }
}
