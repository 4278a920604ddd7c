//! The live stream, without a script: one connection that is never cut tells what another one, cut and asked for again,
//! ought to have seen. It is asked for again when something was missed: else a server that begins with whatever is new
//! would pass. Events are told apart by their ids, and how a server makes them is its own affair; where connections show
//! that theirs are no places in one sequence, no loss is claimed.

use super::again::{last_id, no_id};
use super::resumption::Resumption;
use crate::case::{Case, Experiment, Need, WATCHING_WEIGHT, Watching};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, Got, Read, ask, script};
use crate::stage::Stage;
use crate::timing::Timing;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use pushspec_reports::Severity;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::Instant;

const WHOLE: &str = "whole";
const CUT: &str = "cut";
const RESUMED: &str = "resumed";

/// The same request without an id, where that with one gets no stream.
const ORDINARY: &str = "ordinary";

/// So many ids are seen before the cut, where they come in time: with one alone, to repeat it is to begin anew.
const SEEN: usize = 2;

/// So many are missed before the client comes back: with one alone, to lose it is to begin with what is new. So many that
/// nobody knew before show that a stream has gone on: one may be a greeting.
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
        .watching(Watching::Alone)
    };
    vec![case("fin", "FIN", false), case("reset", "RST", true)]
}

struct Oracle {
    reset: bool,
}

/// How long events are waited for before the cut, and behind it.
fn window(timing: Timing) -> Duration {
    timing.observe / 3
}

/// The events that name an id, in order.
fn named(heard: &Replies) -> Vec<Got> {
    let read = heard.first().map(Read::of).unwrap_or_default();
    let events = read.events.into_iter();
    let named = events.filter(|got| got.names_id && !got.id.is_empty());
    named.collect()
}

/// What tells events apart.
type Key = fn(&Got) -> String;

fn by_id(got: &Got) -> String {
    got.id.clone()
}

/// Where ids stand for several events.
fn by_all(got: &Got) -> String {
    [&got.id[..], &got.event, &got.data].join("\n")
}

fn keys(heard: &Replies, key: Key) -> Vec<String> {
    named(heard).iter().map(key).collect()
}

/// What stands behind the last of those that were `seen`, of types of which a client has seen what others have too.
fn behind(heard: &Replies, seen: &[Got], key: Key) -> Vec<String> {
    let events = named(heard);
    let known: HashSet<String> = seen.iter().map(key).collect();
    let shared: HashSet<&str> = events
        .iter()
        .filter(|got| known.contains(&key(got)))
        .map(|got| got.event.as_str())
        .collect();
    let Some(last) = events.iter().rposition(|got| known.contains(&key(got))) else {
        return Vec::new();
    };
    let behind = events[last + 1..].iter();
    let behind = behind.filter(|got| shared.contains(got.event.as_str()));
    behind.map(key).collect()
}

/// Looks whether a stream stands, beside which another request got none.
async fn stands(stage: &Stage, mut stream: Exchange) {
    let moment = stage.setting.timing.at_once / 4;
    stream.listen_until(moment, script::is_over).await;
}

/// What is said where one of two requests, or both, got no stream.
fn not_two(whole: &Answer, cut: &Answer) -> Judgement {
    let (served, refused) = match whole.streams() {
        true => (whole, cut),
        false => (cut, whole),
    };
    let came = refused.in_words();
    let is_one_too_many = served.streams()
        && !script::is_over(&served.replies)
        && (refused.is_silent() || matches!(refused.status(), Some(400..=499 | 503)));
    if !is_one_too_many {
        return Judgement::inconclusive(format!(
            "a request that got a stream before is answered by {came}"
        ))
        .to_confirm_alone();
    }
    let observed = format!(
        "two streams are needed for a comparison, and the server allows one: while that is open, another request gets {came}"
    );
    let judgement = Judgement::info(observed).at(refused.spot());
    match refused.is_silent() {
        true => judgement.resting_on_silence().to_confirm_alone(),
        false => judgement.to_confirm_alone(),
    }
}

fn is_stream(exchange: &Exchange) -> bool {
    exchange.heard().first().is_some_and(Reply::is_event_stream)
}

