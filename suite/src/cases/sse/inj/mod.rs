//! `sse/inj`: text of an application that is to become a field or an event of its own.
//!
//! A value that contains a line break is handed to the event writer, with a forged field behind the break. It may be
//! refused, escaped, stripped or split; what it forges may never be read by a client. Each script ends with an ordinary
//! event, which shows where the value ended.

mod reflection;

use super::played::{Outcome, Played, played};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::sse::{Got, Line, Read, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};
use serde_json::{Value, json};

/// The connection on which the script is asked for.
const SCRIPT: &str = "script";

/// What is forged: nothing that an application would say.
const CANARY: &str = "pushspec-forged";

/// The data of the event that carries the value, where the value is not its data.
const INNOCENT: &str = "innocent";

/// The event behind it.
const BEHIND: &str = "behind it";

/// A row of the table.
struct Injection {
    /// The last segment of the id.
    name: &'static str,
    /// The member of the message that carries the value.
    member: &'static str,
    /// What it is, for people.
    called: &'static str,
    value: Value,
    /// What is in the value.
    with: &'static str,
    severity: Severity,
    requirements: &'static [&'static str],
}

const DATA: &[&str] = &["sse/9.2.5/no-injection-data"];
const NAME: &[&str] = &["sse/9.2.5/no-injection-event-name"];
const ID: &[&str] = &["sse/9.2.5/no-injection-id"];
const COMMENT: &[&str] = &["sse/9.2.5/no-injection-comment"];
const RETRY: &[&str] = &["sse/9.2.5/no-injection-retry"];

/// Id, member, noun, value, what is in it, requirements.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const TEXTS: [Row; 15] = [
    (
        "data-lf",
        "data",
        "data",
        "x\nid: pushspec-forged",
        "LF and a forged id",
        DATA,
    ),
    (
        "data-cr",
        "data",
        "data",
        "x\rid: pushspec-forged",
        "a lone CR and a forged id",
        DATA,
    ),
    (
        "data-crlf",
        "data",
        "data",
        "x\r\nid: pushspec-forged",
        "CRLF and a forged id",
        DATA,
    ),
    (
        "data-lflf",
        "data",
        "data",
        "x\n\ndata: pushspec-forged",
        "two LF and a forged event",
        DATA,
    ),
    (
        "data-crcr",
        "data",
        "data",
        "x\r\rdata: pushspec-forged",
        "two CR and a forged event",
        DATA,
    ),
    (
        "event-name-lf",
        "event",
        "event name",
        "x\nid: pushspec-forged",
        "LF and a forged id",
        NAME,
    ),
    (
        "event-name-cr",
        "event",
        "event name",
        "x\rid: pushspec-forged",
        "a lone CR and a forged id",
        NAME,
    ),
    (
        "event-name-crlf",
        "event",
        "event name",
        "x\r\nid: pushspec-forged",
        "CRLF and a forged id",
        NAME,
    ),
    (
        "event-name-double",
        "event",
        "event name",
        "x\ndata: pushspec-forged\n\n",
        "line breaks and a forged event",
        NAME,
    ),
    (
        "id-lf",
        "id",
        "id",
        "7\nevent: pushspec-forged",
        "LF and a forged event name",
        ID,
    ),
    (
        "id-cr",
        "id",
        "id",
        "7\revent: pushspec-forged",
        "a lone CR and a forged event name",
        ID,
    ),
    (
        "id-crlf",
        "id",
        "id",
        "7\r\nevent: pushspec-forged",
        "CRLF and a forged event name",
        ID,
    ),
    ("id-nul", "id", "id", "7\0pushspec", "NUL", ID),
    (
        "comment-lf",
        "comment",
        "comment",
        "x\nid: pushspec-forged",
        "LF and a forged id",
        COMMENT,
    ),
    (
        "comment-cr",
        "comment",
        "comment",
        "x\rid: pushspec-forged",
        "a lone CR and a forged id",
        COMMENT,
    ),
];

