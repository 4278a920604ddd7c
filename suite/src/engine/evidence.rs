//! From a transcript to what a report shows: bounded, decoded, and without secrets.

use super::blotted::{Blotted, blotted};
use crate::ambiguity;
use crate::case::{Case, Need};
use crate::judgement::{Judgement, Spot};
use crate::secrets::Secrets;
use crate::stage::Setting;
use crate::target::Protocol;
use crate::transcript::{Connection, GUARD, Transcript, What};
use memchr::memmem;
use pushspec_parser::ws::{FrameDecoder, FrameEvent, FrameHeader, Opcode};
use pushspec_reports::{
    CaseResult, Direction, Evidence, Excerpt, Exchange, Moment, Place, Verdict, Window, printable,
};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

/// Moments kept of one connection: half from its beginning, half from its end.
const MOMENTS: usize = 64;

/// Bytes of a moment that are kept whole; of a longer one head and tail are.
const WHOLE: usize = 512;

/// Bytes kept at the tail of a longer one.
const TAIL: usize = 64;

/// Decoded lines kept for one moment.
const LINES: usize = 24;

/// Frames, or lines, of a connection that are decoded each way.
const DECODED: usize = 4 * 1024;

/// Bytes of a connection that moments show; beyond, each shows but its beginning. A report holds hundreds of cases.
const ROOM: usize = 8 * 1024;

/// Bytes of a moment that are kept beyond that.
const BEGINNING: usize = 32;

/// Bytes shown on each side of a spot.
const AROUND: u64 = 48;

/// A report's entry for a case.
pub(super) fn result(
    case: &Case,
    judgement: &Judgement,
    transcript: &Transcript,
    setting: &Setting,
    duration: Duration,
) -> CaseResult {
    let secrets = setting.secrets();
    CaseResult {
        case: case.id.clone(),
        title: case.title.clone(),
        verdict: judgement.verdict,
        severity: case.severity,
        expected: case.expected.clone(),
        observed: hidden(&judgement.observed, &secrets),
        requirement: deciding(judgement.verdict, judgement.requirement, case.requirements),
        requirements: case.requirements.iter().map(|&id| id.to_owned()).collect(),
        ambiguities: ambiguity::of_case(&judgement.ambiguities, &case.id),
        place: judgement
            .spot
            .and_then(|spot| place(transcript, spot, &secrets)),
        evidence: match &judgement.smallest {
            None => of(transcript, setting.target.protocol, &secrets),
            Some(smallest) => {
                let told_by = [smallest.connection, GUARD];
                let mut told = transcript.clone();
                told.connections
                    .retain(|connection| told_by.contains(&connection.label));
                of(&told, setting.target.protocol, &secrets)
            }
        },
        witnesses: Vec::new(),
        bytes_judged: None,
        exchange: judgement
            .smallest
            .as_ref()
            .map(|smallest| smallest.exchange.clone()),
        duration_ms: duration.as_millis() as u64,
        replay: replay(setting, &case.id, case.needs),
        scored: true,
    }
}

/// The requirement that a verdict rests on: the one the judge named, else the first that the case examines.
pub(super) fn deciding(verdict: Verdict, named: Option<&str>, examined: &[&str]) -> Option<String> {
    match verdict {
        Verdict::Fail | Verdict::Warn | Verdict::Info | Verdict::Pass => {
            named.or(examined.first().copied()).map(str::to_owned)
        }
        Verdict::Skip | Verdict::Inconclusive | Verdict::Error => None,
    }
}

/// The command that runs just this case again and sends the same bytes.
pub(super) fn replay(setting: &Setting, case: &str, needs: &[Need]) -> String {
    let mut line = format!("pushspec check '{}' --case {case}", setting.target);
    if needs.contains(&Need::Command)
        && let Some(command) = &setting.command
    {
        let _ = write!(line, " --command '{}'", command.target);
    }
    // Cases that need no script may use one.
    if let Some(script) = &setting.script {
        let _ = write!(line, " --script '{}'", script.target);
    }
    let _ = write!(line, "{} --seed {}", setting.flags, setting.seed);
    line
}

/// What a report shows of a transcript.
pub(super) fn of(transcript: &Transcript, protocol: Protocol, secrets: &Secrets) -> Evidence {
    let exchanges = transcript
        .connections
        .iter()
        .map(|connection| exchange(connection, protocol, secrets))
        .collect();
    Evidence { exchanges }
}

/// A spot with the bytes around it.
pub(super) fn place(transcript: &Transcript, spot: Spot, secrets: &Secrets) -> Option<Place> {
    let connection = transcript.connection(spot.connection)?;
    let stream = blotted(connection, spot.direction, secrets).bytes;
    let start = spot.offset.saturating_sub(AROUND) / 16 * 16;
    let bytes = stream.get(start as usize..)?;
    let end = bytes.len().min((spot.offset - start + AROUND) as usize);
    Some(Place {
        connection: spot.connection.into(),
        direction: spot.direction,
        offset: spot.offset,
        window: Window {
            start,
            bytes: hex(&bytes[..end]),
        },
    })
}

