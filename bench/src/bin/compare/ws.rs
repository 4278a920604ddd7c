//! WebSocket: our levels, the peers, and what the hardware allows. Reads of 16 KiB.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::executor::block_on;
use pushspec_bench::frames::{self, Corpus};
use pushspec_bench::ours::{self, Found};
use pushspec_bench::streams;
use pushspec_parser::ws::mask;
use tokio_util::codec::Decoder as _;

use crate::clock::race;
use crate::socket::Socket;
use crate::table::Table;

/// From the chunks, and whether they are masked: a client's, for a server to read.
type Run = fn(&[Bytes], bool) -> Found;

pub const MESSAGES: &str = "**pushspec, messages**";
pub const SESSION: &str = "**pushspec, lossless session**";
pub const FRAMES: &str = "**pushspec, frames**";
pub const IN_PLACE: &str = "**pushspec, frames in place**";
pub const SANS_IO: &str = "websocket-sans-io 0.1.0";
pub const LIMIT: &str = "limit: memcpy, XOR if masked";

const RUNS: [(&str, Run); 13] = [
    ("websocket-codec 0.5.2", websocket_codec),
    ("sockudo-ws 3.1.0", sockudo_ws),
    ("tungstenite 0.30.0", tungstenite),
    ("fastwebsockets 0.10.0", fastwebsockets),
    ("tokio-websockets 0.13.3", tokio_websockets),
    ("yawc 0.5.0", yawc),
    (SANS_IO, websocket_sans_io),
    (MESSAGES, ours::messages),
    (SESSION, ours::session),
    (FRAMES, |chunks, _| ours::frames(chunks)),
    (IN_PLACE, |chunks, _| ours::frames_in_place(chunks)),
    (LIMIT, limit),
    ("limit: simdutf8", limit_utf8),
];

pub fn compare() -> Table {
    let mut table = Table::new("MB/s");
    for corpus in frames::all() {
        let chunks = streams::chunks(&corpus.bytes, 16 << 10);
        let column = format!(
            "{}{}",
            corpus.name,
            if corpus.masked { " masked" } else { "" }
        );
        let mut contestants: Vec<Box<dyn FnMut() + '_>> = Vec::new();
        for (_, run) in RUNS {
            let chunks = &chunks;
            contestants.push(Box::new(move || {
                black_box(run(black_box(chunks), corpus.masked));
            }));
        }
        for ((name, run), time) in RUNS.iter().zip(race(&mut contestants)) {
            let complete =
                name.starts_with("limit") || is_complete(run(&chunks, corpus.masked), &corpus);
            table.put(
                name,
                &column,
                corpus.bytes.len() as f64 / time.as_secs_f64() / 1e6,
                complete,
            );
        }
    }
    table
}

/// Whether all payload was found, and all messages or all frames.
fn is_complete(found: Found, corpus: &Corpus) -> bool {
    found.bytes == corpus.payload
        && (found.count == corpus.messages || found.count == corpus.frames)
}

/// Hands the chunks to a codec as tokio-util's `FramedRead` does.
fn with_buffer(chunks: &[Bytes], mut decode: impl FnMut(&mut BytesMut)) {
    let mut buffer = BytesMut::with_capacity(64 << 10);
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        decode(&mut buffer);
    }
}

fn websocket_codec(chunks: &[Bytes], _: bool) -> Found {
    let mut found = Found::default();
    let mut codec = websocket_codec::MessageCodec::server();
    with_buffer(chunks, |buffer| {
        while let Some(message) = codec.decode(buffer).unwrap() {
            found.add(black_box(message).data());
        }
    });
    found
}

fn sockudo_ws(chunks: &[Bytes], masked: bool) -> Found {
    use sockudo_ws::protocol::{Message, Protocol, Role};
    let mut found = Found::default();
    let mut protocol = Protocol::new(
        if masked { Role::Server } else { Role::Client },
        16 << 20,
        16 << 20,
    );
    let mut messages = Vec::new();
    with_buffer(chunks, |buffer| {
        protocol.process_into(buffer, &mut messages).unwrap();
        for message in messages.drain(..) {
            match black_box(message) {
                Message::Text(payload) | Message::Binary(payload) => found.add(&payload),
                other => unreachable!("{other:?}"),
            }
        }
    });
    found
}

