//! The live stream, without a script: one connection that is never cut tells what another one, cut and asked for again,
//! ought to have seen. Ids alone are compared: how a server makes them is its own affair.

use super::again::last_id;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, Read, ask, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict, printable};

const WHOLE: &str = "whole";
const CUT: &str = "cut";
const RESUMED: &str = "resumed";

pub(super) fn cases() -> Vec<Case> {
    let case = |name: &str, by: &str, reset| {
        Case::new(
            format!("sse/rec/live-{name}"),
            Severity::Major,
            &[Need::Sse, Need::EventSource],
            &["sse/9.2.4/header-purpose"],
            Oracle { reset },
        )
        .about(
            format!("the stream as it is, cut by {by} and asked for again with the last id; a second one is never cut"),
            "where resumption is declared, the events that the second stream saw meanwhile; else recorded",
        )
    };
    vec![case("fin", "FIN", false), case("reset", "RST", true)]
}

struct Oracle {
    reset: bool,
}

/// The ids of the events that came, in order; an event without an id of its own has that of the one before.
fn ids(heard: &Replies) -> Vec<String> {
    let read = heard.first().map(Read::of).unwrap_or_default();
    let mut ids: Vec<String> = read.events.into_iter().map(|got| got.id).collect();
    ids.dedup();
    ids
}

fn is_stream(exchange: &Exchange) -> bool {
    exchange.heard().first().is_some_and(Reply::is_event_stream)
}

impl Experiment for Oracle {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let window = stage.setting.timing.observe / 3;
            let mut request = Request::event_source(&stage.setting);
            let (mut whole, mut cut) =
                tokio::join!(ask(stage, WHOLE, &request), ask(stage, CUT, &request));
            if !is_stream(&whole) || !is_stream(&cut) {
                return;
            }
            let named = |heard: &Replies| last_id(heard).is_some() || script::is_over(heard);
            cut.listen_until(window, named).await;
            let Some(id) = last_id(cut.heard()) else {
                return;
            };
            match self.reset {
                true => cut.send_reset(),
                false => drop(cut),
            }
            request.set("Last-Event-ID", &id);
            let mut resumed = ask(stage, RESUMED, &request).await;
            let come = |heard: &Replies| !ids(heard).is_empty() || script::is_over(heard);
            resumed.listen_until(window, come).await;
            // What stands behind the id in the stream that was never cut.
            let beyond = |heard: &Replies| {
                let ids = ids(heard);
                let at = ids.iter().position(|known| *known == id);
                at.is_some_and(|at| ids.len() > at + 1) || script::is_over(heard)
            };
            whole.listen_until(window, beyond).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let mut answers = Vec::new();
        for label in [WHOLE, CUT] {
            match Answer::of(transcript, label, &[]) {
                Ok(answer) if answer.streams() => answers.push(answer),
                Ok(answer) => {
                    let came = answer.in_words();
                    return Judgement::inconclusive(format!(
                        "a request that got a stream before is answered by {came}"
                    ))
                    .to_confirm_alone();
                }
                Err(judgement) => return judgement,
            }
        }
        let (whole, Some(last)) = (ids(&answers[0].replies), last_id(&answers[1].replies)) else {
            return Judgement::info("no event with an id came: there is nothing to resume at");
        };
        let resumed = match Answer::of(transcript, RESUMED, &[]) {
            Ok(resumed) => resumed,
            Err(judgement) => return judgement,
        };
        let spot = Spot::received(
            RESUMED,
            resumed.reply().map_or(0, |reply| reply.offset_of(0)),
        );
        judge(&whole, &last, &resumed, reading)
            .to_confirm_alone()
            .at(spot)
    }
}

fn judge(whole: &[String], last: &str, resumed: &Answer, reading: &Reading) -> Judgement {
    let shown = |id: &str| format!("\"{}\"", printable(id.as_bytes(), 40));
    if !resumed.streams() {
        return Judgement::info(format!(
            "asked for again behind {}, the stream is answered by {}: sse/rec/with-id judges that",
            shown(last),
            resumed.in_words()
        ));
    }
    let came = ids(&resumed.replies);
    let next = whole
        .iter()
        .position(|id| id == last)
        .map(|at| whole.get(at + 1));
    let (Some(Some(next)), Some(first)) = (next, came.first()) else {
        return Judgement::info(format!(
            "nothing can be compared: behind {}, the last event of the stream that was cut, the one that was never cut had \
             {}, and the new one {}",
            shown(last),
            match next {
                None => "no such event",
                Some(_) => "nothing more",
            },
            came.first().map_or("none".into(), |id| shown(id))
        ));
    };
    if first == next {
        return Judgement::pass(format!(
            "the new stream goes on where the one that was cut ended: behind {} comes {}, as on the one that was never cut",
            shown(last),
            shown(next)
        ));
    }
    let wrong = match whole.iter().position(|id| id == first) {
        Some(at) if whole.iter().position(|id| id == last) >= Some(at) => {
            "what the client has seen comes again"
        }
        Some(_) | None => "what lies between is lost, and no client can know",
    };
    let verdict = match reading.declared.resumption {
        true => Verdict::Fail,
        false => Verdict::Info,
    };
    let judgement = Judgement::new(
        verdict,
        format!(
            "behind {} the stream that was never cut went on with {}, the new one begins with {}: {wrong}",
            shown(last),
            shown(next),
            shown(first)
        ),
    );
    match verdict {
        Verdict::Info => judgement.resting_on("ambiguity/resumption"),
        _ => judgement,
    }
}
