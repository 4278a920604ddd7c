//! The BOM that may open a stream, whichever way chunks cut it.

use super::BOM;

/// How much of a BOM at the beginning of the stream was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bom {
    /// So many of its bytes, and nothing else yet.
    Matching(usize),
    /// All of it, or something else.
    Over,
}

/// What a stream begins with.
pub(super) enum Opening<'c> {
    /// Not yet known: the chunk is used up.
    Unknown,
    /// A BOM, and the bytes behind it.
    Bom(&'c [u8]),
    /// Something else: the bytes that looked like a BOM, and those behind them.
    Other(&'static [u8], &'c [u8]),
}

impl Default for Bom {
    fn default() -> Self {
        Bom::Matching(0)
    }
}

impl Bom {
    #[inline]
    pub(super) fn is_over(self) -> bool {
        self == Bom::Over
    }

    /// The bytes that are held back, because the rest of a BOM may follow.
    pub(super) fn held(self) -> &'static [u8] {
        match self {
            Bom::Matching(seen) => &BOM[..seen],
            Bom::Over => &[],
        }
    }

    /// Takes the next bytes of a stream whose beginning is not over.
    #[cold]
    pub(super) fn take<'c>(&mut self, chunk: &'c [u8]) -> Opening<'c> {
        let held = self.held();
        let missing = &BOM[held.len()..];
        let same = chunk
            .iter()
            .zip(missing)
            .take_while(|(a, b)| a == b)
            .count();
        let (seen, rest) = (held.len() + same, &chunk[same..]);
        *self = Bom::Over;
        if seen == BOM.len() {
            Opening::Bom(rest)
        } else if rest.is_empty() {
            *self = Bom::Matching(seen);
            Opening::Unknown
        } else {
            Opening::Other(&BOM[..seen], rest)
        }
    }
}
