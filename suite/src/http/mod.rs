//! HTTP/1.1 as the suite speaks it: requests built byte by byte, so that they can be wrong on purpose, and replies read
//! back from a transcript.

mod coding;
mod exchange;
mod reply;
mod request;

pub use coding::{Coding, Decoded};
pub use exchange::Exchange;
pub use reply::{Piece, Replies, Reply, Rest};
pub use request::Request;

/// The field that offers extensions, and that accepts them.
pub const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
