//! A connection that takes no part in a case: it was answered before, and has to be answered afterwards.
//!
//! It stands behind the faults over which a whole process, and with it the connections of others, may fall. It says
//! nothing but pings, so that no application has a reason to hang up on it.

use super::conversation::Conversation;
use super::frame::Frame;
use super::outcome::{manner, opened};
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;

/// Its label.
const BYSTANDER: &str = "bystander";

/// A connection that takes no part.
pub struct Bystander(Conversation);

impl Bystander {
    /// Opens it and has it answered once.
    pub async fn open(stage: &Stage) -> Self {
        let mut conversation = Conversation::open(stage, BYSTANDER).await;
        if conversation.heard().is_open() {
            ask(&mut conversation, "before the fault").await;
        }
        Self(conversation)
    }

    /// Asks whether it is still served.
    pub async fn ask_again(mut self) {
        if !self.0.heard().pongs.is_empty() {
            ask(&mut self.0, "after the fault").await;
            self.0.part().await;
        }
    }
}

/// Any pong is a sign of life, the right one or not: what is wrong with pongs is for others to say.
async fn ask(conversation: &mut Conversation, payload: &str) {
    let so_far = conversation.heard().pongs.len();
    conversation.send(&[Frame::ping(payload)]).await;
    conversation
        .wait("a pong on a connection without fault", |heard| {
            heard.pongs.len() > so_far || heard.is_ending()
        })
        .await;
}

/// The judgement on a target that let a bystander suffer from `fault`; none where it did not, or there was none.
pub fn suffered(transcript: &Transcript, fault: &str) -> Option<Judgement> {
    let heard = opened(transcript, BYSTANDER).ok()?;
    let [before] = heard.pongs.as_slice() else {
        return None;
    };
    let harm = |what: String| {
        let observed =
            format!("{fault} harms others: a second connection, which had done nothing, {what}");
        Judgement::fail(observed)
            .by("rfc6455/10.4/protect-limits")
            .at(Spot::received(BYSTANDER, before.offset))
            .to_confirm_alone()
    };
    match heard.close().map(|close| close.code) {
        // A server may close when it likes (section 7.3), and one that says good-bye has not fallen: it does not wait
        // for the silent, perhaps.
        Some(None | Some(1000 | 1001)) => None,
        Some(_) => Some(harm(format!("ended with it ({})", manner(&heard)))),
        None if heard.is_ending() => Some(harm(format!("ended with it ({})", manner(&heard)))),
        None => Some(harm("is no longer answered".into()).resting_on_silence()),
    }
}
