//! What the target said on one WebSocket connection, decoded: its response head, then its frames and messages, with
//! times, offsets and every violation. Made from a transcript alone, so that a driver that waits and a judge see the same.

use super::compression::{Compression, Inflated, Inflater, inflated};
use super::handshake::{Asked, switched_elsewhere};
use super::step::Step;
use crate::listening::View;
use crate::transcript::{Connection, End};
use pushspec_parser::http::{HeadLimits, HeadParse, ResponseHead};
use pushspec_parser::ws::deflate::InflateError;
use pushspec_parser::ws::{FrameHeader, Opcode, RSV1, Role, Session, SessionEvent, SessionLimits};
use pushspec_parser::{Finding, Violation};
use std::time::Duration;

/// Frames of one connection that are kept, whoever reads it: one of two bytes takes a hundred times as much here.
const MOST: usize = 8 * 1024;

/// What a frame takes, in bytes: without payload it is two on the wire, and many times that where it is kept.
const FRAME: usize = 96;

/// What else is made of a frame takes about so many, beside its payload.
const ENTRY: usize = 160;

/// The answer to the opening handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Not complete yet.
    Awaited,
    /// A response, whatever its status.
    Response {
        /// Its head.
        head: ResponseHead,
        /// When its last byte came.
        at: Duration,
        /// Where it begins: behind interim responses.
        offset: u64,
    },
    /// Not HTTP from this byte on.
    NotHttp {
        /// Bytes from the start of the connection.
        offset: u64,
    },
    /// A head beyond all bounds.
    TooLarge,
}

/// A frame as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardFrame {
    /// When its last byte came.
    pub at: Duration,
    /// Where it begins.
    pub offset: u64,
    /// Its header.
    pub header: FrameHeader,
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardMessage {
    /// When its last byte came.
    pub at: Duration,
    /// Where its first frame begins.
    pub offset: u64,
    /// Text or binary.
    pub opcode: Opcode,
    /// The payload; of a compressed message, what it stands for.
    pub payload: Vec<u8>,
    /// How many bytes of payload it took on the wire; none where it was not compressed.
    pub compressed: Option<u64>,
}

/// A compressed message that does not inflate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardBroken {
    /// When its last byte came.
    pub at: Duration,
    /// Where its first frame begins.
    pub offset: u64,
    /// Text or binary.
    pub opcode: Opcode,
    /// How many bytes of payload it has.
    pub length: u64,
    /// What is wrong with it.
    pub error: InflateError,
}

/// A ping or a pong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardControl {
    /// When its last byte came.
    pub at: Duration,
    /// Where it begins.
    pub offset: u64,
    /// The payload.
    pub payload: Vec<u8>,
}

/// A Close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardClose {
    /// When its last byte came.
    pub at: Duration,
    /// Where it begins.
    pub offset: u64,
    /// The code, where the body holds one.
    pub code: Option<u16>,
    /// The reason.
    pub reason: Vec<u8>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// All that the target said on one connection.
#[derive(Debug)]
pub struct Dialogue {
    /// The answer to the opening handshake.
    pub opened: Opened,
    /// Responses with status 1xx before it, 101 excepted.
    pub interim: Vec<ResponseHead>,
    /// Frames, in order, broken ones included.
    pub frames: Vec<HeardFrame>,
    /// Whole messages, in order.
    pub messages: Vec<HeardMessage>,
    /// Compressed messages that do not inflate, in order. Nothing compressed inflates behind the first.
    pub broken: Vec<HeardBroken>,
    /// Pings.
    pub pings: Vec<HeardControl>,
    /// Pongs.
    pub pongs: Vec<HeardControl>,
    /// Close frames: more than one is a violation.
    pub closes: Vec<HeardClose>,
    /// What breaks a rule in the frames; offsets from the start of the connection.
    pub findings: Vec<Finding>,
    /// How many bytes came behind the response head of a 101.
    pub frame_bytes: u64,
    /// How and when the target's side ended; where there was no Close before, that it went on in HTTP.
    pub end: Option<(Duration, End)>,
    /// Whether more came than the case reads, or more is in it than is kept.
    pub full: bool,
    /// Whether and how messages may be compressed, once the handshake is done.
    pub compression: Option<Compression>,
    /// What we sent until the handshake was done.
    asked: Vec<u8>,
    head_bytes: Vec<u8>,
    offset: u64,
    frames_start: u64,
    step: Step,
    session: Session,
    inflater: Option<Inflater>,
}

