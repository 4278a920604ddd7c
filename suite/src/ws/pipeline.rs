//! Many compressed messages to an echo endpoint, several on the way at a time. Made, sent and compared as they go; nothing of
//! them is kept, and what came of it is on record.
//!
//! Only so much is on the way that an endpoint need not queue more than it can say next: what is to be kept busy is the
//! target's compression, not its memory.

use super::bulk::BEHIND;
use super::compression::Compression;
use super::conversation::Conversation;
use super::frame::Frame;
use crate::stage::Stage;
use crate::transcript::{Came, End, Streamed};
use crate::transport::{Wire, end_of};
use pushspec_parser::ws::deflate::{Compressor, Decompressor, InflateError, InflateFault};
use pushspec_parser::ws::{Opcode, RSV1, Role, Session, SessionEvent, SessionLimits};
use pushspec_parser::{Finding, Violation};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until};

/// About what is written at once, and what is read at once.
const AT_ONCE: usize = 64 * 1024;

/// Bytes of messages on the way, before they are compressed.
const ON_THE_WAY: usize = 512 * 1024;

/// How many messages those are, at least and at most.
const MESSAGES_ON_THE_WAY: (u64, u64) = (4, 256);

/// Messages to an echo endpoint, cut from one text or file after another.
#[derive(Debug, Clone, Copy)]
pub struct Pipeline<'a> {
    /// Text or binary.
    pub opcode: Opcode,
    /// What the messages are cut from, over and over; longer than one of them.
    pub source: &'a [u8],
    /// How many messages.
    pub messages: u64,
    /// The bytes of each; of a text a few less where a character would be cut.
    pub size: usize,
    /// The bytes of each frame, once compressed; none for one frame.
    pub fragment: Option<usize>,
}

impl Pipeline<'_> {
    /// Sends everything on a connection of its own with this offer, and ends that. What came of it; none where the target
    /// does not compress, or did not get that far.
    pub async fn stream(&self, stage: &Stage, label: &'static str, offer: &str) -> Option<Came> {
        let mut conversation = Conversation::open_compressed(stage, label, offer).await;
        let compression = conversation.heard().compression?;
        if compression.answer.is_err() || conversation.heard().is_ending() {
            return None;
        }
        let timing = stage.setting.timing;
        let link = conversation.link();
        let began = Instant::now();
        let (read, write) = tokio::io::split(link.wire()?);
        let mut sides = Sides {
            read,
            write,
            patience: timing.patience,
            waiting: Vec::new(),
            at: 0,
            takes: true,
            flushed: true,
            sent: 0,
            asked: false,
            saying: Saying {
                cut: Cut::of(self),
                compressor: compression.compressor(),
                fragment: self.fragment,
                keys: stage.random(label),
            },
            heard: Heard::new(self, &compression),
        };
        let came = sides.run(self).await;
        if came == Came::All {
            sides.end(timing.parting).await;
        }
        let streamed = Streamed {
            messages: sides.heard.messages,
            sent: sides.sent,
            came: came.clone(),
            elapsed: began.elapsed(),
        };
        drop(sides);
        link.record_streamed(streamed);
        Some(came)
    }
}

/// One message after another, cut from the source.
#[derive(Debug, Clone)]
struct Cut<'a> {
    opcode: Opcode,
    source: &'a [u8],
    size: usize,
    at: usize,
}

impl<'a> Cut<'a> {
    fn of(pipeline: &Pipeline<'a>) -> Self {
        Self {
            opcode: pipeline.opcode,
            source: pipeline.source,
            size: pipeline.size,
            at: 0,
        }
    }

    /// The next message. Where the source ends, the next begins at its beginning.
    fn next(&mut self) -> &'a [u8] {
        if self.at + self.size > self.source.len() {
            self.at = 0;
        }
        let mut end = self.at + self.size;
        if self.opcode == Opcode::TEXT {
            let inside =
                |&end: &usize| self.source.get(end).is_some_and(|byte| byte & 0xc0 == 0x80);
            while inside(&end) {
                end -= 1;
            }
        }
        let message = &self.source[self.at..end];
        self.at = end;
        message
    }
}

