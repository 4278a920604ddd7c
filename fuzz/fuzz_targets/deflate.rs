//! What one payload is to our inflater it is to zlib-rs, wherever ours accepts; no output outgrows its limit; what is
//! compressed comes back in the agreed window; the everyday level changes nothing by chunks.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pushspec_fuzz::cut;
use pushspec_parser::ws::deflate::{Compressor, Decompressor, Direction, WindowBits};
use pushspec_parser::ws::{Incoming, MessageDecoder, ProtocolError, Role};
use zlib_rs::{Inflate, InflateFlush, Status};

const LIMIT: usize = 1 << 16;

/// The message of a payload as zlib-rs has it; it ends its stream with a final block, where ours goes on.
fn theirs(payload: &[u8]) -> Vec<u8> {
    let (mut message, mut out) = (Vec::new(), vec![0; 2 * LIMIT]);
    let mut rest: &[u8] = &[payload, &[0, 0, 0xff, 0xff]].concat();
    while !rest.is_empty() {
        let mut inflate = Inflate::new(false, 15);
        if !message.is_empty() {
            let window = message.len().saturating_sub(1 << 15);
            inflate
                .set_dictionary(&message[window..])
                .expect("a dictionary");
        }
        let status = inflate.decompress(rest, &mut out, InflateFlush::SyncFlush);
        assert!(status.is_ok(), "{status:?}");
        message.extend_from_slice(&out[..inflate.total_out() as usize]);
        rest = &rest[inflate.total_in() as usize..];
        if status != Ok(Status::StreamEnd) {
            break;
        }
    }
    message
}

fn said(direction: Direction, chunks: &[&[u8]]) -> (Vec<String>, Option<ProtocolError>) {
    let mut decoder = MessageDecoder::with_deflate(Role::Server, LIMIT as u64, direction);
    let (mut said, mut failed) = (Vec::new(), None);
    for chunk in chunks {
        failed = decoder
            .feed(chunk, |incoming: Incoming<'_>| {
                said.push(format!("{incoming:?}"))
            })
            .err();
    }
    (said, failed)
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, data)) = data.split_first() else {
        return;
    };
    let direction = Direction {
        window_bits: WindowBits::new(8 + (first & 7)).expect("8 to 15"),
        context_takeover: first & 8 != 0,
    };

    let mut decompressor = Decompressor::new(direction, LIMIT);
    match decompressor.decompress(data) {
        Ok(message) => {
            assert!(message.len() <= LIMIT);
            assert!(message == theirs(data));
        }
        Err(error) => assert!(error.offset <= data.len()),
    }

    let mut compressor = Compressor::new(direction, (first >> 4) % 10);
    let mut decompressor = Decompressor::new(direction, LIMIT);
    for message in cut(data).into_iter().take(8).chain([data]) {
        let payload = compressor.compress(message);
        assert_eq!(decompressor.decompress(payload), Ok(message));
    }

    assert_eq!(said(direction, &cut(data)), said(direction, &[data]));
});
