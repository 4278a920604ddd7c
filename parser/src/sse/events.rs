//! The everyday level for asynchronous programs: a stream of bytes in, a stream of events out.

use alloc::collections::VecDeque;
use alloc::string::String;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::event::OwnedEvent;
use super::limits::LimitReached;
use super::stream::EventStream;

pin_project! {
    /// The events of one response body: a [`Stream`] over the body's chunks, such as reqwest's `bytes_stream()`.
    ///
    /// It ends with the body. To connect again, send [`last_event_id`](Self::last_event_id) as `Last-Event-ID` after
    /// [`retry`](Self::retry) milliseconds, and go on with [`Events::resume`]; whether and how often is the caller's
    /// business. Dropping it loses nothing that the server was not told about: events that were received and not yet
    /// given out do not count for `last_event_id`.
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
        queue: VecDeque<OwnedEvent>,
        // A limit that was reached while the events of the queue came.
        reached: Option<LimitReached>,
        // The last event ID of the event that was given out last.
        told_id: String,
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
            told_id: decoder.last_event_id().into(),
            decoder,
            queue: VecDeque::new(),
            reached: None,
            ended: false,
            unfinished: false,
        }
    }

    /// What a reconnecting client sends as `Last-Event-ID`; empty if nothing is to be sent.
    ///
    /// An id that came in a block without data counts once every event received before it was given out.
    pub fn last_event_id(&self) -> &str {
        if self.queue.is_empty() {
            self.decoder.last_event_id()
        } else {
            &self.told_id
        }
    }

    /// The reconnection time in milliseconds, if the server has set one.
    pub fn retry(&self) -> Option<u64> {
        self.decoder.retry()
    }

    /// Whether the body has ended inside an event, which was discarded (WHATWG HTML 9.2.6).
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
            if let Some(event) = this.queue.pop_front() {
                this.told_id.clone_from(&event.id);
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(reached) = this.reached.take() {
                return Poll::Ready(Some(Err(EventsError::Limit(reached))));
            }
            if *this.ended {
                return Poll::Ready(None);
            }
            match ready!(this.body.as_mut().poll_next(context)) {
                Some(Ok(chunk)) => {
                    let queue = &mut *this.queue;
                    let fed = this
                        .decoder
                        .feed(chunk.as_ref(), |event| queue.push_back(event.to_owned()));
                    *this.reached = fed.err();
                }
                Some(Err(error)) => {
                    *this.ended = true;
                    this.decoder.finish();
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
        let known = self.queue.len() + usize::from(self.reached.is_some());
        (known, self.ended.then_some(known))
    }
}

impl<S, B, E> FusedStream for Events<S>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
{
    fn is_terminated(&self) -> bool {
        self.ended && self.queue.is_empty() && self.reached.is_none()
    }
}
