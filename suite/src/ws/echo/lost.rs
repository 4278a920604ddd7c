//! What is said of a message for which nothing came.

use super::Message;
use super::compare::Compared;
use crate::declared::{Profile, Reading};
use crate::judgement::Judgement;
use crate::ws::outcome::manner;
use crate::ws::words::quoted;
use crate::ws::{Dialogue, HeardClose};
use pushspec_parser::ws::Opcode;

/// An endpoint that echoed so many bytes when it was probed has no smaller limit.
pub(in crate::ws) const PROBED: usize = 16;

/// A bare drop at a larger message may be a limit of the target.
const DROPPED_FOR_SIZE: usize = 4096;

/// So many fragments may be more than the target takes.
pub(super) const MANY_FRAGMENTS: usize = 10;

/// So many messages in a row may be more than the target takes from one client.
pub(super) const MANY_MESSAGES: usize = 50;

/// Whether a target may be unwilling to take the message, so that it drops the connection.
pub(super) fn may_be_too_large(sent: &Message) -> bool {
    sent.payload.len() > DROPPED_FOR_SIZE || sent.frames >= MANY_FRAGMENTS
}

/// Whether Close 1009 may be meant for the message.
fn may_be_too_big(sent: &Message) -> bool {
    sent.payload.len() > PROBED || sent.frames >= MANY_FRAGMENTS
}

/// Whether a Close says good-bye and reproaches nobody: either side may do so at any time (RFC 6455 section 7.3). What the
/// private codes say, only the application knows.
pub fn is_farewell(close: &HeardClose) -> bool {
    match close.code {
        None => close.body.is_empty(),
        Some(code) => matches!(code, 1000 | 1001 | 1012..=1014 | 3000..=4999),
    }
}

/// What is said of the message at `missing`, behind which nothing came. `expected` ends with a message that was sent when the
/// others had come back.
pub(super) fn lost(
    expected: &[Message],
    missing: usize,
    compared: &Compared,
    heard: &Dialogue,
    reading: &Reading,
) -> Judgement {
    let sent = &expected[missing];
    let others = expected.len() - 1;
    let which = match missing {
        _ if missing == others => "a last text (sent when all others had come back)".into(),
        _ if others <= 1 => sent.to_string(),
        _ => format!("{sent} (number {} of {others})", missing + 1),
    };
    if compared.went_on {
        return Judgement::fail(format!("{which} never came back, a later message did"));
    }
    if !heard.is_ending() {
        let foreign = compared.instead.map(|index| &heard.messages[index]);
        return Judgement::fail(match foreign {
            None => format!("{which} never came back"),
            Some(came) => format!(
                "{which} never came back; what came was the {} message {}",
                came.opcode,
                quoted(&came.payload)
            ),
        })
        .resting_on_silence();
    }
    let ended = manner(heard);
    let close = heard.close();
    let lenient = reading.profile != Profile::Autobahn;
    if missing == others {
        // A server may close when it likes, and what was asked for came; but not with a reproach.
        let judgement = match close.and_then(|close| close.code) {
            Some(1002 | 1003 | 1007 | 1009 | 1011) => Judgement::fail(format!(
                "everything came back; then the target closed as if something had been wrong: {ended}"
            )),
            Some(_) | None => Judgement::info(format!(
                "everything came back; then the target ended the conversation ({ended})"
            )),
        };
        return judgement.to_confirm_alone();
    }
    if lenient && let Some(judgement) = limit(expected, missing, &which, heard, reading) {
        return judgement;
    }
    match close {
        // Whoever breaks the framing says nothing that can be believed.
        Some(close) if lenient && is_farewell(close) && heard.findings.is_empty() => {
            let before = match missing {
                0 => String::new(),
                _ => format!("; {missing} of {others} messages had come back"),
            };
            Judgement::info(format!(
                "the target said good-bye ({ended}) before the echo of {which}, as it may at any time{before}"
            ))
            .by("rfc6455/7.3/server-may-close")
            .to_confirm_alone()
        }
        // Section 7.4.1: an endpoint that understands text alone may say so.
        Some(HeardClose {
            code: Some(1003), ..
        }) if lenient && sent.opcode == Opcode::BINARY => Judgement::info(format!(
            "the target takes no binary messages: {which} was answered by {ended}"
        ))
        .by("rfc6455/7.4.1/1003-for-unacceptable-type"),
        None if may_be_too_large(sent) => Judgement::inconclusive(format!(
            "{ended} in answer to {which}: that may be a limit of the target (Close 1009 would say so)"
        )),
        Some(_) | None => Judgement::fail(format!(
            "{which}, which is legal, was answered by {ended} instead of its echo"
        ))
        .to_confirm_alone(),
    }
}

