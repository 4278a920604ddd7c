//! What came of an offer: refused, declined or accepted, and what is wrong with the answer.

use crate::http::{EXTENSIONS, Request};
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::ws::compression::{HINT, NAME, is_deflate};
use crate::ws::handshake::{Answer, Asked, Rejection, ask_beside_twin, counted, own_flaws};
use crate::ws::{Conversation, Dialogue, Opened};
use pushspec_parser::Violation;
use pushspec_parser::http::Extension;
use pushspec_parser::ws::deflate::{DeflateAnswer, DeflateOffer, NegotiationError, WindowBits};
use pushspec_reports::{Verdict, printable};

/// The label of the handshake with the offer.
pub(super) const OFFERED: &str = "offer";

/// The label of a handshake with another offer, which tells what a declined one was declined for.
const CONTROL: &str = "control offer";

/// The label of a handshake with the same offer and the hint that browsers give, where the server refuses whoever does not
/// give it.
pub(super) const HINTED: &str = "offer with hint";

/// The case that judges such a server.
const PLAIN: &str = "ws/pmd-neg/plain";

/// Makes a handshake with this offer, and its twin where it was refused. Where the offer is declined, `control` is
/// offered on another connection; where it is refused and no bare one, the same with a hint.
pub(super) async fn ask(stage: &Stage, offer: &str, control: Option<&str>) {
    let mut request = Request::opening(stage, OFFERED);
    request.add(EXTENSIONS, offer);
    ask_beside_twin(stage, OFFERED, &request).await;
    let refused = matches!(
        Answer::to(&stage.transcript(), OFFERED),
        Answer::Rejected(Rejection::Response(_))
    );
    if refused && offer != NAME && !offer.contains(HINT) {
        let hinted: Vec<String> = offer
            .split(", ")
            .map(|offer| format!("{offer}; {HINT}"))
            .collect();
        Conversation::open_offering(stage, HINTED, &hinted.join(", "))
            .await
            .part()
            .await;
    }
    let declined = matches!(made(&stage.transcript(), OFFERED), Some(Made::Declined));
    if let Some(control) = control.filter(|_| declined) {
        ask_control(stage, control).await;
    }
}

/// Offers something else on another connection.
pub(super) async fn ask_control(stage: &Stage, offer: &str) {
    Conversation::open_offering(stage, CONTROL, offer)
        .await
        .part()
        .await;
}

/// What a target made of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// The handshake was refused, that of the twin was not.
    Refused(Rejection),
    /// 101 without the extension.
    Declined,
    /// 101 with it.
    Accepted(Accepted),
}

/// The extension as a 101 accepts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accepted {
    /// As it stands there.
    pub(super) extension: Extension,
    /// What that means.
    pub(super) answer: Result<DeflateAnswer, NegotiationError>,
    /// Where the field begins.
    pub(super) offset: u64,
    /// On which connection.
    label: &'static str,
    /// Whether it is there more than once.
    twice: bool,
}

/// What the target made of the offer.
///
/// # Errors
/// A judgement: inconclusive, where ordinary handshakes are refused too; a fail, where the 101 is one that no client
/// accepts because of the offer.
pub(super) fn outcome(transcript: &Transcript) -> Result<Made, Judgement> {
    match Answer::to(transcript, OFFERED) {
        Answer::Unreached(reason) => {
            return Err(Judgement::inconclusive(reason).to_confirm_alone());
        }
        Answer::Accepted(_) => {}
        Answer::Rejected(rejection) => {
            let rejection = counted(transcript, rejection)?;
            return Ok(made(transcript, HINTED).unwrap_or(Made::Refused(rejection)));
        }
    }
    // Two fields are allowed by RFC 6455 section 4.2.2 and forbidden by section 11.3.2.
    let contestable = |violation| violation == Violation::ExtensionsRepeated;
    let flaws = own_flaws(transcript, OFFERED);
    if let Some(flaw) = flaws.iter().find(|flaw| !contestable(flaw.violation)) {
        return Err(Judgement::fail(format!(
            "the offer was answered by a 101 that no client accepts: {}",
            flaw.violation
        ))
        .by(flaw.violation.requirement())
        .at(Spot::received(OFFERED, flaw.offset)));
    }
    Ok(made(transcript, OFFERED).unwrap_or(Made::Declined))
}

/// A judgement on an offer that was accepted or declined only with the hint says so.
pub(super) fn told(transcript: &Transcript, mut judgement: Judgement) -> Judgement {
    if made(transcript, HINTED).is_some() {
        let why = format!(
            " (offered with {HINT}, without which the target refuses the handshake: {PLAIN} judges that)"
        );
        judgement.observed.push_str(&why);
    }
    judgement
}

