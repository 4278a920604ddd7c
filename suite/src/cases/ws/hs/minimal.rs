//! The bare handshake: what section 4.2.1 of RFC 6455 requires, and nothing else.

use crate::case::{Case, Experiment};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use crate::ws::after_fault::TWIN;
use crate::ws::handshake::{Answer, Asked, Rejection, ask_beside_twin, counted, flaws};
use pushspec_parser::Violation;
use pushspec_parser::http::accept_value;
use pushspec_reports::Severity;

/// The fields of a handshake that has nothing else.
const REQUIRED: [&str; 5] = [
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
];

const BARE: &str = "bare";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let requirements = &[
        "rfc6455/4.2.2/response-101",
        "rfc6455/4.2.2/response-upgrade",
        "rfc6455/4.2.2/response-connection",
        "rfc6455/4.2.2/response-accept-hash",
        "rfc6455/4.2.2/subprotocol-none-without-offer",
        "rfc6455/4.2.2/extensions-subset",
        "rfc6455/4.2.1/optional-fields-absent",
        "rfc9110/7.8/upgrade-in-101",
        "rfc9110/7.8/upgrade-needs-connection-option",
    ];
    // It needs nothing: what is wrong with the very acceptance is said here, when all other cases are skipped.
    let case = Case::new(
        "ws/hs/minimal",
        Severity::Critical,
        &[],
        requirements,
        Minimal,
    );
    [case.about(
        "a handshake with Host, Upgrade, Connection, key and version, and nothing else",
        "101 with Upgrade: websocket, Connection: Upgrade, the right accept value, and nothing that was not asked for",
    )]
    .into_iter()
}

struct Minimal;

impl Experiment for Minimal {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let ordinary = Request::opening(stage, BARE);
            let mut bare = Request::bare(&stage.setting);
            for name in &REQUIRED[1..] {
                bare.add(name, ordinary.value(name).unwrap_or_default());
            }
            ask_beside_twin(stage, BARE, &bare).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let Some(bare) = transcript.connection(BARE) else {
            return Judgement::inconclusive("there was no connection");
        };
        match Answer::on(bare) {
            Answer::Accepted(_) => accepted(bare),
            Answer::Rejected(rejection) => {
                disguised(bare, &rejection).unwrap_or_else(|| refused(transcript, bare, &rejection))
            }
            Answer::Unreached(reason) => Judgement::inconclusive(reason).to_confirm_alone(),
        }
    }
}

fn accepted(bare: &Connection) -> Judgement {
    let flaws = flaws(bare);
    let flaw = flaws.iter().find(|flaw| {
        matches!(
            flaw.violation,
            Violation::UpgradeVersion
                | Violation::UpgradeField
                | Violation::UpgradeConnection
                | Violation::AcceptMissing
                | Violation::AcceptWrong
                // The bare handshake offers neither.
                | Violation::SubprotocolUnrequested
                | Violation::ExtensionNotOffered
        )
    });
    match flaw {
        None => Judgement::pass("101 with the right fields"),
        Some(flaw) => Judgement::fail(format!(
            "the 101 is wrong: {}; {}",
            flaw.violation,
            match flaw.violation {
                Violation::UpgradeVersion =>
                    "clients that look at the version do not open a WebSocket on it",
                _ => "no browser opens a WebSocket on it",
            }
        ))
        .by(flaw.violation.requirement())
        .at(Spot::received(BARE, flaw.offset)),
    }
}

/// An acceptance under another status: nothing but an acceptance holds the accept value of a fresh key.
fn disguised(bare: &Connection, answer: &Rejection) -> Option<Judgement> {
    let accept = accept_value(Asked::on(bare).key().as_bytes());
    let received = bare.received();
    let offset = received
        .windows(accept.len())
        .position(|window| window == accept.as_bytes())?;
    let judgement = Judgement::fail(format!(
        "the handshake was accepted, but by {answer} and not by a 101: no browser opens a WebSocket on it"
    ));
    Some(judgement.at(Spot::received(BARE, offset as u64)))
}

/// A refusal says something only where more than the bare handshake is accepted.
fn refused(transcript: &Transcript, bare: &Connection, answer: &Rejection) -> Judgement {
    let twin = transcript.connection(TWIN);
    let same = twin.is_some_and(|twin| Asked::on(twin).names().eq(Asked::on(bare).names()));
    let twin_accepted = twin.is_some_and(|twin| Answer::on(twin).is_accepted());
    if !twin_accepted {
        return Judgement::inconclusive(format!(
            "answered by {answer}: give the path of a WebSocket endpoint, and declare the origin, subprotocol or \
             headers that it asks for"
        ))
        .to_confirm_alone();
    }
    if same {
        return Judgement::inconclusive(format!(
            "answered by {answer}, and then the same handshake by 101"
        ))
        .to_confirm_alone();
    }
    let answer = match counted(transcript, answer.clone()) {
        Ok(answer) => answer,
        Err(inconclusive) => return inconclusive,
    };
    let wanting = "it is refused without the origin, subprotocol or headers that were declared";
    match &answer {
        Rejection::Response(head) if head.status < 500 => {
            Judgement::info(format!("answered by {answer}: {wanting}"))
        }
        Rejection::Ended(_) => Judgement::warn(format!(
            "answered by {answer}: {wanting}, and nothing tells the user why"
        ))
        .by("rfc6455/10.7/http-status-for-bad-handshake"),
        Rejection::Silence => Judgement::fail(
            "the handshake without the declared origin, subprotocol or headers is never answered",
        )
        .resting_on_silence()
        .by("rfc6455/4.2.1/optional-fields-absent"),
        Rejection::Response(_) | Rejection::NotHttp { .. } | Rejection::Endless => Judgement::fail(format!(
            "answered by {answer}: the handshake breaks down for want of the declared origin, subprotocol or headers"
        ))
        .by("rfc6455/4.2.1/optional-fields-absent"),
    }
    .to_confirm_alone()
}
