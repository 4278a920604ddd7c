//! The head of a response as a value of its own, and the ways to ask for its fields.

use alloc::vec::Vec;

use super::grammar::trim;
use super::list::list_elements;
use super::scan::{FieldRef, HeadLimits, HeadRef, HeadScan, scan_head};
use crate::Finding;

/// What parsing a response head came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadParse {
    /// The head is complete.
    Complete(ResponseHead),
    /// What is there may be the beginning of a head.
    Partial,
    /// This is no HTTP/1 response: there is no status line.
    NotHttp {
        /// The first byte that does not fit.
        offset: u64,
    },
    /// The head does not end within [`HeadLimits`].
    TooLarge,
}

/// The head of a response: status line and fields.
///
/// ```
/// use pushspec_parser::http::{HeadLimits, HeadParse, ResponseHead};
/// use pushspec_parser::{Finding, Violation};
///
/// let input = b"HTTP/1.1 200 OK\r\nContent-Type : text/event-stream\r\n\r\ndata: 1\n\n";
/// let HeadParse::Complete(head) = ResponseHead::parse(input, HeadLimits::default()) else { panic!() };
/// assert_eq!((head.status, &input[head.len..]), (200, &b"data: 1\n\n"[..]));
/// assert_eq!(head.first("content-type"), Some(&b"text/event-stream"[..]));
/// assert_eq!(head.findings, [Finding::new(Violation::HttpBlankBeforeColon, 29)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// Major and minor version, one digit each.
    pub version: (u8, u8),
    /// The status, 000 to 999 as sent.
    pub status: u16,
    /// The reason phrase, often empty.
    pub reason: Vec<u8>,
    /// The field lines in order.
    pub fields: Vec<Field>,
    /// The bytes of the head, the final empty line included.
    pub len: usize,
    /// Every departure from the grammar, in the order of the bytes.
    pub findings: Vec<Finding>,
}

/// A field line; folded lines are one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name as sent, without blanks before the colon; empty for a line without a colon.
    pub name: Vec<u8>,
    /// The value without blanks at its ends; folded lines are joined by one space. Of a line without a colon: all.
    pub value: Vec<u8>,
    /// Where the line begins.
    pub offset: u64,
}

impl Field {
    /// Whether this is the name of the field, without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

impl ResponseHead {
    /// Reads a response head from the start of `input`. The result does not depend on what follows the head. While it is
    /// [`HeadParse::Partial`], call it again with all of the input as more comes; [`scan_head`] says what that costs.
    pub fn parse(input: &[u8], limits: HeadLimits) -> HeadParse {
        let mut fields = Vec::with_capacity(limits.fields.min(16));
        match scan_head(input, limits, |field| fields.push(Field::from(field))) {
            HeadScan::Complete(HeadRef {
                version,
                status,
                reason,
                len,
                findings,
            }) => HeadParse::Complete(Self {
                version,
                status,
                reason: reason.to_vec(),
                fields,
                len,
                findings,
            }),
            HeadScan::Partial => HeadParse::Partial,
            HeadScan::NotHttp { offset } => HeadParse::NotHttp { offset },
            HeadScan::TooLarge => HeadParse::TooLarge,
        }
    }

    /// The values of every field line of this name, in order; names are compared without regard to case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.lines(name).map(|field| field.value.as_slice())
    }

    /// The value of the first field line of this name.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        let field = self.fields.iter().find(|field| field.is(name))?;
        Some(&field.value)
    }

    /// The field lines of this name, in order.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> + Clone {
        self.fields.iter().filter(move |field| field.is(name))
    }

    /// The elements of a comma-separated field, over all its lines (RFC 9110 sections 5.3 and 5.6.1): trimmed, empty
    /// ones skipped, quoted strings respected.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.all(name).flat_map(list_elements)
    }

    /// Whether a comma-separated field has this element, without regard to case.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.list(name)
            .any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
    }
}

impl From<FieldRef<'_>> for Field {
    fn from(field: FieldRef<'_>) -> Self {
        let value = if field.folded {
            unfolded(field.value)
        } else {
            field.value.to_vec()
        };
        Self {
            name: field.name.to_vec(),
            value,
            offset: field.offset,
        }
    }
}

/// The lines of a folded value, joined by one space (RFC 9112 section 5.2).
fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(value.len());
    for line in value.split(|&byte| byte == b'\n') {
        let line = trim(line.strip_suffix(b"\r").unwrap_or(line));
        if !line.is_empty() {
            if !joined.is_empty() {
                joined.push(b' ');
            }
            joined.extend_from_slice(line);
        }
    }
    joined
}
