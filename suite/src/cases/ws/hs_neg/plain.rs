//! An ordinary GET where WebSocket is spoken.

use super::refusal::{twin_unless_accepted, upgrade_required};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Conversation;
use crate::ws::after_fault::FAULT;
use crate::ws::handshake::{Rejection, rejected};
use pushspec_reports::Severity;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = Case::new(
        "ws/hs-neg/plain-get",
        Severity::Minor,
        &[Need::Open],
        &[
            "rfc9110/7.8/upgrade-may-be-ignored",
            "rfc9110/7.8/426-carries-upgrade",
            "rfc9110/7.8/upgrade-needs-connection-option",
        ],
        PlainGet,
    );
    [case.about(
        "an ordinary GET without any field of a handshake",
        "any HTTP answer but 101 and 5xx; a 426 says in Upgrade and Connection what it wants",
    )]
    .into_iter()
}

struct PlainGet;

impl Experiment for PlainGet {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let request = Request::get(&stage.setting);
            drop(Conversation::open_with(stage, FAULT, &request).await);
            twin_unless_accepted(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let accepted = || {
            Judgement::fail(
                "an ordinary GET was answered by 101: whoever opens the address in a browser gets an error, and a \
                 monitor takes frames for a page",
            )
            .by("rfc9110/7.8/no-unrequested-switch")
            .at(Spot::received(FAULT, 0))
        };
        let rejection = match rejected(transcript, FAULT, accepted) {
            Ok(rejection) => rejection,
            Err(judgement) => return judgement,
        };
        if let Rejection::Response(head) = &rejection
            && head.status == 426
            && let Some(judgement) = upgrade_required(head)
        {
            return judgement;
        }
        match &rejection {
            // 501 is said of a method, and GET is none that a server may not know.
            Rejection::Response(head) if head.status >= 500 => Judgement::warn(format!(
                "an ordinary GET was answered by {rejection}: whoever opens the address in a browser raises an alarm"
            ))
            .to_confirm_alone(),
            Rejection::Response(_) => Judgement::pass(format!("answered as ordinary HTTP: {rejection}")),
            Rejection::Silence => Judgement::warn(
                "an ordinary GET is never answered: whoever opens the address in a browser, and every monitor, waits",
            )
            .resting_on_silence()
            .to_confirm_alone(),
            Rejection::Ended(_) | Rejection::NotHttp { .. } | Rejection::Endless => Judgement::warn(format!(
                "an ordinary GET was answered by {rejection}: whoever opens the address in a browser cannot tell why"
            ))
            .to_confirm_alone(),
        }
    }
}