/// Both sides of the connection.
struct Sides<'a> {
    read: ReadHalf<&'a mut Box<dyn Wire>>,
    write: WriteHalf<&'a mut Box<dyn Wire>>,
    patience: Duration,
    /// What is to be written, from `at` on.
    waiting: Vec<u8>,
    at: usize,
    /// Whether the target still takes anything.
    takes: bool,
    /// Whether nothing that was written may still stand in a buffer of TLS.
    flushed: bool,
    sent: u64,
    /// Whether a ping asks if what was said was read.
    asked: bool,
    saying: Saying<'a>,
    heard: Heard<'a>,
}

impl Sides<'_> {
    /// Says and hears until all messages came back, or something else did.
    async fn run(&mut self, pipeline: &Pipeline<'_>) -> Came {
        let (least, most) = MESSAGES_ON_THE_WAY;
        let ahead = ((ON_THE_WAY / pipeline.size.max(1)) as u64).clamp(least, most);
        let mut buffer = vec![0; AT_ONCE];
        let mut said = 0;
        let mut until = Instant::now() + self.patience;
        loop {
            if let Some(came) = self.heard.otherwise.take() {
                return came;
            }
            if self.heard.messages == pipeline.messages {
                return Came::All;
            }
            let due = pipeline.messages.min(self.heard.messages + ahead);
            while said < due && self.waiting.len() < AT_ONCE {
                self.saying.message(&mut self.waiting);
                said += 1;
            }
            for ping in self.heard.pings.drain(..) {
                self.saying.frame(&Frame::pong(ping), &mut self.waiting);
            }
            let rest = &self.waiting[self.at..];
            let write = &mut self.write;
            let put = async {
                match rest {
                    [] => write.flush().await.map(|()| None),
                    rest => write.write(rest).await.map(Some),
                }
            };
            tokio::select! {
                read = self.read.read(&mut buffer) => match read {
                    Ok(0) => return Came::Ended(End::Fin),
                    Err(error) => return Came::Ended(end_of(&error)),
                    Ok(count) => self.heard.feed(&buffer[..count]),
                },
                put = put, if self.takes && !(self.flushed && rest.is_empty()) => match put {
                    // What the target says before it goes tells more than that it takes nothing.
                    Ok(Some(0)) | Err(_) => self.takes = false,
                    Ok(Some(count)) => self.took(count),
                    Ok(None) => self.flushed = true,
                },
                () = sleep_until(until) => {
                    match (self.waiting.is_empty(), self.asked, self.heard.ponged) {
                        (false, _, _) => return Came::Stuck,
                        (true, true, true) => return Came::Passed,
                        (true, true, false) => return Came::Silence,
                        (true, false, _) => {
                            self.saying.frame(&Frame::ping(BEHIND), &mut self.waiting);
                            self.asked = true;
                        }
                    }
                }
            }
            until = Instant::now() + self.patience;
        }
    }

    fn took(&mut self, count: usize) {
        self.sent += count as u64;
        self.at += count;
        self.flushed = false;
        if self.at == self.waiting.len() {
            self.waiting.clear();
            self.at = 0;
        }
    }

    /// Says good-bye, and hears until the end.
    async fn end(&mut self, parting: Duration) {
        let until = Instant::now() + parting;
        let mut buffer = vec![0; AT_ONCE];
        let mut bytes = Vec::new();
        self.saying.frame(&Frame::close(1000, ""), &mut bytes);
        let part = async {
            let _ = self.write.write_all(&bytes).await;
            let _ = self.write.flush().await;
            while let Ok(1..) = self.read.read(&mut buffer).await {}
        };
        let _ = tokio::time::timeout_at(until, part).await;
    }
}

/// What is said.
struct Saying<'a> {
    cut: Cut<'a>,
    compressor: Compressor,
    fragment: Option<usize>,
    keys: ChaCha8Rng,
}

impl Saying<'_> {
    /// Adds the frames of the next message.
    fn message(&mut self, out: &mut Vec<u8>) {
        let payload = self.compressor.compress(self.cut.next());
        let size = self.fragment.unwrap_or(payload.len());
        let last = payload.len().div_ceil(size) - 1;
        for (index, piece) in payload.chunks(size).enumerate() {
            let frame = match index {
                0 => Frame::new(self.cut.opcode, piece).compressed(),
                _ => Frame::continuation(piece),
            };
            let frame = match index == last {
                true => frame,
                false => frame.unfinished(),
            };
            frame.encode(key(&mut self.keys), out);
        }
    }

    fn frame(&mut self, frame: &Frame, out: &mut Vec<u8>) {
        frame.encode(key(&mut self.keys), out);
    }
}

