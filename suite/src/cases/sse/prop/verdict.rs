//! What is said of one script: what a conforming client reads, held against what was asked for.

use super::super::played::{Outcome, Played, played, refused_ordinary};
use super::draft::FORGED_RETRY;
use crate::judgement::{Judgement, Spot};
use crate::sse::Got;
use crate::sse::script::{self, Wanted};
use crate::transcript::Transcript;
use pushspec_reports::{Verdict, printable};
use serde_json::Value;

/// One script, judged.
pub(super) struct Judged {
    /// What is said of it.
    pub(super) judgement: Judgement,
    /// How many events a client read.
    pub(super) events: usize,
    /// Whether a value was refused.
    pub(super) refused: bool,
}

/// An event that is due.
struct Due {
    wanted: Wanted,
    /// The last event ID where its own is not written, or ignored.
    id_before: String,
    /// Which of its values no line can carry as they are.
    odd: Odd,
}

/// The value of a message that no line can carry as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Odd {
    Nothing,
    Data,
    Event,
    Id,
    Comment,
}

impl Odd {
    /// What of this step is odd.
    fn of(step: &Value) -> Self {
        let has = |member: &str, odd: &[char]| {
            step.get(member)
                .and_then(Value::as_str)
                .is_some_and(|text| text.contains(odd))
        };
        match () {
            () if has("data", &['\r', '\0']) => Self::Data,
            () if has("event", &['\r', '\n', '\0']) => Self::Event,
            () if has("id", &['\r', '\n', '\0']) => Self::Id,
            () if has("comment", &['\r', '\n', '\0']) => Self::Comment,
            () => Self::Nothing,
        }
    }

    /// What is broken where it is read as something else.
    fn requirement(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Data => Some("sse/9.2.5/no-injection-data"),
            Self::Event => Some("sse/9.2.5/no-injection-event-name"),
            Self::Id => Some("sse/9.2.5/no-injection-id"),
            Self::Comment => Some("sse/9.2.5/no-injection-comment"),
        }
    }
}

/// The events of a script in order, and what is odd in it.
fn dues(script: &Value) -> (Vec<Due>, Odd) {
    let steps = script.as_array().map_or(&[][..], Vec::as_slice);
    let mut wanted = script::wanted(script).into_iter();
    let (mut dues, mut oddest, mut id) = (Vec::new(), Odd::Nothing, String::new());
    for step in steps {
        let odd = Odd::of(step);
        if odd != Odd::Nothing {
            oddest = odd;
        }
        if step.get("data").is_none() {
            continue;
        }
        let Some(wanted) = wanted.next() else { break };
        let id_before = std::mem::replace(&mut id, wanted.id.clone());
        dues.push(Due {
            wanted,
            id_before,
            odd,
        });
    }
    (dues, oddest)
}

/// Judges the connection with this label, on which `script` was asked for.
pub(super) fn judged(transcript: &Transcript, label: &str, script: &Value) -> Judged {
    let said = |judgement| Judged {
        judgement,
        events: 0,
        refused: false,
    };
    let (dues, odd) = dues(script);
    match played(transcript, label) {
        Outcome::Not(judgement) => said(judgement),
        Outcome::Refused(answer) if odd == Odd::Nothing => {
            said(refused_ordinary(&answer, "a script of ordinary values"))
        }
        Outcome::Refused(answer) => Judged {
            refused: true,
            ..said(
                Judgement::pass(format!("the value is refused: {}", answer.in_words()))
                    .at(answer.spot()),
            )
        },
        Outcome::Played(played) => {
            let mut judged = compared(&dues, odd, &played);
            let offset = judged.judgement.spot.take().map_or(0, |spot| spot.offset);
            let offset = played
                .answer
                .reply()
                .map_or(0, |reply| reply.offset_of(offset));
            judged.judgement = judged
                .judgement
                .at(Spot::received(played.answer.label, offset));
            judged
        }
    }
}

