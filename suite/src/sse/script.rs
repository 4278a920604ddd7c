//! Scripts: what a scripted endpoint is asked to send, and what a conforming client then reads.

use crate::http::{Exchange, Replies, Request};
use crate::listening::Waited;
use crate::stage::{Endpoint, Setting, Stage};
use crate::transcript::Connection;
use pushspec_parser::http::RequestFacts;
use serde_json::Value;
use std::fmt::Write as _;
use std::time::Duration;

/// An event that a script asks for, as a client has to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its type; `message` where the script names none.
    pub event: String,
    /// Its data, line breaks normalised to LF.
    pub data: String,
    /// The last event ID: its own, or that of an event before it.
    pub id: String,
}

/// The request of an EventSource for `script`. The endpoint is the one that plays scripts; the target itself where
/// there is none, which no case gets to see: it needs `script`.
pub fn request(setting: &Setting, script: &Value) -> Request {
    let target = endpoint(setting).target;
    let mut request = Request::event_source_at(setting, &target);
    let joint = match target.path.contains('?') {
        true => '&',
        false => '?',
    };
    request.target = format!("{}{joint}script={}", target.path, encoded(script)).into_bytes();
    request
}

/// Asks for `script` and waits until it is known whether a stream comes.
pub async fn ask(stage: &Stage, label: &'static str, script: &Value) -> Exchange {
    send(stage, label, &request(&stage.setting, script)).await
}

/// Sends a request of [`request`] and waits until it is known whether a stream comes.
pub async fn send(stage: &Stage, label: &'static str, request: &Request) -> Exchange {
    let mut exchange = open(stage, label, &[RequestFacts::GET]).await;
    exchange.send(request).await;
    if exchange.answered().await == Waited::Met {
        super::settle(&mut exchange).await;
    }
    exchange
}

/// Connects to the endpoint that plays scripts.
pub async fn open(stage: &Stage, label: &'static str, requests: &[RequestFacts]) -> Exchange {
    Exchange::connect_at(stage, &endpoint(&stage.setting), label, requests).await
}

/// Asks for `script` and listens until its stream ends. Each pause may take one patience, and all together no longer than
/// `longest`.
pub async fn play(
    stage: &Stage,
    label: &'static str,
    script: &Value,
    longest: Duration,
) -> Exchange {
    let mut exchange = ask(stage, label, script).await;
    listen_out(stage, &mut exchange, longest).await;
    exchange
}

/// Listens until the first response is complete or the connection over.
pub async fn listen_out(stage: &Stage, exchange: &mut Exchange, longest: Duration) {
    if exchange.heard().first().is_none() {
        return;
    }
    let patience = stage.setting.timing.patience;
    let deadline = tokio::time::Instant::now() + longest.max(patience);
    loop {
        let pieces = pieces(exchange.heard());
        let moved = |heard: &Replies| is_over(heard) || self::pieces(heard) > pieces;
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        let waited = exchange
            .wait_for(patience.min(left), "the end of a scripted stream", moved)
            .await;
        if waited != Waited::Met || is_over(exchange.heard()) {
            return;
        }
    }
}

/// Whether nothing more can come of the first response.
pub fn is_over(heard: &Replies) -> bool {
    heard.first().is_some_and(|reply| reply.complete) || heard.end.is_some() || heard.full
}

fn pieces(heard: &Replies) -> usize {
    heard.first().map_or(0, |reply| reply.pieces.len())
}

/// The endpoint that plays scripts.
pub fn endpoint(setting: &Setting) -> Endpoint {
    let given = setting.script.clone();
    given.unwrap_or_else(|| setting.endpoint())
}

/// The script's JSON text, percent-encoded: everything but unreserved characters.
fn encoded(script: &Value) -> String {
    let mut out = String::new();
    for byte in script.to_string().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte.into());
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// The script that was asked for on this connection: what [`request`] sent, read back.
pub fn asked(connection: &Connection) -> Option<Value> {
    let sent = connection.sent();
    let line = sent.split(|byte| *byte == b'\r').next()?;
    let target = std::str::from_utf8(line).ok()?.split(' ').nth(1)?;
    let text = target.rsplit_once("script=")?.1;
    serde_json::from_slice(&decoded(text)?).ok()
}

