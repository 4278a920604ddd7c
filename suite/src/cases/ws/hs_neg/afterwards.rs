//! What becomes of a connection whose handshake was refused.

use super::refusal::twin_unless_accepted;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Request, Rest};
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::FAULT;
use crate::ws::handshake::{Rejection, rejected};
use crate::ws::{Frame, Masking};
use pushspec_parser::http::RequestFacts;
use pushspec_reports::Severity;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let close = Case::new(
        "ws/hs-neg/close-after-error",
        Severity::Minor,
        &[Need::Open],
        &[
            "rfc9112/9.6/connection-close-honoured",
            "rfc6455/7.2.2/server-abort-closes",
        ],
        CloseAfterError,
    )
    .about(
        "a handshake without key that asks for the connection to be closed",
        "the connection ends behind the refusal",
    );
    let frames = Case::new(
        "ws/hs-neg/refused-then-frames",
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/4.2.1/reject-nonconforming-handshake",
            "rfc6455/6.1/send-only-when-open",
        ],
        RefusedThenFrames,
    )
    .about(
        "a handshake without key, and in the same segment a ping and a text",
        "refused or closed; the frames are not answered, for the connection never opened",
    );
    let request = Case::new(
        "ws/hs-neg/refused-then-request",
        Severity::Minor,
        &[Need::Open],
        &[
            "rfc9112/9.3.2/responses-in-order",
            "rfc6455/4.2.1/reject-nonconforming-handshake",
        ],
        RefusedThenRequest,
    )
    .about(
        "a handshake without key, and in the same segment a request for a page",
        "refused, and the connection closed; or the request answered behind the refusal, which is recorded",
    );
    [close, frames, request].into_iter()
}

/// A handshake that has to be refused.
fn keyless(stage: &Stage) -> Request {
    let mut request = Request::opening(stage, FAULT);
    request.remove("Sec-WebSocket-Key");
    request
}

/// Whether no more responses can come.
fn is_over(heard: &Replies) -> bool {
    heard.end.is_some() || heard.full || !matches!(heard.rest, Rest::Bytes(_))
}

fn is_answered(heard: &Replies) -> bool {
    is_over(heard)
        || heard
            .first()
            .is_some_and(|reply| reply.complete || reply.head.status == 101)
}

struct CloseAfterError;

impl Experiment for CloseAfterError {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = keyless(stage);
            request.set("Connection", "close, Upgrade");
            let mut exchange = Exchange::connect(stage, FAULT, &[RequestFacts::GET]).await;
            exchange.send(&request).await;
            exchange.wait("the whole refusal", is_answered).await;
            let refused = exchange
                .heard()
                .first()
                .is_some_and(|reply| reply.head.status != 101);
            if !refused || is_over(exchange.heard()) {
                return;
            }
            let at_once = stage.setting.timing.at_once;
            let ended = exchange
                .wait_for(at_once, "the end of the connection", is_over)
                .await;
            if ended == Waited::TimedOut {
                // Whoever serves another request has not closed.
                exchange.send(&Request::get(&stage.setting)).await;
                exchange
                    .wait("the end of the connection", |heard| {
                        is_over(heard) || heard.replies.len() > 1
                    })
                    .await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let Some(fault) = transcript.connection(FAULT) else {
            return Judgement::inconclusive("there was no connection");
        };
        if let Some(reason) = fault.not_connected() {
            return Judgement::inconclusive(reason.to_owned()).to_confirm_alone();
        }
        let heard = Replies::of(fault, &[RequestFacts::GET]);
        // A server that waited in vain for the next request says 408 and serves nothing by that.
        let served = heard
            .replies
            .get(1)
            .filter(|second| second.head.status != 408);
        match (heard.first(), served) {
            (Some(reply), _) if reply.head.status == 101 => Judgement::info(
                "the handshake was accepted, so there is no refusal to close behind: see ws/hs-neg/no-key",
            ),
            (_, Some(second)) => Judgement::fail(
                "another request was served on a connection that was to be closed behind the refusal: what a refused \
                 client sends next is taken for a request",
            )
            .at(Spot::received(FAULT, second.offset)),
            (_, None) if heard.end.is_some() => Judgement::pass("the connection ends behind the refusal"),
            (_, None) => Judgement::warn(
                "the connection stays open behind the refusal, although it was to be closed: refused clients use up \
                 connections",
            )
            .resting_on_silence(),
        }
    }
}

struct RefusedThenFrames;

/// Payloads that come back only from whoever unmasked them.
const PING: &[u8] = b"ping behind a refusal";
const TEXT: &[u8] = b"text behind a refusal";

/// No byte of it is zero, so that no payload byte goes over the wire as it is.
const KEY: [u8; 4] = [0x91, 0x82, 0xb3, 0xa4];

