//! What happened between pushspec and a target, byte by byte: written by [`crate::link`], read by judges.
//!
//! A transcript is bounded by its writer and holds everything that a judge may know: judging needs no socket and no
//! clock.

use bytes::Bytes;
use pushspec_parser::Violation;
use pushspec_parser::ws::deflate::InflateFault;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How a connection ended, seen from pushspec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The target closed its side in order: TCP FIN, under TLS with a closure alert before it.
    Fin,
    /// TLS without a closure alert: TCP FIN alone (RFC 9112 section 9.8).
    FinWithoutAlert,
    /// TCP RST.
    Reset,
    /// A fatal TLS alert.
    Alert(String),
    /// Any other trouble of the operating system.
    Trouble(String),
    /// No end of TCP, but one of WebSocket: where a frame should begin, the target wrote an HTTP response with this status
    /// line. Read out of what came; no transport tells it.
    Http(String),
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fin => f.write_str("TCP FIN"),
            Self::FinWithoutAlert => f.write_str("TCP FIN without a TLS closure alert"),
            Self::Reset => f.write_str("TCP RST"),
            Self::Alert(alert) => write!(f, "TLS alert {alert}"),
            Self::Trouble(trouble) => write!(f, "connection trouble: {trouble}"),
            Self::Http(line) => {
                write!(f, "an HTTP response where a frame should begin ({line:?})")
            }
        }
    }
}

/// One thing that happened on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The connection stands, TLS included.
    Connected,
    /// No connection could be had.
    NotConnected(String),
    /// What we are about to send: the target may end it all before that is done.
    Planned(Plan),
    /// We sent bytes.
    Sent(Bytes),
    /// We closed our side.
    SentFin,
    /// We reset the connection.
    SentReset,
    /// We could not send: the target had gone, or did not read.
    NotSent(String),
    /// The target sent bytes.
    Received(Bytes),
    /// The target's side ended.
    Ended(End),
    /// We told the target as a whole to stop.
    ToldToStop,
    /// We waited for something that did not come.
    TimedOut {
        /// What we waited for.
        awaited: &'static str,
        /// For how long.
        waited: Duration,
    },
    /// The target sent more than the case reads; we stopped reading.
    Full,
    /// Large traffic went by, of which nothing was kept.
    Streamed(Streamed),
    /// A flood went by, of which nothing was kept.
    Flooded(Flooded),
    /// Both sides of TLS agreed on a protocol.
    Negotiated(String),
    /// An everyday client, whose bytes nobody sees, told something.
    Told(Told),
}

/// What an everyday client tells of a request, as far as a user of it learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It cannot be set up on this machine, for this reason.
    Absent(String),
    /// It asks for this URL.
    Asks(String),
    /// It sends cookies of these names.
    SendsCookies(Vec<String>),
    /// It was given cookies of these names.
    GotCookies(Vec<String>),
    /// It was redirected.
    Redirected {
        /// The status.
        status: u16,
        /// Where to.
        to: String,
        /// Whether it goes there: not to another server, and not for ever.
        followed: bool,
    },
    /// The answer that counts.
    Answered {
        /// The status.
        status: u16,
        /// The value of Content-Type, if there is one.
        content_type: Option<String>,
    },
    /// Content came, and this is what it decodes to.
    Content(Bytes),
    /// The content is complete.
    Over,
    /// It gives up: in its own words.
    GaveUp(String),
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent(reason) => write!(f, "cannot be set up: {reason}"),
            Self::Asks(url) => write!(f, "asks for {url}"),
            Self::SendsCookies(names) => write!(f, "sends cookies: {}", names.join(", ")),
            Self::GotCookies(names) => write!(f, "was given cookies: {}", names.join(", ")),
            Self::Redirected {
                status,
                to,
                followed,
            } => {
                let does = if *followed {
                    "follows"
                } else {
                    "does not follow"
                };
                write!(f, "is redirected by {status} to {to}, and {does}")
            }
            Self::Answered {
                status,
                content_type,
            } => {
                let content_type = content_type.as_deref().unwrap_or("no Content-Type");
                write!(f, "is answered by {status} and {content_type}")
            }
            Self::Content(bytes) => {
                let text = pushspec_reports::printable(bytes, 160);
                write!(f, "reads {} bytes of content: {text}", bytes.len())
            }
            Self::Over => f.write_str("has read all of the content"),
            Self::GaveUp(why) => write!(f, "gives up: {why}"),
        }
    }
}