/// Takes the percent-encoding of [`encoded`] off.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        out.push(match byte {
            b'%' => (digit(bytes.next())? << 4 | digit(bytes.next())?) as u8,
            byte => byte,
        });
    }
    Some(out)
}

/// The events that a script asks for. What an application cannot know beforehand (`last_event_id`, `clients`) is not among
/// them.
pub fn wanted(script: &Value) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut id = String::new();
    for step in script.as_array().into_iter().flatten() {
        let text = |name: &str| step.get(name).and_then(Value::as_str);
        if let Some(own) = text("id") {
            id = own.into();
        }
        let fill = step.get("fill").and_then(Value::as_u64);
        let data = match (text("data"), fill) {
            (Some(data), _) => normalised(data),
            (None, Some(bytes)) => "x".repeat(usize::try_from(bytes).unwrap_or(usize::MAX)),
            (None, None) => continue,
        };
        let event = text("event")
            .filter(|name| !name.is_empty())
            .unwrap_or("message");
        let repeat = step.get("repeat").and_then(Value::as_u64).unwrap_or(1);
        for _ in 0..repeat {
            wanted.push(Wanted {
                event: event.into(),
                data: data.clone(),
                id: id.clone(),
            });
        }
    }
    wanted
}

/// How many events a script asks for, and how many bytes of data in them: told without making them.
pub fn extent(script: &Value) -> (usize, usize) {
    let steps = script.as_array().into_iter().flatten();
    steps.fold((0, 0), |(events, bytes), step| {
        let number = |name: &str| step.get(name).and_then(Value::as_u64);
        let text = step.get("data").and_then(Value::as_str).map(str::len);
        let fill = number("fill").and_then(|bytes| usize::try_from(bytes).ok());
        let Some(data) = text.or(fill) else {
            return (events, bytes);
        };
        let repeat = number("repeat").and_then(|count| usize::try_from(count).ok());
        let repeat = repeat.unwrap_or(1);
        (events + repeat, bytes + data * repeat)
    })
}

/// `text` with each CRLF and each lone CR replaced by LF.
pub fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::{decoded, encoded, extent, wanted};
    use serde_json::json;

    #[test]
    fn the_extent_is_told_without_making_anything() {
        let script =
            json!([{"data": "\u{e4}"}, {"fill": 3, "repeat": 4}, {"id": "7"}, {"end": "close"}]);
        let made: usize = wanted(&script).iter().map(|event| event.data.len()).sum();
        assert_eq!(extent(&script), (wanted(&script).len(), made));
        assert_eq!(extent(&script), (5, 14));
        assert_eq!(extent(&json!([{"fill": 1_u64 << 40}])), (1, 1 << 40));
    }

    #[test]
    fn what_a_script_asks_for() {
        let script = json!([
            {"id": "1", "data": "a\r\nb\rc"},
            {"sleep": 5},
            {"comment": "x"},
            {"event": "e", "fill": 3, "repeat": 2},
            {"id": "", "data": ""},
        ]);
        let seen: Vec<(String, String, String)> = wanted(&script)
            .into_iter()
            .map(|wanted| (wanted.event, wanted.data, wanted.id))
            .collect();
        let row = |event: &str, data: &str, id: &str| (event.into(), data.into(), id.into());
        assert_eq!(
            seen,
            [
                row("message", "a\nb\nc", "1"),
                row("e", "xxx", "1"),
                row("e", "xxx", "1"),
                row("message", "", ""),
            ]
        );
    }

    #[test]
    fn scripts_in_a_query() {
        let script = json!([{"data": "é&\u{0}"}]);
        let text = "%5B%7B%22data%22%3A%22%C3%A9%26%5Cu0000%22%7D%5D";
        assert_eq!(encoded(&script), text);
        assert_eq!(decoded(text), Some(script.to_string().into_bytes()));
        assert_eq!(decoded("%4"), None);
    }
}
