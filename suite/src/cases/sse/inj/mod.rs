//! `sse/inj`: text of an application that is to become a field or an event of its own.
//!
//! A value that contains a line break is handed to the event writer, with a forged field behind the break. It may be
//! refused, escaped, stripped or split; what it forges may never be read by a client. Each script ends with an ordinary
//! event, which shows where the value ended. Before them comes the twin: the same script with an ordinary value, which shows
//! whether the endpoint offers the step at all, for a refusal says nothing where an ordinary value is refused too.

mod reflection;
mod rows;

use self::rows::Injection;
use super::played::{Outcome, Played, played};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, Got, Line, Read, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Verdict, printable};
use serde_json::{Value, json};

/// The connection on which the ordinary value is asked for.
const TWIN: &str = "twin";

/// Those on which the others are, in their order.
const SCRIPTS: [&str; 3] = ["script", "break-last", "break-thrice"];

/// What is forged: nothing that an application would say.
const CANARY: &str = "pushspec-forged";

/// The data of the event that carries the value, where the value is not its data.
const INNOCENT: &str = "innocent";

/// The event behind it.
const BEHIND: &str = "behind it";

pub(super) fn cases() -> Vec<Case> {
    let case = |row: Injection| {
        let id = format!("sse/inj/{}", row.name);
        let title = format!("{} with {}", row.called, row.with);
        let expected = match row.member {
            "data" => "each line of the text is a data line; refused, it is no event at all",
            "retry" => {
                "refused, or left out; what stands in the stream is a number in digits alone"
            }
            _ => {
                "refused, or written without what breaks the line or the value; nothing of it becomes a field or an event"
            }
        };
        Case::new(id, row.severity, &[Need::Script], row.requirements, row).about(title, expected)
    };
    let rows = rows::rows().into_iter().map(case);
    rows.chain(reflection::cases()).collect()
}

impl Injection {
    fn script(&self, value: &Value) -> Value {
        let mut message = json!({ "data": INNOCENT });
        message[self.member] = value.clone();
        json!([message, {"data": BEHIND}])
    }
}

impl Experiment for Injection {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let patience = stage.setting.timing.patience;
            let twin = self.script(&self.ordinary);
            script::play(stage, TWIN, &twin, patience).await;
            if Twin::of(&stage.transcript(), self).is_err() {
                return;
            }
            for (label, value) in SCRIPTS.into_iter().zip(&self.values) {
                script::play(stage, label, &self.script(value), patience).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let twin = match Twin::of(transcript, self) {
            Ok(twin) => twin,
            Err(judgement) => return *judgement,
        };
        let scripts = SCRIPTS.into_iter().zip(&self.values);
        let judgements =
            scripts.map(|(label, value)| self.judge_value(transcript, label, value, &twin));
        worst(judgements.collect())
    }
}

/// The judgement that counts. Where nothing is wrong, all that was seen.
fn worst(judgements: Vec<Judgement>) -> Judgement {
    let rank = |judgement: &Judgement| match judgement.verdict {
        Verdict::Fail => 0,
        Verdict::Warn => 1,
        Verdict::Inconclusive | Verdict::Error => 2,
        Verdict::Pass | Verdict::Info | Verdict::Skip => 3,
    };
    let mut seen: Vec<String> = Vec::new();
    for judgement in &judgements {
        if !seen.contains(&judgement.observed) {
            seen.push(judgement.observed.clone());
        }
    }
    let worst = judgements.into_iter().min_by_key(rank);
    let worst = worst.unwrap_or_else(|| Judgement::inconclusive("nothing was asked for"));
    match worst.verdict {
        Verdict::Pass => Judgement {
            observed: seen.join("; "),
            ..worst
        },
        _ => worst,
    }
}

/// What the endpoint makes of the ordinary value.
struct Twin {
    read: Read,
    /// The data of the event behind it, as this endpoint writes it.
    behind: String,
}

