//! Requests with another method than GET.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request, Rest};
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::sse::{Answer, another_reason, ask, outwait};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::{Severity, printable};

/// The connection of the request.
const REQUEST: &str = "request";

/// An ordinary request, where that got no answer, or none that GET would get.
const ORDINARY: &str = "ordinary";

const ALLOW: &str = "rfc9110/10.2.1/405-allow";

pub(super) fn cases() -> Vec<Case> {
    let head = Case::new(
        "sse/resp/head",
        Severity::Minor,
        &[Need::Sse, Need::EventSource],
        &[
            "rfc9110/9.3.2/head-no-content",
            "rfc9110/9.3.2/head-same-fields",
            ALLOW,
        ],
        Head,
    )
    .about(
        "HEAD, and a second HEAD behind its answer",
        "the head of the stream, or 405 with Allow; no content, so that the second answer follows at once",
    );
    // Neither method is safe (RFC 9110 section 9.2.1), but DELETE says what it is going to destroy.
    let post = other("post", "POST", true);
    let delete = other("delete", "DELETE", false).in_set(Set::Hardening);
    vec![head, post, delete]
}

fn other(name: &str, method: &'static str, with_length: bool) -> Case {
    let experiment = Other {
        method,
        with_length,
    };
    Case::new(
        format!("sse/resp/other-method-{name}"),
        Severity::Informational,
        &[Need::Sse, Need::EventSource],
        &[ALLOW],
        experiment,
    )
    .about(
        format!("{method} without content"),
        "405 with Allow; other answers are recorded, for the resource may have a use for the method",
    )
}

struct Head;

impl Experiment for Head {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::event_source(&stage.setting);
            request.method = "HEAD".into();
            let facts = [RequestFacts::HEAD, RequestFacts::HEAD];
            let mut exchange = Exchange::connect(stage, REQUEST, &facts).await;
            exchange.send(&request).await;
            if exchange.answered().await == Waited::TimedOut {
                ask(stage, ORDINARY, &Request::event_source(&stage.setting)).await;
                outwait(stage, &mut exchange).await;
            }
            let Some(reply) = exchange.heard().first() else {
                return;
            };
            if !reply.is_event_stream() && reply.head.status != 405 {
                ask(stage, ORDINARY, &Request::event_source(&stage.setting)).await;
            }
            // Content would stand before whatever answers the second request, and before the end.
            if !is_last(reply) {
                exchange.send(&request).await;
            }
            exchange
                .wait(
                    "the answer to a second HEAD, or the end of the connection",
                    |heard| heard.replies.len() > 1 || is_content(heard),
                )
                .await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let facts = [RequestFacts::HEAD, RequestFacts::HEAD];
        let answer = match Answer::of(transcript, REQUEST, &facts) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let ordinary = Answer::on(transcript, ORDINARY, &[]);
        if let Some(judgement) = another_reason("HEAD", &answer, ordinary) {
            return judgement;
        }
        // A fresh handshake was answered behind a silence: that confirms it, and a second one takes as long again.
        let received = transcript.connection(REQUEST).map(Connection::received);
        match judge_head(&answer, &received.unwrap_or_default()) {
            silent if silent.rests_on_silence => silent,
            spoken => spoken.to_confirm_alone(),
        }
    }
}

/// Whether the server said that it closes behind this response.
fn is_last(reply: &Reply) -> bool {
    reply.head.has_token("connection", "close") || reply.head.version < (1, 1)
}

/// Whether bytes that are no response stand behind one.
fn is_content(heard: &Replies) -> bool {
    !heard.replies.is_empty()
        && match &heard.rest {
            Rest::NotHttp { .. } | Rest::TooLarge => true,
            Rest::Bytes(bytes) => !bytes.is_empty() && heard.end.is_some(),
        }
}

