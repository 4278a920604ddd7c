//! What a client reads of a stream: its events with the time at which each was complete, and everything beside them.

use crate::http::{Coding, Reply};
use pushspec_parser::http::list_elements;
use pushspec_parser::sse::{Decoder, Fact, FieldName, Holds, Limits};
use pushspec_reports::printable;
use std::time::Duration;

/// What a decoded stream may hold.
const MOST: usize = 64 * 1024 * 1024;

/// What is decoded of a coded stream: some bytes can stand for a thousand times as many.
const MOST_CODED: usize = 4 * 1024 * 1024;

/// How many events are read of a coded stream: each takes a hundred times the memory that its bytes take.
const MOST_CODED_EVENTS: usize = 32 * 1024;

/// Bytes that are read between two looks at that number.
const SLICE: usize = 4096;

/// An event as it was dispatched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    /// When its last byte came.
    pub at: Duration,
    /// Where its block begins in the content.
    pub begin: u64,
    /// Its type; `message` where the stream names none.
    pub event: String,
    /// Its data.
    pub data: String,
    /// The last event ID.
    pub id: String,
    /// Whether it names that id itself; else a block before it did.
    pub names_id: bool,
}

/// A line beside the events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it is in the content.
    pub offset: u64,
    /// What it says: a comment's text without the leading space, a `retry` value, or a whole field that clients ignore.
    pub text: String,
}

/// A stream as far as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// Events in order.
    pub events: Vec<Got>,
    /// Comments.
    pub comments: Vec<Line>,
    /// Values of `retry`.
    pub retries: Vec<Line>,
    /// Fields that clients ignore.
    pub ignored: Vec<Line>,
    /// `id` fields that clients ignore for the NUL in them.
    pub ids_with_nul: usize,
    /// Blocks with a name or an id, and without data.
    pub dead: usize,
    /// Where the first bytes are that are not UTF-8: clients read U+FFFD in their place.
    pub not_utf8: Option<u64>,
    /// Empty lines that end neither an event nor such a block: behind comments, behind each other.
    pub blanks: usize,
    /// The last event ID that the stream leaves a client with, be it named by an event or by a block without data (9.2.6); none
    /// where no block names one.
    pub last_id: Option<String>,
    /// Bytes behind the last empty line.
    pub tail: usize,
    /// Whether the content is coded in a way that is not decoded here, or broken.
    pub undecodable: bool,
    /// Whether there is more content than is decoded.
    pub cut: bool,
    /// The last event ID buffer of 9.2.6.
    id_buffer: String,
}

impl Read {
    /// What was read of a response's content.
    pub fn of(reply: &Reply) -> Self {
        let most = match coding(reply) {
            Coded::Plain | Coded::Misnamed => usize::MAX,
            Coded::In(_) | Coded::Unknown => MOST_CODED_EVENTS,
        };
        let mut read = Self::default();
        let pieces = read.decoded(reply);
        read.take(pieces, most);
        read
    }

    /// What was read of content that somebody else decoded, piece by piece.
    pub fn of_content(pieces: impl IntoIterator<Item = (Duration, Vec<u8>)>) -> Self {
        let mut read = Self::default();
        read.take(pieces, MOST_CODED_EVENTS);
        read
    }

    /// Takes in content until there are `most` events.
    fn take(&mut self, pieces: impl IntoIterator<Item = (Duration, Vec<u8>)>, most: usize) {
        let limits = Limits {
            line: MOST,
            event: MOST,
        };
        let mut decoder = Decoder::new(limits);
        for (at, bytes) in pieces {
            for slice in bytes.chunks(SLICE) {
                if self.events.len() >= most {
                    self.cut = true;
                    return;
                }
                decoder.feed(slice, |fact| self.see(at, &fact));
            }
        }
        decoder.finish(|fact| self.see(Duration::ZERO, &fact));
    }

    /// The content, piece by piece, content coding taken off.
    fn decoded(&mut self, reply: &Reply) -> Vec<(Duration, Vec<u8>)> {
        let plain = || {
            let pieces = reply.pieces.iter();
            pieces
                .map(|piece| (piece.at, piece.bytes.clone()))
                .collect()
        };
        let coding = match coding(reply) {
            Coded::Plain | Coded::Misnamed => return plain(),
            Coded::In(coding) => coding,
            Coded::Unknown => {
                self.undecodable = true;
                return Vec::new();
            }
        };
        let coded: Vec<&[u8]> = reply.pieces.iter().map(|piece| &piece.bytes[..]).collect();
        let decoded = coding.decode(&coded, MOST_CODED);
        self.undecodable = decoded.broken;
        self.cut = decoded.cut;
        let mut begin = 0;
        let pieces = reply.pieces.iter().zip(decoded.ends);
        pieces
            .map(|(piece, end)| {
                let bytes = decoded.bytes[begin..end].to_vec();
                begin = end;
                (piece.at, bytes)
            })
            .collect()
    }

