//! A ping has to be answered by a pong with its bytes; a pong that answers nothing by nothing.

use crate::case::Experiment;
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::is_farewell;
use crate::ws::outcome::{manner, opened};
use crate::ws::unasked::{closes_unasked, say_nothing};
use crate::ws::words::{other_than, quoted};
use crate::ws::{Conversation, Dialogue, Frame, HeardControl, Segments};

const LABEL: &str = "ping";

/// Pinged when the pong came: what else belongs to the first ping comes before the second pong.
const MARKER: &[u8] = b"and another ping";

/// A ping, perhaps behind a stray pong.
pub(super) struct Pong {
    stray: Option<Vec<u8>>,
    ping: Vec<u8>,
    /// Pinged in the end, where there is such a ping.
    last: Option<&'static [u8]>,
    segments: Segments,
}

impl Pong {
    /// The pong to a ping with this payload.
    pub(super) fn to(ping: impl Into<Vec<u8>>) -> Self {
        Self {
            stray: None,
            ping: ping.into(),
            last: None,
            segments: Segments::One,
        }
    }

    /// The same behind a stray pong with this payload.
    pub(super) fn behind(mut self, stray: impl Into<Vec<u8>>) -> Self {
        self.stray = Some(stray.into());
        self
    }

    /// The same, and another ping in the end.
    pub(super) fn then(mut self, last: &'static [u8]) -> Self {
        self.last = Some(last);
        self
    }

    /// What is pinged behind the first, one after another.
    fn further(&self) -> impl Iterator<Item = &'static [u8]> + use<> {
        [MARKER].into_iter().chain(self.last)
    }

    /// The same, cut into other segments.
    pub(super) fn cut(mut self, segments: Segments) -> Self {
        self.segments = segments;
        self
    }

    /// The target said good-bye instead of a pong: to all, perhaps.
    fn is_dismissed(&self, heard: &Dialogue) -> bool {
        heard.pong(&self.ping).is_none() && heard.close().is_some_and(is_farewell)
    }

    /// What came of the stray pong; none where nothing did.
    fn answer_to_stray(&self, heard: &Dialogue) -> Option<Judgement> {
        let stray = self.stray.as_ref()?;
        let payload = quoted(stray);
        if let Some(message) = heard
            .messages
            .iter()
            .find(|message| message.payload == *stray)
        {
            let observed = format!(
                "a pong that answers nothing was taken for a message: {payload} came back as {}",
                message.opcode
            );
            return Some(Judgement::fail(observed).at(Spot::received(LABEL, message.offset)));
        }
        // No response is expected (section 5.5.3), but a pong may be sent at any time. Where the ping has no right answer, this
        // may be its wrong one.
        let pong = heard.pong(&self.ping).and_then(|_| heard.pong(stray))?;
        let observed = format!(
            "a pong that answers nothing was answered by a pong ({payload}): two that do so never stop"
        );
        Some(Judgement::warn(observed).at(Spot::received(LABEL, pong.offset)))
    }

    /// Why there is no right pong.
    fn no_pong(&self, heard: &Dialogue) -> Judgement {
        let pinged = quoted(&self.ping);
        let other = |control: &&HeardControl| Some(&control.payload) != self.stray.as_ref();
        let wrong = heard.pongs.iter().find(other).map(|pong| {
            let came = other_than(&self.ping, &pong.payload);
            (pong.offset, came)
        });
        let strays = heard.pongs.first().map(|pong| {
            let came = quoted(&pong.payload);
            (pong.offset, format!("{came}, as in the pong before it"))
        });
        if let Some((offset, came)) = wrong.or(strays) {
            return Judgement::fail(format!(
                "the ping {pinged} was answered by a pong with other bytes: {came}"
            ))
            .by("rfc6455/5.5.3/pong-identical-data")
            .at(Spot::received(LABEL, offset))
            .resting_on_silence();
        }
        let instead = if let Some(ping) = heard.pings.iter().find(other) {
            format!("a ping {} came instead of a pong", quoted(&ping.payload))
        } else if let Some(message) = heard.messages.first() {
            format!(
                "a {} message {} came instead of a pong",
                message.opcode,
                quoted(&message.payload)
            )
        } else if heard.is_ending() {
            format!("{} instead of a pong", manner(heard))
        } else {
            "no pong came".into()
        };
        let judgement = Judgement::fail(format!("the ping {pinged} was not answered: {instead}"))
            .by("rfc6455/5.5.2/pong-required");
        match heard.is_ending() {
            true => judgement.to_confirm_alone(),
            false => judgement.resting_on_silence(),
        }
    }
}

impl Experiment for Pong {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            let stray = self
                .stray
                .iter()
                .map(|payload| Frame::pong(payload.clone()));
            let frames: Vec<Frame> = stray.chain([Frame::ping(self.ping.clone())]).collect();
            conversation.say(&frames, self.segments).await;
            conversation
                .wait("a pong", |heard| {
                    heard.pong(&self.ping).is_some() || heard.is_ending()
                })
                .await;
            let mut before = &self.ping[..];
            for next in self.further() {
                if conversation.heard().pong(before).is_some() && !conversation.heard().is_ending()
                {
                    conversation.send(&[Frame::ping(next)]).await;
                    conversation
                        .wait("another pong", |heard| {
                            heard.pong(next).is_some() || heard.is_ending()
                        })
                        .await;
                }
                before = next;
            }
            conversation.part().await;
            if self.is_dismissed(conversation.heard()) {
                say_nothing(stage, LABEL).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        if let Some(answer) = self.answer_to_stray(&heard) {
            return answer;
        }
        let mut right = heard.pongs.iter().filter(|pong| pong.payload == self.ping);
        let Some(pong) = right.next() else {
            let unasked = closes_unasked(transcript).filter(|_| self.is_dismissed(&heard));
            return unasked.unwrap_or_else(|| self.no_pong(&heard));
        };
        let again = right.next();
        let missing = self.further().find(|next| heard.pong(next).is_none());
        if let Some(missing) = missing {
            if heard.close().is_some_and(is_farewell) {
                // What was asked for came.
                return Judgement::info(format!(
                    "a pong with the same bytes came; then the target said good-bye ({})",
                    manner(&heard)
                ))
                .by("rfc6455/7.3/server-may-close");
            }
            let answered = match missing == MARKER {
                true => "one ping was answered",
                false => "two pings were answered",
            };
            let next = match (heard.is_ending(), again) {
                (true, _) => format!("by {}", manner(&heard)),
                (false, Some(_)) => "by a pong for the first".into(),
                (false, None) => match heard.pongs.last() {
                    Some(pong) if ![&self.ping, MARKER].contains(&&*pong.payload) => {
                        format!(
                            "by a pong with other bytes: {}",
                            other_than(missing, &pong.payload)
                        )
                    }
                    Some(_) | None => "was not".into(),
                },
            };
            return Judgement::fail(format!("{answered}, the next, {}, {next}", quoted(missing)))
                .by("rfc6455/5.5.2/pong-required")
                .resting_on_silence()
                .to_confirm_alone();
        }
        if let Some(again) = again {
            return Judgement::info(
                "the ping was answered by its pong, and then by another: legal, as any pong is, but nobody asked for it",
            )
            .by("rfc6455/5.5.3/unsolicited-pong")
            .at(Spot::received(LABEL, again.offset));
        }
        Judgement::pass("a pong with the same bytes came").at(Spot::received(LABEL, pong.offset))
    }
}
