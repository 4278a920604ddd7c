//! The model of what a client may say on one connection: a small state machine, as a table (RFC 6455 sections 5.4 and 5.5,
//! RFC 7692 section 6). It knows frames by their kind alone: no payload, no target, no wire.

use crate::ws::Frame;
use pushspec_parser::ws::{Opcode, RSV1};
use std::fmt;

/// Where a connection stands between two frames of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// No message is begun.
    Between,
    /// A text is begun.
    InText,
    /// A binary message is begun.
    InBinary,
    /// A compressed text is begun.
    InPackedText,
    /// A compressed binary message is begun.
    InPackedBinary,
    /// The client said good-bye.
    Closed,
}

/// A legal frame of the client, by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A text in one frame.
    Text,
    /// The first frame of a text.
    TextBegins,
    /// A binary message in one frame.
    Binary,
    /// The first frame of a binary message.
    BinaryBegins,
    /// A compressed text in one frame.
    PackedText,
    /// The first frame of a compressed text.
    PackedTextBegins,
    /// A compressed binary message in one frame.
    PackedBinary,
    /// The first frame of a compressed binary message.
    PackedBinaryBegins,
    /// A continuation that is not the last.
    More,
    /// The last continuation.
    Last,
    /// A ping.
    Ping,
    /// A pong.
    Pong,
    /// A Close.
    Close,
}

/// A step of the machine: in this state, a frame of this kind leads to that state.
pub(super) type Transition = (State, Kind, State);

/// Every legal step. What is not here is illegal.
pub(super) const TRANSITIONS: [Transition; 31] = {
    use Kind::*;
    use State::*;
    [
        (Between, Text, Between),
        (Between, TextBegins, InText),
        (Between, Binary, Between),
        (Between, BinaryBegins, InBinary),
        (Between, PackedText, Between),
        (Between, PackedTextBegins, InPackedText),
        (Between, PackedBinary, Between),
        (Between, PackedBinaryBegins, InPackedBinary),
        (Between, Ping, Between),
        (Between, Pong, Between),
        (Between, Close, Closed),
        (InText, More, InText),
        (InText, Last, Between),
        (InText, Ping, InText),
        (InText, Pong, InText),
        (InText, Close, Closed),
        (InBinary, More, InBinary),
        (InBinary, Last, Between),
        (InBinary, Ping, InBinary),
        (InBinary, Pong, InBinary),
        (InBinary, Close, Closed),
        (InPackedText, More, InPackedText),
        (InPackedText, Last, Between),
        (InPackedText, Ping, InPackedText),
        (InPackedText, Pong, InPackedText),
        (InPackedText, Close, Closed),
        (InPackedBinary, More, InPackedBinary),
        (InPackedBinary, Last, Between),
        (InPackedBinary, Ping, InPackedBinary),
        (InPackedBinary, Pong, InPackedBinary),
        (InPackedBinary, Close, Closed),
    ]
};

impl State {
    /// Whether a message is begun and not finished.
    pub(super) fn is_inside(self) -> bool {
        match self {
            Self::InText | Self::InBinary | Self::InPackedText | Self::InPackedBinary => true,
            Self::Between | Self::Closed => false,
        }
    }

    /// Whether only a connection with compression gets here.
    fn is_packed(self) -> bool {
        matches!(self, Self::InPackedText | Self::InPackedBinary)
    }

    /// Where a frame of this kind leads; nowhere, if it may not come here.
    pub(super) fn after(self, kind: Kind) -> Option<Self> {
        let here = TRANSITIONS
            .iter()
            .find(|(from, by, _)| (*from, *by) == (self, kind));
        here.map(|(_, _, to)| *to)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Between => "between messages",
            Self::InText => "in a text",
            Self::InBinary => "in a binary message",
            Self::InPackedText => "in a compressed text",
            Self::InPackedBinary => "in a compressed binary message",
            Self::Closed => "closed",
        })
    }
}

impl Kind {
    /// Whether only a connection with compression has such frames.
    fn is_packed(self) -> bool {
        matches!(
            self,
            Self::PackedText
                | Self::PackedTextBegins
                | Self::PackedBinary
                | Self::PackedBinaryBegins
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::TextBegins => "text FIN=0",
            Self::Binary => "binary",
            Self::BinaryBegins => "binary FIN=0",
            Self::PackedText => "compressed text",
            Self::PackedTextBegins => "compressed text FIN=0",
            Self::PackedBinary => "compressed binary",
            Self::PackedBinaryBegins => "compressed binary FIN=0",
            Self::More => "continuation FIN=0",
            Self::Last => "continuation",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Close => "Close",
        })
    }
}

