//! After a fault was sent: one rule for every family that breaks something on purpose.
//!
//! | what the target does | verdict |
//! |---|---|
//! | answers the canary, or the fault itself | processing went on as if nothing were wrong: fail, or warn where the reading is contestable |
//! | closes or resets in whatever manner | pass |
//! | stays open and mute | as the duty says |
//!
//! Beside the faulty conversation runs its *twin*. Where the twin is hung up on as well, a close proves
//! nothing: the case is inconclusive, unless the fault alone was answered with a code that tells of a fault. What the
//! twin says differs from what the faulty conversation says: a target that passes messages on to others, as a chat does,
//! must not make the one look answered by the other.

use crate::case::Experiment;
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::bystander::{self, Bystander};
use crate::ws::conversation::Conversation;
use crate::ws::dialogue::Dialogue;
use crate::ws::echo::PROBED;
use crate::ws::frame::Frame;
use crate::ws::handshake::{Answer, Rejection};
use crate::ws::segments::Segments;
use crate::ws::twin::{self, Twin};
use bytes::Bytes;
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Verdict, printable};
use tokio::sync::oneshot;

pub use crate::ws::outcome::{manner, opened};
pub use crate::ws::twin::TWIN;

/// The label of the connection that carries the fault.
pub const FAULT: &str = "fault";

/// The codes that tell of a fault, not of an application that wants no such message.
const CODES_OF_FAULTS: [u16; 3] = [1002, 1007, 1009];

/// The code that tells of a limit.
const TOO_BIG: u16 = 1009;

/// The code of a Close behind which nothing was wrong.
const NORMAL: u16 = 1000;

/// A fault to send and how to read what follows.
#[derive(Debug, Clone)]
pub struct AfterFault {
    /// What is wrong, as a noun: "a text frame with RSV2 set".
    pub fault: String,
    /// The frames, the faulty one among them.
    pub faulty: Vec<Frame>,
    /// Bytes that are no frame at all, behind the frames.
    pub raw: Option<fn(&Stage) -> Bytes>,
    /// The same without the fault, and with another payload.
    pub legal: Vec<Frame>,
    /// Whether the canary follows; not where it would become a part of the fault.
    pub canary: bool,
    /// How all of it is cut.
    pub segments: Segments,
    /// Messages and pings before the fault: they may be answered.
    pub before: Vec<Frame>,
    /// Whether the fault shows only when its message is read: control frames behind it may be answered until then.
    pub found_late: bool,
    /// What it means that the fault was processed as if it were legal. `strict` makes a warning a fail.
    pub processed: Verdict,
    /// What it means that the target stays open and mute. `strict` makes a warning a fail.
    pub mute: Verdict,
    /// What the documents leave open of that, where it is no failure.
    pub open: Option<&'static str>,
    /// Whether the fault is itself a Close: the connection ends either way, and ending passes.
    pub closing: bool,
    /// Whether a bystander is asked what it suffered.
    pub watched: bool,
    /// What is offered of extensions, on the faulty connection and on its twin's.
    pub offer: Option<Offered>,
    /// What an echo of the fault would look like, where that is not its payload.
    pub stands_for: Vec<Vec<u8>>,
}

