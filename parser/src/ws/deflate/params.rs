//! The parameters of permessage-deflate, RFC 7692 section 7.1: what is offered, answered and agreed.

use alloc::vec::Vec;
use core::fmt;

use crate::http::Extension;

/// The base-2 logarithm of the size of a window, 8 to 15 (section 7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u8", into = "u8"))]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 bytes.
    pub const MIN: Self = Self(8);
    /// 32 KiB, which holds where nothing is said.
    pub const MAX: Self = Self(15);

    /// So many bits, or `None` outside 8 to 15.
    pub const fn new(bits: u8) -> Option<Self> {
        match bits {
            8..=15 => Some(Self(bits)),
            _ => None,
        }
    }

    /// The number of bits.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The size of the window in bytes.
    pub const fn size(self) -> usize {
        1 << self.0
    }

    /// A decimal number without leading zeros (section 7.1.2.1).
    fn parse(value: &[u8]) -> Option<Self> {
        match *value {
            [digit @ b'8'..=b'9'] => Self::new(digit - b'0'),
            [b'1', digit @ b'0'..=b'5'] => Self::new(10 + digit - b'0'),
            _ => None,
        }
    }
}

impl From<WindowBits> for u8 {
    fn from(bits: WindowBits) -> u8 {
        bits.0
    }
}

impl TryFrom<u8> for WindowBits {
    type Error = NegotiationError;

    fn try_from(bits: u8) -> Result<Self, NegotiationError> {
        Self::new(bits).ok_or(NegotiationError::Value)
    }
}

/// What an offer says about the client's own window (section 7.1.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OfferedBits {
    /// Nothing: the answer must not limit it.
    #[default]
    Absent,
    /// The parameter without a value: the answer may limit it.
    Free,
    /// The answer may limit it, and the client says that it will not use more than this in any case.
    Hint(WindowBits),
}

/// One offer of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DeflateOffer {
    /// The server shall begin each message with an empty window.
    pub server_no_context_takeover: bool,
    /// A hint: the client will begin each message with an empty window.
    pub client_no_context_takeover: bool,
    /// The server shall not use a larger window.
    pub server_max_window_bits: Option<WindowBits>,
    /// Whether the server may limit the client's window.
    pub client_max_window_bits: OfferedBits,
}

/// The answer of a server that accepts an offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DeflateAnswer {
    /// The server begins each message with an empty window.
    pub server_no_context_takeover: bool,
    /// The client must begin each message with an empty window.
    pub client_no_context_takeover: bool,
    /// The server uses no larger window.
    pub server_max_window_bits: Option<WindowBits>,
    /// The client must use no larger window.
    pub client_max_window_bits: Option<WindowBits>,
}

/// How one side compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Direction {
    /// The window is no larger.
    pub window_bits: WindowBits,
    /// A message may refer to the ones before it.
    pub context_takeover: bool,
}

impl Default for Direction {
    /// What holds where nothing is said: 32 KiB, with context takeover.
    fn default() -> Self {
        Self {
            window_bits: WindowBits::MAX,
            context_takeover: true,
        }
    }
}

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Agreed {
    /// How the client compresses.
    pub client: Direction,
    /// How the server compresses.
    pub server: Direction,
}

/// Why an offer has to be declined, or the connection failed because of an answer (section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NegotiationError {
    /// This is another extension.
    Name,
    /// A parameter that the document does not define.
    UnknownParameter,
    /// A parameter with a value that it cannot have, or without one that it needs.
    Value,
    /// A parameter is there twice.
    Repeated,
    /// The answer lacks `server_no_context_takeover`, which the offer asked for (section 7.1.1.1).
    ServerTakeoverNotGranted,
    /// The answer lacks `server_max_window_bits`, which the offer asked for, or states more (section 7.1.2.1).
    ServerWindowNotGranted,
    /// The answer limits the client's window, which the offer did not allow (section 7.1.2.2).
    ClientWindowNotOffered,
}

impl fmt::Display for NegotiationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Name => "the extension is not permessage-deflate",
            Self::UnknownParameter => "a parameter is unknown",
            Self::Value => "a parameter has a value that it cannot have",
            Self::Repeated => "a parameter is there twice",
            Self::ServerTakeoverNotGranted => {
                "server_no_context_takeover was asked for and is missing"
            }
            Self::ServerWindowNotGranted => {
                "server_max_window_bits was asked for and is missing or larger"
            }
            Self::ClientWindowNotOffered => "client_max_window_bits was not offered",
        })
    }
}

impl core::error::Error for NegotiationError {}

const NAME: &str = "permessage-deflate";
const SERVER_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_BITS: &str = "server_max_window_bits";
const CLIENT_BITS: &str = "client_max_window_bits";

/// Parameters as they come: each at most once.
#[derive(Default)]
struct Raw {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<WindowBits>,
    client_max_window_bits: OfferedBits,
}

impl Raw {
    fn read(extension: &Extension) -> Result<Self, NegotiationError> {
        if extension.name != NAME.as_bytes() {
            return Err(NegotiationError::Name);
        }
        let mut raw = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        for (name, value) in &extension.parameters {
            if seen.contains(&name.as_slice()) {
                return Err(NegotiationError::Repeated);
            }
            seen.push(name);
            let value = value.as_deref();
            let bits = || {
                let bits = value.and_then(WindowBits::parse);
                bits.ok_or(NegotiationError::Value)
            };
            let none = || {
                if value.is_none() {
                    Ok(true)
                } else {
                    Err(NegotiationError::Value)
                }
            };
            match core::str::from_utf8(name) {
                Ok(SERVER_TAKEOVER) => raw.server_no_context_takeover = none()?,
                Ok(CLIENT_TAKEOVER) => raw.client_no_context_takeover = none()?,
                Ok(SERVER_BITS) => raw.server_max_window_bits = Some(bits()?),
                Ok(CLIENT_BITS) if value.is_none() => {
                    raw.client_max_window_bits = OfferedBits::Free
                }
                Ok(CLIENT_BITS) => raw.client_max_window_bits = OfferedBits::Hint(bits()?),
                _ => return Err(NegotiationError::UnknownParameter),
            }
        }
        Ok(raw)
    }
}