fn exchange(connection: &Connection, protocol: Protocol, secrets: &Secrets) -> Exchange {
    let sent = blotted(connection, Direction::Sent, secrets);
    let received = blotted(connection, Direction::Received, secrets);
    let (sent_lines, received_lines) = (lines(&sent, protocol), lines(&received, protocol));
    let (sent, received) = (sent.bytes, received.bytes);
    let (mut sent_at, mut received_at) = (0, 0);
    let mut moments = Vec::new();
    let mut room = ROOM;
    for event in &connection.events {
        let at_us = event.at.as_micros() as u64;
        let mut bytes_moment =
            |direction, at: &mut usize, stream: &[u8], lines: &[(u64, String)], len: usize| {
                let range = *at..*at + len;
                *at += len;
                let bytes = &stream[range.clone()];
                let told = within(lines, &range);
                let (bytes, decoded) = match room {
                    0 => (beginning(bytes), decoded(told, 1)),
                    _ => (excerpt(bytes), decoded(told, LINES)),
                };
                room = room.saturating_sub(len.min(WHOLE));
                moments.push(Moment::Bytes {
                    at_us,
                    direction,
                    offset: range.start as u64,
                    bytes,
                    decoded,
                });
            };
        let text = match &event.what {
            What::Sent(bytes) => {
                bytes_moment(
                    Direction::Sent,
                    &mut sent_at,
                    &sent,
                    &sent_lines,
                    bytes.len(),
                );
                continue;
            }
            What::Received(bytes) => {
                bytes_moment(
                    Direction::Received,
                    &mut received_at,
                    &received,
                    &received_lines,
                    bytes.len(),
                );
                continue;
            }
            // What became of it follows.
            What::Planned(_) => continue,
            What::Connected => "connected".into(),
            What::NotConnected(reason) => reason.clone(),
            What::SentFin => "→ TCP FIN".into(),
            What::SentReset => "→ TCP RST".into(),
            What::NotSent(reason) => format!("not sent: {reason}"),
            What::Ended(end) => format!("← {end}"),
            What::ToldToStop => "the target is told to stop".into(),
            What::TimedOut { awaited, waited } => {
                format!("waited {} s in vain for {awaited}", waited.as_secs_f32())
            }
            What::Streamed(streamed) => format!(
                "streamed {} bytes, of which nothing is kept; {} whole messages came back; then: {}",
                streamed.sent, streamed.messages, streamed.came
            ),
            What::Flooded(flooded) => format!(
                "sent {} bytes of a flood, of which nothing is kept; {} frames came; then: {}",
                flooded.sent, flooded.frames, flooded.came
            ),
            What::Negotiated(protocol) => format!("TLS agreed on {protocol}"),
            What::Told(told) => hidden(&format!("the client {told}"), secrets),
            What::Full => "stopped reading: the target sent more than the case reads".into(),
        };
        moments.push(Moment::Note { at_us, text });
    }
    let left_out = moments.len().saturating_sub(MOMENTS);
    if left_out > 0 {
        moments.drain(MOMENTS / 2..MOMENTS / 2 + left_out);
        moments.shrink_to_fit();
    }
    Exchange {
        label: connection.label.into(),
        moments,
        left_out,
    }
}

/// The lines, of these in the order of their offsets, that begin within a range. There may be as many ranges as lines.
fn within<'l>(lines: &'l [(u64, String)], range: &Range<usize>) -> &'l [(u64, String)] {
    let before = |end: usize| lines.partition_point(|(offset, _)| *offset < end as u64);
    &lines[before(range.start)..before(range.end)]
}

fn decoded(lines: &[(u64, String)], most: usize) -> Vec<String> {
    let (shown, more) = lines.split_at(lines.len().min(most));
    // No more room than for these: a report holds tens of thousands of such lists.
    let mut decoded: Vec<String> = shown.iter().map(|(_, line)| line.clone()).collect();
    if let more @ 1.. = more.len() {
        decoded.push(format!("… {more} more …"));
    }
    decoded
}

/// What is shown decoded of what went one way: one line for each element, and one wherever something was left out.
fn lines(blotted: &Blotted, protocol: Protocol) -> Vec<(u64, String)> {
    let mut lines = decode(&blotted.bytes, protocol);
    lines.extend(blotted.left_out.iter().map(|&at| {
        let told = "(left out: decoded, it holds a secret)";
        (at as u64, told.to_owned())
    }));
    lines.sort_by_key(|(offset, _)| *offset);
    lines
}

/// A text in which a target may have quoted what it was told: without secrets, and fit for a terminal.
pub(super) fn hidden(text: &str, secrets: &Secrets) -> String {
    printable(secrets.hide(text).as_bytes(), usize::MAX)
}

