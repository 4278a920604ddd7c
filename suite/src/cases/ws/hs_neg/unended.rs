//! What a server may take for the beginning of a request: whoever waits for the end of it breaks nothing, and need not be waited
//! for. The end is supplied, and the answer to that comes at once.

use crate::stage::Stage;
use crate::transcript::{Transcript, What};
use crate::ws::after_fault::FAULT;
use crate::ws::{Conversation, Dialogue, Opened};
use memchr::memmem;

/// The end of a line, and of a head.
const THE_END: &[u8] = b"\r\n\r\n";

/// Sends bytes, and waits for the answer: where no head ends in them, at once, and then behind the end of one.
pub(super) async fn ask(stage: &Stage, bytes: Vec<u8>) -> Conversation {
    let answered = |heard: &Dialogue| heard.opened != Opened::Awaited || heard.end.is_some();
    let is_ended = memmem::find(&bytes, THE_END).is_some();
    let mut conversation = Conversation::connect(stage, FAULT).await;
    conversation.send_bytes(bytes).await;
    if !is_ended {
        let at_once = stage.setting.timing.at_once;
        conversation.listen_until(at_once, answered).await;
        if answered(conversation.heard()) {
            return conversation;
        }
        conversation.send_bytes(THE_END).await;
    }
    conversation.opened().await;
    conversation
}

/// Whether the end had to be supplied.
pub(super) fn was_ended(transcript: &Transcript) -> bool {
    transcript.connection(FAULT).is_some_and(|connection| {
        let events = connection.events.iter();
        let writes = events.filter(|event| matches!(event.what, What::Sent(_)));
        writes.count() > 1
    })
}
