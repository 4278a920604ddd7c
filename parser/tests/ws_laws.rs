//! Laws of the WebSocket parser, for any bytes: chunking changes nothing, decoding loses nothing, nothing panics,
//! nothing grows beyond its limit.

use proptest::collection::vec;
use proptest::prelude::*;
use pushspec_parser::ws::{
    FrameDecoder, FrameEvent, FrameHeader, LengthForm, MessageDecoder, Opcode, Parsed,
    ProtocolError, Role, Session, SessionEvent, SessionLimits, Utf8Check, mask,
};
use pushspec_parser::{Finding, Violation};

const LIMITS: SessionLimits = SessionLimits {
    message: 40,
    frame: 20,
};

/// An event that owns its bytes, in words.
fn words(event: SessionEvent<'_>) -> String {
    format!("{event:?}")
}

fn session_events(from: Role, rsv: u8, limits: SessionLimits, chunks: &[&[u8]]) -> Vec<String> {
    let mut session = Session::new(from, limits).with_allowed_rsv(rsv);
    let mut events = Vec::new();
    for chunk in chunks {
        session.feed(chunk, |event| events.push(words(event)));
    }
    let ending = session.finish(|event| events.push(words(event)));
    events.push(format!("{ending:?}"));
    events
}

/// Frame events with neighbouring payload pieces joined.
fn joined(events: Vec<(FrameEventKind, u64)>) -> Vec<(FrameEventKind, u64)> {
    let mut out: Vec<(FrameEventKind, u64)> = Vec::new();
    for (event, offset) in events {
        match (out.last_mut(), event) {
            (Some((FrameEventKind::Payload(bytes), _)), FrameEventKind::Payload(more)) => {
                bytes.extend(more)
            }
            (_, event) => out.push((event, offset)),
        }
    }
    out
}

#[derive(Debug, PartialEq)]
enum FrameEventKind {
    Header(FrameHeader),
    Payload(Vec<u8>),
    End,
}

fn own(event: FrameEvent<'_>) -> (FrameEventKind, u64) {
    match event {
        FrameEvent::Header { header, offset } => (FrameEventKind::Header(header), offset),
        FrameEvent::Payload { bytes, offset } => (FrameEventKind::Payload(bytes.to_vec()), offset),
        FrameEvent::End { offset } => (FrameEventKind::End, offset),
    }
}

fn decoded(chunks: &[&[u8]]) -> Vec<(FrameEventKind, u64)> {
    let mut decoder = FrameDecoder::new();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.feed(chunk, |event| events.push(own(event)));
    }
    joined(events)
}

fn decoded_in_place(chunks: &[&[u8]]) -> Vec<(FrameEventKind, u64)> {
    let mut decoder = FrameDecoder::new();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.feed_in_place(&mut chunk.to_vec(), |event| events.push(own(event)));
    }
    joined(events)
}

/// `bytes` cut into chunks of these sizes, over and over.
fn cut<'a>(bytes: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let (mut chunks, mut rest) = (Vec::new(), bytes);
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, more) = rest.split_at((*size).min(rest.len()));
        chunks.push(chunk);
        rest = more;
    }
    chunks
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Server), Just(Role::Client)]
}

fn opcode() -> impl Strategy<Value = Opcode> {
    (0..16_u8).prop_map(|value| Opcode::new(value).unwrap())
}

prop_compose! {
    fn header()(
        fin: bool, rsv in 0..8_u8, opcode in opcode(), masking_key in any::<Option<[u8; 4]>>(),
        bits in 0..65_u32, length: u64, wider in 0..3_u8,
    ) -> FrameHeader {
        let length = length.checked_shr(bits).unwrap_or(0);
        let minimal = LengthForm::minimal(length);
        let length_form = match wider {
            0 => minimal,
            1 => minimal.max(LengthForm::Sixteen),
            _ => LengthForm::SixtyFour,
        };
        FrameHeader { fin, rsv, opcode, masking_key, length, length_form }
    }
}

