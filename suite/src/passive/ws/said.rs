//! What one side said on a connection, frame by frame, each with what is wrong with it.

use crate::transcript::{Connection, What};
use crate::ws::Compression;
use crate::ws::compression::{Inflated, Inflater, inflated};
use bytes::Bytes;
use pushspec_parser::ws::{
    FrameHeader, Message, Opcode, RSV1, Role, Session, SessionEvent, SessionLimits, mask,
};
use pushspec_parser::{Finding, Violation};

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The index of the event with its last byte: what we sent before it has a smaller one.
    pub event: usize,
    /// Where it begins, from the start of the connection.
    pub offset: u64,
    /// Its header.
    pub header: FrameHeader,
    /// Its payload, unmasked, as far as it came.
    pub payload: Vec<u8>,
    /// Everything that is wrong with it and with what it completes.
    pub findings: Vec<Finding>,
    /// Whether it came to its end.
    pub whole: bool,
}

impl Said {
    /// Whether this is wrong with it.
    pub fn breaks(&self, violation: Violation) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.violation == violation)
    }

    /// The bytes of the frame that came.
    pub fn bytes(&self) -> u64 {
        (self.header.len() + self.payload.len()) as u64
    }

    /// The close code, in a Close that has one.
    pub fn close_code(&self) -> Option<u16> {
        match self.payload.as_slice() {
            [high, low, ..] if self.header.opcode == Opcode::CLOSE => {
                Some(u16::from_be_bytes([*high, *low]))
            }
            _ => None,
        }
    }

    /// What stands behind the close code.
    pub fn close_reason(&self) -> &[u8] {
        self.payload.get(2..).unwrap_or_default()
    }

    /// Whether it carries a part of a message.
    pub fn is_data(&self) -> bool {
        matches!(
            self.header.opcode,
            Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY
        )
    }
}

/// A message that was marked as compressed, where that was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compressed {
    /// The index of its first frame.
    pub first: usize,
    /// The index of its last frame.
    pub last: usize,
    /// Its payload as it came.
    pub wire: Vec<u8>,
    /// What that stands for.
    pub inflated: Inflated,
}

/// Frames of one direction that are looked at, and those of the segment with the last of them.
const MOST: usize = 8 * 1024;

/// One direction of a connection behind the head of its handshake.
#[derive(Debug, Default)]
pub struct Direction {
    /// The frames, in order.
    pub frames: Vec<Said>,
    /// The compressed messages, in order.
    pub compressed: Vec<Compressed>,
    /// The bytes behind the head, as they went over the wire.
    pub stream: Vec<u8>,
    /// Where the stream begins, from the start of the connection.
    pub start: u64,
    /// How many bytes of a frame header the stream ends with that is not complete.
    pub cut_header: usize,
}

impl Direction {
    /// What the target said. `start` is where its frames begin.
    pub(super) fn received(
        connection: &Connection,
        start: u64,
        compression: Option<Compression>,
    ) -> Self {
        Self::of(connection, Role::Server, start, compression)
    }

    /// What we said behind our request.
    pub(super) fn sent(connection: &Connection, compression: Option<Compression>) -> Self {
        let head: Vec<u8> = pieces(connection, Role::Client)
            .flat_map(|(_, bytes)| bytes)
            .copied()
            .collect();
        let end = head
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .map_or(head.len(), |at| at + 4);
        Self::of(connection, Role::Client, end as u64, compression)
    }

