//! The lossless nouns: what a [`Decoder`](super::Decoder) saw, with byte offsets.

use alloc::vec::Vec;

use super::{BOM, limits::Limit};
use crate::violation::Finding;

/// One thing seen in a stream. Offsets are absolute: byte 0 is the first byte of the body.
///
/// The facts [`Bom`](Fact::Bom), [`Field`](Fact::Field), [`Comment`](Fact::Comment),
/// [`LineEnd`](Fact::LineEnd), [`Skipped`](Fact::Skipped) and [`Tail`](Fact::Tail) cover every byte
/// exactly once and in order; the others say something about bytes that these cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// A BOM opens the stream, as `[ bom ]` of 9.2.5 allows.
    Bom,
    /// The line that comes next begins with a BOM that is not the stream's first: it is part of a
    /// field name, and the field is lost (9.2.6).
    BomInside {
        /// Where the BOM is.
        offset: u64,
    },
    /// The line that comes next contains bytes that are not UTF-8: one maximal subpart, which
    /// clients replace by one U+FFFD.
    InvalidUtf8 {
        /// Where the ill-formed bytes begin.
        offset: u64,
        /// How many they are: one to three.
        len: usize,
    },
    /// A line with a field, known or not.
    Field(Field<'a>),
    /// A line that begins with a colon.
    Comment {
        /// Where the colon is.
        offset: u64,
        /// Everything behind the colon, a leading space included.
        text: &'a [u8],
    },
    /// The `id` field just seen contains U+0000, and is ignored (9.2.6).
    IdWithNul {
        /// Where the first NUL is.
        offset: u64,
    },
    /// The `retry` field just seen sets the reconnection time.
    Retry {
        /// Where the value is.
        offset: u64,
        /// The time in milliseconds; [`u64::MAX`] if the number is larger.
        millis: u64,
        /// The number does not fit 64 bits.
        saturated: bool,
    },
    /// The `retry` field just seen is empty or has a byte that is no ASCII digit, and is ignored.
    RetryNotDigits {
        /// Where the first other byte is, or where the value would be.
        offset: u64,
    },
    /// A blank line ends a block with data: an event.
    Dispatch(Dispatch<'a>),
    /// A blank line ends a block that has an event type, an id or a line too long to be looked at,
    /// but no data. No event fires; the id counts nevertheless.
    DeadBlock {
        /// Where the blank line is.
        offset: u64,
        /// Where the block began.
        begin: u64,
        /// What the block consists of.
        holds: Holds,
    },
    /// A blank line that ends neither: nothing came before it, or only comments, `retry` and
    /// unknown fields.
    Blank {
        /// Where the blank line is.
        offset: u64,
    },
    /// The line just seen has ended. It is known one byte late for a CR, but the line itself is
    /// reported at once.
    LineEnd {
        /// Where the line end begins.
        offset: u64,
        /// Which of the three it is.
        end: LineEnd,
    },
    /// A [`Limits`](super::Limits) was reached. Reported at most once for a line and once for the
    /// data of an event.
    LimitReached {
        /// Where the line begins that is too long, or is too much.
        offset: u64,
        /// The limit.
        limit: Limit,
    },
    /// A line that was longer than the limit and was not looked at.
    Skipped {
        /// Where it begins.
        offset: u64,
        /// Its length without the line end.
        len: u64,
    },
    /// The stream ended inside a block. Clients discard it (9.2.6).
    Tail(Tail<'a>),
    /// The fact just seen breaks the grammar, or makes clients lose something.
    Violation(Finding),
}

/// How a line ended: `( cr lf / cr / lf )` of 9.2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineEnd {
    /// LF, 0x0A.
    Lf,
    /// CR LF, 0x0D 0x0A.
    CrLf,
    /// CR, 0x0D, that no LF follows.
    Cr,
}

impl LineEnd {
    /// Its bytes.
    ///
    /// ```
    /// assert_eq!(pushspec_parser::sse::LineEnd::CrLf.as_bytes(), b"\r\n");
    /// ```
    pub const fn as_bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Lf => b"\n",
            LineEnd::CrLf => b"\r\n",
            LineEnd::Cr => b"\r",
        }
    }
}

/// A field name, compared literally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldName<'a> {
    /// `data`.
    Data,
    /// `event`.
    Event,
    /// `id`.
    Id,
    /// `retry`.
    Retry,
    /// Anything else, which clients ignore.
    Unknown(&'a [u8]),
}

