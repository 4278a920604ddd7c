//! Tells a sick target from a wrong one: a fresh handshake behind every answer that is missing and every hostile case,
//! and bringing a fallen target back.

use crate::case::ORDINARY_WEIGHT;
use crate::http::Request;
use crate::link::{Heard, Link};
use crate::stage::{Setting, Stage};
use crate::target::Protocol;
use crate::timing::Timing;
use crate::transcript::{Connection, Event, GUARD, Told, Transcript, What};
use crate::ws::Frame;
use pushspec_parser::http::{HeadLimits, HeadParse, ResponseHead};
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;

/// Bytes of an answer that suffice to see its status.
const STATUS_LINE: usize = "HTTP/1.1 101".len();

/// For the end of what the guard opened. Who takes longer has room for many.
const TO_PART: Duration = Duration::from_millis(100);

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
                    "the answer to another client",
                    stage.setting.timing.patience,
                );
                return;
            }
            Heard::Ended(_) | Heard::Full => return,
        }
    }
    if final_status(&heard).as_deref() == Some(b"101") {
        say_good_bye(&mut link, stage.setting.timing).await;
    }
}

/// Ends what the guard opened, so that a target with room for one client has it again.
async fn say_good_bye(link: &mut Link, timing: Timing) {
    let mut close = Vec::new();
    Frame::close(1000, "").encode([0; 4], &mut close);
    link.send(close).await;
    let deadline = Instant::now() + timing.parting.min(TO_PART);
    while let Heard::Bytes(_) = link.hear(deadline).await {}
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

/// Why a target takes nobody more for the moment: that is no fall, and says nothing of what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// Too many clients at once: 503.
    Room,
    /// Too many requests in a short time: 429.
    Rate,
    /// Too many clients at once: no answer, where the target was seen to tell them so.
    HangsUp,
}

impl Full {
    /// What it answered first on this connection, if it is that.
    fn on(connection: &Connection, hangs_up: bool) -> Option<Self> {
        if hangs_up && was_hung_up(connection) {
            return Some(Self::HangsUp);
        }
        match final_status(&connection.received())?.as_slice() {
            b"503" => Some(Self::Room),
            b"429" => Some(Self::Rate),
            _ => None,
        }
    }
}

/// The reason as a sentence about the target.
impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Room => {
                "the target has no room for another client (503), perhaps because it has not noticed yet that earlier \
                 ones left"
            }
            Self::Rate => "the target limits how many requests it takes in a time (429)",
            Self::HangsUp => {
                "the target has no room for another client (it hangs up), perhaps because it has not noticed yet that \
                 earlier ones left"
            }
        })
    }
}

/// By which status the guard was refused; none where it was served, or heard no response.
pub(super) fn refusal(transcript: &Transcript, protocol: Protocol) -> Option<u16> {
    let status = status_on(guard_in(transcript)?)?;
    (is_healthy(transcript, protocol) == Some(false)).then_some(status)
}

/// By which status the case itself was answered first.
pub(super) fn first_status(transcript: &Transcript) -> Option<u16> {
    let mut own = transcript
        .connections
        .iter()
        .filter(|connection| connection.label != GUARD);
    own.find_map(status_on)
}

/// The status of the first response on a connection, or that a client reports of it.
fn status_on(connection: &Connection) -> Option<u16> {
    let told = |event: &Event| match event.what {
        What::Told(Told::Answered { status, .. }) => Some(status),
        _ => None,
    };
    let received = || {
        let digits = final_status(&connection.received())?;
        std::str::from_utf8(&digits).ok()?.parse().ok()
    };
    connection.events.iter().find_map(told).or_else(received)
}

/// Whether the guard was told that the target is full: if it `hangs_up` on whom it has no room for, by that too.
pub(super) fn fullness(transcript: &Transcript, hangs_up: bool) -> Option<Full> {
    guard_in(transcript).and_then(|guard| Full::on(guard, hangs_up))
}

/// Whether a connection of the case's own was told so: what the case saw may be owed to those beside it.
pub(super) fn was_crowded(transcript: &Transcript, hangs_up: bool) -> bool {
    let mut own = transcript
        .connections
        .iter()
        .filter(|connection| connection.label != GUARD);
    own.any(|connection| Full::on(connection, hangs_up).is_some())
}

