//! The other direction: an encoder whose output holds the fields it was given and no others.
//!
//! Line breaks are what injection is made of. In data they are legal and become further `data`
//! lines, so in comments; in an event type or an id nothing can carry them, so they are refused.

use alloc::vec::Vec;
use core::fmt;

use super::scan::Lines;

/// One block of a stream: everything between two blank lines. Absent parts are not written.
///
/// ```
/// use pushspec_parser::sse::{EncodeError, Message};
///
/// let hello = Message { event: Some("greet"), data: Some("a\r\nb"), ..Message::default() };
/// assert_eq!(hello.to_bytes()?, b"event: greet\ndata: a\ndata: b\n\n");
///
/// let evil = Message { event: Some("x\rdata: evil"), ..Message::default() };
/// assert_eq!(evil.to_bytes(), Err(EncodeError::LineBreakInEvent));
/// # Ok::<(), EncodeError>(())
/// ```
///
/// A NUL is refused in an id, which clients would ignore with it. In `data`, `event` and `comment` it is a character like
/// any other and is written as it is: `any-char` of 9.2.5 is all but CR and LF, clients hand it on, and no line, field or
/// event begins or ends with it. Whoever writes for readers that stop at NUL refuses it before.
///
/// What clients make of it (9.2.6): without `data` no event fires, though `id` and `retry` count;
/// an empty `event` means `message`; line breaks in `data` arrive as LF; an empty `id` clears the
/// last event ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Message<'a> {
    /// Comment lines, one for each line of the text, before the fields.
    pub comment: Option<&'a str>,
    /// The event type: no CR, no LF.
    pub event: Option<&'a str>,
    /// The last event ID from here on: no CR, no LF, no NUL.
    pub id: Option<&'a str>,
    /// The reconnection time in milliseconds.
    pub retry: Option<u64>,
    /// The data: any text, with line breaks of any kind.
    pub data: Option<&'a str>,
}

/// Why a [`Message`] cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum EncodeError {
    /// [`Message::event`] contains CR or LF.
    LineBreakInEvent,
    /// [`Message::id`] contains CR or LF.
    LineBreakInId,
    /// [`Message::id`] contains NUL: clients would ignore it.
    NulInId,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EncodeError::LineBreakInEvent => "the event type contains a line break",
            EncodeError::LineBreakInId => "the id contains a line break",
            EncodeError::NulInId => "the id contains NUL",
        })
    }
}

impl core::error::Error for EncodeError {}

/// What was decoded, to be written again: a proxy's way. The id is the last event ID, so that every event carries it.
///
/// ```
/// use pushspec_parser::sse::{EventStream, Message};
/// let mut out = Vec::new();
/// EventStream::new().feed(b"id: 7\nevent: tick\ndata: a\n\n", |event| {
///     Message::from(event).write_to(&mut out).expect("what was decoded holds no line break where none may be");
/// })?;
/// assert_eq!(out, b"event: tick\nid: 7\ndata: a\n\n");
/// # Ok::<(), pushspec_parser::sse::LimitReached>(())
/// ```
impl<'a> From<super::Event<'a>> for Message<'a> {
    fn from(event: super::Event<'a>) -> Self {
        Self {
            event: (event.event != "message").then_some(event.event),
            id: Some(event.id),
            data: Some(event.data),
            ..Self::default()
        }
    }
}

impl Message<'_> {
    /// Appends the block and its blank line to `out`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] says which part cannot be written; `out` is then unchanged.
    pub fn write_to(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if self.event.is_some_and(has_line_break) {
            return Err(EncodeError::LineBreakInEvent);
        }
        if self.id.is_some_and(has_line_break) {
            return Err(EncodeError::LineBreakInId);
        }
        if self.id.is_some_and(|id| id.contains('\0')) {
            return Err(EncodeError::NulInId);
        }
        if let Some(comment) = self.comment {
            write_lines(out, "", comment);
        }
        if let Some(event) = self.event {
            write_line(out, "event", event.as_bytes());
        }
        if let Some(id) = self.id {
            write_line(out, "id", id.as_bytes());
        }
        if let Some(retry) = self.retry {
            write_line(out, "retry", alloc::format!("{retry}").as_bytes());
        }
        if let Some(data) = self.data {
            write_lines(out, "data", data);
        }
        out.push(b'\n');
        Ok(())
    }

    /// The block and its blank line.
    ///
    /// # Errors
    ///
    /// As [`Message::write_to`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::new();
        self.write_to(&mut out)?;
        Ok(out)
    }
}

fn has_line_break(text: &str) -> bool {
    Lines::default().next(text.as_bytes()).is_some()
}

/// The separator is always written: a value may begin with a space of its own.
fn write_line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.push(b'\n');
}

fn write_lines(out: &mut Vec<u8>, name: &str, text: &str) {
    let bytes = text.as_bytes();
    let mut lines = Lines::default();
    while let Some(line) = lines.next(bytes) {
        write_line(out, name, &bytes[line.start..line.end]);
    }
    write_line(out, name, &bytes[lines.rest()..]);
}
