//! Many clients: one more than the server is declared to bear, and fifty that vanish.

use crate::case::{Case, Experiment, Need, Set};
use crate::cases::sse::http::LABELS;
use crate::cases::sse::played::{Outcome, played};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

/// What one connection of a crowd reads.
const WEIGHT: usize = 16 * 1024;

/// The stream beyond the limit.
const BEYOND: &str = "beyond";

/// So many clients vanish.
const CLIENTS: usize = 50;

/// How many streams are open, before and after.
const BEFORE: &str = "before";
const AFTER: [&str; 8] = [
    "after-1", "after-2", "after-3", "after-4", "after-5", "after-6", "after-7", "after-8",
];

/// Between two looks at that number.
const PAUSE: Duration = Duration::from_millis(300);

pub(super) fn cases() -> Vec<Case> {
    let capacity = Case::new(
        "sse/rec/capacity",
        Severity::Minor,
        &[Need::Sse, Need::EventSource, Need::StreamLimit],
        &["sse/17.7/5xx-for-capacity", "rfc6202/6/dos-open-connections"],
        Capacity,
    )
    .about(
        "one stream more than the declared limit",
        "503, which says that there is no room; not a stream that is dropped, for its client comes back at once",
    );
    let cleanup = Case::new(
        "sse/rec/disconnect-cleanup",
        Severity::Minor,
        &[Need::Script],
        &["sse/x/disconnect-cleanup", "sse/9.2.2/close-aborts"],
        Cleanup,
    )
    .about(
        "50 clients vanish, half by FIN and half by RST, while events are written to them",
        "the server's own count of open streams goes back to what it was",
    );
    vec![capacity, cleanup]
        .into_iter()
        .map(|case| case.in_set(Set::Hardening).weighing(WEIGHT).alone())
        .collect()
}

struct Capacity;

impl Experiment for Capacity {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let Some(limit) = stage.setting.declared.stream_limit else {
                return;
            };
            let request = Request::event_source(&stage.setting);
            let mut streams = Vec::new();
            for label in LABELS.iter().take(limit) {
                let mut exchange = Exchange::get(stage, label, &request).await;
                exchange.answered().await;
                if !exchange.heard().first().is_some_and(Reply::is_event_stream) {
                    return;
                }
                streams.push(exchange);
            }
            let mut beyond = Exchange::get(stage, BEYOND, &request).await;
            beyond.answered().await;
            let over = |heard: &Replies| {
                script::is_over(heard)
                    || heard.first().is_some_and(|reply| !reply.pieces.is_empty())
            };
            beyond
                .listen_until(stage.setting.timing.at_once, over)
                .await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let limit = reading.declared.stream_limit.unwrap_or_default();
        if limit > LABELS.len() {
            return Judgement::new(
                Verdict::Skip,
                format!("needs a `stream-limit` of {} or less", LABELS.len()),
            );
        }
        if transcript.connection(BEYOND).is_none() {
            return Judgement::warn(format!(
                "{limit} streams are declared to be served, and so many are not: the last was answered by {}",
                transcript
                    .connections
                    .last()
                    .and_then(|last| Answer::on(transcript, last.label, &[]))
                    .map_or("nothing".into(), |answer| answer.in_words())
            ));
        }
        let answer = match Answer::of(transcript, BEYOND, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let came = answer.in_words();
        const AT_ONCE: &str =
            "its client takes that for a broken connection and comes back at once, and so for ever";
        let judgement = match answer.status() {
            Some(503) => Judgement::pass(format!("stream {} is answered by 503", limit + 1)),
            Some(500..) => Judgement::info(format!("stream {} is answered by {came}", limit + 1)),
            Some(200) if answer.streams() && script::is_over(&answer.replies) => Judgement::warn(
                format!("stream {} is accepted and dropped: {AT_ONCE}", limit + 1),
            ),
            Some(200) if answer.streams() => Judgement::info(format!(
                "stream {} is served, although {limit} are declared to be the limit",
                limit + 1
            )),
            Some(_) => Judgement::info(format!("stream {} is answered by {came}", limit + 1)),
            None if answer.is_silent() => Judgement::warn(format!(
                "stream {} gets {came}: whoever waits for it waits for nothing",
                limit + 1
            ))
            .resting_on_silence(),
            None => Judgement::warn(format!("stream {} gets {came}: {AT_ONCE}", limit + 1)),
        };
        let judgement = match answer.status() {
            Some(503) => judgement,
            Some(_) | None => judgement.resting_on("ambiguity/final-answers"),
        };
        judgement.at(answer.spot())
    }
}

struct Cleanup;

/// A stream that a server has something to write to all the time: a client that is gone shows when it does.
fn busy() -> Value {
    let steps = (0..60).flat_map(|_| [json!({"data": "x"}), json!({"sleep": 100})]);
    steps.chain([json!({"end": "hold"})]).collect()
}

fn count() -> Value {
    json!([{"clients": true}])
}

/// The number in a stream of [`count`].
fn counted(transcript: &Transcript, label: &str) -> Option<u64> {
    match played(transcript, label) {
        Outcome::Played(played) => played.read.events.first()?.data.trim().parse().ok(),
        Outcome::Not(_) | Outcome::Refused(_) => None,
    }
}

impl Experiment for Cleanup {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let patience = stage.setting.timing.patience;
            script::play(stage, BEFORE, &count(), patience).await;
            let Some(before) = counted(&stage.transcript(), BEFORE) else {
                return;
            };
            let request = script::request(&stage.setting, &busy());
            let mut streams = Vec::new();
            for label in &LABELS[..CLIENTS] {
                let mut exchange =
                    script::open(stage, label, &[pushspec_parser::http::RequestFacts::GET]).await;
                exchange.send(&request).await;
                exchange.answered().await;
                if !exchange.heard().first().is_some_and(Reply::is_event_stream) {
                    return;
                }
                streams.push(exchange);
            }
            for (index, mut exchange) in streams.into_iter().enumerate() {
                if index % 2 == 0 {
                    exchange.send_reset();
                }
            }
            for label in AFTER {
                script::play(stage, label, &count(), patience).await;
                match counted(&stage.transcript(), label) {
                    Some(now) if now > before => tokio::time::sleep(PAUSE).await,
                    Some(_) | None => return,
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let Some(before) = counted(transcript, BEFORE) else {
            return Judgement::new(
                Verdict::Skip,
                "needs `script`: the endpoint does not answer the step {\"clients\": true} by a number",
            );
        };
        let counts: Vec<u64> = AFTER
            .iter()
            .filter_map(|label| counted(transcript, label))
            .collect();
        let Some(&last) = counts.last() else {
            return Judgement::inconclusive("50 streams could not be opened").to_confirm_alone();
        };
        match last <= before {
            true => Judgement::pass(format!(
                "{before} stream was counted before and {last} after {CLIENTS} clients had vanished"
            )),
            false => Judgement::warn(format!(
                "{before} stream was counted before, and {last} are counted after {CLIENTS} clients have vanished and {:.1} s \
                 have passed: each keeps what it holds, until there is nothing left",
                (PAUSE * AFTER.len() as u32).as_secs_f32()
            )),
        }
    }
}
