//! Legal messages to an echo endpoint, and what must come back: each message once, same type, same bytes, in order.
//!
//! Pings among them have to be answered too, but in no order with the echoes: a pong may overtake what the application
//! says, and the reverse. When all came back a marker is sent, and its echo ends the experiment: what comes twice comes
//! before it, so nobody waits for silence.
//!
//! # Limits
//!
//! A legal message that is answered by Close 1009, or by 1008 where it is large or has many fragments, shows a limit, not a
//! fault: that is recorded. So does whatever ends the connection at a message beyond the limit that was declared. It is a
//! fault all the same for a message no longer than the one with which the endpoint was found to be an echo endpoint. A bare
//! drop at a message of more than a few kilobytes may be a limit as well: a larger message on another connection tells.
//! Where that comes back there is no limit; where it does not, nobody knows.
//!
//! So does a good-bye without a reproach, unless it comes at the same place once more and plain texts live there: see
//! `dismissal`.
//!
//! In the same way Close 1003 in answer to a binary message shows a target that takes text alone, unless another binary
//! message comes back.

mod compare;
mod dismissal;
mod lost;

use crate::case::Experiment;
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::conversation::Conversation;
use crate::ws::dialogue::Dialogue;
use crate::ws::frame::Frame;
use crate::ws::outcome::{manner, opened};
use crate::ws::segments::Segments;
use crate::ws::words::{bytes, quoted};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Verdict;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

pub use compare::{Compared, flaw, progress};
pub use dismissal::Attempts;
pub(in crate::ws) use lost::PROBED;
pub use lost::is_farewell;
use lost::{MANY_FRAGMENTS, may_be_too_large};

/// The label of its connection.
pub const ECHO: &str = "echo";

/// The label of the connection on which the same is said once more, where the target said good-bye instead.
const AGAIN: &str = "echo, once more";

/// The label of the connection for a larger message.
const LARGER: &str = "larger echo";

/// Its length: more than any other of a single frame, and little enough for most limits.
const LARGER_LENGTH: usize = 128 * 1024;

/// The label of the connection for another binary message.
const OTHER_BINARY: &str = "other binary echo";

/// Its length.
const OTHER_BINARY_LENGTH: usize = 20;

/// What is said when all came back.
const MARKER: &[u8] = b"marker: all before this came back";

/// Messages to an echo endpoint.
#[derive(Debug, Clone)]
pub struct Echo {
    frames: Vec<Frame>,
    segments: Segments,
    closes: bool,
    offer: Option<&'static str>,
}

/// A message, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Text or binary.
    pub opcode: Opcode,
    /// All its bytes.
    pub payload: Vec<u8>,
    /// In how many frames it is sent.
    pub frames: usize,
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = bytes(self.payload.len());
        write!(f, "a {} message of {bytes}", self.opcode)?;
        match self.frames {
            1 => Ok(()),
            frames => write!(f, " in {frames} frames"),
        }
    }
}

impl Echo {
    /// These frames, in one segment. The messages in them differ from each other.
    pub fn of(frames: Vec<Frame>) -> Self {
        Self {
            frames,
            segments: Segments::One,
            closes: false,
            offer: None,
        }
    }

    /// The same, cut into other segments.
    #[must_use]
    pub fn cut(mut self, segments: Segments) -> Self {
        self.segments = segments;
        self
    }

    /// The same, with these extensions on offer.
    #[must_use]
    pub fn offering(mut self, extensions: &'static str) -> Self {
        self.offer = Some(extensions);
        self
    }

