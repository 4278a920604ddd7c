//! A second request in the same segment: its answer has to wait for the end of the stream.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::sse::{Answer, ask, settle};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::Severity;

const REQUESTS: &str = "requests";
const TWIN: &str = "twin";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/http/pipelined",
        Severity::Major,
        &[Need::Sse, Need::EventSource],
        &["rfc9112/9.3.2/responses-in-order"],
        Pipelined,
    );
    vec![case.about(
        "two requests for the stream in one segment",
        "the second is answered behind the first stream, or never; nothing of its answer stands within the stream",
    )]
}

struct Pipelined;

/// Where a stream is no longer one: its chunks are lost, or a status line stands among its lines.
fn broken(reply: &Reply) -> Option<u64> {
    let chunk = reply
        .findings
        .iter()
        .find(|finding| finding.violation.requirement() == "rfc9112/7.1/chunk-grammar");
    if let Some(finding) = chunk {
        return Some(finding.offset);
    }
    let content = reply.content();
    let mut at = 0;
    for line in content.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b"HTTP/1.") {
            return Some(reply.offset_of(at));
        }
        at += line.len() as u64;
    }
    None
}

impl Experiment for Pipelined {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let request = Request::event_source(&stage.setting).encode();
            let facts = [RequestFacts::GET, RequestFacts::GET];
            let mut exchange = Exchange::connect(stage, REQUESTS, &facts).await;
            exchange
                .send_bytes([request.as_ref(), request.as_ref()].concat())
                .await;
            if exchange.answered().await == Waited::Met {
                settle(&mut exchange).await;
                // The next that comes is a part of the stream, or what does not belong there.
                let pieces = exchange
                    .heard()
                    .first()
                    .map_or(0, |reply| reply.pieces.len());
                let more = |heard: &Replies| {
                    heard.replies.len() > 1
                        || heard.first().is_some_and(|reply| {
                            reply.pieces.len() > pieces.max(1) || broken(reply).is_some()
                        })
                };
                exchange
                    .listen_until(stage.setting.timing.at_once, more)
                    .await;
            }
            let heard = exchange.heard();
            if heard
                .first()
                .is_none_or(|reply| !reply.is_event_stream() || broken(reply).is_some())
            {
                let mut twin = ask(stage, TWIN, &Request::event_source(&stage.setting)).await;
                let come = |heard: &Replies| heard.first().is_some_and(|r| !r.pieces.is_empty());
                twin.listen_until(stage.setting.timing.at_once, come).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let facts = [RequestFacts::GET, RequestFacts::GET];
        let answer = match Answer::of(transcript, REQUESTS, &facts) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let twin = Answer::on(transcript, TWIN, &[]);
        judge(&answer, twin.as_ref()).to_confirm_alone()
    }
}

fn judge(answer: &Answer, twin: Option<&Answer>) -> Judgement {
    let twin = twin.and_then(Answer::reply);
    let Some(reply) = answer.reply().filter(|reply| reply.is_event_stream()) else {
        let came = answer.in_words();
        let judgement = match twin.is_some_and(Reply::is_event_stream) {
            true => Judgement::info(format!(
                "two requests in one segment are answered by {came}, one alone by a stream"
            )),
            false => Judgement::inconclusive(format!(
                "a request that got a stream before is answered by {came}"
            )),
        };
        return match answer.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
    };
    match broken(reply) {
        Some(_) if twin.is_some_and(|twin| broken(twin).is_some()) => Judgement::inconclusive(
            "the stream is broken without a second request too: sse/http/chunked-strict tells why",
        ),
        Some(offset) => Judgement::fail(
            "the answer to the second request stands in the middle of the first stream: clients lose the stream there, \
             and a proxy that reuses connections hands the rest to somebody else",
        )
        .at(Spot::received(answer.label, offset)),
        None => match answer.replies.replies.get(1) {
            Some(next) => Judgement::pass(format!(
                "the second answer, {}, stands behind the first stream",
                next.head.status
            ))
            .at(Spot::received(answer.label, next.offset)),
            None => Judgement::pass("the stream goes on; nothing of a second answer stands in it")
                .at(answer.spot()),
        },
    }
}
