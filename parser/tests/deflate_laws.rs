//! Laws of permessage-deflate: what is compressed comes back in every window, nobody looks back too far, context is
//! taken over or not as agreed, and the output is bounded.
#![cfg(feature = "deflate")]

use proptest::collection::vec;
use proptest::prelude::*;
use pushspec_parser::ws::deflate::{Compressor, Decompressor, Direction, InflateFault, WindowBits};
use pushspec_parser::ws::{
    FrameHeader, Incoming, MessageDecoder, Opcode, ProtocolError, RSV1, Role,
};
use zlib_rs::{Inflate, InflateFlush, Status};

fn directions() -> impl Iterator<Item = Direction> {
    let bits = (8..=15).map(|bits| WindowBits::new(bits).unwrap());
    bits.flat_map(|window_bits| {
        [true, false].map(|context_takeover| Direction {
            window_bits,
            context_takeover,
        })
    })
}

/// Bytes that cannot be compressed.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Messages that repeat themselves and each other, near and far.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let words = vec(0..40_u16, 0..400).prop_map(|words| {
        let text = words
            .iter()
            .map(|word| format!("{} ", u32::from(*word) * 7919));
        text.collect::<String>().into_bytes()
    });
    let sparse = (vec(any::<u8>(), 0..60), 0..3_000_usize)
        .prop_map(|(piece, gap)| [&piece[..], &vec![0; gap], &piece[..]].concat());
    let bytes = vec(any::<u8>(), 0..2_000);
    let distances = (vec(any::<u8>(), 3..20), 200..40_000_usize)
        .prop_map(|(piece, distance)| [&piece[..], &noise(distance), &piece[..]].concat());
    prop_oneof![4 => words, 2 => sparse, 1 => bytes, 1 => distances]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The decompressor refuses any distance beyond what was agreed, so that this proves the compressor obedient.
    #[test]
    fn what_is_compressed_comes_back_in_every_window(
        messages in vec(message(), 1..5), level in 0..=9_u8,
    ) {
        for direction in directions() {
            let mut compressor = Compressor::new(direction, level);
            let mut decompressor = Decompressor::new(direction, 1 << 20);
            for message in &messages {
                let payload = compressor.compress(message);
                prop_assert!(!payload.is_empty() && !payload.ends_with(&[0, 0, 0xff, 0xff]));
                prop_assert!(payload.len() <= message.len() + message.len() / 7 + 64);
                prop_assert_eq!(decompressor.decompress(payload), Ok(&message[..]), "{:?}", direction);
            }
        }
    }

    /// Without takeover a message never depends on those before it.
    #[test]
    fn no_context_is_taken_over_where_that_was_agreed(messages in vec(message(), 1..4), level in 0..=9_u8) {
        let direction = Direction { context_takeover: false, ..Direction::default() };
        let mut compressor = Compressor::new(direction, level);
        for message in &messages {
            let fresh = Compressor::new(direction, level).compress(message).to_vec();
            prop_assert_eq!(compressor.compress(message), &fresh[..]);
        }
    }

    /// zlib-rs takes whatever we take, and makes the same of it.
    #[test]
    fn an_independent_inflater_agrees(payload in damaged()) {
        let mut ours = Decompressor::new(Direction::default(), 1 << 16);
        let Ok(message) = ours.decompress(&payload) else { return Ok(()) };
        let (mut theirs, mut out) = (Vec::new(), vec![0; 1 << 17]);
        let mut rest: &[u8] = &[&payload[..], &[0, 0, 0xff, 0xff]].concat();
        // A final block ends their stream; ours goes on, with the same window.
        while !rest.is_empty() {
            let mut inflate = Inflate::new(false, 15);
            if !theirs.is_empty() {
                let window = theirs.len().saturating_sub(1 << 15);
                inflate.set_dictionary(&theirs[window..]).unwrap();
            }
            let status = inflate.decompress(rest, &mut out, InflateFlush::SyncFlush);
            prop_assert!(status.is_ok(), "{:?}", status);
            theirs.extend_from_slice(&out[..inflate.total_out() as usize]);
            rest = &rest[inflate.total_in() as usize..];
            if status != Ok(Status::StreamEnd) {
                break;
            }
        }
        prop_assert!(message == theirs);
    }

    #[test]
    fn no_bytes_outgrow_the_limit(payload in damaged(), limit in 0..2_000_usize) {
        let mut decompressor = Decompressor::new(Direction::default(), limit);
        match decompressor.decompress(&payload) {
            Ok(message) => prop_assert!(message.len() <= limit),
            Err(error) => {
                prop_assert!(error.offset <= payload.len());
                prop_assert_eq!(decompressor.decompress(&[0]), Err(error));
            }
        }
    }
}

