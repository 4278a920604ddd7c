//! Many streams for one client at the same time.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::http::{Exchange, Reply, Request};
use crate::judgement::Judgement;
use crate::listening::Waited;
use crate::sse::{Answer, is_open, opens_again};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::Severity;
use std::collections::BTreeMap;

/// Labels of the connections: as many as the largest crowd.
pub(in crate::cases::sse) static LABELS: std::sync::LazyLock<Vec<&'static str>> =
    std::sync::LazyLock::new(|| {
        let label = |number: usize| -> &'static str { format!("stream-{number}").leak() };
        (1..=100).map(label).collect()
    });

/// What one connection of a crowd reads.
const WEIGHT: usize = 16 * 1024;

pub(super) fn cases() -> Vec<Case> {
    let crowd = |size: usize| {
        Case::new(
            format!("sse/http/parallel-{size}"),
            Severity::Informational,
            &[Need::Sse, Need::EventSource],
            &["sse/9.2.7/connection-limit"],
            Crowd { size },
        )
        .about(
            format!("{size} streams at the same time"),
            "recorded: how many are served, and what the others get",
        )
        .weighing(WEIGHT)
    };
    // All that the smaller one is not served beside others, it is asked for again alone.
    let larger = crowd(100).in_set(Set::Hardening).hostile().alone();
    vec![crowd(7), larger]
}

struct Crowd {
    size: usize,
}

impl Experiment for Crowd {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let request = Request::event_source(&stage.setting);
            let mut streams = Vec::new();
            // Each is asked for before the next, and all are waited for together: a head may come only with the first event.
            for label in &LABELS[..self.size] {
                streams.push(Exchange::get(stage, label, &request).await);
            }
            let mut waiting = stage.setting.timing.patience;
            for stream in &mut streams {
                if stream.answered_within(waiting).await == Waited::TimedOut {
                    // The others have waited as long: what came for them is there.
                    waiting = stage.setting.timing.at_once / 10;
                }
            }
            let refused = streams.iter().any(|stream| !is_open(stream));
            drop(streams);
            if refused {
                // Whoever asks next is not to be refused for these.
                opens_again(stage, &request).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let mut served = 0;
        let mut others: BTreeMap<String, usize> = BTreeMap::new();
        for label in &LABELS[..self.size] {
            let Some(connection) = transcript.connection(label) else {
                break;
            };
            if let Some(reason) = connection.not_connected() {
                *others.entry(reason.into()).or_default() += 1;
                continue;
            }
            let Some(answer) = Answer::on(transcript, label, &[]) else {
                continue;
            };
            match answer.reply().is_some_and(Reply::is_event_stream) {
                true => served += 1,
                // Whoever was looked at later was waited for as long, and by the others' time.
                false if answer.is_silent() => {
                    *others.entry("no response".into()).or_default() += 1
                }
                false => *others.entry(answer.in_words()).or_default() += 1,
            }
        }
        if others.is_empty() {
            return Judgement::info(format!("all {} streams are served", self.size));
        }
        let others: Vec<String> = others
            .iter()
            .map(|(what, count)| format!("{count} got {what}"))
            .collect();
        Judgement::info(format!(
            "{served} of {} streams are served, {}: whoever opens one more tab gets no events there",
            self.size,
            others.join(", ")
        ))
        .to_confirm_alone()
    }
}
