//! 204, by which a server tells an EventSource not to come back.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Replies, Rest};
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::sse::{Answer, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::{Severity, Verdict};
use serde_json::json;

const REQUESTS: &str = "requests";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/http/204-clean",
        Severity::Major,
        &[Need::Script],
        &[
            "rfc9110/15.3.5/204-ends-at-header",
            "rfc9110/6.4.1/1xx-204-no-content",
            "rfc9110/8.6/no-content-length-1xx-204",
            "rfc9112/6.1/no-te-in-101-204",
            "sse/9.2.1/204-stops-reconnect",
        ],
        NoContent,
    );
    vec![case.about(
        "204 for a stream that is over, and a second request behind it on the same connection",
        "a head without Content-Length and Transfer-Encoding and nothing behind it; the next response can be read",
    )]
}

struct NoContent;

/// Whether there is an answer to the second request, or none to come.
fn is_settled(heard: &Replies) -> bool {
    heard.replies.len() > 1 || heard.end.is_some() || !matches!(heard.rest, Rest::Bytes(_))
}

impl Experiment for NoContent {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let setting = &stage.setting;
            let facts = [RequestFacts::GET, RequestFacts::GET];
            let mut exchange = script::open(stage, REQUESTS, &facts).await;
            let gone = script::request(setting, &json!([{"status": 204}]));
            exchange.send(&gone).await;
            if exchange.answered().await != Waited::Met {
                return;
            }
            let goes_on = exchange.heard().first().is_some_and(|reply| {
                reply.complete && !reply.head.has_token("connection", "close")
            });
            if goes_on && exchange.heard().end.is_none() {
                let next = script::request(setting, &json!([{"data": "next"}]));
                exchange.send(&next).await;
                exchange
                    .wait("the answer to a second request", is_settled)
                    .await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let facts = [RequestFacts::GET, RequestFacts::GET];
        let answer = match Answer::of(transcript, REQUESTS, &facts) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let Some(reply) = answer.reply() else {
            let judgement = Judgement::inconclusive(format!(
                "the script {{\"status\": 204}} is answered by {}",
                answer.in_words()
            ));
            return judgement.to_confirm_alone();
        };
        if reply.head.status != 204 {
            let verdict = match reply.head.status {
                400 => Verdict::Skip,
                _ => Verdict::Info,
            };
            let observed = format!(
                "the script {{\"status\": 204}} is answered by {}: there is no 204 to be seen",
                answer.in_words()
            );
            return Judgement::new(verdict, observed)
                .by("sse/9.2.1/204-stops-reconnect")
                .at(answer.spot());
        }
        if let Some(finding) = reply.findings.iter().find(|finding| {
            let requirement = finding.violation.requirement();
            requirement == "rfc9110/8.6/no-content-length-1xx-204"
                || requirement == "rfc9112/6.1/no-te-in-101-204"
        }) {
            return Judgement::fail(format!(
                "{}: a client that believes it waits for content that a 204 never has",
                finding.violation
            ))
            .by(finding.violation.requirement())
            .at(Spot::received(answer.label, finding.offset));
        }
        let behind = reply.offset + reply.head.len as u64;
        let spot = Spot::received(answer.label, behind);
        let judgement = match (&answer.replies.rest, answer.replies.replies.get(1)) {
            (Rest::NotHttp { .. } | Rest::TooLarge, _) => Judgement::fail(
                "content follows the 204: a client takes it for the next response on the connection",
            ),
            (Rest::Bytes(bytes), _) if !bytes.is_empty() && answer.replies.end.is_some() => {
                Judgement::fail(
                    "content follows the 204: a client takes it for the next response on the connection",
                )
            }
            (Rest::Bytes(_), Some(next)) => Judgement::pass(format!(
                "nothing follows the 204, and the next request is answered by {}",
                next.head.status
            )),
            (Rest::Bytes(_), None) if answer.replies.end.is_some() => {
                Judgement::pass("nothing follows the 204, and the connection ends")
            }
            (Rest::Bytes(_), None) if reply.head.has_token("connection", "close") => {
                Judgement::pass("nothing follows the 204, which says that the connection closes")
            }
            (Rest::Bytes(_), None) => Judgement::warn(
                "nothing follows the 204, but the next request on the connection, which was not said to close, is not \
                 answered",
            )
            .resting_on_silence(),
        };
        judgement.at(spot)
    }
}
