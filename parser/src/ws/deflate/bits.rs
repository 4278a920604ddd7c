//! The bits of a compressed payload, RFC 1951 section 3.1.1: lowest first, and the words of Huffman codes.

use super::TAIL;
use super::huffman::{Code, Word};
use super::inflate::InflateFault;

/// The bits of a payload and of the four bytes behind it, lowest first.
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    /// The four bytes are not yet in `rest`.
    tail: bool,
    payload: usize,
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Self {
            rest: payload,
            tail: true,
            payload: payload.len(),
            buffer: 0,
            count: 0,
        }
    }

    /// Fills the buffer to 32 bits or more, if so many are left.
    #[inline]
    fn fill(&mut self) {
        if let Some(word) = self.rest.first_chunk::<4>()
            && self.count < 32
        {
            self.buffer |= u64::from(u32::from_le_bytes(*word)) << self.count;
            self.count += 32;
            self.rest = &self.rest[4..];
        } else if self.count < 32 {
            self.fill_slowly();
        }
    }

    #[cold]
    fn fill_slowly(&mut self) {
        while self.count <= 56 {
            let Some((&byte, rest)) = self.rest.split_first() else {
                if !core::mem::take(&mut self.tail) {
                    return;
                }
                self.rest = &TAIL;
                continue;
            };
            self.buffer |= u64::from(byte) << self.count;
            self.count += 8;
            self.rest = rest;
        }
    }

    /// Takes up to 16 bits.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> Result<u32, InflateFault> {
        if self.count < count {
            self.fill();
            if self.count < count {
                return Err(InflateFault::Truncated);
            }
        }
        let bits = self.buffer & ((1 << count) - 1);
        self.skip(count);
        Ok(bits as u32)
    }

    #[inline]
    pub(super) fn word(&mut self, code: &Code) -> Result<u16, InflateFault> {
        self.fill();
        match code.read(self.buffer, self.count) {
            Word::Symbol(symbol, length) => {
                self.skip(length);
                Ok(symbol)
            }
            Word::Cut => Err(InflateFault::Truncated),
            Word::None => Err(InflateFault::Symbol),
        }
    }

    #[inline]
    fn skip(&mut self, count: u32) {
        self.buffer >>= count;
        self.count -= count;
    }

    /// Drops the bits up to the next byte.
    pub(super) fn align(&mut self) {
        self.skip(self.count % 8);
    }

    /// Bytes left, a begun one not counted.
    pub(super) fn left(&self) -> usize {
        let tail = if self.tail { TAIL.len() } else { 0 };
        self.rest.len() + tail + (self.count / 8) as usize
    }

    /// Whether no bits are left but padding of the last byte.
    pub(super) fn is_at_end(&self) -> bool {
        self.left() == 0
    }

    /// Whether the payload is used up.
    pub(super) fn in_tail_only(&self) -> bool {
        self.left() <= TAIL.len()
    }

    /// Checks that nothing was taken from the four bytes behind the payload.
    pub(super) fn before_tail(&self) -> Result<(), InflateFault> {
        match self.left() < TAIL.len() {
            true => Err(InflateFault::Truncated),
            false => Ok(()),
        }
    }

    /// Bytes read so far, those of the tail included.
    pub(super) fn offset(&self) -> usize {
        self.payload + TAIL.len() - self.left()
    }
}