impl Twin {
    /// What came of it.
    ///
    /// # Errors
    /// A judgement: nothing can be said of other values, because the endpoint does not write an ordinary one.
    fn of(transcript: &Transcript, row: &Injection) -> Result<Self, Box<Judgement>> {
        let Injection {
            called, ordinary, ..
        } = row;
        let not_offered = |came: String| {
            Judgement::new(
                Verdict::Skip,
                format!(
                    "needs `script`: the endpoint does not offer the step: an ordinary {called}, {ordinary}, {came}"
                ),
            )
        };
        let played = match played(transcript, TWIN) {
            Outcome::Not(judgement) => return Err(Box::new(judgement)),
            Outcome::Refused(answer) => {
                let came = format!("is answered by {}", answer.in_words());
                return Err(Box::new(not_offered(came).at(answer.spot())));
            }
            Outcome::Played(played) => *played,
        };
        let Played { answer, read, over } = played;
        match read.events.as_slice() {
            [first, behind] if row.shows(&read, first) => Ok(Self {
                behind: behind.data.clone(),
                read,
            }),
            [] | [_] if !over => Err(Box::new(
                Judgement::inconclusive(
                    "a script of two ordinary events does not go on to the second",
                )
                .resting_on_silence()
                .to_confirm_alone()
                .at(answer.spot()),
            )),
            [_, _] => Err(Box::new(
                not_offered("is not written".into()).at(answer.spot()),
            )),
            events => {
                let came = format!("comes as {} events where the script has two", events.len());
                Err(Box::new(not_offered(came).at(answer.spot())))
            }
        }
    }
}

impl Injection {
    /// Whether the ordinary value stands in the stream.
    fn shows(&self, read: &Read, first: &Got) -> bool {
        match self.member {
            "event" => first.event != "message",
            "id" => !first.id.is_empty(),
            "comment" => {
                let ordinary = self.ordinary.as_str().unwrap_or_default();
                let comments = read.comments.iter().map(|line| line.text.trim());
                comments
                    .into_iter()
                    .any(|text| text.eq_ignore_ascii_case(ordinary))
            }
            "retry" => !read.retries.is_empty(),
            _ => true,
        }
    }

    fn judge_value(
        &self,
        transcript: &Transcript,
        label: &str,
        value: &Value,
        twin: &Twin,
    ) -> Judgement {
        match played(transcript, label) {
            Outcome::Not(judgement) => judgement,
            Outcome::Refused(answer) => {
                let came = answer.in_words();
                Judgement::pass(format!("refused: {came}")).at(answer.spot())
            }
            Outcome::Played(played) => self.judge_played(&played, value, twin),
        }
    }
}

/// What a client reads that the value has forged; where. A value that was kept in its line begins otherwise.
fn forged(read: &Read) -> Option<(String, u64)> {
    let event = |got: &Got| {
        let what = match () {
            () if got.event.starts_with(CANARY) => "the name of an event",
            () if got.id.starts_with(CANARY) => "the last event ID",
            () if got.data == CANARY => "the data of an event of its own",
            () if got.data.starts_with(&format!("{CANARY}\n")) => "data of the event",
            () => return None,
        };
        Some((what.to_owned(), got.begin))
    };
    let line = |line: &Line| {
        let what = format!(
            "a line of its own, `{}`",
            printable(line.text.as_bytes(), 60)
        );
        line.text.contains(CANARY).then_some((what, line.offset))
    };
    let mut events = read.events.iter();
    events
        .find_map(event)
        .or_else(|| read.ignored.iter().find_map(line))
}

/// Where a byte of the content lies.
fn spot_of(answer: &Answer, offset: u64) -> Spot {
    let offset = answer.reply().map_or(0, |reply| reply.offset_of(offset));
    Spot::received(answer.label, offset)
}