impl Default for Dialogue {
    fn default() -> Self {
        Self {
            opened: Opened::Awaited,
            interim: Vec::new(),
            frames: Vec::new(),
            messages: Vec::new(),
            broken: Vec::new(),
            pings: Vec::new(),
            pongs: Vec::new(),
            closes: Vec::new(),
            findings: Vec::new(),
            frame_bytes: 0,
            end: None,
            full: false,
            compression: None,
            asked: Vec::new(),
            head_bytes: Vec::new(),
            offset: 0,
            frames_start: 0,
            step: Step::default(),
            session: Session::new(Role::Server, SessionLimits::default()),
            inflater: None,
        }
    }
}

impl View for Dialogue {
    fn receive(&mut self, at: Duration, bytes: &[u8]) {
        match &self.opened {
            Opened::Awaited => {
                self.head_bytes.extend(bytes);
                self.read_heads(at);
            }
            Opened::Response { .. } if self.is_open() => self.read_frames(at, bytes),
            Opened::Response { .. } | Opened::NotHttp { .. } | Opened::TooLarge => {}
        }
    }

    fn end(&mut self, at: Duration, end: &End) {
        self.end.get_or_insert_with(|| (at, end.clone()));
    }

    fn stop(&mut self) {
        self.full = true;
    }

    fn kept(&self) -> usize {
        let controls = self.pings.len() + self.pongs.len() + self.closes.len();
        let messages = self.messages.len() + self.broken.len();
        let findings = self.findings.len();
        self.frames.len() * FRAME + (controls + messages + findings) * ENTRY
    }

    fn sent(&mut self, bytes: &[u8]) {
        if self.opened == Opened::Awaited {
            self.asked.extend(bytes);
        }
    }
}

impl Dialogue {
    /// What the target said on this connection.
    pub fn of(connection: &Connection) -> Self {
        let mut dialogue = Self::default();
        for event in &connection.events {
            dialogue.observe(event);
        }
        dialogue
    }

    /// The head of the final response, where one came.
    pub fn head(&self) -> Option<&ResponseHead> {
        match &self.opened {
            Opened::Response { head, .. } => Some(head),
            Opened::Awaited | Opened::NotHttp { .. } | Opened::TooLarge => None,
        }
    }

    /// Whether the target answered 101, and not to switch to another protocol: the connection speaks WebSocket from then on.
    pub fn is_open(&self) -> bool {
        self.head()
            .is_some_and(|head| head.status == 101 && switched_elsewhere(head).is_none())
    }

    /// Whether the target refused the handshake and says that it closes the connection (RFC 9112 section 9.6).
    pub fn announces_end(&self) -> bool {
        let refused = self.head().filter(|head| head.status != 101);
        refused.is_some_and(|head| head.has_token("connection", "close"))
    }

    /// Where the first byte behind the response head lies.
    pub fn frames_start(&self) -> u64 {
        self.frames_start
    }

    /// The first Close frame.
    pub fn close(&self) -> Option<&HeardClose> {
        self.closes.first()
    }

    /// The first message with exactly this type and payload.
    pub fn message(&self, opcode: Opcode, payload: &[u8]) -> Option<&HeardMessage> {
        self.messages
            .iter()
            .find(|message| message.opcode == opcode && message.payload == payload)
    }

    /// The first pong with exactly this payload.
    pub fn pong(&self, payload: &[u8]) -> Option<&HeardControl> {
        self.pongs.iter().find(|pong| pong.payload == payload)
    }

    /// Whether the target has begun to end the connection: a Close frame, or the end itself.
    pub fn is_ending(&self) -> bool {
        !self.closes.is_empty() || self.end.is_some()
    }

    /// Reads response heads until one is final.
    fn read_heads(&mut self, at: Duration) {
        loop {
            match ResponseHead::parse(&self.head_bytes, HeadLimits::default()) {
                HeadParse::Partial => return,
                HeadParse::NotHttp { offset } => {
                    self.opened = Opened::NotHttp {
                        offset: self.offset + offset,
                    };
                    return;
                }
                HeadParse::TooLarge => {
                    self.opened = Opened::TooLarge;
                    return;
                }
                HeadParse::Complete(head) => {
                    let rest = self.head_bytes.split_off(head.len);
                    let begins = self.offset;
                    self.offset += head.len as u64;
                    self.head_bytes = rest;
                    if (100..200).contains(&head.status) && head.status != 101 {
                        self.interim.push(head);
                        continue;
                    }
                    let upgraded = head.status == 101 && switched_elsewhere(&head).is_none();
                    if upgraded {
                        self.agree(&head);
                    }
                    self.opened = Opened::Response {
                        head,
                        at,
                        offset: begins,
                    };
                    self.frames_start = self.offset;
                    if upgraded {
                        let rest = std::mem::take(&mut self.head_bytes);
                        self.read_frames(at, &rest);
                    }
                    return;
                }
            }
        }
    }

