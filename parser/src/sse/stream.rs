//! The everyday level: bytes in, events out, as WHATWG HTML 9.2.6 interprets a stream.
//!
//! Data of one line is lent straight from the chunk it came in; only what spans lines or chunks is
//! copied, into buffers that are used again for every event.

use alloc::string::String;
use core::mem;

use super::{
    event::Event,
    fact::FieldName,
    limits::{Limit, LimitReached, Limits},
    line::{self, Line},
    retry,
    scan::{self, Ending},
    utf8::Utf8,
};

/// A push parser for one event source, over as many connections as it takes.
///
/// Feed it the bytes of the response body as they come. After [`EventStream::finish`] it is ready
/// for the body of the next connection, with the last event ID and the reconnection time kept.
///
/// ```
/// use pushspec_parser::sse::EventStream;
///
/// let mut stream = EventStream::new();
/// let mut data = String::new();
/// stream.feed(b"retry: 250\nid: a1\ndata: one\ndata: two\n\n", |event| data += event.data)?;
/// assert_eq!(data, "one\ntwo");
/// assert_eq!(stream.last_event_id(), "a1");
/// assert_eq!(stream.retry(), Some(250));
/// # Ok::<(), pushspec_parser::sse::LimitReached>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EventStream {
    limits: Limits,
    utf8: Utf8,
    /// Text has been seen, so that a BOM is no longer one.
    started: bool,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    /// The beginning of a line whose end has not come.
    partial: String,
    /// The line at hand is over the limit: its bytes are dropped up to its end.
    skipping: bool,
    block: Block,
    last_event_id: String,
    retry: Option<u64>,
    /// The first limit reached during the current feed.
    reached: Option<LimitReached>,
}

/// What the lines since the last blank line amount to: the buffers of 9.2.6.
#[derive(Clone, Debug, Default)]
struct Block {
    data: String,
    has_data: bool,
    event: String,
    id: String,
    has_id: bool,
    /// A limit was reached: the event will not be dispatched.
    dropped: bool,
}

/// Parts of the block at hand that still lie in the text at hand.
#[derive(Default)]
struct Lent<'t> {
    data: Option<&'t str>,
    event: Option<&'t str>,
}

impl EventStream {
    /// A stream with the default [`Limits`].
    pub fn new() -> Self {
        EventStream::default()
    }

    /// A stream with limits of its own.
    ///
    /// ```
    /// use pushspec_parser::sse::{EventStream, Limit, Limits};
    ///
    /// let mut stream = EventStream::with_limits(Limits { line: 1024, event: 4 });
    /// let mut count = 0;
    /// let result = stream.feed(b"data: too long\n\ndata: fits\n\n", |_| count += 1);
    /// assert_eq!(result.unwrap_err().limit, Limit::Event);
    /// assert_eq!(count, 1);
    /// ```
    pub fn with_limits(limits: Limits) -> Self {
        EventStream {
            limits,
            ..EventStream::default()
        }
    }

