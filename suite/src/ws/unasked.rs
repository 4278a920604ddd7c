//! Good-byes that nobody asked for: a target that closes every connection soon after it was opened (because it speaks no
//! subprotocol but its own, because it has no room) closes those as well on which a case says something.
//!
//! Its Close crosses what the case says on the way, and answers nothing (RFC 6455 sections 5.5.1 and 7.1.5 foresee that both
//! sides close at once). So beside a connection that was closed without a reproach, one is opened on which nothing is said.

use super::conversation::Conversation;
use super::dialogue::Dialogue;
use super::outcome::{lived, manner, opened};
use crate::judgement::Judgement;
use crate::listening::View as _;
use crate::stage::Stage;
use crate::transcript::{Transcript, What};
use std::time::Duration;

/// The label of the connection on which nothing is said.
const UNASKED: &str = "a connection on which nothing is said";

/// How long it is watched at least.
const WATCHED: Duration = Duration::from_millis(200);

/// Opens a connection and says nothing on it, for at least as long as the one with this label lived.
pub async fn say_nothing(stage: &Stage, label: &str) {
    let as_long = lived(&stage.transcript(), label).max(WATCHED);
    let mut conversation = Conversation::open(stage, UNASKED).await;
    if conversation.heard().is_open() {
        conversation
            .listen_until(as_long, Dialogue::is_ending)
            .await;
    }
    conversation.part().await;
}

/// The judgement where the target closes connections by itself; none where it left the other one alone.
pub fn closes_unasked(transcript: &Transcript) -> Option<Judgement> {
    let heard = opened(transcript, UNASKED).ok()?;
    let close = heard.close().filter(|_| came_first(transcript))?;
    let reason = String::from_utf8_lossy(&close.reason).to_ascii_lowercase();
    // 4406 is what GraphQL servers say.
    let advice = if close.code == Some(4406) || reason.contains("protocol") {
        ": offer one that it speaks, with --subprotocol"
    } else {
        ""
    };
    Some(
        Judgement::inconclusive(format!(
            "the target closes a connection on which nothing is said as well ({}): its Close may have crossed what was sent{advice}",
            manner(&heard)
        ))
        .to_confirm_alone(),
    )
}

/// Whether the Close came before we said anything: in the end we take our leave.
fn came_first(transcript: &Transcript) -> bool {
    let events = transcript.connection(UNASKED).map(|it| &*it.events);
    let mut heard = Dialogue::default();
    for event in events.unwrap_or_default() {
        if heard.is_open() && matches!(event.what, What::Sent(_)) {
            break;
        }
        heard.observe(event);
    }
    heard.close().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::Frame;
    use crate::ws::scene::{Scene, transcript};

    fn said(scene: Scene) -> Option<String> {
        closes_unasked(&transcript([(UNASKED, scene)])).map(|judgement| judgement.observed)
    }

    #[test]
    fn an_answer_to_our_close_is_asked_for() {
        let close = |code, reason: &str| Frame::close(code, reason);
        assert_eq!(said(Scene::new()), None);
        let answered = Scene::new().we(close(1000, "")).they_send(close(1001, ""));
        assert_eq!(said(answered), None);
        let unasked = Scene::new().they_send(close(1013, "try again later"));
        let told = said(unasked).expect("a judgement");
        assert!(
            told.contains("Close 1013") && !told.contains("--subprotocol"),
            "{told}"
        );
        let unasked = Scene::new().they_send(close(4406, "")).we(close(4406, ""));
        assert!(said(unasked).is_some_and(|told| told.contains("--subprotocol")));
    }
}
