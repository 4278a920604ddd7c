//! Chunks change nothing, headers and payload encode back to the same bytes, the everyday level tells what the session
//! tells up to the first fault, and payload is kept up to the limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pushspec_fuzz::cut;
use pushspec_parser::ws::{
    FrameDecoder, FrameEvent, Incoming, MessageDecoder, Opcode, ProtocolError, RSV1, Role, Session,
    SessionEvent, SessionLimits, mask,
};
use pushspec_parser::{Finding, Violation};

const SMALL: SessionLimits = SessionLimits {
    message: 40,
    frame: 20,
};

fn session(from: Role, rsv: u8, limits: SessionLimits, chunks: &[&[u8]]) -> Vec<String> {
    let mut session = Session::new(from, limits).with_allowed_rsv(rsv);
    let mut told = Vec::new();
    let mut on = |event: SessionEvent<'_>| {
        match event {
            SessionEvent::Message(message) => {
                assert!(message.payload.len() as u64 <= limits.message)
            }
            SessionEvent::Ping { payload, .. } | SessionEvent::Pong { payload, .. } => {
                assert!(payload.len() as u64 <= limits.frame.max(125));
            }
            _ => {}
        }
        told.push(format!("{event:?}"));
    };
    for chunk in chunks {
        session.feed(chunk, &mut on);
    }
    let ending = session.finish(&mut on);
    told.push(format!("{ending:?}"));
    told
}

/// The bytes that the events of a frame decoder stand for.
fn written(chunks: &[&[u8]], in_place: bool) -> Vec<u8> {
    let mut decoder = FrameDecoder::new();
    let mut bytes = Vec::new();
    let (mut key, mut position) = (None, 0);
    let mut on = |event: FrameEvent<'_>| match event {
        FrameEvent::Header { header, offset } => {
            assert_eq!(offset, bytes.len() as u64);
            header.encode(&mut bytes);
            (key, position) = (header.masking_key, 0);
        }
        FrameEvent::Payload {
            bytes: piece,
            offset,
        } => {
            assert_eq!(offset, bytes.len() as u64);
            let at = bytes.len();
            bytes.extend_from_slice(piece);
            if let Some(key) = key {
                mask(key, position, &mut bytes[at..]);
            }
            position += piece.len() as u64;
        }
        FrameEvent::End { offset } => assert_eq!(offset, bytes.len() as u64),
    };
    for chunk in chunks {
        if in_place {
            decoder.feed_in_place(&mut chunk.to_vec(), &mut on);
        } else {
            decoder.feed(chunk, &mut on);
        }
    }
    bytes.extend_from_slice(decoder.unfinished_header());
    bytes
}

fn words(incoming: Incoming<'_>) -> String {
    format!("{incoming:?}")
}

/// What the everyday level tells, and how it fails.
fn messages(from: Role, chunks: &[&[u8]]) -> (Vec<String>, Option<ProtocolError>) {
    // A header may announce any length, and with a limit would fail.
    let mut decoder = MessageDecoder::new(from, u64::MAX);
    let (mut told, mut failed) = (Vec::new(), None);
    for chunk in chunks {
        failed = decoder
            .feed(chunk, |incoming| told.push(words(incoming)))
            .err();
    }
    (told, failed)
}

/// The same from a session: everything before the first violation.
fn sound_messages(from: Role, data: &[u8]) -> (Vec<String>, Option<Finding>) {
    let mut session = Session::new(from, SessionLimits::default());
    let (mut told, mut fault) = (Vec::new(), None);
    session.feed(data, |event| {
        if fault.is_some() {
            return;
        }
        match event {
            SessionEvent::Violation(finding) => fault = Some(finding),
            SessionEvent::Message(message) if message.opcode == Opcode::TEXT => {
                told.push(words(Incoming::Text(
                    std::str::from_utf8(message.payload).unwrap(),
                )));
            }
            SessionEvent::Message(message) => told.push(words(Incoming::Binary(message.payload))),
            SessionEvent::Ping { payload, .. } => told.push(words(Incoming::Ping(payload))),
            SessionEvent::Pong { payload, .. } => told.push(words(Incoming::Pong(payload))),
            SessionEvent::Close(close) => {
                let reason = std::str::from_utf8(close.reason).unwrap();
                told.push(words(Incoming::Close(
                    close.code.map(|code| (code, reason)),
                )));
            }
            _ => {}
        }
    });
    (told, fault)
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, data)) = data.split_first() else {
        return;
    };
    let from = if first & 1 == 0 {
        Role::Server
    } else {
        Role::Client
    };
    let rsv = if first & 2 == 0 { 0 } else { RSV1 };
    let chunks = cut(data);

    for limits in [SessionLimits::default(), SMALL] {
        let whole = session(from, rsv, limits, &[data]);
        assert_eq!(session(from, rsv, limits, &chunks), whole);
    }
    assert_eq!(written(&chunks, false), data);
    assert_eq!(written(&chunks, true), data);

    let (told, failed) = messages(from, &chunks);
    assert_eq!(messages(from, &[data]), (told.clone(), failed));
    let (sound, fault) = sound_messages(from, data);
    match (failed, fault) {
        (Some(ProtocolError::Violation(ours)), Some(fault))
            if fault.violation != Violation::TextNotUtf8 =>
        {
            assert_eq!(ours.violation, fault.violation);
            assert_eq!(told, sound);
        }
        // A text is judged at its end by the one, and as it comes by the other: control frames may be told between.
        (_, Some(_)) => assert!(told.starts_with(&sound)),
        (None, None) => assert_eq!(told, sound),
        (Some(error), None) => panic!("{error}"),
    }
});