/// The steps that a connection can go, with compression or without.
pub(super) fn transitions(packed: bool) -> impl Iterator<Item = &'static Transition> {
    TRANSITIONS
        .iter()
        .filter(move |(from, by, _)| packed || !(from.is_packed() || by.is_packed()))
}

/// What makes a frame of the client illegal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Breach {
    /// It is not masked.
    Unmasked,
    /// It has a reserved bit that nothing gave a meaning.
    ReservedBit,
    /// Compression was agreed on, and a continuation is marked as compressed.
    MarkedContinuation,
    /// Compression was agreed on, and a control frame is marked as compressed.
    MarkedControl,
    /// Its opcode is reserved for data.
    ReservedData,
    /// Its opcode is reserved for control frames.
    ReservedControl,
    /// It is a control frame of more than 125 bytes.
    LongControl,
    /// It is a control frame without FIN.
    CutControl,
    /// It is a Close with a body that none may have: of one byte, with a code that is never sent, with a reason that is not
    /// UTF-8.
    BadClose,
    /// It continues nothing.
    Stray,
    /// It begins a message inside another one.
    Inside,
    /// It comes behind a Close.
    BehindClose,
    /// With it a text is complete that is not UTF-8.
    NotUtf8,
    /// With it a compressed message is complete that does not inflate.
    NotDeflate,
}

impl Breach {
    /// The requirement that calls for a reaction.
    pub(super) fn requirement(self) -> &'static str {
        match self {
            Self::Unmasked => "rfc6455/5.1/server-closes-on-unmasked",
            Self::ReservedBit => "rfc6455/5.2/rsv-nonzero-fails",
            Self::MarkedContinuation => "rfc7692/6.1/receive-rsv1-continuation-fails",
            Self::MarkedControl => "rfc7692/6.1/receive-rsv1-control-fails",
            Self::ReservedData => "rfc6455/5.2/unknown-noncontrol-opcode-fails",
            Self::ReservedControl => "rfc6455/5.2/unknown-control-opcode-fails",
            Self::LongControl => "rfc6455/5.5/control-length-125",
            Self::CutControl => "rfc6455/5.4/control-not-fragmented",
            Self::BadClose => "rfc6455/7.1.7/fail-closes-connection",
            Self::Stray => "rfc6455/5.4/continuation-without-start",
            Self::Inside => "rfc6455/5.4/new-data-frame-inside-fragments",
            Self::BehindClose => "rfc6455/5.5.1/no-data-after-close",
            Self::NotUtf8 => "rfc6455/8.1/invalid-utf8-fails",
            Self::NotDeflate => "rfc7692/7.2.2/invalid-deflate-data",
        }
    }

    /// Whether it shows only when the whole message is read: control frames behind it may be answered until then.
    pub(super) fn is_found_late(self) -> bool {
        matches!(self, Self::NotUtf8 | Self::NotDeflate)
    }

    /// Whether a ping behind it proves nothing, answered or not: it was read before the breach was found, or behind what may
    /// be taken for a Close.
    pub(super) fn lets_pongs_through(self) -> bool {
        self.is_found_late() || self == Self::BadClose
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unmasked => "a frame that is not masked",
            Self::ReservedBit => "a frame with a reserved bit",
            Self::MarkedContinuation => "a continuation with RSV1",
            Self::MarkedControl => "a control frame with RSV1",
            Self::ReservedData => "a data frame with a reserved opcode",
            Self::ReservedControl => "a control frame with a reserved opcode",
            Self::LongControl => "a control frame of more than 125 bytes",
            Self::CutControl => "a control frame without FIN",
            Self::BadClose => "a Close with a body that must not be",
            Self::Stray => "a continuation of nothing",
            Self::Inside => "a message inside another one",
            Self::BehindClose => "a frame behind a Close",
            Self::NotUtf8 => "a text that is not UTF-8",
            Self::NotDeflate => "a compressed message that does not inflate",
        })
    }
}

