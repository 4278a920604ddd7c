//! After a fault was sent: one rule for every family that breaks something on purpose.
//!
//! | what the target does | verdict |
//! |---|---|
//! | answers the canary, or the fault itself | the fault was processed as if it were legal: fail, or warn where the reading is contestable |
//! | closes or resets in whatever manner | pass |
//! | stays open and mute | as the duty says |
//!
//! Beside the faulty conversation runs its *twin*: the same without the fault. Where the twin is hung up on as well, a
//! close proves nothing.

use super::conversation::Conversation;
use super::dialogue::Dialogue;
use super::frame::Frame;
use crate::case::Experiment;
use crate::declared::{Profile, Reading};
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Verdict, printable};

/// The label of the connection that carries the fault.
pub const FAULT: &str = "fault";

/// The label of the same conversation without the fault.
pub const TWIN: &str = "twin";

/// What stands behind a fault: an answer to it shows that processing went on.
const CANARY: &[u8] = b"canary";

/// How a fault and its canary are cut into TCP segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segments {
    /// All in one.
    One,
    /// One for each frame.
    Frames,
    /// One for each byte.
    Bytes,
}

/// A fault to send and how to read what follows.
#[derive(Debug, Clone)]
pub struct AfterFault {
    /// What is wrong, as a noun: "a text frame with RSV2 set".
    pub fault: String,
    /// The frames, the faulty one among them.
    pub faulty: Vec<Frame>,
    /// The same without the fault.
    pub legal: Vec<Frame>,
    /// Whether the canary follows; not where the fault would swallow it.
    pub canary: bool,
    /// How all of it is cut.
    pub segments: Segments,
    /// Payloads of messages before the fault: they may be echoed.
    pub before: Vec<Vec<u8>>,
    /// What it means that the fault was processed as if it were legal. `strict` makes a warning a fail.
    pub processed: Verdict,
    /// What it means that the target stays open and mute. `strict` makes a warning a fail.
    pub mute: Verdict,
    /// Whether the fault is itself a Close: the connection ends either way, and ending passes.
    pub closing: bool,
}

impl AfterFault {
    /// The common case: `faulty` breaks a MUST, a canary stands behind it, processing it and staying open both fail.
    pub fn new(fault: impl Into<String>, faulty: Vec<Frame>, legal: Vec<Frame>) -> Self {
        let closing = faulty.iter().any(|frame| frame.opcode == Opcode::CLOSE);
        Self {
            fault: fault.into(),
            faulty,
            legal,
            canary: true,
            segments: Segments::One,
            before: Vec::new(),
            processed: Verdict::Fail,
            mute: Verdict::Fail,
            closing,
        }
    }

    /// The same with legal messages in front, whose echo is optional.
    #[must_use]
    pub fn after(mut self, before: &[Frame]) -> Self {
        self.before = before.iter().map(|frame| frame.payload.clone()).collect();
        self.faulty.splice(0..0, before.iter().cloned());
        self.legal.splice(0..0, before.iter().cloned());
        self
    }

    /// The same, cut into other segments.
    #[must_use]
    pub fn cut(mut self, segments: Segments) -> Self {
        self.segments = segments;
        self
    }

    /// The same where processing the fault only warns.
    #[must_use]
    pub fn contestable(mut self) -> Self {
        self.processed = Verdict::Warn;
        self
    }

    /// The same where staying open and mute comes to another verdict.
    #[must_use]
    pub fn mute(mut self, verdict: Verdict) -> Self {
        self.mute = verdict;
        self
    }

    /// The same without a canary: the fault would swallow it.
    #[must_use]
    pub fn without_canary(mut self) -> Self {
        self.canary = false;
        self
    }

    async fn say(&self, conversation: &mut Conversation, frames: &[Frame]) {
        let canary = [Frame::ping(CANARY), Frame::text(CANARY)];
        let all: Vec<Frame> = frames
            .iter()
            .chain(canary.iter().filter(|_| self.canary))
            .cloned()
            .collect();
        match self.segments {
            Segments::One => conversation.send(&all).await,
            Segments::Frames => {
                for frame in all {
                    conversation.send(&[frame]).await;
                }
            }
            Segments::Bytes => {
                let bytes = conversation.encode(&all);
                conversation.send_chopped(&bytes, 1).await;
            }
        }
    }

    async fn drive_fault(&self, stage: &Stage) {
        let mut conversation = Conversation::open(stage, FAULT).await;
        if !conversation.heard().is_open() {
            return;
        }
        self.say(&mut conversation, &self.faulty).await;
        let reacted = |heard: &Dialogue| self.processed_at(heard).is_some() || heard.is_ending();
        let waited = conversation
            .wait(
                "an end of the connection, or an answer behind the fault",
                reacted,
            )
            .await;
        // A Close may stand behind answers that already came; the manner of the end is worth a second.
        if waited == Waited::Met && self.processed_at(conversation.heard()).is_none() {
            conversation.part().await;
        }
    }

