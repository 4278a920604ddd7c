//! Values of `Last-Event-ID` that the server never gave out. All of them are legal: an id is any text without NUL, LF and
//! CR (WHATWG HTML 9.2.4), and a browser sends back whatever it was given, by another version of the server too.

use super::fate::{Fate, moves_on, same_content, try_out};
use crate::case::{Case, Experiment, Need};
use crate::cases::sse::played::{Outcome, played};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, Got, Read, outwait, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict, printable};
use rand_chacha::rand_core::RngCore as _;
use serde_json::json;
use std::time::Duration;

/// The connection with the unusual value.
const VALUE: &str = "value";

/// The same once more, where nothing came: who was full, and forgot it, answers now.
const AGAIN: &str = "again";

/// The same request without the field.
const CONTROL: &str = "control";

/// The same request with the word of [`WORDS`].
const WORD: &str = "word";

/// The case that asks with a plain word. Where any word is the matter, it alone says so: one bug counts once.
const WORDS: &str = "id-hostile-word";

/// A plain word.
const A_WORD: &[u8] = b"not-a-number";

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

/// What becomes of a browser whose id leads to nothing.
const FOR_EVER: &str = "a browser that holds such an id comes back with it again and again, and never gets another event";

use Lesson::{Hostile, Unknown, Utf8};

const ROWS: [Value; 12] = [
    row("id-unknown-random", Unknown, "a random word", |stage| {
        format!("{:016x}", stage.random("id").next_u64()).into_bytes()
    }),
    row("id-unknown-empty", Unknown, "no value", |_| Vec::new()),
    row("id-unknown-long", Unknown, "16 kB", |_| vec![b'x'; LONG]),
    row(WORDS, Hostile, "a word where a number is expected", |_| {
        A_WORD.to_vec()
    }),
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
                "recorded: a stream, a refusal or 204; no clause says what an unknown id leads to. 5xx is for id-hostile-*",
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
    };
    ROWS.into_iter().map(case).collect()
}

/// The request of a client that saw this id.
fn with_id(stage: &Stage, id: &[u8]) -> Request {
    let mut request = Request::event_source(&stage.setting);
    request.set("Last-Event-ID", id);
    request
}

/// What such a request comes to.
async fn fate_of(stage: &Stage, label: &'static str, request: &Request, watched: Duration) -> Fate {
    Fate::of(try_out(stage, label, request, watched).await.heard())
}

impl Experiment for Value {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let value = (self.value)(stage);
            let at_once = stage.setting.timing.at_once;
            let mut tried = try_out(stage, VALUE, &with_id(stage, &value), at_once / 4).await;
            let fate = Fate::of(tried.heard());
            if fate != Fate::GoesOn {
                let watched = fate.watched(at_once);
                let ordinary = Request::event_source(&stage.setting);
                let control = fate_of(stage, CONTROL, &ordinary, watched).await;
                let silent = tried.heard().first().is_none() && !script::is_over(tried.heard());
                let outwaited = async {
                    if silent {
                        let again = with_id(stage, &value);
                        let again = try_out(stage, AGAIN, &again, at_once / 4);
                        tokio::join!(outwait(stage, &mut tried), again);
                    }
                };
                // A refusal needs no other, but of what is no ASCII: a word may fell a server that refuses this.
                let compared = fate != Fate::Refused || self.lesson == Lesson::Utf8;
                let streams = matches!(control, Fate::GoesOn | Fate::Ends);
                let of_word = async {
                    if streams && compared && self.name != WORDS {
                        fate_of(stage, WORD, &with_id(stage, A_WORD), watched).await;
                    }
                };
                tokio::join!(outwaited, of_word);
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
        let again = Answer::on(transcript, AGAIN, &[]);
        let answer = match again.filter(|again| again.reply().is_some()) {
            Some(again) if answer.reply().is_none() => again,
            Some(_) | None => answer,
        };
        let control = Answer::on(transcript, CONTROL, &[]);
        let judgement = match &control {
            Some(control) if !control.streams() => Judgement::inconclusive(format!(
                "answered by {}, but a request without the field, which got a stream before, by {}",
                answer.in_words(),
                control.in_words()
            ))
            .to_confirm_alone(),
            Some(control) => {
                let word = Answer::on(transcript, WORD, &[]);
                let moves_on = moves_on(transcript, &answer);
                let judgement = self.refused(&answer, control, word.as_ref(), moves_on);
                // What rests on silence was waited for, and the target is seen to answer others meanwhile.
                match judgement.verdict {
                    Verdict::Fail | Verdict::Warn if !judgement.rests_on_silence => {
                        judgement.to_confirm_alone()
                    }
                    _ => judgement,
                }
            }
            None => self.streamed(transcript),
        };
        match judgement.spot {
            Some(_) => judgement,
            None => judgement.at(answer.spot()),
        }
    }
}

impl Value {
    fn recorded(&self, observed: String) -> Judgement {
        match self.lesson {
            Lesson::Unknown => Judgement::info(observed).resting_on("ambiguity/resumption"),
            Lesson::Hostile | Lesson::Utf8 => Judgement::pass(observed),
        }
    }

