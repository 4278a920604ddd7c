//! The same client comes back, with and without the id of an event that it saw.

use super::fate::{Fate, moves_on, same_content, try_out};
use crate::case::{Case, Experiment, Need, WATCHING_WEIGHT, Watching};
use crate::declared::Reading;
use crate::http::{Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, Got, Read, ask, script, sent_away_for_now};
use crate::stage::Stage;
use crate::timing::Timing;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};
use std::time::Duration;

const FIRST: &str = "first";
const AGAIN: &str = "again";

/// The same request without an id, where that with one comes to nothing.
const ORDINARY: &str = "ordinary";

/// What an event breaks that comes again where resumption is declared.
const REPEATS: &str = "sse/9.2.4/header-purpose";

/// What lies further apart was not sent at once.
const NEXT: Duration = Duration::from_millis(100);

pub(super) fn cases() -> Vec<Case> {
    let without = Case::new(
        "sse/rec/no-id",
        Severity::Major,
        &[Need::Sse, Need::EventSource],
        &["sse/9.2.3/last-event-id-not-sent-when-empty"],
        Again { with_id: false },
    )
    .about(
        "a client that saw no id comes back, with the cookies that it was given",
        "a stream, or 204 to send it away for good",
    );
    let with = Case::new(
        "sse/rec/with-id",
        Severity::Major,
        &[Need::Sse, Need::EventSource],
        &["sse/9.2.3/last-event-id-sent", "sse/9.2.4/value-space", REPEATS],
        Again { with_id: true },
    )
    .about(
        "a client comes back and names the last event that it saw",
        "a stream that goes on, if it does without an id, or 204 to send it away for good; no 5xx; where resumption is declared, \
         the event that it names does not come again",
    )
    .watching(Watching::Alone);
    vec![without, with]
}

struct Again {
    with_id: bool,
}

/// The last event ID of the first response: what a client comes back with.
pub(super) fn last_id(heard: &Replies) -> Option<String> {
    let last = Read::of(heard.first()?).last_id?;
    (!last.is_empty()).then_some(last)
}

/// Why no id is known of a stream that was listened to for so long, by a connection that reads so many bytes.
pub(super) fn no_id(answer: &Answer, listened: Duration, weight: usize) -> String {
    let read = answer.reply().map(Read::of).unwrap_or_default();
    if read.last_id.is_some() {
        return "the last block with an id takes it away again".into();
    }
    match (answer.replies.full, script::is_over(&answer.replies)) {
        (true, _) => format!(
            "no id came within the {} KiB that the case reads",
            weight / 1024
        ),
        (false, true) => "no id came before the stream ended".into(),
        (false, false) => format!("no id came within {:.1} s", listened.as_secs_f32()),
    }
}

/// What a browser sends back of the cookies that a response sets.
fn cookies(reply: &Reply) -> impl Iterator<Item = &[u8]> {
    let lines = reply.head.all("set-cookie");
    let pairs = lines.filter_map(|line| line.split(|&byte| byte == b';').next());
    pairs.map(<[u8]>::trim_ascii)
}