/// Whether the control offer was accepted.
pub(super) fn control_accepted(transcript: &Transcript) -> bool {
    matches!(made(transcript, CONTROL), Some(Made::Accepted(_)))
}

/// What the 101 on this connection says of the extension; none where there is no 101.
pub(super) fn made(transcript: &Transcript, label: &'static str) -> Option<Made> {
    let connection = transcript.connection(label)?;
    let Opened::Response { head, offset, .. } = Dialogue::of(connection).opened else {
        return None;
    };
    if head.status != 101 {
        return None;
    }
    let mut elements = head
        .list(EXTENSIONS)
        .filter_map(Extension::parse)
        .filter(is_deflate);
    let Some(extension) = elements.next() else {
        return Some(Made::Declined);
    };
    let field = head.lines(EXTENSIONS).next();
    Some(Made::Accepted(Accepted {
        answer: DeflateAnswer::from_extension(&extension),
        extension,
        offset: offset + field.map_or(0, |field| field.offset),
        label,
        twice: elements.next().is_some(),
    }))
}

impl Accepted {
    /// As it stands in the answer.
    pub(super) fn in_words(&self) -> String {
        let mut words = printable(&self.extension.name, 40);
        for (name, value) in &self.extension.parameters {
            words.push_str("; ");
            words.push_str(&printable(name, 40));
            if let Some(value) = value {
                words.push('=');
                words.push_str(&printable(value, 20));
            }
        }
        words
    }

    /// Where it stands.
    pub(super) fn spot(&self) -> Spot {
        Spot::received(self.label, self.offset)
    }

    /// What is wrong with it as an answer to any of the sound offers on its connection; none where all is well, or where
    /// no sound offer was made, which is for others to say.
    pub(super) fn flaw(&self, transcript: &Transcript) -> Option<Judgement> {
        let fail = |requirement: &'static str, what: &str| {
            let words = self.in_words();
            Judgement::fail(format!("accepted as `{words}`: {what}"))
                .by(requirement)
                .at(self.spot())
        };
        if self.twice {
            return Some(fail(
                "rfc7692/5/no-rsv1-conflict",
                "the extension is there twice, and both claim RSV1",
            ));
        }
        let answer = match self.answer {
            Ok(answer) => answer,
            Err(error) => {
                let requirement = match error {
                    NegotiationError::Value => self.misvalued(),
                    NegotiationError::Name
                    | NegotiationError::UnknownParameter
                    | NegotiationError::Repeated
                    | NegotiationError::ServerTakeoverNotGranted
                    | NegotiationError::ServerWindowNotGranted
                    | NegotiationError::ClientWindowNotOffered => {
                        "rfc7692/7.1/response-only-defined-parameters"
                    }
                };
                let what = format!("{error}, so that clients fail the connection");
                return Some(fail(requirement, &what));
            }
        };
        let offers = transcript.connection(self.label).map(sound_offers)?;
        let errors: Vec<NegotiationError> = offers
            .iter()
            .filter_map(|offer| answer.agreed(offer).err())
            .collect();
        if errors.len() < offers.len() || offers.is_empty() {
            return None;
        }
        // What fits no offer at all comes before what the first one alone does not allow.
        let unasked = errors
            .iter()
            .find(|error| **error == NegotiationError::ClientWindowNotOffered);
        let error = unasked.or(errors.first())?;
        if *error == NegotiationError::ServerWindowNotGranted
            && answer.server_max_window_bits.is_none()
            && offers.iter().all(asks_for_no_smaller_window)
        {
            return Some(
                Judgement::warn(format!(
                    "accepted as `{}`: server_max_window_bits is missing, by which it is accepted; the window is the one that \
                     was asked for all the same",
                    self.in_words()
                ))
                .by("rfc7692/7.1.2.1/server-mwb-same-or-smaller")
                .at(self.spot()),
            );
        }
        let (requirement, suffers) = match error {
            NegotiationError::ServerTakeoverNotGranted => (
                "rfc7692/7.1.1.1/server-nct-acknowledged",
                "the client keeps no history, and cannot read messages that look back",
            ),
            NegotiationError::ServerWindowNotGranted => (
                "rfc7692/7.1.2.1/server-mwb-same-or-smaller",
                "the client has room for the window that it asked for, and none for more",
            ),
            NegotiationError::ClientWindowNotOffered => (
                "rfc7692/7.1.2.2/client-mwb-not-unless-offered",
                "a client that does not know it fails the connection",
            ),
            NegotiationError::Name
            | NegotiationError::UnknownParameter
            | NegotiationError::Value
            | NegotiationError::Repeated => {
                ("rfc7692/5/agreed-reflect-requests", "it fits no offer")
            }
        };
        let what = format!("{error}; {suffers}");
        Some(fail(requirement, &what))
    }

    /// Whether it grants the first of the sound offers on its connection.
    pub(super) fn fits_first(&self, transcript: &Transcript) -> bool {
        let offers = transcript.connection(self.label).map(sound_offers);
        let first = offers.and_then(|offers| offers.first().copied());
        match (self.answer, first) {
            (Ok(answer), Some(first)) => answer.agreed(&first).is_ok(),
            (Ok(_) | Err(_), None) | (Err(_), Some(_)) => true,
        }
    }

    /// The requirement that a wrong value breaks.
    fn misvalued(&self) -> &'static str {
        let values = |wanted: &str| {
            self.extension
                .parameters
                .iter()
                .filter(move |(name, _)| name == wanted.as_bytes())
                .map(|(_, value)| value.as_deref())
                .collect::<Vec<_>>()
        };
        if values("server_no_context_takeover")
            .iter()
            .any(Option::is_some)
        {
            "rfc7692/7.1.1.1/server-nct-no-value"
        } else if values("client_no_context_takeover")
            .iter()
            .any(Option::is_some)
        {
            "rfc7692/7.1.1.2/client-nct-no-value"
        } else if values("client_max_window_bits").contains(&None) {
            "rfc7692/7.1.2.2/client-mwb-answer-needs-value"
        } else {
            let legal = |value: &Option<&[u8]>| {
                let element = [
                    NAME.as_bytes(),
                    b"; server_max_window_bits=",
                    value.unwrap_or_default(),
                ];
                Extension::parse(&element.concat())
                    .is_some_and(|extension| DeflateAnswer::from_extension(&extension).is_ok())
            };
            match values("server_max_window_bits").iter().all(legal) {
                true => "rfc7692/7.1.2.2/client-mwb-answer-needs-value",
                false => "rfc7692/7.1.2.1/server-mwb-value",
            }
        }
    }
}