/// An offer of permessage-deflate, and what has to come of it: otherwise nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// It has to be accepted.
    Accepted(&'static str),
    /// It has to be declined.
    Declined(&'static str),
}

impl Offered {
    async fn open(self, stage: &Stage, label: &'static str) -> Conversation {
        match self {
            Self::Accepted(offers) => Conversation::open_compressed(stage, label, offers).await,
            Self::Declined(offer) => Conversation::open_offering(stage, label, offer).await,
        }
    }

    /// Why nothing can be said of this connection; none where all is as it has to be.
    fn missing(self, heard: &Dialogue) -> Option<String> {
        let accepted = heard
            .compression
            .is_some_and(|compression| compression.answer.is_ok());
        match self {
            Self::Accepted(offer) if !accepted => Some(format!(
                "the target declines `{offer}`, or answers it wrongly"
            )),
            Self::Declined(offer) if heard.compression.is_some() => Some(format!(
                "the target accepts `{offer}`, which has to be declined: ws/pmd-neg judges that"
            )),
            Self::Accepted(_) | Self::Declined(_) => None,
        }
    }
}

impl AfterFault {
    /// The common case: `faulty` breaks a MUST, a canary stands behind it, processing it and staying open both fail.
    ///
    /// A fault that is itself a Close has no canary: a pong before the answering Close would be legal (RFC 6455 section
    /// 5.5.2), so only the end of the connection tells.
    pub fn new(fault: impl Into<String>, faulty: Vec<Frame>, legal: Vec<Frame>) -> Self {
        let closing = faulty.iter().any(|frame| frame.opcode == Opcode::CLOSE);
        Self {
            fault: fault.into(),
            faulty,
            raw: None,
            legal,
            canary: !closing,
            segments: Segments::One,
            before: Vec::new(),
            found_late: false,
            processed: Verdict::Fail,
            mute: Verdict::Fail,
            closing,
            watched: false,
            open: None,
            offer: None,
            stands_for: Vec::new(),
        }
    }

    /// The same with extensions on offer.
    #[must_use]
    pub fn offering(mut self, offer: Offered) -> Self {
        self.offer = Some(offer);
        self
    }

    /// The same where an echo of the fault would look like this.
    #[must_use]
    pub fn standing_for(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.stands_for.push(payload.into());
        self
    }

    /// Opens one of its connections.
    pub(in crate::ws) async fn open(&self, stage: &Stage, label: &'static str) -> Conversation {
        match self.offer {
            Some(offer) => offer.open(stage, label).await,
            None => Conversation::open(stage, label).await,
        }
    }

    /// Why nothing can be said of this connection.
    pub(in crate::ws) fn left_out(&self, heard: &Dialogue) -> Option<String> {
        self.offer.and_then(|offer| offer.missing(heard))
    }

    /// The same with legal frames in front, whose answers are optional.
    #[must_use]
    pub fn after(mut self, before: &[Frame]) -> Self {
        self.before.extend(before.iter().cloned());
        self
    }

    /// The same with bytes that are no frame, behind the frames or in their place.
    #[must_use]
    pub fn raw(mut self, bytes: fn(&Stage) -> Bytes) -> Self {
        self.raw = Some(bytes);
        self
    }

    /// The same, cut into other segments.
    #[must_use]
    pub fn cut(mut self, segments: Segments) -> Self {
        self.segments = segments;
        self
    }

    /// The same for a fault of a whole message (its text, its compressed data): a pong behind it is legal, because the
    /// fault may be found when the message is read; the echo of a later message is not.
    #[must_use]
    pub fn found_late(mut self) -> Self {
        self.found_late = true;
        self
    }

    /// The same where processing the fault only warns.
    #[must_use]
    pub fn contestable(mut self) -> Self {
        self.processed = Verdict::Warn;
        self
    }

    /// The same where the documents leave open what follows from the fault: warnings rest on that.
    #[must_use]
    pub fn leaving_open(mut self, ambiguity: &'static str) -> Self {
        self.open = Some(ambiguity);
        self
    }

    /// The same where staying open and mute comes to another verdict.
    #[must_use]
    pub fn mute(mut self, verdict: Verdict) -> Self {
        self.mute = verdict;
        self
    }

    /// The same without a canary: it would become a part of the fault.
    #[must_use]
    pub fn without_canary(mut self) -> Self {
        self.canary = false;
        self
    }

    /// The same with a bystander, for faults over which a whole process may fall.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.watched = true;
        self
    }

    /// What stands behind the fault, or behind its twin: an answer to it shows that processing went on. It names the
    /// case, so that nobody else's canary is taken for it.
    pub(in crate::ws) fn canary_of(&self, label: &str) -> Vec<u8> {
        let mut canary = format!("{label} canary: {}", self.fault).into_bytes();
        // What a ping may carry. Descriptions of faults are ASCII.
        canary.truncate(125);
        canary
    }

    async fn drive_fault(&self, stage: &Stage, over: oneshot::Sender<()>) {
        let bystander = match self.watched {
            true => Some(Bystander::open(stage).await),
            false => None,
        };
        let mut conversation = self.open(stage, FAULT).await;
        if !conversation.heard().is_open() {
            return;
        }
        if self.left_out(conversation.heard()).is_some() {
            return conversation.part().await;
        }
        let mut frames = [self.before.as_slice(), &self.faulty].concat();
        if self.canary && self.raw.is_none() {
            frames.extend(twin::asks(&self.canary_of(FAULT)));
        }
        conversation.say(&frames, self.segments).await;
        if let Some(raw) = self.raw {
            conversation.send_bytes(raw(stage)).await;
        }
        let reacted = |heard: &Dialogue| self.processed_at(heard).is_some() || heard.is_ending();
        conversation
            .wait(
                "an end of the connection, or an answer behind the fault",
                reacted,
            )
            .await;
        // The twin may go once it was asked; nobody who waits is left if it went already.
        let _ = over.send(());
        if let Some(bystander) = bystander {
            bystander.ask_again().await;
        }
        // More may stand behind a Close, and a Close behind an answer.
        conversation.part().await;
    }

    /// Where the target answered something that it may not answer behind the fault, and with what.
    fn processed_at(&self, heard: &Dialogue) -> Option<(u64, String)> {
        let canary = self.canary_of(FAULT);
        let forbidden = [messages(&self.faulty), self.stands_for.clone()].concat();
        let allowed = [messages(&self.legal), messages(&self.before)].concat();
        let message = heard
            .messages
            .iter()
            .find(|message| {
                let payload = &message.payload;
                *payload == canary || (forbidden.contains(payload) && !allowed.contains(payload))
            })
            .map(|message| {
                let payload = printable(&message.payload, 60);
                (
                    message.offset,
                    format!("the {} message \"{payload}\"", message.opcode),
                )
            });
        let pings = |frames: &[Frame], payload: &[u8]| {
            frames
                .iter()
                .any(|frame| frame.opcode == Opcode::PING && frame.payload == payload)
        };
        let pong = heard
            .pongs
            .iter()
            .find(|pong| {
                let payload = &pong.payload;
                let faulty = pings(&self.faulty, payload) && !pings(&self.before, payload);
                !self.found_late && (*payload == canary || (faulty && !payload.is_empty()))
            })
            .map(|pong| {
                let payload = printable(&pong.payload, 60);
                (pong.offset, format!("the pong \"{payload}\""))
            });
        [message, pong]
            .into_iter()
            .flatten()
            .min_by_key(|(offset, _)| *offset)
    }

    /// What is said where the handshake was refused because it offered what has to be declined: another case judges that.
    fn refused_for_offer(&self, transcript: &Transcript) -> Option<Judgement> {
        let Some(Offered::Declined(offer)) = self.offer else {
            return None;
        };
        match Answer::to(transcript, FAULT) {
            Answer::Rejected(Rejection::Response(_)) => {
                let observed = format!(
                    "the target refuses handshakes that offer `{offer}`: ws/pmd-neg judges that"
                );
                Some(Judgement::new(Verdict::Skip, observed))
            }
            Answer::Accepted(_) | Answer::Rejected(_) | Answer::Unreached(_) => None,
        }
    }

    /// How it ended with the fault, judged by how it went without.
    fn judge_end(&self, heard: &Dialogue, twin: &Dialogue) -> Judgement {
        let ended = manner(heard);
        let close = heard.close();
        let code = close.and_then(|close| close.code);
        // A Close ends the connection with and without a fault: the code alone tells whether it was seen. None and
        // the bare end say nothing, and no document asks for a code.
        if self.closing
            && let Some(close) = close
            && close.code == Some(NORMAL)
        {
            return Judgement::warn(format!(
                "answered by {ended}, as a Close without a fault is: nothing tells whoever looks for the fault that {} was \
                 seen",
                self.fault
            ))
            .by("rfc6455/7.4.1/1002-for-protocol-error")
            .resting_on("ambiguity/illegal-close")
            .at(Spot::received(FAULT, close.offset));
        }
        match Twin::of(twin) {
            Twin::Lives | Twin::Mute => Judgement::pass(format!("noticed: {ended}")),
            Twin::HungUp {
                code: twin_code,
                manner,
            } if code != twin_code && code.is_some_and(|code| CODES_OF_FAULTS.contains(&code)) => {
                Judgement::pass(format!(
                    "noticed: {ended}, where the same without the fault comes to {manner}"
                ))
            }
            Twin::HungUp {
                code: Some(TOO_BIG),
                manner,
            } if self.longest() > PROBED => Judgement::info(format!(
                "the target has a limit: {} bytes of a message without the fault are more than it takes ({manner}), and nothing \
                 can be said of the fault",
                self.longest()
            ))
            .by("rfc6455/10.4/impose-limits"),
            Twin::HungUp { manner, .. } => Judgement::inconclusive(format!(
                "the connection ended ({ended}), but so did one without the fault ({manner}): the end proves nothing"
            )),
        }
    }

    /// The length of the longest message without the fault.
    fn longest(&self) -> usize {
        let lengths = messages(&self.legal);
        lengths.iter().map(Vec::len).max().unwrap_or_default()
    }

    /// What weighs less than a failure does so because of what is open.
    fn resting(&self, weight: Verdict, judgement: Judgement) -> Judgement {
        match (weight, self.open) {
            (Verdict::Warn, Some(open)) => judgement.resting_on(open),
            _ => judgement,
        }
    }

    fn graded(verdict: Verdict, reading: &Reading) -> Verdict {
        match verdict {
            Verdict::Warn => reading.contestable(),
            verdict => verdict,
        }
    }
}

