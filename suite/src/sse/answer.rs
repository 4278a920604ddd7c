//! What one request was answered with, in the terms in which cases judge it.

use super::likeness::{Likeness, likeness};
use crate::http::{Exchange, Replies, Reply, Request, Rest};
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::sse::script;
use crate::stage::Stage;
use crate::transcript::Transcript;
use pushspec_parser::http::{HeadLimits, RequestFacts};
use pushspec_reports::printable;
use std::time::Duration;
use tokio::time::Instant;

/// Sends a GET and waits until it is known whether a stream comes.
pub async fn ask(stage: &Stage, label: &'static str, request: &Request) -> Exchange {
    let mut exchange = Exchange::get(stage, label, request).await;
    if exchange.answered().await == Waited::Met {
        settle(&mut exchange).await;
    }
    exchange
}

/// Waits a moment more for the answer to a request, behind that to one that was made later: servers take requests in the order
/// in which they come, and who had stalled for everybody answers both.
pub async fn outwait(stage: &Stage, exchange: &mut Exchange) {
    let came = |heard: &Replies| heard.first().is_some() || script::is_over(heard);
    exchange
        .listen_until(stage.setting.timing.at_once, came)
        .await;
}

/// What it means that an ordinary request, made behind one that got no stream, gets none either; none where it does, or was not
/// made. `what` names the request that is judged.
pub fn another_reason(what: &str, answer: &Answer, ordinary: Option<Answer>) -> Option<Judgement> {
    let ordinary = ordinary.filter(|ordinary| !ordinary.streams())?;
    let judgement = Judgement::inconclusive(format!(
        "{what} is answered by {}, and an ordinary request behind it by {}: this has another reason",
        answer.in_words(),
        ordinary.in_words()
    ));
    Some(judgement.to_confirm_alone().at(ordinary.spot()))
}

/// What it means that a client which comes back is answered by 429 or 503: nothing is concluded from that.
pub fn sent_away_for_now(who: &str, came: &str) -> Judgement {
    Judgement::inconclusive(format!(
        "{who} is answered by {came}: that speaks of how many ask at the time, not of who does"
    ))
    .to_confirm_alone()
}

/// Waits, behind the head of a response, until it is known whether it is a stream.
pub async fn settle(exchange: &mut Exchange) {
    let decided = |heard: &Replies| likeness(heard) != Likeness::Undecided;
    exchange
        .wait(
            "content that tells whether this is an event stream",
            decided,
        )
        .await;
}

/// Whether a stream came, and did not end as far as it was read.
pub fn is_open(stream: &Exchange) -> bool {
    let heard = stream.heard();
    let came = heard.first().is_some_and(Reply::is_event_stream);
    came && (heard.full || !script::is_over(heard))
}

/// Between two questions whether there is room again.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks until a stream opens, for as long as a reaction is waited for: a server that had no room has it again when it noticed that
/// clients left. Gives back whether one did.
pub async fn opens_again(stage: &Stage, request: &Request) -> bool {
    let left = Instant::now();
    loop {
        if is_open(&ask(stage, "again", request).await) {
            return true;
        }
        if left.elapsed() >= stage.setting.timing.patience {
            return false;
        }
        // Nothing tells when a server has room again: asking is all there is.
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether the first response is an event stream, whatever its status and its type.
pub fn streams(replies: &Replies) -> bool {
    likeness(replies) == Likeness::Stream
}

/// What came on one connection in answer to its first request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The connection's label.
    pub label: &'static str,
    /// All that came.
    pub replies: Replies,
    /// When the first wait ended in vain.
    pub gave_up: Option<Duration>,
    waited: Option<Duration>,
}

impl Answer {
    /// The answer on the connection with this label; none where it was never opened. `requests` says what was asked
    /// where that was no plain GET.
    pub fn on(transcript: &Transcript, label: &str, requests: &[RequestFacts]) -> Option<Self> {
        let connection = transcript.connection(label)?;
        Some(Self {
            label: connection.label,
            replies: Replies::of(connection, requests),
            gave_up: connection.gave_up(),
            waited: connection.timed_out().map(|(_, waited)| waited),
        })
    }

    /// The same, where nothing can be judged without it.
    ///
    /// # Errors
    /// A judgement: inconclusive, because no connection could be had.
    pub fn of(
        transcript: &Transcript,
        label: &str,
        requests: &[RequestFacts],
    ) -> Result<Self, Judgement> {
        let not_connected = transcript
            .connection(label)
            .and_then(|connection| connection.not_connected());
        if let Some(reason) = not_connected {
            return Err(Judgement::inconclusive(reason).to_confirm_alone());
        }
        Self::on(transcript, label, requests).ok_or_else(|| {
            Judgement::inconclusive(format!("the {label} connection was never opened"))
        })
    }

    /// The first final response.
    pub fn reply(&self) -> Option<&Reply> {
        self.replies.first()
    }

    /// The status of the first final response.
    pub fn status(&self) -> Option<u16> {
        self.reply().map(|reply| reply.head.status)
    }

    /// Whether this is an event stream, whatever its status and its type.
    pub fn streams(&self) -> bool {
        streams(&self.replies)
    }

    /// Whether nothing came, not even an end.
    pub fn is_silent(&self) -> bool {
        self.reply().is_none()
            && self.replies.end.is_none()
            && self.replies.rest == Rest::Bytes(Vec::new())
    }

    /// Whether the connection ended without a response.
    pub fn is_dropped(&self) -> bool {
        self.reply().is_none() && self.replies.end.is_some()
    }

    /// What came, as a noun: "406 Not Acceptable", "TCP FIN and no response".
    pub fn in_words(&self) -> String {
        if let Some(reply) = self.reply() {
            let status = reply.head.status;
            let reason = printable(&reply.head.reason, 40);
            let status = format!("{status} {reason}");
            let status = status.trim_end();
            return match reply.media_type() {
                Some(_) if reply.is_event_stream() => format!("{status} and an event stream"),
                Some(media_type) if reply.head.status < 300 => {
                    format!("{status} and {}", printable(media_type.as_bytes(), 60))
                }
                Some(_) | None => status.to_owned(),
            };
        }
        match (&self.replies.rest, &self.replies.end, self.waited) {
            (Rest::NotHttp { .. }, _, _) => "bytes that are not HTTP".into(),
            (Rest::TooLarge, _, _) => {
                let most = HeadLimits::default();
                format!(
                    "a head that does not end within {} KiB and {} fields",
                    most.bytes / 1024,
                    most.fields
                )
            }
            (Rest::Bytes(bytes), Some((_, end)), _) if bytes.is_empty() => {
                format!("{end} and no response")
            }
            (Rest::Bytes(_), Some((_, end)), _) => format!("{end} within the head"),
            (Rest::Bytes(_), None, Some(waited)) => {
                format!("no response within {} s", waited.as_secs_f32())
            }
            (Rest::Bytes(_), None, None) => "no response".into(),
        }
    }

    /// Where the first response begins.
    pub fn spot(&self) -> Spot {
        Spot::received(self.label, self.reply().map_or(0, |reply| reply.offset))
    }

    /// Where the first line of this field is; where the response begins if there is none.
    pub fn field_spot(&self, name: &str) -> Spot {
        let place = self.reply().and_then(|reply| {
            let line = reply.head.lines(name).next()?;
            Some(reply.offset + line.offset)
        });
        place.map_or(self.spot(), |offset| Spot::received(self.label, offset))
    }
}
