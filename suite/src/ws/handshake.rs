//! Opening handshakes as cases vary them: what was asked, what was answered, and what is wrong with a 101. Made from a
//! transcript alone.
//!
//! A varied handshake is judged against its *twin*: an ordinary handshake on a connection of its own, made after the
//! varied one is gone. Only then does a refusal say anything about what was varied: section 4.1 allows a client one
//! pending handshake for each address, so a server may refuse or delay a second one.
//!
//! What refuses like a server that has stumbled, by a 5xx or by hanging up, may have done so over something else: the varied
//! handshake is then made [`AGAIN`], and the second answer counts.

use super::after_fault::TWIN;
use super::conversation::Conversation;
use super::dialogue::{Dialogue, Opened};
use crate::http::{EXTENSIONS, Request};
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Connection, End, Transcript, What};
use pushspec_parser::Finding;
use pushspec_parser::http::{Extension, Offer, ResponseHead, judge_upgrade, list_elements};
use pushspec_reports::printable;
use std::fmt;
use std::time::Duration;

/// The label of a varied handshake that is made once more.
pub const AGAIN: &str = "again";

/// Between two segments of it.
const BETWEEN_SEGMENTS: Duration = Duration::from_millis(1);

/// Bytes from the beginning of a connection in which all requests stand. Frames may follow by the megabyte.
const REQUESTS: usize = 256 * 1024;

/// What was asked for on a connection: read back from the bytes that were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    fields: Vec<(String, String)>,
}

impl Asked {
    /// What was sent on this connection. Only field lines count; whatever follows them is not read as one.
    pub fn on(connection: &Connection) -> Self {
        let mut sent = Vec::new();
        for event in &connection.events {
            if let What::Sent(bytes) = &event.what {
                let room = REQUESTS.saturating_sub(sent.len());
                sent.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
        }
        Self::in_bytes(&sent)
    }

    /// The same for bytes that were sent.
    pub fn in_bytes(sent: &[u8]) -> Self {
        let text = String::from_utf8_lossy(sent);
        let fields = text.split("\r\n").filter_map(|line| line.split_once(':'));
        let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
        Self {
            fields: fields
                .map(|(name, value)| (trim(name), trim(value)))
                .collect(),
        }
    }

    /// The names of all field lines, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// The key of the last request.
    pub fn key(&self) -> &str {
        self.values("Sec-WebSocket-Key").last().unwrap_or_default()
    }

    /// The protocols that the client would switch to.
    pub fn protocols(&self) -> Vec<&str> {
        self.names_in("Upgrade")
    }

    /// The extensions that were offered, those without a fault in their grammar.
    pub fn extensions(&self) -> impl Iterator<Item = Extension> {
        self.values(EXTENSIONS)
            .flat_map(|value| list_elements(value.as_bytes()))
            .filter_map(Extension::parse)
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The elements of a list, without parameters.
    fn names_in<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        self.values(name)
            .flat_map(|value| value.split(','))
            .map(|element| element.split(';').next().unwrap_or_default().trim())
            .filter(|element| !element.is_empty())
            .collect()
    }
}

/// What came in answer to an opening handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A 101.
    Accepted(ResponseHead),
    /// Anything else, silence included.
    Rejected(Rejection),
    /// The question was not looked at: there was no connection to ask on, or a 429, which speaks of how many ask. A judge
    /// can say nothing.
    Unreached(String),
}

/// What came instead of a 101.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Any other final response.
    Response(ResponseHead),
    /// The end of the connection, before a response was complete.
    Ended(End),
    /// Bytes that are no HTTP, from this place on.
    NotHttp {
        /// Bytes from the start of the connection.
        offset: u64,
    },
    /// A head beyond all bounds.
    Endless,
    /// Nothing, or not enough to be a response.
    Silence,
}