impl Experiment for Oracle {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let timing = stage.setting.timing;
            let (began, window) = (Instant::now(), window(timing));
            let ordinary = Request::event_source(&stage.setting);
            let (mut whole, mut cut) =
                tokio::join!(ask(stage, WHOLE, &ordinary), ask(stage, CUT, &ordinary));
            match (is_stream(&whole), is_stream(&cut)) {
                (true, true) => {}
                (true, false) => return stands(stage, whole).await,
                (false, true) => return stands(stage, cut).await,
                (false, false) => return,
            }
            let enough = |heard: &Replies| named(heard).len() >= SEEN || script::is_over(heard);
            cut.listen_until(window, enough).await;
            let seen = named(cut.heard());
            let Some(id) = last_id(cut.heard()).filter(|_| !seen.is_empty()) else {
                return;
            };
            match self.reset {
                true => cut.send_reset(),
                false => drop(cut),
            }
            let missed = |heard: &Replies| {
                behind(heard, &seen, by_id).len() >= MISSED || script::is_over(heard)
            };
            whole.listen_until(window, missed).await;
            let mut ids = HashSet::new();
            let recurs = !keys(whole.heard(), by_id)
                .into_iter()
                .all(|id| ids.insert(id));
            let key = if recurs { by_all } else { by_id };
            let due = behind(whole.heard(), &seen, key);
            let known = keys(whole.heard(), key);
            let mut request = ordinary.clone();
            request.set("Last-Event-ID", &id);
            let mut resumed = ask(stage, RESUMED, &request).await;
            if !is_stream(&resumed) {
                ask(stage, ORDINARY, &ordinary).await;
                return;
            }
            let caught_up = |came: &[String]| due.iter().all(|due| came.contains(due));
            let new = |came: &[String]| came.iter().filter(|it| !known.contains(it)).count();
            let come = |heard: &Replies| {
                let came = keys(heard, key);
                (caught_up(&came) && !came.is_empty())
                    || new(&came) >= MISSED
                    || script::is_over(heard)
            };
            // With patience, but where events are rare for no longer than the stream is watched.
            let left = timing.observe.saturating_sub(began.elapsed()).max(window);
            resumed.listen_until(left.min(timing.patience), come).await;
            // What comes twice may come behind all that was due, and what is late behind what is new.
            let gone_on = |heard: &Replies| {
                let came = keys(heard, key);
                (caught_up(&came) && new(&came) > 0) || script::is_over(heard)
            };
            resumed.listen_until(timing.at_once, gone_on).await;
            // Where the last that came stands in the stream that was never cut.
            let last = keys(resumed.heard(), key).pop();
            let placed = |heard: &Replies| {
                let is_there = |last| keys(heard, key).contains(last);
                last.as_ref().is_none_or(is_there) || script::is_over(heard)
            };
            whole.listen_until(timing.at_once, placed).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let both = [WHOLE, CUT].map(|label| Answer::of(transcript, label, &[]));
        let (whole, cut) = match both {
            [Ok(whole), Ok(cut)] => (whole, cut),
            [Err(judgement), _] | [_, Err(judgement)] => return judgement,
        };
        if !whole.streams() || !cut.streams() {
            return not_two(&whole, &cut);
        }
        let Some(last) = last_id(&cut.replies) else {
            let why = no_id(&cut, window(reading.timing), WATCHING_WEIGHT);
            return Judgement::info(format!("{why}: there is nothing to resume at"));
        };
        if named(&cut.replies).is_empty() {
            return Judgement::info(
                "ids stand in blocks without data alone: no event can be told from another, and nothing be compared",
            );
        }
        let resumed = match Answer::of(transcript, RESUMED, &[]) {
            Ok(resumed) => resumed,
            Err(judgement) => return judgement,
        };
        let spot = Spot::received(
            RESUMED,
            resumed.reply().map_or(0, |reply| reply.offset_of(0)),
        );
        let resumption = Resumption {
            declared: reading.declared.resumption,
            last,
            waited: reading.timing.patience,
        };
        let judgement = match resumed.streams() {
            true => {
                let came_back = transcript.connection(RESUMED).map(Connection::asked);
                resumption.streamed(&whole, &cut, &resumed, came_back.unwrap_or_default())
            }
            false => {
                let ordinary = Answer::on(transcript, ORDINARY, &[]);
                resumption.refused(&resumed, ordinary.as_ref())
            }
        };
        judgement.at(spot)
    }
}
