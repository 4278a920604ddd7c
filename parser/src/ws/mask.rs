//! Masking, RFC 6455 section 5.3: byte `i` of the payload is combined with byte `i mod 4` of the key by XOR.

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
    let [a, b, c, d] = rotated(key, offset);
    let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    // Eight is a multiple of four, so the rest begins with the first byte of the key again.
    for (byte, key) in rest.iter_mut().zip([a, b, c, d, a, b, c]) {
        *byte ^= key;
    }
}

/// The key as it applies from `offset` on.
#[inline]
fn rotated(key: [u8; 4], offset: u64) -> [u8; 4] {
    u32::from_be_bytes(key)
        .rotate_left(8 * (offset % 4) as u32)
        .to_be_bytes()
}
