//! The bytes of a connection without secrets: also without those that lie behind a mask, between frames or chunks, or
//! within what is compressed. How a report shows the rest is not known here.

use super::evidence::head_len;
use crate::http::{Coding, Replies, Reply};
use crate::secrets::Secrets;
use crate::transcript::Connection;
use crate::ws::Dialogue;
use crate::ws::compression::{Inflated, Inflater};
use pushspec_parser::ws::{FrameDecoder, FrameEvent, RSV1};
use pushspec_reports::Direction;

/// Bytes of a coded body that are looked at once they are decoded.
const LOOKED_AT: usize = 1 << 20;

/// What went one way, as it may be shown.
pub(super) struct Blotted {
    /// As many bytes as went, secrets overwritten.
    pub(super) bytes: Vec<u8>,
    /// Where bodies and messages begin that were overwritten whole, because they hold a secret once they are decoded.
    pub(super) left_out: Vec<usize>,
}

/// All bytes that went one way, secrets overwritten: in a whole stream one that was cut into segments is found too.
pub(super) fn blotted(connection: &Connection, direction: Direction, secrets: &Secrets) -> Blotted {
    let bytes = match direction {
        Direction::Sent => connection.sent(),
        Direction::Received => connection.received(),
    };
    let mut blotted = Blotted {
        bytes,
        left_out: Vec::new(),
    };
    if secrets.is_empty() {
        return blotted;
    }
    if direction == Direction::Sent {
        secrets.overwrite_body(&mut blotted.bytes);
    }
    secrets.overwrite(&mut blotted.bytes);
    let dialogue = Dialogue::of(connection);
    match direction {
        Direction::Sent if dialogue.is_open() => {
            let sent = connection.sent();
            blotted.messages(&sent, head_len(&sent), None, secrets);
        }
        Direction::Received if dialogue.is_open() => {
            let inflater = dialogue.compression;
            let inflater = inflater.map(|agreed| Inflater::new(agreed.agreed().server));
            let start = dialogue.frames_start() as usize;
            blotted.messages(&connection.received(), start, inflater, secrets);
        }
        // What we sent stands there as we put it together.
        Direction::Sent => {}
        Direction::Received => {
            for reply in Replies::of(connection, &[]).replies {
                blotted.body(&reply, secrets);
            }
        }
    }
    blotted
}

impl Blotted {
    /// What the payload of messages and of control frames holds.
    fn messages(
        &mut self,
        stream: &[u8],
        start: usize,
        mut inflater: Option<Inflater>,
        secrets: &Secrets,
    ) {
        let mut message = Content::default();
        let mut control = Content::default();
        let (mut compressed, mut ends, mut is_control) = (false, false, false);
        let mut decoder = FrameDecoder::new();
        decoder.feed(&stream[start..], |event| match event {
            FrameEvent::Header { header, .. } => {
                is_control = header.opcode.is_control();
                ends = header.fin;
                if !is_control && message.bytes.is_empty() {
                    compressed = header.rsv & RSV1 != 0;
                }
            }
            FrameEvent::Payload { bytes, offset } => {
                let content = if is_control {
                    &mut control
                } else {
                    &mut message
                };
                content.add(bytes, start + offset as usize);
            }
            FrameEvent::End { .. } if is_control => {
                self.content(&std::mem::take(&mut control), secrets);
            }
            FrameEvent::End { .. } if ends => {
                let message = std::mem::take(&mut message);
                match inflater.as_mut().filter(|_| compressed) {
                    Some(inflater) => match inflater.inflate(&message.bytes) {
                        Inflated::Payload(payload) => self.coded(&message, &payload, secrets),
                        Inflated::Broken(_) | Inflated::Beyond => {}
                    },
                    None => self.content(&message, secrets),
                }
            }
            FrameEvent::End { .. } => {}
        });
        // A frame that was cut short, or a message of which no last frame came.
        self.content(&control, secrets);
        self.content(&message, secrets);
    }

    /// What the body of a response holds.
    fn body(&mut self, reply: &Reply, secrets: &Secrets) {
        let mut content = Content::default();
        for piece in &reply.pieces {
            content.add(&piece.bytes, piece.offset as usize);
        }
        let coding = reply.head.first("content-encoding").and_then(Coding::named);
        match coding {
            Some(coding) => {
                let decoded = coding.decode(&[&content.bytes], LOOKED_AT);
                self.coded(&content, &decoded.bytes, secrets);
            }
            None => self.content(&content, secrets),
        }
    }

    /// Overwrites just the secrets of what is not compressed.
    fn content(&mut self, content: &Content, secrets: &Secrets) {
        for found in secrets.find(&content.bytes) {
            for &place in &content.places[found] {
                self.bytes[place] = b'*';
            }
        }
    }

