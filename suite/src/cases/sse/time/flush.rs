//! Events that are written one by one, and a head that is due before the first of them.

use super::asked;
use crate::case::{Case, Experiment, Need};
use crate::cases::sse::pace::{self, Pace};
use crate::cases::sse::played::{Outcome, Played, played, refused_ordinary};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::sse::script;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::Severity;
use serde_json::{Value, json};
use std::time::Duration;

/// The first sample, and one more where it was late.
const FIRST: &str = "first";
const SECOND: &str = "second";

/// The silence before the first event.
const SILENCE: Duration = Duration::from_millis(2500);

pub(super) fn cases() -> Vec<Case> {
    let flush = Case::new(
        "sse/time/flush",
        Severity::Minor,
        &[Need::Script],
        &[
            "sse/9.2.7/chunking-caution",
            "rfc6202/3.2/no-chunk-as-message",
        ],
        Flush,
    )
    .about(
        "four small events, 0.3 s apart",
        "each comes when it is written, as the contract of the script says; no clause demands it",
    );
    let first = Case::new(
        "sse/time/first-byte",
        Severity::Minor,
        &[Need::Script],
        &["sse/9.2.3/announce-open"],
        FirstByte,
    )
    .about(
        "a stream whose first event comes after 2.5 s of silence",
        "its head comes at once: only then does an EventSource fire `open`",
    );
    vec![flush, first]
}

struct Flush;

impl Flush {
    async fn sample(stage: &Stage, label: &'static str) {
        let longest = pace::duration() + stage.setting.timing.patience;
        script::play(stage, label, &pace::script(), longest).await;
    }
}

/// How the events came on one connection.
fn sample(transcript: &Transcript, label: &str) -> Option<(Pace, Box<Played>, Duration)> {
    match played(transcript, label) {
        Outcome::Played(played) => {
            let asked = asked(transcript.connection(label)?);
            Some((pace::pace(&played.read, asked), played, asked))
        }
        Outcome::Not(_) | Outcome::Refused(_) => None,
    }
}

impl Experiment for Flush {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            Self::sample(stage, FIRST).await;
            let steady =
                sample(&stage.transcript(), FIRST).is_some_and(|(pace, ..)| pace == Pace::Steady);
            if !steady {
                Self::sample(stage, SECOND).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        match played(transcript, FIRST) {
            Outcome::Played(_) => {}
            Outcome::Not(judgement) => return judgement,
            Outcome::Refused(answer) => return refused_ordinary(&answer, "events with pauses"),
        }
        let samples: Vec<_> = [FIRST, SECOND]
            .into_iter()
            .filter_map(|label| sample(transcript, label))
            .collect();
        let Some((worst, played, asked)) = samples.last() else {
            return Judgement::inconclusive("no stream came");
        };
        let times = pace::arrivals(&played.read, *asked);
        let spot = played.answer.spot();
        if samples.iter().any(|(pace, ..)| *pace == Pace::Steady) {
            return Judgement::pass(format!("each event came when it was written: {times}"))
                .at(spot);
        }
        let judgement = match worst {
            Pace::Held(late) => Judgement::fail(format!(
                "nothing came before all events were written, {:.1} s after the request: something between the application and \
                 the wire holds them back, and a browser shows nothing until the stream ends",
                late.as_secs_f32()
            )),
            Pace::Batched => Judgement::warn(format!(
                "events that were written 0.3 s apart came together ({times}): something gathers them first"
            )),
            Pace::Incomplete(count) => Judgement::warn(format!(
                "{count} of the four events came: an event is held until the next one is written, or lost at the end \
                 (sse/rec/end-at-boundary tells which)"
            )),
            Pace::Steady => Judgement::pass("each event came when it was written"),
        };
        let judgement = match played.over {
            true => judgement,
            false => judgement.resting_on_silence(),
        };
        judgement.to_confirm_alone().at(spot)
    }
}

struct FirstByte;

fn late() -> Value {
    json!([{"sleep": SILENCE.as_millis() as u64}, {"data": "after silence"}, {"end": "close"}])
}

impl FirstByte {
    /// How long the head took on one connection; none where it did not come.
    fn took(transcript: &Transcript, label: &str) -> Option<Duration> {
        let connection = transcript.connection(label)?;
        let answer = crate::sse::Answer::on(transcript, label, &[])?;
        let reply = answer.reply()?;
        Some(reply.at.saturating_sub(asked(connection)))
    }

    async fn sample(stage: &Stage, label: &'static str) {
        let mut exchange = script::open(stage, label, &[RequestFacts::GET]).await;
        exchange
            .send(&script::request(&stage.setting, &late()))
            .await;
        exchange.answered().await;
    }
}

impl Experiment for FirstByte {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            Self::sample(stage, FIRST).await;
            let at_once = stage.setting.timing.at_once;
            if Self::took(&stage.transcript(), FIRST).is_none_or(|took| took > at_once) {
                Self::sample(stage, SECOND).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let first = match crate::sse::Answer::of(transcript, FIRST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        if first.reply().is_some_and(|reply| !reply.is_event_stream()) {
            return refused_ordinary(&first, "a pause and an event");
        }
        let at_once = reading.timing.at_once;
        let samples = [FIRST, SECOND].map(|label| Self::took(transcript, label));
        let prompt = samples.iter().flatten().any(|took| *took <= at_once);
        let judgement = match prompt {
            true => Judgement::pass(format!(
                "the head came within {} s, before there was an event",
                at_once.as_secs_f32()
            )),
            false => {
                let took: Vec<String> = samples
                    .iter()
                    .map(|took| match took {
                        Some(took) => format!("{:.1} s", took.as_secs_f32()),
                        None => format!("more than {} s", reading.timing.patience.as_secs_f32()),
                    })
                    .collect();
                Judgement::warn(format!(
                    "the head came only with the first event ({}): until then an EventSource is not open, and proxies that wait \
                     for a head give up",
                    took.join(", ")
                ))
            }
        };
        judgement.to_confirm_alone().at(first.spot())
    }
}
