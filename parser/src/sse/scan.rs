//! Where a line ends: the only place that searches bytes for CR and LF.
//!
//! WHATWG HTML 9.2.5: `end-of-line = ( cr lf / cr / lf )`. A CR ends its line at once, wherever the
//! chunk is cut; only whether an LF belongs to it may be unknown until the next byte.
//!
//! Each byte is looked at once: a block of 64 becomes a mask with a bit for every CR and LF, and the
//! lines come out of the mask. Calling a search function anew for each line costs more than the
//! search where lines are short, and every event has a blank one.

use core::ops::Range;

/// How a line ended, as far as the bytes at hand tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// LF.
    Lf,
    /// CR LF.
    CrLf,
    /// CR, and the next byte is no LF.
    Cr,
    /// CR as the last byte at hand: an LF may still follow.
    Open,
}

impl Ending {
    /// Bytes at hand that the line end takes.
    #[inline]
    pub(super) fn len(self) -> usize {
        match self {
            Ending::CrLf => 2,
            Ending::Lf | Ending::Cr | Ending::Open => 1,
        }
    }
}

/// A complete line: where it begins and where its line end does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) ending: Ending,
}

/// The search for the complete lines of a chunk, in order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lines {
    /// Where the next line begins.
    start: usize,
    ends: Ends,
}

impl Lines {
    /// The next complete line.
    #[inline(always)]
    pub(super) fn next(&mut self, chunk: &[u8]) -> Option<Span> {
        loop {
            let end = self.ends.next(chunk)?;
            let start = self.start;
            if end < start {
                // The LF of a CR LF.
                continue;
            }
            let ending = match *chunk.get(end)? {
                b'\n' => Ending::Lf,
                _ => after_cr(chunk.get(end + 1)),
            };
            self.start = end + ending.len();
            return Some(Span { start, end, ending });
        }
    }

    /// Where the line begins that the chunk does not complete.
    #[inline]
    pub(super) fn rest(&self) -> usize {
        self.start
    }
}

/// The search for the CRs and LFs of a chunk, in order.
///
/// The chunk is given with each step, not kept, so that compilers see its length checked once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    /// Those of the block at hand that are still to be looked at.
    ends: u64,
    /// Where that block begins.
    block: usize,
    /// Where the next one does.
    next_block: usize,
}

impl Ends {
    /// Where the next CR or LF is.
    // Not inlined, the state of the search would go through memory for each line.
    #[inline(always)]
    pub(super) fn next(&mut self, chunk: &[u8]) -> Option<usize> {
        if self.ends == 0 {
            if self.next_block >= chunk.len() {
                return None;
            }
            (self.block, self.ends) = next_ends(chunk, self.next_block);
            self.next_block = self.block + BLOCK;
            if self.ends == 0 {
                return None;
            }
        }
        let end = self.block + self.ends.trailing_zeros() as usize;
        self.ends &= self.ends - 1;
        Some(end)
    }

    /// The chunk is now behind so many other bytes.
    #[inline]
    pub(super) fn shift(&mut self, other: usize) {
        self.block += other;
        self.next_block += other;
    }

    /// Hands on each complete line, the first of which ends at `first`; returns where the next one begins.
    ///
    /// The kind of a line end matters only where a line has nothing else: an LF is none if it belongs to a CR.
    #[inline(always)]
    pub(super) fn lines(
        mut self,
        chunk: &[u8],
        first: usize,
        mut line: impl FnMut(Range<usize>),
    ) -> usize {
        let mut start = 0;
        let mut next = Some(first);
        while let Some(end) = next {
            if start < end || !is_second_half(chunk, end) {
                line(start..end);
            }
            start = end + 1;
            next = self.next(chunk);
        }
        start
    }
}

/// The line end at `end` is the LF of a CR LF.
#[inline(always)]
pub(super) fn is_second_half(chunk: &[u8], end: usize) -> bool {
    chunk.get(end.wrapping_sub(1)) == Some(&b'\r') && chunk.get(end) == Some(&b'\n')
}

/// How much of `chunk` holds the end of one event at most: all up to its first empty line, or all of it.
///
/// A line end as the first byte counts as an empty line, which depends on what came before.
#[cfg(feature = "stream")]
pub(super) fn after_event(chunk: &[u8]) -> usize {
    let mut ends = Ends::default();
    let mut start = 0;
    while let Some(end) = ends.next(chunk) {
        if start == end && !is_second_half(chunk, end) {
            return end + 1 + usize::from(is_second_half(chunk, end + 1));
        }
        start = end + 1;
    }
    chunk.len()
}

#[inline]
fn after_cr(next: Option<&u8>) -> Ending {
    match next {
        Some(b'\n') => Ending::CrLf,
        Some(_) => Ending::Cr,
        None => Ending::Open,
    }
}

/// Bytes that are searched at once: as many as a mask has bits.
const BLOCK: usize = 64;

/// The next block with a CR or LF, from that at `block` on, and a bit for each of them; no bit if there is no such block.
///
/// Never inlined: by itself it is sure to become vector code, for here nothing can alias.
#[inline(never)]
fn next_ends(chunk: &[u8], mut block: usize) -> (usize, u64) {
    let mut rest = &chunk[block..];
    while let Some((bytes, behind)) = rest.split_first_chunk() {
        let ends = line_ends(bytes);
        if ends != 0 {
            return (block, ends);
        }
        rest = behind;
        block += BLOCK;
    }
    (block, line_ends_of_last(chunk, rest.len()))
}

