//! Whether the head of a stream comes at once, or only with the first event.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Request};
use crate::judgement::Judgement;
use crate::sse::Answer;
use crate::stage::Stage;
use crate::transcript::{Transcript, What};
use crate::transport::Boxed;
use pushspec_reports::Severity;
use std::time::Duration;

/// The first sample: where it comes at once, nothing more is to be learned.
const FIRST: &str = "first";

/// Taken together, where the first was late.
const FURTHER: [&str; 2] = ["second", "third"];

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/resp/header-at-once",
        Severity::Minor,
        &[Need::Sse, Need::EventSource],
        &["sse/9.2.3/announce-open"],
        HeadAtOnce,
    );
    vec![case.about(
        "how long the head of a stream takes",
        "it comes at once, before there is an event: only then does an EventSource fire `open`",
    )]
}

struct HeadAtOnce;

/// How long one head took, and whether content came with it.
struct Sample {
    took: Duration,
    with_content: bool,
}

async fn sample(stage: &Stage, label: &'static str) {
    let request = Request::event_source(&stage.setting);
    let mut exchange = Exchange::get(stage, label, &request).await;
    exchange.answered().await;
}

impl Experiment for HeadAtOnce {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            sample(stage, FIRST).await;
            let at_once = stage.setting.timing.at_once;
            if taken(&stage.transcript(), FIRST).is_some_and(|sample| sample.took > at_once) {
                let [second, third] = FURTHER;
                tokio::join!(sample(stage, second), sample(stage, third));
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let first = match Answer::of(transcript, FIRST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        if !first.streams() {
            return Judgement::inconclusive(format!(
                "a request that got a stream before was answered by {}",
                first.in_words()
            ))
            .to_confirm_alone();
        }
        let labels = [FIRST].into_iter().chain(FURTHER);
        let samples: Vec<Sample> = labels
            .filter_map(|label| taken(transcript, label))
            .collect();
        let at_once = reading.timing.at_once;
        let prompt = samples
            .iter()
            .filter(|sample| sample.took <= at_once)
            .count();
        let took: Vec<String> = samples
            .iter()
            .map(|sample| format!("{:.1}", sample.took.as_secs_f32()))
            .collect();
        let took = took.join(", ");
        let judgement = match samples.first() {
            Some(first) if first.took <= at_once => {
                Judgement::pass(format!("the head came within {} s", at_once.as_secs_f32()))
            }
            _ if samples.len() <= FURTHER.len() => Judgement::inconclusive(format!(
                "the head came late once ({took} s), and further samples could not be had"
            ))
            .to_confirm_alone(),
            _ if prompt > 0 => {
                Judgement::info(format!("the head came at once only now and then: {took} s"))
                    .to_confirm_alone()
            }
            _ => {
                let with = match samples.iter().all(|sample| sample.with_content) {
                    true => ", together with the first content",
                    false => "",
                };
                Judgement::warn(format!(
                    "the head came late each time ({took} s){with}: until then an EventSource is not open, and \
                     whoever waits for the head may give up"
                ))
                .resting_on("ambiguity/held-back-events")
                .to_confirm_alone()
            }
        };
        judgement.at(first.spot())
    }
}

/// What a connection tells about the head of a stream; none where no stream came.
fn taken(transcript: &Transcript, label: &str) -> Option<Sample> {
    let connection = transcript.connection(label)?;
    let asked = connection
        .events
        .iter()
        .find(|event| matches!(event.what, What::Sent(_)))?
        .at;
    let answer = Answer::on(transcript, label, &[])?;
    let reply = answer.reply().filter(|_| answer.streams())?;
    Some(Sample {
        took: reply.at.saturating_sub(asked),
        with_content: reply
            .pieces
            .first()
            .is_some_and(|piece| piece.at == reply.at),
    })
}