/// The next state of a connection, with the kind of the frame that leads there; `packed` says whether compression was
/// agreed on.
///
/// # Errors
/// What makes the frame illegal. What shows only in a whole message is for others to see.
pub(super) fn step(state: State, frame: &Frame, packed: bool) -> Result<(Kind, State), Breach> {
    if frame.masking == crate::ws::Masking::None {
        return Err(Breach::Unmasked);
    }
    let marked = frame.rsv == RSV1;
    let kind = match (frame.opcode, frame.fin) {
        (Opcode::CONTINUATION, _) if marked && packed => return Err(Breach::MarkedContinuation),
        (opcode, _) if opcode.is_control() && marked && packed => {
            return Err(Breach::MarkedControl);
        }
        (_, _) if frame.rsv != 0 && !(marked && packed) => return Err(Breach::ReservedBit),
        (opcode, _) if opcode.is_reserved() && opcode.is_control() => {
            return Err(Breach::ReservedControl);
        }
        (opcode, _) if opcode.is_reserved() => return Err(Breach::ReservedData),
        (opcode, _) if opcode.is_control() && frame.payload.len() > 125 => {
            return Err(Breach::LongControl);
        }
        (opcode, false) if opcode.is_control() => return Err(Breach::CutControl),
        (Opcode::CLOSE, _) if !may_close(&frame.payload) => return Err(Breach::BadClose),
        (Opcode::CONTINUATION, true) => Kind::Last,
        (Opcode::CONTINUATION, false) => Kind::More,
        (Opcode::TEXT, true) if marked => Kind::PackedText,
        (Opcode::TEXT, false) if marked => Kind::PackedTextBegins,
        (Opcode::TEXT, true) => Kind::Text,
        (Opcode::TEXT, false) => Kind::TextBegins,
        (Opcode::BINARY, true) if marked => Kind::PackedBinary,
        (Opcode::BINARY, false) if marked => Kind::PackedBinaryBegins,
        (Opcode::BINARY, true) => Kind::Binary,
        (Opcode::BINARY, false) => Kind::BinaryBegins,
        (Opcode::PING, _) => Kind::Ping,
        (Opcode::PONG, _) => Kind::Pong,
        // Of four bits, the reserved ones left above, this is all that remains.
        (_, _) => Kind::Close,
    };
    match state.after(kind) {
        Some(next) => Ok((kind, next)),
        None if state == State::Closed => Err(Breach::BehindClose),
        None if state.is_inside() => Err(Breach::Inside),
        None => Err(Breach::Stray),
    }
}

/// Whether a Close may have this body (RFC 6455 sections 5.5.1 and 7.4).
fn may_close(body: &[u8]) -> bool {
    match body {
        [] => true,
        [_] => false,
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            !matches!(code, ..1000 | 1005 | 1006 | 1015) && str::from_utf8(reason).is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::Masking;

    fn walk(frames: &[Frame], packed: bool) -> Result<State, Breach> {
        let mut state = State::Between;
        for frame in frames {
            (_, state) = step(state, frame, packed)?;
        }
        Ok(state)
    }

    #[test]
    fn each_step_stands_once_and_leads_one_way() {
        for (index, (from, by, _)) in TRANSITIONS.iter().enumerate() {
            let others = &TRANSITIONS[index + 1..];
            assert!(!others.iter().any(|(f, b, _)| (f, b) == (from, by)));
        }
        assert_eq!(transitions(false).count(), 17);
        assert_eq!(transitions(true).count(), 31);
    }

    #[test]
    fn control_frames_do_not_disturb_a_message() {
        let frames = [
            Frame::text("a").unfinished(),
            Frame::ping(""),
            Frame::continuation("b").unfinished(),
            Frame::pong("x"),
        ];
        assert_eq!(walk(&frames, false), Ok(State::InText));
        let close = [&frames[..], &[Frame::close(1000, "")]].concat();
        assert_eq!(walk(&close, false), Ok(State::Closed));
        let behind = [&close[..], &[Frame::ping("")]].concat();
        assert_eq!(walk(&behind, false), Err(Breach::BehindClose));
    }

    #[test]
    fn each_breach_is_told_from_the_others() {
        let begun = Frame::text("a").unfinished();
        let opcode = |value| Frame::new(Opcode::new(value).expect("four bits"), "");
        let plain: [(&[Frame], Breach); 11] = [
            (&[Frame::text("").masked(Masking::None)], Breach::Unmasked),
            (&[Frame::text("").compressed()], Breach::ReservedBit),
            (&[opcode(3)], Breach::ReservedData),
            (&[opcode(11)], Breach::ReservedControl),
            (&[Frame::ping([0; 126])], Breach::LongControl),
            (&[Frame::ping("").unfinished()], Breach::CutControl),
            (&[Frame::close_with([3])], Breach::BadClose),
            (&[Frame::close(1005, "")], Breach::BadClose),
            (&[Frame::close(1000, b"\xc3")], Breach::BadClose),
            (&[Frame::continuation("")], Breach::Stray),
            (&[begun.clone(), Frame::binary("")], Breach::Inside),
        ];
        for (frames, breach) in plain {
            assert_eq!(walk(frames, false), Err(breach));
        }
        let packed: [(&[Frame], Breach); 3] = [
            (&[Frame::text("").with_rsv(2)], Breach::ReservedBit),
            (
                &[begun, Frame::continuation("").compressed()],
                Breach::MarkedContinuation,
            ),
            (&[Frame::ping("").compressed()], Breach::MarkedControl),
        ];
        for (frames, breach) in packed {
            assert_eq!(walk(frames, true), Err(breach));
        }
    }
}
