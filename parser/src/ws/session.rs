//! What one side of a conversation sent, judged: the rules that span frames, RFC 6455 sections 5.4 to 5.6.
//!
//! Nothing stops the session. After a violation it takes the reading that keeps the framing: a header is believed,
//! a stray continuation stands alone, a whole message inside another is told by itself, and a fragmented one inside
//! another replaces it.

use alloc::vec::Vec;

use super::close::judge_close;
use super::decoder::{FrameDecoder, Piece, Step, Whole};
use super::event::{Ending, Frame, Message, SessionEvent, Unfinished};
use super::frame::{FrameHeader, MAX_CONTROL, RSV1, Role};
use super::mask::unmasked;
use super::opcode::Opcode;
use super::progress::{Current, Open, Part, TextState};
use crate::{Finding, Violation};

/// How much a [`Session`] keeps. What is beyond is counted and judged, but not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionLimits {
    /// The most bytes of payload kept of one message. Default: 16 MiB.
    pub message: u64,
    /// The most bytes kept of a frame that belongs to no message: control, reserved or stray. Of a control frame as many
    /// as it may have, 125, are kept in any case, so that a Close is judged whole. Default: 64 KiB.
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
/// Memory is bounded by a small multiple of the two limits, and grows only with bytes that were really received.
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
    /// The most bytes of payload kept of a message that RSV1 marks as compressed.
    compressed_limit: u64,
    allowed_rsv: u8,
    /// Whether texts are left to the caller to judge.
    texts_unjudged: bool,
    decoder: FrameDecoder,
    /// Kept payload: first that of the message in progress, then that of the frame in progress.
    kept: Vec<u8>,
    /// Where the payload of a whole frame is unmasked.
    scratch: Vec<u8>,
    message: Option<Open>,
    frame: Current,
    closed: bool,
}

impl Session {
    /// A session for what `from` sent, at the first byte behind its handshake. No reserved bit is allowed.
    pub const fn new(from: Role, limits: SessionLimits) -> Self {
        Self {
            from,
            limits,
            compressed_limit: limits.message,
            allowed_rsv: 0,
            texts_unjudged: false,
            decoder: FrameDecoder::new(),
            kept: Vec::new(),
            scratch: Vec::new(),
            message: None,
            frame: Current::none(),
            closed: false,
        }
    }

    /// The same, with the reserved bits that negotiated extensions use: [`RSV1`](super::RSV1) for permessage-deflate.
    #[must_use]
    pub const fn with_allowed_rsv(mut self, bits: u8) -> Self {
        self.allowed_rsv = bits & 0x7;
        self
    }

    /// The same, for a caller that judges each text itself.
    pub(super) const fn without_text_judgement(mut self) -> Self {
        self.texts_unjudged = true;
        self
    }

    /// The same, for a caller that decompresses what RSV1 marks, and limits it then.
    #[cfg(feature = "deflate")]
    pub(super) const fn with_compressed_limit(mut self, limit: u64) -> Self {
        self.compressed_limit = limit;
        self
    }

    /// The most bytes of payload kept of a message whose first frame has these reserved bits.
    const fn limit(&self, rsv: u8) -> u64 {
        if rsv & self.allowed_rsv & RSV1 == 0 {
            self.limits.message
        } else {
            self.compressed_limit
        }
    }

