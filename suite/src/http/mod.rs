//! HTTP/1.1 as the suite speaks it: requests built byte by byte, so that they can be wrong on purpose, and replies read
//! back from a transcript. Beside it, what a client of the field makes of the same.

mod coding;
mod everyday;
mod exchange;
mod reply;
mod request;

pub use coding::{Coding, Decoded};
pub use everyday::{ACCEPTED, Everyday, REDIRECTS, Visit};
pub use exchange::Exchange;
pub use reply::{Piece, Replies, Reply, Rest};
pub use request::Request;

/// The field that offers extensions, and that accepts them.
pub const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
