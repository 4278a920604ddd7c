//! Tells a sick target from a wrong one: a fresh handshake behind every answer that is missing and every hostile case,
//! and bringing a fallen target back.

use crate::case::ORDINARY_WEIGHT;
use crate::http::Request;
use crate::link::Heard;
use crate::stage::{Setting, Stage};
use crate::target::Protocol;
use crate::transcript::{Connection, GUARD, Transcript, What};
use pushspec_parser::http::{HeadLimits, HeadParse, ResponseHead};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes of an answer that suffice to see its status.
const STATUS_LINE: usize = "HTTP/1.1 101".len();

/// Makes a fresh, ordinary handshake on the case's stage.
pub(super) async fn guard(stage: &Stage) {
    let mut link = stage.connect(GUARD).await;
    let request = match stage.setting.target.protocol {
        Protocol::WebSocket => Request::opening(stage, GUARD),
        Protocol::EventStream => Request::stream(&stage.setting),
    };
    link.send(request.encode()).await;
    let deadline = Instant::now() + stage.setting.timing.patience;
    let mut heard = Vec::new();
    while final_status(&heard).is_none() {
        match link.hear(deadline).await {
            Heard::Bytes(bytes) => heard.extend_from_slice(&bytes),
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
        Protocol::WebSocket => b"101",
        Protocol::EventStream => b"200",
    };
    let guard = guard_in(transcript)?;
    Some(final_status(&guard.received()).as_deref() == Some(status))
}

/// Whether the guard was told that there are too many clients, or too many requests: that is no fall.
pub(super) fn is_full(transcript: &Transcript) -> bool {
    guard_in(transcript)
        .and_then(|guard| final_status(&guard.received()))
        .is_some_and(|status| status == b"429" || status == b"503")
}

/// The last guard.
fn guard_in(transcript: &Transcript) -> Option<&Connection> {
    transcript
        .connections
        .iter()
        .rev()
        .find(|connection| connection.label == GUARD)
}

/// The status of an answer, as soon as it came: of its final response, for interim ones may stand before it (RFC 9110
/// section 15.2). Of what is no response, nothing but that it came: an empty one.
fn final_status(mut answer: &[u8]) -> Option<Vec<u8>> {
    loop {
        let line = answer.get(..STATUS_LINE)?;
        if !line.starts_with(b"HTTP/1.") || line[8] != b' ' {
            return Some(Vec::new());
        }
        let status = &line[9..];
        if !status.starts_with(b"1") || status == b"101" {
            return Some(status.to_vec());
        }
        match ResponseHead::parse(answer, HeadLimits::default()) {
            HeadParse::Complete(interim) => answer = &answer[interim.len..],
            HeadParse::Partial => return None,
            HeadParse::NotHttp { .. } | HeadParse::TooLarge => return Some(Vec::new()),
        }
    }
}

/// Whether the guard's handshake was answered, but only after longer than `busy`.
pub(super) fn is_busy(transcript: &Transcript, busy: Duration) -> bool {
    let Some(guard) = guard_in(transcript) else {
        return false;
    };
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
    let transcript = look(setting).await;
    is_healthy(&transcript, setting.target.protocol) == Some(true)
}

/// A fresh handshake, and nothing else.
async fn look(setting: &Setting) -> Transcript {
    let stage = Stage::new(setting.clone(), "recovery", ORDINARY_WEIGHT);
    guard(&stage).await;
    stage.transcript()
}

/// What waiting for the target came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recovery {
    /// It answers.
    Stands,
    /// It has no room for another client.
    Full,
    /// It does not answer, or in another way.
    Gone,
}

/// Waits until the target answers a fresh handshake, starting it again where that can be done.
pub(super) async fn recover(setting: &Setting) -> Recovery {
    if let Some(operator) = &setting.operator
        && operator.relaunch().await.is_err()
    {
        return Recovery::Gone;
    }
    let began = Instant::now();
    loop {
        let transcript = look(setting).await;
        if is_healthy(&transcript, setting.target.protocol) == Some(true) {
            return Recovery::Stands;
        }
        let timing = setting.timing;
        // A full target has room again when it has noticed that clients left: some do so when they write next.
        let (waits, in_vain) = match is_full(&transcript) {
            true => (timing.deadline.max(2 * timing.patience), Recovery::Full),
            false => (2 * timing.patience, Recovery::Gone),
        };
        if began.elapsed() >= waits {
            return in_vain;
        }
        // Nothing tells when a server is back: asking is all there is.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(answer: &str) -> Option<String> {
        let status = final_status(answer.as_bytes())?;
        Some(String::from_utf8_lossy(&status).into_owned())
    }

    #[test]
    fn the_status_is_told_as_soon_as_it_came() {
        assert_eq!(status(""), None);
        assert_eq!(status("HTTP/1.1 10"), None);
        assert_eq!(status("HTTP/1.1 101").as_deref(), Some("101"));
        assert_eq!(status("HTTP/1.0 200 OK\r\n").as_deref(), Some("200"));
    }

    #[test]
    fn interim_responses_are_read_over() {
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        assert_eq!(status(hints), None);
        assert_eq!(status(&hints[..30]), None);
        let both = format!("HTTP/1.1 100 Continue\r\n\r\n{hints}HTTP/1.1 101");
        assert_eq!(status(&both).as_deref(), Some("101"));
    }

    #[test]
    fn a_full_target_has_not_fallen() {
        let guarded = |answer: &'static str| Transcript {
            connections: vec![Connection {
                label: GUARD,
                events: vec![crate::transcript::Event {
                    at: Duration::ZERO,
                    what: What::Received(answer.into()),
                }],
            }],
        };
        let busy = guarded("HTTP/1.1 503 Service Unavailable\r\n");
        assert!(is_full(&busy) && is_healthy(&busy, Protocol::EventStream) == Some(false));
        let broken = guarded("HTTP/1.1 500 Internal Server Error\r\n");
        assert!(!is_full(&broken) && is_healthy(&broken, Protocol::EventStream) == Some(false));
        let served = guarded("HTTP/1.1 200 OK\r\n");
        assert!(!is_full(&served) && is_healthy(&served, Protocol::EventStream) == Some(true));
    }

    #[test]
    fn what_is_no_response_has_no_status() {
        assert_eq!(status("SSH-2.0-OpenSSH_9.6").as_deref(), Some(""));
        assert_eq!(status("HTTP/1.1-101 ").as_deref(), Some(""));
    }
}
