//! permessage-deflate, RFC 7692 section 7: negotiation, and the transformation of whole messages.
//!
//! ```
//! use pushspec_parser::http::Extension;
//! use pushspec_parser::ws::deflate::{Compressor, Decompressor, DeflateAnswer, DeflateOffer};
//!
//! // What the client sent, what the server makes of it, and what both then know.
//! let offer = b"permessage-deflate; client_max_window_bits; server_max_window_bits=10";
//! let offer = DeflateOffer::from_extension(&Extension::parse(offer).unwrap())?;
//! let answer = offer.answer();
//! assert_eq!(answer.to_string(), "permessage-deflate; server_max_window_bits=10");
//! let agreed = answer.agreed(&offer)?;
//!
//! // The server compresses, the client decompresses.
//! let mut compressor = Compressor::new(agreed.server, 6);
//! let mut decompressor = Decompressor::new(agreed.server, 1 << 20);
//! let first = compressor.compress(b"Hello").to_vec();
//! let second = compressor.compress(b"Hello").to_vec();
//! assert!(second.len() < first.len(), "the second refers to the first");
//! assert_eq!(decompressor.decompress(&first).unwrap(), b"Hello");
//! assert_eq!(decompressor.decompress(&second).unwrap(), b"Hello");
//! # Ok::<(), pushspec_parser::ws::deflate::NegotiationError>(())
//! ```
//!
//! # Which library
//!
//! Compression is zlib-rs, the only one of the usual crates that has a window of a chosen size: miniz_oxide's is always
//! 32 KiB. zlib-rs refuses a raw window of 256 bytes (8 bits), but with 9 bits it never looks back further than 250
//! bytes, which a window of 256 holds; our own decompressor proves that in tests. Decompression is our own, because
//! zlib's family takes any distance that its output buffer happens to hold: a sender that breaks the agreement
//! would be noticed on some chunk sizes only. Here a distance beyond the window, or beyond the message where no
//! context is taken over, is an error at its place, and the output never outgrows its limit.

mod bits;
mod compress;
mod huffman;
mod inflate;
mod params;

pub use compress::Compressor;
pub use inflate::{Decompressor, InflateError, InflateFault};
pub use params::{
    Agreed, DeflateAnswer, DeflateOffer, Direction, NegotiationError, OfferedBits, WindowBits,
};

/// What a flush leaves at the end of a message, and section 7.2.1 strips: the length of an empty stored block.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
