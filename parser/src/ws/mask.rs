//! Masking, RFC 6455 section 5.3: byte `i` of the payload is combined with byte `i mod 4` of the key by XOR.

use alloc::vec::Vec;

/// Masks or unmasks `payload` in place; the two are the same operation.
///
/// `offset` is the position of `payload[0]` in the frame's payload, in bytes, so that a payload can be handled in
/// pieces of any size.
///
/// ```
/// use pushspec_parser::ws::mask;
/// // The masked "Hello" of RFC 6455 section 5.7, in two pieces.
/// let mut payload = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
/// let (first, rest) = payload.split_at_mut(3);
/// mask([0x37, 0xfa, 0x21, 0x3d], 0, first);
/// mask([0x37, 0xfa, 0x21, 0x3d], 3, rest);
/// assert_eq!(&payload, b"Hello");
/// ```
#[inline]
pub fn mask(key: [u8; 4], offset: u64, payload: &mut [u8]) {
    let word = word(rotated(key, offset));
    let (words, rest) = payload.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    // Eight is a multiple of four, so the rest begins with the first byte of the key again.
    for (byte, key) in rest.iter_mut().zip(word.to_ne_bytes()) {
        *byte ^= key;
    }
}

/// `masked` from the start of a payload without its mask, in `scratch`, which grows to the largest payload and is not
/// cleared: one pass instead of three.
#[inline]
pub(super) fn unmasked<'a>(key: [u8; 4], masked: &[u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
    if scratch.len() < masked.len() {
        scratch.resize(masked.len(), 0);
    }
    let payload = &mut scratch[..masked.len()];
    let word = word(key);
    let (words, rest) = payload.as_chunks_mut::<8>();
    let (masked_words, masked_rest) = masked.as_chunks::<8>();
    for (to, from) in words.iter_mut().zip(masked_words) {
        *to = (u64::from_ne_bytes(*from) ^ word).to_ne_bytes();
    }
    for ((to, from), key) in rest.iter_mut().zip(masked_rest).zip(word.to_ne_bytes()) {
        *to = from ^ key;
    }
    payload
}

/// The key, and the key again. (Put together from bytes, it takes as long as the header of a small frame.)
#[inline]
fn word(key: [u8; 4]) -> u64 {
    u64::from(u32::from_ne_bytes(key)) * 0x1_0000_0001
}

/// The key as it applies from `offset` on.
#[inline]
fn rotated(key: [u8; 4], offset: u64) -> [u8; 4] {
    u32::from_be_bytes(key)
        .rotate_left(8 * (offset % 4) as u32)
        .to_be_bytes()
}