fn rows() -> Vec<Injection> {
    let text = |(name, member, called, value, with, requirements): Row| Injection {
        name,
        member,
        called,
        value: json!(value),
        with,
        severity: Severity::Critical,
        requirements,
    };
    let retry = |name, value, with| Injection {
        name,
        member: "retry",
        called: "reconnection time",
        value,
        with,
        severity: Severity::Major,
        requirements: RETRY,
    };
    let mut rows: Vec<Injection> = TEXTS.into_iter().map(text).collect();
    rows.push(retry(
        "retry-text",
        json!("1\nid: pushspec-forged"),
        "text, LF and a forged id",
    ));
    rows.push(retry(
        "retry-text-cr",
        json!("1\rid: pushspec-forged"),
        "text, a lone CR and a forged id",
    ));
    rows.push(retry("retry-negative", json!(-1), "a negative number"));
    rows.push(retry("retry-float", json!(1.5), "a fraction"));
    rows
}

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
    let rows = rows().into_iter().map(case);
    rows.chain(reflection::cases()).collect()
}

impl Injection {
    fn script(&self) -> Value {
        let mut message = json!({ "data": INNOCENT });
        message[self.member] = self.value.clone();
        json!([message, {"data": BEHIND}])
    }
}

impl Experiment for Injection {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let patience = stage.setting.timing.patience;
            script::play(stage, SCRIPT, &self.script(), patience).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        match played(transcript, SCRIPT) {
            Outcome::Not(judgement) => judgement,
            Outcome::Refused(answer) => Judgement::pass(format!(
                "{} with {} is refused: {}",
                self.called,
                self.with,
                answer.in_words()
            ))
            .at(answer.spot()),
            Outcome::Played(played) => self.judge_played(&played),
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

impl Injection {
    fn judge_played(&self, played: &Played) -> Judgement {
        let Played { answer, read, over } = played;
        let at = |offset: u64| {
            let offset = answer.reply().map_or(0, |reply| reply.offset_of(offset));
            Spot::received(answer.label, offset)
        };
        let value = match &self.value {
            Value::String(text) => format!("`{}`", printable(text.as_bytes(), 60)),
            other => other.to_string(),
        };
        // An id, an event name and data are forged where a client reads them as such; an ordinary value never is.
        if let Some((what, offset)) = forged(read) {
            return Judgement::fail(format!(
                "the {} {value} leaves its line: what stands behind the break is read as {what}. Whoever can choose such a \
                 value can send any event to everybody who listens",
                self.called
            ))
            .at(at(offset));
        }
        let missing = !read.events.iter().any(|got| got.data == BEHIND);
        if missing && !over {
            return Judgement::inconclusive(
                "the stream did not go on to the event behind the value",
            )
            .resting_on_silence()
            .to_confirm_alone();
        }
        if missing {
            return Judgement::pass(format!(
                "the stream ends before {} with {} would have come: refused",
                self.called, self.with
            ))
            .at(at(0));
        }
        let before = read.events.iter().take_while(|got| got.data != BEHIND);
        let before: Vec<&Got> = before.collect();
        if let Some(extra) = before.get(1) {
            return Judgement::fail(format!(
                "the {} {value} became several events: the second carries \"{}\"",
                self.called,
                printable(extra.data.as_bytes(), 40)
            ))
            .at(at(extra.begin));
        }
        self.judge_kept(read, before.first().copied(), &value)
            .at(at(before.first().map_or(0, |got| got.begin)))
    }

    /// Nothing was forged: what became of the value itself.
    fn judge_kept(&self, read: &Read, got: Option<&Got>, value: &str) -> Judgement {
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
            return Judgement::pass(format!("no event comes of the {} {value}", self.called));
        };
        if self.member != "data" {
            return Judgement::pass(format!(
                "nothing of the {} {value} leaves its line",
                self.called
            ));
        }
        let text = self.value.as_str().unwrap_or_default();
        match script::normalised(text) == got.data {
            true => Judgement::pass(
                "each line of the text is a data line, and a client reads the text as it was",
            ),
            false => Judgement::pass(format!(
                "nothing is forged: a client reads \"{}\" where {value} was written; whether it ought to is for \
                 sse/enc/multiline to say",
                printable(got.data.as_bytes(), 60)
            )),
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
