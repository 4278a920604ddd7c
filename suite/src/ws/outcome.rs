//! What every judge of a conversation asks first: was it opened, and how was it ended?

use super::dialogue::Dialogue;
use crate::judgement::Judgement;
use crate::transcript::Transcript;
use pushspec_reports::printable;
use std::time::Duration;

/// The dialogue on the connection with this label, or why there is none to judge.
///
/// # Errors
/// A judgement: inconclusive, because the handshake that every conversation begins with was not answered with 101.
pub fn opened(transcript: &Transcript, label: &str) -> Result<Dialogue, Judgement> {
    let Some(connection) = transcript.connection(label) else {
        return Err(Judgement::inconclusive(format!(
            "the {label} connection was never opened"
        )));
    };
    if let Some(reason) = connection.not_connected() {
        return Err(Judgement::inconclusive(reason.to_owned()).to_confirm_alone());
    }
    let heard = Dialogue::of(connection);
    if heard.is_open() {
        return Ok(heard);
    }
    let came = match heard.head() {
        Some(head) => format!("status {}", head.status),
        None => match &heard.end {
            Some((_, end)) => format!("{end} and no response"),
            None => "no response in time".into(),
        },
    };
    let observed =
        format!("the ordinary handshake of the {label} connection was not accepted: {came}");
    Err(Judgement::inconclusive(observed).to_confirm_alone())
}

/// How long the connection with this label lived.
pub fn lived(transcript: &Transcript, label: &str) -> Duration {
    let events = transcript.connection(label).map(|it| &*it.events);
    match events.unwrap_or_default() {
        [first, .., last] => last.at.saturating_sub(first.at),
        [_] | [] => Duration::ZERO,
    }
}

/// How a connection was ended, in words.
pub fn manner(heard: &Dialogue) -> String {
    let close = heard.close().map(|close| match close.code {
        Some(code) if close.reason.is_empty() => format!("Close {code}"),
        Some(code) => format!("Close {code} {:?}", printable(&close.reason, 60)),
        None if close.body.is_empty() => "Close without a code".into(),
        None => "Close with a body too short for a code".into(),
    });
    let end = heard.end.as_ref().map(|(_, end)| end.to_string());
    match (close, end) {
        (Some(close), Some(end)) => format!("{close}, then {end}"),
        (Some(close), None) => format!("{close}, TCP left open"),
        (None, Some(end)) => format!("{end} without a Close frame"),
        (None, None) => "not ended".into(),
    }
}
