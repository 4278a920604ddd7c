//! The live stream, without a script: one connection that is never cut tells what another one, cut and asked for again,
//! ought to have seen. It is asked for again when something was missed: else a server that begins with whatever is new
//! would pass. Ids alone are compared: how a server makes them is its own affair.

use super::again::last_id;
use super::difference::{Difference, difference, list};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, Read, ask, script};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict};
use std::time::Duration;

const WHOLE: &str = "whole";
const CUT: &str = "cut";
const RESUMED: &str = "resumed";

/// So many ids are seen before the cut, where they come in time: with one alone, to repeat it is to begin anew.
const SEEN: usize = 2;

/// So many are missed before the client comes back: with one alone, to lose it is to begin with what is new.
const MISSED: usize = 2;

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

/// The ids of the events that came and when each came, in order; an event without an id of its own has that of the one
/// before.
fn named(heard: &Replies) -> Vec<(String, Duration)> {
    let read = heard.first().map(Read::of).unwrap_or_default();
    let mut ids: Vec<_> = read
        .events
        .into_iter()
        .map(|got| (got.id, got.at))
        .collect();
    ids.retain(|(id, _)| !id.is_empty());
    ids.dedup_by(|next, id| next.0 == id.0);
    ids
}

fn ids(heard: &Replies) -> Vec<String> {
    named(heard).into_iter().map(|(id, _)| id).collect()
}

/// The ids behind this one.
fn behind(heard: &Replies, id: &str) -> Vec<String> {
    let ids = ids(heard);
    match ids.iter().position(|known| known == id) {
        Some(at) => ids[at + 1..].to_vec(),
        None => Vec::new(),
    }
}

fn is_stream(exchange: &Exchange) -> bool {
    exchange.heard().first().is_some_and(Reply::is_event_stream)
}

impl Experiment for Oracle {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let timing = stage.setting.timing;
            let window = timing.observe / 3;
            let mut request = Request::event_source(&stage.setting);
            let (mut whole, mut cut) =
                tokio::join!(ask(stage, WHOLE, &request), ask(stage, CUT, &request));
            if !is_stream(&whole) || !is_stream(&cut) {
                return;
            }
            let enough = |heard: &Replies| ids(heard).len() >= SEEN || script::is_over(heard);
            cut.listen_until(window, enough).await;
            let Some(id) = last_id(cut.heard()) else {
                return;
            };
            match self.reset {
                true => cut.send_reset(),
                false => drop(cut),
            }
            let missed =
                |heard: &Replies| behind(heard, &id).len() >= MISSED || script::is_over(heard);
            whole.listen_until(window, missed).await;
            let due = behind(whole.heard(), &id);
            request.set("Last-Event-ID", &id);
            let mut resumed = ask(stage, RESUMED, &request).await;
            let come = |heard: &Replies| {
                let ids = ids(heard);
                let caught_up = due.last().is_none_or(|last| ids.contains(last));
                (caught_up && ids.len() >= due.len().max(1)) || script::is_over(heard)
            };
            resumed.listen_until(window, come).await;
            // Where the last that came stands in the stream that was never cut.
            let last = ids(resumed.heard()).pop();
            let placed = |heard: &Replies| {
                last.as_ref().is_none_or(|last| ids(heard).contains(last)) || script::is_over(heard)
            };
            whole.listen_until(timing.at_once, placed).await;
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
        let Some(last) = last_id(&answers[1].replies) else {
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
        let came_back = transcript.connection(RESUMED).map(Connection::asked);
        let cut = Cut {
            whole: named(&answers[0].replies),
            last,
            came_back: came_back.unwrap_or_default(),
        };
        cut.judge(&resumed, reading).at(spot)
    }
}

/// What a stream that is asked for again is held against.
struct Cut {
    /// The stream that was never cut.
    whole: Vec<(String, Duration)>,
    /// The last id that the client has seen.
    last: String,
    /// When it came back.
    came_back: Duration,
}

impl Cut {
    fn judge(&self, resumed: &Answer, reading: &Reading) -> Judgement {
        let last = list(&[&self.last]);
        if !resumed.streams() {
            return Judgement::info(format!(
                "asked for again behind {last}, the stream is answered by {}: sse/rec/with-id judges that",
                resumed.in_words()
            ));
        }
        let whole: Vec<&str> = self.whole.iter().map(|(id, _)| id.as_str()).collect();
        let came = ids(&resumed.replies);
        let came: Vec<&str> = came.iter().map(String::as_str).collect();
        let Some(seen) = whole.iter().position(|id| *id == self.last) else {
            return Judgement::info(format!(
                "nothing can be compared: {last}, the last id of the stream that was cut, is not among those of the one that                  was never cut"
            ));
        };
        let seen = seen + 1;
        let early = |(_, at): &&(String, Duration)| *at <= self.came_back;
        let due = self.whole.iter().take_while(early).count().max(seen);
        if due == seen || came.is_empty() {
            return Judgement::info(format!(
                "nothing can be compared: behind {last}, the stream that was never cut had {} when the client came back, and                  the new one has {}",
                list(&whole[seen..due]),
                list(&came)
            ));
        }
        let Some(difference) = difference(&whole, seen, due, &came) else {
            return Judgement::pass(format!(
                "the new stream goes on where the one that was cut ended: behind {last} comes what was sent meanwhile, {}",
                list(&whole[seen..due]),
            ));
        };
        self.deviates(&difference, &whole[seen..due], &came, reading)
    }

    fn deviates(
        &self,
        difference: &Difference<'_>,
        missed: &[&str],
        came: &[&str],
        reading: &Reading,
    ) -> Judgement {
        let verdict = match reading.declared.resumption {
            true => Verdict::Fail,
            false => Verdict::Info,
        };
        let judgement = Judgement::new(
            verdict,
            format!(
                "behind {} the stream that was never cut had {} when the client came back, which got {}: {difference}",
                list(&[&self.last]),
                list(missed),
                list(came)
            ),
        );
        match verdict {
            Verdict::Info => judgement.resting_on("ambiguity/resumption"),
            _ => judgement.to_confirm_alone(),
        }
    }
}