    fn see(&mut self, at: Duration, fact: &Fact<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match fact {
            Fact::Dispatch(event) => {
                self.settle_id(event.holds);
                self.events.push(Got {
                    at,
                    begin: event.begin,
                    event: match event.event {
                        b"" => "message".into(),
                        name => text(name),
                    },
                    data: text(event.data),
                    id: text(event.id),
                    names_id: event.holds.id,
                });
            }
            Fact::Comment { offset, text: said } => self.comments.push(Line {
                offset: *offset,
                text: text(said.strip_prefix(b" ").unwrap_or(said)),
            }),
            Fact::Field(field) => match field.name {
                FieldName::Retry => self.retries.push(Line {
                    offset: field.offset,
                    text: text(field.value),
                }),
                FieldName::Unknown(name) => self.ignored.push(Line {
                    offset: field.offset,
                    text: match field.colon {
                        true => format!("{}: {}", text(name), text(field.value)),
                        false => text(name),
                    },
                }),
                FieldName::Id if !field.value.contains(&0) => self.id_buffer = text(field.value),
                FieldName::Data | FieldName::Event | FieldName::Id => {}
            },
            Fact::InvalidUtf8 { offset, .. } => {
                self.not_utf8.get_or_insert(*offset);
            }
            Fact::IdWithNul { .. } => self.ids_with_nul += 1,
            Fact::DeadBlock { holds, .. } => {
                self.settle_id(*holds);
                self.dead += 1;
            }
            Fact::Blank { .. } => self.blanks += 1,
            Fact::Tail(tail) => self.tail = usize::try_from(tail.len).unwrap_or(usize::MAX),
            Fact::Bom
            | Fact::BomInside { .. }
            | Fact::Retry { .. }
            | Fact::RetryNotDigits { .. }
            | Fact::LineEnd { .. }
            | Fact::LimitReached { .. }
            | Fact::Skipped { .. }
            | Fact::Violation(_) => {}
        }
    }

    /// A block ends: the id that it names, if it does, is what a client comes back with.
    fn settle_id(&mut self, block: Holds) {
        if block.id {
            self.last_id = Some(self.id_buffer.clone());
        }
    }

    /// The first ignored field, shown.
    pub fn first_ignored(&self) -> Option<String> {
        self.ignored
            .first()
            .map(|line| format!("`{}`", printable(line.text.as_bytes(), 60)))
    }
}

/// How a response's content is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coded {
    /// Not at all.
    Plain,
    /// In this coding alone.
    In(Coding),
    /// The names that stand there are those of no coding (`none`, `utf-8`), and the content is text: clients read it as it is.
    Misnamed,
    /// In another one, or in several.
    Unknown,
}

impl Coded {
    /// Whether the content is read as it is.
    pub const fn is_read_as_it_is(self) -> bool {
        match self {
            Self::Plain | Self::Misnamed => true,
            Self::In(_) | Self::Unknown => false,
        }
    }
}

/// How this response's content is coded.
pub fn coding(reply: &Reply) -> Coded {
    let names: Vec<&[u8]> = reply
        .head
        .all("content-encoding")
        .flat_map(list_elements)
        .filter(|name| !name.eq_ignore_ascii_case(b"identity"))
        .collect();
    let alone = match names[..] {
        [] => return Coded::Plain,
        [name] => Coding::named(name),
        [..] => None,
    };
    match alone {
        Some(coding) => Coded::In(coding),
        // Fetch, "handle content codings": where the codings are not supported, the bytes are returned as they are. Clients
        // that drop what they do not know from a list, and decode the rest, read the same.
        None if !names.iter().any(|name| Coding::is_registered(name)) && begins_as_text(reply) => {
            Coded::Misnamed
        }
        None => Coded::Unknown,
    }
}

/// So many bytes tell whether content begins with a name.
const TELLING: usize = 64;

/// Whether the content, as far as it came, begins as text does, with a field name or none: a coding under a name of somebody's own
/// (`brotli`) does not. What stands behind the name may be anything, as a case may have asked for it.
fn begins_as_text(reply: &Reply) -> bool {
    let bytes = reply.pieces.iter().flat_map(|piece| &piece.bytes).copied();
    let name: Vec<u8> = bytes
        .take_while(|byte| !matches!(byte, b':' | b'\r' | b'\n'))
        .take(TELLING)
        .collect();
    let is_utf8 = match std::str::from_utf8(&name) {
        Ok(_) => true,
        // A character that was cut.
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !name.iter().any(u8::is_ascii_control)
}
