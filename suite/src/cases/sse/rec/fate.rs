//! What a request with a `Last-Event-ID` comes to, held against one without: a stream that goes on, one that ends at once, a
//! refusal, or a fall. The head alone tells little: a server that stumbles over an id may do so behind it.

use crate::http::{Exchange, Replies, Reply, Request};
use crate::sse::{Answer, Read, ask, script};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use std::time::Duration;

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// A stream that goes on.
    GoesOn,
    /// A stream, and its end.
    Ends,
    /// An answer that is no stream, and no error of the server's: 204, a redirect, 4xx.
    Refused,
    /// 5xx, or no response.
    Falls,
}

impl Fate {
    pub(super) fn of(heard: &Replies) -> Self {
        match heard.first() {
            // One that brought more than the case reads goes on.
            Some(reply) if reply.is_event_stream() => match reply.complete || heard.end.is_some() {
                true => Self::Ends,
                false => Self::GoesOn,
            },
            Some(reply) if reply.head.status < 500 => Self::Refused,
            Some(_) | None => Self::Falls,
        }
    }

    /// How long the streams are watched that such an answer is held against: longer than it took to end.
    pub(super) fn watched(self, at_once: Duration) -> Duration {
        match self {
            Self::Ends => at_once,
            Self::GoesOn | Self::Refused | Self::Falls => Duration::ZERO,
        }
    }
}

/// A request whose stream is watched for so long, or until it ends.
pub(super) async fn try_out(
    stage: &Stage,
    label: &'static str,
    request: &Request,
    watched: Duration,
) -> Exchange {
    let mut exchange = ask(stage, label, request).await;
    if exchange.heard().first().is_some_and(Reply::is_event_stream) {
        exchange.listen_until(watched, script::is_over).await;
    }
    exchange
}

/// Whether a client gets the same of both, as far as they came.
pub(super) fn same_content(one: &Answer, other: &Answer) -> bool {
    let content = |answer: &Answer| answer.reply().map(Reply::content).unwrap_or_default();
    !content(one).is_empty() && content(one) == content(other)
}

/// Whether the stream gives the client another id than the one that it came with, or takes that from it: it does not come
/// back with the same. An id counts in a block without data too (9.2.6).
pub(super) fn moves_on(transcript: &Transcript, answer: &Answer) -> bool {
    let last = answer.reply().and_then(|reply| Read::of(reply).last_id);
    let came_with = transcript.connection(answer.label).and_then(id_of);
    last.is_some_and(|last| Some(last.into_bytes()) != came_with)
}

/// The `Last-Event-ID` that was sent on this connection.
fn id_of(connection: &Connection) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"Last-Event-ID: ";
    let sent = connection.sent();
    let mut lines = sent.split(|byte| *byte == b'\r');
    let value = lines.find_map(|line| line.strip_prefix(b"\n")?.strip_prefix(NAME))?;
    Some(value.to_vec())
}