    /// Overwrites all of what is compressed and holds a secret.
    fn coded(&mut self, content: &Content, decoded: &[u8], secrets: &Secrets) {
        if secrets.find(decoded).is_empty() {
            return;
        }
        self.left_out.extend(content.places.first());
        for &place in &content.places {
            self.bytes[place] = b'*';
        }
    }
}

/// Bytes that belong together, and where each lies in the stream.
#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Content {
    fn add(&mut self, bytes: &[u8], place: usize) {
        self.bytes.extend(bytes);
        self.places.extend(place..place + bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Event, What};
    use pushspec_parser::ws::deflate::{Compressor, Direction as Way};
    use std::time::Duration;

    const SECRET: &str = "hunter2-secret-aa";
    const ASKED: &[u8] = b"GET / HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    const SWITCHED: &[u8] =
        b"HTTP/1.1 101 x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

    fn shown(sent: &[&[u8]], received: &[&[u8]]) -> (Blotted, Blotted) {
        let (sent, received) = (sent.concat(), received.concat());
        let what = [What::Sent(sent.into()), What::Received(received.into())];
        let events = what.map(|what| Event {
            at: Duration::ZERO,
            what,
        });
        let connection = Connection {
            label: "main",
            events: events.into(),
        };
        let secrets = Secrets::of([SECRET].into_iter(), std::iter::empty());
        let way = |direction| blotted(&connection, direction, &secrets);
        (way(Direction::Sent), way(Direction::Received))
    }

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        [&[first, payload.len() as u8], payload].concat()
    }

    #[test]
    fn a_mask_hides_nothing() {
        let key = [1, 2, 3, 4];
        let masked: Vec<u8> = format!("a {SECRET}!")
            .bytes()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key)
            .collect();
        let pong = [&[0x8a, 0x80 | masked.len() as u8][..], &key, &masked].concat();
        let (sent, _) = shown(&[ASKED, &pong], &[SWITCHED]);
        let payload = &sent.bytes[ASKED.len() + 6..];
        assert_eq!(payload[..2], masked[..2]);
        assert_eq!(payload[2..19], [b'*'; 17]);
        assert_eq!(payload[19..], masked[19..]);
    }

    #[test]
    fn nor_does_a_cut_between_frames_or_chunks() {
        let (begins, ends) = SECRET.as_bytes().split_at(9);
        let frames = [frame(0x01, begins), frame(0x89, b"x"), frame(0x80, ends)].concat();
        let (_, received) = shown(&[ASKED], &[SWITCHED, &frames]);
        assert_eq!(
            received.bytes[SWITCHED.len()..],
            *b"\x01\x09*********\x89\x01x\x80\x08********"
        );
        let head: &[u8] = b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunks = [b"9\r\n", begins, b"\r\n8\r\n", ends, b"\r\n"].concat();
        let (_, received) = shown(&[ASKED], &[head, &chunks]);
        assert_eq!(
            received.bytes[head.len()..],
            *b"9\r\n*********\r\n8\r\n********\r\n"
        );
        assert!(received.left_out.is_empty());
    }

    #[test]
    fn compressed_messages_that_hold_a_secret_are_left_out() {
        let mut compressor = Compressor::new(Way::default(), 6);
        let mut message = |text: &str| frame(0xc1, compressor.compress(text.as_bytes()));
        let (harmless, telling) = (message("nothing at all"), message(&SECRET.repeat(3)));
        let (_, received) = shown(&[ASKED], &[SWITCHED, &harmless, &telling]);
        let begins = SWITCHED.len() + harmless.len() + 2;
        assert_eq!(received.left_out, [begins]);
        assert!(received.bytes[begins..].iter().all(|&byte| byte == b'*'));
        assert_eq!(received.bytes[SWITCHED.len()..begins - 2], harmless);
    }

    #[test]
    fn coded_bodies_that_hold_a_secret_are_left_out() {
        let mut deflate = zlib_rs::Deflate::new(6, false, 15);
        let mut coded = vec![0; 256];
        let plain = format!("data: {SECRET}\n\n").repeat(3);
        let status = deflate.compress(
            plain.as_bytes(),
            &mut coded,
            zlib_rs::DeflateFlush::SyncFlush,
        );
        assert!(status.is_ok());
        coded.truncate(deflate.total_out() as usize);
        let head: &[u8] =
            b"HTTP/1.1 200 x\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03";
        let (_, received) = shown(&[ASKED], &[head, &coded]);
        assert_eq!(received.left_out, [head.len() - 10]);
        assert!(
            received.bytes[head.len() - 10..]
                .iter()
                .all(|&byte| byte == b'*')
        );
    }
}