    /// Judges a further chunk and calls `on` for each event in it.
    pub fn feed(&mut self, chunk: &[u8], mut on: impl FnMut(SessionEvent<'_>)) {
        let mut input = chunk;
        loop {
            while let Some(frame) = self.whole(&mut input) {
                if let Some((frame, message)) = self.sound_message(&frame) {
                    on(SessionEvent::Frame(frame));
                    on(SessionEvent::Message(message));
                } else {
                    self.take(Step::Whole(frame), &mut on);
                }
            }
            match self.piece(&mut input) {
                Some(piece) => self.take(Step::Piece(piece), &mut on),
                None => return,
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
            self.tell_text(false, &mut on);
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

    /// The frame that comes next, if all of it is in `input`.
    #[inline(always)]
    pub(super) fn whole<'a>(&mut self, input: &mut &'a [u8]) -> Option<Whole<'a>> {
        self.decoder.whole(input)
    }

    /// What comes next of any other frame.
    #[inline(always)]
    pub(super) fn piece<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        self.decoder.piece(input)
    }

    /// The common case, at full speed: a sound message in one frame, not inside another. `None` if this is anything
    /// else.
    #[inline(always)]
    pub(super) fn sound_message<'a>(
        &'a mut self,
        frame: &Whole<'a>,
    ) -> Option<(Frame<'a>, Message<'a>)> {
        let Whole {
            header,
            offset,
            payload: wire,
        } = frame;
        let is_text = header.opcode == Opcode::TEXT;
        let sound = (is_text || header.opcode == Opcode::BINARY)
            && header.fin
            && header.is_plain(self.from)
            && header.length <= self.limits.message;
        if !sound || self.message.is_some() || self.closed {
            return None;
        }
        let payload = match header.masking_key {
            None => wire.bytes,
            Some(key) => unmasked(key, wire.bytes, &mut self.scratch),
        };
        if is_text && !self.texts_unjudged && simdutf8::basic::from_utf8(payload).is_err() {
            return None;
        }
        let frame = Frame {
            header: *header,
            offset: *offset,
            payload,
        };
        let message = Message {
            opcode: header.opcode,
            rsv: 0,
            payload,
            length: header.length,
            first_offset: *offset,
            end_offset: wire.offset + header.length,
            frames: 1,
        };
        Some((frame, message))
    }

    /// Every other case.
    #[inline(never)]
    pub(super) fn take(&mut self, step: Step<'_>, on: &mut impl FnMut(SessionEvent<'_>)) {
        match step {
            Step::Whole(Whole {
                header,
                offset,
                payload,
            }) => {
                self.begin(header, offset, on);
                let alone =
                    header.fin && self.frame.part == Part::First || self.frame.part == Part::Lone;
                if alone && header.masking_key.is_none() {
                    let lent = self.frame.lend(&payload);
                    self.end(lent, on);
                } else {
                    self.frame.keep(&mut self.kept, &payload);
                    self.end(&[], on);
                }
            }
            Step::Piece(Piece::Header(header, offset)) => self.begin(header, offset, on),
            Step::Piece(Piece::Payload(wire)) => self.frame.keep(&mut self.kept, &wire),
            Step::Piece(Piece::End) => self.end(&[], on),
        }
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
        let mut told = false;
        let mut text = TextState::default();
        let mut room = self.limits.frame;
        match header.opcode {
            Opcode::TEXT | Opcode::BINARY => {
                part = Part::First;
                let plain = header.rsv & self.allowed_rsv == 0;
                text.judged = header.opcode == Opcode::TEXT && plain && !self.texts_unjudged;
                room = self.limit(header.rsv);
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
                    told = open.limited;
                    text = open.text;
                    room = self.limit(open.rsv).saturating_sub(open.kept as u64);
                }
                None => tell(Violation::ContinuationWithoutStart),
            },
            Opcode::CLOSE if self.closed => tell(Violation::SecondClose),
            _ => {}
        }
        if header.opcode.is_control() {
            room = room.max(MAX_CONTROL);
        }
        let limited = header.length > room;
        if limited && !told {
            let offset = (offset + header.len() as u64).saturating_add(room);
            on(SessionEvent::LimitReached { offset });
        }
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        self.frame = Current {
            header,
            offset,
            part,
            start: self.kept.len(),
            room,
            limited,
            text,
        };
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
        if self.frame.text.judged {
            self.tell_text(completes, on);
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
                    limited: self.frame.limited,
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
        open.limited |= self.frame.limited;
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

    /// Tells what was found in the text that the frame in progress is part of; `complete` if it ends with it.
    #[inline(never)]
    fn tell_text(&mut self, complete: bool, on: &mut impl FnMut(SessionEvent<'_>)) {
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
