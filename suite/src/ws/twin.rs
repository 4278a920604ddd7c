//! The twin of a faulty conversation: the same without the fault, beside it.
//!
//! The end of a faulty conversation shows that the fault was noticed only if the target lets legal conversations live. The
//! twin is watched as long as the faulty conversation went on, and one round trip longer: a target that hangs up on any
//! message had time to do so, and one that fell over the fault cannot answer any more.

use super::after_fault::AfterFault;
use super::conversation::Conversation;
use super::dialogue::Dialogue;
use super::frame::Frame;
use super::outcome::manner;
use super::segments::Segments;
use crate::listening::Waited;
use crate::stage::Stage;
use pushspec_parser::ws::Opcode;
use tokio::sync::oneshot;

/// The label of the twin.
pub const TWIN: &str = "twin";

/// What the twin is asked when the faulty conversation is over.
const STILL_THERE: &[u8] = b"still there, twin?";

/// What became of the twin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Twin {
    /// It was answered to the last.
    Lives,
    /// It is open, and not answered.
    Mute,
    /// It was ended as well.
    HungUp {
        /// The code of the Close, where there was one.
        code: Option<u16>,
        /// How, in words.
        manner: String,
    },
}

impl Twin {
    /// Reads what became of it.
    pub(super) fn of(heard: &Dialogue) -> Self {
        if answered(heard, STILL_THERE) {
            Self::Lives
        } else if heard.is_ending() {
            Self::HungUp {
                code: heard.close().and_then(|close| close.code),
                manner: manner(heard),
            }
        } else {
            Self::Mute
        }
    }
}

/// Holds the twin of `case` until `over` tells that the faulty conversation is over.
pub(super) async fn drive(case: &AfterFault, stage: &Stage, over: oneshot::Receiver<()>) {
    let mut conversation = case.open(stage, TWIN).await;
    if !conversation.heard().is_open() {
        return;
    }
    if case.left_out(conversation.heard()).is_some() {
        return conversation.part().await;
    }
    let canary = case.canary_of(TWIN);
    // A legal Close comes last: until then there is somebody to ask.
    let (closes, mut legal): (Vec<Frame>, Vec<Frame>) = case
        .legal
        .iter()
        .cloned()
        .partition(|frame| case.closing && frame.opcode == Opcode::CLOSE);
    legal.extend(asks(&canary));
    conversation.say(&legal, case.segments).await;
    let mut waited = await_answer(&mut conversation, &canary).await;
    // The sender cannot be dropped before the faulty conversation is: over is over.
    let _ = over.await;
    if waited == Waited::Met && !conversation.heard().is_ending() {
        conversation.say(&asks(STILL_THERE), Segments::One).await;
        waited = await_answer(&mut conversation, STILL_THERE).await;
    }
    if waited == Waited::Met && !closes.is_empty() {
        conversation.send(&closes).await;
    }
    conversation.part().await;
}

/// A ping and a text: whoever serves either is alive.
pub(super) fn asks(payload: &[u8]) -> [Frame; 2] {
    [Frame::ping(payload), Frame::text(payload)]
}

/// Whether a ping or a text with this payload was answered.
pub(super) fn answered(heard: &Dialogue, payload: &[u8]) -> bool {
    heard.pong(payload).is_some()
        || heard
            .messages
            .iter()
            .any(|message| message.payload == payload)
}

async fn await_answer(conversation: &mut Conversation, payload: &[u8]) -> Waited {
    conversation
        .wait("an answer to the legal twin", |heard| {
            answered(heard, payload) || heard.is_ending()
        })
        .await
}
