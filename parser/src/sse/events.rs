//! The everyday level for asynchronous programs: a stream of bytes in, a stream of events out.

use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::event::OwnedEvent;
use super::limits::LimitReached;
use super::scan::after_event;
use super::stream::EventStream;

pin_project! {
    /// The events of one response body: a [`Stream`] over the body's chunks, such as reqwest's `bytes_stream()`.
    ///
    /// It ends with the body. To connect again, send [`last_event_id`](Self::last_event_id) as `Last-Event-ID` after
    /// [`retry`](Self::retry) milliseconds, and go on with [`Events::resume`]; whether and how often is the caller's
    /// business.
    ///
    /// Each event is decoded when it is asked for, so that nothing runs ahead: neither `last_event_id` nor `retry` knows
    /// of an event that was not given out, and events and errors come in the order of the stream however the body is cut.
    /// What is held is what [`Limits`](super::Limits) allows the decoder, and a copy of what is still to be decoded of
    /// one chunk. The id of each event is a copy of its own, as long as the server likes within `Limits::line`.
    ///
    /// ```
    /// use futures_util::{FutureExt, TryStreamExt, stream};
    /// use pushspec_parser::sse::Events;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # let response_body = stream::iter([Ok::<_, std::io::Error>("data: a\nda"), Ok("ta: b\n\n")]);
    /// // let response_body = reqwest::get(url).await?.bytes_stream();
    /// let mut events = Events::new(response_body);
    /// while let Some(event) = events.try_next().await? {
    ///     assert_eq!((&*event.event, &*event.data), ("message", "a\nb"));
    /// }
    /// # assert!(!events.is_unfinished());
    /// # Ok(())
    /// # }
    /// # example().now_or_never().unwrap().unwrap();
    /// ```
    #[derive(Debug)]
    pub struct Events<S> {
        #[pin]
        body: S,
        decoder: EventStream,
        // A chunk that holds more than one event, and how much of it is decoded.
        chunk: Vec<u8>,
        decoded: usize,
        ended: bool,
        unfinished: bool,
    }
}

/// Why the next event cannot be given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventsError<E> {
    /// The body failed; there are no further events.
    Body(E),
    /// An event was dropped because it was larger than the limits allow; others may follow.
    Limit(LimitReached),
}

impl<E: fmt::Display> fmt::Display for EventsError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(error) => error.fmt(out),
            Self::Limit(error) => error.fmt(out),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for EventsError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Body(error) => error.source(),
            Self::Limit(_) => None,
        }
    }
}

impl<S> Events<S> {
    /// The events of a first connection, with the default [`Limits`](super::Limits).
    pub fn new(body: S) -> Self {
        Self::resume(EventStream::new(), body)
    }

    /// The events of a further connection, or of a first one with other limits: `decoder` carries the last event ID and
    /// the reconnection time, and should come from [`into_decoder`](Self::into_decoder).
    pub fn resume(decoder: EventStream, body: S) -> Self {
        Self {
            body,
            decoder,
            chunk: Vec::new(),
            decoded: 0,
            ended: false,
            unfinished: false,
        }
    }

    /// What a reconnecting client sends as `Last-Event-ID`; empty if nothing is to be sent.
    ///
    /// It is that of the event given out last, until the next one is asked for. Only then does an id count that came
    /// in a block without data.
    pub fn last_event_id(&self) -> &str {
        self.decoder.last_event_id()
    }

    /// The reconnection time in milliseconds, if the server has set one.
    pub fn retry(&self) -> Option<u64> {
        self.decoder.retry()
    }

    /// Whether the body has ended, or failed, inside an event, which was discarded (WHATWG HTML 9.2.6).
    pub fn is_unfinished(&self) -> bool {
        self.unfinished
    }

    /// The decoder, ready for the next connection. Events that were received and not given out are dropped with this,
    /// so that it is best called at the end of the stream.
    pub fn into_decoder(self) -> EventStream {
        let mut decoder = self.decoder;
        decoder.finish();
        decoder
    }
}

impl<S, B, E> Stream for Events<S>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
{
    type Item = Result<OwnedEvent, EventsError<E>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            while *this.decoded < this.chunk.len() {
                let rest = &this.chunk[*this.decoded..];
                let end = after_event(rest);
                *this.decoded += end;
                if let Some(item) = decode(this.decoder, &rest[..end]) {
                    return Poll::Ready(Some(item.map_err(EventsError::Limit)));
                }
            }
            if *this.ended {
                return Poll::Ready(None);
            }
            match ready!(this.body.as_mut().poll_next(context)) {
                Some(Ok(chunk)) => {
                    let (first, rest) = chunk.as_ref().split_at(after_event(chunk.as_ref()));
                    this.chunk.clear();
                    this.chunk.extend_from_slice(rest);
                    *this.decoded = 0;
                    if let Some(item) = decode(this.decoder, first) {
                        return Poll::Ready(Some(item.map_err(EventsError::Limit)));
                    }
                }
                Some(Err(error)) => {
                    *this.ended = true;
                    *this.unfinished = this.decoder.finish();
                    return Poll::Ready(Some(Err(EventsError::Body(error))));
                }
                None => {
                    *this.ended = true;
                    *this.unfinished = this.decoder.finish();
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.ended.then_some(0))
    }
}

/// Decodes a piece in which one event ends at most.
fn decode(decoder: &mut EventStream, piece: &[u8]) -> Option<Result<OwnedEvent, LimitReached>> {
    let mut told = None;
    match decoder.feed(piece, |event| told = Some(event.to_owned())) {
        Ok(()) => told.map(Ok),
        Err(reached) => Some(Err(reached)),
    }
}

impl<S, B, E> FusedStream for Events<S>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
{
    fn is_terminated(&self) -> bool {
        self.ended
    }
}
