//! A client with a jar comes back: it sends the cookies that it was given, where their attributes let it, and no others.

use super::{AGAIN, EVERYDAY, come_back};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::Judgement;
use crate::sse::{Visited, sent_away_for_now};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::Severity;

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/everyday/cookies",
        Severity::Major,
        &[Need::Sse, Need::EventSource],
        &[
            "sse/9.2.3/last-event-id-sent",
            "sse/9.2.3/last-event-id-not-sent-when-empty",
        ],
        Cookies,
    );
    vec![case.about(
        "a client of the field comes back with the id that it saw and with the cookies of its jar",
        "a stream, or 204 to send it away for good; a cookie that no client may send back is not asked for",
    )]
}

struct Cookies;

impl Experiment for Cookies {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            come_back(stage, Request::event_source(&stage.setting)).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let first = match Visited::of(transcript, EVERYDAY) {
            Ok(visited) => visited,
            Err(judgement) => return judgement,
        };
        if !first.is_event_stream() {
            let came = first.in_words();
            let judgement = Judgement::info(format!(
                "reqwest, where the raw view got a stream before, is answered by {came}: the case `stream` of this family looks into it"
            ));
            // A fresh handshake was answered behind a silence: that confirms it, and a second one takes as long again.
            return match first.is_silent() {
                true => judgement.resting_on_silence(),
                false => judgement.to_confirm_alone(),
            };
        }
        match Visited::of(transcript, AGAIN) {
            Ok(again) => judge(&first, &again).to_confirm_alone(),
            Err(judgement) => judgement,
        }
    }
}

fn judge(first: &Visited, again: &Visited) -> Judgement {
    let with_id = first
        .read
        .events
        .last()
        .is_some_and(|last| !last.id.is_empty());
    let requirement = match with_id {
        true => "sse/9.2.3/last-event-id-sent",
        false => "sse/9.2.3/last-event-id-not-sent-when-empty",
    };
    let kept: Vec<&String> = first
        .given
        .iter()
        .filter(|name| !again.sent.contains(name))
        .collect();
    let list = |names: &[&String]| {
        let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        names.join(", ")
    };
    let who = match (first.given.is_empty(), kept.is_empty()) {
        (true, _) => "a client that was given no cookies and comes back".to_owned(),
        (false, true) => format!(
            "a client that comes back with the cookies that it was given ({})",
            first.given.join(", ")
        ),
        (false, false) => format!(
            "a client that comes back without cookies which their attributes forbid it to send ({})",
            list(&kept)
        ),
    };
    let came = again.in_words();
    const LOST: &str = "an EventSource takes that for final, and never comes again";
    let judgement = match again.status {
        Some(200) if again.is_event_stream() && kept.is_empty() => {
            Judgement::pass(format!("{who} gets a stream"))
        }
        Some(200) if again.is_event_stream() => Judgement::info(format!("{who} gets a stream")),
        Some(204) => Judgement::pass(format!("{who} is sent away for good, by 204")),
        Some(404 | 410) if !with_id => Judgement::info(format!(
            "{who} is answered by {came}, as where each stream is used once: {LOST}"
        )),
        Some(429 | 503) => sent_away_for_now(&who, &came),
        Some(400..) => Judgement::warn(format!("{who} is answered by {came}: {LOST}")),
        Some(_) => Judgement::info(format!("{who} is answered by {came}")),
        None if again.is_silent() => {
            Judgement::warn(format!("{who} is answered by {came}")).resting_on_silence()
        }
        None => Judgement::info(format!("{who} is answered by {came}")),
    };
    judgement.by(requirement)
}
