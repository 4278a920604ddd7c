//! What came back, held against what was sent.

use super::{MANY_FRAGMENTS, Message};
use crate::declared::{Profile, Reading};
use crate::judgement::{Judgement, Spot};
use crate::ws::outcome::manner;
use crate::ws::{Dialogue, HeardMessage};
use pushspec_parser::ws::Opcode;
use pushspec_reports::printable;

/// An endpoint that echoed so many bytes when it was probed has no smaller limit.
pub(in crate::ws) const PROBED: usize = 16;

/// A bare drop at a larger message may be a limit of the target.
const DROPPED_FOR_SIZE: usize = 4096;

/// So many messages in a row may be more than the target takes from one client.
const MANY_MESSAGES: usize = 50;

/// What came back, held against what was sent. Indexes of `expected` and of what was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// The first message that did not come back, or not in its turn.
    pub missing: Option<usize>,
    /// What came in its place.
    pub instead: Option<usize>,
    /// The first that came after one that was sent behind it.
    pub late: Option<usize>,
    /// The first that came again.
    pub again: Option<usize>,
    /// The first that is none of ours.
    pub foreign: Option<usize>,
}

impl Compared {
    /// Holds `heard` against `expected`.
    pub fn of(expected: &[Message], heard: &[HeardMessage]) -> Self {
        let mut compared = Self::default();
        let mut next = 0;
        let same = |message: &Message, heard: &HeardMessage| {
            message.opcode == heard.opcode && message.payload == heard.payload
        };
        let mut foreign_in_turn = None;
        for (index, heard) in heard.iter().enumerate() {
            let found = expected[next..]
                .iter()
                .position(|message| same(message, heard));
            if let Some(skipped) = found {
                if skipped > 0 && compared.missing.is_none() {
                    compared.missing = Some(next);
                    compared.instead = foreign_in_turn;
                }
                next += skipped + 1;
                foreign_in_turn = None;
            } else if expected[..next].iter().any(|message| same(message, heard)) {
                // Seen before, or left out before: then this is it, too late.
                let slot = match compared.missing {
                    Some(missing) if same(&expected[missing], heard) => &mut compared.late,
                    Some(_) | None => &mut compared.again,
                };
                slot.get_or_insert(index);
            } else {
                compared.foreign.get_or_insert(index);
                foreign_in_turn.get_or_insert(index);
            }
        }
        if next < expected.len() && compared.missing.is_none() {
            compared.missing = Some(next);
            compared.instead = foreign_in_turn;
        }
        compared
    }

    /// Whether something is missing, and nothing else is wrong.
    pub fn only_missing(&self) -> bool {
        self.missing.is_some() && [self.instead, self.late, self.again, self.foreign] == [None; 4]
    }
}

/// What is wrong with the echoes; none where each came back once, the same, in order.
///
/// `expected` ends with a message that was sent when the others had come back.
pub fn flaw(
    label: &'static str,
    expected: &[Message],
    compared: &Compared,
    heard: &Dialogue,
    reading: &Reading,
) -> Option<Judgement> {
    let at = |index: usize| Spot::received(label, heard.messages[index].offset);
    if let Some(missing) = compared.missing {
        let sent = &expected[missing];
        if let Some(late) = compared.late {
            let observed = format!("{sent} came back behind a message that was sent after it");
            return Some(Judgement::fail(observed).at(at(late)));
        }
        if let Some(instead) = compared.instead {
            let observed = changed(sent, &heard.messages[instead]);
            return Some(Judgement::fail(observed).at(at(instead)));
        }
        return Some(lost(sent, missing, expected, heard, reading));
    }
    let again = compared.again?;
    let message = &heard.messages[again];
    let payload = printable(&message.payload, 60);
    let observed = format!(
        "the {} message \"{payload}\" was sent once and came back more than once",
        message.opcode
    );
    Some(Judgement::fail(observed).at(at(again)))
}

/// Whether a target may be unwilling to take the message, so that it drops the connection.
pub(super) fn may_be_too_large(sent: &Message) -> bool {
    sent.payload.len() > DROPPED_FOR_SIZE || sent.frames >= MANY_FRAGMENTS
}

