//! SSE: our two levels, the peers, and what the hardware allows.

use std::convert::Infallible;
use std::hint::black_box;

use bytes::Bytes;
use futures::executor::block_on;
use futures::future;
use futures::stream::{self, Stream, StreamExt as _};
use launchdarkly_sdk_transport::{ByteStream, HttpTransport, Request, Response, ResponseFuture};
use pushspec_bench::ours::{self, Found};
use pushspec_bench::streams;

use crate::clock::race;
use crate::node;
use crate::socket::Socket;
use crate::table::Table;

type Run = fn(&[Bytes]) -> Found;

pub const BORROWED: &str = "**pushspec, borrowed events**";
pub const OWNED: &str = "**pushspec, owned events**";
pub const LIMIT: &str = "limit: mask scan and simdutf8";

/// All of them hand out events that own their text.
pub const PEERS: [&str; 8] = [
    "sse-core 0.2.3",
    "sse-stream 0.3.0",
    "eventsrc 0.0.2",
    "sse-codec 0.3.3",
    "async-sse 5.1.0",
    "sseer 0.3.1",
    "eventsource-stream 0.2.3",
    "eventsource-client 0.18.0",
];

/// Measured beside, by Node.
const NPM: &str = "npm eventsource-parser 3.1.1";

const RUNS: [(&str, Run); 13] = [
    (PEERS[0], sse_core),
    (PEERS[1], sse_stream),
    (PEERS[2], eventsrc),
    (PEERS[3], sse_codec),
    (PEERS[4], async_sse),
    (PEERS[5], sseer),
    (PEERS[6], eventsource_stream),
    (PEERS[7], eventsource_client),
    (BORROWED, ours::events_borrowed),
    (OWNED, ours::events_owned),
    ("**pushspec, lossless facts**", ours::facts),
    (LIMIT, limit),
    ("limit: memcpy", memcpy),
];

pub fn compare() -> Table {
    let mut table = Table::new("MB/s");
    for corpus in streams::all() {
        for (size, label) in [(16 << 10, "16K"), (64, "64")] {
            let column = format!("{} {label}", corpus.name);
            let chunks = streams::chunks(&corpus.bytes, size);
            let expected = Found {
                count: corpus.events,
                bytes: corpus.data,
            };
            let mut contestants: Vec<Box<dyn FnMut() + '_>> = Vec::new();
            for (_, run) in RUNS {
                let chunks = &chunks;
                contestants.push(Box::new(move || {
                    black_box(run(black_box(chunks)));
                }));
            }
            match node::measure(&corpus.bytes, size) {
                Ok((found, seconds)) => {
                    let speed = corpus.bytes.len() as f64 / seconds / 1e6;
                    table.put(NPM, &column, speed, found == expected);
                }
                Err(why) => eprintln!("{NPM} is left out: {why}"),
            }
            for ((name, run), time) in RUNS.iter().zip(race(&mut contestants)) {
                let complete = name.starts_with("limit") || run(&chunks) == expected;
                table.put(
                    name,
                    &column,
                    corpus.bytes.len() as f64 / time.as_secs_f64() / 1e6,
                    complete,
                );
            }
        }
    }
    table
}

fn sse_core(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    let mut decoder = sse_core::SseDecoder::new();
    for chunk in chunks {
        let mut chunk = chunk.as_ref();
        while let Some(event) = decoder.next(&mut chunk) {
            if let Ok(sse_core::SseEvent::Message(message)) = black_box(event) {
                found.add(message.data.as_bytes());
            }
        }
    }
    found
}

/// The chunks as a client library hands them out.
fn body(chunks: &[Bytes]) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin + '_ {
    stream::iter(chunks.iter().cloned().map(Ok))
}

fn drain<T>(
    mut events: impl Stream<Item = T> + Unpin,
    mut count: impl FnMut(&mut Found, T),
) -> Found {
    let mut found = Found::default();
    block_on(async {
        while let Some(event) = events.next().await {
            count(&mut found, black_box(event));
        }
    });
    found
}

fn sse_stream(chunks: &[Bytes]) -> Found {
    drain(
        sse_stream::SseByteStream::new(body(chunks)),
        |found, event| {
            if let Some(data) = event.ok().and_then(|event| event.data) {
                found.add(data.as_bytes());
            }
        },
    )
}

