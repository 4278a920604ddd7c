//! Clients that do not read as fast as events are written.

use crate::case::{Case, Experiment, Need, Set};
use crate::cases::sse::pace::{self, Pace};
use crate::cases::sse::played::{Outcome, played, refused_ordinary};
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

const SLOW: &str = "slow";
const READ: &str = "read";
const TWIN: &str = "twin";

/// Blocks of events, each with an id of its own.
const BLOCKS: u64 = 50;

/// Events of a block.
const EVENTS: u64 = 20;

/// Bytes of data in each.
const SIZE: u64 = 4096;

pub(super) fn cases() -> Vec<Case> {
    let reader = Case::new(
        "sse/time/slow-reader",
        Severity::Minor,
        &[Need::Script],
        &["sse/9.2.5/grammar"],
        SlowReader,
    )
    .about(
        "4 MB of events for a client that reads nothing for two seconds",
        "all of them in the end, or a stream that is cut; never one that goes on with events missing",
    )
    .weighing(16 * 1024 * 1024)
    .alone();
    let isolation = Case::new(
        "sse/time/slow-reader-isolation",
        Severity::Minor,
        &[Need::Script],
        &["rfc6202/6/dos-open-connections"],
        Isolation,
    )
    .about(
        "one client reads nothing of a large stream, another reads a small one",
        "the second gets its events when they are written",
    )
    .alone();
    vec![
        reader.in_set(Set::Hardening),
        isolation.in_set(Set::Hardening),
    ]
}

fn large() -> Value {
    (1..=BLOCKS)
        .map(|block| json!({"id": block.to_string(), "fill": SIZE, "repeat": EVENTS}))
        .collect()
}

/// How long nothing is read.
const UNREAD: Duration = Duration::from_secs(2);

struct SlowReader;

impl Experiment for SlowReader {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let timing = stage.setting.timing;
            let mut exchange = script::open(stage, SLOW, &[RequestFacts::GET]).await;
            exchange
                .send(&script::request(&stage.setting, &large()))
                .await;
            // The very thing that is tried: nothing is read meanwhile.
            tokio::time::sleep(UNREAD).await;
            exchange.answered().await;
            script::listen_out(stage, &mut exchange, 3 * timing.patience).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let played = match played(transcript, SLOW) {
            Outcome::Played(played) => played,
            Outcome::Not(judgement) => return judgement,
            Outcome::Refused(answer) => return refused_ordinary(&answer, "4 MB of events"),
        };
        if played.read.cut {
            return Judgement::inconclusive(
                "the stream comes in a coding, and decodes to more than the case reads",
            );
        }
        let got = &played.read.events;
        let wanted = script::wanted(&large());
        let spot = played.answer.spot();
        let wrong = got
            .iter()
            .zip(&wanted)
            .position(|(got, wanted)| got.id != wanted.id || got.data != wanted.data);
        if let Some(at) = wrong {
            return Judgement::warn(format!(
                "event {} of {} is missing or changed, and the stream goes on behind it: a client that was slow for two seconds \
                 has lost events, and cannot know",
                at + 1,
                wanted.len()
            ))
            .to_confirm_alone()
            .at(spot);
        }
        let complete = played.answer.reply().is_some_and(|reply| reply.complete);
        let judgement = match (got.len() == wanted.len(), complete, played.over) {
            (true, ..) => Judgement::pass(format!("all {} events came", wanted.len())),
            (false, true, _) => Judgement::warn(format!(
                "the stream ends in order behind {} of {} events: a client that was slow for two seconds has lost the rest, and \
                 takes the end for one that was meant",
                got.len(),
                wanted.len()
            )),
            (false, false, true) => Judgement::pass(format!(
                "the stream is cut behind {} of {} events, so that the client knows",
                got.len(),
                wanted.len()
            )),
            (false, false, false) => Judgement::warn(format!(
                "behind {} of {} events nothing more comes, not even an end",
                got.len(),
                wanted.len()
            ))
            .resting_on_silence(),
        };
        judgement.to_confirm_alone().at(spot)
    }
}

struct Isolation;

/// More than any buffer between two programs holds.
fn flood() -> Value {
    json!([{"fill": 65536, "repeat": 1000}])
}

async fn small(stage: &Stage, label: &'static str) {
    let longest = pace::duration() + stage.setting.timing.patience;
    script::play(stage, label, &pace::script(), longest).await;
}

impl Experiment for Isolation {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut unread = script::open(stage, SLOW, &[RequestFacts::GET]).await;
            unread
                .send(&script::request(&stage.setting, &flood()))
                .await;
            unread.answered().await;
            small(stage, READ).await;
            drop(unread);
            let steady = pace_on(&stage.transcript(), READ) == Some(Pace::Steady);
            if !steady {
                small(stage, TWIN).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        if let Outcome::Refused(answer) = played(transcript, SLOW) {
            return refused_ordinary(&answer, "64 MB of events");
        }
        let beside = pace_on(transcript, READ);
        if beside == Some(Pace::Steady) {
            return Judgement::pass(
                "each event came when it was written, although nobody read the other stream",
            );
        }
        match pace_on(transcript, TWIN) {
            Some(Pace::Steady) => {
                let came = match beside {
                    None | Some(Pace::Incomplete(0)) => "not one event came".to_owned(),
                    Some(Pace::Incomplete(count)) => format!("{count} of four events came"),
                    Some(Pace::Batched | Pace::Held(_) | Pace::Steady) => {
                        "its events came late".to_owned()
                    }
                };
                Judgement::warn(format!(
                    "while nobody reads one stream, another one stands still: {came}, and without the first all do in time. One \
                     slow client holds up everybody"
                ))
                .to_confirm_alone()
            }
            Some(_) | None => Judgement::inconclusive(
                "the small stream is late by itself: sse/time/flush tells more",
            )
            .to_confirm_alone(),
        }
    }
}

/// How the events of the small stream came; none where it did not.
fn pace_on(transcript: &Transcript, label: &str) -> Option<Pace> {
    match played(transcript, label) {
        Outcome::Played(played) => Some(pace::pace(
            &played.read,
            transcript.connection(label)?.asked(),
        )),
        Outcome::Not(_) | Outcome::Refused(_) => None,
    }
}