/// A message for which nothing came.
fn lost(
    sent: &Message,
    index: usize,
    expected: &[Message],
    heard: &Dialogue,
    reading: &Reading,
) -> Judgement {
    let what = sent.to_string();
    let others = expected.len() - 1;
    let which = match index {
        _ if index == others => "a message sent when all others had come back".into(),
        _ if others <= 1 => what.clone(),
        _ => format!("{what}, number {} of {others}", index + 1),
    };
    // What came behind it, if anything, shows that the target went on without it.
    let went_on = expected[index + 1..]
        .iter()
        .any(|later| heard.message(later.opcode, &later.payload).is_some());
    if went_on {
        return Judgement::fail(format!("{which} never came back, a later message did"));
    }
    if !heard.is_ending() {
        return Judgement::fail(format!("{which} never came back")).resting_on_silence();
    }
    let ended = manner(heard);
    let close = heard.close().map(|close| close.code);
    if index == others {
        // A server may close when it likes (section 7.3), and what was asked for came; but not with a reproach.
        let judgement = match close {
            Some(Some(1002 | 1003 | 1007 | 1009 | 1011)) => Judgement::fail(format!(
                "everything came back; then the target closed as if something had been wrong: {ended}"
            )),
            Some(_) | None => Judgement::info(format!(
                "everything came back; then the target ended the conversation ({ended})"
            )),
        };
        return judgement.to_confirm_alone();
    }
    let length = sent.payload.len();
    let lenient = reading.profile != Profile::Autobahn;
    let limit = reading.declared.message_limit;
    match close {
        // What is beyond the declared limit is the target's to refuse: ws/limits/declared-plus-1-single reads it in the same way.
        None | Some(None | Some(..1009 | 1010..))
            if lenient && limit.is_some_and(|limit| length as u64 > limit) =>
        {
            Judgement::warn(format!(
                "{which}, beyond the declared limit, was answered by {ended}: Close 1009 would tell the client why"
            ))
            .by("rfc6455/7.4.1/1009-too-big")
        }
        Some(Some(code @ (1008 | 1009)))
            if lenient
                && (code == 1009 && length > PROBED || sent.frames >= MANY_FRAGMENTS) =>
        {
            Judgement::info(format!(
                "the target has a limit: {which} is more than it takes ({ended})"
            ))
            .by("rfc6455/10.4/impose-limits")
        }
        // Section 7.4.1: 1008 stands where there is no other, more suitable code. Where a limit was declared, this is not it.
        Some(Some(1008)) if lenient && limit.is_none() && may_be_too_large(sent) => {
            Judgement::info(format!(
                "the target has a limit, it seems: {which} was answered by {ended}, for which there is Close 1009"
            ))
            .by("rfc6455/7.4.1/1009-too-big")
        }
        // A server may close when it likes (section 7.3), and count what one client sends.
        Some(None | Some(1000 | 1001 | 1008 | 1013))
            if lenient && index > 0 && others >= MANY_MESSAGES =>
        {
            Judgement::info(format!(
                "the target has a limit: {index} of {others} messages in a row came back, then {ended}"
            ))
            .by("rfc6455/10.4/impose-limits")
            .to_confirm_alone()
        }
        // Section 7.4.1: an endpoint that understands text alone may say so.
        Some(Some(1003)) if lenient && sent.opcode == Opcode::BINARY => Judgement::info(format!(
            "the target takes no binary messages: {which} was answered by {ended}"
        ))
        .by("rfc6455/7.4.1/1003-for-unacceptable-type"),
        None if may_be_too_large(sent) => Judgement::inconclusive(format!(
            "{ended} in answer to {which}: that may be a limit of the target (Close 1009 would say so)"
        )),
        Some(_) | None => Judgement::fail(format!(
            "{}, which is legal, was answered by {ended} instead of its echo",
            which.trim_end_matches(',')
        ))
        .to_confirm_alone(),
    }
}

/// A message that came back otherwise than it was sent.
fn changed(sent: &Message, heard: &HeardMessage) -> String {
    let what = sent;
    if sent.payload == heard.payload {
        return format!("{what} came back as a {} message", heard.opcode);
    }
    let differs = sent
        .payload
        .iter()
        .zip(&heard.payload)
        .position(|(sent, heard)| sent != heard);
    let (length, came) = (sent.payload.len(), heard.payload.len());
    match differs {
        // Nothing of it: bytes that were changed, or somebody else's message. Whoever reads what came can tell.
        Some(0) => format!(
            "{what} did not come back: in its place came the {} message \"{}\" of {came} bytes",
            heard.opcode,
            printable(&heard.payload, 60)
        ),
        Some(byte) if length == came => format!("{what} came back changed, from byte {byte} on"),
        Some(byte) => {
            format!("{what} came back with {came} bytes, different from byte {byte} on")
        }
        None if came == 0 => format!("{what} came back empty"),
        None if came < length => {
            format!("{what} came back without its last bytes: {came} are left")
        }
        None => format!(
            "{what} came back with {} more bytes behind it",
            came - length
        ),
    }
}
