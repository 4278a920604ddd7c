//! Hand-made connections, for tests of judges.

use super::{Frame, Masking};
use crate::transcript::{Connection, End, Event, Transcript, What};
use std::time::Duration;

/// A connection in the making. Nothing takes time but [`Scene::later`].
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    events: Vec<Event>,
    now: Duration,
}

impl Scene {
    /// The handshake is done.
    pub(crate) fn new() -> Self {
        Self::refused(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    }

    /// Nobody has said anything.
    pub(crate) fn silent() -> Self {
        Self {
            events: Vec::new(),
            now: Duration::ZERO,
        }
        .and(What::Connected)
    }

    /// The handshake is answered by this.
    pub(crate) fn refused(response: &[u8]) -> Self {
        Self::silent()
            .we_write(b"GET / HTTP/1.1\r\nHost: peer.test\r\n\r\n")
            .they(response)
    }

    /// Time goes by.
    pub(crate) fn later(mut self, milliseconds: u64) -> Self {
        self.now += Duration::from_millis(milliseconds);
        self
    }

    /// Something happens.
    pub(crate) fn and(mut self, what: What) -> Self {
        self.events.push(Event { at: self.now, what });
        self
    }

    /// We send a frame.
    pub(crate) fn we(self, frame: Frame) -> Self {
        let mut bytes = Vec::new();
        frame.encode([1, 2, 3, 4], &mut bytes);
        self.we_write(&bytes)
    }

    /// We send bytes.
    pub(crate) fn we_write(self, bytes: &[u8]) -> Self {
        self.and(What::Sent(bytes.to_vec().into()))
    }

    /// The target sends a frame.
    pub(crate) fn they_send(self, frame: Frame) -> Self {
        let mut bytes = Vec::new();
        frame.masked(Masking::None).encode([0; 4], &mut bytes);
        self.they(&bytes)
    }

    /// The target sends frames.
    pub(crate) fn they_say(self, frames: impl IntoIterator<Item = Frame>) -> Self {
        frames.into_iter().fold(self, Self::they_send)
    }

    /// The target sends bytes.
    pub(crate) fn they(self, bytes: &[u8]) -> Self {
        self.and(What::Received(bytes.to_vec().into()))
    }

    /// The target ends the connection in order.
    pub(crate) fn fin(self) -> Self {
        self.and(What::Ended(End::Fin))
    }

    /// The target resets the connection.
    pub(crate) fn reset(self) -> Self {
        self.and(What::Ended(End::Reset))
    }

    /// The connection, under this label.
    pub(crate) fn connection(self, label: &'static str) -> Connection {
        Connection {
            label,
            events: self.events,
        }
    }
}

/// A transcript of these connections.
pub(crate) fn transcript<const N: usize>(scenes: [(&'static str, Scene); N]) -> Transcript {
    Transcript {
        connections: scenes.map(|(label, scene)| scene.connection(label)).into(),
    }
}