    /// Takes the next bytes of the body and hands every event they complete to `sink`, at once.
    ///
    /// # Errors
    ///
    /// [`LimitReached`] if an event had to be dropped because of its size. All of `chunk` was
    /// taken nevertheless, and the stream can be fed on.
    pub fn feed(
        &mut self,
        chunk: &[u8],
        mut sink: impl FnMut(Event<'_>),
    ) -> Result<(), LimitReached> {
        let mut utf8 = mem::take(&mut self.utf8);
        utf8.feed(chunk, |text| self.text(text, &mut sink));
        self.utf8 = utf8;
        self.reached.take().map_or(Ok(()), Err)
    }

    /// The body has ended. Returns whether something unfinished had to be discarded.
    ///
    /// Clause 9.2.6: an event without its blank line is never dispatched, nor does its `id` count.
    /// A server that relies on the contrary loses its last event.
    pub fn finish(&mut self) -> bool {
        let pending = self.block.has_data
            || self.block.has_id
            || !self.block.event.is_empty()
            || self.block.dropped
            || !self.partial.is_empty()
            || self.skipping
            || self.utf8.is_cut();
        self.utf8 = Utf8::default();
        self.started = false;
        self.after_cr = false;
        self.partial.clear();
        self.skipping = false;
        self.block.clear();
        pending
    }

    /// What a reconnecting client sends as `Last-Event-ID`; empty if nothing is to be sent.
    ///
    /// It changes at the blank line that ends a block, whether or not an event is dispatched.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The reconnection time in milliseconds, if the server has set one.
    ///
    /// A number beyond `u64` counts as [`u64::MAX`].
    pub fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// Bytes of memory that the buffers hold at present; [`Limits`] bounds it.
    pub fn buffered(&self) -> usize {
        self.partial.capacity()
            + self.block.data.capacity()
            + self.block.event.capacity()
            + self.block.id.capacity()
            + self.last_event_id.capacity()
    }

    /// Splits a piece of decoded text into lines. Nothing is lent beyond the piece.
    fn text(&mut self, text: &str, sink: &mut impl FnMut(Event<'_>)) {
        let mut rest = text;
        if !self.started {
            self.started = true;
            rest = rest.strip_prefix('\u{feff}').unwrap_or(rest);
        }
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }

        let mut lent = Lent::default();
        let mut held = mem::take(&mut self.partial);
        if (!held.is_empty() || self.skipping)
            && let Some((len, ending)) = scan::line_end(rest.as_bytes())
        {
            self.extend(&mut held, &rest[..len]);
            rest = &rest[len + ending.len()..];
            self.after_cr = ending == Ending::Open;
            if !mem::take(&mut self.skipping) {
                self.line(&held, &mut lent, sink);
            }
            // `held` may be lent until the block ends or the text does.
            let taken = self.lines(rest, &mut lent, sink);
            self.block.keep(&lent);
            rest = &rest[taken..];
            held.clear();
        } else if held.is_empty() && !self.skipping {
            let taken = self.lines(rest, &mut lent, sink);
            self.block.keep(&lent);
            rest = &rest[taken..];
        }
        self.extend(&mut held, rest);
        self.partial = held;
    }

    /// Interprets all complete lines at the front of `text`; returns how many bytes they are.
    #[inline]
    fn lines<'t>(
        &mut self,
        text: &'t str,
        lent: &mut Lent<'t>,
        sink: &mut impl FnMut(Event<'_>),
    ) -> usize {
        let mut rest = text;
        while let Some((len, ending)) = scan::line_end(rest.as_bytes()) {
            let (line, behind) = rest.split_at(len);
            rest = &behind[ending.len()..];
            self.after_cr = ending == Ending::Open;
            if len > self.limits.line {
                self.overlong(line.as_bytes()[0]);
            } else {
                self.line(line, lent, sink);
            }
        }
        text.len() - rest.len()
    }

    /// Adds `text` to the unfinished line in `held`, or drops the line if it grows too long.
    fn extend(&mut self, held: &mut String, text: &str) {
        if self.skipping || text.is_empty() {
            return;
        }
        if text.len() > self.limits.line - held.len() {
            let first = held.as_bytes().first().unwrap_or(&text.as_bytes()[0]);
            self.overlong(*first);
            self.skipping = true;
            held.clear();
        } else {
            held.push_str(text);
        }
    }

    /// A line is over the limit. If it is a comment, nothing of the event is lost.
    #[cold]
    fn overlong(&mut self, first: u8) {
        if first != b':' {
            self.drop_event(Limit::Line);
        }
    }

    #[cold]
    fn drop_event(&mut self, limit: Limit) {
        self.block.dropped = true;
        self.reached.get_or_insert(LimitReached { limit });
    }

    /// Interprets one line (9.2.6).
    #[inline]
    fn line<'t>(&mut self, line: &'t str, lent: &mut Lent<'t>, sink: &mut impl FnMut(Event<'_>)) {
        match line::parse(line.as_bytes()) {
            Line::Blank => self.dispatch(mem::take(lent), sink),
            Line::Comment(_) => {}
            Line::Field { name, value, .. } => {
                // A value is a suffix of its line, and begins behind ASCII: a character boundary.
                let value = &line[line.len() - value.len()..];
                match name {
                    FieldName::Data => self.data(value, lent),
                    FieldName::Event => lent.event = Some(value),
                    FieldName::Id => self.id(value),
                    FieldName::Retry => {
                        if let Ok(retry) = retry::parse(value.as_bytes()) {
                            self.retry = Some(retry.millis);
                        }
                    }
                    FieldName::Unknown(_) => {}
                }
            }
        }
    }

    #[inline]
    fn data<'t>(&mut self, value: &'t str, lent: &mut Lent<'t>) {
        let before = match lent.data {
            Some(first) => first.len() + 1,
            None if self.block.has_data => self.block.data.len() + 1,
            None => 0,
        };
        if self.block.dropped {
            // Nothing of this event will be seen.
        } else if before + value.len() > self.limits.event {
            self.drop_event(Limit::Event);
        } else if before == 0 {
            lent.data = Some(value);
        } else {
            self.block.keep_data(lent);
            self.block.data.push('\n');
            self.block.data.push_str(value);
        }
    }

    /// 9.2.6: an id with NUL is ignored.
    fn id(&mut self, value: &str) {
        if memchr::memchr(0, value.as_bytes()).is_none() {
            self.block.id.clear();
            self.block.id.push_str(value);
            self.block.has_id = true;
        }
    }

    /// A blank line: the id takes effect, and what has data and fits becomes an event.
    #[inline]
    fn dispatch(&mut self, lent: Lent<'_>, sink: &mut impl FnMut(Event<'_>)) {
        if mem::take(&mut self.block.has_id) {
            mem::swap(&mut self.last_event_id, &mut self.block.id);
        }
        let has_data = lent.data.is_some() || self.block.has_data;
        if has_data && !self.block.dropped {
            let event = lent.event.unwrap_or(&self.block.event);
            sink(Event {
                event: if event.is_empty() { "message" } else { event },
                data: lent.data.unwrap_or(&self.block.data),
                id: &self.last_event_id,
            });
        }
        self.block.clear();
    }
}

impl Block {
    /// Moves what is lent into the buffers, because the text goes away.
    fn keep(&mut self, lent: &Lent<'_>) {
        if let Some(event) = lent.event {
            self.event.clear();
            self.event.push_str(event);
        }
        if let Some(data) = lent.data {
            self.data.push_str(data);
            self.has_data = true;
        }
    }

    fn keep_data(&mut self, lent: &mut Lent<'_>) {
        if let Some(data) = lent.data.take() {
            self.data.push_str(data);
            self.has_data = true;
        }
    }

    #[inline]
    fn clear(&mut self) {
        self.data.clear();
        self.has_data = false;
        self.event.clear();
        self.has_id = false;
        self.dropped = false;
    }
}