fn tungstenite(chunks: &[Bytes], masked: bool) -> Found {
    use tungstenite::protocol::{Message, Role, WebSocket};
    let mut found = Found::default();
    let role = if masked { Role::Server } else { Role::Client };
    let mut socket = WebSocket::from_raw_socket(Socket::new(chunks), role, None);
    while let Ok(message) = socket.read() {
        match black_box(message) {
            Message::Text(text) => found.add(text.as_bytes()),
            Message::Binary(payload) => found.add(&payload),
            other => unreachable!("{other:?}"),
        }
    }
    found
}

fn fastwebsockets(chunks: &[Bytes], masked: bool) -> Found {
    use fastwebsockets::{FragmentCollector, Role, WebSocket};
    let mut found = Found::default();
    let role = if masked { Role::Server } else { Role::Client };
    let mut socket = FragmentCollector::new(WebSocket::after_handshake(Socket::new(chunks), role));
    block_on(async {
        while let Ok(frame) = socket.read_frame().await {
            found.add(&black_box(frame).payload);
        }
    });
    found
}

fn tokio_websockets(chunks: &[Bytes], masked: bool) -> Found {
    let mut found = Found::default();
    let socket = Socket::new(chunks);
    let mut socket = if masked {
        tokio_websockets::ServerBuilder::new().serve(socket)
    } else {
        tokio_websockets::ClientBuilder::new().take_over(socket)
    };
    block_on(async {
        while let Some(Ok(message)) = socket.next().await {
            found.add(black_box(message).as_payload());
        }
    });
    found
}

fn yawc(chunks: &[Bytes], masked: bool) -> Found {
    use yawc::{Options, Role, WebSocket};
    let mut found = Found::default();
    let role = if masked { Role::Server } else { Role::Client };
    let mut socket =
        WebSocket::from_stream(Socket::new(chunks), role, Options::default().with_utf8()).unwrap();
    block_on(async {
        while let Ok(frame) = socket.next_frame().await {
            found.add(black_box(frame).payload());
        }
    });
    found
}

/// Frames only: judges no UTF-8.
fn websocket_sans_io(chunks: &[Bytes], _: bool) -> Found {
    use websocket_sans_io::{WebsocketFrameDecoder, WebsocketFrameEvent};
    let mut found = Found::default();
    let mut decoder = WebsocketFrameDecoder::new();
    let mut buffer = vec![0; chunks[0].len()];
    for chunk in chunks {
        let buffer = &mut buffer[..chunk.len()];
        buffer.copy_from_slice(chunk);
        let mut at = 0;
        loop {
            let step = decoder.add_data(&mut buffer[at..]).unwrap();
            match &step.event {
                Some(WebsocketFrameEvent::PayloadChunk { .. }) => {
                    found.bytes += black_box(&buffer[at..][..step.consumed_bytes]).len() as u64;
                }
                Some(WebsocketFrameEvent::End { .. }) => found.count += 1,
                Some(WebsocketFrameEvent::Start { frame_info, .. }) => {
                    black_box(*frame_info);
                }
                None if step.consumed_bytes == 0 => break,
                None => {}
            }
            at += step.consumed_bytes;
        }
    }
    found
}

/// The bytes from the chunk to a buffer, unmasked on the way where they are masked.
fn limit(chunks: &[Bytes], masked: bool) -> Found {
    let mut found = Found::default();
    let mut copy = vec![0; chunks[0].len()];
    for chunk in chunks {
        let copy = &mut copy[..chunk.len()];
        copy.copy_from_slice(chunk);
        if masked {
            mask([1, 2, 3, 4], 0, copy);
        }
        found.add(black_box(copy));
    }
    found
}

fn limit_utf8(chunks: &[Bytes], _: bool) -> Found {
    let mut found = Found::default();
    for chunk in chunks {
        black_box(simdutf8::basic::from_utf8(chunk).is_ok());
        found.add(black_box(chunk));
    }
    found
}
