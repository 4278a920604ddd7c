//! UTF-8 judged in pieces, with the place of the first fault.

/// Judges a text that arrives in pieces, remembering a character that a piece cut.
///
/// ```
/// use pushspec_parser::ws::Utf8Check;
/// let mut check = Utf8Check::default();
/// check.feed(b"caf\xc3", 0);
/// check.feed(b"\xa9 \xff", 4);
/// assert_eq!(check.finish(), Some(6));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Utf8Check {
    /// The bytes of a character that is not yet complete.
    cut: [u8; 4],
    cut_len: usize,
    /// Where the cut character began.
    cut_offset: u64,
    /// Where the first ill-formed sequence began.
    fault: Option<u64>,
}

impl Utf8Check {
    /// At the start of a text.
    pub const fn new() -> Self {
        Self {
            cut: [0; 4],
            cut_len: 0,
            cut_offset: 0,
            fault: None,
        }
    }

    /// Judges a further piece. `offset` is the position of `piece[0]`, counted as the caller likes: a position beyond
    /// [`u64::MAX`] begins again at 0.
    #[inline]
    pub fn feed(&mut self, piece: &[u8], offset: u64) {
        if self.fault.is_some() {
            return;
        }
        let (piece, offset) = if self.cut_len == 0 {
            (piece, offset)
        } else {
            let len = self.complete(piece);
            (&piece[len..], offset.wrapping_add(len as u64))
        };
        // A piece often ends inside a character, which must not cost a second pass over the whole piece.
        let (whole, cut) = piece.split_at(piece.len() - cut_character(piece));
        if simdutf8::basic::from_utf8(whole).is_err() {
            self.find_fault(piece, offset);
        } else if !cut.is_empty() {
            self.find_fault(cut, offset.wrapping_add(whole.len() as u64));
        }
    }

    /// The offset where the first ill-formed sequence began, so far; a cut character is not yet one.
    pub fn fault(&self) -> Option<u64> {
        self.fault
    }

    /// The same at the end of the text, where a cut character is ill-formed too.
    pub fn finish(&self) -> Option<u64> {
        self.fault.or((self.cut_len > 0).then_some(self.cut_offset))
    }

    /// Completes the cut character; returns how many bytes of `piece` that takes.
    #[inline(never)]
    fn complete(&mut self, piece: &[u8]) -> usize {
        for (taken, &byte) in piece.iter().enumerate() {
            self.cut[self.cut_len] = byte;
            self.cut_len += 1;
            match core::str::from_utf8(&self.cut[..self.cut_len]) {
                Ok(_) => {
                    self.cut_len = 0;
                    return taken + 1;
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => {
                    self.fault = Some(self.cut_offset);
                    return piece.len();
                }
            }
        }
        piece.len()
    }

    /// Looks for the fault or the cut character that there is.
    #[inline(never)]
    fn find_fault(&mut self, piece: &[u8], offset: u64) {
        let Err(error) = simdutf8::compat::from_utf8(piece) else {
            return;
        };
        let valid = error.valid_up_to();
        let fault = offset.wrapping_add(valid as u64);
        if error.error_len().is_some() {
            self.fault = Some(fault);
        } else {
            let cut = &piece[valid..];
            self.cut[..cut.len()].copy_from_slice(cut);
            self.cut_len = cut.len();
            self.cut_offset = fault;
        }
    }
}

/// How many bytes at the end of `piece` look like the beginning of a character: 0 to 3.
#[inline]
fn cut_character(piece: &[u8]) -> usize {
    for (before, &byte) in piece.iter().rev().take(3).enumerate() {
        let wanted = match byte {
            0x80..=0xBF => continue,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xFF => 4,
            0x00..=0x7F => 0,
        };
        return if wanted > before + 1 { before + 1 } else { 0 };
    }
    0
}