    /// No stream that goes on, where a request without the field gets one. `word`: what a plain word is answered by; none
    /// where this value is the word. `moves_on`: whether the client is left with another id than this value.
    fn refused(
        &self,
        answer: &Answer,
        control: &Answer,
        word: Option<&Answer>,
        moves_on: bool,
    ) -> Judgement {
        let fate = Fate::of(&answer.replies);
        let of_word = word.map(|word| Fate::of(&word.replies));
        match fate {
            Fate::GoesOn => self.recorded("a stream, as without the field".into()),
            Fate::Ends
                if Fate::of(&control.replies) == Fate::Ends || same_content(answer, control) =>
            {
                self.recorded("a stream that ends at once, as without the field".into())
            }
            Fate::Ends if moves_on => self.recorded(
                "a stream that ends at once, and takes the id from the client: it comes back without, or with another".into(),
            ),
            Fate::Ends | Fate::Falls if of_word == Some(fate) => Judgement::info(format!(
                "answered by {}{}, as a plain word is: sse/rec/{WORDS} judges that",
                answer.in_words(),
                match fate {
                    Fate::Ends => " that ends at once",
                    Fate::GoesOn | Fate::Refused | Fate::Falls => "",
                }
            )),
            Fate::Ends => Judgement::warn(format!(
                "a stream that ends at once, where it goes on without the field: {}",
                match answer
                    .reply()
                    .map_or(0, |reply| Read::of(reply).events.len())
                {
                    0 => FOR_EVER,
                    _ => {
                        "a browser that holds such an id comes back with it again and again, and gets the same each time"
                    }
                }
            )),
            Fate::Refused => self.told_off(answer, of_word),
            Fate::Falls => self.fallen(answer),
        }
    }

    /// An answer that is no stream, and no error of the server's.
    fn told_off(&self, answer: &Answer, of_word: Option<Fate>) -> Judgement {
        let came = answer.in_words();
        let word_streams = matches!(of_word, Some(Fate::GoesOn | Fate::Ends));
        match (self.lesson, answer.status()) {
            (Lesson::Utf8, Some(400..)) if word_streams => Judgement::warn(format!(
                "an id beyond ASCII is answered by {came}, an unknown word by a stream: clients send ids as they were given \
                 them, in UTF-8"
            ))
            .resting_on("ambiguity/last-event-id-beyond-ascii"),
            (Lesson::Utf8, Some(400..)) => Judgement::pass(format!(
                "answered by {came}; a plain word gets no stream either: this server knows its own ids alone"
            )),
            (Lesson::Unknown | Lesson::Hostile | Lesson::Utf8, _) => {
                self.recorded(format!("answered by {came}"))
            }
        }
    }

    /// 5xx, or no response.
    fn fallen(&self, answer: &Answer) -> Judgement {
        let came = answer.in_words();
        let limit = self.name == "id-unknown-long";
        match answer.status() {
            None if answer.is_silent() => Judgement::warn(format!(
                "a legal Last-Event-ID, {}, is answered by {came}, no field by a stream: {FOR_EVER}",
                self.what
            ))
            .resting_on_silence(),
            Some(_) | None if limit => Judgement::warn(format!(
                "a Last-Event-ID of 16 kB is answered by {came}, no field by a stream: a limit is to be told by a 4xx"
            ))
            .by("rfc9110/5.4/oversized-field-4xx"),
            Some(_) | None if self.lesson == Lesson::Unknown => self.recorded(format!(
                "answered by {came}, unlike a request with a plain word or without the field"
            )),
            Some(_) => Judgement::fail(format!(
                "a legal Last-Event-ID, {}, is answered by {came}, no field by a stream: by its own word the server failed. \
                 A browser that holds such an id takes the answer for final",
                self.what
            ))
            .by("sse/9.2.4/value-space")
            .resting_on("ambiguity/last-event-id-beyond-ascii"),
            None => Judgement::fail(format!(
                "a legal Last-Event-ID, {}, is answered by {came}, no field by a stream: {FOR_EVER}",
                self.what
            ))
            .by("sse/9.2.4/value-space"),
        }
    }

    fn streamed(&self, transcript: &Transcript) -> Judgement {
        if self.lesson != Lesson::Utf8 || transcript.connection(ECHO).is_none() {
            return self.recorded("a stream, as without the field".into());
        }
        let Outcome::Played(played) = played(transcript, ECHO) else {
            return self.recorded("a stream, as without the field".into());
        };
        let events = &played.read.events;
        if events.iter().any(tells_the_id) {
            return Judgement::pass("a stream, and the application reads the id as it was sent");
        }
        // Where other events stand beside, the endpoint is none that plays scripts, and which is the answer nobody knows.
        match &events[..] {
            [got] => Judgement::warn(format!(
                "the id \"{UTF8}\" reaches the application as \"{}\": it finds no such event, and cannot resume there",
                printable(got.data.as_bytes(), 60)
            ))
            .resting_on("ambiguity/last-event-id-beyond-ascii")
            .at(Spot::received(
                played.answer.label,
                played.answer.reply().map_or(0, |reply| reply.offset_of(got.begin)),
            )),
            [] | [_, _, ..] => self.recorded("a stream, as without the field".into()),
        }
    }
}

/// Whether the data is the id, or JSON with the id in it, escaped or not.
fn tells_the_id(got: &Got) -> bool {
    let json = serde_json::from_str::<serde_json::Value>(&got.data);
    json.map_or_else(|_| got.data.clone(), |json| json.to_string())
        .contains(UTF8)
}