    async fn drive_twin(&self, stage: &Stage) {
        let mut conversation = Conversation::open(stage, TWIN).await;
        if !conversation.heard().is_open() {
            return;
        }
        self.say(&mut conversation, &self.legal).await;
        let closing = self.closing;
        let lives = |heard: &Dialogue| (!closing && alive(heard)) || heard.is_ending();
        if conversation
            .wait("an answer to the legal twin", lives)
            .await
            == Waited::Met
        {
            conversation.part().await;
        }
    }

    /// Where the target answered something that it may not answer behind the fault.
    fn processed_at(&self, heard: &Dialogue) -> Option<(u64, String)> {
        let faulty = &self.faulty[self.before.len().min(self.faulty.len())..];
        let forbidden = |payload: &[u8]| {
            payload == CANARY
                || (!payload.is_empty()
                    && !self.before.iter().any(|before| before == payload)
                    && faulty.iter().any(|frame| frame.payload == payload))
        };
        let message = heard
            .messages
            .iter()
            .find(|message| forbidden(&message.payload))
            .map(|message| {
                (
                    message.offset,
                    format!(
                        "a {} message {:?}",
                        message.opcode,
                        printable(&message.payload, 40)
                    ),
                )
            });
        let pong = heard
            .pongs
            .iter()
            .find(|pong| forbidden(&pong.payload))
            .map(|pong| {
                (
                    pong.offset,
                    format!("a pong {:?}", printable(&pong.payload, 40)),
                )
            });
        [message, pong]
            .into_iter()
            .flatten()
            .min_by_key(|(offset, _)| *offset)
    }

    fn graded(verdict: Verdict, reading: &Reading) -> Verdict {
        match (verdict, reading.profile) {
            (Verdict::Warn, Profile::Strict) => Verdict::Fail,
            (verdict, _) => verdict,
        }
    }
}

impl Experiment for AfterFault {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            // Together: only a target that neither answers nor closes costs patience, and it costs it once.
            tokio::join!(self.drive_twin(stage), self.drive_fault(stage));
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, FAULT) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        if let Some((offset, answer)) = self.processed_at(&heard) {
            let observed = format!(
                "{} was processed as if it were legal: {answer} came behind it",
                self.fault
            );
            let verdict = Self::graded(self.processed, reading);
            return Judgement::new(verdict, observed).at(Spot::received(FAULT, offset));
        }
        if heard.is_ending() {
            let manner = manner(&heard);
            let twin = match opened(transcript, TWIN) {
                Ok(twin) => twin,
                Err(refusal) => return refusal,
            };
            if !self.closing && !alive(&twin) && twin.is_ending() {
                return Judgement::inconclusive(format!(
                    "the connection ended ({manner}), but so did its twin without the fault: the end proves nothing"
                ));
            }
            return Judgement::pass(format!("noticed: {manner}"));
        }
        if heard.full {
            return Judgement::inconclusive(
                "the target sent more than the case reads, and no answer or end was among it",
            );
        }
        Judgement::new(
            Self::graded(self.mute, reading),
            format!(
                "the connection stays open after {}, and nothing is answered",
                self.fault
            ),
        )
        .resting_on_silence()
    }
}

/// Whether the target went on after the legal twin.
fn alive(heard: &Dialogue) -> bool {
    heard.pong(CANARY).is_some()
        || heard
            .messages
            .iter()
            .any(|message| message.payload == CANARY)
}

/// The dialogue on the connection with this label, or why there is none to judge.
///
/// # Errors
/// A judgement: inconclusive, because the handshake that every conversation begins with was not answered with 101.
pub fn opened(transcript: &Transcript, label: &str) -> Result<Dialogue, Judgement> {
    let Some(connection) = transcript.connection(label) else {
        return Err(Judgement::inconclusive(format!(
            "the {label} connection was never opened"
        )));
    };
    if let Some(reason) = connection.not_connected() {
        return Err(Judgement::inconclusive(reason.to_owned()).to_confirm_alone());
    }
    let heard = Dialogue::of(connection);
    if heard.is_open() {
        return Ok(heard);
    }
    let came = match heard.head() {
        Some(head) => format!("status {}", head.status),
        None => match &heard.end {
            Some((_, end)) => format!("{end} and no response"),
            None => "no response in time".into(),
        },
    };
    let observed =
        format!("the ordinary handshake of the {label} connection was not accepted: {came}");
    Err(Judgement::inconclusive(observed).to_confirm_alone())
}

/// How a connection was ended, in words.
pub fn manner(heard: &Dialogue) -> String {
    let close = heard.close().map(|close| match close.code {
        Some(code) if close.reason.is_empty() => format!("Close {code}"),
        Some(code) => format!("Close {code} {:?}", printable(&close.reason, 60)),
        None if close.body.is_empty() => "Close without a code".into(),
        None => "Close with a body too short for a code".into(),
    });
    let end = heard.end.as_ref().map(|(_, end)| end.to_string());
    match (close, end) {
        (Some(close), Some(end)) => format!("{close}, then {end}"),
        (Some(close), None) => format!("{close}, TCP left open"),
        (None, Some(end)) => format!("{end} without a Close frame"),
        (None, None) => "not ended".into(),
    }
}
