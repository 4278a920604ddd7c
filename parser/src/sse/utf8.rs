//! Bytes to text as the Encoding Standard's UTF-8 decoder does it, chunk by chunk.
//!
//! WHATWG HTML 9.2.6: streams are decoded with "UTF-8 decode", which never fails. Each maximal
//! subpart of an ill-formed sequence becomes one U+FFFD. The BOM is left to the caller.

use core::str;

/// What stands for one ill-formed sequence.
const REPLACEMENT: &str = "\u{fffd}";

/// The longest prefix of a character that may be cut off by the end of a chunk.
const LONGEST_CUT: usize = 3;

/// The state between chunks: the beginning of a character whose rest has not come yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Utf8 {
    cut: [u8; LONGEST_CUT + 1],
    cut_len: usize,
}

impl Utf8 {
    /// The text of `chunk`, if it is good, as almost all is. A character that its end cuts is kept.
    #[inline(always)]
    pub(super) fn good<'c>(&mut self, chunk: &'c [u8]) -> Option<&'c str> {
        let (whole, cut) = chunk.split_at(chunk.len() - cut_len(chunk));
        let text = simdutf8::basic::from_utf8(whole).ok()?;
        self.keep(cut);
        Some(text)
    }

    /// Decodes a chunk that is not good, and hands its text on in pieces.
    #[cold]
    pub(super) fn replace(&mut self, chunk: &[u8], mut piece: impl FnMut(&str)) {
        let (whole, cut) = chunk.split_at(chunk.len() - cut_len(chunk));
        for chunk in whole.utf8_chunks() {
            if !chunk.valid().is_empty() {
                piece(chunk.valid());
            }
            if !chunk.invalid().is_empty() {
                piece(REPLACEMENT);
            }
        }
        self.keep(cut);
    }

    /// Whether the bytes so far end inside a character.
    #[inline]
    pub(super) fn is_cut(&self) -> bool {
        self.cut_len > 0
    }

    #[inline]
    fn keep(&mut self, cut: &[u8]) {
        if !cut.is_empty() {
            self.cut[..cut.len()].copy_from_slice(cut);
            self.cut_len = cut.len();
        }
    }

    /// Completes the cut character, which there must be, with the first bytes of `chunk`; returns the others.
    #[cold]
    pub(super) fn mend<'c>(&mut self, chunk: &'c [u8], mut piece: impl FnMut(&str)) -> &'c [u8] {
        for (taken, &byte) in chunk.iter().enumerate() {
            self.cut[self.cut_len] = byte;
            match str::from_utf8(&self.cut[..=self.cut_len]) {
                Ok(character) => {
                    piece(character);
                    self.cut_len = 0;
                    return &chunk[taken + 1..];
                }
                Err(error) if error.error_len().is_none() => self.cut_len += 1,
                Err(_) => {
                    // What was held is the maximal subpart; `byte` begins something else.
                    piece(REPLACEMENT);
                    self.cut_len = 0;
                    return &chunk[taken..];
                }
            }
        }
        &[]
    }
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
    use super::{Utf8, cut_len};
    use alloc::string::String;

    fn decode(chunks: &[&[u8]]) -> String {
        let mut text = String::new();
        let mut utf8 = Utf8::default();
        for chunk in chunks {
            let rest = if utf8.is_cut() {
                utf8.mend(chunk, |piece| text.push_str(piece))
            } else {
                chunk
            };
            match utf8.good(rest) {
                Some(good) => text.push_str(good),
                None => utf8.replace(rest, |piece| text.push_str(piece)),
            }
        }
        text
    }

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

    #[test]
    fn a_character_over_several_chunks() {
        assert_eq!(
            decode(&[b"a\xf0", b"\x9f\x98", b"", b"\x80b"]),
            "a\u{1f600}b"
        );
        assert_eq!(
            decode(&[b"\xe2\x82", b"\xe2\x82", b"\xac"]),
            "\u{fffd}\u{20ac}"
        );
        assert_eq!(decode(&[b"\xf0", b"\n"]), "\u{fffd}\n");
        assert_eq!(
            decode(&[b"\xed", b"\xa0", b"\x80"]),
            "\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
