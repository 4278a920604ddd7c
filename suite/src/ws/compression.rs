//! permessage-deflate on a connection (RFC 7692): what its 101 agreed on, and what the messages under it mean.

use crate::http::EXTENSIONS;
use crate::ws::handshake::Asked;
use pushspec_parser::http::{Extension, ResponseHead};
use pushspec_parser::ws::deflate::{
    Agreed, Compressor, Decompressor, DeflateAnswer, Direction, InflateError, InflateFault,
    NegotiationError, WindowBits,
};
use pushspec_parser::ws::{Message, RSV1};

/// The name of the extension.
pub const NAME: &str = "permessage-deflate";

/// What browsers offer.
pub const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// The hint that a client can limit its window.
pub const HINT: &str = "client_max_window_bits";

/// These offers, and behind them the same with the hint that browsers give. Only where it is given may a server limit the
/// client's window (RFC 7692 section 7.1.2.2): one that wants to has to decline the others.
pub fn with_hint(offers: &str) -> String {
    match offers.contains(HINT) {
        true => offers.into(),
        false => {
            let hinted = offers.split(", ").map(|offer| format!("{offer}; {HINT}"));
            let all: Vec<String> = offers
                .split(", ")
                .map(str::to_owned)
                .chain(hinted)
                .collect();
            all.join(", ")
        }
    }
}

/// What is kept of the messages of one direction once they are inflated: a few bytes can stand for very many.
const KEPT: usize = 1 << 20;

/// The effort of our own compression: the usual one.
const LEVEL: u8 = 6;

/// The extension as a 101 accepted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compression {
    /// What its parameters say.
    pub answer: Result<DeflateAnswer, NegotiationError>,
}

impl Compression {
    /// What this 101 accepted, where permessage-deflate was offered at all. A name in another letter case counts: what
    /// is to be said about that is for the cases to say that offer it.
    pub fn accepted(asked: &Asked, head: &ResponseHead) -> Option<Self> {
        let offered = asked.extensions().any(|offer| is_deflate(&offer));
        let mut accepted = head.list(EXTENSIONS).filter_map(Extension::parse);
        accepted
            .find(is_deflate)
            .filter(|_| offered)
            .map(|mut extension| {
                extension.name.make_ascii_lowercase();
                Self {
                    answer: DeflateAnswer::from_extension(&extension),
                }
            })
    }

    /// How both sides compress from then on. An answer that cannot be read limits nothing.
    pub fn agreed(&self) -> Agreed {
        let direction = |bits: Option<WindowBits>, alone: bool| Direction {
            window_bits: bits.unwrap_or(WindowBits::MAX),
            context_takeover: !alone,
        };
        self.answer.map_or_else(
            |_| Agreed::default(),
            |answer| Agreed {
                client: direction(
                    answer.client_max_window_bits,
                    answer.client_no_context_takeover,
                ),
                server: direction(
                    answer.server_max_window_bits,
                    answer.server_no_context_takeover,
                ),
            },
        )
    }

    /// The agreement that the server breaks with a message that does not inflate for this reason; none where the data are
    /// wrong under any agreement.
    pub fn broken_by(&self, fault: InflateFault) -> Option<&'static str> {
        match fault {
            InflateFault::DistanceBeyondWindow => Some("rfc7692/7.2.1/server-mwb-obeyed"),
            InflateFault::DistanceTooFar if !self.agreed().server.context_takeover => {
                Some("rfc7692/7.2.1/server-nct-empty-window")
            }
            InflateFault::DistanceTooFar
            | InflateFault::Truncated
            | InflateFault::BlockType
            | InflateFault::StoredLength
            | InflateFault::Code
            | InflateFault::Symbol
            | InflateFault::TooLong => None,
        }
    }

    /// What compresses as the client has to.
    pub fn compressor(&self) -> Compressor {
        Compressor::new(self.agreed().client, LEVEL)
    }
}

/// Zeros compressed at once.
const PIECE: usize = 1 << 16;

/// What a flush ends with: between two pieces it stays.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The payload of a compressed message that stands for so many zeros, in less than a five-hundredth of the bytes where they
/// are many. The second piece looks back at the first, and so does every further one, in the same words.
pub fn zeros(length: usize) -> Vec<u8> {
    let mut compressor = Compressor::new(Direction::default(), LEVEL);
    let piece = vec![0; PIECE];
    let (pieces, rest) = (length / PIECE, length % PIECE);
    let mut payload = Vec::new();
    if pieces > 0 {
        payload.extend(compressor.compress(&piece));
        payload.extend(TAIL);
        let further = compressor.compress(&piece).to_vec();
        for _ in 1..pieces {
            payload.extend(&further);
            payload.extend(TAIL);
        }
    }
    payload.extend(compressor.compress(&piece[..rest]));
    payload
}

/// Whether this is permessage-deflate, in whatever letter case.
pub fn is_deflate(extension: &Extension) -> bool {
    extension.name.eq_ignore_ascii_case(NAME.as_bytes())
}