    /// The same, and a Close in the end, cut as the rest, which has to be answered.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// The messages that have to come back, without the marker.
    fn messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        for frame in &self.frames {
            match frame.opcode {
                Opcode::CONTINUATION => {
                    if let Some(message) = messages.last_mut() {
                        message.payload.extend(&frame.payload);
                        message.frames += 1;
                    }
                }
                opcode if opcode.is_control() => {}
                opcode => messages.push(Message {
                    opcode,
                    payload: frame.payload.clone(),
                    frames: 1,
                }),
            }
        }
        messages
    }

    /// The payload of the last ping. When pings pile up only the latest needs a pong (RFC 6455 section 5.5.3).
    fn last_ping(&self) -> Option<&[u8]> {
        self.frames
            .iter()
            .rev()
            .find(|frame| frame.opcode == Opcode::PING)
            .map(|frame| &*frame.payload)
    }

    fn pong_missing(&self, heard: &Dialogue) -> bool {
        self.last_ping()
            .is_some_and(|ping| heard.pong(ping).is_none())
    }

    async fn talk(&self, stage: &Stage) {
        let expected = self.messages();
        let attempts = attempts(&expected);
        self.converse(stage, ECHO, &expected).await;
        if attempts.is_dismissed(stage, ECHO) {
            self.converse(stage, AGAIN, &expected).await;
            attempts.say_plainly(stage).await;
        }
    }

    async fn converse(&self, stage: &Stage, label: &'static str, expected: &[Message]) {
        let mut conversation = match self.offer {
            Some(extensions) => Conversation::open_offering(stage, label, extensions).await,
            None => Conversation::open(stage, label).await,
        };
        if !conversation.heard().is_open() {
            return;
        }
        conversation.say(&self.frames, self.segments).await;
        let waited = say_last(
            &mut conversation,
            expected,
            |heard| !self.pong_missing(heard),
            Frame::text(MARKER),
        )
        .await;
        if waited == Waited::Met && self.closes && !conversation.heard().is_ending() {
            conversation
                .say(&[Frame::close(1000, "done")], self.segments)
                .await;
            conversation
                .wait("the answer to a Close", Dialogue::is_ending)
                .await;
        }
        conversation.part().await;
        let heard = conversation.heard();
        let dropped = heard.end.is_some() && heard.closes.is_empty();
        let refused = heard.close().and_then(|close| close.code) == Some(1003);
        if dropped && expected.iter().any(may_be_too_large) {
            say_binary(stage, LARGER, LARGER_LENGTH).await;
        } else if refused {
            say_binary(stage, OTHER_BINARY, OTHER_BINARY_LENGTH).await;
        }
    }
}

/// Where these messages are said.
fn attempts(expected: &[Message]) -> Attempts<'_> {
    Attempts {
        labels: [ECHO, AGAIN],
        expected,
    }
}

/// Waits until so many messages came as are expected, and whatever else is `due`; then says the last and waits for that. What
/// the target says of its own accord may stand among them: behind the last, all of ours has come.
pub async fn say_last(
    conversation: &mut Conversation,
    expected: &[Message],
    due: impl Fn(&Dialogue) -> bool,
    last: Frame,
) -> Waited {
    // Behind a message that does not inflate, nothing compressed can be understood.
    let over = |heard: &Dialogue| heard.is_ending() || !heard.broken.is_empty();
    let as_many = |heard: &Dialogue| heard.messages.len() >= expected.len() && due(heard);
    let waited = conversation
        .wait_for_each(
            "every echo and pong",
            |heard| progress(expected, heard),
            |heard| as_many(heard) || over(heard),
        )
        .await;
    if waited != Waited::Met || over(conversation.heard()) {
        return waited;
    }
    let came = |heard: &Dialogue| heard.message(last.opcode, &last.payload).is_some();
    conversation.send(std::slice::from_ref(&last)).await;
    conversation
        .wait_for_each(
            "the echo of the last message",
            |heard| progress(expected, heard),
            |heard| came(heard) || over(heard),
        )
        .await
}

/// Sends another binary message, on a connection of its own.
async fn say_binary(stage: &Stage, label: &'static str, length: usize) {
    let mut conversation = Conversation::open(stage, label).await;
    if conversation.heard().is_open() {
        let payload = binary(length);
        conversation.send(&[Frame::binary(payload.clone())]).await;
        conversation
            .wait("the echo of another message", |heard| {
                heard.message(Opcode::BINARY, &payload).is_some() || heard.is_ending()
            })
            .await;
        conversation.part().await;
    }
}

