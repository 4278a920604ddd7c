//! A client of HTTP/1.0, which knows no chunks.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Request};
use crate::judgement::Judgement;
use crate::listening::Waited;
use crate::sse::{Answer, another_reason, ask, settle, streams};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::{Severity, printable};

const REQUEST: &str = "request";

/// The same of HTTP/1.1, where that gets no stream.
const ORDINARY: &str = "ordinary";

/// The version is what a response's framing depends on.
const OLD: [RequestFacts; 1] = [RequestFacts::GET_1_0];

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/http/http10",
        Severity::Major,
        &[Need::Sse],
        &["rfc9112/6.1/no-te-to-http10"],
        Old,
    );
    vec![case.about(
        "a request of HTTP/1.0, as old proxies and health checks send it",
        "a stream without chunks that ends with the connection, or a refusal by 400, 426 or 505",
    )]
}

struct Old;

impl Experiment for Old {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::stream(&stage.setting);
            request.version = "HTTP/1.0";
            let mut exchange = Exchange::connect(stage, REQUEST, &OLD).await;
            exchange.send(&request).await;
            if exchange.answered().await == Waited::Met {
                settle(&mut exchange).await;
            }
            if !streams(exchange.heard()) {
                ask(stage, ORDINARY, &Request::stream(&stage.setting)).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, REQUEST, &OLD) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let ordinary = Answer::on(transcript, ORDINARY, &[]);
        match another_reason("HTTP/1.0", &answer, ordinary) {
            Some(judgement) => judgement,
            None => judge(&answer).to_confirm_alone(),
        }
    }
}

fn judge(answer: &Answer) -> Judgement {
    let came = answer.in_words();
    let Some(reply) = answer.reply() else {
        let judgement = Judgement::warn(format!(
            "HTTP/1.0 is answered by {came}: whoever still speaks it learns nothing"
        ));
        return match answer.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
    };
    if let Some(coding) = reply.head.first("transfer-encoding") {
        return Judgement::fail(match reply.head.has_token("transfer-encoding", "chunked") {
            true => "HTTP/1.0 is answered in chunks: a client that knows none reads their sizes as lines of the stream, and \
                     loses events to them"
                .to_owned(),
            false => format!(
                "HTTP/1.0 is answered with Transfer-Encoding: {}, a field that this version does not know",
                printable(coding, 40)
            ),
        })
        .at(answer.field_spot("transfer-encoding"));
    }
    let judgement = match reply.head.status {
        200 if answer.streams() => Judgement::pass("the stream comes without chunks"),
        status @ (400 | 426 | 505) => Judgement::pass(format!("refused by {status}")),
        500..=599 => Judgement::warn(format!(
            "HTTP/1.0 is answered by {came}: a version that is not served is no fault of the server, and 505 says so"
        )),
        _ => Judgement::info(format!("HTTP/1.0 is answered by {came}")),
    };
    judgement.at(answer.spot())
}
