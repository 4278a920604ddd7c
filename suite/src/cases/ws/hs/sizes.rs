//! Handshakes with more in them than a server needs: fields that it does not know, long ones, many.
//!
//! A server may have a limit (RFC 9110 section 5.4), and then says so with a 4xx: noted. A limit is told from a dislike
//! by the same handshake with less in it.

use super::variation::{Terms, VARIED, refused};
use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Conversation;
use crate::ws::handshake::{Answer, Rejection, ask_beside_twin, counted, twin_accepted};
use pushspec_reports::{Severity, Verdict};

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let unknown = Case::new(
        "ws/hs/unknown-fields",
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/4.2.1/unknown-fields-ignored",
            "rfc9110/5.1/unknown-fields-ignored",
            "ws-api/opening-handshake/no-store-no-cache",
            "rfc9110/5.4/oversized-field-4xx",
        ],
        UnknownFields,
    )
    .about(
        "a handshake with X-Unknown, Sec-WebSocket-Foo, the cache fields of browsers and a cookie of 4 kB",
        "101: fields that a server does not know are ignored; a limit on their size is told by a 4xx",
    );
    let large = Case::new(
        "ws/hs/large-header",
        Severity::Minor,
        &[Need::Open],
        &[
            "rfc6455/4.2.1/unknown-fields-ignored",
            "rfc9110/5.4/oversized-field-4xx",
        ],
        More {
            what: "a handshake with 8 kB of fields",
            add: |request| {
                for number in 1..=16 {
                    request.add(format!("X-Padding-{number}"), "p".repeat(512));
                }
            },
        },
    )
    .about(
        "a handshake with 8 kB of fields more",
        "101, or a 4xx such as 431 where the server has a limit",
    );
    let many = Case::new(
        "ws/hs/many-fields",
        Severity::Minor,
        &[Need::Open],
        &[
            "rfc9110/5.4/oversized-field-4xx",
            "rfc6455/4.2.1/unknown-fields-ignored",
        ],
        More {
            what: "a handshake with 2100 fields",
            add: |request| {
                (0..MANY).for_each(|_| {
                    request.add("X", "");
                });
                // In front: a server that keeps but so many loses those that it looks for.
                request.reorder(|fields| fields.rotate_right(MANY));
            },
        },
    )
    .in_set(Set::Hardening)
    .hostile()
    .about(
        "a handshake behind 2100 empty fields, more than many a server keeps",
        "101, or a 4xx such as 431 where the server has a limit; the server goes on",
    );
    [unknown, large, many].into_iter()
}

/// More fields than a widespread HTTP server keeps by default (2000), in less bytes than it takes (16 KiB).
const MANY: usize = 2100;

/// The same fields with a short cookie.
const SHORT: &str = "short";

struct UnknownFields;

fn with_unknown_fields(stage: &Stage, label: &str, cookie: usize) -> Request {
    let mut request = Request::opening(stage, label);
    request.add("X-Unknown", "1");
    request.add("Sec-WebSocket-Foo", "bar");
    request.add("Pragma", "no-cache");
    request.add("Cache-Control", "no-cache");
    request.add_cookie(format!("pushspec={}", "c".repeat(cookie)));
    request
}

impl Experiment for UnknownFields {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let long = with_unknown_fields(stage, VARIED, 4096);
            ask_beside_twin(stage, VARIED, &long).await;
            if !Answer::to(&stage.transcript(), VARIED).is_accepted() {
                let short = with_unknown_fields(stage, SHORT, 8);
                Conversation::open_with(stage, SHORT, &short)
                    .await
                    .part()
                    .await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let short = Answer::to(transcript, SHORT);
        let answer = Answer::to(transcript, VARIED);
        let unknown = Terms {
            what: "a handshake with fields that no server has to know",
            refused: Verdict::Fail,
            open: None,
            suffers: "cookies, tracing headers and whatever a proxy adds keep clients out",
        };
        // With a short cookie it is accepted: this is about size.
        let Answer::Rejected(rejection) = answer else {
            return unknown.judge(transcript);
        };
        let rejection = match counted(transcript, rejection) {
            Ok(rejection) => rejection,
            Err(inconclusive) => return inconclusive,
        };
        match &rejection {
            _ if !short.is_accepted() => unknown.judge(transcript),
            Rejection::Response(head) if is_client_error(head.status) => Judgement::info(format!(
                "a cookie of 4 kB meets a limit: {rejection}; without it the same handshake gets 101"
            ))
            .resting_on("ambiguity/limits")
            .to_confirm_alone(),
            rejection => refused(
                rejection,
                Verdict::Warn,
                "a handshake with a cookie of 4 kB",
                "nothing tells a user with many cookies why the connection fails",
            )
            .by("rfc9110/5.4/oversized-field-4xx"),
        }
    }
}

/// A handshake with more fields than it needs.
struct More {
    what: &'static str,
    add: fn(&mut Request),
}

impl Experiment for More {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, VARIED);
            (self.add)(&mut request);
            ask_beside_twin(stage, VARIED, &request).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = Answer::to(transcript, VARIED);
        let terms = Terms {
            what: self.what,
            refused: match answer {
                Answer::Rejected(Rejection::Silence) => Verdict::Fail,
                _ => Verdict::Warn,
            },
            open: None,
            suffers: "nothing tells a user with many cookies why the connection fails; a limit is told by a 4xx",
        };
        match &answer {
            Answer::Rejected(Rejection::Response(head)) if is_client_error(head.status) => {
                match twin_accepted(transcript, &answer) {
                    Ok(()) => Judgement::info(format!("{} meets a limit: {answer}", self.what))
                        .resting_on("ambiguity/limits")
                        .to_confirm_alone(),
                    Err(inconclusive) => inconclusive,
                }
            }
            _ => terms
                .judge(transcript)
                .by("rfc9110/5.4/oversized-field-4xx"),
        }
    }
}

fn is_client_error(status: u16) -> bool {
    (400..500).contains(&status)
}