/// A bit for each CR and LF of a block.
#[inline(always)]
fn line_ends(block: &[u8; BLOCK]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    return super::movemask::line_ends(block);
    #[cfg(not(target_arch = "x86_64"))]
    return portable_line_ends(block);
}

/// The same for the last `len` bytes of a chunk, which are fewer than a block.
#[inline]
fn line_ends_of_last(chunk: &[u8], len: usize) -> u64 {
    if len == 0 {
        return 0;
    }
    if let Some(block) = chunk.last_chunk() {
        return line_ends(block) >> (BLOCK - len);
    }
    let mut block = [0; BLOCK];
    block[..len].copy_from_slice(chunk);
    line_ends(&block)
}

/// A bit for each CR and LF of a block, on every architecture.
///
/// Compilers make vector code of the loop, wherever there are vectors: a hit in the
/// eight bytes of group `g` becomes bit `g` of its byte, so that the groups can be put together, and
/// a block without line ends, as most are, is done with. Otherwise the bits are brought into order.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline(always)]
fn portable_line_ends(block: &[u8; BLOCK]) -> u64 {
    let mut hits = [0; BLOCK];
    for (at, (hit, &byte)) in hits.iter_mut().zip(block).enumerate() {
        *hit = u8::from((byte == b'\n') | (byte == b'\r')) << (at / 8);
    }
    let groups = hits.as_chunks().0.iter();
    let columns = groups.fold(0, |all, group| all | u64::from_le_bytes(*group));
    if columns == 0 { 0 } else { transposed(columns) }
}

/// Bit `8 × row + column` to bit `8 × column + row`: first within squares of two by two, then of these
/// squares, then of those.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline(always)]
fn transposed(bits: u64) -> u64 {
    let swapped = |bits: u64, distance: u32, mask: u64| {
        let differing = (bits ^ bits >> distance) & mask;
        bits ^ differing ^ differing << distance
    };
    let bits = swapped(bits, 7, 0x00aa_00aa_00aa_00aa);
    let bits = swapped(bits, 14, 0x0000_cccc_0000_cccc);
    swapped(bits, 28, 0x0000_0000_f0f0_f0f0)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Ending, Lines, Span, line_ends, portable_line_ends};
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn lines(chunk: &[u8]) -> Vec<(usize, usize, Ending)> {
        let tuple = |Span { start, end, ending }| (start, end, ending);
        let mut lines = Lines::default();
        core::iter::from_fn(|| lines.next(chunk))
            .map(tuple)
            .collect()
    }

    #[test]
    fn endings() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"ab"), []);
        assert_eq!(lines(b"\n"), [(0, 0, Ending::Lf)]);
        assert_eq!(lines(b"ab\ncd"), [(0, 2, Ending::Lf)]);
        assert_eq!(lines(b"ab\r\n"), [(0, 2, Ending::CrLf)]);
        assert_eq!(lines(b"ab\rc"), [(0, 2, Ending::Cr)]);
        assert_eq!(lines(b"ab\r"), [(0, 2, Ending::Open)]);
        assert_eq!(lines(b"\n\r"), [(0, 0, Ending::Lf), (1, 1, Ending::Open)]);
        assert_eq!(
            lines(b"\r\n\r\n"),
            [(0, 0, Ending::CrLf), (2, 2, Ending::CrLf)]
        );
    }

    #[test]
    fn a_line_end_over_two_blocks() {
        let mut chunk = [b'x'; 2 * BLOCK];
        chunk[BLOCK - 1] = b'\r';
        chunk[BLOCK] = b'\n';
        chunk[2 * BLOCK - 1] = b'\n';
        assert_eq!(
            lines(&chunk),
            [
                (0, BLOCK - 1, Ending::CrLf),
                (BLOCK + 1, 2 * BLOCK - 1, Ending::Lf)
            ]
        );
    }

    #[cfg(feature = "stream")]
    #[test]
    fn pieces_of_one_event() {
        let mut rest = &b"\na\nb\n\n\nc\r\n\r\n\r\rd\r\ne"[..];
        for piece in ["\n", "a\nb\n\n", "\n", "c\r\n\r\n", "\r", "\r", "d\r\ne"] {
            let (first, behind) = rest.split_at(super::after_event(rest));
            assert_eq!(first, piece.as_bytes());
            rest = behind;
        }
        assert_eq!(super::after_event(rest), 0);
    }

    proptest! {
        #[test]
        fn the_mask_is_what_a_plain_search_finds(
            block in prop::array::uniform(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()])
        ) {
            let found = |at: usize| matches!(block[at], b'\n' | b'\r');
            let expected = (0..BLOCK).fold(0, |mask, at| mask | u64::from(found(at)) << at);
            prop_assert_eq!(line_ends(&block), expected);
            prop_assert_eq!(portable_line_ends(&block), expected);
        }

        #[test]
        fn lines_are_what_a_plain_search_finds(
            chunk in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'x'), Just(b'x')], 0..200)
        ) {
            let mut expected = Vec::new();
            let mut start = 0;
            while let Some(len) = chunk[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                let end = start + len;
                let ending = match (chunk[end], chunk.get(end + 1)) {
                    (b'\n', _) => Ending::Lf,
                    (_, Some(b'\n')) => Ending::CrLf,
                    (_, Some(_)) => Ending::Cr,
                    (_, None) => Ending::Open,
                };
                expected.push((start, end, ending));
                start = end + ending.len();
            }
            prop_assert_eq!(lines(&chunk), expected);
        }
    }
}