fn key(keys: &mut ChaCha8Rng) -> [u8; 4] {
    let mut key = [0; 4];
    keys.fill_bytes(&mut key);
    key
}

/// What was heard of the echoes, held against what was said.
struct Heard<'a> {
    cut: Cut<'a>,
    session: Session,
    decompressor: Decompressor,
    /// Whole messages that came back.
    messages: u64,
    /// Pings that are not answered yet.
    pings: Vec<Vec<u8>>,
    /// Whether the ping that asks was answered.
    ponged: bool,
    otherwise: Option<Came>,
}

impl<'a> Heard<'a> {
    fn new(pipeline: &Pipeline<'a>, compression: &Compression) -> Self {
        let limits = SessionLimits {
            // Twice, for what cannot be compressed.
            message: 2 * pipeline.size as u64 + AT_ONCE as u64,
            ..SessionLimits::default()
        };
        Self {
            cut: Cut::of(pipeline),
            session: Session::new(Role::Server, limits).with_allowed_rsv(RSV1),
            decompressor: Decompressor::new(compression.agreed().server, pipeline.size),
            messages: 0,
            pings: Vec::new(),
            ponged: false,
            otherwise: None,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let Self {
            cut,
            session,
            decompressor,
            messages,
            pings,
            ponged,
            otherwise,
        } = self;
        session.feed(bytes, |event| {
            if otherwise.is_some() {
                return;
            }
            match event {
                SessionEvent::Message(message) => {
                    let due = cut.next();
                    let payload = match message.rsv {
                        0 => Ok(message.payload),
                        _ => decompressor.decompress(message.payload),
                    };
                    *otherwise = match payload {
                        Ok(payload) if payload == due && message.opcode == cut.opcode => None,
                        Ok(payload) => Some(changed(payload, due)),
                        Err(error) => Some(broken(error, due)),
                    };
                    *messages += u64::from(otherwise.is_none());
                }
                SessionEvent::Ping { payload, .. } => pings.push(payload.to_vec()),
                SessionEvent::Close(close) => *otherwise = Some(Came::Closed(close.code)),
                // The message in it is right; that the target wastes lengths, passive checks tell of every other connection.
                SessionEvent::Violation(Finding {
                    violation: Violation::LengthNotMinimal,
                    ..
                }) => {}
                SessionEvent::Violation(finding) => {
                    *otherwise = Some(Came::Unsound(finding.violation));
                }
                SessionEvent::LimitReached { .. } | SessionEvent::Abandoned(_) => {
                    *otherwise = Some(Came::Changed { byte: 0 });
                }
                SessionEvent::Pong { payload, .. } => *ponged |= payload == BEHIND,
                SessionEvent::Frame(_) => {}
            }
        });
    }
}

fn changed(payload: &[u8], due: &[u8]) -> Came {
    let same = payload.iter().zip(due).take_while(|(a, b)| a == b);
    Came::Changed {
        byte: same.count() as u64,
    }
}

fn broken(error: InflateError, due: &[u8]) -> Came {
    match error.fault {
        InflateFault::TooLong => Came::Changed {
            byte: due.len() as u64,
        },
        fault => Came::Broken(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(opcode: Opcode, source: &str, size: usize, count: usize) -> Vec<&str> {
        let mut cut = Cut {
            opcode,
            source: source.as_bytes(),
            size,
            at: 0,
        };
        let mut next = || str::from_utf8(cut.next()).expect("whole characters");
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn the_source_is_cut_over_and_over() {
        assert_eq!(
            cuts(Opcode::BINARY, "abcdefg", 3, 4),
            ["abc", "def", "abc", "def"]
        );
    }

    #[test]
    fn no_character_of_a_text_is_cut() {
        assert_eq!(cuts(Opcode::TEXT, "aäbüc", 2, 5), ["a", "ä", "b", "ü", "a"]);
    }

    #[test]
    fn what_came_instead_is_told_with_its_place() {
        assert_eq!(changed(b"abx", b"abc"), Came::Changed { byte: 2 });
        assert_eq!(changed(b"ab", b"abc"), Came::Changed { byte: 2 });
    }
}
