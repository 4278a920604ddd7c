//! The only `unsafe` of this crate: a call to code for SSE2, which every x86-64 has.
//!
//! Safe code cannot ask a CPU for the highest bits of a vector, and compilers do not find that by themselves. Without it
//! decoding takes a tenth to a quarter longer (`bench`, chunks of 16 KiB: JSON tokens, long lines), for putting the
//! bits in order is a third of the search for line ends.
#![expect(unsafe_code, reason = "measured: see above")]

use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
};

/// A bit for each CR and LF of a block.
#[inline(always)]
pub(super) fn line_ends(block: &[u8; 64]) -> u64 {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { with_sse2(block) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn with_sse2(block: &[u8; 64]) -> u64 {
    let parts = block.as_chunks::<16>().0.iter().enumerate();
    parts.fold(0, |mask, (at, part)| {
        let part = vector(part);
        let lf = _mm_cmpeq_epi8(part, _mm_set1_epi8(b'\n'.cast_signed()));
        let cr = _mm_cmpeq_epi8(part, _mm_set1_epi8(b'\r'.cast_signed()));
        let bits = _mm_movemask_epi8(_mm_or_si128(lf, cr)).cast_unsigned();
        mask | u64::from(bits) << (16 * at)
    })
}

#[inline]
#[target_feature(enable = "sse2")]
fn vector(bytes: &[u8; 16]) -> __m128i {
    let halves = u128::from_le_bytes(*bytes).cast_signed();
    _mm_set_epi64x((halves >> 64) as i64, halves as i64)
}
