//! Ends that the application wants: a source that is finished, and a stream that ends behind its last event.

use crate::case::{Case, Experiment, Need};
use crate::cases::sse::played::{Outcome, Played, played, refused_ordinary};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::Severity;
use serde_json::{Value, json};

const SCRIPT: &str = "script";

pub(super) fn cases() -> Vec<Case> {
    let stop = Case::new(
        "sse/rec/stop-204",
        Severity::Informational,
        &[Need::Script],
        &["sse/9.2.1/204-stops-reconnect"],
        Stop,
    )
    .about(
        "a source that is finished is asked for once more",
        "recorded: 204 tells clients not to come back; after anything else that streams they do, for ever",
    );
    let end = Case::new(
        "sse/rec/end-at-boundary",
        Severity::Major,
        &[Need::Script],
        &[
            "sse/9.2.5/event-ends-with-blank-line",
            "sse/9.2.6/eof-discards",
        ],
        End,
    )
    .about(
        "the application ends the stream behind its last event",
        "the last event comes whole, its empty line too: without one clients discard it",
    );
    vec![stop, end]
}

struct Stop;

impl Experiment for Stop {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            script::ask(stage, SCRIPT, &json!([{"status": 204}])).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, SCRIPT, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let judgement = match answer.status() {
            Some(204) => Judgement::info("204: clients do not come back"),
            Some(400) => Judgement::new(
                pushspec_reports::Verdict::Skip,
                "needs `script`: the endpoint does not know the step {\"status\": 204}",
            ),
            Some(_) if answer.streams() => Judgement::info(format!(
                "{} instead of 204: clients come back to a source that is finished, and so for ever",
                answer.in_words()
            ))
            .resting_on("ambiguity/final-answers"),
            Some(_) => Judgement::info(format!("{} instead of 204", answer.in_words()))
                .resting_on("ambiguity/final-answers"),
            None => Judgement::inconclusive(format!("answered by {}", answer.in_words()))
                .to_confirm_alone(),
        };
        judgement.at(answer.spot())
    }
}

struct End;

const LAST: &str = "the last one";

fn ending() -> Value {
    json!([{"data": "the first one"}, {"data": LAST}, {"end": "close"}])
}

impl Experiment for End {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let patience = stage.setting.timing.patience;
            script::play(stage, SCRIPT, &ending(), patience).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let Played { answer, read, over } = match played(transcript, SCRIPT) {
            Outcome::Played(played) => *played,
            Outcome::Not(judgement) => return judgement,
            Outcome::Refused(answer) => return refused_ordinary(&answer, "an event and an end"),
        };
        let behind = answer.reply().map_or(0, |reply| reply.offset_of(u64::MAX));
        let has = |data: &str| read.events.iter().any(|got| got.data.contains(data));
        let judgement = if has(LAST) {
            Judgement::pass("the last event comes whole")
        } else if !over {
            Judgement::fail("the last event never came, nor did the end of the stream")
                .resting_on_silence()
        } else if read.tail > 0 {
            Judgement::fail(format!(
                "the stream ends in order, but {} bytes of its last event stand without an empty line behind them: every \
                 client discards it",
                read.tail
            ))
        } else {
            Judgement::fail(
                "the stream ends in order, and its last event is missing: no client ever sees it",
            )
        };
        judgement.at(Spot::received(answer.label, behind))
    }
}
