//! The everyday level: bytes in, events out, as WHATWG HTML 9.2.6 interprets a stream.
//!
//! Data of one line is lent straight from the chunk it came in; only what spans lines or chunks is
//! copied, into buffers that are used again for every event.

use alloc::string::String;
use core::mem;

use super::{
    BOM,
    cut::{Cut, CutLine},
    event::{Event, MESSAGE},
    fact::FieldName,
    limits::{Limit, LimitReached, Limits},
    line::{self, Line},
    pending::{Block, Lent, replace},
    retry,
    scan::{Ending, Lines, Span},
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
    /// A line whose end has not come.
    cut: CutLine,
    block: Block,
    last_event_id: String,
    retry: Option<u64>,
    /// The first limit reached during the current feed.
    reached: Option<LimitReached>,
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
        let chunk = if self.utf8.is_cut() {
            self.mend(chunk, &mut sink)
        } else {
            chunk
        };
        match self.utf8.good(chunk) {
            Some(text) => self.text(text, &mut sink),
            None => self.replace(chunk, &mut sink),
        }
        self.reached.take().map_or(Ok(()), Err)
    }

    /// The body has ended. Returns whether something unfinished had to be discarded.
    ///
    /// Clause 9.2.6: an event without its blank line is never dispatched, nor does its `id` count.
    /// A server that relies on the contrary loses its last event.
    pub fn finish(&mut self) -> bool {
        let pending = !self.block.is_empty() || !self.cut.is_none() || self.utf8.is_cut();
        self.utf8 = Utf8::default();
        self.started = false;
        self.after_cr = false;
        self.cut.clear();
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
        self.cut.capacity()
            + self.block.data.capacity()
            + self.block.event.capacity()
            + self.block.id.capacity()
            + self.last_event_id.capacity()
    }

    /// Completes a cut character with the start of `chunk`, and returns the rest.
    #[cold]
    fn mend<'c>(&mut self, chunk: &'c [u8], sink: &mut impl FnMut(Event<'_>)) -> &'c [u8] {
        let mut utf8 = mem::take(&mut self.utf8);
        let rest = utf8.mend(chunk, |text| self.text(text, sink));
        self.utf8 = utf8;
        rest
    }

    /// Takes a chunk that is not all good.
    #[cold]
    fn replace(&mut self, chunk: &[u8], sink: &mut impl FnMut(Event<'_>)) {
        let mut utf8 = mem::take(&mut self.utf8);
        utf8.replace(chunk, |text| self.text(text, sink));
        self.utf8 = utf8;
    }

    /// Splits a piece of decoded text into lines. Nothing is lent beyond the piece.
    #[inline(never)]
    fn text(&mut self, text: &str, sink: &mut impl FnMut(Event<'_>)) {
        let bytes = text.as_bytes();
        let mut lines = Lines::new(self.skipped(text));
        if !self.cut.is_none() {
            let Some(line) = lines.next(bytes) else {
                return self.extend_cut(&text[lines.rest()..]);
            };
            self.extend_cut(&text[line.start..line.end]);
            self.end_cut(sink);
            self.after_cr = line.ending == Ending::Open;
        }
        let mut lent = Lent::default();
        while let Some(line) = lines.next(bytes) {
            self.line(text, line, &mut lent, sink);
        }
        self.block.keep(lent);
        if lines.rest() < text.len() {
            self.extend_cut(&text[lines.rest()..]);
        }
    }

    /// How many bytes at the start of a piece are of no line: a BOM, or an LF that belongs to a CR.
    #[inline(always)]
    fn skipped(&mut self, text: &str) -> usize {
        let mut skipped = 0;
        if !self.started && !text.is_empty() {
            self.started = true;
            skipped = if text.starts_with('\u{feff}') {
                BOM.len()
            } else {
                0
            };
        }
        if self.after_cr && skipped < text.len() {
            self.after_cr = false;
            skipped += usize::from(text.as_bytes()[skipped] == b'\n');
        }
        skipped
    }

    #[inline]
    fn extend_cut(&mut self, piece: &str) {
        if let Some(first) = self.cut.extend(piece, self.limits, &mut self.block) {
            self.overlong(first);
        }
    }

    /// The end of the cut line has come.
    #[inline]
    fn end_cut(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        match self.cut.end() {
            Cut::Kept => self.kept_line(sink),
            Cut::Data => self.block.data.push('\n'),
            Cut::FullData if !self.block.dropped => self.drop_event(Limit::Event),
            Cut::None | Cut::FullData | Cut::Overlong => {}
        }
    }

    /// Interprets a line of which all was kept.
    fn kept_line(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        let mut text = self.cut.take();
        text.push('\n');
        self.text(&text, sink);
        self.cut.reuse(text);
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
        self.block.drop();
        self.reached.get_or_insert(LimitReached { limit });
    }

    /// Interprets one line of `text` (9.2.6).
    #[inline(always)]
    fn line<'t>(
        &mut self,
        text: &'t str,
        line: Span,
        lent: &mut Lent<'t>,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        let Span { start, end, ending } = line;
        let line = &text.as_bytes()[start..end];
        if ending == Ending::Open {
            self.after_cr = true;
        }
        if line.len() > self.limits.line {
            return self.overlong(line[0]);
        }
        // A value is a suffix of its line, and begins behind ASCII: a character boundary.
        let text_of = |value: &[u8]| &text[end - value.len()..end];
        match line::parse(line) {
            Line::Blank => self.dispatch(mem::take(lent), sink),
            Line::Comment(_) => {}
            Line::Field { name, value, .. } => match name {
                FieldName::Data => self.data(text_of(value), lent),
                FieldName::Event => lent.event = Some(text_of(value)),
                // An id with NUL is ignored.
                FieldName::Id if value.contains(&0) => {}
                FieldName::Id => lent.id = Some(text_of(value)),
                FieldName::Retry => self.set_retry(value),
                FieldName::Unknown(_) => {}
            },
        }
    }

    #[inline(always)]
    fn data<'t>(&mut self, value: &'t str, lent: &mut Lent<'t>) {
        let fits = if self.block.data.is_empty() && lent.data.is_none() {
            lent.data = Some(value);
            value.len() <= self.limits.event
        } else {
            self.block.keep_data(lent);
            self.block.add_data(value, self.limits.event)
        };
        if !fits && !self.block.dropped {
            self.drop_event(Limit::Event);
        }
    }

    fn set_retry(&mut self, value: &[u8]) {
        if let Ok(retry) = retry::parse(value) {
            self.retry = Some(retry.millis);
        }
    }

    /// A blank line: the id takes effect, and what has data and fits becomes an event.
    #[inline(always)]
    fn dispatch(&mut self, Lent { data, event, id }: Lent<'_>, sink: &mut impl FnMut(Event<'_>)) {
        if let Some(id) = id {
            replace(&mut self.last_event_id, id);
        }
        if !self.block.is_unused() {
            self.dispatch_kept(data, event, id.is_some(), sink);
        } else if let Some(data) = data {
            self.tell(event.unwrap_or_default(), data, sink);
        }
    }

    /// The same, where not everything is lent.
    #[inline(never)]
    fn dispatch_kept(
        &mut self,
        data: Option<&str>,
        event: Option<&str>,
        has_id: bool,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        if self.block.has_id && !has_id {
            mem::swap(&mut self.last_event_id, &mut self.block.id);
        }
        let data = data.or(self.block.data.strip_suffix('\n'));
        if let (Some(data), false) = (data, self.block.dropped) {
            self.tell(event.unwrap_or(&self.block.event), data, sink);
        }
        self.block.clear();
    }

    #[inline(always)]
    fn tell(&self, event: &str, data: &str, sink: &mut impl FnMut(Event<'_>)) {
        sink(Event {
            event: if event.is_empty() { MESSAGE } else { event },
            data,
            id: &self.last_event_id,
        });
    }
}
