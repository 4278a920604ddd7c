//! The chunked transfer coding, RFC 9112 section 7.1, streaming: data is lent, only cut lines are kept.
//!
//! A fault that leaves the place of the next chunk in doubt loses the framing: the decoder says so once and takes the
//! rest as noise.

use alloc::vec::Vec;

use nom::branch::alt;
use nom::character::complete::char;
use nom::combinator::{all_consuming, opt};
use nom::multi::many0_count;
use nom::sequence::preceded;
use nom::{IResult, Parser as _};

use super::grammar::{Line, blanks, is_control, is_token, quoted_string, token, trim};
use crate::{Finding, Violation};

/// A part of a body. Offsets count bytes from the start of the body as it is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEvent<'a> {
    /// The line before a chunk's data.
    Chunk {
        /// The announced size, not zero.
        size: u64,
        /// The line as sent, without its line end: size and extensions.
        line: &'a [u8],
        /// Where the line begins.
        offset: u64,
    },
    /// A piece of content, never empty.
    Data {
        /// The bytes.
        bytes: &'a [u8],
        /// Where they begin.
        offset: u64,
    },
    /// The line of the zero-size chunk.
    LastChunk {
        /// The line as sent, without its line end.
        line: &'a [u8],
        /// Where the line begins.
        offset: u64,
    },
    /// A field line behind the last chunk.
    Trailer {
        /// The name; empty for a line without a colon.
        name: &'a [u8],
        /// The value without blanks at its ends; of a line without a colon: all.
        value: &'a [u8],
        /// Where the line begins.
        offset: u64,
    },
    /// The body is complete.
    End {
        /// The position behind its last byte.
        offset: u64,
    },
    /// A rule is broken.
    Violation(Finding),
    /// A line outgrew [`ChunkLimits`]; [`Lost`](Self::Lost) follows.
    LimitReached {
        /// Where the line begins.
        offset: u64,
    },
    /// The framing is lost: nothing of what follows can be told apart.
    Lost {
        /// The first byte without a place.
        offset: u64,
    },
}

/// How much a [`ChunkedDecoder`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkLimits {
    /// The most bytes of one line, its line end included. Default: 8 KiB.
    pub line: usize,
    /// The most bytes of the trailer section, line ends included. Default: 64 KiB.
    pub trailers: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        Self {
            line: 8 << 10,
            trailers: 64 << 10,
        }
    }
}

/// Decodes and judges a chunked body.
///
/// ```
/// use pushspec_parser::http::{BodyEvent, ChunkLimits, ChunkedDecoder};
/// let mut decoder = ChunkedDecoder::new(ChunkLimits::default());
/// let mut content = Vec::new();
/// let input = b"5;a=b\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK";
/// let used = decoder.feed(input, |event| {
///     if let BodyEvent::Data { bytes, .. } = event {
///         content.extend_from_slice(bytes);
///     }
/// });
/// assert_eq!((content, &input[used..]), (b"hello".to_vec(), &b"HTTP/1.1 200 OK"[..]));
/// assert_eq!(decoder.finish(), None);
/// ```
#[derive(Clone, Debug)]
pub struct ChunkedDecoder {
    limits: ChunkLimits,
    state: State,
    /// The beginning of a line that an input cut.
    cut: Vec<u8>,
    /// Bytes consumed so far.
    offset: u64,
    /// Bytes of complete trailer lines.
    trailers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    Data { remaining: u64 },
    DataEnd { cr: bool },
    Trailers,
    Done,
    Lost,
}

impl ChunkedDecoder {
    /// A decoder at the first byte of a body.
    pub const fn new(limits: ChunkLimits) -> Self {
        Self {
            limits,
            state: State::Size,
            cut: Vec::new(),
            offset: 0,
            trailers: 0,
        }
    }

