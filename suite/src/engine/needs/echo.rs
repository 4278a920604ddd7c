//! Whether a WebSocket target accepts the opening handshake, and whether it is an echo endpoint: what it says to itself
//! alone, and goes on after.

use super::Offer;
use super::websocket::refusal;
use crate::case::Need;
use crate::stage::Stage;
use crate::ws::outcome::manner;
use crate::ws::{Conversation, Dialogue, Frame, HeardClose};
use pushspec_parser::ws::Opcode;
use pushspec_reports::printable;
use std::time::Duration;
use tokio::time::Instant;

/// What the probe says to an echo endpoint. Its length is a multiple of eight: a server that unmasks only whole words passes
/// for an echo endpoint, and the cases show what is wrong with it.
const PROBE: &[u8] = b"pushspec's probe";

/// What it says then, where the first came back changed: of another length.
const SECOND_PROBE: &[u8] = b"pushspec probe, once more";

/// What it says once more while another connection listens: nobody but the sender of a message gets its echo.
const PRIVATE_PROBE: &[u8] = b"pushspec's probe for one alone";

/// How long a message may take to whoever else is in a chat. It costs every run as long, so it is no full patience.
const TO_SPREAD: Duration = Duration::from_millis(100);

/// So many frames, each of which a slow target takes its time over, stand before an answer that a case waits for.
const FRAMES_IN_A_ROW: u32 = 4;

/// Shakes hands, says a text and a ping, and notes what comes back.
pub(super) async fn probe(offer: &mut Offer, stage: &Stage) {
    let timing = stage.setting.timing;
    let began = Instant::now();
    let mut conversation = Conversation::open(stage, "probe").await;
    let greeted_after = began.elapsed();
    let refusal = refusal(&conversation, stage);
    offer.set(
        Need::Open,
        refusal.is_none(),
        refusal.as_deref().unwrap_or("answered 101"),
    );
    if let Some(refusal) = refusal {
        offer.set(Need::Echo, false, &refusal);
        // Over TLS silence begins before there is a connection.
        offer.mute = conversation.waited_in_vain() || greeted_after >= timing.patience;
        return;
    }
    let asked = Instant::now();
    conversation
        .send(&[Frame::text(PROBE), Frame::ping(PROBE)])
        .await;
    conversation
        .listen_until(timing.patience, |heard| {
            !heard.frames.is_empty() || heard.is_ending()
        })
        .await;
    let late = greeted_after.max(asked.elapsed());
    // A case waits for what stands behind several frames.
    if !conversation.heard().frames.is_empty() && FRAMES_IN_A_ROW * late > timing.patience {
        offer.late = Some(late);
    }
    let came_back =
        |probe: &'static [u8]| move |heard: &Dialogue| resembles(heard, probe) || heard.is_ending();
    // A target from which nothing came for a full patience is not waited for again.
    if !conversation.heard().frames.is_empty() {
        conversation
            .wait("an echo of a text and a pong", came_back(PROBE))
            .await;
    }
    let heard = conversation.heard();
    let exact = |heard: &Dialogue| heard.message(Opcode::TEXT, PROBE).is_some();
    // One that says so much that an answer may stand behind it is not.
    let silent = !resembles(heard, PROBE) && heard.pong(PROBE).is_none() && !heard.is_ending();
    offer.mute = silent && !heard.full;
    // An endpoint that gives texts back changed is an echo endpoint, and a broken one: skipping its cases would hide
    // that. Two lengths rule out an answer that only happens to be as long.
    let mut changed = false;
    if !exact(heard) && resembles(heard, PROBE) {
        conversation.send(&[Frame::text(SECOND_PROBE)]).await;
        conversation
            .wait("an echo of another text", came_back(SECOND_PROBE))
            .await;
        changed = resembles(conversation.heard(), SECOND_PROBE);
    }
    let broadcasts = exact(conversation.heard()) && broadcasts(stage, &mut conversation).await;
    let heard = conversation.heard();
    let dismisses = exact(heard) && dismisses(heard);
    let echoed = (exact(heard) || changed) && !broadcasts && !dismisses;
    let reason = match (exact(heard), changed, heard.messages.first()) {
        (true, ..) if broadcasts => {
            "a text came back, and went to another connection as well, as in a chat: point \
                                     at an echo endpoint"
                .into()
        }
        (true, ..) if dismisses => format!(
            "a text came back, and then the target ended the conversation ({}): point at an echo endpoint, which \
             goes on",
            manner(heard)
        ),
        (true, ..) => "a text came back".into(),
        (false, true, _) => "texts came back, but changed".into(),
        (false, false, Some(message)) => {
            let payload = printable(&message.payload, 40);
            format!(
                "a text was answered by a {} message \"{payload}\": point at an echo endpoint",
                message.opcode
            )
        }
        (false, false, None) => "a text did not come back: point at an echo endpoint".into(),
    };
    offer.set(Need::Echo, echoed, &reason);
    // A target that has nothing to say has no good-bye either.
    if !offer.mute {
        conversation.part().await;
    }
}

/// Whether what `conversation` says comes back to it and goes to a neighbour as well. Then what others say comes to every
/// case, and none can tell its own echoes from theirs.
async fn broadcasts(stage: &Stage, conversation: &mut Conversation) -> bool {
    if conversation.heard().is_ending() {
        return false;
    }
    let mut neighbour = Conversation::open(stage, "neighbour").await;
    let came = |heard: &Dialogue| heard.message(Opcode::TEXT, PRIVATE_PROBE).is_some();
    let mut broadcasts = false;
    if neighbour.heard().is_open() {
        // A chat lets in whoever has the 101 some time after that: who answers a ping has let in.
        neighbour.send(&[Frame::ping(PROBE)]).await;
        neighbour
            .wait("a pong", |heard| {
                heard.pong(PROBE).is_some() || heard.is_ending()
            })
            .await;
        conversation.send(&[Frame::text(PRIVATE_PROBE)]).await;
        conversation
            .wait("an echo for nobody else", |heard| {
                came(heard) || heard.is_ending()
            })
            .await;
        if came(conversation.heard()) {
            // A pong would prove nothing: whoever serves the neighbour may not know yet what the other said.
            neighbour
                .listen_until(TO_SPREAD, |heard| came(heard) || heard.is_ending())
                .await;
            broadcasts = came(neighbour.heard());
        }
    }
    neighbour.part().await;
    broadcasts
}

/// Whether the target answers one text and then says good-bye, in order. One that goes with a reproach, or with none, is an
/// echo endpoint and a broken one.
fn dismisses(heard: &Dialogue) -> bool {
    let second = heard.message(Opcode::TEXT, PRIVATE_PROBE).is_some();
    let farewell = |close: &HeardClose| matches!(close.code, None | Some(1000 | 1001));
    !second && heard.close().is_some_and(farewell)
}

/// Whether something came that can be an echo of `probe`, if a broken one: the same bytes, or as many.
fn resembles(heard: &Dialogue, probe: &[u8]) -> bool {
    heard
        .messages
        .iter()
        .any(|message| message.payload.len() == probe.len())
}