impl Experiment for RefusedThenFrames {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = keyless(stage);
            for frame in [Frame::ping(PING), Frame::text(TEXT)] {
                frame
                    .masked(Masking::Key(KEY))
                    .encode(KEY, &mut request.body);
            }
            let mut exchange = Exchange::connect(stage, FAULT, &[RequestFacts::GET]).await;
            exchange.send(&request).await;
            exchange.wait("the refusal", is_answered).await;
            if exchange.heard().first().is_some() && !is_over(exchange.heard()) {
                // To HTTP the frames are the beginning of a request; this ends it, so that an answer is due.
                exchange.send_bytes(&b"\r\n\r\n"[..]).await;
                let at_once = stage.setting.timing.at_once;
                exchange
                    .wait_for(at_once, "the end of the connection", |heard| {
                        is_over(heard) || heard.replies.len() > 1
                    })
                    .await;
            }
            drop(exchange);
            twin_unless_accepted(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let Some(fault) = transcript.connection(FAULT) else {
            return Judgement::inconclusive("there was no connection");
        };
        let received = fault.received();
        let place = |payload: &[u8]| memchr::memmem::find(&received, payload);
        // Section 6.1 is about messages.
        if let Some(offset) = place(TEXT) {
            return Judgement::fail(
                "a message behind a handshake without key was delivered and answered, although no WebSocket was opened",
            )
            .by("rfc6455/6.1/send-only-when-open")
            .at(Spot::received(FAULT, offset as u64));
        }
        // As ws/hs/early-frames-ping: bytes that are no HTTP stand where the response is due, and no sentence speaks of them.
        if let Some(offset) = place(PING) {
            return Judgement::warn(
                "a ping behind a handshake without key was answered: whoever waits for the HTTP response gets a pong in \
                 front of it",
            )
            .by("rfc6455/4.2.1/reject-nonconforming-handshake")
            .at(Spot::received(FAULT, offset as u64));
        }
        let accepted = || {
            Judgement::fail(
                "a handshake without key was answered by 101, with frames waiting behind it",
            )
            .at(Spot::received(FAULT, 0))
        };
        let rejection = match rejected(transcript, FAULT, accepted) {
            Ok(rejection) => rejection,
            Err(judgement) => return judgement,
        };
        match &rejection {
            Rejection::Silence => Judgement::warn(
                "a handshake without key and the frames behind it are neither answered nor ended by a close",
            )
            .resting_on_silence()
            .to_confirm_alone(),
            Rejection::Response(_)
            | Rejection::Ended(_)
            | Rejection::NotHttp { .. }
            | Rejection::Endless => Judgement::pass(format!("refused by {rejection}; the frames are not answered")),
        }
    }
}

/// A proxy that takes every handshake for accepted hands on what stands behind it unread: a request there was seen by nobody
/// but the server.
struct RefusedThenRequest;

/// What was asked: the handshake, and the page.
const ASKED: [RequestFacts; 2] = [RequestFacts::GET, RequestFacts::GET];

impl Experiment for RefusedThenRequest {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let both = [
                keyless(stage).encode(),
                Request::get(&stage.setting).encode(),
            ];
            let mut exchange = Exchange::connect(stage, FAULT, &ASKED).await;
            exchange.send_bytes(both.concat()).await;
            exchange.wait("the refusal", is_answered).await;
            let refused = exchange
                .heard()
                .first()
                .is_some_and(|reply| reply.head.status != 101);
            if refused && !is_over(exchange.heard()) {
                exchange
                    .wait("the second answer, or the end of the connection", |heard| {
                        is_over(heard) || heard.replies.len() > 1
                    })
                    .await;
            }
            drop(exchange);
            twin_unless_accepted(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let accepted = || {
            Judgement::fail(
                "a handshake without key was answered by 101, with a request waiting behind it",
            )
            .by("rfc6455/4.2.1/reject-nonconforming-handshake")
            .at(Spot::received(FAULT, 0))
        };
        let rejection = match rejected(transcript, FAULT, accepted) {
            Ok(rejection) => rejection,
            Err(judgement) => return judgement,
        };
        let Some(fault) = transcript.connection(FAULT) else {
            return Judgement::inconclusive("there was no connection");
        };
        let heard = Replies::of(fault, &ASKED);
        if let (Some(_), Rest::NotHttp { offset }) = (heard.first(), &heard.rest) {
            return Judgement::fail(
                "bytes that are no HTTP came behind a refusal: the request there was taken for frames, although no WebSocket \
                 was opened",
            )
            .by("rfc6455/4.2.1/reject-nonconforming-handshake")
            .at(Spot::received(FAULT, *offset));
        }
        match (heard.replies.get(1), heard.end.is_some()) {
            (Some(second), _) => Judgement::info(format!(
                "refused by {rejection}, and the request behind it was answered by {}: legal, but a proxy that takes every \
                 handshake for accepted lets requests through that it never saw",
                second.head.status
            ))
            .at(Spot::received(FAULT, second.offset)),
            (None, true) => Judgement::pass(format!(
                "refused by {rejection}; the connection ends, and the request behind it is not served"
            )),
            (None, false) => Judgement::warn(format!(
                "refused by {rejection}; the request behind it was neither answered nor ended by a close: its client waits \
                 for nothing"
            ))
            .resting_on_silence()
            .to_confirm_alone(),
        }
    }
}