/// Whether that came back.
fn came_back(transcript: &Transcript, label: &str, length: usize) -> bool {
    opened(transcript, label)
        .is_ok_and(|heard| heard.message(Opcode::BINARY, &binary(length)).is_some())
}

impl Experiment for Echo {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(self.talk(stage))
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let expected = self.messages();
        attempts(&expected).judge(transcript, |label| {
            self.judge_attempt(transcript, label, expected.clone(), reading)
        })
    }
}

impl Echo {
    fn judge_attempt(
        &self,
        transcript: &Transcript,
        label: &'static str,
        mut expected: Vec<Message>,
        reading: &Reading,
    ) -> Judgement {
        let heard = match opened(transcript, label) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let count = expected.len();
        expected.push(Message {
            opcode: Opcode::TEXT,
            payload: MARKER.to_vec(),
            frames: 1,
        });
        let compared = Compared::of(&expected, &heard.messages);
        // Whoever breaks the framing has failed already: what the rest would be is nobody's guess.
        let is_sound = heard.findings.is_empty();
        if heard.full && is_sound && (compared.missing.is_some() || self.pong_missing(&heard)) {
            return Judgement::inconclusive(
                "the target sent more than the case reads, and what is missing may be among it",
            );
        }
        // The marker is not sent before the pong came; a farewell in place of both is judged as one in its place.
        let dismissed = heard.close().is_some_and(is_farewell);
        if self.pong_missing(&heard)
            && !dismissed
            && compared.missing.is_none_or(|missing| missing == count)
        {
            return Judgement::fail("every message came back, but no pong for the ping among them")
                .by("rfc6455/5.5.2/pong-required")
                .resting_on_silence();
        }
        if let Some(judgement) = flaw(label, &expected, &compared, &heard, reading) {
            let Some(missing) = compared.missing.map(|missing| &expected[missing]) else {
                return judgement;
            };
            let refuted = match judgement.verdict {
                Verdict::Inconclusive
                    if missing.frames < MANY_FRAGMENTS
                        && came_back(transcript, LARGER, LARGER_LENGTH) =>
                {
                    "that is no limit, for a larger one comes back"
                }
                Verdict::Info if came_back(transcript, OTHER_BINARY, OTHER_BINARY_LENGTH) => {
                    "yet another binary message comes back"
                }
                _ => return judgement,
            };
            return Judgement::fail(format!(
                "{missing}, which is legal, was answered by {} instead of its echo; {refuted}",
                manner(&heard)
            ));
        }
        if self.closes && heard.close().is_none() {
            let judgement = Judgement::fail(format!(
                "every message came back, but the Close behind them was not answered: {}",
                manner(&heard)
            ))
            .by("rfc6455/5.5.1/close-answered");
            return match heard.end {
                Some(_) => judgement.to_confirm_alone(),
                None => judgement.resting_on_silence(),
            };
        }
        match compared.foreign {
            Some(index) => {
                let message = &heard.messages[index];
                let payload = quoted(&message.payload);
                Judgement::info(format!(
                    "every message came back, but the target says {payload} of its own accord, which an echo endpoint does not"
                ))
                .at(Spot::received(label, message.offset))
            }
            None if count == 1 => Judgement::pass(format!("{} came back, the same", expected[0])),
            None => Judgement::pass(format!(
                "all {count} messages came back, the same, in order"
            )),
        }
    }
}

/// So many bytes of text that nowhere repeats itself. The same length: the same text.
pub fn text(length: usize) -> Vec<u8> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz 01234";
    let mut bytes = binary(length);
    for byte in &mut bytes {
        *byte = LETTERS[usize::from(*byte % 32)];
    }
    bytes
}

/// So many bytes of any value that nowhere repeat themselves. The same length: the same bytes.
pub fn binary(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha8Rng::seed_from_u64(length as u64).fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests;
