//! Server-Sent Events: the event stream format of WHATWG HTML 9.2.5 (grammar) and 9.2.6 (meaning).
//!
//! Two levels stand on the same line search and the same line grammar:
//!
//! - [`EventStream`] is for everyday use: bytes in, [`Event`]s out, exactly as a browser would
//!   dispatch them. Bad UTF-8 becomes U+FFFD, unknown fields and comments vanish, an unfinished
//!   event at the end is dropped.
//! - [`Decoder`] is lossless: every byte comes back in some [`Fact`] with its offset, whatever is
//!   wrong with it, and what breaks the grammar or loses data is a [`Fact::Violation`].
//!
//! [`Message`] is the other direction: an encoder whose output cannot contain a field or an event
//! that its caller did not ask for.
//!
//! Three laws hold for every input and are tested as properties: how the bytes are cut into chunks
//! never changes what comes out; nothing panics; no more memory is held than [`Limits`] allows.
//!
//! ```
//! use pushspec_parser::sse::EventStream;
//!
//! let mut stream = EventStream::new();
//! let mut seen = Vec::new();
//! for chunk in [&b"event: add\ndata: 7"[..], b"3\r", b"\n\r\ndata: lost"] {
//!     stream.feed(chunk, |event| seen.push(event.to_owned()))?;
//! }
//! assert_eq!(seen.len(), 1);
//! assert_eq!((&*seen[0].event, &*seen[0].data), ("add", "73"));
//! assert!(stream.finish(), "an unfinished event was discarded");
//! # Ok::<(), pushspec_parser::sse::LimitReached>(())
//! ```
//!
//! # Known limits
//!
//! HTTP is not seen here: status, `Content-Type` and reconnection belong to the caller. Offsets
//! count bytes of the body after chunked framing and content coding were removed.

mod block;
mod bom;
mod cut;
mod decode;
mod encode;
mod event;
#[cfg(feature = "stream")]
mod events;
mod fact;
mod further;
mod judge;
mod limits;
mod line;
#[cfg(target_arch = "x86_64")]
mod movemask;
mod pending;
mod retry;
mod scan;
mod stream;
mod utf8;

pub use decode::Decoder;
pub use encode::{EncodeError, Message};
pub use event::{Event, OwnedEvent};
#[cfg(feature = "stream")]
pub use events::{Events, EventsError};
pub use fact::{Dispatch, Fact, Field, FieldName, Holds, LineEnd, Tail};
pub use limits::{Limit, LimitReached, Limits};
pub use stream::EventStream;

/// U+FEFF BYTE ORDER MARK in UTF-8. One may open a stream; it is no part of the first line.
const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];
