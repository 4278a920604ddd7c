//! Values of `Last-Event-ID` that the server never gave out. All of them are legal: an id is any text without NUL, LF and
//! CR (WHATWG HTML 9.2.4), and a browser sends back whatever it was given, by another version of the server too.

use crate::case::{Case, Experiment, Need};
use crate::cases::sse::played::{Outcome, played};
use crate::declared::Reading;
use crate::http::{Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, ask, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};
use rand_chacha::rand_core::RngCore as _;
use serde_json::json;

/// The connection with the unusual value.
const VALUE: &str = "value";

/// The same request without the field.
const CONTROL: &str = "control";

/// A script that gives the value back.
const ECHO: &str = "echo";

/// What is to be learned from a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lesson {
    /// What becomes of it is recorded, unless the server falls over it.
    Unknown,
    /// Whether the server falls over it.
    Hostile,
    /// The same, and whether it comes back as it was.
    Utf8,
}

/// A row of the table.
struct Value {
    /// The last segment of the id.
    name: &'static str,
    lesson: Lesson,
    /// What it is, for the title.
    what: &'static str,
    value: fn(&Stage) -> Vec<u8>,
}

const fn row(
    name: &'static str,
    lesson: Lesson,
    what: &'static str,
    value: fn(&Stage) -> Vec<u8>,
) -> Value {
    Value {
        name,
        lesson,
        what,
        value,
    }
}

/// A value of more than the 8 kB that many servers have for all fields together.
const LONG: usize = 16 * 1024;

const UTF8: &str = "grüße-€-😀";

use Lesson::{Hostile, Unknown, Utf8};

const ROWS: [Value; 12] = [
    row("id-unknown-random", Unknown, "a random word", |stage| {
        format!("{:016x}", stage.random("id").next_u64()).into_bytes()
    }),
    row("id-unknown-empty", Unknown, "no value", |_| Vec::new()),
    row("id-unknown-long", Unknown, "16 kB", |_| vec![b'x'; LONG]),
    row(
        "id-hostile-word",
        Hostile,
        "a word where a number is expected",
        |_| b"not-a-number".to_vec(),
    ),
    row("id-hostile-negative", Hostile, "-1", |_| b"-1".to_vec()),
    row("id-hostile-1e99", Hostile, "1e99", |_| b"1e99".to_vec()),
    row(
        "id-hostile-20-digits",
        Hostile,
        "a number beyond 64 bits",
        |_| b"99999999999999999999".to_vec(),
    ),
    row("id-hostile-blank", Hostile, "a blank inside", |_| {
        b"a b".to_vec()
    }),
    row("id-hostile-quotes", Hostile, "quotes", |_| {
        b"a'b\"c".to_vec()
    }),
    row("id-hostile-null", Hostile, "null", |_| b"null".to_vec()),
    row("id-hostile-4k", Hostile, "4 kB", |_| vec![b'x'; 4096]),
    row("id-utf8", Utf8, "text beyond ASCII", |_| {
        UTF8.as_bytes().to_vec()
    }),
];

pub(super) fn cases() -> Vec<Case> {
    let case = |row: Value| {
        let id = format!("sse/rec/{}", row.name);
        let title = format!("Last-Event-ID: {}", row.what);
        let (severity, requirements, expected): (_, &'static [&'static str], _) = match row.lesson {
            Lesson::Unknown => (
                Severity::Informational,
                &["sse/9.2.4/unknown-id-unspecified", "sse/9.2.4/value-space"],
                "recorded: a stream, a refusal or 204; no clause says what an unknown id leads to, but 5xx is an error",
            ),
            Lesson::Hostile => (
                Severity::Major,
                &["sse/9.2.4/value-space", "sse/9.2.4/unknown-id-unspecified"],
                "a stream, 204 or 4xx: the value is legal, and no reason to fall",
            ),
            Lesson::Utf8 => (
                Severity::Minor,
                &["sse/9.2.3/last-event-id-utf8", "sse/9.2.4/value-space"],
                "a stream or 204: clients send ids as UTF-8, and get back what they sent",
            ),
        };
        Case::new(
            id,
            severity,
            &[Need::Sse, Need::EventSource],
            requirements,
            row,
        )
        .about(title, expected)
        .hostile()
    };
    ROWS.into_iter().map(case).collect()
}

/// A request with this id, watched until its stream shows whether it goes on.
async fn try_out(stage: &Stage, label: &'static str, id: Option<&[u8]>) -> bool {
    let mut request = Request::event_source(&stage.setting);
    if let Some(id) = id {
        request.set("Last-Event-ID", id);
    }
    let mut exchange = ask(stage, label, &request).await;
    let decided = |heard: &Replies| {
        script::is_over(heard) || heard.first().is_none_or(|reply| !reply.pieces.is_empty())
    };
    exchange
        .listen_until(stage.setting.timing.at_once / 4, decided)
        .await;
    let heard = exchange.heard();
    heard.first().is_some_and(Reply::is_event_stream) && !script::is_over(heard)
}

