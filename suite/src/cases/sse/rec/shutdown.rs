//! The server process is told to stop while a stream is open. Nothing says what it owes its clients then: it is recorded.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Replies, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, Read, ask, script};
use crate::stage::Stage;
use crate::timing::Timing;
use crate::transcript::{Transcript, What};
use crate::transport::Boxed;
use pushspec_reports::Severity;
use std::time::Duration;

const STREAM: &str = "stream";

/// How long the stream is listened to once the server is told to stop. A server that ends its streams does so at once; one
/// that waits for its clients would wait for ever.
fn window(timing: Timing) -> Duration {
    timing.patience.min(2 * timing.at_once)
}

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/rec/shutdown",
        Severity::Informational,
        &[Need::Sse, Need::EventSource, Need::Stop],
        &["sse/9.2.5/event-ends-with-blank-line"],
        Shutdown,
    );
    vec![case.about(
        "the server process is told to stop (SIGTERM) while a stream is open",
        "recorded: a stream that ends in order behind an event loses nothing, and clients come back",
    )]
}

struct Shutdown;

impl Experiment for Shutdown {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let timing = stage.setting.timing;
            let mut exchange = ask(stage, STREAM, &Request::event_source(&stage.setting)).await;
            // A server that has written something knows this stream.
            let begun = |heard: &Replies| {
                script::is_over(heard)
                    || heard.first().is_some_and(|reply| !reply.pieces.is_empty())
            };
            exchange.listen_until(timing.at_once, begun).await;
            if script::is_over(exchange.heard()) || exchange.heard().first().is_none() {
                return;
            }
            exchange.tell_target_to_stop(stage).await;
            exchange.listen_until(window(timing), script::is_over).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, STREAM, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let told = transcript.connection(STREAM).is_some_and(|connection| {
            let mut events = connection.events.iter();
            events.any(|event| event.what == What::ToldToStop)
        });
        let Some(reply) = answer.reply().filter(|_| told) else {
            return Judgement::inconclusive(format!(
                "the stream was over before the server was told to stop: {}",
                answer.in_words()
            ));
        };
        let lost = match Read::of(reply).tail {
            0 => "behind an event",
            _ => "within an event, which is lost",
        };
        let judgement = match (reply.complete, &answer.replies.end) {
            (true, _) if Read::of(reply).tail == 0 => Judgement::pass(
                "told to stop, the server ended the stream in order, behind an event",
            ),
            (true, _) => Judgement::info(format!(
                "told to stop, the server ended the stream in order, {lost}"
            )),
            (false, Some((_, end))) => Judgement::info(format!(
                "told to stop, the server ended the stream by {end}, {lost}: clients see a network error, and come back"
            )),
            (false, None) => Judgement::info(format!(
                "told to stop, the server left the stream open for {:.0} s at least: whoever waits for its end waits with it",
                window(reading.timing).as_secs_f32()
            )),
        };
        judgement.at(Spot::received(STREAM, reply.offset_of(u64::MAX)))
    }
}
