//! What became of a script: played, or refused.

use crate::http::{Replies, Reply};
use crate::judgement::Judgement;
use crate::sse::{Answer, Read};
use crate::transcript::Transcript;
use pushspec_reports::{Verdict, printable};
use std::time::Duration;

/// A script that was played, to its end or not.
pub(super) struct Played {
    /// All that came.
    pub(super) answer: Answer,
    /// What a client reads of it.
    pub(super) read: Read,
    /// Whether the stream ended: nothing more was to come.
    pub(super) over: bool,
}

impl Played {
    /// Whether events were still coming when the time of the case was up: what is missing may be on its way.
    pub(super) fn was_flowing(&self, patience: Duration) -> bool {
        let (Some(reply), Some(gave_up)) = (self.answer.reply(), self.answer.gave_up) else {
            return false;
        };
        // By an event, or by a piece of one: a heartbeat is neither.
        let event = self.read.events.last().map(|last| last.at);
        let piece = reply.pieces.last().filter(|_| self.read.tail > 0);
        let moved = event.max(piece.map(|piece| piece.at)).unwrap_or(reply.at);
        // The clock of a wait and that of the record differ by a little.
        !self.over && gave_up.saturating_sub(moved) < patience * 9 / 10
    }
}

/// What became of a script.
pub(super) enum Outcome {
    /// A stream came.
    Played(Box<Played>),
    /// The endpoint does not play this one; why, as a whole judgement.
    Not(Judgement),
    /// The endpoint refused to write it: by which answer.
    Refused(Box<Answer>),
}

/// What became of the script that was asked for on this connection.
pub(super) fn played(transcript: &Transcript, label: &str) -> Outcome {
    let answer = match Answer::of(transcript, label, &[]) {
        Ok(answer) => answer,
        Err(judgement) => return Outcome::Not(judgement),
    };
    match answer.reply() {
        Some(reply) if reply.is_event_stream() => {
            let read = Read::of(reply);
            let over = is_over(&answer.replies, reply);
            Outcome::Played(Box::new(Played { answer, read, over }))
        }
        // The way to say that a step is unknown, and a request line that is too long for the server.
        Some(reply) if matches!(reply.head.status, 400 | 413 | 414 | 431) => {
            Outcome::Refused(Box::new(answer))
        }
        Some(reply) if reply.head.status == 422 || reply.head.status >= 500 => {
            Outcome::Refused(Box::new(answer))
        }
        Some(_) => Outcome::Not(elsewhere(&answer)),
        None if answer.is_silent() => Outcome::Not(elsewhere(&answer).resting_on_silence()),
        None => Outcome::Refused(Box::new(answer)),
    }
}

fn is_over(replies: &Replies, reply: &Reply) -> bool {
    reply.complete || replies.end.is_some()
}

fn elsewhere(answer: &Answer) -> Judgement {
    let observed = format!(
        "a script, where one was played before, is answered by {}",
        answer.in_words()
    );
    Judgement::inconclusive(observed).to_confirm_alone()
}

/// What a refusal means where nothing odd was asked for: a step that the endpoint does not know skips the case; anything
/// else keeps an ordinary value from clients.
pub(super) fn refused_ordinary(answer: &Answer, what: &str) -> Judgement {
    let came = answer.in_words();
    match answer.status() {
        Some(400 | 413 | 414 | 431) => Judgement::new(
            Verdict::Skip,
            format!("needs `script`: the endpoint answers this script by {came}"),
        ),
        Some(_) | None => Judgement::fail(format!(
            "{what} cannot be sent: the script is answered by {came}, although no value in it is odd"
        ))
        .to_confirm_alone()
        .at(answer.spot()),
    }
}

/// Text in quotes, at most so many characters of it. A backslash is doubled: two texts that differ never look the same.
pub(super) fn quoted(text: &str, limit: usize) -> String {
    let text = text.replace('\\', "\\\\");
    format!("\"{}\"", printable(text.as_bytes(), limit))
}
