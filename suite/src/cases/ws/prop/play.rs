//! Plays an exchange: sends its frames, and asks what can be asked until it is known what became of them.

use super::exchange::{CANARY, Exchange, MARKER};
use super::walk::{Walk, frames};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Plan;
use crate::ws::compression::Compression;
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use std::time::Duration;

/// Browsers leave the client's window to the server; whoever declines that is offered the extension as it is.
const OFFERS: &str = "permessage-deflate; client_max_window_bits, permessage-deflate";

/// What waits in vain for it.
pub(super) const CLOSE_ANSWER: &str = "the answer to a Close";

/// Plays on a connection of its own what `exchange` makes of what was agreed on.
pub(super) async fn play(
    stage: &Stage,
    label: &'static str,
    packed: bool,
    patience: Duration,
    exchange: impl FnOnce(Option<&Compression>) -> Exchange,
) {
    let mut conversation = match packed {
        true => Conversation::open_offering(stage, label, OFFERS).await,
        false => Conversation::open(stage, label).await,
    };
    let compression = conversation.heard().compression;
    let agreed = compression.is_some_and(|compression| compression.answer.is_ok());
    if conversation.heard().is_open() && agreed == packed {
        let exchange = on_record(&mut conversation, exchange(compression.as_ref()));
        let walk = Walk::over(&exchange.frames, compression.as_ref());
        match walk.breach {
            None => legal(&mut conversation, &exchange, &walk, patience).await,
            Some(_) => illegal(&mut conversation, exchange, &walk, patience).await,
        }
    }
    conversation.part_soon().await;
}

/// Puts on record what is about to be said: a target that sees a fault in the first byte of a frame does not let it be sent
/// whole. Gives it with the keys that are used.
fn on_record(conversation: &mut Conversation, exchange: Exchange) -> Exchange {
    let bytes = conversation.encode(&exchange.frames);
    let exchange = Exchange {
        frames: frames(&bytes),
        ..exchange
    };
    conversation.record_plan(Plan {
        bytes: bytes.into(),
        cuts: exchange.cuts.clone(),
    });
    exchange
}

/// Frames without fault: all that is due has to come, then what says so, then the Close.
async fn legal(
    conversation: &mut Conversation,
    exchange: &Exchange,
    walk: &Walk,
    patience: Duration,
) {
    let (settled, rest) = exchange.frames.split_at(walk.settled);
    conversation.send_cut(settled, &exchange.cuts).await;
    let ping = walk.last_ping();
    let came = |heard: &Dialogue| {
        let pong = ping.is_none_or(|ping| heard.pong(ping).is_some());
        heard.is_ending() || pong && heard.messages.len() >= walk.messages.len()
    };
    let mut waited = conversation
        .wait_for(patience, "every echo and pong", came)
        .await;
    if waited == Waited::Met && !conversation.heard().is_ending() {
        conversation.send(&[Frame::text(MARKER)]).await;
        // With more behind it, it is another message, and waiting does not mend it.
        let marked = |heard: &Dialogue| {
            let mut messages = heard.messages.iter();
            heard.is_ending() || messages.any(|message| message.payload.starts_with(MARKER))
        };
        waited = conversation
            .wait_for(patience, "the echo of the marker", marked)
            .await;
    }
    if waited == Waited::Met && !rest.is_empty() && !conversation.heard().is_ending() {
        conversation.send(rest).await;
        if rest.iter().any(|frame| frame.opcode == Opcode::CLOSE) {
            conversation
                .wait_for(patience, CLOSE_ANSWER, Dialogue::is_ending)
                .await;
        }
    }
}

/// Frames the last of which breaks a rule: what stands behind it must not be answered.
async fn illegal(
    conversation: &mut Conversation,
    exchange: Exchange,
    walk: &Walk,
    patience: Duration,
) {
    let late = walk
        .breach
        .is_some_and(|(_, breach)| breach.is_found_late());
    let mut frames = exchange.frames;
    frames.push(Frame::ping(CANARY));
    // What is found late is found in a message that is complete.
    if walk.state.is_inside() && !late {
        frames.push(Frame::continuation("no end of anything"));
    }
    frames.push(Frame::text(CANARY));
    conversation.send_cut(&frames, &exchange.cuts).await;
    let pongs_pass = walk
        .breach
        .is_some_and(|(_, breach)| breach.lets_pongs_through());
    let over = |heard: &Dialogue| {
        let pong = !pongs_pass && heard.pong(CANARY).is_some();
        heard.is_ending() || pong || heard.message(Opcode::TEXT, CANARY).is_some()
    };
    conversation
        .wait_for(
            patience,
            "an end of the connection, or an answer behind the fault",
            over,
        )
        .await;
}