prop_compose! {
    /// A short frame with its payload, mostly of the usual kinds, so that sequences get far.
    fn frame()(
        fin: bool,
        rsv in prop_oneof![9 => Just(0_u8), 1 => 0..8_u8],
        opcode in prop_oneof![
            4 => (0..3_u8).prop_map(|value| Opcode::new(value).unwrap()),
            2 => (8..11_u8).prop_map(|value| Opcode::new(value).unwrap()),
            1 => opcode(),
        ],
        masking_key in any::<Option<[u8; 4]>>(),
        payload in prop_oneof![
            vec(any::<u8>(), 0..30),
            any::<String>().prop_map(String::into_bytes),
            vec(any::<u8>(), 120..140),
            (900..5100_u16, any::<String>()).prop_map(|(code, reason)| [&code.to_be_bytes(), reason.as_bytes()].concat()),
        ],
        wider in 0..12_u8,
    ) -> Vec<u8> {
        let minimal = LengthForm::minimal(payload.len() as u64);
        let length_form = if wider == 0 { LengthForm::SixtyFour } else { minimal };
        let header = FrameHeader { fin, rsv, opcode, masking_key, length: payload.len() as u64, length_form };
        encoded(&header, &payload)
    }
}

fn encoded(header: &FrameHeader, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    assert_eq!(bytes.len(), header.len());
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(key) = header.masking_key {
        mask(key, 0, &mut bytes[start..]);
    }
    bytes
}

/// A stream of frames, cut anywhere, sometimes followed by noise.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    (vec(frame(), 0..12), vec(any::<u8>(), 0..20), 0..30_usize).prop_map(|(frames, noise, less)| {
        let mut bytes = frames.concat();
        bytes.truncate(bytes.len().saturating_sub(less));
        bytes.extend(noise);
        bytes
    })
}

