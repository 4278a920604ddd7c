//! What no document decides: a request that is never finished, and bytes that are no UTF-8.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Conversation;
use crate::ws::after_fault::FAULT;
use crate::ws::handshake::{Answer, Rejection, ask_twin, twin_accepted};
use pushspec_reports::Severity;
use std::time::Duration;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let half = Case::new(
        "ws/hs-neg/half-request",
        Severity::Informational,
        &[Need::Open],
        &["rfc6455/10.4/protect-limits"],
        HalfRequest,
    )
    .in_set(Set::Hardening)
    .about(
        "half a handshake, and then nothing for 15 seconds",
        "recorded: how long the server waits for the rest",
    );
    let not_utf8 = Case::new(
        "ws/hs-neg/non-utf8-header",
        Severity::Informational,
        &[Need::Open],
        &["rfc6455/8.1/handshake-utf8"],
        NotUtf8,
    )
    .about(
        "a handshake with the bytes ff fe in its request target, and one with them in a field",
        "recorded: 400 or 101",
    );
    [half, not_utf8].into_iter()
}

/// How long the rest of the request does not come.
const WINDOW: Duration = Duration::from_secs(15);

struct HalfRequest;

impl Experiment for HalfRequest {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let request = Request::opening(stage, FAULT).encode();
            let mut conversation = Conversation::connect(stage, FAULT).await;
            conversation
                .send_bytes(request.slice(..request.len() / 2))
                .await;
            conversation.listen(WINDOW).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        match Answer::to(transcript, FAULT) {
            Answer::Unreached(reason) => Judgement::inconclusive(reason).to_confirm_alone(),
            Answer::Rejected(Rejection::Silence) => Judgement::info(format!(
                "the server still waits after {} s: whoever opens many such connections holds them all",
                WINDOW.as_secs()
            )),
            answer @ (Answer::Accepted(_) | Answer::Rejected(_)) => Judgement::info(format!(
                "the server does not wait {} s for the rest: {answer}",
                WINDOW.as_secs()
            )),
        }
    }
}

struct NotUtf8;

const IN_TARGET: &str = "in the target";
const IN_FIELD: &str = "in a field";

impl Experiment for NotUtf8 {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, IN_TARGET);
            let separator = if request.target.contains(&b'?') {
                b"&"
            } else {
                b"?"
            };
            request.target.extend_from_slice(separator);
            request.target.extend_from_slice(b"\xff\xfe");
            Conversation::open_with(stage, IN_TARGET, &request)
                .await
                .part()
                .await;
            let mut request = Request::opening(stage, IN_FIELD);
            request.add("X-Pushspec", b"\xff\xfe");
            Conversation::open_with(stage, IN_FIELD, &request)
                .await
                .part()
                .await;
            ask_twin(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let target = Answer::to(transcript, IN_TARGET);
        let field = Answer::to(transcript, IN_FIELD);
        if let Err(inconclusive) = twin_accepted(transcript, &field) {
            return inconclusive;
        }
        let judgement = Judgement::info(format!(
            "ff fe in the request target is answered by {target}, in a field by {field}"
        ));
        match target.is_accepted() && field.is_accepted() {
            true => judgement,
            false => judgement.to_confirm_alone(),
        }
    }
}
