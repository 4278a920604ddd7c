//! The path that redirects to the stream, for a client that keeps the cookies which it is given on the way.

use super::{AGAIN, EVERYDAY, come_back};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{REDIRECTS, Request};
use crate::judgement::Judgement;
use crate::sse::{Visited, sent_away_for_now};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::Severity;

const LOOP: &str = "fetch/redirect/limit-20";
const LOCATION: &str = "fetch/redirect/missing-location";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/everyday/redirect",
        Severity::Major,
        &[Need::Sse, Need::EventSource, Need::RedirectingPath],
        &[
            "sse/9.2.1/redirect-301-307",
            LOOP,
            LOCATION,
            "sse/9.2.3/last-event-id-sent",
        ],
        Redirect,
    );
    vec![case.about(
        "the redirecting path, for a client of the field that keeps cookies; and once more, with the id that it saw",
        "the stream, both times, behind at most 20 redirects",
    )]
}

struct Redirect;

impl Experiment for Redirect {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let Some(path) = &stage.setting.declared.redirecting_path else {
                return;
            };
            let mut request = Request::event_source(&stage.setting);
            request.target = path.as_bytes().to_vec();
            come_back(stage, request).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let first = match Visited::of(transcript, EVERYDAY) {
            Ok(visited) => visited,
            Err(judgement) => return judgement,
        };
        if let Some(judgement) = astray(&first, "an everyday client") {
            return judgement.to_confirm_alone();
        }
        let again = match Visited::of(transcript, AGAIN) {
            Ok(visited) => visited,
            Err(judgement) => return judgement,
        };
        if again.status == Some(204) {
            return Judgement::pass("leads to the stream, and away from it for good, by 204");
        }
        match again.status {
            Some(429 | 503) => {
                sent_away_for_now("leads to the stream, but a client that comes back", &again.in_words())
            }
            Some(400..) => Judgement::warn(format!(
                "leads to the stream, but a client that comes back is answered by {}: an EventSource takes that for final",
                again.in_words()
            ))
            .by("sse/9.2.3/last-event-id-sent")
            .to_confirm_alone(),
            Some(_) | None => match astray(&again, "an everyday client that comes back") {
                Some(judgement) => judgement.to_confirm_alone(),
                None => led(&first, &again),
            },
        }
    }
}

/// Why the client has no stream in the end; none where it has one.
fn astray(visited: &Visited, who: &str) -> Option<Judgement> {
    let redirects = visited.hops.len();
    let left = visited.hops.last().filter(|hop| !hop.followed);
    let cookies = match visited.given.is_empty() {
        true => "",
        false => ", although it keeps the cookies that it is given and may send",
    };
    Some(match left {
        Some(_) if redirects > REDIRECTS => Judgement::fail(format!(
            "{who} is redirected {redirects} times in a row{cookies}: clients give up on a loop"
        ))
        .by(LOOP),
        Some(hop) => Judgement::info(format!(
            "{who} is led to another server, which was not asked: {}",
            hop.to
        )),
        None if visited.is_event_stream() => return None,
        None if matches!(visited.status, Some(301..=303 | 307 | 308)) => Judgement::fail(format!(
            "{who} is answered by {} without a Location that it can follow",
            visited.in_words()
        ))
        .by(LOCATION),
        None if redirects == 0 => Judgement::info(format!(
            "{who} is answered by {}, before any redirect",
            visited.in_words()
        )),
        None if visited.is_silent() => Judgement::warn(format!(
            "{who} is led on by {redirects} redirects{cookies}, and then answered by {}: an EventSource waits for it",
            visited.in_words()
        ))
        .resting_on_silence(),
        None => Judgement::fail(format!(
            "{who} is answered by {}, behind {redirects} redirects{cookies}: an EventSource reports an error and does not come \
             back",
            visited.in_words()
        )),
    })
}

fn led(first: &Visited, again: &Visited) -> Judgement {
    let statuses = |visited: &Visited| {
        let statuses = visited.hops.iter().map(|hop| hop.status.to_string());
        statuses.collect::<Vec<_>>().join(", ")
    };
    if first.hops.is_empty() {
        return Judgement::info("declared to redirect, but the path streams by itself");
    }
    let cookies = match first.given.is_empty() {
        true => "no cookies".to_owned(),
        false => format!("the cookies {}", first.given.join(", ")),
    };
    Judgement::pass(format!(
        "leads to the stream by {}, with {cookies}; and once more by {}",
        statuses(first),
        statuses(again)
    ))
}