proptest! {
    #[test]
    fn a_header_survives_encoding(header in header(), rest in vec(any::<u8>(), 0..4)) {
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        for end in 0..bytes.len() {
            let Parsed::Partial { needed } = FrameHeader::parse(&bytes[..end]) else {
                return Err(TestCaseError::fail("a cut header is complete"));
            };
            prop_assert!(needed > 0 && end + needed <= bytes.len());
        }
        let len = bytes.len();
        bytes.extend(rest);
        prop_assert_eq!(FrameHeader::parse(&bytes), Parsed::Complete((header, len)));
    }

    #[test]
    fn any_bytes_are_a_header_that_encodes_back(bytes: [u8; 14]) {
        let Parsed::Complete((header, len)) = FrameHeader::parse(&bytes) else {
            return Err(TestCaseError::fail("fourteen bytes are always enough"));
        };
        let mut encoded = Vec::new();
        header.encode(&mut encoded);
        prop_assert_eq!(&encoded[..], &bytes[..len]);
    }

    #[test]
    fn masking_is_its_definition(key: [u8; 4], bytes in vec(any::<u8>(), 0..100), at in 0..100_usize) {
        let expected: Vec<u8> = bytes.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
        let mut masked = bytes.clone();
        let at = at.min(bytes.len());
        let (first, rest) = masked.split_at_mut(at);
        mask(key, 0, first);
        mask(key, at as u64, rest);
        prop_assert_eq!(masked, expected);
    }

    #[test]
    fn chunks_do_not_change_frames(bytes in stream(), sizes in vec(1..40_usize, 1..5)) {
        let chunks = cut(&bytes, &sizes);
        let whole = decoded(&[&bytes]);
        prop_assert_eq!(&decoded(&chunks), &whole);
        prop_assert_eq!(&decoded_in_place(&chunks), &whole);
    }

    #[test]
    fn decoded_frames_encode_back(bytes in stream()) {
        let mut decoder = FrameDecoder::new();
        let mut back = Vec::new();
        let (mut key, mut start) = (None, 0);
        decoder.feed(&bytes, |event| match event {
            FrameEvent::Header { header, offset } => {
                assert_eq!(offset, back.len() as u64);
                header.encode(&mut back);
                (key, start) = (header.masking_key, back.len());
            }
            FrameEvent::Payload { bytes, offset } => {
                assert_eq!(offset, back.len() as u64);
                let at = back.len();
                back.extend_from_slice(bytes);
                if let Some(key) = key {
                    mask(key, (at - start) as u64, &mut back[at..]);
                }
            }
            FrameEvent::End { offset } => assert_eq!(offset, back.len() as u64),
        });
        back.extend_from_slice(decoder.unfinished_header());
        prop_assert_eq!(back, bytes);
    }

    #[test]
    fn chunks_do_not_change_judgements(
        bytes in stream(), sizes in vec(1..40_usize, 1..5), from in role(), rsv in 0..8_u8, tight: bool,
    ) {
        let limits = if tight { LIMITS } else { SessionLimits::default() };
        let whole = session_events(from, rsv, limits, &[&bytes]);
        prop_assert_eq!(session_events(from, rsv, limits, &cut(&bytes, &sizes)), whole);
    }

    #[test]
    fn payloads_stay_within_their_limits(bytes in stream(), sizes in vec(1..40_usize, 1..5), from in role()) {
        let mut session = Session::new(from, LIMITS);
        for chunk in cut(&bytes, &sizes) {
            session.feed(chunk, |event| match event {
                SessionEvent::Message(message) => {
                    assert_eq!(message.payload.len() as u64, message.length.min(LIMITS.message));
                }
                // As much as a control frame may have is kept of it.
                SessionEvent::Ping { payload, .. } | SessionEvent::Pong { payload, .. } => {
                    assert!(payload.len() <= 125);
                }
                SessionEvent::Close(close) => assert!(close.body.len() <= 125),
                SessionEvent::Frame(frame) if frame.header.opcode.is_control() => {
                    assert_eq!(frame.payload.len() as u64, frame.header.length.min(125));
                }
                SessionEvent::Frame(frame) => assert!(frame.payload.len() as u64 <= LIMITS.message),
                SessionEvent::Violation(_) | SessionEvent::Abandoned(_) | SessionEvent::LimitReached { .. } => {}
            });
        }
    }

    #[test]
    fn utf8_is_that_of_the_standard_library(
        bytes in prop_oneof![
            vec(any::<u8>(), 0..12),
            any::<String>().prop_map(String::into_bytes),
            (any::<String>(), vec(any::<u8>(), 0..4), any::<String>())
                .prop_map(|(a, b, c)| [a.as_bytes(), &b, c.as_bytes()].concat()),
            vec(prop_oneof![Just(0xe2_u8), Just(0x82), Just(0xf0), Just(0x9f), Just(0xc3), Just(0x61)], 0..10),
        ],
        sizes in vec(1..6_usize, 1..4),
    ) {
        let mut check = Utf8Check::new();
        let mut offset = 0;
        for chunk in cut(&bytes, &sizes) {
            check.feed(chunk, offset);
            offset += chunk.len() as u64;
        }
        let expected = std::str::from_utf8(&bytes).err();
        prop_assert_eq!(check.finish(), expected.map(|error| error.valid_up_to() as u64));
        let sure = expected.filter(|error| error.error_len().is_some());
        prop_assert_eq!(check.fault(), sure.map(|error| error.valid_up_to() as u64));
    }

    #[test]
    fn what_was_sent_soundly_is_received(
        messages in vec((any::<bool>(), any::<String>(), vec(0..9_usize, 1..4), any::<[u8; 4]>()), 0..6),
        from in role(), sizes in vec(1..40_usize, 1..5),
    ) {
        let mut bytes = Vec::new();
        for (binary, text, sizes, key) in &messages {
            let pieces: Vec<&[u8]> = match cut(text.as_bytes(), &sizes.iter().map(|size| size + 1).collect::<Vec<_>>()) {
                pieces if pieces.is_empty() => vec![&[]],
                pieces => pieces,
            };
            for (index, piece) in pieces.iter().enumerate() {
                let opcode = match (index, binary) {
                    (0, false) => Opcode::TEXT,
                    (0, true) => Opcode::BINARY,
                    _ => Opcode::CONTINUATION,
                };
                let header = FrameHeader {
                    fin: index + 1 == pieces.len(),
                    masking_key: (from == Role::Client).then_some(*key),
                    ..FrameHeader::new(opcode, piece.len() as u64)
                };
                bytes.extend(encoded(&header, piece));
                let ping = FrameHeader { masking_key: header.masking_key, ..FrameHeader::new(Opcode::PING, 2) };
                bytes.extend(encoded(&ping, b"hi"));
            }
        }
        let mut session = Session::new(from, SessionLimits::default());
        let mut received = Vec::new();
        for chunk in cut(&bytes, &sizes) {
            session.feed(chunk, |event| match event {
                SessionEvent::Message(message) => {
                    received.push((message.opcode == Opcode::BINARY, message.payload.to_vec()));
                }
                SessionEvent::Ping { payload, .. } => assert_eq!(payload, b"hi"),
                SessionEvent::Frame(_) => {}
                other => panic!("{other:?}"),
            });
        }
        let sent: Vec<_> = messages.into_iter().map(|(binary, text, ..)| (binary, text.into_bytes())).collect();
        prop_assert_eq!(received, sent);
        prop_assert!(session.is_idle());
    }
}

