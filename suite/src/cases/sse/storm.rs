//! What it comes to that clients come back to a stream that ends.

use crate::http::{Replies, Request};
use crate::sse::{Answer, Read, ask, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use std::time::Duration;

/// The connection on which a client comes back.
const BACK: &str = "back";

/// Comes back to a stream that has ended, as an EventSource does: with the last event ID, if there is one.
pub(super) async fn come_back(stage: &Stage, ended: &Replies) {
    if stage.setting.declared.post.is_some() || !script::is_over(ended) || ended.full {
        return;
    }
    let mut request = Request::event_source(&stage.setting);
    let last = ended.first().and_then(|reply| Read::of(reply).last_id);
    if let Some(id) = last.filter(|id| !id.is_empty()) {
        request.set("Last-Event-ID", id);
    }
    ask(stage, BACK, &request).await;
}

/// What it comes to that clients come back to a stream that lasts so long: nothing, if the one that did was sent away.
pub(super) fn coming_back(transcript: &Transcript, lasted: Duration, retry: Option<u64>) -> String {
    let back = Answer::on(transcript, BACK, &[]);
    match back.and_then(|answer| answer.status()) {
        Some(204) => "an EventSource comes back once, and is sent away for good, by 204".into(),
        Some(_) | None => storm(lasted, retry),
    }
}

/// What a browser waits where no `retry` says how long: a few seconds, most of them three.
const USUAL_RETRY: u64 = 3000;

/// When clients come back to a stream that lasts so long, and how often a thousand of them do.
fn storm(lasted: Duration, retry: Option<u64>) -> String {
    let pause = Duration::from_millis(retry.unwrap_or(USUAL_RETRY));
    // A stream that takes no time and asks for none still takes a round trip.
    let each = (lasted + pause).max(Duration::from_millis(10));
    let back = match retry {
        Some(retry) => format!("after {retry} ms, as `retry` says"),
        None => "after a few seconds, since no `retry` says when".into(),
    };
    format!(
        "an EventSource comes back {back}, and so for ever: a thousand of them make {:.0} requests a second",
        1000.0 / each.as_secs_f64()
    )
}

#[cfg(test)]
mod tests {
    use super::{BACK, coming_back, storm};
    use crate::transcript::{Connection, Event, Transcript, What};
    use std::time::Duration;

    #[test]
    fn who_is_sent_away_makes_no_storm() {
        let back = |status: &str| {
            let whats = [
                What::Sent("GET / HTTP/1.1\r\n\r\n".into()),
                What::Received(format!("HTTP/1.1 {status}\r\n\r\n").into()),
            ];
            let event = |what| Event {
                at: Duration::ZERO,
                what,
            };
            let connections = vec![Connection {
                label: BACK,
                events: whats.into_iter().map(event).collect(),
            }];
            coming_back(&Transcript { connections }, Duration::ZERO, None)
        };
        assert!(back("204 No Content").ends_with("sent away for good, by 204"));
        assert!(back("200 OK").contains("333 requests a second"));
        let nobody = Transcript {
            connections: Vec::new(),
        };
        assert!(coming_back(&nobody, Duration::ZERO, None).contains("for ever"));
    }

    #[test]
    fn requests_a_second() {
        for (lasted, retry, said) in [
            (
                0,
                None,
                "after a few seconds, since no `retry` says when, and so for ever: a thousand of them make 333 requests",
            ),
            (
                2000,
                Some(3000),
                "after 3000 ms, as `retry` says, and so for ever: a thousand of them make 200 requests",
            ),
            (0, Some(0), "a thousand of them make 100000 requests"),
        ] {
            let storm = storm(Duration::from_millis(lasted), retry);
            assert!(storm.contains(said), "{storm}");
        }
    }
}
