//! Agreement with an independent implementation, tungstenite: the same messages as far as both accept.

#![no_main]

use std::io::{self, Read, Write};

use libfuzzer_sys::fuzz_target;
use pushspec_fuzz::cut;
use pushspec_parser::ws::{Incoming, MessageDecoder, Role};
use tungstenite::protocol::{Role as Side, WebSocket};
use tungstenite::{Error, Message};

/// A connection on which everything was received, and everything sent is lost.
struct Received<'a>(&'a [u8]);

impl Read for Received<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Received<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

/// Everything up to the first fault or Close, and whether there was a fault.
fn ours(from: Role, data: &[u8]) -> (Vec<Told>, bool) {
    let mut decoder = MessageDecoder::new(from, 1 << 20);
    let mut told = Vec::new();
    let mut closed = false;
    let mut failed = false;
    for chunk in cut(data) {
        let fed = decoder.feed(chunk, |incoming| {
            if !closed {
                closed = matches!(incoming, Incoming::Close(_));
                told.push(match incoming {
                    Incoming::Text(text) => Told::Text(text.to_owned()),
                    Incoming::Binary(bytes) => Told::Binary(bytes.to_vec()),
                    Incoming::Ping(bytes) => Told::Ping(bytes.to_vec()),
                    Incoming::Pong(bytes) => Told::Pong(bytes.to_vec()),
                    Incoming::Close(close) => {
                        Told::Close(close.map(|(code, reason)| (code, reason.to_owned())))
                    }
                });
            }
        });
        failed = fed.is_err() && !closed;
        if closed || failed {
            break;
        }
    }
    (told, failed)
}

fn theirs(from: Role, data: &[u8]) -> (Vec<Told>, bool) {
    let side = match from {
        Role::Server => Side::Client,
        Role::Client => Side::Server,
    };
    let mut socket = WebSocket::from_raw_socket(Received(data), side, None);
    let mut told = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => told.push(Told::Text(text.as_str().to_owned())),
            Ok(Message::Binary(bytes)) => told.push(Told::Binary(bytes.to_vec())),
            Ok(Message::Ping(bytes)) => told.push(Told::Ping(bytes.to_vec())),
            Ok(Message::Pong(bytes)) => told.push(Told::Pong(bytes.to_vec())),
            // What they say of a Close that they do not accept, such as one with code 5000, of which no document speaks.
            Ok(Message::Close(Some(close))) if close.reason.as_str() == "Protocol violation" => {
                return (told, true);
            }
            Ok(Message::Close(close)) => {
                let close =
                    close.map(|close| (close.code.into(), close.reason.as_str().to_owned()));
                told.push(Told::Close(close));
                return (told, false);
            }
            Ok(Message::Frame(_)) => unreachable!("never read"),
            Err(error) => {
                let ended = matches!(
                    error,
                    Error::Protocol(
                        tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
                    ) | Error::ConnectionClosed
                        | Error::Io(_)
                );
                return (told, !ended);
            }
        }
    }
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
    let (ours, we_failed) = ours(from, data);
    let (theirs, they_failed) = theirs(from, data);
    let both = ours.len().min(theirs.len());
    assert_eq!(ours[..both], theirs[..both]);
    if !we_failed && !they_failed {
        assert_eq!(ours, theirs);
    }
});