fn eventsrc(chunks: &[Bytes]) -> Found {
    drain(eventsrc::EventStream::new(body(chunks)), |found, event| {
        if let Ok(event) = event {
            found.add(event.data().as_bytes());
        }
    })
}

fn sse_codec(chunks: &[Bytes]) -> Found {
    drain(
        sse_codec::decode_stream(Socket::new(chunks)),
        |found, event| {
            if let Ok(sse_codec::Event::Message { data, .. }) = event {
                found.add(data.as_bytes());
            }
        },
    )
}

fn async_sse(chunks: &[Bytes]) -> Found {
    drain(async_sse::decode(Socket::new(chunks)), |found, event| {
        if let Ok(async_sse::Event::Message(message)) = event {
            found.add(message.data());
        }
    })
}

fn sseer(chunks: &[Bytes]) -> Found {
    drain(sseer::EventStream::new(body(chunks)), |found, event| {
        if let Ok(event) = event {
            found.add(event.data.as_bytes());
        }
    })
}

fn eventsource_stream(chunks: &[Bytes]) -> Found {
    drain(
        eventsource_stream::EventStream::new(body(chunks)),
        |found, event| {
            if let Ok(event) = event {
                found.add(event.data.as_bytes());
            }
        },
    )
}

/// A server that answers with the chunks: eventsource-client parses nothing but what comes from a transport.
#[derive(Clone)]
struct Canned(Vec<Bytes>);

impl HttpTransport for Canned {
    fn request(&self, _: Request<Option<Bytes>>) -> ResponseFuture {
        let chunks = self.0.clone().into_iter().map(Ok);
        let body: ByteStream = Box::pin(stream::iter(chunks));
        let answer = Response::builder().header("content-type", "text/event-stream");
        Box::pin(future::ready(Ok(answer.body(body).unwrap())))
    }
}

fn eventsource_client(chunks: &[Bytes]) -> Found {
    use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};
    let client = ClientBuilder::for_url("http://localhost/")
        .unwrap()
        .reconnect(ReconnectOptions::reconnect(false).build())
        .build_with_transport(Canned(chunks.to_vec()));
    drain(
        client
            .stream()
            .take_while(|event| future::ready(event.is_ok())),
        |found, event| {
            if let Ok(SSE::Event(event)) = event {
                found.add(event.data.as_bytes());
            }
        },
    )
}

/// What no parser can do without: find each CR and LF, and judge the text.
fn limit(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    for chunk in chunks {
        black_box(simdutf8::basic::from_utf8(chunk).is_ok());
        for block in chunk.chunks(64) {
            let mut mask = line_ends(block);
            while mask != 0 {
                found.bytes += u64::from(mask.trailing_zeros());
                found.count += 1;
                mask &= mask - 1;
            }
        }
    }
    found
}

/// A bit for each CR and LF.
#[inline]
fn line_ends(block: &[u8]) -> u64 {
    let mut padded = [0; 64];
    let block = match block.first_chunk() {
        Some(whole) => whole,
        None => {
            padded[..block.len()].copy_from_slice(block);
            &padded
        }
    };
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{
            _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
        };
        let mut mask = 0;
        for (at, part) in block.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: SSE2 is part of x86-64, and the load is of 16 bytes that are there.
            let bits = unsafe {
                let part = _mm_loadu_si128(part.as_ptr().cast());
                let lf = _mm_cmpeq_epi8(part, _mm_set1_epi8(b'\n' as i8));
                let cr = _mm_cmpeq_epi8(part, _mm_set1_epi8(b'\r' as i8));
                _mm_movemask_epi8(_mm_or_si128(lf, cr))
            };
            mask |= (bits as u64) << (16 * at);
        }
        mask
    }
    #[cfg(not(target_arch = "x86_64"))]
    block.iter().enumerate().fold(0, |mask, (at, byte)| {
        mask | u64::from(matches!(byte, b'\n' | b'\r')) << at
    })
}

fn memcpy(chunks: &[Bytes]) -> Found {
    let mut found = Found::default();
    let mut copy = vec![0; chunks[0].len()];
    for chunk in chunks {
        copy[..chunk.len()].copy_from_slice(chunk);
        found.add(black_box(&copy));
    }
    found
}
