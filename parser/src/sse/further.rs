//! Further lines of data that come in small chunks, at the everyday level.
//!
//! What they say does not matter before their event is complete, so that their values are put together as they come and
//! judged some lines at a time: neither is each piece judged, nor each line copied twice.

use alloc::{borrow::Cow, vec::Vec};

use super::utf8;

/// From this size on values are judged at the next end of a line, while they are in the fastest cache.
const ENOUGH: usize = 1024;

/// The values of `data` lines, an LF behind each, and what has come of an unfinished one.
#[derive(Clone, Debug, Default)]
pub(super) struct Further {
    values: Vec<u8>,
    /// How much of them belongs to complete lines.
    complete: usize,
    /// The length of the unfinished line, its name included; 0 if there is none.
    line: usize,
}

impl Further {
    /// A line is unfinished.
    #[inline(always)]
    pub(super) fn is_open(&self) -> bool {
        self.line > 0
    }

    pub(super) fn capacity(&self) -> usize {
        self.values.capacity()
    }

    /// There is so much that it should be taken at the end of a line: for speed, or because behind `before` bytes of data
    /// it may go beyond `limit`, which is to be told when the line ends.
    #[inline]
    pub(super) fn is_enough(&self, before: usize, limit: usize) -> bool {
        // A bad byte becomes the three of U+FFFD.
        let most = before + 3 * self.values.len();
        self.values.len() >= ENOUGH || most > limit.saturating_add(1)
    }

    /// Adds a piece of a line, and of its value. If that makes the line longer than `limit`, it is given up: `false`.
    #[inline(always)]
    pub(super) fn extend(&mut self, piece: &[u8], value: &[u8], limit: usize) -> bool {
        let fits = piece.len() <= limit - self.line;
        if fits {
            self.line += piece.len();
            self.values.extend_from_slice(value);
        } else {
            self.line = 0;
            self.values.truncate(self.complete);
        }
        fits
    }

    /// The unfinished line has ended.
    #[inline(always)]
    pub(super) fn end_line(&mut self) {
        self.values.push(b'\n');
        self.complete = self.values.len();
        self.line = 0;
    }

    /// The complete lines, with U+FFFD for what is no UTF-8; [`Further::clear`] drops them.
    #[inline]
    pub(super) fn text(&self) -> Cow<'_, str> {
        utf8::mended(&self.values)
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.complete = 0;
        self.line = 0;
    }
}
