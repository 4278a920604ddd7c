//! What one side of a conversation sent, judged: the rules that span frames, RFC 6455 sections 5.4 to 5.6.
//!
//! Nothing stops the session. After a violation it takes the reading that keeps the framing: a header is believed,
//! a stray continuation stands alone, a whole message inside another is told by itself, and a fragmented one inside
//! another replaces it.

use alloc::vec::Vec;

use super::close::judge_close;
use super::decoder::{FrameDecoder, Step, Wire};
use super::event::{Ending, Frame, Message, SessionEvent, Unfinished};
use super::frame::{FrameHeader, Role};
use super::mask::mask;
use super::opcode::Opcode;
use super::utf8::Utf8Check;
use crate::{Finding, Violation};

/// How much a [`Session`] keeps. What is beyond is counted and judged, but not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionLimits {
    /// The most bytes of payload kept of one message. Default: 16 MiB.
    pub message: u64,
    /// The most bytes kept of a frame that belongs to no message: control, reserved or stray. Default: 64 KiB.
    pub frame: u64,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            message: 16 << 20,
            frame: 64 << 10,
        }
    }
}

/// Judges what one side sent behind the opening handshake.
///
/// Memory stays below twice [`SessionLimits::message`] plus [`SessionLimits::frame`] and a few kilobytes, and grows
/// only with bytes that were really received.
///
/// ```
/// use pushspec_parser::ws::{Role, Session, SessionEvent, SessionLimits};
/// use pushspec_parser::Violation;
///
/// let mut session = Session::new(Role::Server, SessionLimits::default());
/// let mut codes = Vec::new();
/// let mut findings = Vec::new();
/// session.feed(b"\x88\x02\x03\xed", |event| match event {
///     SessionEvent::Close(close) => codes.extend(close.code),
///     SessionEvent::Violation(finding) => findings.push((finding.violation, finding.offset)),
///     _ => {}
/// });
/// assert_eq!(codes, [1005]);
/// assert_eq!(findings, [(Violation::CloseCode1005, 2)]);
/// assert!(session.finish(|_| {}).closed);
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    from: Role,
    limits: SessionLimits,
    allowed_rsv: u8,
    decoder: FrameDecoder,
    /// Kept payload: first that of the message in progress, then that of the frame in progress.
    kept: Vec<u8>,
    message: Option<Open>,
    frame: Current,
    closed: bool,
}

/// A message of which some frame is still to come.
#[derive(Clone, Copy, Debug)]
struct Open {
    told: Unfinished,
    rsv: u8,
    /// How much of `Session::kept` is its payload.
    kept: usize,
    limited: bool,
    text: TextState,
}

/// The frame in progress.
#[derive(Clone, Copy, Debug)]
struct Current {
    header: FrameHeader,
    offset: u64,
    part: Part,
    /// Where its payload begins in `Session::kept`.
    start: usize,
    /// How many bytes may still be kept.
    room: usize,
    /// The first byte that was not kept.
    limit: Option<u64>,
    text: TextState,
}

/// What a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It begins a message.
    First,
    /// It continues the message in progress.
    Further,
    /// It is no part of a message.
    Lone,
}

/// The judgement of a text in progress.
#[derive(Clone, Copy, Debug, Default)]
struct TextState {
    /// Whether there is a text to judge.
    judged: bool,
    check: Utf8Check,
    /// Whether its fault was told.
    told: bool,
}

impl Session {
    /// A session for what `from` sent, at the first byte behind its handshake. No reserved bit is allowed.
    pub const fn new(from: Role, limits: SessionLimits) -> Self {
        Self {
            from,
            limits,
            allowed_rsv: 0,
            decoder: FrameDecoder::new(),
            kept: Vec::new(),
            message: None,
            frame: Current {
                header: FrameHeader::new(Opcode::CONTINUATION, 0),
                offset: 0,
                part: Part::Lone,
                start: 0,
                room: 0,
                limit: None,
                text: TextState::new(false),
            },
            closed: false,
        }
    }

    /// The same, with the reserved bits that negotiated extensions use: [`RSV1`](super::RSV1) for permessage-deflate.
    #[must_use]
    pub const fn with_allowed_rsv(mut self, bits: u8) -> Self {
        self.allowed_rsv = bits & 0x7;
        self
    }

