//! What came back, held against what was sent.

use super::lost::{PROBED, lost};
use super::{MARKER, Message, binary, text};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::ws::words::{bytes, quoted};
use crate::ws::{Dialogue, HeardMessage};

/// Bytes of large messages on their way, so many of which are as good as an answer: a target that sends them is slow, not
/// silent. What one says of its own accord is less.
const STRIDE: u64 = 16 << 10;

/// What came back, held against what was sent. Indexes of `expected` and of what was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// The first message that did not come back, or not in its turn.
    pub missing: Option<usize>,
    /// What came in its place: something of ours in another form, or what the target says of its own accord.
    pub instead: Option<usize>,
    /// Whether a message that was sent behind it came: then nobody waits for it any more.
    pub went_on: bool,
    /// How many came, each in its turn or in that of one before.
    pub came: usize,
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
                    compared.went_on = true;
                }
                next += skipped + 1;
                compared.came += 1;
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

/// Whether something is what cases say: then it is of another connection.
fn is_of_a_case(payload: &[u8]) -> bool {
    let length = payload.len();
    payload == MARKER || length > PROBED && (payload == text(length) || payload == binary(length))
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
        let instead = compared
            .instead
            .map(|index| (index, &heard.messages[index]));
        match instead {
            // Where nothing behind it came either, it may be a word of the target's own, and the message on its way.
            Some((index, came))
                if compared.went_on || is_like(sent, came) || is_of_a_case(&came.payload) =>
            {
                return Some(Judgement::fail(changed(sent, came)).at(at(index)));
            }
            Some(_) | None => return Some(lost(expected, missing, compared, heard, reading)),
        }
    }
    let again = compared.again?;
    let message = &heard.messages[again];
    let observed = format!(
        "the {} message {} was sent once and came back more than once",
        message.opcode,
        quoted(&message.payload)
    );
    Some(Judgement::fail(observed).at(at(again)))
}

/// How far the answers to these messages have come. A target that gets further is slow, not silent.
pub fn progress(expected: &[Message], heard: &Dialogue) -> usize {
    let total: usize = expected.iter().map(|message| message.payload.len()).sum();
    let strides = heard.frame_bytes.min(total as u64) / STRIDE;
    Compared::of(expected, &heard.messages).came + strides as usize
}

/// Whether what came is what was sent in another form, and not somebody else's word: the same bytes, or half of them from
/// the beginning or the end.
fn is_like(sent: &Message, heard: &HeardMessage) -> bool {
    let (sent, came) = (&sent.payload, &heard.payload);
    if sent == came {
        return true;
    }
    fn alike<'a>(sent: impl Iterator<Item = &'a u8>, came: impl Iterator<Item = &'a u8>) -> usize {
        sent.zip(came).take_while(|(a, b)| a == b).count()
    }
    let alike = alike(sent.iter(), came.iter()).max(alike(sent.iter().rev(), came.iter().rev()));
    alike > 0 && 2 * alike >= sent.len().max(came.len())
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
            "{what} did not come back: in its place came the {} message {} of {}",
            heard.opcode,
            quoted(&heard.payload),
            bytes(came)
        ),
        Some(byte) if length == came => format!("{what} came back changed, from byte {byte} on"),
        Some(byte) => {
            format!(
                "{what} came back with {}, different from byte {byte} on",
                bytes(came)
            )
        }
        None if came == 0 => format!("{what} came back empty"),
        None if came < length => {
            format!("{what} came back without its last bytes: {came} are left")
        }
        None => format!(
            "{what} came back with {} more behind it",
            bytes(came - length)
        ),
    }
}