impl Experiment for Again {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::event_source(&stage.setting);
            let mut first = ask(stage, FIRST, &request).await;
            let heard = first.heard();
            let Some(reply) = heard.first().filter(|reply| reply.is_event_stream()) else {
                return;
            };
            for cookie in cookies(reply) {
                request.add_cookie(cookie);
            }
            if !self.with_id {
                drop(first);
                ask(stage, AGAIN, &request).await;
                return;
            }
            let timing = stage.setting.timing;
            let came = |heard: &Replies| last_id(heard).is_some() || script::is_over(heard);
            first.listen_until(window(timing), came).await;
            let Some(id) = last_id(first.heard()) else {
                return;
            };
            let ordinary = request.clone();
            request.set("Last-Event-ID", id);
            let seen = first.heard().clone();
            drop(first);
            let mut again = try_out(stage, AGAIN, &request, timing.at_once / 4).await;
            let begun = |heard: &Replies| !events(heard).is_empty() || script::is_over(heard);
            again.listen_until(window(timing), begun).await;
            let fate = Fate::of(again.heard());
            let silent = events(again.heard()).is_empty();
            if fate == Fate::GoesOn && !silent {
                if seen_again(&seen, again.heard()).is_some() {
                    let told = |heard: &Replies| {
                        repeated(&seen, heard).is_some() || script::is_over(heard)
                    };
                    again.listen_until(window(timing), told).await;
                }
                return;
            }
            let watched = fate.watched(timing.at_once);
            let mut control = try_out(stage, ORDINARY, &ordinary, watched).await;
            if fate == Fate::GoesOn {
                let goes_on = |heard: &Replies| goes_on(heard) || script::is_over(heard);
                control.listen_until(window(timing), goes_on).await;
                // What came here meanwhile.
                again.listen_until(timing.at_once / 4, begun).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let first = match Answer::of(transcript, FIRST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        if !first.streams() {
            let came = first.in_words();
            return Judgement::inconclusive(format!(
                "a request that got a stream before is answered by {came}"
            ))
            .to_confirm_alone();
        }
        if transcript.connection(AGAIN).is_none() {
            let why = no_id(&first, window(reading.timing), WATCHING_WEIGHT);
            return Judgement::info(format!("{why}: a client that comes back names none"))
                .at(first.spot());
        }
        let again = match Answer::of(transcript, AGAIN, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let judgement = match self.with_id {
            true => {
                let id = last_id(&first.replies).unwrap_or_default();
                let id = printable(id.as_bytes(), 40);
                let who =
                    format!("a client that comes back with the id \"{id}\", which it was given,");
                let ordinary = Answer::on(transcript, ORDINARY, &[]);
                let moves_on = moves_on(transcript, &again);
                let repeated =
                    repeated(&first.replies, &again.replies).filter(|_| ordinary.is_none());
                match repeated {
                    // What came is there, whoever else asked.
                    Some(data) if !reading.declared.resumption => {
                        return twice(&who, &data, false).at(again.spot());
                    }
                    Some(data) => twice(&who, &data, true),
                    None => named(
                        &who,
                        &again,
                        ordinary.as_ref(),
                        moves_on,
                        window(reading.timing),
                    ),
                }
            }
            false => judge(&again, "a client that comes back without an id", false),
        };
        judgement.to_confirm_alone().at(again.spot())
    }
}

/// How long an event is waited for.
fn window(timing: Timing) -> Duration {
    timing.observe / 3
}

/// When each event came.
fn events(heard: &Replies) -> Vec<Duration> {
    let read = heard.first().map(Read::of).unwrap_or_default();
    read.events.into_iter().map(|got| got.at).collect()
}

/// Whether events came one after another: what begins a stream may come all at once, and nothing behind it.
fn goes_on(heard: &Replies) -> bool {
    let events = events(heard);
    let (first, last) = (events.first(), events.last());
    matches!((first, last), (Some(first), Some(last)) if *last > *first + NEXT)
}

/// The event that the client named, where it comes again before all others, and its id stands for it alone.
fn seen_again(first: &Replies, again: &Replies) -> Option<Got> {
    let (first, again) = (Read::of(first.first()?), Read::of(again.first()?));
    let seen = first.events.last()?;
    let is_named = seen.names_id && first.last_id.as_ref() == Some(&seen.id);
    let came = again.events.iter().find(|got| got.names_id)?;
    let same = [&came.id, &came.event, &came.data] == [&seen.id, &seen.event, &seen.data];
    // Of a batch, or of state, an id says nothing of what was seen.
    let all = first.events.iter().chain(&again.events);
    let once = all.filter(|got| got.id == seen.id).count() == 2;
    (is_named && same && once).then(|| came.clone())
}

/// The same, once another id tells that ids are places.
fn repeated(first: &Replies, again: &Replies) -> Option<Got> {
    let came = seen_again(first, again)?;
    let (first, again) = (Read::of(first.first()?), Read::of(again.first()?));
    let mut all = first.events.iter().chain(&again.events);
    all.any(|got| got.names_id && got.id != came.id)
        .then_some(came)
}

/// What comes again although the client said that it has it.
fn twice(who: &str, came: &Got, declared: bool) -> Judgement {
    let observed = format!(
        "{who} gets a stream that begins with that very event, \"{}\": a page gets it twice",
        printable(came.data.as_bytes(), 40)
    );
    match declared {
        true => Judgement::fail(observed).by(REPEATS),
        false => Judgement::info(observed).resting_on("ambiguity/resumption"),
    }
}

const LOST: &str = "an EventSource takes that for final, and never comes again";
const FOR_EVER: &str =
    "its client comes back with the same id, and so for ever, and gets no event any more";

/// A client that names an event that it saw; `ordinary`: what a request without the id comes to directly after, where it was
/// made.
fn named(
    who: &str,
    again: &Answer,
    ordinary: Option<&Answer>,
    moves_on: bool,
    listened: Duration,
) -> Judgement {
    let came = again.in_words();
    let Some(ordinary) = ordinary else {
        return judge(again, who, true);
    };
    if !ordinary.streams() {
        return Judgement::inconclusive(format!(
            "{who} is answered by {came}, and a request without an id, which got a stream before, by {}",
            ordinary.in_words()
        ));
    }
    let unlike = "where a request without an id gets a stream";
    match Fate::of(&again.replies) {
        Fate::GoesOn if events(&again.replies).is_empty() && goes_on(&ordinary.replies) => {
            Judgement::warn(format!(
                "{who} gets a stream without an event in {:.1} s and more, where events go on coming to one without an id",
                listened.as_secs_f32()
            ))
            .resting_on_silence()
        }
        Fate::Ends if moves_on => Judgement::pass(format!(
            "{who} gets a stream that ends at once, and leaves it with another id"
        )),
        Fate::Ends
            if Fate::of(&ordinary.replies) == Fate::Ends || same_content(again, ordinary) =>
        {
            Judgement::pass(format!(
                "{who} gets a stream that ends at once, as one without an id does"
            ))
        }
        Fate::Ends => Judgement::warn(format!(
            "{who} gets a stream that ends at once{}, where that of a request without an id goes on: {FOR_EVER}",
            match &again.replies.end {
                Some((_, end)) if !again.reply().is_some_and(|reply| reply.complete) =>
                    format!(", by {end}"),
                Some(_) | None => String::new(),
            }
        )),
        Fate::Falls => match again.status() {
            // Whoever waits for room, or for a client that is not seen to be gone, says nothing of the id.
            Some(503) => judge(again, who, true),
            Some(_) => Judgement::fail(format!(
                "{who} is answered by {came}, {unlike}: by its own word the server failed at an id of its own, and {LOST}"
            ))
            .by("sse/9.2.4/value-space"),
            None if again.is_silent() => judge(again, who, true),
            None => Judgement::fail(format!(
                "{who} is answered by {came}, {unlike}: {FOR_EVER}"
            ))
            .by("sse/9.2.4/value-space"),
        },
        Fate::Refused => match again.status() {
            Some(200..=203 | 205..=299) => {
                Judgement::warn(format!("{who} is answered by {came}, {unlike}: {LOST}"))
            }
            Some(_) | None => judge(again, who, true),
        },
        Fate::GoesOn => judge(again, who, true),
    }
}

fn judge(again: &Answer, who: &str, with_id: bool) -> Judgement {
    let came = again.in_words();
    match again.status() {
        Some(200) if again.streams() => Judgement::pass(format!("{who} gets a stream")),
        Some(204) => Judgement::pass(format!("{who} is sent away for good, by 204")),
        Some(404 | 410) if !with_id => Judgement::info(format!(
            "{who} is answered by {came}, as where each stream is used once: {LOST}"
        )),
        // Where it comes with an id, a request without one was served behind it.
        Some(429 | 503) if !with_id => sent_away_for_now(who, &came),
        Some(400..) => Judgement::warn(format!("{who} is answered by {came}: {LOST}")),
        Some(_) => Judgement::info(format!("{who} is answered by {came}")),
        None => {
            let judgement = Judgement::warn(format!("{who} is answered by {came}"));
            match again.is_silent() {
                true => judgement.resting_on_silence(),
                false => judgement,
            }
        }
    }
}
