//! A line that the end of a chunk cut, at the everyday level.

use alloc::vec::Vec;
use core::mem;

/// A line whose end has not come: its bytes are kept until the end tells what they are.
#[derive(Clone, Debug, Default)]
pub(super) struct CutLine {
    bytes: Vec<u8>,
    /// It is over the limit: its bytes are dropped up to its end.
    overlong: bool,
}

impl CutLine {
    #[inline]
    pub(super) fn is_none(&self) -> bool {
        self.bytes.is_empty() && !self.overlong
    }

    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Drops what follows, up to the end of the line.
    pub(super) fn skip(&mut self) {
        self.overlong = true;
    }

    /// Adds `piece`. If that makes the line longer than `limit`, the line's first byte is the error.
    #[inline(always)]
    pub(super) fn extend(&mut self, piece: &[u8], limit: usize) -> Result<(), u8> {
        if self.overlong {
            return Ok(());
        }
        if piece.len() > limit - self.bytes.len() {
            return Err(self.give_up(piece));
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    #[inline]
    pub(super) fn is_overlong(&self) -> bool {
        self.overlong
    }

    /// The line has ended. Returns whether it was over the limit.
    pub(super) fn end_overlong(&mut self) -> bool {
        mem::take(&mut self.overlong)
    }

    /// The bytes so far; [`CutLine::reuse`] takes the buffer back.
    #[inline]
    pub(super) fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.bytes)
    }

    #[inline]
    pub(super) fn reuse(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        self.bytes = bytes;
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.overlong = false;
    }

    #[cold]
    fn give_up(&mut self, piece: &[u8]) -> u8 {
        let first = *self.bytes.first().unwrap_or(&piece[0]);
        self.bytes.clear();
        self.overlong = true;
        first
    }
}
