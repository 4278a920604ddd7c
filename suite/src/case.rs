//! A case: one experiment against one target. Driving (talks, gives a transcript) and judging (pure) are apart, so that
//! a judge can be tested, and asked again under another profile, without a socket.

use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::target::Protocol;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::Severity;
use std::fmt;
use std::time::Duration;

/// What a target must offer before a case can say anything about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Need {
    /// Answers the ordinary opening handshake with 101. Probed.
    Open,
    /// Sends each message back once. Probed.
    Echo,
    /// Accepts permessage-deflate. Probed.
    Deflate,
    /// Obeys the command contract. Given by `--command`.
    Command,
    /// Answers with 200 and an event stream. Probed.
    Sse,
    /// Sends an event stream to some request, whatever its status and its type. Probed.
    Stream,
    /// Streams to a GET, as an `EventSource` asks, which may be repeated at will. Not where a POST is declared.
    EventSource,
    /// Plays scripts. Given by `--script`, and probed.
    Script,
    /// Speaks TLS. Known from the URL.
    Tls,
    /// Is a process that can be told to stop while connections are open. Given by `--start`.
    Stop,
    /// A path that redirects to the stream or the endpoint. Declared in `pushspec.toml`, or the path of the URL itself.
    RedirectingPath,
    /// A subprotocol that the target speaks. Declared.
    Subprotocol,
    /// Two of them. Declared.
    TwoSubprotocols,
    /// The origins that the target lets in, and no other. Declared in `pushspec.toml`.
    AllowedOrigins,
    /// A cookie that stands for a user. Declared.
    Cookie,
    /// A path that asks for credentials. Declared in `pushspec.toml`.
    ProtectedPath,
    /// The largest message that the target takes. Declared in `pushspec.toml`.
    MessageLimit,
    /// So many streams and no more. Declared in `pushspec.toml`.
    StreamLimit,
}

impl Need {
    /// The word in reports and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Echo => "echo",
            Self::Deflate => "deflate",
            Self::Command => "command",
            Self::Sse => "sse",
            Self::Stream => "stream",
            Self::EventSource => "event-source",
            Self::Script => "script",
            Self::Tls => "tls",
            Self::Stop => "stop",
            Self::RedirectingPath => "redirecting-path",
            Self::Subprotocol => "subprotocol",
            Self::TwoSubprotocols => "two-subprotocols",
            Self::AllowedOrigins => "allowed-origins",
            Self::Cookie => "cookie",
            Self::ProtectedPath => "protected-path",
            Self::MessageLimit => "message-limit",
            Self::StreamLimit => "stream-limit",
        }
    }

    /// What a target has to speak to be able to offer it; none where that does not matter.
    pub const fn protocol(self) -> Option<Protocol> {
        match self {
            Self::Open
            | Self::Echo
            | Self::Deflate
            | Self::Command
            | Self::Subprotocol
            | Self::TwoSubprotocols
            | Self::AllowedOrigins
            | Self::Cookie
            | Self::ProtectedPath
            | Self::MessageLimit => Some(Protocol::WebSocket),
            Self::Sse | Self::Stream | Self::EventSource | Self::Script | Self::StreamLimit => {
                Some(Protocol::EventStream)
            }
            Self::Tls | Self::Stop | Self::RedirectingPath => None,
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which cases run without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Set {
    /// Runs always.
    #[cfg_attr(feature = "cli", value(skip))]
    Default,
    /// Cases that watch for longer than the patience.
    Long,
    /// Abusive traffic: refused off loopback without the user's word.
    Hardening,
    /// Resumption. No case is in it yet, so it cannot be asked for.
    #[serde(skip)]
    #[cfg_attr(feature = "cli", value(skip))]
    Resume,
    /// The target is an intermediary. No case is in it yet, so it cannot be asked for.
    #[serde(skip)]
    #[cfg_attr(feature = "cli", value(skip))]
    Proxy,
}

impl Set {
    /// Every set.
    pub const ALL: [Self; 5] = [
        Self::Default,
        Self::Long,
        Self::Hardening,
        Self::Resume,
        Self::Proxy,
    ];

    /// The word in reports and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Long => "long",
            Self::Hardening => "hardening",
            Self::Resume => "resume",
            Self::Proxy => "proxy",
        }
    }
}

