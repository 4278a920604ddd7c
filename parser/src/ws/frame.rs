//! The frame header, RFC 6455 section 5.2, as a value that loses nothing.
//!
//! Every sequence of bytes that is long enough is a header, so parsing cannot fail; what is wrong with it is the
//! business of [`FrameHeader::violations`].

use alloc::vec::Vec;

use nom::combinator::{cond, map};
use nom::number::streaming::u8 as byte;
use nom::{IResult, Needed, Parser as _};

use super::mask::mask;
use super::opcode::Opcode;
use crate::Violation;

/// The bit of [`FrameHeader::rsv`] for RSV1, which permessage-deflate uses (RFC 7692 section 6).
pub const RSV1: u8 = 0b100;
/// The bit of [`FrameHeader::rsv`] for RSV2.
pub const RSV2: u8 = 0b010;
/// The bit of [`FrameHeader::rsv`] for RSV3.
pub const RSV3: u8 = 0b001;

/// Who *sent* the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Role {
    /// The side that opened the connection; masks its frames.
    Client,
    /// The side that was connected to; does not mask.
    Server,
}

/// The most bytes of payload that a control frame may have (section 5.5).
pub(super) const MAX_CONTROL: u64 = 125;

/// How many bytes the length field of a header takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LengthForm {
    /// Seven bits, for lengths up to 125.
    Short,
    /// The marker 126 and two bytes.
    Sixteen,
    /// The marker 127 and eight bytes.
    SixtyFour,
}

impl LengthForm {
    /// The only form that section 5.2 allows for `length` bytes.
    pub const fn minimal(length: u64) -> Self {
        match length {
            0..=125 => Self::Short,
            126..=0xFFFF => Self::Sixteen,
            0x1_0000.. => Self::SixtyFour,
        }
    }
}

/// What parsing a part of the input came to: "more bytes are needed" is not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parsed<T> {
    /// The input ends too early.
    Partial {
        /// At least so many more bytes are needed.
        needed: usize,
    },
    /// The value is there.
    Complete(T),
}

/// The header of one frame. Nothing is lost: wasteful lengths and reserved bits encode back as they came.
///
/// ```
/// use pushspec_parser::ws::{FrameHeader, LengthForm, Parsed};
/// let wasteful = [0x82, 0x7e, 0x00, 0x05];
/// let Parsed::Complete((header, 4)) = FrameHeader::parse(&wasteful) else { panic!() };
/// assert_eq!((header.length, header.length_form), (5, LengthForm::Sixteen));
/// let mut encoded = Vec::new();
/// header.encode(&mut encoded);
/// assert_eq!(encoded, wasteful);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameHeader {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits, 0 to 7: [`RSV1`], [`RSV2`], [`RSV3`].
    pub rsv: u8,
    /// What the frame is.
    pub opcode: Opcode,
    /// The masking key, where the mask bit is set.
    pub masking_key: Option<[u8; 4]>,
    /// The announced length of the payload in bytes, its top bit included.
    pub length: u64,
    /// How the length is written. A form too short for `length` is the caller's mistake; see [`encode`](Self::encode).
    pub length_form: LengthForm,
}

impl FrameHeader {
    /// The most bytes a header can have.
    pub const MAX_LEN: usize = 14;

    /// The header of an unfragmented, unmasked frame, its length in the shortest form.
    pub const fn new(opcode: Opcode, length: u64) -> Self {
        Self {
            fin: true,
            rsv: 0,
            opcode,
            masking_key: None,
            length,
            length_form: LengthForm::minimal(length),
        }
    }

    /// Reads a header from the start of `input`; complete, it comes with the number of bytes it takes.
    #[inline]
    pub fn parse(input: &[u8]) -> Parsed<(Self, usize)> {
        match header(input) {
            Ok((rest, header)) => Parsed::Complete((header, input.len() - rest.len())),
            Err(nom::Err::Incomplete(needed)) => Parsed::Partial {
                needed: match needed {
                    Needed::Size(size) => size.get(),
                    Needed::Unknown => 1,
                },
            },
            // The grammar has no rule that can fail; were there one, this asks for more bytes forever.
            Err(nom::Err::Error(()) | nom::Err::Failure(())) => Parsed::Partial { needed: 1 },
        }
    }