    /// Judges a further chunk and calls `on` for each event in it.
    pub fn feed(&mut self, chunk: &[u8], mut on: impl FnMut(SessionEvent<'_>)) {
        let mut input = chunk;
        while let Some(step) = self.decoder.next(&mut input) {
            match step {
                Step::Whole(header, offset, wire) => {
                    if self.tell_sound_message(&header, offset, &wire, &mut on) {
                        continue;
                    }
                    self.begin(header, offset, &mut on);
                    let alone = header.fin && self.frame.part == Part::First
                        || self.frame.part == Part::Lone;
                    if alone && header.masking_key.is_none() {
                        let lent = self.lend(&wire);
                        self.end(lent, &mut on);
                    } else {
                        self.keep(&wire);
                        self.end(&[], &mut on);
                    }
                }
                Step::Header(header, offset) => self.begin(header, offset, &mut on),
                Step::Payload(wire) => self.keep(&wire),
                Step::End => self.end(&[], &mut on),
            }
        }
    }

    /// Tells what is still to be told of a frame that the end cut, and how the stream ended.
    ///
    /// A cut frame, header or message is a fact, not a violation: a sender may give up a message when the connection
    /// leaves the open state (section 6.1).
    pub fn finish(mut self, mut on: impl FnMut(SessionEvent<'_>)) -> Ending {
        let cut_frame = self
            .decoder
            .unfinished()
            .map(|(header, missing)| (*header, missing));
        if cut_frame.is_some() {
            self.tell_payload(false, &mut on);
        }
        Ending {
            offset: self.decoder.offset(),
            closed: self.closed,
            cut_header: self.decoder.unfinished_header().len(),
            cut_frame,
            message: self.message.map(|open| open.told),
        }
    }

    /// Bytes fed so far.
    pub const fn offset(&self) -> u64 {
        self.decoder.offset()
    }

    /// Whether a Close frame was seen.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether neither a frame nor a message is in progress.
    pub const fn is_idle(&self) -> bool {
        self.decoder.is_between_frames() && self.message.is_none()
    }

    /// The common case, at full speed: a sound message in one frame, not inside another. Tells nothing, and says so,
    /// if this is anything else.
    #[inline]
    fn tell_sound_message(
        &mut self,
        header: &FrameHeader,
        offset: u64,
        wire: &Wire<'_>,
        on: &mut impl FnMut(SessionEvent<'_>),
    ) -> bool {
        let data = matches!(header.opcode, Opcode::TEXT | Opcode::BINARY);
        let sound = data
            && header.fin
            && header.is_plain(self.from)
            && header.length <= self.limits.message;
        if !sound || self.message.is_some() || self.closed {
            return false;
        }
        let payload = match header.masking_key {
            None => wire.bytes,
            Some(key) => {
                self.kept.clear();
                self.kept.extend_from_slice(wire.bytes);
                mask(key, 0, &mut self.kept);
                &self.kept
            }
        };
        let told = header.opcode == Opcode::BINARY || simdutf8::basic::from_utf8(payload).is_ok();
        if told {
            on(SessionEvent::Frame(Frame {
                header: *header,
                offset,
                payload,
            }));
            on(SessionEvent::Message(Message {
                opcode: header.opcode,
                rsv: 0,
                payload,
                length: header.length,
                first_offset: offset,
                end_offset: wire.offset + header.length,
                frames: 1,
            }));
        }
        self.kept.clear();
        told
    }

    /// Judges a header and decides what its frame belongs to.
    #[inline]
    fn begin(&mut self, header: FrameHeader, offset: u64, on: &mut impl FnMut(SessionEvent<'_>)) {
        let mut tell = |violation| on(SessionEvent::Violation(Finding { violation, offset }));
        if !header.is_plain(self.from) {
            header
                .violations(self.from, self.allowed_rsv)
                .for_each(&mut tell);
        }
        if self.closed && !header.opcode.is_control() {
            tell(Violation::DataAfterClose);
        }
        let mut part = Part::Lone;
        let mut text = TextState::default();
        let mut room = self.limits.frame;
        match header.opcode {
            Opcode::TEXT | Opcode::BINARY => {
                part = Part::First;
                text.judged = header.opcode == Opcode::TEXT && header.rsv & self.allowed_rsv == 0;
                room = self.limits.message;
                if let Some(open) = self.message {
                    tell(Violation::DataInsideMessage);
                    if !header.fin {
                        on(SessionEvent::Abandoned(open.told));
                        self.message = None;
                        self.kept.clear();
                    }
                }
            }
            Opcode::CONTINUATION => match &self.message {
                Some(open) => {
                    part = Part::Further;
                    text = open.text;
                    room = self.limits.message.saturating_sub(open.kept as u64);
                }
                None => tell(Violation::ContinuationWithoutStart),
            },
            Opcode::CLOSE if self.closed => tell(Violation::SecondClose),
            _ => {}
        }
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        self.frame = Current {
            header,
            offset,
            part,
            start: self.kept.len(),
            room,
            limit: None,
            text,
        };
    }

    /// Judges the whole payload of a frame without keeping it, and returns what would be kept.
    #[inline]
    fn lend<'a>(&mut self, wire: &Wire<'a>) -> &'a [u8] {
        let frame = &mut self.frame;
        if frame.text.judged {
            frame.text.check.feed(wire.bytes, wire.offset);
        }
        match wire.bytes.split_at_checked(frame.room) {
            Some((kept, [_, ..])) => {
                frame.limit = Some(wire.offset + frame.room as u64);
                kept
            }
            _ => wire.bytes,
        }
    }

    /// Judges a piece of payload and keeps what there is room for.
    fn keep(&mut self, wire: &Wire<'_>) {
        let frame = &mut self.frame;
        let (bytes, beyond) = wire.bytes.split_at(frame.room.min(wire.bytes.len()));
        frame.room -= bytes.len();
        if !beyond.is_empty() && frame.limit.is_none() {
            frame.limit = Some(wire.offset + bytes.len() as u64);
        }
        let at = self.kept.len();
        self.kept.extend_from_slice(bytes);
        let Some(key) = frame.header.masking_key else {
            if frame.text.judged {
                frame.text.check.feed(wire.bytes, wire.offset);
            }
            return;
        };
        mask(key, wire.position, &mut self.kept[at..]);
        if frame.text.judged {
            frame.text.check.feed(&self.kept[at..], wire.offset);
            // What is not kept must be unmasked to be judged.
            let mut skipped = bytes.len() as u64;
            for piece in beyond.chunks(4096) {
                let at = self.kept.len();
                self.kept.extend_from_slice(piece);
                mask(key, wire.position + skipped, &mut self.kept[at..]);
                frame
                    .text
                    .check
                    .feed(&self.kept[at..], wire.offset + skipped);
                self.kept.truncate(at);
                skipped += piece.len() as u64;
            }
        }
    }

    /// Tells the frame and whatever it completes. `lent` is its payload if nothing of it was kept.
    #[inline]
    fn end(&mut self, lent: &[u8], on: &mut impl FnMut(SessionEvent<'_>)) {
        let Current {
            header,
            offset,
            part,
            start,
            ..
        } = self.frame;
        let completes = header.fin && part != Part::Lone;
        if self.frame.text.judged || self.frame.limit.is_some() {
            self.tell_payload(completes, on);
        }
        let payload = if lent.is_empty() {
            &self.kept[start..]
        } else {
            lent
        };
        let close = (header.opcode == Opcode::CLOSE)
            .then(|| judge_close(&header, offset, payload, self.from, on));
        on(SessionEvent::Frame(Frame {
            header,
            offset,
            payload,
        }));
        match part {
            Part::First if completes => on(SessionEvent::Message(Message {
                opcode: header.opcode,
                rsv: header.rsv,
                payload,
                length: header.length,
                first_offset: offset,
                end_offset: self.decoder.offset(),
                frames: 1,
            })),
            Part::First => {
                self.message = Some(Open {
                    told: Unfinished {
                        opcode: header.opcode,
                        first_offset: offset,
                        frames: 1,
                        length: header.length,
                    },
                    rsv: header.rsv,
                    kept: self.kept.len(),
                    limited: self.frame.limit.is_some(),
                    text: self.frame.text,
                });
                return;
            }
            Part::Further => return self.continue_message(on),
            Part::Lone => match header.opcode {
                Opcode::PING => on(SessionEvent::Ping { payload, offset }),
                Opcode::PONG => on(SessionEvent::Pong { payload, offset }),
                _ => {}
            },
        }
        if let Some(close) = close {
            on(SessionEvent::Close(close));
            self.closed = true;
        }
        self.kept.truncate(start);
    }

    /// Adds the frame in progress to the message in progress.
    fn continue_message(&mut self, on: &mut impl FnMut(SessionEvent<'_>)) {
        let Some(open) = &mut self.message else {
            return;
        };
        open.told.frames += 1;
        open.told.length += self.frame.header.length;
        open.kept = self.kept.len();
        open.limited |= self.frame.limit.is_some();
        open.text = self.frame.text;
        if self.frame.header.fin {
            on(SessionEvent::Message(Message {
                opcode: open.told.opcode,
                rsv: open.rsv,
                payload: &self.kept,
                length: open.told.length,
                first_offset: open.told.first_offset,
                end_offset: self.decoder.offset(),
                frames: open.told.frames,
            }));
            self.message = None;
            self.kept.clear();
        }
    }

    /// Tells what was found in the payload of the frame in progress; `complete` if its message ends with it.
    #[inline(never)]
    fn tell_payload(&mut self, complete: bool, on: &mut impl FnMut(SessionEvent<'_>)) {
        let limited =
            self.frame.part == Part::Further && self.message.is_some_and(|open| open.limited);
        if let (Some(offset), false) = (self.frame.limit, limited) {
            on(SessionEvent::LimitReached { offset });
        }
        let text = &mut self.frame.text;
        let fault = if complete {
            text.check.finish()
        } else {
            text.check.fault()
        };
        if let (Some(offset), false) = (fault, text.told) {
            text.told = true;
            on(SessionEvent::Violation(Finding {
                violation: Violation::TextNotUtf8,
                offset,
            }));
        }
    }
}

impl TextState {
    const fn new(judged: bool) -> Self {
        Self {
            judged,
            check: Utf8Check::new(),
            told: false,
        }
    }
}