/// Whether it asks for the largest window, or for none: what holds where the answer names none (section 7.1.2.1).
fn asks_for_no_smaller_window(offer: &DeflateOffer) -> bool {
    offer
        .server_max_window_bits
        .is_none_or(|bits| bits == WindowBits::MAX)
}

/// The offers on this connection that break no rule.
fn sound_offers(connection: &Connection) -> Vec<DeflateOffer> {
    Asked::on(connection)
        .extensions()
        .filter_map(|offer| DeflateOffer::from_extension(&offer).ok())
        .collect()
}

/// A handshake with a legal offer was refused, and that of the twin was not.
pub(super) fn refused_for_legal(answer: &Rejection, what: &str) -> Judgement {
    refused(
        Verdict::Fail,
        answer,
        format!(
            "a handshake that offers {what} was answered by {answer}, although an ordinary one gets 101: who cannot compress \
             declines, and goes on without"
        ),
    )
}

/// A handshake with an offer that breaks a rule was refused, and that of the twin was not: the offer is to be declined, and
/// the handshake goes on.
pub(super) fn refused_for_spoilt(answer: &Rejection, offer: &str) -> Judgement {
    let (verdict, means) = match answer {
        Rejection::Response(head) if head.status >= 500 => {
            (Verdict::Fail, "the server stumbles where it has to decline")
        }
        Rejection::Response(_) | Rejection::Ended(_) => (
            Verdict::Warn,
            "the offer is to be declined, the connection could do without",
        ),
        Rejection::NotHttp { .. } | Rejection::Endless | Rejection::Silence => {
            (Verdict::Fail, "nobody can connect who offers that")
        }
    };
    let observed = format!("a handshake that offers `{offer}` was answered by {answer}: {means}");
    refused(verdict, answer, observed)
}

/// A handshake that was refused because of its offer.
fn refused(verdict: Verdict, answer: &Rejection, observed: String) -> Judgement {
    let judgement = Judgement::new(verdict, observed)
        .by("rfc7692/5/declined-continues-uncompressed")
        .to_confirm_alone();
    match answer {
        Rejection::Silence => judgement.resting_on_silence(),
        Rejection::Response(_)
        | Rejection::Ended(_)
        | Rejection::NotHttp { .. }
        | Rejection::Endless => judgement,
    }
}
