//! Several offers, the most liked first: what has to be declined does not spoil what follows.

use super::answer::{
    Accepted, Made, ask, ask_control, control_accepted, outcome, refused_for_legal,
    refused_for_spoilt, told,
};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::compression::NAME;
use pushspec_reports::Severity;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    FIRST.iter().map(|&(id, first, sound, what)| {
        let fallback = Fallback { first, sound };
        let title = format!("offers of `{}`: {what}", fallback.offers());
        Case::new(
            format!("ws/pmd-neg/fallback-{id}"),
            Severity::Minor,
            &[Need::Open],
            &[
                "rfc7692/7/fallback-offer-used",
                "rfc7692/5/offer-alternatives",
                "rfc7692/5/prefer-earlier-offer",
                "rfc6455/9.1/order-is-preference",
            ],
            fallback,
        )
        .about(
            title,
            "the first offer that is supported is accepted, wherever it stands",
        )
    })
}

/// The end of the id, the parameters of the first offer, whether it breaks no rule, and what is the matter with it.
const FIRST: &[(&str, &str, bool, &str)] = &[
    (
        "unknown-param",
        "; foo=1",
        false,
        "an unknown parameter, and a fallback without it",
    ),
    (
        "bad-value",
        "; server_max_window_bits=7",
        false,
        "an impossible value, and a fallback without it",
    ),
    (
        "dup-param",
        "; server_no_context_takeover; server_no_context_takeover",
        false,
        "a parameter twice, and a fallback without it",
    ),
    (
        "window-8",
        "; server_max_window_bits=8",
        true,
        "a window that zlib does not have, and a fallback without it",
    ),
    // RFC 7692 section 7.1.3.
    (
        "window-10",
        "; server_max_window_bits=10",
        true,
        "a small window rather than any",
    ),
];

struct Fallback {
    first: &'static str,
    sound: bool,
}

impl Fallback {
    fn offers(&self) -> String {
        format!("{NAME}{}, {NAME}", self.first)
    }

    /// The first offer by itself.
    fn first(&self) -> String {
        format!("{NAME}{}", self.first)
    }

    fn accepted(&self, accepted: &Accepted, transcript: &Transcript) -> Judgement {
        if control_accepted(transcript) && accepted.flaw(transcript).is_none() {
            return Judgement::warn(format!(
                "accepted as `{}`, although `{}`, which the client prefers, is accepted where it is alone",
                accepted.in_words(),
                self.first()
            ))
            .by("rfc7692/5/prefer-earlier-offer")
            .at(accepted.spot());
        }
        accepted
            .flaw(transcript)
            .unwrap_or_else(|| Judgement::pass(format!("accepted as `{}`", accepted.in_words())))
    }
}

impl Experiment for Fallback {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            ask(stage, &self.offers(), Some(NAME)).await;
            let transcript = stage.transcript();
            if let Ok(Made::Accepted(accepted)) = outcome(&transcript)
                && !accepted.fits_first(&transcript)
            {
                ask_control(stage, &self.first()).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let judgement = match outcome(transcript) {
            Err(judgement) => judgement,
            Ok(Made::Refused(answer)) if self.sound => {
                refused_for_legal(&answer, &format!("`{}`", self.offers()))
            }
            Ok(Made::Refused(answer)) => refused_for_spoilt(&answer, &self.offers()),
            Ok(Made::Declined) if control_accepted(transcript) => Judgement::warn(format!(
                "`{}` was declined, although `{NAME}` alone is accepted: the first offer spoils the second",
                self.offers()
            )),
            Ok(Made::Declined) => Judgement::pass("declined: 101 without the extension"),
            Ok(Made::Accepted(accepted)) => self.accepted(&accepted, transcript),
        };
        told(transcript, judgement)
    }
}