    /// Appends the bytes of this header to `out`.
    ///
    /// Bits of `rsv` above 7 are dropped; of a `length` too large for its `length_form` the low bits are written.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.fin) << 7 | (self.rsv & 0x7) << 4 | self.opcode.value());
        let masked = u8::from(self.masking_key.is_some()) << 7;
        match self.length_form {
            LengthForm::Short => out.push(masked | (self.length & 0x7F) as u8),
            LengthForm::Sixteen => {
                out.push(masked | 126);
                out.extend_from_slice(&(self.length as u16).to_be_bytes());
            }
            LengthForm::SixtyFour => {
                out.push(masked | 127);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        if let Some(key) = self.masking_key {
            out.extend_from_slice(&key);
        }
    }

    /// Appends a whole frame to `out`: this header, with the length of `payload` in the shortest form, and the payload, masked
    /// if there is a key. What [`length`](Self::length) and [`length_form`](Self::length_form) say does not matter: whoever
    /// wants a header that lies uses [`encode`](Self::encode).
    ///
    /// A client masks every frame with a new key that nobody can foresee, a server none (section 5.3).
    ///
    /// ```
    /// use pushspec_parser::ws::{FrameHeader, Opcode};
    /// let masked = FrameHeader { masking_key: Some([0x37, 0xfa, 0x21, 0x3d]), ..FrameHeader::new(Opcode::TEXT, 0) };
    /// let mut out = Vec::new();
    /// masked.write_frame(b"Hello", &mut out);
    /// assert_eq!(out, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    /// ```
    pub fn write_frame(&self, payload: &[u8], out: &mut Vec<u8>) {
        let length = payload.len() as u64;
        let header = Self {
            length,
            length_form: LengthForm::minimal(length),
            ..*self
        };
        out.reserve(header.len() + payload.len());
        header.encode(out);
        let from = out.len();
        out.extend_from_slice(payload);
        if let Some(key) = self.masking_key {
            mask(key, 0, &mut out[from..]);
        }
    }

    /// The bytes that [`encode`](Self::encode) appends: 2 to 14.
    #[expect(clippy::len_without_is_empty, reason = "a header is never empty")]
    pub const fn len(&self) -> usize {
        let length = match self.length_form {
            LengthForm::Short => 0,
            LengthForm::Sixteen => 2,
            LengthForm::SixtyFour => 8,
        };
        2 + length + if self.masking_key.is_some() { 4 } else { 0 }
    }

    /// Whether [`violations`](Self::violations) is empty when no reserved bit is allowed; cheap, for the common case.
    #[inline]
    pub(super) fn is_plain(&self, from: Role) -> bool {
        let masked_rightly = self.masking_key.is_some() == (from == Role::Client);
        let control_rightly = !self.opcode.is_control() || self.fin && self.length <= MAX_CONTROL;
        let length_rightly =
            self.length_form == LengthForm::minimal(self.length) && self.length >> 63 == 0;
        masked_rightly
            && control_rightly
            && length_rightly
            && self.rsv == 0
            && !self.opcode.is_reserved()
    }

    /// Everything that is wrong with this header by itself, when `from` sent it.
    ///
    /// `allowed_rsv` holds the reserved bits that a negotiated extension gave a meaning: [`RSV1`] with
    /// permessage-deflate, else 0. They are then legal on the first frame of a data message (RFC 7692 section 6.1).
    ///
    /// ```
    /// use pushspec_parser::ws::{FrameHeader, Opcode, Role};
    /// use pushspec_parser::Violation;
    /// let long_ping = FrameHeader::new(Opcode::PING, 126);
    /// assert!(long_ping.violations(Role::Server, 0).eq([Violation::ControlTooLong]));
    /// ```
    pub fn violations(
        &self,
        from: Role,
        allowed_rsv: u8,
    ) -> impl Iterator<Item = Violation> + use<> {
        let control = self.opcode.is_control();
        let continuation = self.opcode == Opcode::CONTINUATION;
        let agreed_rsv1 = self.rsv & allowed_rsv & RSV1 != 0;
        let masked = self.masking_key.is_some();
        [
            (from == Role::Server && masked).then_some(Violation::MaskedByServer),
            (from == Role::Client && !masked).then_some(Violation::UnmaskedByClient),
            (self.rsv & !allowed_rsv & 0x7 != 0).then_some(Violation::ReservedBits),
            (agreed_rsv1 && control).then_some(Violation::Rsv1OnControl),
            (agreed_rsv1 && continuation).then_some(Violation::Rsv1OnContinuation),
            self.opcode
                .is_reserved()
                .then_some(Violation::ReservedOpcode),
            (self.length_form > LengthForm::minimal(self.length))
                .then_some(Violation::LengthNotMinimal),
            (self.length >> 63 != 0).then_some(Violation::LengthTopBit),
            (control && self.length > MAX_CONTROL).then_some(Violation::ControlTooLong),
            (control && !self.fin).then_some(Violation::ControlFragmented),
        ]
        .into_iter()
        .flatten()
    }
}

/// The grammar of section 5.2: two bytes, the rest of the length, the key.
#[inline]
fn header(input: &[u8]) -> IResult<&[u8], FrameHeader, ()> {
    let (input, first) = byte(input)?;
    let (input, second) = byte(input)?;
    let (input, (length, length_form)) = match second & 0x7F {
        126 => map(array::<2>, |bytes| {
            (u16::from_be_bytes(bytes).into(), LengthForm::Sixteen)
        })
        .parse(input)?,
        127 => map(array::<8>, |bytes| {
            (u64::from_be_bytes(bytes), LengthForm::SixtyFour)
        })
        .parse(input)?,
        short => (input, (u64::from(short), LengthForm::Short)),
    };
    let (input, masking_key) = cond(second & 0x80 != 0, array::<4>).parse(input)?;
    let header = FrameHeader {
        fin: first & 0x80 != 0,
        rsv: first >> 4 & 0x7,
        opcode: Opcode::from_first_byte(first),
        masking_key,
        length,
        length_form,
    };
    Ok((input, header))
}

/// `N` bytes. (nom's own numbers go byte by byte.)
#[inline]
fn array<const N: usize>(input: &[u8]) -> IResult<&[u8], [u8; N], ()> {
    match input.split_first_chunk() {
        Some((bytes, rest)) => Ok((rest, *bytes)),
        None => Err(nom::Err::Incomplete(Needed::new(N - input.len()))),
    }
}
