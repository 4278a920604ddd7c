//! A good-bye before the echo: over what was said, or for reasons of the target's own?
//!
//! Either side may close at any time (RFC 6455 section 7.3): because it shuts down, because it has had enough messages, because
//! a time is over. So what was dismissed is said once more on another connection. Where that ends at the same place, as many
//! plain texts are said, and the connection is watched as long as the other one lived: where they come back, to the last, it
//! is what was said that the target closes over.

use super::lost::{MANY_MESSAGES, is_farewell};
use super::{Compared, Message, say_last};
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::ws::conversation::Conversation;
use crate::ws::dialogue::Dialogue;
use crate::ws::frame::Frame;
use crate::ws::outcome::{lived, manner, opened};
use pushspec_parser::ws::Opcode;

/// The label of the connection with plain texts.
pub(super) const PLAIN: &str = "plain texts";

/// What is said on it when the other connection would have been closed.
pub(super) const AFTERWARDS: &[u8] = b"a plain text, afterwards";

/// What was said, and on which connections: the second is for what was dismissed on the first.
pub struct Attempts<'a> {
    /// The labels of the two.
    pub labels: [&'static str; 2],
    /// What has to come back.
    pub expected: &'a [Message],
}

impl Attempts<'_> {
    /// Whether the target said good-bye on this connection: behind how many messages that came back.
    fn place(&self, transcript: &Transcript, label: &str) -> Option<usize> {
        let heard = opened(transcript, label).ok()?;
        // Behind what does not inflate it is us who close.
        let sound = heard.findings.is_empty() && heard.broken.is_empty();
        let dismissed = heard.close().is_some_and(is_farewell) && sound;
        let compared = Compared::of(self.expected, &heard.messages);
        // Where anything else came, it is an echo that went wrong: its end may be ours, and a Close answers that.
        let unspoilt = compared.only_missing() && !compared.went_on;
        compared.missing.filter(|_| dismissed && unspoilt)
    }

    /// Whether what was said on this connection is to be said again.
    pub fn is_dismissed(&self, stage: &Stage, label: &str) -> bool {
        self.place(&stage.transcript(), label).is_some()
    }

    /// As many texts as there were frames.
    fn texts(&self) -> Vec<Message> {
        let count: usize = self.expected.iter().map(|message| message.frames).sum();
        let text = |number| Message {
            opcode: Opcode::TEXT,
            payload: format!("plain text {number} of {count}").into_bytes(),
            frames: 1,
        };
        (1..=count).map(text).collect()
    }

    /// Says plain texts, where both attempts were dismissed at the same place.
    pub async fn say_plainly(&self, stage: &Stage) {
        let transcript = stage.transcript();
        let [first, again] = self.labels.map(|label| self.place(&transcript, label));
        let texts = self.texts();
        if first.is_none() || first != again || texts.len() >= MANY_MESSAGES {
            return;
        }
        let mut conversation = Conversation::open(stage, PLAIN).await;
        if !conversation.heard().is_open() {
            return;
        }
        let frames = texts.iter().map(|text| Frame::text(text.payload.clone()));
        conversation.send(&frames.collect::<Vec<_>>()).await;
        let as_long = self.labels.map(|label| lived(&transcript, label));
        let as_long = as_long.into_iter().max().unwrap_or_default();
        conversation
            .listen_until(as_long, Dialogue::is_ending)
            .await;
        say_last(&mut conversation, &texts, |_| true, Frame::text(AFTERWARDS)).await;
        conversation.part().await;
    }

    /// Judges the connection that was not dismissed; where both were, `judge` says so of the first, unless plain texts fared
    /// better.
    pub fn judge(
        &self,
        transcript: &Transcript,
        judge: impl Fn(&'static str) -> Judgement,
    ) -> Judgement {
        let [first, again] = self.labels;
        let dismissed = |label| self.place(transcript, label);
        match (dismissed(first), dismissed(again)) {
            (None, _) => judge(first),
            (Some(_), None) if opened(transcript, again).is_ok() => judge(again),
            (Some(place), Some(other)) if place == other => {
                let plain = opened(transcript, PLAIN);
                let lives = |heard: Dialogue| heard.message(Opcode::TEXT, AFTERWARDS).is_some();
                match plain.is_ok_and(lives) {
                    true => self.blame(transcript, place),
                    false => judge(first),
                }
            }
            (Some(_), _) => judge(first),
        }
    }

    fn blame(&self, transcript: &Transcript, place: usize) -> Judgement {
        let ended = opened(transcript, self.labels[0]).map(|heard| manner(&heard));
        let ended = ended.unwrap_or_default();
        let (sent, texts) = (&self.expected[place], self.texts().len());
        let plain = match texts {
            1 => "a plain text comes".into(),
            count => format!("{count} plain texts come"),
        };
        Judgement::fail(format!(
            "{sent}, which is legal, was answered by {ended} instead of its echo, on two connections; on a third {plain} back"
        ))
        .to_confirm_alone()
    }
}
