//! The grammar that heads, chunk lines and field values share: RFC 9110 section 5.6, RFC 9112 section 2.2.

use alloc::vec::Vec;

use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{map, recognize, verify};
use nom::multi::{fold_many0, many0_count};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser as _};

/// `tchar`, the bytes of a token.
pub(super) const fn is_tchar(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
        || byte.is_ascii_alphanumeric()
}

/// [`is_tchar`] as a table: names are scanned byte by byte.
const TCHARS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = is_tchar(byte as u8);
        byte += 1;
    }
    table
};

/// How many bytes at the start are `tchar`.
#[inline]
pub(super) fn tchars(bytes: &[u8]) -> usize {
    let is_other = |&byte: &u8| !TCHARS[usize::from(byte)];
    // The search of a group, whose length is known, is unrolled: a third of the instructions.
    let (groups, rest) = bytes.as_chunks::<8>();
    for (nth, group) in groups.iter().enumerate() {
        if let Some(at) = group.iter().position(is_other) {
            return 8 * nth + at;
        }
    }
    8 * groups.len() + rest.iter().position(is_other).unwrap_or(rest.len())
}

/// Whether `bytes` is one token: at least one byte, all of them `tchar`.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && tchars(bytes) == bytes.len()
}

/// The blanks of `OWS`: SP and HTAB, no others.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Bytes that no field value may contain, RFC 9110 section 5.5: controls other than HTAB, and DEL.
pub(super) const fn is_control(byte: u8) -> bool {
    byte < 0x20 && byte != b'\t' || byte == 0x7F
}

/// How many bytes at the start are no control, eight at a time.
#[inline]
pub(super) fn text(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const TOPS: u64 = ONES << 7;
    let (groups, rest) = bytes.as_chunks::<8>();
    for (nth, group) in groups.iter().enumerate() {
        let word = u64::from_le_bytes(*group);
        let below_space = word.wrapping_sub(ONES * 0x20) & !word;
        let del = word ^ (ONES * 0x7F);
        let is_del = del.wrapping_sub(ONES) & !del;
        // Borrows may mark a byte above a hit, never one below: the lowest mark is a true one, if only of an HTAB.
        let marks = (below_space | is_del) & TOPS;
        if marks == 0 {
            continue;
        }
        let first = (marks.trailing_zeros() / 8) as usize;
        if let Some(behind) = group[first..].iter().position(|&byte| is_control(byte)) {
            return 8 * nth + first + behind;
        }
    }
    let in_rest = rest.iter().position(|&byte| is_control(byte));
    8 * groups.len() + in_rest.unwrap_or(rest.len())
}

/// `bytes` without blanks at its ends.
pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    let start = bytes
        .iter()
        .position(|&byte| !is_blank(byte))
        .unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(|&byte| !is_blank(byte))
        .map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// A line of a head or of chunked framing.
pub(super) struct Line<'a> {
    /// Its bytes, without the line end.
    pub(super) bytes: &'a [u8],
    /// Whether it ended in LF without CR.
    pub(super) bare_lf: bool,
    /// Its bytes on the wire, the line end included.
    pub(super) len: usize,
}

impl<'a> Line<'a> {
    /// The line that `raw`, which ends in LF, holds.
    pub(super) fn new(raw: &'a [u8]) -> Self {
        let text = raw.strip_suffix(b"\n").unwrap_or(raw);
        let stripped = text.strip_suffix(b"\r");
        Self {
            bytes: stripped.unwrap_or(text),
            bare_lf: stripped.is_none(),
            len: raw.len(),
        }
    }

    /// The first line of `input`, if it is complete.
    pub(super) fn first(input: &'a [u8]) -> Option<Self> {
        memchr::memchr(b'\n', input).map(|lf| Self::new(&input[..=lf]))
    }
}

/// `token`.
pub(super) fn token(input: &[u8]) -> IResult<&[u8], &[u8], ()> {
    take_while1(is_tchar)(input)
}

/// `quoted-string` with its quotes, as on the wire.
pub(super) fn quoted_string(input: &[u8]) -> IResult<&[u8], &[u8], ()> {
    recognize(delimited(
        char('"'),
        many0_count(alt((quoted_text, escaped))),
        char('"'),
    ))
    .parse(input)
}

/// The value of a `quoted-string`: without quotes, escapes resolved.
pub(super) fn unquoted_string(input: &[u8]) -> IResult<&[u8], Vec<u8>, ()> {
    let text = fold_many0(
        alt((quoted_text, escaped)),
        Vec::new,
        |mut text: Vec<u8>, piece| {
            text.extend_from_slice(piece);
            text
        },
    );
    delimited(char('"'), text, char('"')).parse(input)
}

/// `OWS` and `BWS`: any number of blanks.
pub(super) fn blanks(input: &[u8]) -> IResult<&[u8], &[u8], ()> {
    take_while(is_blank)(input)
}

/// `qdtext`, as much as there is.
fn quoted_text(input: &[u8]) -> IResult<&[u8], &[u8], ()> {
    take_while1(|byte| !is_control(byte) && byte != b'"' && byte != b'\\')(input)
}

/// The byte behind the backslash of a `quoted-pair`.
fn escaped(input: &[u8]) -> IResult<&[u8], &[u8], ()> {
    preceded(
        char('\\'),
        verify(nom::bytes::complete::take(1_usize), |byte: &[u8]| {
            !is_control(byte[0])
        }),
    )
    .parse(input)
}

/// `[ "=" value ]` behind a parameter's name, the value unquoted, with optional blanks around the sign.
pub(super) fn parameter_value(input: &[u8]) -> IResult<&[u8], Vec<u8>, ()> {
    preceded(
        (blanks, char('='), blanks),
        alt((map(token, <[u8]>::to_vec), unquoted_string)),
    )
    .parse(input)
}