    /// Decodes further bytes and returns how many of them belong to the body: all, unless it ends among them.
    pub fn feed(&mut self, bytes: &[u8], mut on: impl FnMut(BodyEvent<'_>)) -> usize {
        let mut input = bytes;
        while !input.is_empty() && self.state != State::Done {
            let before = input.len();
            let used = match self.state {
                State::Size | State::Trailers => self.line(input, &mut on),
                State::Data { remaining } => {
                    let len = usize::try_from(remaining).unwrap_or(usize::MAX).min(before);
                    on(BodyEvent::Data {
                        bytes: &input[..len],
                        offset: self.offset,
                    });
                    self.state = match remaining - len as u64 {
                        0 => State::DataEnd { cr: false },
                        remaining => State::Data { remaining },
                    };
                    len
                }
                State::DataEnd { cr } => self.data_end(cr, input[0], &mut on),
                State::Lost => before,
                State::Done => 0,
            };
            self.offset += used as u64;
            input = &input[used..];
            if self.state == State::Done {
                on(BodyEvent::End {
                    offset: self.offset,
                });
            }
        }
        bytes.len() - input.len()
    }

    /// What is wrong if the connection ends here: the last chunk is missing, and with it a part of the content (RFC 9112
    /// section 8), or only the empty line behind it (section 7.1). `None` when the body is complete, and when the
    /// framing was lost and nothing can be said.
    pub fn finish(&self) -> Option<Finding> {
        let violation = match self.state {
            State::Done | State::Lost => return None,
            State::Size | State::Data { .. } | State::DataEnd { .. } => {
                Violation::ChunkedIncomplete
            }
            State::Trailers => Violation::ChunkedEnd,
        };
        Some(Finding::new(violation, self.offset))
    }

    /// Whether the body is complete.
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Whether the framing is lost.
    pub const fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost)
    }

    /// Bytes of the body so far.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    fn lose(&mut self, offset: u64, on: &mut impl FnMut(BodyEvent<'_>)) {
        self.state = State::Lost;
        self.cut = Vec::new();
        on(BodyEvent::Lost { offset });
    }

    /// Takes a line or a part of one, and returns how many bytes of `input` that is.
    fn line(&mut self, input: &[u8], on: &mut impl FnMut(BodyEvent<'_>)) -> usize {
        let start = self.offset - self.cut.len() as u64;
        let room = self.limits.line.min(match self.state {
            State::Trailers => self.limits.trailers - self.trailers,
            State::Size
            | State::Data { .. }
            | State::DataEnd { .. }
            | State::Done
            | State::Lost => usize::MAX,
        });
        let within = &input[..input.len().min(room - self.cut.len())];
        let Some(lf) = memchr::memchr(b'\n', within) else {
            if within.len() < input.len() {
                on(BodyEvent::LimitReached { offset: start });
                self.lose(start, on);
                return input.len();
            }
            self.cut.extend_from_slice(within);
            return input.len();
        };
        let mut cut = core::mem::take(&mut self.cut);
        let raw = if cut.is_empty() {
            &input[..=lf]
        } else {
            cut.extend_from_slice(&input[..=lf]);
            &cut
        };
        let line = Line::new(raw);
        if self.state == State::Trailers {
            self.trailers += raw.len();
            self.trailer(&line, start, on);
        } else {
            self.size(&line, start, on);
        }
        cut.clear();
        self.cut = cut;
        lf + 1
    }

    /// `chunk-size [ chunk-ext ] CRLF`
    fn size(&mut self, line: &Line<'_>, offset: u64, on: &mut impl FnMut(BodyEvent<'_>)) {
        let digits = line
            .bytes
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let (digits, extension) = line.bytes.split_at(digits);
        let size = core::str::from_utf8(digits)
            .ok()
            .and_then(|digits| u64::from_str_radix(digits, 16).ok());
        // Neither is what neither ends nor begins an extension, such as `5x` or `0x5`: it may be any number.
        let behind = trim(extension).first();
        let size = size.filter(|_| behind.is_none_or(|&byte| byte == b';'));
        let Some(size) = size else {
            on(BodyEvent::Violation(Finding::new(
                Violation::ChunkSize,
                offset,
            )));
            return self.lose(offset, on);
        };
        if all_consuming(chunk_extensions).parse(extension).is_err() {
            let at = offset + digits.len() as u64;
            on(BodyEvent::Violation(Finding::new(
                Violation::ChunkExtension,
                at,
            )));
        }
        judge_line_end(line, offset, on);
        if size == 0 {
            on(BodyEvent::LastChunk {
                line: line.bytes,
                offset,
            });
            self.state = State::Trailers;
        } else {
            on(BodyEvent::Chunk {
                size,
                line: line.bytes,
                offset,
            });
            self.state = State::Data { remaining: size };
        }
    }

    /// The CRLF behind chunk data; a lone LF is understood.
    fn data_end(&mut self, cr: bool, byte: u8, on: &mut impl FnMut(BodyEvent<'_>)) -> usize {
        match (cr, byte) {
            (false, b'\r') => self.state = State::DataEnd { cr: true },
            (true, b'\n') => self.state = State::Size,
            (false, b'\n') => {
                on(BodyEvent::Violation(Finding::new(
                    Violation::ChunkDataEnd,
                    self.offset,
                )));
                self.state = State::Size;
            }
            _ => {
                let offset = self.offset - u64::from(cr);
                on(BodyEvent::Violation(Finding::new(
                    Violation::ChunkDataEnd,
                    offset,
                )));
                self.lose(offset, on);
            }
        }
        1
    }

    /// A trailer field, or the empty line that ends the body.
    fn trailer(&mut self, line: &Line<'_>, offset: u64, on: &mut impl FnMut(BodyEvent<'_>)) {
        judge_line_end(line, offset, on);
        if line.bytes.is_empty() {
            self.state = State::Done;
            return;
        }
        let (name, value) = match memchr::memchr(b':', line.bytes) {
            Some(colon) => (&line.bytes[..colon], trim(&line.bytes[colon + 1..])),
            None => (&[][..], line.bytes),
        };
        if !is_token(name) || value.iter().any(|&byte| is_control(byte)) {
            on(BodyEvent::Violation(Finding::new(
                Violation::ChunkTrailer,
                offset,
            )));
        }
        on(BodyEvent::Trailer {
            name,
            value,
            offset,
        });
    }
}

fn judge_line_end(line: &Line<'_>, offset: u64, on: &mut impl FnMut(BodyEvent<'_>)) {
    if line.bare_lf {
        let lf = offset + line.bytes.len() as u64;
        on(BodyEvent::Violation(Finding::new(
            Violation::ChunkLineEnd,
            lf,
        )));
    }
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`, RFC 9112 section 7.1.1.
fn chunk_extensions(input: &[u8]) -> IResult<&[u8], usize, ()> {
    let value = preceded((blanks, char('='), blanks), alt((token, quoted_string)));
    many0_count(((blanks, char(';'), blanks), token, opt(value))).parse(input)
}