/// What the payload of a compressed message stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inflated {
    /// This.
    Payload(Vec<u8>),
    /// Nothing: it does not inflate, and nor does anything behind it.
    Broken(InflateError),
    /// More than is kept of a connection; it was not looked at any further.
    Beyond,
}

/// Inflates the messages of one direction, one after another, and holds the sender to what was agreed.
#[derive(Debug, Clone)]
pub struct Inflater {
    decompressor: Decompressor,
    left: usize,
}

impl Inflater {
    /// For messages that were compressed in this way.
    pub fn new(direction: Direction) -> Self {
        Self {
            decompressor: Decompressor::new(direction, KEPT),
            left: KEPT,
        }
    }

    /// What the payload of the next compressed message stands for.
    pub fn inflate(&mut self, payload: &[u8]) -> Inflated {
        match self.decompressor.decompress(payload) {
            Ok(message) if message.len() <= self.left => {
                self.left -= message.len();
                Inflated::Payload(message.to_vec())
            }
            Ok(_) => {
                self.left = 0;
                Inflated::Beyond
            }
            Err(error) if error.fault == InflateFault::TooLong => Inflated::Beyond,
            Err(error) => Inflated::Broken(error),
        }
    }
}

/// What a compressed message stands for; none where it is not compressed.
pub(crate) fn inflated(message: &Message<'_>, inflater: &mut Option<Inflater>) -> Option<Inflated> {
    let inflater = inflater.as_mut().filter(|_| message.rsv & RSV1 != 0)?;
    Some(inflater.inflate(message.payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pushspec_parser::http::{HeadLimits, HeadParse};

    fn accepted(offer: &str, answer: &str) -> Option<Compression> {
        let asked = Asked::in_bytes(
            format!("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n").as_bytes(),
        );
        let response = format!("HTTP/1.1 101 x\r\nSec-WebSocket-Extensions: {answer}\r\n\r\n");
        match ResponseHead::parse(response.as_bytes(), HeadLimits::default()) {
            HeadParse::Complete(head) => Compression::accepted(&asked, &head),
            HeadParse::Partial | HeadParse::NotHttp { .. } | HeadParse::TooLarge => {
                panic!("a head")
            }
        }
    }

    #[test]
    fn the_hint_stands_behind_what_goes_without() {
        let rows = [
            (
                NAME,
                "permessage-deflate, permessage-deflate; client_max_window_bits",
            ),
            (OFFER, OFFER),
            (
                "permessage-deflate; server_max_window_bits=9",
                "permessage-deflate; server_max_window_bits=9, permessage-deflate; server_max_window_bits=9; \
                 client_max_window_bits",
            ),
        ];
        for (offers, expected) in rows {
            assert_eq!(with_hint(offers), expected);
        }
    }

    #[test]
    fn only_what_was_offered_is_accepted() {
        assert!(accepted(NAME, NAME).is_some());
        assert!(accepted("x-a, permessage-deflate; foo", NAME).is_some());
        assert!(accepted("x-a", NAME).is_none());
        assert!(accepted(NAME, "x-a").is_none());
        assert!(accepted("Permessage-Deflate", NAME).is_some());
    }

    #[test]
    fn the_answer_alone_says_what_holds() {
        let answer = "permessage-deflate; server_max_window_bits=10; client_no_context_takeover";
        let agreed = accepted(NAME, answer).expect("accepted").agreed();
        assert_eq!(agreed.server.window_bits.get(), 10);
        assert!(agreed.server.context_takeover && !agreed.client.context_takeover);
        let unreadable = accepted(NAME, "permessage-deflate; x=1").expect("accepted");
        assert_eq!(unreadable.answer, Err(NegotiationError::UnknownParameter));
        assert_eq!(unreadable.agreed(), Agreed::default());
    }

    #[test]
    fn zeros_are_stood_for() {
        for length in [0, 1, 1000, PIECE, PIECE + 1, 3 << 20] {
            let payload = zeros(length);
            let mut decompressor = Decompressor::new(Direction::default(), 4 << 20);
            let inflated = decompressor.decompress(&payload).expect("sound");
            assert!(inflated.len() == length && inflated.iter().all(|&byte| byte == 0));
            assert!(length < PIECE || payload.len() < length / 500);
        }
    }

    #[test]
    fn a_bomb_is_not_kept() {
        let compression = accepted(NAME, NAME).expect("accepted");
        let zeros = vec![0; KEPT / 2 + 1];
        let mut compressor = compression.compressor();
        let mut inflater = Inflater::new(Direction::default());
        let first = compressor.compress(&zeros).to_vec();
        assert_eq!(inflater.inflate(&first), Inflated::Payload(zeros.clone()));
        let second = compressor.compress(&zeros).to_vec();
        assert_eq!(inflater.inflate(&second), Inflated::Beyond);
        let both = Compressor::new(Direction::default(), 6)
            .compress(&[zeros.clone(), zeros].concat())
            .to_vec();
        let mut inflater = Inflater::new(Direction::default());
        assert_eq!(inflater.inflate(&both), Inflated::Beyond);
    }
}