impl Experiment for AfterFault {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let (over, is_over) = oneshot::channel();
            // Together: only a target that neither answers nor closes costs patience, and it costs it once.
            tokio::join!(
                twin::drive(self, stage, is_over),
                self.drive_fault(stage, over)
            );
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, FAULT) {
            Ok(heard) => heard,
            Err(refusal) => return self.refused_for_offer(transcript).unwrap_or(refusal),
        };
        if let Some(why) = self.left_out(&heard) {
            return Judgement::new(Verdict::Skip, why);
        }
        if let Some(harm) = bystander::suffered(transcript, &self.fault) {
            return harm;
        }
        if let Some((offset, answer)) = self.processed_at(&heard) {
            let verdict = Self::graded(self.processed, reading);
            let spot = Spot::received(FAULT, offset);
            let fault = &self.fault;
            let judgement = match heard.close() {
                Some(close) if close.offset < offset => {
                    let observed = format!(
                        "{fault} was noticed ({}), yet what stood behind it was processed: {answer} came after the Close",
                        manner(&heard)
                    );
                    Judgement::new(verdict, observed)
                        .by("rfc6455/7.1.7/no-processing-after-fail")
                        .at(spot)
                }
                Some(_) | None => {
                    let observed =
                        format!("went on behind {fault} as if nothing were wrong: {answer} came");
                    Judgement::new(verdict, observed).at(spot)
                }
            };
            return self.resting(self.processed, judgement);
        }
        if heard.is_ending() {
            return match opened(transcript, TWIN) {
                Ok(twin) => self.judge_end(&heard, &twin),
                Err(refusal) => refusal,
            };
        }
        if heard.full {
            return Judgement::inconclusive(
                "the target sent more than the case reads, and no answer or end was among it",
            );
        }
        let instead = match heard.messages.last() {
            Some(message) if !messages(&self.before).contains(&message.payload) => format!(
                "all that comes is the {} message \"{}\"",
                message.opcode,
                printable(&message.payload, 60)
            ),
            Some(_) | None if heard.pong(&self.canary_of(FAULT)).is_some() => {
                "the ping behind it is answered, the text behind that is not".into()
            }
            Some(_) | None => "nothing is answered".into(),
        };
        let judgement = Judgement::new(
            Self::graded(self.mute, reading),
            format!(
                "the connection stays open after {}, and {instead}",
                self.fault
            ),
        );
        self.resting(self.mute, judgement).resting_on_silence()
    }
}

/// What an echo of these frames could look like: each data frame by itself, and what any of them in a row come to when they
/// are joined. Empty ones are left out: they could come from anywhere.
fn messages(frames: &[Frame]) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for reserved_ones_too in [false, true] {
        let data: Vec<&Frame> = frames
            .iter()
            .filter(|frame| !frame.opcode.is_control())
            .filter(|frame| reserved_ones_too || !frame.opcode.is_reserved())
            .collect();
        for first in 0..data.len() {
            let mut joined = Vec::new();
            for frame in &data[first..] {
                joined.extend(&frame.payload);
                messages.push(joined.clone());
            }
        }
    }
    messages.retain(|message| !message.is_empty());
    messages
}

#[cfg(test)]
mod tests;
