//! The same client comes back, with and without the id of an event that it saw.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, Read, ask, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};

const FIRST: &str = "first";
const AGAIN: &str = "again";

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
        &["sse/9.2.3/last-event-id-sent"],
        Again { with_id: true },
    )
    .about(
        "a client comes back and names the last event that it saw",
        "a stream, or 204 to send it away for good",
    );
    vec![without, with]
}

struct Again {
    with_id: bool,
}

/// The last event ID of the first response.
pub(super) fn last_id(heard: &Replies) -> Option<String> {
    let read = Read::of(heard.first()?);
    let last = read.events.last()?;
    (!last.id.is_empty()).then(|| last.id.clone())
}

/// What a browser sends back of the cookies that a response sets.
fn cookies(reply: &Reply) -> Option<String> {
    let pairs: Vec<String> = reply
        .head
        .all("set-cookie")
        .filter_map(|line| line.split(|&byte| byte == b';').next())
        .map(|pair| String::from_utf8_lossy(pair.trim_ascii()).into_owned())
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
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
            if let Some(cookies) = cookies(reply) {
                request.set("Cookie", cookies);
            }
            if self.with_id {
                let came = |heard: &Replies| last_id(heard).is_some() || script::is_over(heard);
                first
                    .listen_until(stage.setting.timing.observe / 3, came)
                    .await;
                let Some(id) = last_id(first.heard()) else {
                    return;
                };
                request.set("Last-Event-ID", id);
            }
            drop(first);
            ask(stage, AGAIN, &request).await;
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
            return Judgement::info(format!(
                "no event with an id came within {:.1} s: a client that comes back names none",
                (reading.timing.observe / 3).as_secs_f32()
            ))
            .at(first.spot());
        }
        let again = match Answer::of(transcript, AGAIN, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let who = match self.with_id {
            true => {
                let id = last_id(&first.replies).unwrap_or_default();
                let id = printable(id.as_bytes(), 40);
                format!("a client that comes back with the id \"{id}\", which it was given,")
            }
            false => "a client that comes back without an id".to_owned(),
        };
        judge(&again, &who, self.with_id)
            .to_confirm_alone()
            .at(again.spot())
    }
}

fn judge(again: &Answer, who: &str, with_id: bool) -> Judgement {
    let came = again.in_words();
    const LOST: &str = "an EventSource takes that for final, and never comes again";
    match again.status() {
        Some(200) if again.streams() => Judgement::pass(format!("{who} gets a stream")),
        Some(204) => Judgement::pass(format!("{who} is sent away for good, by 204")),
        Some(404 | 410) if !with_id => Judgement::info(format!(
            "{who} is answered by {came}, as where each stream is used once: {LOST}"
        )),
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
