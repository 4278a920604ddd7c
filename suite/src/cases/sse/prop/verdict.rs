//! What is said of one script: what a conforming client reads, held against what was asked for.

use super::super::played::{Outcome, Played, played, quoted, refused_ordinary};
use super::draft::{CANARY, FORGED_RETRY};
use crate::http::Reply;
use crate::judgement::{Judgement, Spot};
use crate::sse::script::{self, Wanted};
use crate::sse::{Got, Line};
use crate::transcript::Transcript;
use pushspec_reports::Verdict;
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
    /// Whether its id is one of its own; else it is that of an event before it.
    own_id: bool,
    /// Which of its values no line can carry as they are.
    odd: Odd,
}

/// The value of a message that no line can carry as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    Nothing,
    Data,
    Event,
    Id,
    Comment,
}

impl Odd {
    /// What of this step is odd.
    pub(super) fn of(step: &Value) -> Self {
        let has = |member: &str, odd: &[char]| text(step, member).contains(odd);
        match () {
            () if has("data", &['\r', '\0']) => Self::Data,
            () if has("event", &['\r', '\n', '\0']) => Self::Event,
            () if has("id", &['\r', '\n', '\0']) => Self::Id,
            () if has("comment", &['\r', '\n', '\0']) => Self::Comment,
            () => Self::Nothing,
        }
    }

    /// The member of a message that holds it.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Data => "data",
            Self::Event => "event",
            Self::Id => "id",
            Self::Comment => "comment",
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

/// A member of this step, if it is text.
fn text<'a>(step: &'a Value, member: &str) -> &'a str {
    step.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// What a script asks for.
struct Asked {
    /// Its events in order.
    dues: Vec<Due>,
    /// What is odd in it.
    odd: Odd,
    /// The lines behind the first of each odd value: none of them may become a field.
    behind: Vec<String>,
}

impl Asked {
    fn of(script: &Value) -> Self {
        let steps = script.as_array().map_or(&[][..], Vec::as_slice);
        let mut wanted = script::wanted(script).into_iter();
        let (mut dues, mut oddest, mut behind) = (Vec::new(), Odd::Nothing, Vec::new());
        let mut own_id = false;
        for step in steps {
            let odd = Odd::of(step);
            if odd != Odd::Nothing {
                oddest = odd;
                let lines = text(step, odd.member()).split(['\r', '\n']).skip(1);
                behind.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
            }
            own_id |= step.get("id").is_some();
            if step.get("data").is_none() {
                continue;
            }
            let Some(wanted) = wanted.next() else { break };
            let own_id = std::mem::take(&mut own_id);
            dues.push(Due {
                wanted,
                own_id,
                odd,
            });
        }
        Self {
            dues,
            odd: oddest,
            behind,
        }
    }

    fn blamed(&self, judgement: Judgement) -> Judgement {
        match self.odd.requirement() {
            Some(requirement) => judgement.by(requirement),
            None => judgement,
        }
    }
}

