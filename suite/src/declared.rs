//! What the user states about the target, and how severely the documents are to be read.

use crate::post::Post;
use pushspec_reports::Verdict;
use std::fmt;

/// How severely to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Profile {
    /// As the documents say; contestable readings warn.
    #[default]
    Standard,
    /// Contestable MUSTs fail.
    Strict,
    /// What browsers need fails where it is missing.
    Browser,
    /// Autobahn's verdicts, for comparison.
    Autobahn,
}

impl Profile {
    /// The word on the command line and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Strict => "strict",
            Self::Browser => "browser",
            Self::Autobahn => "autobahn",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Facts about the target that only its owner knows. What is not declared is not held against the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The `Origin` of ordinary requests.
    pub origin: Option<String>,
    /// Subprotocols that the target speaks, the most liked first: offered in ordinary handshakes.
    pub subprotocols: Vec<String>,
    /// Further fields of ordinary requests, name and value: credentials, usually. Secrets.
    pub headers: Vec<(String, String)>,
    /// A path of the target that redirects to its stream or endpoint.
    pub redirecting_path: Option<String>,
    /// The origins that the target lets in, and no other. The first is that of ordinary requests where no other is named.
    pub allowed_origins: Vec<String>,
    /// A path of the target that asks for credentials.
    pub protected_path: Option<String>,
    /// The target resumes streams behind the event that a `Last-Event-ID` names.
    pub resumption: bool,
    /// The largest message that it takes, in bytes.
    pub message_limit: Option<u64>,
    /// So many streams it serves at once, and no more.
    pub stream_limit: Option<usize>,
    /// An origin whose pages are to read the streams.
    pub cross_origin: Option<String>,
    /// They send cookies.
    pub cross_origin_credentials: bool,
    /// What the target streams in answer to, where that is a POST.
    pub post: Option<Post>,
}

/// What a judge knows besides the transcript.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// How severely to read.
    pub profile: Profile,
    /// What the user declared.
    pub declared: Declared,
    /// What is short of a pass only because it was slow is measured against these.
    pub timing: crate::Timing,
}

impl Reading {
    /// What breaking a MUST comes to whose reading is contestable: a warning, and a fail for `strict`.
    pub fn contestable(&self) -> Verdict {
        match self.profile {
            Profile::Strict => Verdict::Fail,
            Profile::Standard | Profile::Browser | Profile::Autobahn => Verdict::Warn,
        }
    }
}
