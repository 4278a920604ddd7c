//! Our decoders over a corpus. Each returns what it found, so that nothing can be optimised away and all of it checked.

use std::hint::black_box;

use bytes::Bytes;
use pushspec_parser::http::{HeadLimits, HeadScan, scan_head};
use pushspec_parser::sse::{Decoder, EventStream, Fact, Limits};
use pushspec_parser::ws::{
    FrameDecoder, FrameEvent, Incoming, MessageDecoder, Role, Session, SessionEvent, SessionLimits,
};

/// How many events, messages or frames there were, and how many bytes of data or payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub count: u64,
    pub bytes: u64,
}

impl Found {
    #[inline]
    pub fn add(&mut self, bytes: &[u8]) {
        self.count += 1;
        self.bytes += bytes.len() as u64;
    }
}

pub fn events_borrowed(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    let mut stream = EventStream::new();
    for chunk in chunks {
        stream
            .feed(chunk, |event| found.add(black_box(event).data.as_bytes()))
            .unwrap();
    }
    found
}

pub fn events_owned(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    let mut stream = EventStream::new();
    for chunk in chunks {
        stream
            .feed(chunk, |event| {
                found.add(black_box(event.to_owned()).data.as_bytes())
            })
            .unwrap();
    }
    found
}

/// The lossless level: every fact, and every violation.
pub fn facts(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    let mut decoder = Decoder::new(Limits::default());
    for chunk in chunks {
        decoder.feed(chunk, |fact| {
            if let Fact::Dispatch(event) = black_box(fact) {
                found.add(event.data);
            }
        });
    }
    found
}

fn role(masked: bool) -> Role {
    if masked { Role::Client } else { Role::Server }
}

/// Whole messages, judged.
pub fn messages(chunks: &[Bytes], masked: bool) -> Found {
    let mut found = Found::default();
    let mut decoder = MessageDecoder::new(role(masked), 16 << 20);
    for chunk in chunks {
        decoder
            .feed(chunk, |incoming| match black_box(incoming) {
                Incoming::Text(text) => found.add(text.as_bytes()),
                Incoming::Binary(bytes) => found.add(bytes),
                other => unreachable!("{other:?}"),
            })
            .unwrap();
    }
    found
}

/// The lossless level: every frame, message and violation.
pub fn session(chunks: &[Bytes], masked: bool) -> Found {
    let mut found = Found::default();
    let mut session = Session::new(role(masked), SessionLimits::default());
    for chunk in chunks {
        session.feed(chunk, |event| match black_box(event) {
            SessionEvent::Message(message) => found.add(message.payload),
            SessionEvent::Violation(finding) => unreachable!("{finding}"),
            _ => {}
        });
    }
    found
}

/// Frames in constant memory, payload passed on in pieces.
pub fn frames(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    let mut decoder = FrameDecoder::new();
    for chunk in chunks {
        decoder.feed(chunk, |event| count_frames(event, &mut found));
    }
    found
}

/// The same, unmasked in place in a read buffer.
pub fn frames_in_place(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    let mut decoder = FrameDecoder::new();
    let mut buffer = vec![0; chunks[0].len()];
    for chunk in chunks {
        let buffer = &mut buffer[..chunk.len()];
        buffer.copy_from_slice(chunk);
        decoder.feed_in_place(buffer, |event| count_frames(event, &mut found));
    }
    found
}

#[inline]
fn count_frames(event: FrameEvent<'_>, found: &mut Found) {
    match event {
        FrameEvent::Header { header, .. } => {
            black_box(header);
        }
        FrameEvent::Payload { bytes, .. } => found.bytes += black_box(bytes).len() as u64,
        FrameEvent::End { .. } => found.count += 1,
    }
}

/// A head and its fields.
#[inline]
pub fn head(head: &str) -> usize {
    let mut fields = 0;
    let scan = scan_head(head.as_bytes(), HeadLimits::default(), |field| {
        fields += black_box(field).value.len();
    });
    let HeadScan::Complete(head) = scan else {
        unreachable!()
    };
    assert!(head.status == 101 && head.findings.is_empty());
    black_box(fields)
}
