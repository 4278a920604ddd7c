//! A handshake as the second request of a kept-alive connection.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request, Rest};
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use crate::ws::Frame;
use crate::ws::after_fault::TWIN;
use crate::ws::handshake::{Asked, Rejection, ask_twin, flaws, twin_accepted};
use pushspec_parser::Violation;
use pushspec_parser::http::{RequestFacts, accept_value};
use pushspec_reports::Severity;

const REUSED: &str = "reused";

const IN_ORDER: &str = "rfc9112/9.3.2/responses-in-order";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = Case::new(
        "ws/hs/reused-connection",
        Severity::Minor,
        &[Need::Open],
        &["rfc6455/4.2.2/response-101", IN_ORDER],
        Reused,
    );
    [case.about(
        "an ordinary GET, and when it is answered a handshake on the same connection",
        "the handshake gets one response of its own, 101 or another; a server may also close behind the first",
    )]
    .into_iter()
}

struct Reused;

impl Experiment for Reused {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut exchange = Exchange::connect(stage, REUSED, &[RequestFacts::GET]).await;
            exchange.send(&Request::get(&stage.setting)).await;
            exchange
                .wait("the whole answer to an ordinary request", |heard| {
                    is_over(heard) || heard.first().is_some_and(|reply| reply.complete)
                })
                .await;
            if !is_kept(exchange.heard()) {
                return;
            }
            let handshake = Request::opening(stage, REUSED);
            exchange.send(&handshake).await;
            exchange
                .wait("the answer to a handshake on a kept connection", |heard| {
                    is_over(heard) || heard.replies.len() > 1
                })
                .await;
            let key = handshake.value("Sec-WebSocket-Key").unwrap_or_default();
            let second = exchange.heard().replies.get(1);
            let right = second.is_some_and(|reply| accepts(reply, key));
            match second.map(|reply| reply.head.status) {
                Some(101) => {
                    let mut close = Vec::new();
                    Frame::close(1000, "").encode([1, 2, 3, 4], &mut close);
                    exchange.send_bytes(close).await;
                    exchange.listen(stage.setting.timing.at_once).await;
                }
                // Perhaps another answer follows that nobody asked for.
                Some(_) => exchange.listen(stage.setting.timing.at_once).await,
                None => {}
            }
            drop(exchange);
            if !right {
                ask_twin(stage).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let Some(reused) = transcript.connection(REUSED) else {
            return Judgement::inconclusive("there was no connection");
        };
        if let Some(reason) = reused.not_connected() {
            return Judgement::inconclusive(reason.to_owned()).to_confirm_alone();
        }
        let heard = Replies::of(reused, &[RequestFacts::GET]);
        let key = Asked::on(reused).key().to_owned();
        if key.is_empty() {
            return not_kept(&heard);
        }
        match heard.replies.get(1) {
            Some(reply) if accepts(reply, key.as_bytes()) => {
                Judgement::pass("101, on the connection that had served a page")
            }
            Some(reply) => misplaced(transcript, &heard, reply),
            None => unanswered(transcript, &heard),
        }
    }
}

/// Whether no more responses can come.
fn is_over(heard: &Replies) -> bool {
    heard.end.is_some() || heard.full || !matches!(heard.rest, Rest::Bytes(_))
}

/// Whether a second request may be sent.
fn is_kept(heard: &Replies) -> bool {
    let kept = |reply: &Reply| {
        reply.complete
            && reply.head.version >= (1, 1)
            && !reply.head.has_token("connection", "close")
    };
    !is_over(heard) && heard.first().is_some_and(kept)
}

/// Whether this is the 101 that answers the key.
fn accepts(reply: &Reply, key: &[u8]) -> bool {
    reply.head.status == 101
        && reply.head.first("sec-websocket-accept") == Some(accept_value(key).as_bytes())
}

fn not_kept(heard: &Replies) -> Judgement {
    Judgement::info(match heard.first() {
        Some(reply) if reply.complete => {
            "the connection is not kept behind an ordinary request: nothing to reuse"
        }
        Some(_) => "the answer to an ordinary request had no end, so no second one could be sent",
        None => "an ordinary request was not answered, so no second one could be sent",
    })
}

/// A second response that is not the 101 for the key: a refusal, or an answer to something else.
fn misplaced(transcript: &Transcript, heard: &Replies, reply: &Reply) -> Judgement {
    let answer = Rejection::Response(reply.head.clone());
    if let Some(third) = heard.replies.get(2) {
        return Judgement::fail(format!(
            "two responses answered one handshake, {} and {}: every later answer on the connection belongs to \
             another request, and a proxy gives it to another user",
            reply.head.status, third.head.status
        ))
        .by(IN_ORDER)
        .at(Spot::received(REUSED, reply.offset));
    }
    if let Err(inconclusive) = twin_accepted(transcript, &answer) {
        return inconclusive;
    }
    if reply.head.status != 101 {
        return Judgement::info(format!(
            "a handshake on a connection that had served a page is refused: {answer}"
        ))
        .to_confirm_alone();
    }
    let wrong = |connection: &Connection| {
        let mut flaws = flaws(connection).into_iter();
        flaws.any(|flaw| {
            matches!(
                flaw.violation,
                Violation::AcceptWrong | Violation::AcceptMissing
            )
        })
    };
    if transcript.connection(TWIN).is_some_and(wrong) {
        return Judgement::pass(
            "101, on the connection that had served a page; its accept value is as wrong as any: see ws/hs/minimal",
        );
    }
    Judgement::fail(
        "the 101 on a kept connection holds the accept value of another key: clients behind a proxy that keeps \
         connections give up",
    )
    .by("rfc6455/4.2.2/response-accept-hash")
    .at(Spot::received(REUSED, reply.offset))
}

fn unanswered(transcript: &Transcript, heard: &Replies) -> Judgement {
    match &heard.rest {
        Rest::NotHttp { offset } => Judgement::fail(
            "behind the answer to an ordinary request came bytes that are no response: the connection is out of step",
        )
        .by(IN_ORDER)
        .at(Spot::received(REUSED, *offset)),
        Rest::TooLarge => Judgement::warn("the handshake was answered by a head without end"),
        Rest::Bytes(_) if heard.end.is_some() => Judgement::info(
            "the connection was closed when a handshake came behind an ordinary request",
        )
        .to_confirm_alone(),
        Rest::Bytes(_) => {
            if let Err(inconclusive) = twin_accepted(transcript, &Rejection::Silence) {
                return inconclusive;
            }
            Judgement::warn(
                "a handshake behind an ordinary request on the same connection is never answered: clients behind a \
                 proxy that keeps connections wait in vain",
            )
            .resting_on_silence()
            .to_confirm_alone()
        }
    }
}