/// Judges the connection with this label, on which `script` was asked for.
pub(super) fn judged(transcript: &Transcript, label: &str, script: &Value) -> Judged {
    let said = |judgement| Judged {
        judgement,
        events: 0,
        refused: false,
    };
    let asked = Asked::of(script);
    match played(transcript, label) {
        Outcome::Not(judgement) => said(judgement),
        Outcome::Refused(answer) if asked.odd == Odd::Nothing => {
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
            let mut judged = compared(&asked, &played);
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

/// Holds what a client reads against what was asked for; the place is one in the content.
fn compared(asked: &Asked, played: &Played) -> Judged {
    let read = &played.read;
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
    let forged = |line: &Line, as_what: &str| {
        let observed = format!("what stands behind a line break is read as {as_what}");
        let at = Spot::received(played.answer.label, line.offset);
        said(asked.blamed(Judgement::fail(observed)).at(at))
    };
    if let Some(line) = read.retries.iter().find(|line| line.text == FORGED_RETRY) {
        return forged(line, "a reconnection time");
    }
    let is_behind = |line: &&Line| asked.behind.contains(&line.text);
    if let Some(line) = read.ignored.iter().find(is_behind) {
        return forged(line, "a field of its own, which clients ignore");
    }
    // The message with the odd value may be there or not: either way all others must stand as they were written.
    let as_written = held(asked, played, false);
    if asked.dues.iter().all(|due| due.odd == Odd::Nothing) {
        return as_written;
    }
    let without = held(asked, played, true);
    match (as_written.is_failed(), without.is_failed()) {
        (true, false) => without,
        (false, false) if read.events.len() < asked.dues.len() => without,
        (_, true) | (false, false) => as_written,
    }
}

/// Holds events against those that are due, all of them or `without` those that have an odd value.
fn held(asked: &Asked, played: &Played, without: bool) -> Judged {
    let Played { answer, read, over } = played;
    let at = |offset| Spot::received(answer.label, offset);
    let said = |judgement: Judgement, refused: bool| Judged {
        judgement,
        events: read.events.len(),
        refused,
    };
    let mut got = read.events.iter().peekable();
    let (mut passed_odd, mut changed) = (false, None);
    // The last event ID, and the one of a message that was left out: a writer may have written that much of it.
    let (mut id, mut perhaps) = (String::new(), None);
    for (index, due) in asked.dues.iter().enumerate() {
        let which = format!("event {} of {}", index + 1, asked.dues.len());
        passed_odd |= due.odd != Odd::Nothing;
        if without && due.odd != Odd::Nothing {
            let begin = got.peek().map_or(0, |next| next.begin);
            // Text is an application's own: it is not to vanish unseen.
            if due.odd == Odd::Data {
                changed = Some((
                    format!("{which} is left out, with all that it holds"),
                    begin,
                ));
            }
            if due.own_id && due.odd != Odd::Id {
                perhaps = Some(due.wanted.id.clone());
            }
            continue;
        }
        let Some(event) = got.peek() else {
            // Who refuses in the middle may lose what it had not sent yet.
            if asked.odd != Odd::Nothing && (*over || passed_odd) {
                let observed = "the stream ends without the value that no line can carry";
                return said(Judgement::pass(observed), true);
            }
            let judgement = Judgement::fail(format!("{which} is missing"));
            return match over {
                true => said(judgement.to_confirm_alone(), false),
                false => said(judgement.resting_on_silence(), false),
            };
        };
        match due.against(event, &id, perhaps.as_deref()) {
            Ok(None) => {}
            Ok(Some(how)) => changed = Some((how, event.begin)),
            Err(wrong) => {
                let judgement = match read.not_utf8 {
                    // What is not text is no forgery.
                    Some(offset) if wrong.got.contains(char::REPLACEMENT_CHARACTER) => {
                        Judgement::fail(format!(
                            "{which} {}: the stream is not UTF-8, and clients read U+FFFD in place of what is not",
                            wrong.how
                        ))
                        .by("sse/9.2.5/utf8")
                        .at(at(offset))
                    }
                    Some(_) | None => {
                        let content = answer.reply().map(Reply::content).unwrap_or_default();
                        let offset = line_of(&content, event.begin, wrong.field);
                        let judgement = Judgement::fail(format!("{which} {}", wrong.how));
                        asked.blamed(judgement).at(at(offset))
                    }
                };
                return said(judgement.to_confirm_alone(), false);
            }
        }
        id.clone_from(&event.id);
        perhaps = None;
        got.next();
    }
    if let Some(more) = got.next() {
        let judgement = Judgement::fail(format!(
            "{} events were asked for, and one more came, with the data {}",
            asked.dues.len(),
            shown(&more.data)
        ));
        let judgement = asked.blamed(judgement.at(at(more.begin)));
        return said(judgement.to_confirm_alone(), false);
    }
    match changed {
        Some((how, offset)) => said(Judgement::warn(how).at(at(offset)), without),
        None => said(
            Judgement::pass("a client reads what was asked for"),
            without,
        ),
    }
}

/// What is not as it was to be.
struct Wrong {
    /// The field that says it.
    field: &'static str,
    /// What a client reads of it.
    got: String,
    /// Both in words.
    how: String,
}

/// Where the line stands, in the block that begins here, that forges something; else the last line of this field, or the block.
fn line_of(content: &[u8], begin: u64, field: &str) -> u64 {
    let start = usize::try_from(begin).unwrap_or(usize::MAX);
    let block = content.get(start..).unwrap_or_default();
    let (mut offset, mut found, mut after_cr) = (begin, begin, false);
    for line in block.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
        let text = line.strip_suffix(b"\r").or(line.strip_suffix(b"\n"));
        let text = text.unwrap_or(line);
        let is_half = after_cr && line == b"\n";
        after_cr = line.ends_with(b"\r");
        if text.windows(CANARY.len()).any(|it| it == CANARY.as_bytes()) {
            return offset;
        }
        if text.is_empty() && !is_half {
            break;
        }
        if text.starts_with(field.as_bytes()) {
            found = offset;
        }
        offset += line.len() as u64;
    }
    found
}

impl Due {
    /// Whether a client reads it in `got`, behind an event that left `id_now`, or `perhaps` another id; what became of data
    /// that no line can carry, if anything did.
    ///
    /// An odd value may become anything (RFC 9110 section 5.5 has a blank in its place, others escape it), as long as it
    /// is not what it forges.
    ///
    /// # Errors
    /// What differs.
    fn against(
        &self,
        got: &Got,
        id_now: &str,
        perhaps: Option<&str>,
    ) -> Result<Option<String>, Wrong> {
        let Wanted { event, data, id } = &self.wanted;
        let is_harmless = |odd: Odd, value: &str| self.odd == odd && !value.starts_with(CANARY);
        if got.event != *event && !is_harmless(Odd::Event, &got.event) {
            return Err(Wrong {
                field: "event",
                got: got.event.clone(),
                how: format!(
                    "was to be of type {}, and is of type {}",
                    shown(event),
                    shown(&got.event)
                ),
            });
        }
        let (id, is_right) = match self.own_id {
            true => (id.as_str(), got.id == *id || is_harmless(Odd::Id, &got.id)),
            false => (id_now, got.id == id_now || perhaps == Some(&got.id)),
        };
        if !is_right {
            return Err(Wrong {
                field: "id",
                got: got.id.clone(),
                how: format!(
                    "was to leave the last event ID {}, and leaves {}",
                    shown(id),
                    shown(&got.id)
                ),
            });
        }
        if got.data == *data {
            return Ok(None);
        }
        let differs = format!(
            "was to carry {}, and a client reads {}",
            shown(data),
            shown(&got.data)
        );
        match got
            .data
            .split('\n')
            .all(|line| is_harmless(Odd::Data, line))
        {
            true => Ok(Some(format!("an event {differs}"))),
            false => Err(Wrong {
                field: "data",
                got: got.data.clone(),
                how: differs,
            }),
        }
    }
}

fn shown(text: &str) -> String {
    quoted(text, 60)
}

impl Judged {
    /// Whether the target is to blame.
    pub(super) fn is_failed(&self) -> bool {
        self.judgement.verdict == Verdict::Fail
    }
}
