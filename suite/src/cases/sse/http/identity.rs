//! Clients that accept no content coding that anybody knows.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, Coded, coding};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};

/// What is accepted, and the label of the connection on which that is said.
const WISHES: [(&str, &str); 3] = [
    ("identity", "identity"),
    ("empty", ""),
    ("unknown", "x-pushspec"),
];

/// The field names codings that were applied, and no others.
const LISTED: &str = "rfc9110/8.4/codings-listed";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/http/identity",
        Severity::Minor,
        &[Need::Sse],
        &["rfc9110/12.5.3/identity-respected", LISTED],
        Identity,
    );
    vec![case.about(
        "requests that accept no coding: Accept-Encoding says identity, nothing, or an unknown name",
        "a stream without Content-Encoding",
    )]
}

struct Identity;

async fn ask(stage: &Stage, label: &'static str, wish: &str) {
    let mut request = Request::stream(&stage.setting);
    request.set("Accept-Encoding", wish);
    let mut exchange = Exchange::get(stage, label, &request).await;
    exchange.answered().await;
}

impl Experiment for Identity {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            for (label, wish) in WISHES {
                ask(stage, label, wish).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let mut plain = Vec::new();
        for (label, wish) in WISHES {
            let answer = match Answer::of(transcript, label, &[]) {
                Ok(answer) => answer,
                Err(judgement) => return judgement,
            };
            match answer.reply() {
                Some(reply) if reply.is_event_stream() && coding(reply) == Coded::Plain => {
                    plain.push(label);
                }
                Some(reply) if reply.is_event_stream() && coding(reply) == Coded::Misnamed => {
                    return Judgement::warn(format!(
                        "the stream is not coded, and Content-Encoding says {}, which is the name of no coding: browsers read \
                         the content as it is, while a proxy or a client that is stricter refuses what it cannot decode",
                        coded(reply)
                    ))
                    .by(LISTED)
                    .at(answer.field_spot("content-encoding"));
                }
                Some(reply) if reply.is_event_stream() => {
                    return Judgement::warn(format!(
                        "the request accepts {}, and the stream is coded all the same, as {}: who asks so cannot decode \
                         it, and sees not one event",
                        said(wish),
                        coded(reply)
                    ))
                    .at(answer.field_spot("content-encoding"));
                }
                Some(_) => {
                    return Judgement::info(format!(
                        "a request that accepts {} is answered by {}",
                        said(wish),
                        answer.in_words()
                    ))
                    .to_confirm_alone()
                    .at(answer.spot());
                }
                None => {
                    let judgement = Judgement::inconclusive(format!(
                        "a request that accepts {} is answered by {}",
                        said(wish),
                        answer.in_words()
                    ));
                    return judgement.to_confirm_alone();
                }
            }
        }
        Judgement::pass(format!(
            "the stream is not coded for any of {} wishes",
            plain.len()
        ))
    }
}

fn said(wish: &str) -> String {
    match wish {
        "" => "no coding by an empty Accept-Encoding".into(),
        wish => format!("`{wish}` alone"),
    }
}

fn coded(reply: &Reply) -> String {
    let values: Vec<&[u8]> = reply.head.all("content-encoding").collect();
    printable(&values.join(&b", "[..]), 40)
}