/// A sound payload with a little damage, or noise.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let sound = (message(), 0..=9_u8).prop_map(|(message, level)| {
        Compressor::new(Direction::default(), level)
            .compress(&message)
            .to_vec()
    });
    let spoilt = (
        sound,
        vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    )
        .prop_map(|(mut payload, damage)| {
            for (place, byte) in damage {
                *place.get_mut(&mut payload) = byte;
            }
            payload
        });
    prop_oneof![4 => spoilt, 1 => vec(any::<u8>(), 0..40)]
}

#[test]
fn a_bomb_costs_no_more_than_its_limit() {
    let payload = Compressor::new(Direction::default(), 9)
        .compress(&vec![0; 50 << 20])
        .to_vec();
    assert!(payload.len() < 60_000);
    let mut decompressor = Decompressor::new(Direction::default(), 1 << 16);
    assert_eq!(
        decompressor.decompress(&payload).unwrap_err().fault,
        InflateFault::TooLong
    );
}

/// A context that is taken over saves what was sent before, in a window that holds it.
#[test]
fn a_window_is_worth_its_size() {
    let text = noise(1_500);
    let second = |bits, context_takeover| {
        let window_bits = WindowBits::new(bits).unwrap();
        let mut compressor = Compressor::new(
            Direction {
                window_bits,
                context_takeover,
            },
            6,
        );
        compressor.compress(&text);
        compressor.compress(&text).len()
    };
    assert!(second(12, true) < 100);
    assert!(
        second(10, true) > 1_400,
        "the window is smaller than the text"
    );
    assert!(second(12, false) > 1_400);
}

/// The frames of one compressed message, in pieces of `size` bytes.
fn frames(payload: &[u8], size: usize) -> Vec<u8> {
    let mut input = Vec::new();
    let pieces = payload.chunks(size);
    let last = pieces.len() - 1;
    for (at, piece) in pieces.enumerate() {
        let opcode = [Opcode::CONTINUATION, Opcode::BINARY][usize::from(at == 0)];
        let mut header = FrameHeader::new(opcode, piece.len() as u64);
        header.fin = at == last;
        header.rsv = if at == 0 { RSV1 } else { 0 };
        header.encode(&mut input);
        input.extend_from_slice(piece);
    }
    input
}

/// What cannot be compressed is longer on the wire than the message, which alone is limited.
#[test]
fn the_limit_is_that_of_the_message() {
    for direction in directions() {
        for level in [0, 1, 9] {
            for (len, told) in [(1_000, true), (1_001, false)] {
                let message = noise(len);
                let payload = Compressor::new(direction, level)
                    .compress(&message)
                    .to_vec();
                assert!(payload.len() > message.len());
                for size in [100, usize::MAX] {
                    let mut decoder = MessageDecoder::with_deflate(Role::Server, 1_000, direction);
                    let mut seen = Vec::new();
                    let fed = decoder.feed(&frames(&payload, size), |incoming| {
                        seen.push(incoming == Incoming::Binary(&message));
                    });
                    let too_long = Err(ProtocolError::TooLong { offset: 0 });
                    assert_eq!(
                        (fed, seen),
                        if told {
                            (Ok(()), vec![true])
                        } else {
                            (too_long, vec![])
                        }
                    );
                }
            }
        }
    }
}

/// A payload longer than any that such a message needs is refused by its header, as is an uncompressed one.
#[test]
fn a_compressed_payload_is_limited_too() {
    for (rsv, most) in [(0, 1_000), (RSV1, 1_000 + 1_000 / 7 + 64)] {
        for (length, refused) in [(most, false), (most + 1, true)] {
            let mut input = Vec::new();
            let mut header = FrameHeader::new(Opcode::BINARY, length);
            header.rsv = rsv;
            header.encode(&mut input);
            let mut decoder =
                MessageDecoder::with_deflate(Role::Server, 1_000, Direction::default());
            let offset = input.len() as u64 + most;
            let expected = if refused {
                Err(ProtocolError::TooLong { offset })
            } else {
                Ok(())
            };
            assert_eq!(decoder.feed(&input, |_| {}), expected);
        }
    }
}

/// Who agrees on nothing pays for nothing.
#[test]
fn a_decoder_without_a_decompressor_is_small() {
    assert!(
        size_of::<MessageDecoder>() < 512,
        "{}",
        size_of::<MessageDecoder>()
    );
}
