//! The body of a response, whatever its framing.

use super::chunked::{BodyEvent, ChunkLimits, ChunkedDecoder};
use super::framing::BodyFraming;
use crate::Finding;

/// Reads a body by its [`BodyFraming`].
///
/// ```
/// use pushspec_parser::http::{BodyDecoder, BodyEnd, BodyFraming, ChunkLimits};
/// let mut body = BodyDecoder::new(BodyFraming::Length(5), ChunkLimits::default());
/// assert_eq!(body.feed(b"hel", |_| {}), 3);
/// assert_eq!(body.finish(), BodyEnd::Short { missing: 2 });
/// assert_eq!(body.feed(b"lo and more", |_| {}), 2);
/// assert_eq!(body.finish(), BodyEnd::Complete);
/// ```
#[derive(Clone, Debug)]
pub struct BodyDecoder {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Sized { remaining: u64, offset: u64 },
    Chunked(ChunkedDecoder),
    UntilClose { offset: u64 },
}

/// What the end of the connection means for a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyEnd {
    /// The body was complete before.
    Complete,
    /// The end of the connection is the end of the body. Over TLS it counts only with a closure alert (RFC 9112
    /// section 9.8).
    ByClose,
    /// Content-Length promised more.
    Short {
        /// So many bytes more.
        missing: u64,
    },
    /// The last chunk is missing, or the empty line behind it.
    Unterminated(Finding),
    /// The chunked framing was lost before.
    Lost,
}

impl BodyDecoder {
    /// A decoder at the first byte of a body.
    pub const fn new(framing: BodyFraming, limits: ChunkLimits) -> Self {
        Self {
            kind: match framing {
                BodyFraming::None => Kind::Sized {
                    remaining: 0,
                    offset: 0,
                },
                BodyFraming::Length(remaining) => Kind::Sized {
                    remaining,
                    offset: 0,
                },
                BodyFraming::Chunked => Kind::Chunked(ChunkedDecoder::new(limits)),
                BodyFraming::UntilClose => Kind::UntilClose { offset: 0 },
            },
        }
    }

    /// Decodes further bytes and returns how many of them belong to the body: all, unless it ends among them.
    ///
    /// A body of known length ends with [`BodyEvent::End`] when its last byte comes; one of length zero has no event.
    pub fn feed(&mut self, bytes: &[u8], mut on: impl FnMut(BodyEvent<'_>)) -> usize {
        match &mut self.kind {
            Kind::Chunked(decoder) => decoder.feed(bytes, on),
            Kind::Sized { remaining, offset } => {
                let len = usize::try_from(*remaining)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                if len > 0 {
                    on(BodyEvent::Data {
                        bytes: &bytes[..len],
                        offset: *offset,
                    });
                    *offset += len as u64;
                    *remaining -= len as u64;
                    if *remaining == 0 {
                        on(BodyEvent::End { offset: *offset });
                    }
                }
                len
            }
            Kind::UntilClose { offset } => {
                if !bytes.is_empty() {
                    on(BodyEvent::Data {
                        bytes,
                        offset: *offset,
                    });
                    *offset += bytes.len() as u64;
                }
                bytes.len()
            }
        }
    }

    /// What it means if the connection ends here.
    pub fn finish(&self) -> BodyEnd {
        match &self.kind {
            Kind::UntilClose { .. } => BodyEnd::ByClose,
            Kind::Sized { remaining: 0, .. } => BodyEnd::Complete,
            Kind::Sized { remaining, .. } => BodyEnd::Short {
                missing: *remaining,
            },
            Kind::Chunked(decoder) => match decoder.finish() {
                Some(finding) => BodyEnd::Unterminated(finding),
                None if decoder.is_lost() => BodyEnd::Lost,
                None => BodyEnd::Complete,
            },
        }
    }

    /// Whether the body is complete, so that what follows belongs to the next message.
    pub fn is_done(&self) -> bool {
        self.finish() == BodyEnd::Complete
    }
}