/// What the everyday decoder tells, and where it stops.
fn everyday(from: Role, chunks: &[&[u8]]) -> (Vec<String>, Option<ProtocolError>) {
    let mut decoder = MessageDecoder::new(from, LIMITS.message);
    let mut told = Vec::new();
    let mut result = Ok(());
    for chunk in chunks {
        result = decoder.feed(chunk, |incoming| told.push(format!("{incoming:?}")));
    }
    (told, result.err())
}

proptest! {
    #[test]
    fn the_everyday_decoder_tells_what_comes_before_the_first_fault(
        bytes in stream(), sizes in vec(1..40_usize, 1..5), from in role(),
    ) {
        let (told, error) = everyday(from, &[&bytes]);
        prop_assert_eq!(&everyday(from, &cut(&bytes, &sizes)), &(told.clone(), error));

        let mut faults = Vec::new();
        let mut sound = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Session::new(from, SessionLimits { frame: 125, ..LIMITS }).feed(&bytes, |event| match event {
            SessionEvent::Violation(finding) => faults.push(ProtocolError::Violation(finding)),
            SessionEvent::LimitReached { offset } => faults.push(ProtocolError::TooLong { offset }),
            _ if !faults.is_empty() => {}
            SessionEvent::Message(message) if message.opcode == Opcode::TEXT => {
                sound.push(format!("Text({:?})", text(message.payload)));
            }
            SessionEvent::Message(message) => sound.push(format!("Binary({:?})", message.payload)),
            SessionEvent::Ping { payload, .. } => sound.push(format!("Ping({payload:?})")),
            SessionEvent::Pong { payload, .. } => sound.push(format!("Pong({payload:?})")),
            SessionEvent::Close(close) => {
                sound.push(format!("Close({:?})", close.code.map(|code| (code, text(close.reason)))));
            }
            SessionEvent::Frame(_) | SessionEvent::Abandoned(_) => {}
        });
        match faults.first() {
            // The everyday decoder judges a text at its end, when control frames inside it were told.
            Some(ProtocolError::Violation(Finding { violation: Violation::TextNotUtf8, .. })) => {
                prop_assert!(told.starts_with(&sound));
            }
            first => prop_assert_eq!((told, error), (sound, first.copied())),
        }
    }
}

/// A peer that announces 2^63 - 1 bytes and sends them slowly must not be listened to until it is done.
#[test]
fn a_message_that_is_too_long_fails_at_the_header_that_says_so() {
    let limit = LIMITS.message;
    for first in [0, 1, limit] {
        let mut sent = encoded(
            &FrameHeader {
                fin: false,
                ..FrameHeader::new(Opcode::BINARY, first)
            },
            &vec![0; first as usize],
        );
        FrameHeader::new(Opcode::CONTINUATION, (1 << 63) - 1).encode(&mut sent);
        let expected = ProtocolError::TooLong {
            offset: sent.len() as u64 + limit - first,
        };
        let mut decoder = MessageDecoder::new(Role::Server, limit);
        for (at, byte) in sent.iter().enumerate() {
            let last = at + 1 == sent.len();
            let result = decoder.feed(&[*byte], |_| panic!("nothing is complete"));
            assert_eq!(result, if last { Err(expected) } else { Ok(()) });
        }
        assert_eq!(expected.close_code(), 1009);
    }
}

#[test]
fn the_place_of_a_limit_beyond_all_places_is_the_last() {
    let mut session = Session::new(
        Role::Server,
        SessionLimits {
            message: u64::MAX,
            ..LIMITS
        },
    );
    let mut places = Vec::new();
    session.feed(
        b"\x02\x01a\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
        |event| {
            if let SessionEvent::LimitReached { offset } = event {
                places.push(offset);
            }
        },
    );
    assert_eq!(places, [u64::MAX]);
}