impl Answer {
    /// What came on this connection.
    pub fn on(connection: &Connection) -> Self {
        if let Some(reason) = connection.not_connected() {
            return Self::Unreached(reason.into());
        }
        let heard = Dialogue::of(connection);
        Self::Rejected(match heard.opened {
            Opened::Response { head, .. } if head.status == 101 => return Self::Accepted(head),
            Opened::Response { head, .. } if head.status == 429 => {
                let limited = Rejection::Response(head);
                return Self::Unreached(format!(
                    "{limited}, which limits how many handshakes come in a time, and says nothing of this one"
                ));
            }
            Opened::Response { head, .. } => Rejection::Response(head),
            Opened::NotHttp { offset } => Rejection::NotHttp { offset },
            Opened::TooLarge => Rejection::Endless,
            Opened::Awaited => match heard.end {
                Some((_, end)) => Rejection::Ended(end),
                None => Rejection::Silence,
            },
        })
    }

    /// What came on the first connection with this label.
    pub fn to(transcript: &Transcript, label: &str) -> Self {
        transcript.connection(label).map_or_else(
            || Self::Unreached(format!("the {label} connection was never opened")),
            Self::on,
        )
    }

    /// Whether it is a 101.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// Whether it may be owed to the moment, and not to what was asked: a 5xx says so, and an end says nothing.
    fn may_be_an_accident(&self) -> bool {
        match self {
            Self::Rejected(Rejection::Response(head)) => head.status >= 500,
            Self::Rejected(Rejection::Ended(_)) => true,
            Self::Rejected(Rejection::NotHttp { .. } | Rejection::Endless | Rejection::Silence)
            | Self::Accepted(_)
            | Self::Unreached(_) => false,
        }
    }
}

/// The answer as the object of "was answered by".
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(head) => status(head, f),
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Unreached(reason) => f.write_str(reason),
        }
    }
}

/// The rejection as the object of "was answered by".
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(head) => status(head, f),
            Self::Ended(end) => write!(f, "{end} and no HTTP response"),
            Self::NotHttp { .. } => f.write_str("bytes that are no HTTP response"),
            Self::Endless => f.write_str("a response head without end"),
            Self::Silence => f.write_str("silence"),
        }
    }
}

fn status(head: &ResponseHead, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match head.reason.is_empty() {
        true => write!(f, "status {}", head.status),
        false => write!(f, "{} {}", head.status, printable(&head.reason, 40)),
    }
}

/// The protocol that a 101 switches to, where that is no WebSocket: its Upgrade names others, and nothing in it answers a
/// WebSocket handshake. What follows are no frames.
pub fn switched_elsewhere(head: &ResponseHead) -> Option<&[u8]> {
    let speaks_it =
        head.has_token("upgrade", "websocket") || head.first("sec-websocket-accept").is_some();
    match head.status {
        101 if !speaks_it => head.list("upgrade").next(),
        _ => None,
    }
}

/// What is wrong with the 101 on this connection, measured by what was asked for; nothing where there is none.
pub fn flaws(connection: &Connection) -> Vec<Finding> {
    let Opened::Response { head, offset, .. } = Dialogue::of(connection).opened else {
        return Vec::new();
    };
    if head.status != 101 {
        return Vec::new();
    }
    let asked = Asked::on(connection);
    let offer = Offer {
        key: asked.key(),
        protocols: &asked.names_in("Sec-WebSocket-Protocol"),
        extensions: &asked.names_in(EXTENSIONS),
    };
    judge_upgrade(&head, &offer)
        .into_iter()
        .map(|finding| Finding::new(finding.violation, offset + finding.offset))
        .collect()
}

/// What is wrong with the 101 on the connection with this label and not with that of the twin: it belongs to what was
/// varied. Where there was no twin, everything does.
pub fn own_flaws(transcript: &Transcript, label: &str) -> Vec<Finding> {
    let mut own = transcript.connection(label).map(flaws).unwrap_or_default();
    let shared = transcript.connection(TWIN).map(flaws).unwrap_or_default();
    own.retain(|flaw| !shared.iter().any(|other| other.violation == flaw.violation));
    own
}

/// Makes an ordinary handshake and ends it again.
pub async fn ask_twin(stage: &Stage) {
    Conversation::open(stage, TWIN).await.part().await;
}