    fn of(
        connection: &Connection,
        from: Role,
        start: u64,
        compression: Option<Compression>,
    ) -> Self {
        let mut direction = Self {
            start,
            ..Self::default()
        };
        let mut session = Session::new(from, SessionLimits::default());
        let mut inflater = compression.map(|compression| {
            session = session.clone().with_allowed_rsv(RSV1);
            let agreed = compression.agreed();
            Inflater::new(match from {
                Role::Client => agreed.client,
                Role::Server => agreed.server,
            })
        });
        let mut findings = Vec::new();
        let mut head = start;
        let mut last = 0;
        for (event, bytes) in pieces(connection, from) {
            let skipped = head.min(bytes.len() as u64);
            head -= skipped;
            let bytes = &bytes[skipped as usize..];
            direction.stream.extend(bytes);
            last = event;
            session.feed(bytes, |told| match told {
                SessionEvent::Violation(finding) => findings.push(finding),
                SessionEvent::Frame(frame) => direction.frames.push(Said {
                    event,
                    offset: start + frame.offset,
                    header: frame.header,
                    payload: frame.payload.to_vec(),
                    findings: findings.drain(..).map(|f| shifted(f, start)).collect(),
                    whole: true,
                }),
                SessionEvent::Message(message) => {
                    if let Some(inflated) = inflated(&message, &mut inflater) {
                        direction.take_in(&message, inflated);
                    }
                }
                // What a frame completes shows in the frame.
                SessionEvent::Ping { .. }
                | SessionEvent::Pong { .. }
                | SessionEvent::Close(_)
                | SessionEvent::Abandoned(_)
                | SessionEvent::LimitReached { .. } => {}
            });
            if direction.frames.len() >= MOST {
                // A flood: what its end is cut off from is not looked at.
                return direction;
            }
        }
        let ending = session.finish(|told| {
            if let SessionEvent::Violation(finding) = told {
                findings.push(finding);
            }
        });
        direction.cut_header = ending.cut_header;
        if let Some((header, missing)) = ending.cut_frame {
            let came = (header.length - missing) as usize;
            let mut payload = direction.stream[direction.stream.len() - came..].to_vec();
            if let Some(key) = header.masking_key {
                mask(key, 0, &mut payload);
            }
            let begins = ending.offset - came as u64 - header.len() as u64;
            direction.frames.push(Said {
                event: last,
                offset: start + begins,
                header,
                payload,
                findings: findings.into_iter().map(|f| shifted(f, start)).collect(),
                whole: false,
            });
        }
        direction
    }

    /// A compressed message is complete: with the last frame so far.
    fn take_in(&mut self, message: &Message<'_>, inflated: Inflated) {
        let offset = self.start + message.first_offset;
        let begins = |frame: &Said| frame.offset == offset;
        let (Some(first), Some(last)) = (
            self.frames.iter().rposition(begins),
            self.frames.len().checked_sub(1),
        ) else {
            return;
        };
        if let Inflated::Payload(payload) = &inflated
            && message.opcode == Opcode::TEXT
            && str::from_utf8(payload).is_err()
        {
            let finding = Finding::new(Violation::TextNotUtf8, offset);
            self.frames[last].findings.push(finding);
        }
        self.compressed.push(Compressed {
            first,
            last,
            wire: message.payload.to_vec(),
            inflated,
        });
    }

    /// Where the stream ends, from the start of the connection.
    pub fn end(&self) -> u64 {
        self.start + self.stream.len() as u64
    }

    /// The payload of the message that the frame with this index belongs to, as far as it came; of a compressed one,
    /// what it stands for.
    pub fn message_around(&self, index: usize) -> Vec<u8> {
        let around = |message: &&Compressed| (message.first..=message.last).contains(&index);
        if let Some(message) = self.compressed.iter().find(around)
            && let Inflated::Payload(payload) = &message.inflated
        {
            return payload.clone();
        }
        let begins = |frame: &Said| matches!(frame.header.opcode, Opcode::TEXT | Opcode::BINARY);
        let first = self.frames[..=index]
            .iter()
            .rposition(begins)
            .unwrap_or(index);
        let further = self.frames[first + 1..]
            .iter()
            .take_while(|frame| !begins(frame))
            .filter(|frame| frame.header.opcode == Opcode::CONTINUATION);
        std::iter::once(&self.frames[first])
            .chain(further)
            .flat_map(|frame| frame.payload.iter().copied())
            .collect()
    }
}

/// The bytes that went one way, with the index of their event.
fn pieces(connection: &Connection, from: Role) -> impl Iterator<Item = (usize, &Bytes)> {
    let events = connection.events.iter().enumerate();
    events.filter_map(move |(index, event)| match (&event.what, from) {
        (What::Sent(bytes), Role::Client) | (What::Received(bytes), Role::Server) => {
            Some((index, bytes))
        }
        _ => None,
    })
}

fn shifted(finding: Finding, start: u64) -> Finding {
    Finding::new(finding.violation, start + finding.offset)
}
