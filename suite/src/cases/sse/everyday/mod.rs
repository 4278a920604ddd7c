//! `sse/everyday`: the same streams through a client of the field.
//!
//! The raw view asks for nothing by itself, so it never meets what a client of the field gets: a coding, a redirect that is
//! followed, a cookie that goes back or does not. Here reqwest asks, and what it reads is held against what the raw view reads of
//! the same stream: live ([`stream`]) and of a script ([`script`]). Two cases are about what it remembers: along redirects
//! ([`redirect`]), and when it comes back ([`cookies`]).

mod cookies;
mod redirect;
mod script;
mod stream;
#[cfg(test)]
mod tests;

use crate::case::Case;
use crate::http::{Coding, Everyday, Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, Coded, Read, Visited, coding};
use crate::stage::{Endpoint, Stage};
use crate::transcript::{Event, Told, What};
use std::time::Duration;
use tokio::time::Instant;

pub(super) fn cases() -> Vec<Case> {
    let families = [
        stream::cases,
        script::cases,
        redirect::cases,
        cookies::cases,
    ];
    families.into_iter().flat_map(|family| family()).collect()
}

/// What the everyday client tells stands under this label.
const EVERYDAY: &str = "everyday";

/// And under this one when it comes back.
const AGAIN: &str = "again";

const LISTED: &str = "rfc9110/8.4/codings-listed";
const ZLIB: &str = "rfc9110/8.4.1.2/deflate-is-zlib";
const IDENTITY: &str = "rfc9110/12.5.3/identity-respected";

/// A client of the field; none where it cannot be set up, which is recorded.
fn client(stage: &Stage, endpoint: &Endpoint) -> Option<Everyday> {
    match stage.everyday(endpoint) {
        Ok(client) => Some(client),
        Err(reason) => {
            let recorder = stage.recorder();
            let index = recorder.begin(EVERYDAY);
            let (at, what) = (Duration::ZERO, What::Told(Told::Absent(reason)));
            recorder.add(index, Event { at, what });
            None
        }
    }
}

/// Asks, leaves with the first event or after a third of the observation time, and comes back with the id that it saw.
async fn come_back(stage: &Stage, mut request: Request) {
    let Some(client) = client(stage, &stage.setting.endpoint()) else {
        return;
    };
    let mut visit = client.visit(EVERYDAY, &request).await;
    let window = stage.setting.timing.observe / 3;
    visit.listen_until(Instant::now() + window, 1).await;
    drop(visit);
    let Ok(first) = Visited::of(&stage.transcript(), EVERYDAY) else {
        return;
    };
    if !first.is_event_stream() {
        return;
    }
    if let Some(last) = first.read.events.last().filter(|last| !last.id.is_empty()) {
        request.set("Last-Event-ID", &last.id);
    }
    client.visit(AGAIN, &request).await;
}

fn accepting(mut request: Request, codings: &str) -> Request {
    request.set("Accept-Encoding", codings);
    request
}

/// What is wrong with the coding of a response, as far as the raw view can tell; none where it decodes, or is none.
fn miscoded(answer: &Answer) -> Option<Judgement> {
    let reply = answer.reply().filter(|reply| reply.is_event_stream())?;
    let spot: Spot = answer.field_spot("content-encoding");
    let judgement = match coding(reply) {
        // sse/http/identity says what is wrong with the name.
        Coded::Plain | Coded::Misnamed => return None,
        Coded::Unknown => Judgement::warn(format!(
            "the stream is coded as {}, which the client did not ask for and cannot decode: it sees not one event",
            coding_of(reply)
        ))
        .by(IDENTITY),
        Coded::In(Coding::Deflate) if Read::of(reply).undecodable => Judgement::fail(
            "the content of the stream is no zlib stream, which is what `deflate` stands for: bare deflate data is decoded by \
             browsers, which guess, and by few others",
        )
        .by(ZLIB),
        Coded::In(coding) if Read::of(reply).undecodable => Judgement::fail(format!(
            "Content-Encoding says {}, and the content is not coded so: a client sees not one event",
            coding.as_str()
        ))
        .by(LISTED),
        Coded::In(_) => return None,
    };
    Some(judgement.at(spot))
}

/// The codings of a response, for a sentence.
fn coding_of(reply: &Reply) -> String {
    let values: Vec<&[u8]> = reply.head.all("content-encoding").collect();
    match coding(reply) {
        Coded::Plain | Coded::Misnamed => "no coding".into(),
        Coded::In(_) | Coded::Unknown => pushspec_reports::printable(&values.join(&b", "[..]), 40),
    }
}

/// A client that gave up in the middle, although the raw view decodes all that came: where the content of its last response is
/// complete, the coding alone is not.
fn gave_up(visited: &Visited, coded: &Answer) -> Option<Judgement> {
    let why = visited.gave_up.as_ref()?;
    let reply = coded.reply()?;
    let judgement = match coding(reply) {
        Coded::In(coding) if reply.complete => Judgement::warn(format!(
            "the stream in {} ends, and its coding does not: an everyday client that has read {} events takes it for cut short \
             ({why})",
            coding.as_str(),
            visited.read.events.len()
        ))
        .by(LISTED),
        Coded::In(_) | Coded::Plain | Coded::Misnamed | Coded::Unknown => Judgement::info(format!(
            "reqwest reads {} events of the stream and gives up ({why}); other cases say which rule is broken",
            visited.read.events.len()
        )),
    };
    Some(judgement.at(coded.field_spot("content-encoding")))
}