/// Whether a case watches a stream for the observation time or a good part of it, in the order in which such cases begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watching {
    /// It drives what every case of this kind drives: one conversation serves them all.
    Observation,
    /// It drives what no other does.
    Alone,
    /// It watches nothing.
    Nothing,
}

/// What a case does and how it reads what came of it.
pub trait Experiment: Send + Sync {
    /// Talks to the target. Everything said and heard is recorded by the stage's links.
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()>;

    /// Judges what was recorded: no socket, no clock, no state.
    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement;
}

/// One experiment against one target.
pub struct Case {
    /// Stable id: segments of `[a-z0-9-]+`.
    pub id: String,
    /// What is done, in one line.
    pub title: String,
    /// What the documents call for, in one line.
    pub expected: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Requirements that it examines, the deciding one first.
    pub requirements: &'static [&'static str],
    /// What the target must offer.
    pub needs: &'static [Need],
    /// When it runs.
    pub set: Set,
    /// Bytes in flight at most: cases are run together up to a sum. Also how much each of its connections reads.
    pub weight: usize,
    /// How long it listens on purpose, whatever comes; its deadline is later by that much.
    pub window: Duration,
    /// Whether it watches a stream for the observation time, or a good part of it.
    pub watching: Watching,
    /// Whether it must run while nothing else does.
    pub alone: bool,
    /// Whether a target may fall over it: a health probe follows.
    pub hostile: bool,
    /// The release it came with.
    pub since: &'static str,
    /// Drive and judge.
    pub experiment: Box<dyn Experiment>,
}

/// What a connection of an ordinary case reads at most, in bytes.
pub const ORDINARY_WEIGHT: usize = 256 * 1024;

/// The same of a case that watches a stream for the whole observation time, in bytes: many begin with a picture of all that
/// there is.
pub const WATCHING_WEIGHT: usize = 512 * 1024;

impl Case {
    /// A case of the default set with ordinary weight.
    pub fn new(
        id: impl Into<String>,
        severity: Severity,
        needs: &'static [Need],
        requirements: &'static [&'static str],
        experiment: impl Experiment + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            title: String::new(),
            expected: String::new(),
            severity,
            requirements,
            needs,
            set: Set::Default,
            weight: ORDINARY_WEIGHT,
            window: Duration::ZERO,
            watching: Watching::Nothing,
            alone: false,
            hostile: false,
            since: "0.1.0",
            experiment: Box::new(experiment),
        }
    }

    /// Says what is done and what is called for, each in one line.
    #[must_use]
    pub fn about(mut self, title: impl Into<String>, expected: impl Into<String>) -> Self {
        self.title = title.into();
        self.expected = expected.into();
        self
    }

    /// Puts the case into a set that runs only when asked for.
    #[must_use]
    pub fn in_set(mut self, set: Set) -> Self {
        self.set = set;
        self
    }

    /// States another weight, in bytes.
    #[must_use]
    pub fn weighing(mut self, bytes: usize) -> Self {
        self.weight = bytes;
        self
    }

    /// States how long the case listens on purpose.
    #[must_use]
    pub fn lasting(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// States that the case watches a stream, and how: it reads more then, and begins before others.
    #[must_use]
    pub fn watching(mut self, watching: Watching) -> Self {
        self.watching = watching;
        self.weighing(WATCHING_WEIGHT)
    }

    /// Runs the case while nothing else does.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// Marks a case over which a target may fall.
    #[must_use]
    pub fn hostile(mut self) -> Self {
        self.hostile = true;
        self
    }
}

impl Case {
    /// Whether the target does not outlive the case, as it should.
    pub(crate) fn stops_the_target(&self) -> bool {
        self.needs.contains(&Need::Stop)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