/// Bytes to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// All of them.
    pub bytes: Bytes,
    /// Numbers of bytes behind which a segment is to end.
    pub cuts: Vec<usize>,
}

/// Traffic of which nothing was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streamed {
    /// Messages that came back whole and the same.
    pub messages: u64,
    /// Bytes that we sent.
    pub sent: u64,
    /// What came of it.
    pub came: Came,
    /// How long it took.
    pub elapsed: Duration,
}

/// A flood of which nothing was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flooded {
    /// Bytes that were taken.
    pub sent: u64,
    /// Where nothing was read: the bytes behind which no more was taken.
    pub held_back: Option<u64>,
    /// Frames that came.
    pub frames: u64,
    /// What came of it: all, where what was asked behind it was answered.
    pub came: Came,
    /// How long it took.
    pub elapsed: Duration,
}

/// What came of traffic of which nothing was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// All of it came back.
    All,
    /// Something else came back, from this byte of a message on: other bytes, another length, another type.
    Changed {
        /// The first byte that is another.
        byte: u64,
    },
    /// A compressed message that does not inflate.
    Broken(InflateFault),
    /// A frame that breaks a rule.
    Unsound(Violation),
    /// A Close with this code.
    Closed(Option<u16>),
    /// The end of the connection.
    Ended(End),
    /// Nothing, within the patience.
    Silence,
    /// Nothing, within the patience; but a ping behind it was answered, so that it was read.
    Passed,
    /// Nothing, and what was sent was not even taken.
    Stuck,
}

impl std::fmt::Display for Came {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all of it came back"),
            Self::Changed { byte } => {
                write!(f, "it came back changed, from byte {byte} of a message on")
            }
            Self::Broken(fault) => write!(f, "it came back as what does not inflate: {fault}"),
            Self::Unsound(violation) => write!(f, "what came breaks a rule: {violation}"),
            Self::Closed(Some(code)) => write!(f, "Close {code}"),
            Self::Closed(None) => f.write_str("Close without a code"),
            Self::Ended(end) => end.fmt(f),
            Self::Silence => f.write_str("nothing more came"),
            Self::Passed => f.write_str("nothing more came but the answer to a ping behind it"),
            Self::Stuck => f.write_str("nothing more was taken, and nothing came"),
        }
    }
}

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Since the case began.
    pub at: Duration,
    /// What happened.
    pub what: What,
}

/// All that happened on one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// What it was for.
    pub label: &'static str,
    /// What happened, in order.
    pub events: Vec<Event>,
}

impl Connection {
    /// How the target ended the connection, and when; none while it is open.
    pub fn end(&self) -> Option<(Duration, &End)> {
        self.events.iter().find_map(|event| match &event.what {
            What::Ended(end) => Some((event.at, end)),
            _ => None,
        })
    }

    /// When we first sent something; zero if we never did.
    pub fn asked(&self) -> Duration {
        let mut events = self.events.iter();
        let sent = events.find(|event| matches!(event.what, What::Sent(_)));
        sent.map_or(Duration::ZERO, |event| event.at)
    }

    /// When the target's last bytes came; zero if none did.
    pub fn heard_last(&self) -> Duration {
        let mut events = self.events.iter().rev();
        let received = events.find(|event| matches!(event.what, What::Received(_)));
        received.map_or(Duration::ZERO, |event| event.at)
    }

    /// All bytes that the target sent.
    pub fn received(&self) -> Vec<u8> {
        self.events
            .iter()
            .filter_map(|event| match &event.what {
                What::Received(bytes) => Some(bytes.as_ref()),
                _ => None,
            })
            .collect::<Vec<_>>()
            .concat()
    }

    /// All bytes that we sent.
    pub fn sent(&self) -> Vec<u8> {
        self.events
            .iter()
            .filter_map(|event| match &event.what {
                What::Sent(bytes) => Some(bytes.as_ref()),
                _ => None,
            })
            .collect::<Vec<_>>()
            .concat()
    }

