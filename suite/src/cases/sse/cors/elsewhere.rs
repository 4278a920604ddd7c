//! What is recorded beside: foreign names in Host, errors, preflights.

use super::{Allowed, allowed, from, origin};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, another_reason, ask, script, streams};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::http::RequestFacts;
use pushspec_reports::{Severity, printable};
use serde_json::json;

const REQUEST: &str = "request";

/// The same, with nothing odd in it.
const TWIN: &str = "twin";

/// Answers other than a stream, and how each is asked for.
const MISSING: &str = "no-such-path";
const REDIRECT: &str = "redirecting-path";
const NO_CONTENT: &str = "204";

/// A name that is surely not the target's.
const REBOUND: &str = "rebinding.pushspec.invalid";

pub(super) fn cases() -> Vec<Case> {
    let host = Case::new(
        "sse/cors/foreign-host",
        Severity::Informational,
        &[Need::Sse, Need::EventSource],
        &["rfc6455/10.2/verify-origin", "sse/9.2.2/cors-mode"],
        ForeignHost,
    )
    .about(
        "a request whose Host is somebody else's name",
        "recorded: a server on this machine that streams all the same can be read by any web page, by DNS rebinding",
    );
    let errors = Case::new(
        "sse/cors/errors",
        Severity::Informational,
        &[Need::Sse, Need::EventSource],
        &["fetch/cors/error-responses-too"],
        Errors,
    )
    .about(
        "answers to another origin that are no stream: an unknown path, the redirecting path, 204",
        "recorded: whether pages may see them",
    );
    let preflight = Case::new(
        "sse/cors/preflight",
        Severity::Informational,
        &[Need::Sse, Need::EventSource],
        &["fetch/cors/last-event-id-preflight"],
        Preflight,
    )
    .about(
        "a preflight that asks for Last-Event-ID",
        "recorded: browsers need none, other clients on pages may",
    );
    vec![host, errors, preflight]
}

struct ForeignHost;

impl Experiment for ForeignHost {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let setting = &stage.setting;
            let mut request = Request::event_source(setting);
            let port = setting.target.port;
            request.set("Host", format!("{REBOUND}:{port}"));
            let refused = !streams(ask(stage, REQUEST, &request).await.heard());
            if refused {
                ask(stage, TWIN, &Request::event_source(setting)).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, REQUEST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let twin = Answer::on(transcript, TWIN, &[]);
        if let Some(judgement) = another_reason("a foreign name in Host", &answer, twin) {
            return judgement;
        }
        let judgement = match answer.streams() {
            true => Judgement::info(format!(
                "the stream comes under the name {REBOUND} too: if the server is meant for this machine alone, any web page can \
                 read it by making its own name point here"
            )),
            false => Judgement::info(format!(
                "a foreign name in Host is answered by {}",
                answer.in_words()
            )),
        };
        let judgement = match answer.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
        judgement.at(answer.spot())
    }
}

struct Errors;

async fn send(stage: &Stage, label: &'static str, request: &Request) {
    let mut exchange = Exchange::get(stage, label, request).await;
    exchange.answered().await;
}

impl Experiment for Errors {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let setting = &stage.setting;
            let mut request = from(setting, Some(origin(setting)));
            request.target = b"/pushspec-no-such-path".to_vec();
            send(stage, MISSING, &request).await;
            if let Some(path) = &setting.declared.redirecting_path {
                request.target = path.clone().into_bytes();
                send(stage, REDIRECT, &request).await;
            }
            if setting.script.is_some() {
                let mut request = script::request(setting, &json!([{"status": 204}]));
                request.set("Origin", origin(setting));
                script::send(stage, NO_CONTENT, &request).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let (mut seen, mut said) = (0, Vec::new());
        for label in [MISSING, REDIRECT, NO_CONTENT] {
            let Some(answer) = Answer::on(transcript, label, &[]) else {
                continue;
            };
            let Some(reply) = answer.reply() else {
                continue;
            };
            if Reply::is_event_stream(reply) {
                continue;
            }
            seen += 1;
            let origin = super::allowed::asked(transcript, label);
            if matches!(allowed(reply, &origin), Allowed::Anybody | Allowed::Exactly) {
                said.push(reply.head.status.to_string());
            }
        }
        match (seen, said.as_slice()) {
            (0, _) => Judgement::info("no answer but streams could be had"),
            (_, []) => Judgement::info(
                "none of the answers that are no stream may be seen by other origins: to a page they are network errors, all the \
                 same",
            ),
            (_, said) => Judgement::info(format!(
                "other origins may see these answers: {}",
                said.join(", ")
            )),
        }
    }
}

struct Preflight;

impl Experiment for Preflight {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let setting = &stage.setting;
            let mut request = Request::bare(setting);
            request.method = "OPTIONS".into();
            request.set("Origin", origin(setting));
            request.set("Access-Control-Request-Method", "GET");
            request.set("Access-Control-Request-Headers", "last-event-id");
            let mut exchange = Exchange::connect(stage, REQUEST, &[RequestFacts::GET]).await;
            exchange.send(&request).await;
            exchange.answered().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, REQUEST, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let came = answer.in_words();
        let Some(reply) = answer.reply() else {
            let judgement = Judgement::info(format!("OPTIONS is answered by {came}"));
            return match answer.is_silent() {
                true => judgement.resting_on_silence(),
                false => judgement,
            };
        };
        let origin = super::allowed::asked(transcript, REQUEST);
        let fields = reply
            .head
            .all("access-control-allow-headers")
            .collect::<Vec<_>>();
        let named = reply
            .head
            .list("access-control-allow-headers")
            .any(|name| name.eq_ignore_ascii_case(b"last-event-id") || name == b"*");
        let allowed = matches!(allowed(reply, &origin), Allowed::Anybody | Allowed::Exactly);
        let judgement = match (200..300).contains(&reply.head.status) && allowed && named {
            true => Judgement::info(format!("{came}: Last-Event-ID may be sent by pages")),
            false => Judgement::info(format!(
                "{came}, fields allowed: {}: a page whose client asks first may not send Last-Event-ID",
                match fields.as_slice() {
                    [] => "none".into(),
                    fields => printable(&fields.join(&b", "[..]), 60),
                }
            )),
        };
        judgement
            .resting_on("ambiguity/preflight")
            .at(answer.spot())
    }
}