impl DeflateOffer {
    /// Reads one element of a request's `Sec-WebSocket-Extensions`.
    ///
    /// # Errors
    ///
    /// The server has to decline this offer, and may look at the next (section 7).
    pub fn from_extension(extension: &Extension) -> Result<Self, NegotiationError> {
        let raw = Raw::read(extension)?;
        Ok(Self {
            server_no_context_takeover: raw.server_no_context_takeover,
            client_no_context_takeover: raw.client_no_context_takeover,
            server_max_window_bits: raw.server_max_window_bits,
            client_max_window_bits: raw.client_max_window_bits,
        })
    }

    /// The answer that grants what is asked for and asks for nothing. Fields may be changed within what
    /// [`DeflateAnswer::agreed`] allows.
    pub fn answer(&self) -> DeflateAnswer {
        DeflateAnswer {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            client_max_window_bits: match self.client_max_window_bits {
                OfferedBits::Hint(bits) => Some(bits),
                OfferedBits::Absent | OfferedBits::Free => None,
            },
        }
    }
}

impl DeflateAnswer {
    /// Reads one element of a response's `Sec-WebSocket-Extensions`.
    ///
    /// # Errors
    ///
    /// The client has to fail the connection (section 7).
    pub fn from_extension(extension: &Extension) -> Result<Self, NegotiationError> {
        let raw = Raw::read(extension)?;
        Ok(Self {
            server_no_context_takeover: raw.server_no_context_takeover,
            client_no_context_takeover: raw.client_no_context_takeover,
            server_max_window_bits: raw.server_max_window_bits,
            client_max_window_bits: match raw.client_max_window_bits {
                OfferedBits::Absent => None,
                OfferedBits::Hint(bits) => Some(bits),
                // Section 7.1.2.2: in an answer it needs a value.
                OfferedBits::Free => return Err(NegotiationError::Value),
            },
        })
    }

    /// What is agreed when this answers `offer`.
    ///
    /// A hint of the client is no part of it: [`Agreed::client`] is what the answer states, and the largest window where
    /// it states none. A client that gave a hint said that it would compress with the smaller of the two (section
    /// 7.1.2.2), and should. It may use all that is agreed nevertheless (section 7.2.1), so that the server has to
    /// be able to decompress that (section 7.2.2).
    ///
    /// ```
    /// use pushspec_parser::ws::deflate::{DeflateAnswer, DeflateOffer, OfferedBits, WindowBits};
    /// let hint = OfferedBits::Hint(WindowBits::MIN);
    /// let offer = DeflateOffer { client_max_window_bits: hint, ..Default::default() };
    /// let agreed = DeflateAnswer::default().agreed(&offer)?;
    /// assert_eq!(agreed.client.window_bits, WindowBits::MAX);
    /// # Ok::<(), pushspec_parser::ws::deflate::NegotiationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The answer does not fit the offer: the client has to fail the connection.
    pub fn agreed(&self, offer: &DeflateOffer) -> Result<Agreed, NegotiationError> {
        if offer.server_no_context_takeover && !self.server_no_context_takeover {
            return Err(NegotiationError::ServerTakeoverNotGranted);
        }
        if let Some(most) = offer.server_max_window_bits
            && self.server_max_window_bits.is_none_or(|bits| bits > most)
        {
            return Err(NegotiationError::ServerWindowNotGranted);
        }
        if self.client_max_window_bits.is_some()
            && offer.client_max_window_bits == OfferedBits::Absent
        {
            return Err(NegotiationError::ClientWindowNotOffered);
        }
        let direction = |bits: Option<WindowBits>, no_takeover: bool| Direction {
            window_bits: bits.unwrap_or(WindowBits::MAX),
            context_takeover: !no_takeover,
        };
        Ok(Agreed {
            client: direction(self.client_max_window_bits, self.client_no_context_takeover),
            server: direction(self.server_max_window_bits, self.server_no_context_takeover),
        })
    }
}

impl fmt::Display for DeflateOffer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_flags(
            out,
            self.server_no_context_takeover,
            self.client_no_context_takeover,
        )?;
        write_bits(out, SERVER_BITS, self.server_max_window_bits)?;
        match self.client_max_window_bits {
            OfferedBits::Absent => Ok(()),
            OfferedBits::Free => write!(out, "; {CLIENT_BITS}"),
            OfferedBits::Hint(bits) => write_bits(out, CLIENT_BITS, Some(bits)),
        }
    }
}

impl fmt::Display for DeflateAnswer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_flags(
            out,
            self.server_no_context_takeover,
            self.client_no_context_takeover,
        )?;
        write_bits(out, SERVER_BITS, self.server_max_window_bits)?;
        write_bits(out, CLIENT_BITS, self.client_max_window_bits)
    }
}

fn write_flags(out: &mut fmt::Formatter<'_>, server: bool, client: bool) -> fmt::Result {
    out.write_str(NAME)?;
    for (name, is_set) in [(SERVER_TAKEOVER, server), (CLIENT_TAKEOVER, client)] {
        if is_set {
            write!(out, "; {name}")?;
        }
    }
    Ok(())
}

fn write_bits(out: &mut fmt::Formatter<'_>, name: &str, bits: Option<WindowBits>) -> fmt::Result {
    bits.map_or(Ok(()), |bits| write!(out, "; {name}={}", bits.get()))
}
