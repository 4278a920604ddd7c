//! Tells a sick target from a wrong one: a fresh handshake behind every answer that is missing and every hostile case,
//! and bringing a fallen target back.

use crate::http::Request;
use crate::link::Heard;
use crate::stage::{Setting, Stage};
use crate::target::Protocol;
use crate::transcript::{GUARD, Transcript, What};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes of an answer that suffice to see its status.
const STATUS_LINE: usize = "HTTP/1.1 101".len();

/// Makes a fresh, ordinary handshake on the case's stage.
pub(super) async fn guard(stage: &Stage) {
    let mut link = stage.connect(GUARD).await;
    let request = match stage.setting.target.protocol {
        Protocol::WebSocket => Request::opening(stage, GUARD),
        Protocol::EventStream => Request::event_source(&stage.setting),
    };
    link.send(request.encode()).await;
    let deadline = Instant::now() + stage.setting.timing.patience;
    let mut heard = 0;
    while heard < STATUS_LINE {
        match link.hear(deadline).await {
            Heard::Bytes(bytes) => heard += bytes.len(),
            Heard::Nothing => {
                link.record_timeout(
                    "the answer to a fresh handshake",
                    stage.setting.timing.patience,
                );
                return;
            }
            Heard::Ended(_) | Heard::Full => return,
        }
    }
}

/// Whether the guard's handshake was accepted; none where no guard was needed.
pub(super) fn is_healthy(transcript: &Transcript, protocol: Protocol) -> Option<bool> {
    let status: &[u8] = match protocol {
        Protocol::WebSocket => b" 101",
        Protocol::EventStream => b" 200",
    };
    let guard = transcript
        .connections
        .iter()
        .rev()
        .find(|connection| connection.label == GUARD)?;
    let answer = guard.received();
    Some(answer.starts_with(b"HTTP/1.") && answer.get(8..STATUS_LINE) == Some(status))
}

/// Whether the guard's handshake was answered, but only after longer than `busy`.
pub(super) fn is_busy(transcript: &Transcript, busy: Duration) -> bool {
    let guard = transcript
        .connections
        .iter()
        .rev()
        .find(|connection| connection.label == GUARD);
    let Some(guard) = guard else { return false };
    let at = |wanted: fn(&What) -> bool| {
        let event = guard.events.iter().find(|event| wanted(&event.what));
        event.map(|event| event.at)
    };
    let sent = at(|what| matches!(what, What::Sent(_)));
    let answered = at(|what| matches!(what, What::Received(_)));
    matches!((sent, answered), (Some(sent), Some(answered)) if answered.saturating_sub(sent) > busy)
}

/// Whether the target answers a fresh handshake now.
pub(super) async fn stands(setting: &Setting) -> bool {
    let stage = Stage::new(setting.clone(), "recovery", STATUS_LINE);
    guard(&stage).await;
    is_healthy(&stage.transcript(), setting.target.protocol) == Some(true)
}

/// Waits until the target answers a fresh handshake, starting it again where that can be done.
pub(super) async fn recover(setting: &Setting) -> bool {
    if let Some(operator) = &setting.operator
        && operator.relaunch().await.is_err()
    {
        return false;
    }
    let deadline = Instant::now() + 2 * setting.timing.patience;
    loop {
        if stands(setting).await {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        // Nothing tells when a server is back: asking is all there is.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