/// Holds what a client reads against what is due; the place is one in the content.
fn compared(dues: &[Due], odd: Odd, played: &Played) -> Judged {
    let Played { answer, read, over } = played;
    let at = |offset| Spot::received(answer.label, offset);
    let said = |judgement: Judgement| Judged {
        judgement,
        events: read.events.len(),
        refused: false,
    };
    if read.undecodable || read.cut {
        return said(Judgement::inconclusive(
            "the stream is in a content coding that nobody asked for, and cannot be decoded whole",
        ));
    }
    let blamed = |judgement: Judgement| match odd.requirement() {
        Some(requirement) => judgement.by(requirement),
        None => judgement,
    };
    let forged = read.retries.iter().find(|line| line.text == FORGED_RETRY);
    if let Some(line) = forged {
        let observed = "what stands behind a line break is read as a reconnection time";
        return said(blamed(Judgement::fail(observed)).at(at(line.offset)));
    }
    let mut got = read.events.iter().peekable();
    let (mut passed_odd, mut changed, mut id) = (false, None, None);
    for (index, due) in dues.iter().enumerate() {
        let which = format!("event {} of {}", index + 1, dues.len());
        passed_odd |= due.odd != Odd::Nothing;
        let Some(event) = got.peek() else {
            // Who refuses in the middle may lose what it had not sent yet.
            if odd != Odd::Nothing && (*over || passed_odd) {
                return Judged {
                    refused: true,
                    ..said(Judgement::pass(
                        "the stream ends without the value that no line can carry",
                    ))
                };
            }
            let judgement = Judgement::fail(format!("{which} is missing"));
            return said(match over {
                true => judgement.to_confirm_alone(),
                false => judgement.resting_on_silence(),
            });
        };
        match due.against(event, id.as_deref()) {
            Ok(None) => {}
            Ok(Some(how)) => changed = Some((how, event.begin)),
            Err(_)
                if due.odd != Odd::Nothing
                    && dues.get(index + 1).is_some_and(|next| next.is_just(event)) =>
            {
                changed = Some((
                    format!("{which} is left out, with all that it holds"),
                    event.begin,
                ));
                continue;
            }
            Err(how) => {
                let judgement = Judgement::fail(format!("{which} {how}")).at(at(event.begin));
                return said(blamed(judgement).to_confirm_alone());
            }
        }
        id = Some(event.id.clone());
        got.next();
    }
    if let Some(more) = got.next() {
        let judgement = Judgement::fail(format!(
            "{} events were asked for, and one more came, with the data {}",
            dues.len(),
            shown(&more.data)
        ));
        return said(blamed(judgement.at(at(more.begin))).to_confirm_alone());
    }
    said(match changed {
        Some((how, offset)) => Judgement::warn(how).at(at(offset)),
        None => Judgement::pass("a client reads what was asked for"),
    })
}

impl Due {
    /// Whether a client reads it in `got`; what was taken out of data that no line can carry, if anything was.
    ///
    /// # Errors
    /// What differs.
    fn against(&self, got: &Got, id_now: Option<&str>) -> Result<Option<String>, String> {
        let Wanted { event, data, id } = &self.wanted;
        if got.event != *event && !(self.odd == Odd::Event && is_part(&got.event, event, "message"))
        {
            return Err(format!(
                "was to be of type {}, and is of type {}",
                shown(event),
                shown(&got.event)
            ));
        }
        // What became of an odd id stays until there is another.
        let inherited = *id == self.id_before && id_now.is_some_and(|now| now == got.id);
        let before = id_now.unwrap_or(&self.id_before);
        if got.id != *id && !inherited && !(self.odd == Odd::Id && is_part(&got.id, id, before)) {
            return Err(format!(
                "was to leave the last event ID {}, and leaves {}",
                shown(id),
                shown(&got.id)
            ));
        }
        if got.data == *data {
            return Ok(None);
        }
        let differs = format!(
            "was to carry {}, and a client reads {}",
            shown(data),
            shown(&got.data)
        );
        match self.odd == Odd::Data && stripped(&got.data) == stripped(data) {
            true => Ok(Some(format!("an event {differs}"))),
            false => Err(differs),
        }
    }

    /// Whether `got` can be nothing else.
    fn is_just(&self, got: &Got) -> bool {
        got.data == self.wanted.data && got.event == self.wanted.event
    }
}

/// Whether `got` is what was left of a value that no line can carry: without what breaks it, cut before that, or not
/// written.
fn is_part(got: &str, value: &str, instead: &str) -> bool {
    let cut = value.split(char::is_control).next().unwrap_or_default();
    got == stripped(value) || got == instead || got == cut || cut.is_empty() && got == "message"
}

fn stripped(text: &str) -> String {
    text.replace(char::is_control, "")
}

fn shown(text: &str) -> String {
    format!("\"{}\"", printable(text.as_bytes(), 60))
}

impl Judged {
    /// Whether the target is to blame.
    pub(super) fn is_failed(&self) -> bool {
        self.judgement.verdict == Verdict::Fail
    }
}