impl<'a> FieldName<'a> {
    /// Its bytes.
    pub const fn as_bytes(self) -> &'a [u8] {
        match self {
            FieldName::Data => b"data",
            FieldName::Event => b"event",
            FieldName::Id => b"id",
            FieldName::Retry => b"retry",
            FieldName::Unknown(name) => name,
        }
    }
}

/// `1*name-char [ colon [ space ] *any-char ]` of 9.2.5, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Where the name begins.
    pub offset: u64,
    /// The name.
    pub name: FieldName<'a>,
    /// A colon follows the name. Without one the value is empty.
    pub colon: bool,
    /// One space follows the colon, and is no part of the value.
    pub space: bool,
    /// The value: raw bytes, not necessarily UTF-8.
    pub value: &'a [u8],
}

impl Field<'_> {
    /// Where the value begins.
    pub fn value_offset(&self) -> u64 {
        let before = self.name.as_bytes().len() + usize::from(self.colon) + usize::from(self.space);
        self.offset + before as u64
    }
}

/// An event, at the blank line that ends it. Values are raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispatch<'a> {
    /// Where the blank line is.
    pub offset: u64,
    /// Where the block began: its first field or comment.
    pub begin: u64,
    /// What the block consists of.
    pub holds: Holds,
    /// The value of the last `event` field; empty stands for `message`.
    pub event: &'a [u8],
    /// The values of the `data` fields, joined by LF. What is beyond the limit is missing.
    pub data: &'a [u8],
    /// The last event ID: of this block or of an earlier one.
    pub id: &'a [u8],
}

/// What a block consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Holds {
    /// At least one `data` field.
    pub data: bool,
    /// At least one `event` field.
    pub event: bool,
    /// At least one `id` field that counts.
    pub id: bool,
    /// At least one `retry` field, of whatever value.
    pub retry: bool,
    /// At least one comment.
    pub comment: bool,
    /// At least one field of unknown name.
    pub unknown: bool,
    /// A limit was reached: something other than a comment is missing.
    pub truncated: bool,
}

impl Holds {
    /// Nothing at all: no line came.
    pub fn is_empty(self) -> bool {
        self == Holds::default()
    }
}

/// An unfinished block at the end of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail<'a> {
    /// Where the block began.
    pub offset: u64,
    /// Bytes from there to the end of the stream.
    pub len: u64,
    /// What it consists of, an unfinished last line included.
    pub holds: Holds,
    /// The last line, if it has no line end. It was not reported as a field or a comment.
    pub line: &'a [u8],
}

impl Fact<'_> {
    /// Writes the bytes that this fact covers. The facts of a stream, written one after the other,
    /// give the stream again, [`Fact::Skipped`] lines excepted.
    ///
    /// ```
    /// use pushspec_parser::sse::{Decoder, Limits};
    ///
    /// let body = b"\xef\xbb\xbfdata:  x\r: \xff\r\n\nDat";
    /// let mut copy = Vec::new();
    /// let mut decoder = Decoder::new(Limits::default());
    /// decoder.feed(body, |fact| fact.write_to(&mut copy));
    /// decoder.finish(|fact| fact.write_to(&mut copy));
    /// assert_eq!(copy, body);
    /// ```
    pub fn write_to(&self, out: &mut Vec<u8>) {
        match self {
            Fact::Bom => out.extend_from_slice(&BOM),
            Fact::Field(field) => {
                out.extend_from_slice(field.name.as_bytes());
                out.extend_from_slice(if field.colon { b":" } else { b"" });
                out.extend_from_slice(if field.space { b" " } else { b"" });
                out.extend_from_slice(field.value);
            }
            Fact::Comment { text, .. } => {
                out.push(b':');
                out.extend_from_slice(text);
            }
            Fact::LineEnd { end, .. } => out.extend_from_slice(end.as_bytes()),
            Fact::Tail(tail) => out.extend_from_slice(tail.line),
            Fact::BomInside { .. }
            | Fact::InvalidUtf8 { .. }
            | Fact::IdWithNul { .. }
            | Fact::Retry { .. }
            | Fact::RetryNotDigits { .. }
            | Fact::Dispatch(_)
            | Fact::DeadBlock { .. }
            | Fact::Blank { .. }
            | Fact::LimitReached { .. }
            | Fact::Skipped { .. }
            | Fact::Violation(_) => {}
        }
    }
}