/// What is said of an end over which a limit may stand; none where that is not to be seen.
fn limit(
    expected: &[Message],
    missing: usize,
    which: &str,
    heard: &Dialogue,
    reading: &Reading,
) -> Option<Judgement> {
    let sent = &expected[missing];
    let others = expected.len() - 1;
    // All were sent at once: the target may have read on, and closed over a later one before the echoes of these went out.
    let unanswered = &expected[missing..others];
    let ended = manner(heard);
    let code = heard.close().map(|close| close.code);
    let declared = reading.declared.message_limit;
    let beyond = |limit: u64| {
        let mut unanswered = unanswered.iter();
        unanswered.find(|message| message.payload.len() as u64 > limit)
    };
    let judgement = match code {
        // What is beyond the declared limit is the target's to refuse: ws/limits/declared-plus-1-single reads it in the same way.
        None | Some(None | Some(..1009 | 1010..)) if declared.and_then(beyond).is_some() => {
            let beyond = declared.and_then(beyond).unwrap_or(sent);
            Judgement::warn(format!(
                "{beyond}, beyond the declared limit, was answered by {ended}: Close 1009 would tell the client why"
            ))
            .by("rfc6455/7.4.1/1009-too-big")
        }
        Some(Some(1009))
            if unanswered
                .iter()
                .all(|message| taken_before(message, &expected[..missing], heard)) =>
        {
            Judgement::warn(format!(
                "{which} was answered by {ended}, though the same had come back on this connection before: 1009 tells of a \
                 message that is too big, and nothing here is bigger than what was taken"
            ))
            .by("rfc6455/7.4.1/1009-too-big")
            .to_confirm_alone()
        }
        Some(Some(1009)) if may_be_too_big(sent) => Judgement::info(format!(
            "the target has a limit: {which} is more than it takes ({ended})"
        ))
        .by("rfc6455/10.4/impose-limits"),
        Some(Some(1009)) if unanswered.iter().any(may_be_too_big) => Judgement::info(format!(
            "the target has a limit: of what was sent with {which}, something is more than it takes ({ended})"
        ))
        .by("rfc6455/10.4/impose-limits"),
        Some(Some(1008)) if unanswered.iter().any(|it| it.frames >= MANY_FRAGMENTS) => {
            Judgement::info(format!(
                "the target has a limit: {which} is more than it takes ({ended})"
            ))
            .by("rfc6455/10.4/impose-limits")
        }
        // Section 7.4.1: 1008 stands where there is no other, more suitable code. Where a limit was declared, this is not it.
        Some(Some(1008)) if declared.is_none() && unanswered.iter().any(may_be_too_large) => {
            Judgement::info(format!(
                "the target has a limit, it seems: {which} was answered by {ended}, for which there is Close 1009"
            ))
            .by("rfc6455/7.4.1/1009-too-big")
        }
        // Section 10.4: what one client sends may be counted.
        Some(Some(1008)) if missing > 0 && others >= MANY_MESSAGES => Judgement::info(format!(
            "the target has a limit: {missing} of {others} messages in a row came back, then {ended}"
        ))
        .by("rfc6455/10.4/impose-limits")
        .to_confirm_alone(),
        Some(_) | None => return None,
    };
    Some(judgement)
}

/// Whether a message came back before that no limit of messages, frames or fragments tells from this one. What compression
/// makes of two that are not the same is another matter.
fn taken_before(message: &Message, before: &[Message], heard: &Dialogue) -> bool {
    before.iter().any(|taken| {
        let as_large = match (heard.compression, message.frames) {
            (Some(_), _) => taken.payload == message.payload,
            (None, 1) => taken.payload.len() >= message.payload.len(),
            (None, _) => taken.payload.len() == message.payload.len(),
        };
        as_large && (taken.opcode, taken.frames) == (message.opcode, message.frames)
    })
}