impl Experiment for Value {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let value = (self.value)(stage);
            let goes_on = try_out(stage, VALUE, Some(&value)).await;
            if !goes_on {
                try_out(stage, CONTROL, None).await;
            }
            if self.lesson == Lesson::Utf8 && stage.setting.script.is_some() {
                let echo = json!([{"last_event_id": true}]);
                let mut request = script::request(&stage.setting, &echo);
                request.set("Last-Event-ID", value);
                let mut exchange = script::send(stage, ECHO, &request).await;
                script::listen_out(stage, &mut exchange, stage.setting.timing.patience).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, VALUE, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let control = Answer::on(transcript, CONTROL, &[]);
        let judgement = match &control {
            Some(control) if !control.streams() => Judgement::inconclusive(format!(
                "answered by {}, but a request without the field, which got a stream before, by {}",
                answer.in_words(),
                control.in_words()
            ))
            .to_confirm_alone(),
            Some(control) => self.refused(&answer, control),
            None => self.streamed(transcript),
        };
        match judgement.spot {
            Some(_) => judgement,
            None => judgement.at(answer.spot()),
        }
    }
}

/// Whether the stream of this answer ended at once.
fn ended(answer: &Answer) -> bool {
    answer.streams() && script::is_over(&answer.replies)
}

impl Value {
    fn recorded(&self, observed: String) -> Judgement {
        match self.lesson {
            Lesson::Unknown => Judgement::info(observed).resting_on("ambiguity/resumption"),
            Lesson::Hostile | Lesson::Utf8 => Judgement::pass(observed),
        }
    }

    /// No stream that goes on, where a request without the field gets one.
    fn refused(&self, answer: &Answer, control: &Answer) -> Judgement {
        const FOR_EVER: &str = "a browser that holds such an id comes back with it again and again, and never gets another event";
        let came = answer.in_words();
        let limit = self.name == "id-unknown-long";
        match answer.status() {
            Some(500..) if limit => Judgement::warn(format!(
                "a Last-Event-ID of 16 kB is answered by {came}, no field by a stream: a limit is to be told by a 4xx"
            ))
            .by("rfc9110/5.4/oversized-field-4xx"),
            Some(500..) => Judgement::fail(format!(
                "a legal Last-Event-ID, {}, is answered by {came}, no field by a stream: by its own word the server failed. \
                 A browser that holds such an id takes the answer for final",
                self.what
            ))
            .by("sse/9.2.4/value-space")
            .resting_on("ambiguity/last-event-id-beyond-ascii"),
            None if answer.is_silent() => Judgement::warn(format!(
                "a legal Last-Event-ID, {}, is answered by {came}, no field by a stream: {FOR_EVER}",
                self.what
            ))
            .resting_on_silence(),
            None if limit => Judgement::warn(format!(
                "a Last-Event-ID of 16 kB is answered by {came}, no field by a stream: a limit is to be told by a 4xx"
            ))
            .by("rfc9110/5.4/oversized-field-4xx"),
            None => Judgement::fail(format!(
                "a legal Last-Event-ID, {}, is answered by {came}, no field by a stream: {FOR_EVER}",
                self.what
            ))
            .by("sse/9.2.4/value-space"),
            Some(200) if ended(answer) && ended(control) => self.recorded(
                "a stream that ends at once, as without the field".into(),
            ),
            Some(200) if ended(answer) => Judgement::warn(format!(
                "a stream that ends at once, where it goes on without the field: {FOR_EVER}"
            )),
            Some(400..) if self.lesson == Lesson::Utf8 => Judgement::warn(format!(
                "an id beyond ASCII is answered by {came}, no field by a stream: clients send ids as they were given them, \
                 in UTF-8"
            ))
            .resting_on("ambiguity/last-event-id-beyond-ascii"),
            Some(_) => self.recorded(format!("answered by {came}")),
        }
    }

    fn streamed(&self, transcript: &Transcript) -> Judgement {
        if self.lesson != Lesson::Utf8 || transcript.connection(ECHO).is_none() {
            return self.recorded("a stream, as without the field".into());
        }
        let Outcome::Played(played) = played(transcript, ECHO) else {
            return self.recorded("a stream, as without the field".into());
        };
        match played.read.events.first() {
            Some(got) if got.data == UTF8 => {
                Judgement::pass("a stream, and the application reads the id as it was sent")
            }
            Some(got) => Judgement::warn(format!(
                "the id \"{UTF8}\" reaches the application as \"{}\": it finds no such event, and cannot resume there",
                printable(got.data.as_bytes(), 60)
            ))
            .resting_on("ambiguity/last-event-id-beyond-ascii")
            .at(played.answer.spot()),
            None => self.recorded("a stream, as without the field".into()),
        }
    }
}
