//! The everyday noun: one dispatched event, borrowed or owned.

use alloc::{borrow::Cow, string::String};

/// The type of an event that has no other.
pub(super) const MESSAGE: &str = "message";

/// An event as WHATWG HTML 9.2.6 dispatches it, borrowed for the length of the callback.
///
/// Use [`Event::to_owned`] to keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Event<'a> {
    /// The event type; `message` if the stream named none, or an empty one.
    pub event: &'a str,
    /// The values of the `data` lines, joined by LF.
    pub data: &'a str,
    /// The last event ID when this event was dispatched: set by this event or an earlier one.
    pub id: &'a str,
}

impl Event<'_> {
    /// A copy that owns its text.
    ///
    /// ```
    /// use pushspec_parser::sse::EventStream;
    ///
    /// let mut kept = Vec::new();
    /// EventStream::new().feed(b"id: 4\ndata: x\n\n", |event| kept.push(event.to_owned()))?;
    /// assert_eq!(kept[0].id, "4");
    /// # Ok::<(), pushspec_parser::sse::LimitReached>(())
    /// ```
    pub fn to_owned(&self) -> OwnedEvent {
        OwnedEvent {
            event: match self.event {
                MESSAGE => Cow::Borrowed(MESSAGE),
                other => Cow::Owned(other.into()),
            },
            data: self.data.into(),
            id: self.id.into(),
        }
    }
}

/// An [`Event`] that owns its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OwnedEvent {
    /// See [`Event::event`]. Borrowed if it is `message`, as it mostly is.
    pub event: Cow<'static, str>,
    /// See [`Event::data`].
    pub data: String,
    /// See [`Event::id`].
    pub id: String,
}

impl OwnedEvent {
    /// The borrowed form.
    ///
    /// ```
    /// use pushspec_parser::sse::Event;
    ///
    /// let event = Event { event: "message", data: "x", id: "" };
    /// assert_eq!(event.to_owned().as_event(), event);
    /// ```
    pub fn as_event(&self) -> Event<'_> {
        Event {
            event: &self.event,
            data: &self.data,
            id: &self.id,
        }
    }
}

impl From<Event<'_>> for OwnedEvent {
    fn from(event: Event<'_>) -> Self {
        event.to_owned()
    }
}