/// Every way to cut a rich stream in two and in three.
#[test]
fn every_cut_gives_the_same_judgement() {
    let bytes = b"\x01\x02a\xe2\x89\x02hi\x00\x01\x82\x81\x01\xff\x80\x01\xac\xc2\x7e\x00\x02xy\x8a\x83\x01\x02\x03\x04\x60\x61\x62\
        \x03\x01z\x88\x04\x03\xedo\xff\x88\x01\x00\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff tail";
    for limits in [
        SessionLimits::default(),
        SessionLimits {
            message: 2,
            frame: 1,
        },
    ] {
        let whole = session_events(Role::Server, 0, limits, &[bytes]);
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let chunks = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(
                    session_events(Role::Server, 0, limits, &chunks),
                    whole,
                    "cut at {first} and {second}"
                );
            }
        }
    }
}

/// A Close is judged whole however little is kept of frames; one that is longer than may be, as far as one may be.
#[test]
fn a_close_is_judged_whole() {
    let none = SessionLimits { frame: 0, ..LIMITS };
    let reason = [&[b'a'; 122][..], b"\xff\xff"].concat();
    let rows = [
        (122, 124, None, vec![]),
        (123, 125, None, vec![(Violation::CloseReasonNotUtf8, 126)]),
        (
            124,
            125,
            Some(4 + 125),
            vec![
                (Violation::ControlTooLong, 0),
                (Violation::CloseReasonNotUtf8, 128),
            ],
        ),
    ];
    for (len, kept, limit, found) in rows {
        let body = [&[3, 0xe8], &reason[..len]].concat();
        let bytes = encoded(&FrameHeader::new(Opcode::CLOSE, body.len() as u64), &body);
        for size in [1, 7, bytes.len()] {
            let mut session = Session::new(Role::Server, none);
            let mut seen = (0, None, Vec::new());
            for chunk in bytes.chunks(size) {
                session.feed(chunk, |event| match event {
                    SessionEvent::Close(close) => seen.0 = close.body.len(),
                    SessionEvent::LimitReached { offset } => seen.1 = Some(offset),
                    SessionEvent::Violation(finding) => {
                        seen.2.push((finding.violation, finding.offset));
                    }
                    _ => {}
                });
            }
            let expected = (kept, limit, found.clone());
            assert_eq!(seen, expected, "{len} bytes in chunks of {size}");
        }
    }
}

/// A text is judged to its end however little of it is kept.
#[test]
fn what_is_not_kept_is_judged_all_the_same() {
    let payload = [&[b'a'; 20_000][..], b"\xff"].concat();
    for from in [Role::Server, Role::Client] {
        let masking_key = (from == Role::Client).then_some([1, 2, 3, 4]);
        let header = FrameHeader {
            masking_key,
            ..FrameHeader::new(Opcode::TEXT, payload.len() as u64)
        };
        let bytes = encoded(&header, &payload);
        let start = header.len() as u64;
        for size in [7, 5000, bytes.len()] {
            let mut session = Session::new(from, LIMITS);
            let mut seen = Vec::new();
            for chunk in bytes.chunks(size) {
                session.feed(chunk, |event| match event {
                    SessionEvent::LimitReached { offset } => seen.push(("limit", offset)),
                    SessionEvent::Violation(finding) => seen.push(("fault", finding.offset)),
                    SessionEvent::Message(message) => {
                        assert_eq!(message.payload, &payload[..LIMITS.message as usize]);
                        seen.push(("message", message.length));
                    }
                    _ => {}
                });
            }
            let expected = [
                ("limit", start + LIMITS.message),
                ("fault", start + 20_000),
                ("message", 20_001),
            ];
            assert_eq!(seen, expected, "{from:?} in chunks of {size}");
        }
    }
}

#[test]
fn positions_of_texts_go_round() {
    let mut check = Utf8Check::new();
    check.feed(b"ab\xc3", u64::MAX);
    assert_eq!(check.finish(), Some(1));
    check.feed(b"\xa9\xc3(", u64::MAX);
    assert_eq!(check.fault(), Some(0));
}