/// What stands behind the answer to HEAD, and is no response.
fn judge_behind(answer: &Answer, reply: &Reply, received: &[u8]) -> Judgement {
    let behind = match answer.replies.rest {
        Rest::NotHttp { offset } => offset,
        Rest::TooLarge | Rest::Bytes(_) => reply.offset + reply.head.len as u64,
    };
    let bytes = usize::try_from(behind)
        .ok()
        .and_then(|at| received.get(at..));
    // The body of a chunked message without content: a server that goes the way of GET, and leaves the content out.
    let is_empty = reply.head.has_token("transfer-encoding", "chunked")
        && bytes.is_some_and(|bytes| b"0\r\n\r\n".starts_with(bytes));
    let what = match is_empty {
        true => "an empty chunked body",
        false => "content",
    };
    let follows = format!("{what} follows the answer to HEAD, {}", reply.head.status);
    const ENDS: &str = "whatever its fields say, such an answer ends with its head";
    let judgement = match (is_last(reply), is_empty) {
        (false, _) => Judgement::fail(format!(
            "{follows}: a client takes it for the next response on the connection"
        )),
        (true, false) => Judgement::fail(format!(
            "{follows}: {ENDS}, and nobody reads what stands before the end of the connection, which it announces"
        )),
        // No content is sent (RFC 9110 section 9.3.2), but a body, which it cannot have (RFC 9112 section 6.3).
        (true, true) => Judgement::warn(format!(
            "{follows}: {ENDS}; that the end of the connection is announced, too, keeps clients from taking it for a response"
        )),
    };
    judgement.at(Spot::received(answer.label, behind))
}

fn judge_head(answer: &Answer, received: &[u8]) -> Judgement {
    let came = answer.in_words();
    let Some(reply) = answer.reply() else {
        let judgement = Judgement::warn(format!(
            "HEAD is answered by {came}, where GET gets a stream"
        ))
        .by("rfc9110/9.3.2/head-same-fields");
        return match answer.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
    };
    if is_content(&answer.replies) {
        return judge_behind(answer, reply, received);
    }
    let judgement = match reply.head.status {
        405 if reply.head.first("allow").is_none() => {
            Judgement::warn("HEAD is answered by 405 without Allow").by(ALLOW)
        }
        405 => Judgement::pass("HEAD is not allowed, and Allow says what is"),
        300..=399 => Judgement::info(format!("HEAD is answered by {came}"))
            .by("rfc9110/9.3.2/head-same-fields"),
        200 if reply.media_type().is_none() => {
            Judgement::info("HEAD is answered by 200 without a Content-Type")
                .by("rfc9110/9.3.2/head-same-fields")
        }
        200 if reply.is_event_stream() && reply.head.first("content-length") == Some(b"0") => {
            Judgement::warn(
                "the answer to HEAD states Content-Length: 0, where GET gets a stream: the length is to be that of GET's \
                 content, and a cache that believes it holds an empty stream",
            )
            .by("rfc9110/9.3.2/head-same-fields")
        }
        200 if reply.is_event_stream() => {
            // Nothing shows that no content follows but what comes in its place.
            match answer.replies.replies.len() > 1 || answer.replies.end.is_some() {
                true => Judgement::pass("HEAD gets the head of the stream, and no content"),
                false => Judgement::info(
                    "HEAD gets the head of the stream; neither content nor an answer to a second request followed",
                )
                .resting_on_silence(),
            }
        }
        _ => Judgement::warn(format!(
            "HEAD is answered by {came}, where GET gets a stream"
        ))
        .by("rfc9110/9.3.2/head-same-fields"),
    };
    judgement.at(answer.spot())
}

/// Any other method.
struct Other {
    method: &'static str,
    with_length: bool,
}

impl Experiment for Other {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::event_source(&stage.setting);
            request.method = self.method.into();
            if self.with_length {
                request.set("Content-Length", "0");
            }
            let mut exchange = Exchange::get(stage, REQUEST, &request).await;
            exchange.answered().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, REQUEST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let allow = answer.reply().and_then(|reply| reply.head.first("allow"));
        let judgement = match (answer.status(), allow) {
            (Some(405), Some(allow)) => {
                Judgement::pass(format!("405, allowed are: {}", printable(allow, 80)))
            }
            (Some(405), None) => Judgement::warn(format!(
                "{} is answered by 405 without Allow, so that nobody learns what the resource understands",
                self.method
            )),
            (Some(_) | None, _) => Judgement::info(format!("answered by {}", answer.in_words())),
        };
        let judgement = match (answer.status(), answer.is_silent()) {
            // That a crowd makes no server say.
            (Some(200..=299), _) => judgement,
            (_, true) => judgement.resting_on_silence().to_confirm_alone(),
            (_, false) => judgement.to_confirm_alone(),
        };
        judgement.at(answer.spot())
    }
}
