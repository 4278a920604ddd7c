//! The lossless level: bytes in, facts out, nothing refused.
//!
//! The cutting into lines is here, the meaning of a line in `block.rs`.

use alloc::vec::Vec;
use core::mem;

use super::{
    BOM,
    block::Block,
    bom::{Bom, Opening},
    fact::{Fact, LineEnd, Tail},
    judge::Judge,
    limits::{Limit, Limits},
    scan::{Ending, Lines},
};

/// A lossless push decoder for one response body.
///
/// A line is reported as soon as its CR or LF is there, a [`Fact::LineEnd`] as soon as it is known
/// which line end it is. The sequence of facts does not depend on how the body is cut.
///
/// ```
/// use pushspec_parser::sse::{Decoder, Fact, Limits};
///
/// let mut events = Vec::new();
/// let mut decoder = Decoder::new(Limits::default());
/// decoder.feed(b"id: 1\ndata: x\n\r", |fact| {
///     if let Fact::Dispatch(event) = fact {
///         events.push((event.offset, event.data.to_vec()));
///     }
/// });
/// assert_eq!(events, [(14, b"x".to_vec())]);
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    limits: Limits,
    /// Where the next byte to be looked at is.
    offset: u64,
    bom: Bom,
    /// A CR was the last byte: where it is.
    open_cr: Option<u64>,
    /// Where the current line begins.
    line_at: u64,
    /// The beginning of a line whose end has not come.
    partial: Vec<u8>,
    /// The current line is over the limit.
    skipping: bool,
    block: Block,
    judge: Judge,
}

impl Decoder {
    /// A decoder at byte 0 of a body.
    pub fn new(limits: Limits) -> Self {
        Decoder {
            limits,
            offset: 0,
            bom: Bom::default(),
            open_cr: None,
            line_at: 0,
            partial: Vec::new(),
            skipping: false,
            block: Block::default(),
            judge: Judge::default(),
        }
    }

    /// Takes the next bytes of the body and hands every fact they establish to `sink`.
    pub fn feed(&mut self, chunk: &[u8], sink: impl FnMut(Fact<'_>)) {
        let mut judge = self.judge;
        self.take(chunk, &mut judged(&mut judge, sink));
        self.judge = judge;
    }

    fn take(&mut self, chunk: &[u8], sink: &mut impl FnMut(Fact<'_>)) {
        let mut rest = chunk;
        if !self.bom.is_over() {
            rest = self.match_bom(chunk, sink);
        }
        if let (Some(at), Some(&next)) = (self.open_cr, rest.first()) {
            self.open_cr = None;
            let is_crlf = next == b'\n';
            let end = if is_crlf { LineEnd::CrLf } else { LineEnd::Cr };
            sink(Fact::LineEnd { offset: at, end });
            if is_crlf {
                rest = &rest[1..];
                self.offset += 1;
                self.line_at = self.offset;
            }
        }
        let mut lines = Lines::default();
        while let Some(line) = lines.next(rest) {
            self.end_line(&rest[line.start..line.end], sink);
            let offset = self.offset;
            match line.ending {
                Ending::Lf => sink(Fact::LineEnd {
                    offset,
                    end: LineEnd::Lf,
                }),
                Ending::CrLf => sink(Fact::LineEnd {
                    offset,
                    end: LineEnd::CrLf,
                }),
                Ending::Cr => sink(Fact::LineEnd {
                    offset,
                    end: LineEnd::Cr,
                }),
                Ending::Open => self.open_cr = Some(offset),
            }
            self.offset += line.ending.len() as u64;
            self.line_at = self.offset;
        }
        self.extend(&rest[lines.rest()..], sink);
    }

    /// The body has ended, by itself: reports what is unfinished, then begins a new body at byte 0.
    ///
    /// Do not call it where the body was cut from our side, or the cut is reported as the peer's.
    pub fn finish(&mut self, sink: impl FnMut(Fact<'_>)) {
        let mut judge = self.judge;
        self.end(&mut judged(&mut judge, sink));
        *self = Decoder::new(self.limits);
    }

    fn end(&mut self, sink: &mut impl FnMut(Fact<'_>)) {
        self.extend(self.bom.held(), sink);
        if let Some(offset) = self.open_cr {
            sink(Fact::LineEnd {
                offset,
                end: LineEnd::Cr,
            });
        }
        if self.skipping {
            self.report_skipped(sink);
        }
        let line = mem::take(&mut self.partial);
        let tail = self.block.tail(self.line_at, &line, sink);
        if let Some((begin, holds)) = tail {
            sink(Fact::Tail(Tail {
                offset: begin,
                len: self.offset - begin,
                holds,
                line: &line,
            }));
        }
    }

    /// Bytes of memory that the buffers hold at present; [`Limits`] bounds it.
    pub fn buffered(&self) -> usize {
        self.partial.capacity() + self.block.buffered()
    }

    /// Takes the beginning of a body, which may be a BOM.
    fn match_bom<'c>(&mut self, chunk: &'c [u8], sink: &mut impl FnMut(Fact<'_>)) -> &'c [u8] {
        match self.bom.take(chunk) {
            Opening::Unknown => &[],
            Opening::Bom(rest) => {
                self.offset = BOM.len() as u64;
                self.line_at = self.offset;
                sink(Fact::Bom);
                rest
            }
            Opening::Other(held, rest) => {
                self.extend(held, sink);
                rest
            }
        }
    }

    /// `end` completes the current line.
    fn end_line(&mut self, end: &[u8], sink: &mut impl FnMut(Fact<'_>)) {
        if self.partial.is_empty() && !self.skipping && end.len() <= self.limits.line {
            self.offset += end.len() as u64;
            self.block.line(self.line_at, end, self.limits.event, sink);
            return;
        }
        self.extend(end, sink);
        if mem::take(&mut self.skipping) {
            self.report_skipped(sink);
        } else {
            let mut line = mem::take(&mut self.partial);
            self.block
                .line(self.line_at, &line, self.limits.event, sink);
            line.clear();
            self.partial = line;
        }
    }

    /// Adds bytes to the current line, or gives the line up if it grows too long.
    fn extend(&mut self, bytes: &[u8], sink: &mut impl FnMut(Fact<'_>)) {
        self.offset += bytes.len() as u64;
        if self.skipping || bytes.is_empty() {
            return;
        }
        if bytes.len() > self.limits.line - self.partial.len() {
            let first = *self.partial.first().unwrap_or(&bytes[0]);
            self.block.overlong(self.line_at, first);
            self.skipping = true;
            self.partial.clear();
            sink(Fact::LimitReached {
                offset: self.line_at,
                limit: Limit::Line,
            });
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }

    fn report_skipped(&mut self, sink: &mut impl FnMut(Fact<'_>)) {
        sink(Fact::Skipped {
            offset: self.line_at,
            len: self.offset - self.line_at,
        });
    }
}

/// Hands on every fact, and behind it the violation that it is.
fn judged(judge: &mut Judge, mut sink: impl FnMut(Fact<'_>)) -> impl FnMut(Fact<'_>) {
    move |fact| {
        sink(fact);
        if let Some(finding) = judge.see(&fact) {
            sink(Fact::Violation(finding));
        }
    }
}
