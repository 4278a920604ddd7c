//! Opcodes: the four bits that say what a frame is, reserved values included.

use core::fmt;

/// The opcode of a frame, RFC 6455 section 5.2: any of the sixteen values, reserved ones too.
///
/// ```
/// use pushspec_parser::ws::Opcode;
/// assert_eq!(Opcode::TEXT.to_string(), "text");
/// assert_eq!(Opcode::new(0x3).unwrap().to_string(), "0x3");
/// assert_eq!(Opcode::new(0x10), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opcode(u8);

impl Opcode {
    /// `0x0`: a further fragment of the message in progress.
    pub const CONTINUATION: Self = Self(0x0);
    /// `0x1`: the first or only frame of a text message.
    pub const TEXT: Self = Self(0x1);
    /// `0x2`: the first or only frame of a binary message.
    pub const BINARY: Self = Self(0x2);
    /// `0x8`: the sender closes.
    pub const CLOSE: Self = Self(0x8);
    /// `0x9`: asks for a pong.
    pub const PING: Self = Self(0x9);
    /// `0xA`: answers a ping, or is sent unasked.
    pub const PONG: Self = Self(0xA);

    /// The opcode of this value, or `None` above `0xF`.
    pub const fn new(value: u8) -> Option<Self> {
        if value <= 0xF {
            Some(Self(value))
        } else {
            None
        }
    }

    /// The low four bits of a frame's first byte.
    pub(crate) const fn from_first_byte(byte: u8) -> Self {
        Self(byte & 0xF)
    }

    /// The value, `0x0` to `0xF`.
    pub const fn value(self) -> u8 {
        self.0
    }

    /// Whether this is a control opcode, assigned or reserved: `0x8` to `0xF`.
    pub const fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }

    /// Whether no document assigns this value: `0x3` to `0x7` and `0xB` to `0xF`.
    pub const fn is_reserved(self) -> bool {
        self.0 & 0x7 > 0x2
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match *self {
            Self::CONTINUATION => "continuation",
            Self::TEXT => "text",
            Self::BINARY => "binary",
            Self::CLOSE => "close",
            Self::PING => "ping",
            Self::PONG => "pong",
            Self(value) => return write!(out, "{value:#x}"),
        })
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Opcode({self})")
    }
}
