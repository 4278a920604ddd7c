//! HTTP/1.1 responses (RFC 9112, RFC 9110), as far as opening handshakes and event streams need them.
//!
//! [`ResponseHead`] reads a head, sound or not; [`BodyFraming`] says how long its body is; [`BodyDecoder`] reads it,
//! with [`ChunkedDecoder`] for the chunked coding. With the feature `handshake`, `judge_upgrade` judges the answer
//! to a WebSocket handshake.

mod body;
mod chunked;
mod framing;
mod grammar;
#[cfg(feature = "handshake")]
mod handshake;
mod head;
mod list;
mod scan;

pub use body::{BodyDecoder, BodyEnd};
pub use chunked::{BodyEvent, ChunkLimits, ChunkedDecoder};
pub use framing::{BodyFraming, RequestFacts};
#[cfg(feature = "handshake")]
pub use handshake::{Offer, accept_value, judge_upgrade};
pub use head::{Field, HeadParse, ResponseHead};
pub use list::{Elements, Extension, list_elements};
pub use scan::{FieldRef, HeadLimits, HeadRef, HeadScan, scan_head};
