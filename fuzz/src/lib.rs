//! What the fuzz targets share: cuts, and what the levels of the parser say in a form that can be compared.

use std::fmt::{self, Write};

use pushspec_parser::sse::{Decoder, EventStream, Fact, LimitReached, Limits, OwnedEvent};

#[path = "../../parser/tests/sse/reference.rs"]
mod reference;

/// The events, the last event ID and the reconnection time, by the standard written down step by step.
pub fn standard(body: &[u8]) -> (Vec<OwnedEvent>, String, Option<u64>) {
    let result = reference::interpret(body);
    (result.events, result.last_event_id, result.retry)
}

/// `data` cut in a way that depends on nothing but `data`, so that a corpus is plain streams.
pub fn cut(data: &[u8]) -> Vec<&[u8]> {
    let seed = data.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // One in four is cut byte by byte; others into about three, ten or thirty pieces.
    let most = match seed % 4 {
        0 => 1,
        1 => 4,
        2 => 16,
        _ => data.len() / 3 + 1,
    };
    let (mut state, mut rest, mut chunks) = (seed, data, Vec::new());
    while !rest.is_empty() {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        let len = (state >> 33) as usize % most + 1;
        let (chunk, more) = rest.split_at(len.min(rest.len()));
        chunks.push(chunk);
        rest = more;
    }
    chunks
}

/// Everything that the everyday level says about an event stream.
#[derive(Debug, PartialEq)]
pub struct Everyday {
    pub events: Vec<OwnedEvent>,
    pub last_event_id: String,
    pub retry: Option<u64>,
    pub unfinished: bool,
    pub reached: Option<LimitReached>,
}

/// The most bytes that the documentation of [`Limits`] allows the buffers of a decoder.
fn most_buffered(limits: Limits) -> usize {
    2 * (limits.event + 5 * limits.line) + 3 * 1024
}

/// Runs the everyday level, and asserts that it keeps to its limits.
pub fn everyday(chunks: &[&[u8]], limits: Limits) -> Everyday {
    let mut stream = EventStream::with_limits(limits);
    let (mut events, mut reached) = (Vec::new(), None);
    for chunk in chunks {
        let fed = stream.feed(chunk, |event| events.push(event.to_owned()));
        reached = reached.or(fed.err());
        assert!(stream.buffered() <= most_buffered(limits));
    }
    let unfinished = stream.finish();
    Everyday {
        events,
        last_event_id: stream.last_event_id().to_owned(),
        retry: stream.retry(),
        unfinished,
        reached,
    }
}

/// Hands every fact of the lossless level to `sink`, and asserts that it keeps to its limits.
pub fn each_fact(chunks: &[&[u8]], limits: Limits, mut sink: impl FnMut(Fact<'_>)) {
    let mut decoder = Decoder::new(limits);
    for chunk in chunks {
        decoder.feed(chunk, &mut sink);
        assert!(decoder.buffered() <= most_buffered(limits));
    }
    decoder.finish(&mut sink);
}

/// The facts in words.
pub fn facts(chunks: &[&[u8]], limits: Limits) -> Vec<String> {
    let mut facts = Vec::new();
    each_fact(chunks, limits, |fact| facts.push(format!("{fact:?}")));
    facts
}

/// The facts in few bits: how many they are, and a hash of their words, which costs less than to keep them.
pub fn digest(chunks: &[&[u8]], limits: Limits) -> (u64, u64) {
    struct Hash(u64);
    impl fmt::Write for Hash {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for byte in text.bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            Ok(())
        }
    }
    let (mut count, mut hash) = (0, Hash(0xcbf2_9ce4_8422_2325));
    each_fact(chunks, limits, |fact| {
        count += 1;
        write!(hash, "{fact:?}").expect("nothing fails");
    });
    (count, hash.0)
}
