//! Where a line ends: the only place that searches bytes for CR and LF.
//!
//! WHATWG HTML 9.2.5: `end-of-line = ( cr lf / cr / lf )`. A CR ends its line at once, wherever the
//! chunk is cut; only whether an LF belongs to it may be unknown until the next byte.

use memchr::memchr2;

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
    pub(super) fn len(self) -> usize {
        match self {
            Ending::CrLf => 2,
            Ending::Lf | Ending::Cr | Ending::Open => 1,
        }
    }
}

/// The length of the first line of `bytes` and its ending, or `None` if no line ends there.
#[inline]
pub(super) fn line_end(bytes: &[u8]) -> Option<(usize, Ending)> {
    // Every event has a blank line: worth a look before the search is set up.
    let at = match bytes.first() {
        Some(b'\n' | b'\r') => 0,
        Some(_) => memchr2(b'\n', b'\r', bytes)?,
        None => return None,
    };
    let ending = match (bytes[at], bytes.get(at + 1)) {
        (b'\n', _) => Ending::Lf,
        (_, Some(b'\n')) => Ending::CrLf,
        (_, Some(_)) => Ending::Cr,
        (_, None) => Ending::Open,
    };
    Some((at, ending))
}

#[cfg(test)]
mod tests {
    use super::{Ending, line_end};

    #[test]
    fn endings() {
        assert_eq!(line_end(b""), None);
        assert_eq!(line_end(b"ab"), None);
        assert_eq!(line_end(b"\n"), Some((0, Ending::Lf)));
        assert_eq!(line_end(b"ab\ncd"), Some((2, Ending::Lf)));
        assert_eq!(line_end(b"ab\r\n"), Some((2, Ending::CrLf)));
        assert_eq!(line_end(b"ab\rc"), Some((2, Ending::Cr)));
        assert_eq!(line_end(b"ab\r"), Some((2, Ending::Open)));
        assert_eq!(line_end(b"\n\r"), Some((0, Ending::Lf)));
    }
}
