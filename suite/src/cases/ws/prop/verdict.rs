//! What is said of one exchange: what came, held against what the model calls for.

use super::exchange::{CANARY, MARKER};
use super::model::Breach;
use super::play::CLOSE_ANSWER;
use super::walk::{Walk, frames, length};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::transcript::{Connection, Transcript};
use crate::ws::echo::{Compared, Message, flaw, is_farewell};
use crate::ws::outcome::{manner, opened};
use crate::ws::{Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Verdict;

/// What the exchanges of a property have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sort {
    /// Whether compression has to be agreed on.
    pub(super) packed: bool,
    /// Whether all is legal; otherwise the last frame is not.
    pub(super) legal: bool,
}

/// One exchange, judged.
pub(super) struct Judged {
    /// What is said of it.
    pub(super) judgement: Judgement,
    /// What was said in it, as the model sees it.
    pub(super) walk: Walk,
    /// How many frames that were.
    pub(super) frames: usize,
    /// Whether the illegal frame among them was never sent, so that nothing is proven.
    pub(super) unsent: bool,
}

impl Judged {
    /// Judges what was played on this connection.
    pub(super) fn of(
        transcript: &Transcript,
        connection: &Connection,
        sort: Sort,
        reading: &Reading,
    ) -> Self {
        let nothing = |judgement| Self {
            judgement,
            walk: Walk::over(&[], None),
            frames: 0,
            unsent: false,
        };
        let heard = match opened(transcript, connection.label) {
            Ok(heard) => heard,
            Err(judgement) => return nothing(judgement),
        };
        let answer = heard.compression.map(|compression| compression.answer);
        if sort.packed
            && let Some(Err(error)) = answer
        {
            return nothing(Judgement::new(
                Verdict::Skip,
                format!(
                    "the answer to the offer of compression is unsound, which ws/pmd-neg judges: {error}"
                ),
            ));
        }
        if answer.is_some() != sort.packed {
            return nothing(Judgement::inconclusive(
                "the target answered the offer of compression otherwise before",
            ));
        }
        let Some((plan, sent)) = connection.planned() else {
            return nothing(Judgement::inconclusive("the exchange was never begun"));
        };
        let mut frames = frames(&plan.bytes);
        if sort.legal {
            // For what did not get through whole, nothing is owed.
            let mut bytes = 0;
            frames.retain(|frame| {
                bytes += length(frame);
                bytes <= sent
            });
        }
        let walk = Walk::over(&frames, heard.compression.as_ref());
        let mut unsent = false;
        let judgement = match walk.breach {
            None if sort.legal => legal(connection, &walk, &heard, reading),
            Some((index, breach)) if !sort.legal => {
                let begins = match breach.is_found_late() {
                    true => walk.settled,
                    false => index,
                };
                let before: usize = frames[..begins].iter().map(length).sum();
                // A part of it is enough, if the target knew enough.
                unsent = !(sent >= plan.bytes.len() || sent > before && heard.is_ending());
                match unsent {
                    false => illegal(connection.label, &walk, (&frames[index], breach), &heard),
                    true => Judgement::inconclusive(format!(
                        "{breach} was never sent, because of what became of the connection before: {}",
                        manner(&heard)
                    ))
                    .to_confirm_alone(),
                }
            }
            None | Some(_) => Judgement::inconclusive("the exchange is of the other sort"),
        };
        Self {
            judgement,
            walk,
            frames: frames.len(),
            unsent,
        }
    }

    /// Whether the target is to blame.
    pub(super) fn is_failed(&self) -> bool {
        self.judgement.verdict == Verdict::Fail
    }
}

/// Nothing was wrong: each message comes back once, the same, in order; the last ping is answered; so is the Close.
fn legal(connection: &Connection, walk: &Walk, heard: &Dialogue, reading: &Reading) -> Judgement {
    let label = connection.label;
    if let Some(broken) = heard.broken.first() {
        let by = heard
            .compression
            .and_then(|compression| compression.broken_by(broken.error.fault));
        return Judgement::fail(format!(
            "a compressed {} message of {} bytes does not inflate: {}",
            broken.opcode, broken.length, broken.error
        ))
        .by(by.unwrap_or("rfc7692/6.1/compressed-send-algorithm"))
        .at(Spot::received(label, broken.offset));
    }
    if heard.full {
        return Judgement::inconclusive(
            "the target sent more than the case reads, and not all was judged",
        );
    }
    let mut expected = walk.messages.clone();
    if expected.last().is_none_or(|last| last.payload != MARKER) {
        // What was in vain before it kept it from being sent.
        expected.push(Message {
            opcode: Opcode::TEXT,
            payload: MARKER.to_vec(),
            frames: 1,
        });
    }
    let others = expected.len() - 1;
    let compared = Compared::of(&expected, &heard.messages);
    let pong_missing = walk
        .last_ping()
        .is_some_and(|ping| heard.pong(ping).is_none());
    let dismissed = heard.close().is_some_and(is_farewell);
    if pong_missing && !dismissed && compared.missing.is_none_or(|missing| missing == others) {
        return Judgement::fail(
            "every message came back, but no pong for the last ping among them",
        )
        .by("rfc6455/5.5.2/pong-required")
        .resting_on_silence();
    }
    if let Some(judgement) = flaw(label, &expected, &compared, heard, reading) {
        return judgement;
    }
    let unanswered = connection
        .timed_out()
        .is_some_and(|(awaited, _)| awaited == CLOSE_ANSWER);
    if heard.close().is_none() && (unanswered || heard.end.is_some()) {
        let judgement = Judgement::fail(format!(
            "every message came back, but the Close behind them was not answered: {}",
            manner(heard)
        ))
        .by("rfc6455/5.5.1/close-answered");
        return match heard.end {
            Some(_) => judgement.to_confirm_alone(),
            None => judgement.resting_on_silence(),
        };
    }
    match compared.foreign {
        Some(index) => Judgement::info(
            "every message came back, but the target says more of its own accord, which an echo endpoint does not",
        )
        .at(Spot::received(label, heard.messages[index].offset)),
        None => Judgement::pass("everything came back, the same, in order"),
    }
}

/// A rule was broken: the connection is failed, and nothing behind the breach is processed.
fn illegal(
    label: &'static str,
    walk: &Walk,
    (frame, breach): (&Frame, Breach),
    heard: &Dialogue,
) -> Judgement {
    let place = walk.state;
    let text = heard.message(Opcode::TEXT, CANARY);
    let pong = heard.pong(CANARY).filter(|_| !breach.lets_pongs_through());
    let earlier = |payload: &[u8]| walk.messages.iter().any(|other| other.payload == payload);
    let own = heard.messages.iter().find(|message| {
        message.payload == frame.payload && !frame.payload.is_empty() && !earlier(&message.payload)
    });
    let answers = [
        text.map(|text| (text.offset, "the text behind it was answered")),
        pong.map(|pong| (pong.offset, "the ping behind it was answered")),
        own.map(|own| (own.offset, "it came back")),
    ];
    if let Some((offset, what)) = answers.into_iter().flatten().min() {
        return Judgement::fail(format!("{breach}, {place}, was let through: {what}"))
            .by(breach.requirement())
            .at(Spot::received(label, offset));
    }
    if heard.is_ending() {
        return Judgement::pass(format!("{breach}, {place}, was noticed: {}", manner(heard)));
    }
    Judgement::fail(format!(
        "{breach}, {place}, did not end the connection, and nothing behind it was answered"
    ))
    .by(breach.requirement())
    .resting_on_silence()
}
