//! Events that are written one by one, and a head that is due before the first of them.

use crate::case::{Case, Experiment, Need};
use crate::cases::sse::pace::{self, Pace};
use crate::cases::sse::played::{Outcome, Played, played, refused_ordinary};
use crate::declared::Reading;
use crate::http::Replies;
use crate::judgement::{Judgement, Spot};
use crate::sse::{Read, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::Severity;
use serde_json::{Value, json};
use std::time::Duration;

/// The first sample, and one more where its events did not come one by one.
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
            let asked = transcript.connection(label)?.asked();
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
        let first = played.read.events.first();
        let spot = match (played.answer.reply(), first) {
            (Some(reply), Some(first)) => {
                Spot::received(played.answer.label, reply.offset_of(first.begin))
            }
            (_, _) => played.answer.spot(),
        };
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

/// When the head and the first event of a paced stream came, behind the request.
struct Came {
    head: Duration,
    event: Option<Duration>,
}

impl FirstByte {
    fn came(transcript: &Transcript) -> Option<Came> {
        let asked = transcript.connection(FIRST)?.asked();
        let answer = crate::sse::Answer::on(transcript, FIRST, &[])?;
        let reply = answer.reply()?;
        let event = Read::of(reply).events.into_iter().next();
        Some(Came {
            head: reply.at.saturating_sub(asked),
            event: event.map(|event| event.at.saturating_sub(asked)),
        })
    }
}

impl Experiment for FirstByte {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let timing = stage.setting.timing;
            let mut exchange = script::open(stage, FIRST, &[RequestFacts::GET]).await;
            exchange
                .send(&script::request(&stage.setting, &late()))
                .await;
            exchange.answered().await;
            // A late head is told from one that waits for the event by the event.
            if Self::came(&stage.transcript()).is_some_and(|came| came.head > timing.at_once) {
                let event = |heard: &Replies| {
                    let read = heard.first().map(Read::of).unwrap_or_default();
                    !read.events.is_empty() || script::is_over(heard)
                };
                exchange.listen_until(timing.patience, event).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let answer = match crate::sse::Answer::of(transcript, FIRST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        if answer.reply().is_some_and(|reply| !reply.is_event_stream()) {
            return refused_ordinary(&answer, "a pause and an event");
        }
        const CLOSED: &str =
            "until then an EventSource is not open, and proxies that wait for a head give up";
        let at_once = reading.timing.at_once;
        let Some(Came { head, event }) = Self::came(transcript) else {
            let came = answer.in_words();
            let judgement = Judgement::warn(format!(
                "{came}, although the script sends an event {} s after the request: {CLOSED}",
                SILENCE.as_secs_f32()
            ));
            return match answer.is_silent() {
                true => judgement.resting_on_silence(),
                false => judgement.to_confirm_alone(),
            };
        };
        if head <= at_once {
            let within = at_once.as_secs_f32();
            return Judgement::pass(format!(
                "the head came within {within} s, before there was an event"
            ))
            .at(answer.spot());
        }
        let seconds = head.as_secs_f32();
        let ahead = event.map_or(Duration::ZERO, |event| event.saturating_sub(head));
        let judgement = match (head < SILENCE, ahead > at_once / 2) {
            // Something made it late, on the way perhaps; the event did not.
            (true, true) => Judgement::pass(format!(
                "the head came after {seconds:.1} s, {:.1} s before there was an event",
                ahead.as_secs_f32()
            )),
            (false, true) => Judgement::warn(format!(
                "the head came {seconds:.1} s after the request, later than the first event was due: {CLOSED}"
            )),
            (true | false, false) => Judgement::warn(format!(
                "the head came only with the first event, {seconds:.1} s after the request: {CLOSED}"
            )),
        };
        judgement.to_confirm_alone().at(answer.spot())
    }
}
