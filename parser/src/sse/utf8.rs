//! How text is best judged.

use alloc::{borrow::Cow, string::String};
use core::str;

/// SIMD judges so many bytes of text at once. What is left over takes so long that padding is quicker.
pub(super) const BLOCK: usize = 64;

/// The longest prefix of a character that may be cut off by the end of a chunk.
const LONGEST_CUT: usize = 3;

/// `bytes` as text, with U+FFFD for what is ill-formed. (The standard library by itself goes byte by byte.)
#[inline]
pub(super) fn mended(bytes: &[u8]) -> Cow<'_, str> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// `bytes` without the character that their end cuts.
#[inline(always)]
pub(super) fn whole_characters(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() - cut_len(bytes)]
}

/// How many bytes at the end of `bytes` begin a character without ending it.
#[inline]
fn cut_len(bytes: &[u8]) -> usize {
    if bytes.last().is_none_or(u8::is_ascii) {
        return 0;
    }
    let lead = bytes
        .iter()
        .rev()
        .take(LONGEST_CUT)
        .position(|byte| !(0x80..=0xbf).contains(byte));
    let Some(behind) = lead else { return 0 };
    let tail = &bytes[bytes.len() - behind - 1..];
    match tail[0] {
        0x00..=0x7f => 0,
        _ => match str::from_utf8(tail) {
            Err(error) if error.error_len().is_none() => tail.len(),
            _ => 0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::cut_len;

    #[test]
    fn cuts() {
        assert_eq!(cut_len(b""), 0);
        assert_eq!(cut_len(b"a"), 0);
        assert_eq!(cut_len("é".as_bytes()), 0);
        assert_eq!(cut_len(b"a\xc3"), 1);
        assert_eq!(cut_len(b"a\xf0\x9f\x98"), 3);
        assert_eq!(cut_len(b"\x80\x80\x80\x80"), 0);
        assert_eq!(cut_len(b"\xe0\x80"), 0, "no character begins with E0 80");
        assert_eq!(cut_len(b"\xff"), 0);
    }
}
