//! The everyday level: bytes in, events out, as WHATWG HTML 9.2.6 interprets a stream.
//!
//! Data of one line is lent straight from the chunk it came in; only what spans lines or chunks is
//! copied, into buffers that are used again for every event.

use alloc::string::String;
use core::{mem, ops::Range};

use super::{
    bom::{Bom, Opening},
    cut::CutLine,
    event::{Event, MESSAGE},
    fact::FieldName,
    further::Further,
    limits::{Limit, LimitReached, Limits},
    line::{self, Line},
    pending::{Block, Lent, replace},
    retry,
    scan::{Ends, is_second_half},
    utf8,
};

/// Chunks up to this size are copied behind the line that they end.
const SMALL: usize = 256;

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
    bom: Bom,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    /// A line whose end has not come.
    cut: CutLine,
    /// The same, if it is a further line of data, and those before it.
    further: Further,
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

    /// The same with a last event ID from before: of a client that was started anew, and kept it.
    ///
    /// It stands for the id that a server sent, and is subject to no limit.
    ///
    /// ```
    /// use pushspec_parser::sse::EventStream;
    ///
    /// let mut stream = EventStream::new().with_last_event_id("7");
    /// assert_eq!(stream.last_event_id(), "7", "what the first request says");
    /// stream.feed(b"data: x\n\nid\n\n", |event| assert_eq!(event.id, "7"))?;
    /// assert_eq!(stream.last_event_id(), "", "the server has cleared it");
    /// # Ok::<(), pushspec_parser::sse::LimitReached>(())
    /// ```
    #[must_use]
    pub fn with_last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = id.into();
        self
    }

    /// Takes the next bytes of the body and hands every event they complete to `sink`, at once.
    ///
    /// # Errors
    ///
    /// [`LimitReached`] if an event had to be dropped because of its size: once for the whole chunk, however many were
    /// dropped in it, with the limit of the first. All of `chunk` was taken nevertheless, and the stream can be fed on.
    /// Whoever has to know of each dropped event, and between which others it was, feeds line by line (an error then
    /// comes with the line that is too much), or uses `Events` (feature `stream`).
    pub fn feed(
        &mut self,
        chunk: &[u8],
        mut sink: impl FnMut(Event<'_>),
    ) -> Result<(), LimitReached> {
        let chunk = if self.bom.is_over() {
            chunk
        } else {
            self.match_bom(chunk)
        };
        self.take(chunk, &mut sink);
        self.reached.take().map_or(Ok(()), Err)
    }

    /// The body has ended. Returns whether something unfinished had to be discarded.
    ///
    /// Clause 9.2.6: an event without its blank line is never dispatched, nor does its `id` count.
    /// A server that relies on the contrary loses its last event.
    ///
    /// The last event ID stays for the next body. By the letter of 9.2.6 its buffer is empty again, so that the first
    /// event without an id would clear it, and the position with it; Chromium keeps it too.
    pub fn finish(&mut self) -> bool {
        let pending = !self.block.is_empty()
            || !self.cut.is_none()
            || self.further.is_open()
            || !self.bom.held().is_empty();
        self.bom = Bom::default();
        self.after_cr = false;
        self.cut.clear();
        self.further.clear();
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
            + self.further.capacity()
            + self.block.data.capacity()
            + self.block.event.capacity()
            + self.block.id.capacity()
            + self.last_event_id.capacity()
    }

    /// Takes the beginning of a body, which may be a BOM.
    #[cold]
    fn match_bom<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        match self.bom.take(chunk) {
            Opening::Unknown => &[],
            Opening::Bom(rest) => rest,
            Opening::Other(held, rest) => {
                self.extend_cut(held);
                rest
            }
        }
    }

    /// Takes a chunk behind the BOM.
    ///
    /// Small chunks are mostly the inside of a line, so that nothing is set up before a line end is seen.
    #[inline(always)]
    fn take(&mut self, mut chunk: &[u8], sink: &mut impl FnMut(Event<'_>)) {
        if self.after_cr
            && let Some((&first, rest)) = chunk.split_first()
        {
            self.after_cr = false;
            chunk = if first == b'\n' { rest } else { chunk };
        }
        let mut ends = Ends::default();
        match (ends.next(chunk), self.further.is_open()) {
            (None, false) => self.extend_cut(chunk),
            (None, true) => self.extend_further(chunk, chunk),
            (Some(first), false) => self.lines(chunk, first, &mut ends, sink),
            (Some(first), true) => self.end_further(chunk, first, &mut ends, sink),
        }
    }

    #[inline(always)]
    fn extend_cut(&mut self, piece: &[u8]) {
        if let Err(first) = self.cut.extend(piece, self.limits.line) {
            self.overlong(first);
        }
    }

    /// Takes the beginning of a line that a small chunk ends with.
    #[inline(always)]
    fn begin_line(&mut self, piece: &[u8]) {
        // A first line of data may be the only one, and then is lent.
        if !self.block.data.is_empty()
            && let Some(value) = line::begun_data(piece)
        {
            self.extend_further(piece, value);
        } else {
            self.extend_cut(piece);
        }
    }

    /// Takes a piece of a further line of data, and of its value.
    #[inline(always)]
    fn extend_further(&mut self, piece: &[u8], value: &[u8]) {
        if !self.further.extend(piece, value, self.limits.line) {
            self.take_further();
            self.cut.skip();
            self.drop_event(Limit::Line);
        }
    }

    /// Adds the further lines of data that are complete to their event.
    #[inline(never)]
    fn take_further(&mut self) {
        if !self
            .block
            .add_lines(&self.further.text(), self.limits.event)
        {
            self.drop_event(Limit::Event);
        }
        self.further.clear();
    }

    /// Takes a chunk in which a further line of data ends, at `end`, and perhaps its event.
    #[inline(never)]
    fn end_further(
        &mut self,
        chunk: &[u8],
        mut end: usize,
        ends: &mut Ends,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        self.extend_further(&chunk[..end], &chunk[..end]);
        if !self.cut.end_overlong() {
            self.further.end_line();
        }
        let mut next = ends.next(chunk);
        // The LF of a CR LF.
        if let Some(lf) = next
            && lf == end + 1
            && is_second_half(chunk, lf)
        {
            end = lf;
            next = ends.next(chunk);
        }
        let rest = &chunk[end + 1..];
        if next.is_none()
            && !self
                .further
                .is_enough(self.block.data.len(), self.limits.event)
            && let Some(value) = line::begun_data(rest)
        {
            return self.extend_further(rest, value);
        }
        self.take_further();
        self.after_cr = chunk[end] == b'\r';
        self.take(rest, sink);
    }

    /// Takes a chunk in which a line ends, first at `first`.
    #[inline(never)]
    fn lines(
        &mut self,
        chunk: &[u8],
        first: usize,
        ends: &mut Ends,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        if chunk.len() <= SMALL && !self.cut.is_overlong() {
            self.small(chunk, first, ends, sink);
        } else if self.cut.is_none() {
            let whole = utf8::whole_characters(chunk);
            let rest = match simdutf8::basic::from_utf8(whole) {
                Ok(text) => self.text(text, first, ends, sink),
                Err(_) => self.mend(whole, first, ends, sink),
            };
            self.extend_cut(&chunk[rest..]);
        } else {
            let (line, rest) = chunk.split_at(first);
            self.end_cut(line, sink);
            self.after_cr = rest[0] == b'\r';
            return self.take(&rest[1..], sink);
        }
        self.after_cr = chunk.ends_with(b"\r");
    }

    /// Takes a small chunk behind what is kept of the line that ends in it: to judge short texts one by one takes longer
    /// than to copy them.
    #[inline(always)]
    fn small(
        &mut self,
        chunk: &[u8],
        first: usize,
        ends: &mut Ends,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        let mut bytes = self.cut.take();
        let kept = bytes.len();
        ends.shift(kept);
        bytes.extend_from_slice(chunk);
        let whole = utf8::whole_characters(&bytes).len();
        bytes.truncate(whole);
        bytes.resize(whole.next_multiple_of(utf8::BLOCK), 0);
        let first = kept + first;
        let rest = match simdutf8::basic::from_utf8(&bytes) {
            Ok(text) => self.text(&text[..whole], first, ends, sink),
            Err(_) => self.mend(&bytes[..whole], first, ends, sink),
        };
        self.cut.reuse(bytes);
        self.begin_line(&chunk[rest - kept..]);
    }

    /// Interprets the lines of `text`, the first of which ends at `first`; returns where the last one ends.
    #[inline(never)]
    fn text(
        &mut self,
        text: &str,
        first: usize,
        ends: &mut Ends,
        sink: &mut impl FnMut(Event<'_>),
    ) -> usize {
        let mut lent = Lent::default();
        let each = |line| self.line(text, line, &mut lent, sink);
        let rest = ends.lines(text.as_bytes(), first, each);
        self.block.keep(lent);
        rest
    }

    /// The same for bytes that are no UTF-8.
    #[cold]
    fn mend(
        &mut self,
        bytes: &[u8],
        first: usize,
        ends: &mut Ends,
        sink: &mut impl FnMut(Event<'_>),
    ) -> usize {
        ends.lines(bytes, first, |line| self.mended_line(&bytes[line], sink))
    }

    /// Takes the rest of a line by itself.
    #[cold]
    fn end_cut(&mut self, end: &[u8], sink: &mut impl FnMut(Event<'_>)) {
        self.extend_cut(end);
        if !self.cut.end_overlong() {
            let line = self.cut.take();
            self.mended_line(&line, sink);
            self.cut.reuse(line);
        }
    }

    /// Interprets a line by itself, with U+FFFD for what is no UTF-8.
    fn mended_line(&mut self, line: &[u8], sink: &mut impl FnMut(Event<'_>)) {
        if line.is_empty() {
            self.dispatch(Lent::default(), sink);
        } else if line.len() > self.limits.line {
            self.overlong(line[0]);
        } else {
            let line = utf8::mended(line);
            let mut lent = Lent::default();
            self.field(&line, &mut lent);
            self.block.keep(lent);
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
        if !self.block.dropped {
            self.reached.get_or_insert(LimitReached { limit });
        }
        self.block.drop();
    }

    /// Interprets a line of `text` (9.2.6).
    #[inline(always)]
    fn line<'t>(
        &mut self,
        text: &'t str,
        line: Range<usize>,
        lent: &mut Lent<'t>,
        sink: &mut impl FnMut(Event<'_>),
    ) {
        if line.is_empty() {
            return self.dispatch(mem::take(lent), sink);
        }
        let line = &text[line];
        if line.len() > self.limits.line {
            return self.overlong(line.as_bytes()[0]);
        }
        self.field(line, lent);
    }

    /// Interprets a line that is neither blank nor too long.
    #[inline(always)]
    fn field<'t>(&mut self, line: &'t str, lent: &mut Lent<'t>) {
        // A value is a suffix of its line, and begins behind ASCII: a character boundary.
        let text_of = |value: &[u8]| &line[line.len() - value.len()..];
        match line::parse(line.as_bytes()) {
            Line::Blank | Line::Comment(_) => {}
            Line::Field { name, value, .. } => match name {
                FieldName::Data => self.data(text_of(value), lent),
                // Only what was mended can be too long.
                FieldName::Event | FieldName::Id if value.len() > self.limits.line => {
                    self.drop_event(Limit::Line);
                }
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
        if !fits {
            lent.data = None;
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
