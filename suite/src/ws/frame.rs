//! A frame to send: right by default, and wrong in whatever way a case asks for.

use pushspec_parser::ws::{FrameHeader, LengthForm, Opcode, RSV1, mask};

/// A frame as the tester sends it. Masked with a random key unless the case says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whether it is the last of its message.
    pub fin: bool,
    /// Reserved bits: 4 is RSV1, 2 is RSV2, 1 is RSV3.
    pub rsv: u8,
    /// Opcode, reserved ones included.
    pub opcode: Opcode,
    /// How it is masked.
    pub masking: Masking,
    /// The length as announced; none: the payload's.
    pub announced: Option<u64>,
    /// The form of the length; none: the shortest.
    pub length_form: Option<LengthForm>,
    /// The payload before masking.
    pub payload: Vec<u8>,
}

/// How a frame is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masking {
    /// With the next key of the conversation's random sequence.
    Random,
    /// With this key.
    Key([u8; 4]),
    /// Not at all, which a client must never do.
    None,
}

impl Frame {
    /// A whole frame with this opcode.
    pub fn new(opcode: Opcode, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            fin: true,
            rsv: 0,
            opcode,
            masking: Masking::Random,
            announced: None,
            length_form: None,
            payload: payload.into(),
        }
    }

    /// A text message in one frame.
    pub fn text(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::TEXT, payload)
    }

    /// A binary message in one frame.
    pub fn binary(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::BINARY, payload)
    }

    /// A continuation frame that ends its message.
    pub fn continuation(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::CONTINUATION, payload)
    }

    /// A ping.
    pub fn ping(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::PING, payload)
    }

    /// A pong.
    pub fn pong(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::PONG, payload)
    }

    /// A Close frame with a code and a reason.
    pub fn close(code: u16, reason: impl AsRef<[u8]>) -> Self {
        Self::new(
            Opcode::CLOSE,
            [&code.to_be_bytes(), reason.as_ref()].concat(),
        )
    }

    /// A Close frame with any body, none included.
    pub fn close_with(body: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::CLOSE, body)
    }

    /// The same frame without FIN.
    #[must_use]
    pub fn unfinished(mut self) -> Self {
        self.fin = false;
        self
    }

    /// The same frame with these reserved bits.
    #[must_use]
    pub fn with_rsv(mut self, rsv: u8) -> Self {
        self.rsv = rsv;
        self
    }

    /// The same frame, masked in another way.
    #[must_use]
    pub fn masked(mut self, masking: Masking) -> Self {
        self.masking = masking;
        self
    }

    /// The same frame with its length in this form, even where a shorter one would do.
    #[must_use]
    pub fn with_length_form(mut self, form: LengthForm) -> Self {
        self.length_form = Some(form);
        self
    }

    /// The same frame, announcing another length than that of its payload.
    #[must_use]
    pub fn announcing(mut self, length: u64) -> Self {
        self.announced = Some(length);
        self
    }

    /// The same frame, marked as the first of a compressed message (RFC 7692 section 6.1).
    #[must_use]
    pub fn compressed(self) -> Self {
        self.with_rsv(RSV1)
    }

    /// Whether nothing is wrong with it by itself and nothing that follows becomes a part of it.
    pub fn is_plain(&self) -> bool {
        self.rsv == 0 && self.is_plain_but_for_rsv()
    }

    /// The same where permessage-deflate was agreed on.
    pub fn is_plain_or_compressed(&self) -> bool {
        let may_be_marked = matches!(self.opcode, Opcode::TEXT | Opcode::BINARY);
        (self.rsv == 0 || self.rsv == RSV1 && may_be_marked) && self.is_plain_but_for_rsv()
    }

    fn is_plain_but_for_rsv(&self) -> bool {
        let length = self.payload.len() as u64;
        let control = self.opcode.is_control();
        !self.opcode.is_reserved()
            && self.masking != Masking::None
            && self.announced.is_none_or(|announced| announced == length)
            && self
                .length_form
                .is_none_or(|form| form == LengthForm::minimal(length))
            && (!control || self.fin && length <= 125)
    }

    /// The frame's header; `random` is the key for [`Masking::Random`].
    fn header(&self, random: [u8; 4]) -> FrameHeader {
        let length = self.announced.unwrap_or(self.payload.len() as u64);
        FrameHeader {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            masking_key: match self.masking {
                Masking::Random => Some(random),
                Masking::Key(key) => Some(key),
                Masking::None => None,
            },
            length,
            length_form: self.length_form.unwrap_or(LengthForm::minimal(length)),
        }
    }

    /// Appends the frame as it goes over the wire; `random` is the key for [`Masking::Random`].
    pub fn encode(&self, random: [u8; 4], out: &mut Vec<u8>) {
        let header = self.header(random);
        header.encode(out);
        let start = out.len();
        out.extend(&self.payload);
        if let Some(key) = header.masking_key {
            mask(key, 0, &mut out[start..]);
        }
    }
}