    /// What we were about to send, and how many bytes we sent from then on.
    pub fn planned(&self) -> Option<(&Plan, usize)> {
        let mut events = self.events.iter();
        let plan = events.find_map(|event| match &event.what {
            What::Planned(plan) => Some(plan),
            _ => None,
        })?;
        let sent = events.map(|event| match &event.what {
            What::Sent(bytes) => bytes.len(),
            _ => 0,
        });
        Some((plan, sent.sum()))
    }

    /// When the first wait ended in vain.
    pub fn gave_up(&self) -> Option<Duration> {
        let mut events = self.events.iter();
        let wait = events.find(|event| matches!(event.what, What::TimedOut { .. }));
        wait.map(|event| event.at)
    }

    /// The first wait that ended in vain.
    pub fn timed_out(&self) -> Option<(&'static str, Duration)> {
        self.events.iter().find_map(|event| match &event.what {
            What::TimedOut { awaited, waited } => Some((*awaited, *waited)),
            What::Streamed(Streamed {
                came: Came::Silence | Came::Passed | Came::Stuck,
                elapsed,
                ..
            }) => Some(("large traffic", *elapsed)),
            What::Flooded(Flooded {
                came: Came::Silence | Came::Passed | Came::Stuck,
                elapsed,
                ..
            }) => Some(("an answer behind a flood", *elapsed)),
            _ => None,
        })
    }

    /// What came of traffic of which nothing was kept.
    pub fn streamed(&self) -> Option<&Streamed> {
        self.events.iter().find_map(|event| match &event.what {
            What::Streamed(streamed) => Some(streamed),
            _ => None,
        })
    }

    /// What came of a flood.
    pub fn flooded(&self) -> Option<&Flooded> {
        self.events.iter().find_map(|event| match &event.what {
            What::Flooded(flooded) => Some(flooded),
            _ => None,
        })
    }

    /// The protocol that both sides of TLS agreed on.
    pub fn negotiated(&self) -> Option<&str> {
        self.events.iter().find_map(|event| match &event.what {
            What::Negotiated(protocol) => Some(protocol.as_str()),
            _ => None,
        })
    }

    /// Why no connection could be had.
    pub fn not_connected(&self) -> Option<&str> {
        self.events.iter().find_map(|event| match &event.what {
            What::NotConnected(reason) => Some(reason.as_str()),
            _ => None,
        })
    }
}

/// The connections of one case, in the order in which they were opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The connections.
    pub connections: Vec<Connection>,
}

/// The label of the fresh handshake that stands behind every "answer is missing" and every hostile case.
pub const GUARD: &str = "guard";

impl Transcript {
    /// The first connection with this label.
    pub fn connection(&self, label: &str) -> Option<&Connection> {
        self.connections
            .iter()
            .find(|connection| connection.label == label)
    }

    /// Whether the case itself, its guard apart, waited for something that did not come.
    pub fn timed_out(&self) -> bool {
        self.connections
            .iter()
            .any(|connection| connection.label != GUARD && connection.timed_out().is_some())
    }

    /// Whether the target sent more than the case reads: what is missing may stand behind it.
    pub fn stopped_reading(&self) -> bool {
        self.connections.iter().any(|connection| {
            connection
                .events
                .iter()
                .any(|event| matches!(event.what, What::Full))
        })
    }
}

/// A transcript in the making, shared by the links of one case; it outlives a case that is cut off by its deadline.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Transcript>>);

impl Recorder {
    /// Opens a connection's record and gives its index.
    pub fn begin(&self, label: &'static str) -> usize {
        self.with(|transcript| {
            transcript.connections.push(Connection {
                label,
                events: Vec::new(),
            });
            transcript.connections.len() - 1
        })
    }

    /// Adds what happened to the connection with this index.
    pub fn add(&self, connection: usize, event: Event) {
        self.with(|transcript| transcript.connections[connection].events.push(event));
    }

    /// What was recorded so far.
    pub fn transcript(&self) -> Transcript {
        self.with(|transcript| transcript.clone())
    }

    fn with<T>(&self, action: impl FnOnce(&mut Transcript) -> T) -> T {
        // A poisoned lock means that a case panicked; what it had recorded is still worth showing.
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