    /// What holds for the frames behind this 101.
    fn agree(&mut self, head: &ResponseHead) {
        let asked = Asked::in_bytes(&std::mem::take(&mut self.asked));
        self.compression = Compression::accepted(&asked, head);
        if let Some(compression) = &self.compression {
            let session = Session::new(Role::Server, SessionLimits::default());
            self.session = session.with_allowed_rsv(RSV1);
            self.inflater = Some(Inflater::new(compression.agreed().server));
        }
    }

    /// Reads frames, up to where the target goes on in HTTP.
    fn read_frames(&mut self, at: Duration, bytes: &[u8]) {
        let came = self.frame_bytes;
        self.frame_bytes += bytes.len() as u64;
        self.step.take(bytes);
        if self.step.http().is_none() {
            self.feed(at, came, bytes);
        }
        if let Some(place) = self.step.http() {
            // Of what was taken for the header of a frame.
            let place = self.frames_start + place;
            self.findings.retain(|finding| finding.offset < place);
        }
        if let Some(line) = self.step.status_line()
            && self.closes.is_empty()
        {
            self.end.get_or_insert((at, End::Http(line)));
        }
    }

    /// Reads frames that stand so many bytes behind the head.
    fn feed(&mut self, at: Duration, came: u64, bytes: &[u8]) {
        let start = self.frames_start;
        let Self {
            step,
            session,
            inflater,
            frames,
            messages,
            broken,
            full,
            pings,
            pongs,
            closes,
            findings,
            ..
        } = self;
        session.feed(bytes, |event| match event {
            event if step.http().is_some_and(|http| begins(&event) >= http) => {}
            _ if frames.len() >= MOST => *full = true,
            SessionEvent::Violation(finding) => {
                findings.push(Finding {
                    violation: finding.violation,
                    offset: start + finding.offset,
                });
            }
            SessionEvent::Frame(frame) => {
                frames.push(HeardFrame {
                    at,
                    offset: start + frame.offset,
                    header: frame.header,
                });
                let end = frame.offset + frame.header.len() as u64 + frame.header.length;
                step.over(end, &bytes[(end - came) as usize..]);
            }
            SessionEvent::Message(message) => match inflated(&message, inflater) {
                None => messages.push(HeardMessage {
                    at,
                    offset: start + message.first_offset,
                    opcode: message.opcode,
                    payload: message.payload.to_vec(),
                    compressed: None,
                }),
                Some(Inflated::Payload(payload)) => {
                    if message.opcode == Opcode::TEXT && str::from_utf8(&payload).is_err() {
                        findings.push(Finding {
                            violation: Violation::TextNotUtf8,
                            offset: start + message.first_offset,
                        });
                    }
                    messages.push(HeardMessage {
                        at,
                        offset: start + message.first_offset,
                        opcode: message.opcode,
                        payload,
                        compressed: Some(message.length),
                    });
                }
                Some(Inflated::Broken(error)) => broken.push(HeardBroken {
                    at,
                    offset: start + message.first_offset,
                    opcode: message.opcode,
                    length: message.length,
                    error,
                }),
                Some(Inflated::Beyond) => *full = true,
            },
            SessionEvent::Ping { payload, offset } => {
                pings.push(HeardControl {
                    at,
                    offset: start + offset,
                    payload: payload.to_vec(),
                });
            }
            SessionEvent::Pong { payload, offset } => {
                pongs.push(HeardControl {
                    at,
                    offset: start + offset,
                    payload: payload.to_vec(),
                });
            }
            SessionEvent::Close(close) => closes.push(HeardClose {
                at,
                offset: start + close.offset,
                code: close.code,
                reason: close.reason.to_vec(),
                body: close.body.to_vec(),
            }),
            // A message that was abandoned shows as a violation; a case never reads as much as the session keeps.
            SessionEvent::Abandoned(_) | SessionEvent::LimitReached { .. } => {}
        });
    }

    /// What the end of the connection cut short; none where nothing was.
    pub fn cut_short(&self) -> pushspec_parser::ws::Ending {
        self.session.clone().finish(|_| {})
    }
}

/// Where the frame, or what breaks a rule in it, begins.
fn begins(event: &SessionEvent<'_>) -> u64 {
    match event {
        SessionEvent::Violation(finding) => finding.offset,
        SessionEvent::Frame(frame) => frame.offset,
        SessionEvent::Message(message) => message.first_offset,
        SessionEvent::Ping { offset, .. } | SessionEvent::Pong { offset, .. } => *offset,
        SessionEvent::Close(close) => close.offset,
        SessionEvent::Abandoned(_) | SessionEvent::LimitReached { .. } => 0,
    }
}
