//! `ws/*.json`: what one side sends → headers, messages, how it ends, violations.

use std::collections::BTreeSet;

use pushspec_parser::ws::{
    FrameDecoder, FrameEvent, FrameHeader, Incoming, LengthForm, MessageDecoder, Opcode, Role,
    Session, SessionEvent, SessionLimits,
};
use pushspec_parser::{Finding, Violation};
use serde::Deserialize;

use crate::cuts;
use crate::format::{Bytes, Fault, HexBytes, hex, judged, vectors};

/// The files of this form; others in the folder have forms of their own.
const FILES: [&str; 7] = [
    "headers",
    "lengths",
    "limits",
    "fragments",
    "utf8",
    "close",
    "deflate-frames",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    from: String,
    #[serde(default)]
    rsv: u8,
    #[serde(default)]
    deflate: bool,
    limit: Option<u64>,
    input: Bytes,
    headers: Option<Vec<Header>>,
    messages: Option<Vec<Message>>,
    fails: Option<u16>,
    #[serde(default)]
    violations: Vec<Fault>,
    together: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    offset: u64,
    fin: bool,
    rsv: u8,
    opcode: u8,
    masking_key: Option<String>,
    length: u64,
    length_bytes: u8,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Text(Text),
    Binary(Binary),
    Ping(Ping),
    Pong(Pong),
    Close(Close),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: Bytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Binary {
    binary: HexBytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ping {
    ping: HexBytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pong {
    pong: HexBytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Close {
    close: Option<u16>,
    reason: Option<String>,
}

impl Message {
    /// In words, to be compared.
    fn words(&self) -> String {
        match self {
            Message::Text(Text { text }) => words(Incoming::Text(&text.text())),
            Message::Binary(Binary { binary }) => words(Incoming::Binary(&binary.bytes())),
            Message::Ping(Ping { ping }) => words(Incoming::Ping(&ping.bytes())),
            Message::Pong(Pong { pong }) => words(Incoming::Pong(&pong.bytes())),
            Message::Close(Close { close, reason }) => words(Incoming::Close(
                close.map(|code| (code, reason.as_deref().unwrap_or_default())),
            )),
        }
    }
}

fn words(incoming: Incoming<'_>) -> String {
    format!("{incoming:?}")
}

judged!(Vector);

impl Vector {
    fn role(&self) -> Role {
        match &*self.from {
            "server" => Role::Server,
            "client" => Role::Client,
            other => panic!("{}: {other}", self.name),
        }
    }

    fn findings(&self) -> Vec<Finding> {
        self.violations.iter().map(Fault::finding).collect()
    }
}

#[test]
fn the_session_finds_exactly_the_violations_under_every_cut() {
    for vector in vectors::<Vector>("ws", &FILES) {
        let findings = vector.findings();
        cuts::each(&vector.input.bytes(), |chunks| {
            let limits = SessionLimits::default();
            let mut session = Session::new(vector.role(), limits).with_allowed_rsv(vector.rsv);
            let mut found = Vec::new();
            let mut on = |event: SessionEvent<'_>| {
                if let SessionEvent::Violation(finding) = event {
                    found.push(finding);
                }
            };
            for chunk in chunks {
                session.feed(chunk, &mut on);
            }
            session.finish(&mut on);
            assert_eq!(found, findings, "{}", vector.name);
        });
    }
}

#[test]
fn the_everyday_level_tells_the_messages_up_to_the_first_fault_under_every_cut() {
    for vector in vectors::<Vector>("ws", &FILES) {
        let told = vector.rsv == 0 || vector.deflate;
        assert_eq!(vector.messages.is_some(), told, "{}", vector.name);
        if vector.deflate && !cfg!(feature = "deflate") {
            continue;
        }
        let Some(messages) = &vector.messages else {
            continue;
        };
        let messages: Vec<String> = messages.iter().map(Message::words).collect();
        cuts::each(&vector.input.bytes(), |chunks| {
            let mut decoder = decoder(&vector);
            let mut seen = Vec::new();
            let mut fails = None;
            for chunk in chunks {
                let fed = decoder.feed(chunk, |incoming| seen.push(words(incoming)));
                fails = fed.err().map(|error| error.close_code());
            }
            assert_eq!(seen, messages, "{}", vector.name);
            assert_eq!(fails, vector.fails, "{}", vector.name);
        });
    }
}

fn decoder(vector: &Vector) -> MessageDecoder {
    let limit = vector.limit.unwrap_or(u64::MAX);
    #[cfg(feature = "deflate")]
    if vector.deflate {
        let direction = pushspec_parser::ws::deflate::Direction::default();
        return MessageDecoder::with_deflate(vector.role(), limit, direction);
    }
    MessageDecoder::new(vector.role(), limit)
}

#[test]
fn headers_are_as_told_and_encode_back_under_every_cut() {
    for vector in vectors::<Vector>("ws", &FILES) {
        let Some(headers) = &vector.headers else {
            continue;
        };
        let headers: Vec<(u64, FrameHeader)> = headers.iter().map(header).collect();
        let input = vector.input.bytes();
        cuts::each(&input, |chunks| {
            let mut decoder = FrameDecoder::new();
            let mut seen = Vec::new();
            for chunk in chunks {
                decoder.feed(chunk, |event| {
                    if let FrameEvent::Header { header, offset } = event {
                        seen.push((offset, header));
                    }
                });
            }
            assert_eq!(seen, headers, "{}", vector.name);
        });
        for (offset, header) in headers {
            let mut bytes = Vec::new();
            header.encode(&mut bytes);
            assert!(
                input[offset as usize..].starts_with(&bytes),
                "{}",
                vector.name
            );
        }
    }
}

fn header(header: &Header) -> (u64, FrameHeader) {
    let key = header
        .masking_key
        .as_ref()
        .map(|key| hex(key).try_into().expect("four bytes"));
    let value = FrameHeader {
        fin: header.fin,
        rsv: header.rsv,
        opcode: Opcode::new(header.opcode).expect("four bits"),
        masking_key: key,
        length: header.length,
        length_form: match header.length_bytes {
            1 => LengthForm::Short,
            3 => LengthForm::Sixteen,
            9 => LengthForm::SixtyFour,
            other => panic!("a length of {other} bytes"),
        },
    };
    (header.offset, value)
}

#[test]
fn each_violation_is_seen() {
    let seen: BTreeSet<Violation> = vectors::<Vector>("ws", &FILES)
        .iter()
        .flat_map(Vector::findings)
        .map(|finding| finding.violation)
        .collect();
    let http = Violation::ALL
        .iter()
        .position(|&violation| violation == Violation::HttpStatusLine);
    let all: BTreeSet<Violation> = Violation::ALL[..http.unwrap()].iter().copied().collect();
    assert_eq!(seen, all);
}