/// How long a full target is left alone before it is asked again: as long as it asks for (RFC 9110 section 10.2.3), if it
/// says so in seconds; none where that is longer than the `patience` of a case.
pub(super) fn rest(transcript: &Transcript, timing: Timing, hangs_up: bool) -> Option<Duration> {
    let full = transcript
        .connections
        .iter()
        .filter(|connection| Full::on(connection, hangs_up).is_some());
    let pause = timing.at_once.min(timing.patience);
    let asked = |connection: &Connection| {
        let HeadParse::Complete(head) =
            ResponseHead::parse(&connection.received(), HeadLimits::default())
        else {
            return pause;
        };
        let seconds = head.first("retry-after").and_then(|value| {
            let value = std::str::from_utf8(value).ok()?;
            value.trim().parse().ok()
        });
        seconds.map_or(pause, Duration::from_secs)
    };
    full.map(asked)
        .max()
        .filter(|rest| *rest <= timing.patience)
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

/// When the case first asked what was not answered at all: that may have felled the target.
pub(super) fn asked_in_vain(transcript: &Transcript) -> Option<Duration> {
    let own = transcript
        .connections
        .iter()
        .filter(|connection| connection.label != GUARD && connection.received().is_empty());
    own.filter_map(asked).min()
}

/// When something was asked on a connection.
fn asked(connection: &Connection) -> Option<Duration> {
    let sent = |event: &&Event| matches!(event.what, What::Sent(_));
    connection.events.iter().find(sent).map(|event| event.at)
}

/// Whether a connection ended with nothing on it but what was asked.
fn was_hung_up(connection: &Connection) -> bool {
    asked(connection).is_some() && connection.end().is_some() && connection.received().is_empty()
}

/// Whether the guard had a connection, and no answer on it within the patience.
pub(super) fn was_mute(transcript: &Transcript) -> bool {
    guard_in(transcript).is_some_and(|guard| guard.timed_out().is_some())
}

/// Whether the target answers a fresh handshake now.
pub(super) async fn stands(setting: &Setting) -> bool {
    let transcript = look(setting).await;
    is_healthy(&transcript, setting.target.protocol) == Some(true)
}

/// Whether it does, and takes no longer than it may who is not busy.
pub(super) async fn stands_promptly(setting: &Setting) -> bool {
    let transcript = look(setting).await;
    is_healthy(&transcript, setting.target.protocol) == Some(true)
        && !is_busy(&transcript, setting.timing.busy())
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
    /// It takes nobody more for the moment.
    Full(Full),
    /// It answers, but otherwise than before: by this status.
    Refuses(u16),
    /// It does not answer.
    Gone,
}

impl Recovery {
    /// Why it takes nobody, if it is that.
    pub(super) fn full(self) -> Option<Full> {
        match self {
            Self::Full(full) => Some(full),
            Self::Stands | Self::Refuses(_) | Self::Gone => None,
        }
    }

    /// By which status it refuses others, if it is that.
    pub(super) fn refusal(self) -> Option<u16> {
        match self {
            Self::Refuses(status) => Some(status),
            Self::Stands | Self::Full(_) | Self::Gone => None,
        }
    }
}

/// How long a target is waited for. A full one has room again when it has noticed that clients left: some do so when they write
/// next.
pub(super) fn waits(full: Option<Full>, timing: Timing) -> Duration {
    match full {
        Some(Full::Room | Full::Rate | Full::HangsUp) => timing.deadline.max(timing.recovery),
        None => timing.recovery,
    }
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
        let refusal = refusal(&transcript, setting.target.protocol);
        let in_vain = match (fullness(&transcript, setting.hangs_up_when_full), refusal) {
            (Some(full), _) => Recovery::Full(full),
            (None, Some(status)) => Recovery::Refuses(status),
            (None, None) => Recovery::Gone,
        };
        if began.elapsed() >= waits(in_vain.full(), timing) {
            return in_vain;
        }
        // Nothing tells when a server is back: asking is all there is.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::End;

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
        assert_eq!(fullness(&busy, false), Some(Full::Room));
        assert_eq!(is_healthy(&busy, Protocol::EventStream), Some(false));
        let limited = guarded("HTTP/1.1 429 Too Many Requests\r\n");
        assert_eq!(fullness(&limited, false), Some(Full::Rate));
        let broken = guarded("HTTP/1.1 500 Internal Server Error\r\n");
        assert_eq!(fullness(&broken, false), None);
        assert_eq!(is_healthy(&broken, Protocol::EventStream), Some(false));
        let served = guarded("HTTP/1.1 200 OK\r\n");
        assert_eq!(fullness(&served, false), None);
        assert_eq!(is_healthy(&served, Protocol::EventStream), Some(true));
        let hung_up = Transcript {
            connections: vec![Connection {
                label: GUARD,
                events: [What::Sent("GET".into()), What::Ended(End::Fin)]
                    .map(|what| Event {
                        at: Duration::ZERO,
                        what,
                    })
                    .into(),
            }],
        };
        assert_eq!(fullness(&hung_up, false), None);
        assert_eq!(fullness(&hung_up, true), Some(Full::HangsUp));
        // The guard's refusal is not the case's.
        assert!(!was_crowded(&busy, false) && !was_crowded(&limited, false));
    }

    #[test]
    fn a_target_that_takes_connections_and_answers_none_is_mute() {
        let guarded = |what| Transcript {
            connections: vec![Connection {
                label: GUARD,
                events: vec![crate::transcript::Event {
                    at: Duration::ZERO,
                    what,
                }],
            }],
        };
        let waited = What::TimedOut {
            awaited: "the answer to another client",
            waited: Duration::from_secs(5),
        };
        assert!(was_mute(&guarded(waited)));
        assert!(!was_mute(&guarded(What::NotConnected("refused".into()))));
    }

    #[test]
    fn a_full_target_is_left_alone_as_long_as_it_asks() {
        let refused = |answer: &'static str| {
            let transcript = Transcript {
                connections: vec![Connection {
                    label: "varied",
                    events: vec![crate::transcript::Event {
                        at: Duration::ZERO,
                        what: What::Received(answer.into()),
                    }],
                }],
            };
            let rest = rest(&transcript, Timing::default(), false);
            assert_eq!(
                was_crowded(&transcript, false),
                answer.contains("503") || answer.contains("429")
            );
            rest
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(
            refused("HTTP/1.1 429 Slow down\r\nRetry-After: 3\r\n\r\n"),
            seconds(3)
        );
        assert_eq!(refused("HTTP/1.1 503 Busy\r\n\r\n"), seconds(1));
        let date = "HTTP/1.1 503 Busy\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n";
        assert_eq!(refused(date), seconds(1));
        assert_eq!(
            refused("HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\n\r\n"),
            None
        );
        assert_eq!(
            refused("HTTP/1.1 404 Not Found\r\nRetry-After: 3\r\n\r\n"),
            None
        );
    }

    #[test]
    fn what_is_no_response_has_no_status() {
        assert_eq!(status("SSH-2.0-OpenSSH_9.6").as_deref(), Some(""));
        assert_eq!(status("HTTP/1.1-101 ").as_deref(), Some(""));
    }
}