/// Sends a handshake and ends what it opened. Where it was not answered by a flawless 101, its twin follows, so that
/// the judge can tell what is owed to the handshake from what is owed to the target or the moment.
pub async fn ask_beside_twin(stage: &Stage, label: &'static str, request: &Request) {
    Conversation::open_with(stage, label, request)
        .await
        .part()
        .await;
    twin_if_needed(stage, label).await;
}

/// The twin of the handshake with this label, unless that was answered by a flawless 101. It has the same key: what is
/// wrong with an accept value depends on it.
pub async fn twin_if_needed(stage: &Stage, label: &str) {
    let transcript = stage.transcript();
    let Some(connection) = transcript.connection(label) else {
        return;
    };
    if Answer::on(connection).is_accepted() && flaws(connection).is_empty() {
        return;
    }
    let mut request = Request::opening(stage, TWIN);
    request.set("Sec-WebSocket-Key", Asked::on(connection).key());
    Conversation::open_with(stage, TWIN, &request)
        .await
        .part()
        .await;
    ask_again(stage, label).await;
}

/// Makes the handshake with this label once more, byte by byte and segment by segment, where it was refused as if by
/// accident and the twin behind it was accepted.
pub async fn ask_again(stage: &Stage, label: &str) {
    let transcript = stage.transcript();
    let Some(connection) = transcript.connection(label) else {
        return;
    };
    let accident = Answer::on(connection).may_be_an_accident();
    if !accident || !Answer::to(&transcript, TWIN).is_accepted() {
        return;
    }
    let mut conversation = Conversation::connect(stage, AGAIN).await;
    let before_answer = connection
        .events
        .iter()
        .take_while(|event| !matches!(event.what, What::Received(_) | What::Ended(_)));
    let mut pause = Duration::ZERO;
    for event in before_answer {
        if let What::Sent(bytes) = &event.what {
            tokio::time::sleep(std::mem::replace(&mut pause, BETWEEN_SEGMENTS)).await;
            conversation.send_bytes(bytes.clone()).await;
        }
    }
    conversation.opened().await;
    conversation.part().await;
}

/// How the handshake with this label was rejected, while its twin was accepted.
///
/// # Errors
/// A judgement: what `accepted` makes of a 101; else inconclusive, because there was no connection, because the target
/// rejects ordinary handshakes as well, or because it accepts this one the second time.
pub fn rejected(
    transcript: &Transcript,
    label: &str,
    accepted: impl FnOnce() -> Judgement,
) -> Result<Rejection, Judgement> {
    match Answer::to(transcript, label) {
        Answer::Accepted(_) => Err(accepted()),
        Answer::Unreached(reason) => Err(Judgement::inconclusive(reason).to_confirm_alone()),
        Answer::Rejected(rejection) => counted(transcript, rejection),
    }
}

/// Whether the twin was accepted.
///
/// # Errors
/// A judgement: inconclusive, because the target refuses ordinary handshakes as well. It may be owed to the crowd.
pub fn twin_accepted(transcript: &Transcript, answer: &impl fmt::Display) -> Result<(), Judgement> {
    match Answer::to(transcript, TWIN) {
        Answer::Accepted(_) => Ok(()),
        twin => {
            let observed = format!(
                "answered by {answer}; but an ordinary handshake behind it was not accepted either: {twin}"
            );
            Err(Judgement::inconclusive(observed).to_confirm_alone())
        }
    }
}

/// The rejection that counts where the twin was accepted: the second, of a handshake that was made [`AGAIN`].
///
/// # Errors
/// A judgement: inconclusive, because the target refuses ordinary handshakes as well, or because it accepted the same one the
/// second time.
pub fn counted(transcript: &Transcript, rejection: Rejection) -> Result<Rejection, Judgement> {
    twin_accepted(transcript, &rejection)?;
    match transcript.connection(AGAIN).map(Answer::on) {
        Some(Answer::Accepted(_)) => {
            let observed = format!(
                "answered by {rejection}, and by 101 when byte for byte the same came a second time"
            );
            Err(Judgement::inconclusive(observed).to_confirm_alone())
        }
        Some(Answer::Rejected(again @ (Rejection::Response(_) | Rejection::Ended(_)))) => Ok(again),
        Some(Answer::Rejected(_) | Answer::Unreached(_)) | None => Ok(rejection),
    }
}
