//! What the lines since the last blank line amount to: the buffers of WHATWG HTML 9.2.6, on raw
//! bytes, for the lossless level.

use alloc::vec::Vec;
use core::mem;

use super::{
    BOM,
    fact::{Dispatch, Fact, Field, FieldName, Holds},
    limits::Limit,
    line::{self, Line},
    retry,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// Where the first line of the block is.
    begin: Option<u64>,
    holds: Holds,
    data: Vec<u8>,
    event: Vec<u8>,
    /// The last event ID buffer.
    id: Vec<u8>,
    /// The data is over the limit: later lines of it are left out.
    full: bool,
}

impl Block {
    pub(super) fn buffered(&self) -> usize {
        self.data.capacity() + self.event.capacity() + self.id.capacity()
    }

    /// Interprets one complete line that begins at `offset`.
    pub(super) fn line(
        &mut self,
        offset: u64,
        line: &[u8],
        event_limit: usize,
        sink: &mut impl FnMut(Fact<'_>),
    ) {
        report_text(offset, line, sink);
        match line::parse(line) {
            Line::Blank => self.end(offset, sink),
            Line::Comment(text) => {
                self.begin_at(offset);
                self.holds.comment = true;
                sink(Fact::Comment { offset, text });
            }
            Line::Field {
                name,
                colon,
                space,
                value,
            } => {
                let field = Field {
                    offset,
                    name,
                    colon,
                    space,
                    value,
                };
                self.begin_at(offset);
                sink(Fact::Field(field));
                self.field(field, event_limit, sink);
            }
        }
    }

    /// The stream has ended, with `line` as its unfinished last line. Returns the beginning and
    /// the content of the unfinished block, if there is one.
    pub(super) fn tail(
        &mut self,
        offset: u64,
        line: &[u8],
        sink: &mut impl FnMut(Fact<'_>),
    ) -> Option<(u64, Holds)> {
        report_text(offset, line, sink);
        match line::parse(line) {
            Line::Blank => {}
            Line::Comment(_) => {
                self.begin_at(offset);
                self.holds.comment = true;
            }
            // An id with NUL would have been ignored.
            Line::Field {
                name: FieldName::Id,
                value,
                ..
            } if value.contains(&0) => self.begin_at(offset),
            Line::Field { name, .. } => {
                self.begin_at(offset);
                self.note(name);
            }
        }
        Some((self.begin?, self.holds))
    }

    /// A line is over the limit. If it is a comment, nothing of the event is lost.
    pub(super) fn overlong(&mut self, offset: u64, first: u8) {
        self.begin_at(offset);
        if first == b':' {
            self.holds.comment = true;
        } else {
            self.holds.truncated = true;
        }
    }

    fn begin_at(&mut self, offset: u64) {
        self.begin.get_or_insert(offset);
    }

    fn note(&mut self, name: FieldName<'_>) {
        match name {
            FieldName::Data => self.holds.data = true,
            FieldName::Event => self.holds.event = true,
            FieldName::Id => self.holds.id = true,
            FieldName::Retry => self.holds.retry = true,
            FieldName::Unknown(_) => self.holds.unknown = true,
        }
    }

    fn field(&mut self, field: Field<'_>, event_limit: usize, sink: &mut impl FnMut(Fact<'_>)) {
        let value_at = field.value_offset();
        match field.name {
            FieldName::Data => {
                let separator = usize::from(self.holds.data);
                if self.full {
                    // The rest of this event's data is left out.
                } else if self.data.len() + separator + field.value.len() > event_limit {
                    self.full = true;
                    self.holds.truncated = true;
                    sink(Fact::LimitReached {
                        offset: field.offset,
                        limit: Limit::Event,
                    });
                } else {
                    self.data.extend_from_slice(&b"\n"[..separator]);
                    self.data.extend_from_slice(field.value);
                }
            }
            FieldName::Event => replace(&mut self.event, field.value),
            FieldName::Id => match memchr::memchr(0, field.value) {
                Some(at) => {
                    sink(Fact::IdWithNul {
                        offset: value_at + at as u64,
                    });
                    return;
                }
                None => replace(&mut self.id, field.value),
            },
            FieldName::Retry => sink(retry_fact(value_at, field.value)),
            FieldName::Unknown(_) => {}
        }
        self.note(field.name);
    }

    /// A blank line at `offset`.
    fn end(&mut self, offset: u64, sink: &mut impl FnMut(Fact<'_>)) {
        let begin = self.begin.take().unwrap_or(offset);
        let holds = mem::take(&mut self.holds);
        if holds.data {
            sink(Fact::Dispatch(Dispatch {
                offset,
                begin,
                holds,
                event: &self.event,
                data: &self.data,
                id: &self.id,
            }));
        } else if holds.event || holds.id || holds.truncated {
            sink(Fact::DeadBlock {
                offset,
                begin,
                holds,
            });
        } else {
            sink(Fact::Blank { offset });
        }
        self.data.clear();
        self.event.clear();
        self.full = false;
    }
}

fn replace(buffer: &mut Vec<u8>, value: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(value);
}

fn retry_fact(offset: u64, value: &[u8]) -> Fact<'static> {
    match retry::parse(value) {
        Ok(retry) => Fact::Retry {
            offset,
            millis: retry.millis,
            saturated: retry.saturated,
        },
        Err(at) => Fact::RetryNotDigits {
            offset: offset + at as u64,
        },
    }
}

/// What is to be said about a line's bytes whatever they mean. CR and LF are ASCII, so that a
/// stream is UTF-8 exactly if each of its lines is.
fn report_text(offset: u64, line: &[u8], sink: &mut impl FnMut(Fact<'_>)) {
    if line.starts_with(&BOM) {
        sink(Fact::BomInside { offset });
    }
    if simdutf8::basic::from_utf8(line).is_err() {
        let mut at = offset;
        for chunk in line.utf8_chunks() {
            at += chunk.valid().len() as u64;
            let len = chunk.invalid().len();
            if len > 0 {
                sink(Fact::InvalidUtf8 { offset: at, len });
            }
            at += len as u64;
        }
    }
}
