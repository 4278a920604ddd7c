//! How the end of a stream is told: by the last chunk, by the end of the connection, under TLS by a closure alert.

use super::super::played::{Outcome, played, refused_ordinary};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, script};
use crate::stage::Stage;
use crate::transcript::{End, Transcript};
use crate::transport::Boxed;
use pushspec_parser::http::{BodyEnd, BodyFraming, RequestFacts};
use pushspec_reports::Severity;
use serde_json::{Value, json};

const STREAM: &str = "stream";
const INCOMPLETE: &str = "rfc9112/8/incomplete-chunked";
const GRAMMAR: &str = "rfc9112/7.1/chunk-grammar";

pub(super) fn cases() -> Vec<Case> {
    let alert = Case::new(
        "sse/http/close-delimited-tls",
        Severity::Minor,
        &[Need::Tls, Need::Sse],
        &["rfc9112/9.8/tls-close-notify"],
        ClosureAlert,
    )
    .about(
        "the end of a stream over TLS that ends with the connection",
        "a closure alert comes before the end: without one nobody can tell an end from a cut",
    );
    let last = Case::new(
        "sse/http/last-chunk",
        Severity::Minor,
        &[Need::Script],
        &[INCOMPLETE, GRAMMAR],
        LastChunk,
    )
    .about(
        "a stream that the application ends",
        "the last chunk, of size zero, and the empty line behind it; or a stream without chunks",
    );
    vec![alert, last]
}

/// One event, and the end, as that of any script.
fn one_event() -> Value {
    json!([{"data": "the only one"}])
}

/// Where the content of a response ends on the connection.
fn behind(answer: &Answer, reply: &Reply) -> Spot {
    Spot::received(answer.label, reply.offset_of(u64::MAX))
}

struct LastChunk;

impl Experiment for LastChunk {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let patience = stage.setting.timing.patience;
            script::play(stage, STREAM, &one_event(), patience).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = match played(transcript, STREAM) {
            Outcome::Played(played) => played.answer,
            Outcome::Not(judgement) => return judgement,
            Outcome::Refused(answer) => return refused_ordinary(&answer, "one event"),
        };
        let Some(reply) = answer.reply() else {
            return Judgement::inconclusive("no response");
        };
        let spot = behind(&answer, reply);
        let end = answer.replies.end.as_ref().map(|(_, end)| end);
        let judgement = match (reply.body_end(), end) {
            (BodyEnd::Complete, _) if reply.framing == BodyFraming::Chunked => {
                Judgement::pass("the last chunk ends the stream")
            }
            (BodyEnd::Complete, _) => Judgement::pass("the stream ends where its length says"),
            (BodyEnd::ByClose, Some(end)) => Judgement::pass(format!(
                "the stream has no chunks and ends with the connection, by {end}"
            )),
            (BodyEnd::Unterminated(finding), Some(end)) => {
                let came = match finding.violation.requirement() {
                    GRAMMAR => "without the empty line behind the last chunk: the body breaks off before its end",
                    _ => "without the last chunk: by RFC 9112 the response is incomplete",
                };
                Judgement::warn(format!(
                    "the application ended the stream, and {end} came {came}, so that clients and proxies report an \
                     error where there was none"
                ))
                .by(finding.violation.requirement())
            }
            (BodyEnd::Short { missing }, Some(end)) => Judgement::warn(format!(
                "the application ended the stream, and {end} came {missing} bytes before the length that was stated"
            )),
            (BodyEnd::Lost, _) => Judgement::inconclusive(
                "the chunks cannot be told apart: sse/http/chunked-strict tells why",
            ),
            (_, None) => Judgement::warn(
                "the application ended the stream, but neither a last chunk nor the end of the connection came: clients \
                 hang on a stream that is dead, and do not come back",
            )
            .resting_on_silence(),
        };
        judgement.at(spot)
    }
}

struct ClosureAlert;

impl Experiment for ClosureAlert {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            // A client of HTTP/1.0 gets a body that ends with the connection, if it gets one.
            let facts = [RequestFacts::GET_1_0];
            let scripted = stage
                .setting
                .script
                .as_ref()
                .is_some_and(|endpoint| endpoint.target.tls);
            let (mut exchange, mut request) = match scripted {
                true => (
                    script::open(stage, STREAM, &facts).await,
                    script::request(&stage.setting, &one_event()),
                ),
                false => (
                    Exchange::connect(stage, STREAM, &facts).await,
                    Request::stream(&stage.setting),
                ),
            };
            request.version = "HTTP/1.0";
            exchange.send(&request).await;
            exchange.answered().await;
            let over = |heard: &Replies| heard.end.is_some() || heard.full;
            exchange
                .listen_until(stage.setting.timing.at_once, over)
                .await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, STREAM, &[RequestFacts::GET_1_0]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let Some(reply) = answer.reply() else {
            return Judgement::info(format!(
                "nothing to be seen: HTTP/1.0 is answered by {}",
                answer.in_words()
            ));
        };
        let judgement = match answer.replies.end.as_ref().map(|(_, end)| end) {
            Some(End::FinWithoutAlert) if reply.framing == BodyFraming::UntilClose => {
                Judgement::warn(
                    "the connection is all that ends the stream, and it ended without a closure alert: an attacker who \
                     cuts it could not be told from the end, so that clients take the stream for cut",
                )
            }
            Some(End::FinWithoutAlert) => Judgement::warn(
                "the connection ended without a closure alert; the response was complete by its own framing",
            ),
            Some(End::Fin) => Judgement::pass("a closure alert came before the end"),
            Some(other) => Judgement::info(format!("the connection ended by {other}")),
            None => Judgement::info(format!(
                "the stream did not end within {} s: nothing to be seen (a scripted endpoint would end it)",
                reading.timing.at_once.as_secs_f32()
            )),
        };
        judgement.at(behind(&answer, reply))
    }
}