impl Injection {
    fn judge_played(&self, played: &Played, value: &Value, twin: &Twin) -> Judgement {
        let Played { answer, read, over } = played;
        let at = |offset: u64| spot_of(answer, offset);
        let shown = match value {
            Value::String(text) => format!("`{}`", printable(text.as_bytes(), 60)),
            other => other.to_string(),
        };
        // An id, an event name and data are forged where a client reads them as such; an ordinary value never is.
        if let Some((what, offset)) = forged(read) {
            return Judgement::fail(format!(
                "the {} {shown} leaves its line: what stands behind the break is read as {what}. Whoever can choose such a \
                 value can send any event to everybody who listens",
                self.called
            ))
            .at(at(offset));
        }
        let missing = !read.events.iter().any(|got| got.data == twin.behind);
        if missing && !over {
            return Judgement::inconclusive(
                "the stream did not go on to the event behind the value",
            )
            .resting_on_silence()
            .to_confirm_alone();
        }
        if missing {
            return Judgement::pass("refused: the stream ends before it would have come").at(at(0));
        }
        let before = read.events.iter().take_while(|got| got.data != twin.behind);
        let before: Vec<&Got> = before.collect();
        if let Some(extra) = before.get(1) {
            return Judgement::fail(format!(
                "the {} {shown} became several events: the second carries \"{}\"",
                self.called,
                printable(extra.data.as_bytes(), 40)
            ))
            .at(at(extra.begin));
        }
        let first = before.first().copied();
        let judgement = match self.member {
            "data" => None,
            _ => self.torn(read, first, &twin.read, &shown),
        };
        let judgement = judgement.unwrap_or_else(|| self.judge_kept(read, first, value, &shown));
        judgement.at(at(first.map_or(0, |got| got.begin)))
    }

    /// What it means that there is an empty line which an ordinary value does not bring: the value's own line break. Whether
    /// anything is lost by it depends on the order in which the writer writes its fields.
    fn torn(
        &self,
        read: &Read,
        first: Option<&Got>,
        ordinary: &Read,
        shown: &str,
    ) -> Option<Judgement> {
        let was_named =
            ordinary.events.first().map(|got| &got.event) != first.map(|got| &got.event);
        let dead = read.dead > ordinary.dead;
        // A heartbeat brings a comment with each empty line.
        let spare = read.blanks + ordinary.comments.len() > ordinary.blanks + read.comments.len();
        let judgement = match (dead, self.member) {
            (true, "event") if was_named => Judgement::fail(format!(
                "the event name {shown} tears its event: its line break comes out as an empty line, which ends the event before \
                 its data, and the data comes without the name"
            )),
            (false, _) if !spare => return None,
            (true | false, _) => Judgement::warn(format!(
                "the line break of the {} {shown} comes out as an empty line, which ends the event where it stands: nothing is \
                 lost by it here; a field that was written before would be",
                self.called
            )),
        };
        Some(judgement.to_confirm_alone())
    }

    /// Nothing was forged: what became of the value itself.
    fn judge_kept(&self, read: &Read, got: Option<&Got>, value: &Value, shown: &str) -> Judgement {
        if self.name == "id-nul" && read.ids_with_nul > 0 {
            return Judgement::warn(
                "NUL is copied into the id: clients ignore such an id, and name an older one when they come back",
            );
        }
        if self.member == "retry" {
            return match read.retries.iter().find(|line| !is_number(&line.text)) {
                Some(line) => Judgement::warn(format!(
                    "the stream has `retry: {}`, which is more than digits: clients ignore it",
                    printable(line.text.as_bytes(), 40)
                )),
                None => Judgement::pass("no reconnection time that is none stands in the stream"),
            };
        }
        let Some(got) = got else {
            return Judgement::pass("left out, and its event with it");
        };
        if self.member != "data" {
            return Judgement::pass("nothing of it leaves its line");
        }
        let text = value.as_str().unwrap_or_default();
        match script::normalised(text) == got.data {
            true => Judgement::pass(
                "each line of the text is a data line, and a client reads the text as it was",
            ),
            false => Judgement::pass(format!(
                "nothing is forged: a client reads \"{}\" where {shown} was written; whether it ought to is for \
                 sse/enc/multiline-* to say",
                printable(got.data.as_bytes(), 60)
            )),
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
