//! What else a WebSocket target offers: an endpoint that obeys commands, and compression.

use super::{Outcome, doubt, unanswered};
use crate::stage::{Setting, Stage};
use crate::ws::handshake::switched_elsewhere;
use crate::ws::{Conversation, Dialogue, Frame, Opened, compression};
use pushspec_reports::printable;

/// The command that shows whether an endpoint obeys, and the message that it asks for.
const COMMAND: &str = "send:1:8:text:1";
const SENT_ON_COMMAND: &[u8] = b"pushspec";

/// Whether there is an endpoint that obeys commands: one that does not would make every case that gives commands
/// blame the server for what its application left undone.
pub(super) async fn obeys(setting: &Setting) -> Outcome {
    if setting.command.is_none() {
        return Outcome::unmet("give the URL of an endpoint that obeys commands: --command URL");
    }
    let stage = Stage::new(setting.clone(), "command", crate::case::ORDINARY_WEIGHT);
    let mut conversation = Conversation::open_command(&stage, "command").await;
    if let Some(refusal) = refusal(&conversation, &stage) {
        return Outcome::unmet(format!("at the command endpoint, {refusal}"));
    }
    conversation.send(&[Frame::text(COMMAND)]).await;
    // Many endpoints greet: what came first may have been on its way already.
    let obeyed = |heard: &Dialogue| {
        let mut messages = heard.messages.iter();
        messages.any(|message| message.payload == SENT_ON_COMMAND) || heard.is_ending()
    };
    let something = |heard: &Dialogue| !heard.messages.is_empty() || heard.is_ending();
    conversation.wait("a message on command", something).await;
    let at_once = stage.setting.timing.at_once;
    conversation
        .wait_for(at_once, "the message that was asked for", obeyed)
        .await;
    let payloads = conversation
        .heard()
        .messages
        .iter()
        .map(|message| &message.payload[..]);
    let outcome = match payloads.clone().next_back() {
        _ if payloads.clone().any(|payload| payload == SENT_ON_COMMAND) => {
            Outcome::met(&format!("`{COMMAND}` was obeyed"))
        }
        Some(last) => Outcome::unmet(format!(
            "`{COMMAND}` is to be answered by the message \"{}\"; \"{}\" came instead",
            printable(SENT_ON_COMMAND, 40),
            printable(last, 40)
        )),
        None => Outcome::unmet(format!("`{COMMAND}` was not obeyed: no message came")),
    };
    conversation.part().await;
    outcome
}

/// Whether permessage-deflate is accepted, offered as browsers offer it.
pub(super) async fn deflates(setting: &Setting) -> Outcome {
    let stage = &Stage::new(setting.clone(), "compression", crate::case::ORDINARY_WEIGHT);
    let label = "compressed probe";
    let mut conversation = Conversation::open_offering(stage, label, compression::OFFER).await;
    let outcome = match refusal(&conversation, stage) {
        Some(refusal) => Outcome::unmet(format!("where permessage-deflate is offered, {refusal}")),
        None => match conversation.heard().compression {
            Some(_) => Outcome::met("permessage-deflate was accepted"),
            None => Outcome::unmet("the target declines permessage-deflate"),
        },
    };
    conversation.part().await;
    outcome
}

/// Why the ordinary handshake was not accepted; none where it was.
pub(super) fn refusal(conversation: &Conversation, stage: &Stage) -> Option<String> {
    match &conversation.heard().opened {
        Opened::Response { .. } if conversation.heard().is_open() => None,
        Opened::Response { head, .. } => Some(match switched_elsewhere(head) {
            Some(protocol) => format!(
                "the opening handshake was answered by a switch to {}, not to websocket",
                printable(protocol, 40)
            ),
            None => format!(
                "the opening handshake was answered by {} {}, not 101: is this the path of a WebSocket endpoint?",
                head.status,
                printable(&head.reason, 40)
            ),
        }),
        Opened::NotHttp { .. } => Some(format!(
            "the opening handshake was answered by something that is not HTTP: {}",
            doubt(stage)
        )),
        Opened::TooLarge => Some(format!(
            "the opening handshake was answered by a head without end: {}",
            doubt(stage)
        )),
        Opened::Awaited => Some(unanswered(&stage.transcript(), stage)),
    }
}