/// One line for each element of what one side sent, with the offset at which it begins.
fn decode(stream: &[u8], protocol: Protocol) -> Vec<(u64, String)> {
    let mut lines = Vec::new();
    let head = head_len(stream);
    for (offset, line) in text_lines(&stream[..head]) {
        if !line.is_empty() {
            lines.push((offset, printable(line, 160)));
        }
    }
    let rest = &stream[head..];
    let upgraded = stream.starts_with(b"GET ") || stream.get(8..12) == Some(b" 101");
    match protocol {
        // Behind a request that was refused another may follow.
        Protocol::WebSocket if upgraded && head > 0 && !rest.starts_with(b"GET ") => {
            frames(rest, head as u64, &mut lines);
        }
        Protocol::WebSocket | Protocol::EventStream => {
            for (offset, line) in text_lines(rest).take(DECODED) {
                lines.push((head as u64 + offset, printable(line, 160)));
            }
        }
    }
    lines
}

/// The length of the HTTP head, blank line included; all where there is no blank line.
pub(super) fn head_len(stream: &[u8]) -> usize {
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    ends.iter()
        .filter_map(|end| memmem::find(stream, end).map(|at| at + end.len()))
        .min()
        .unwrap_or(stream.len())
}

/// Lines with the offset at which each begins, without their ends.
fn text_lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut offset = 0;
    bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map(move |line| {
            let at = offset;
            offset += line.len() as u64;
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            (at, line.strip_suffix(b"\r").unwrap_or(line))
        })
}

fn frames(bytes: &[u8], start: u64, lines: &mut Vec<(u64, String)>) {
    let mut decoder = FrameDecoder::new();
    let mut current: Option<(u64, FrameHeader, Vec<u8>)> = None;
    decoder.feed(bytes, |event| match event {
        _ if lines.len() >= DECODED => current = None,
        FrameEvent::Header { header, offset } => {
            current = Some((start + offset, header, Vec::new()))
        }
        FrameEvent::Payload { bytes, .. } => {
            if let Some((_, _, payload)) = &mut current {
                payload.extend(&bytes[..bytes.len().min(128 - payload.len().min(128))]);
            }
        }
        FrameEvent::End { .. } => {
            if let Some((offset, header, payload)) = current.take() {
                lines.push((offset, frame_line(&header, &payload)));
            }
        }
    });
    if let Some((offset, header, payload)) = current {
        lines.push((
            offset,
            format!("{} (cut short)", frame_line(&header, &payload)),
        ));
    } else if !decoder.is_between_frames() {
        lines.push((
            start + bytes.len() as u64 - decoder.unfinished_header().len() as u64,
            "a cut frame header".into(),
        ));
    }
}

/// A frame in one line: what it is, what is odd about it, its payload.
fn frame_line(header: &FrameHeader, payload: &[u8]) -> String {
    let mut line = header.opcode.to_string();
    if !header.fin {
        line.push_str(" FIN=0");
    }
    for (bit, name) in [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")] {
        if header.rsv & bit != 0 {
            let _ = write!(line, " {name}");
        }
    }
    let _ = write!(
        line,
        " {} byte{}",
        header.length,
        if header.length == 1 { "" } else { "s" }
    );
    match header.masking_key {
        Some([a, b, c, d]) => {
            let _ = write!(line, " masked {a:02x}{b:02x}{c:02x}{d:02x}");
        }
        None => line.push_str(" unmasked"),
    }
    let payload = match (header.opcode, payload) {
        (Opcode::CLOSE, [high, low, reason @ ..]) => {
            let _ = write!(line, " code {}", u16::from_be_bytes([*high, *low]));
            reason
        }
        (_, payload) => payload,
    };
    if !payload.is_empty() {
        // A byte that is no text takes four characters to show.
        let shown = if std::str::from_utf8(payload).is_ok() {
            60
        } else {
            16
        };
        let _ = write!(line, " \"{}\"", printable(payload, shown));
    }
    line
}

fn excerpt(bytes: &[u8]) -> Excerpt {
    if bytes.len() > WHOLE {
        let (head, tail) = (&bytes[..WHOLE - TAIL], &bytes[bytes.len() - TAIL..]);
        return cut(bytes, head, tail);
    }
    Excerpt {
        len: bytes.len() as u64,
        head: hex(bytes),
        tail: String::new(),
        sha256: String::new(),
    }
}

/// The same where there is no more room.
fn beginning(bytes: &[u8]) -> Excerpt {
    match bytes.split_at_checked(BEGINNING) {
        Some((head, rest)) if !rest.is_empty() => cut(bytes, head, &[]),
        Some(_) | None => excerpt(bytes),
    }
}

fn cut(bytes: &[u8], head: &[u8], tail: &[u8]) -> Excerpt {
    Excerpt {
        len: bytes.len() as u64,
        head: hex(head),
        tail: hex(tail),
        sha256: hex(&Sha256::digest(bytes)),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("a nibble");
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_a_handshake_is_told_as_what_it_is() {
        let handshake = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
        let told = |behind: &[u8]| {
            let stream = [handshake.as_bytes(), behind].concat();
            let lines = decode(&stream, Protocol::WebSocket);
            let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
            lines[2..].join("; ")
        };
        assert_eq!(told(b"\x89\x80abcd"), "ping 0 bytes masked 61626364");
        assert_eq!(
            told(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
            "GET / HTTP/1.1; Host: h; "
        );
    }
}
