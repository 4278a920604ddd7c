//! The language-neutral vectors of `fixtures/vectors`, run through both levels of the parser: each whole, byte by byte,
//! and cut once and twice at every place.

mod cuts;
#[cfg(feature = "deflate")]
mod deflate;
mod first_bytes;
mod format;
#[cfg(feature = "handshake")]
mod handshake;
mod heads;
mod sse;
mod ws;
