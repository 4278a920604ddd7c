//! Offers that break a rule: each has to be declined (RFC 7692 section 7), and the handshake goes on without compression.

use super::answer::{Made, ask, outcome, refused_for_spoilt, told};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::compression::NAME;
use crate::ws::handshake::Rejection;
use pushspec_reports::Severity;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    FAMILIES.iter().flat_map(|family| {
        family.members.iter().map(|&(id, parameters)| {
            let illegal = Illegal {
                parameters,
                means: family.means,
            };
            let title = format!("an offer of `{}`, {}", illegal.offer(), family.what);
            Case::new(
                format!("ws/pmd-neg/{}-{id}", family.stem),
                Severity::Major,
                &[Need::Open],
                family.requirements,
                illegal,
            )
            .about(title, "declined: 101 without the extension")
        })
    })
}

/// Offers that break the same rule.
struct Family {
    stem: &'static str,
    what: &'static str,
    /// What it means that one is accepted.
    means: &'static str,
    requirements: &'static [&'static str],
    /// The end of the id, and what stands behind the name of the extension.
    members: &'static [(&'static str, &'static str)],
}

const FAMILIES: &[Family] = &[
    Family {
        stem: "unknown-param",
        what: "a parameter that is not defined",
        means: "the client believes that its parameter holds, and the server has never heard of it",
        requirements: &[
            "rfc7692/7/decline-unknown-parameter",
            "rfc7692/5/declining-leaves-no-element",
        ],
        members: &[
            ("foo", "; foo"),
            ("x-1", "; x=1"),
            ("c2s-max-window-bits", "; c2s_max_window_bits"),
            ("max-window-bits-10", "; max_window_bits=10"),
        ],
    },
    Family {
        stem: "bad-value",
        what: "a value that the parameter cannot have",
        means: "both sides may take it for different numbers",
        requirements: &[
            "rfc7692/7/decline-invalid-value",
            "rfc7692/7.1.2.1/server-mwb-value",
            "rfc7692/7.1.2.2/client-mwb-offer-value",
            "rfc7692/7.1.1.1/server-nct-no-value",
        ],
        members: &[
            ("server-mwb-7", "; server_max_window_bits=7"),
            ("server-mwb-16", "; server_max_window_bits=16"),
            ("server-mwb-0", "; server_max_window_bits=0"),
            ("server-mwb-08", "; server_max_window_bits=08"),
            ("server-mwb-plus-10", "; server_max_window_bits=+10"),
            ("server-mwb-minus-9", "; server_max_window_bits=-9"),
            ("server-mwb-1e1", "; server_max_window_bits=1e1"),
            ("server-mwb-0x0a", "; server_max_window_bits=0x0a"),
            ("server-mwb-empty", EMPTY),
            ("server-mwb-abc", "; server_max_window_bits=abc"),
            ("server-mwb-256", "; server_max_window_bits=256"),
            // 8 where 32 bits are kept.
            (
                "server-mwb-4294967304",
                "; server_max_window_bits=4294967304",
            ),
            ("server-mwb-none", "; server_max_window_bits"),
            ("client-mwb-7", "; client_max_window_bits=7"),
            ("client-mwb-16", "; client_max_window_bits=16"),
            ("client-mwb-0", "; client_max_window_bits=0"),
            ("client-mwb-08", "; client_max_window_bits=08"),
            ("client-mwb-abc", "; client_max_window_bits=abc"),
            ("server-nct-1", "; server_no_context_takeover=1"),
            ("server-nct-true", "; server_no_context_takeover=true"),
            ("client-nct-1", "; client_no_context_takeover=1"),
            ("client-nct-true", "; client_no_context_takeover=true"),
        ],
    },
    Family {
        stem: "dup-param",
        what: "a parameter that is there twice",
        means: "each side may believe another one of the two",
        requirements: &["rfc7692/7/decline-duplicate-parameter"],
        members: &[
            (
                "server-nct",
                "; server_no_context_takeover; server_no_context_takeover",
            ),
            (
                "client-nct",
                "; client_no_context_takeover; client_no_context_takeover",
            ),
            (
                "server-mwb",
                "; server_max_window_bits=10; server_max_window_bits=10",
            ),
            (
                "client-mwb",
                "; client_max_window_bits; client_max_window_bits=10",
            ),
        ],
    },
];

/// Breaks the grammar of the field as well: then the connection is failed (RFC 6455 section 9.1).
const EMPTY: &str = "; server_max_window_bits=";

struct Illegal {
    parameters: &'static str,
    means: &'static str,
}

impl Illegal {
    fn offer(&self) -> String {
        format!("{NAME}{}", self.parameters)
    }

    fn refused(&self, answer: &Rejection) -> Judgement {
        match answer {
            Rejection::Response(head)
                if self.parameters == EMPTY && (400..500).contains(&head.status) =>
            {
                Judgement::pass(format!("refused: {answer}")).to_confirm_alone()
            }
            Rejection::Response(_)
            | Rejection::Ended(_)
            | Rejection::NotHttp { .. }
            | Rejection::Endless
            | Rejection::Silence => refused_for_spoilt(answer, &self.offer()),
        }
    }
}

impl Experiment for Illegal {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async { ask(stage, &self.offer(), None).await })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let judgement = match outcome(transcript) {
            Err(judgement) => judgement,
            Ok(Made::Refused(answer)) => self.refused(&answer),
            Ok(Made::Declined) => Judgement::pass("declined: 101 without the extension"),
            Ok(Made::Accepted(accepted)) => Judgement::fail(format!(
                "`{}` was accepted as `{}`, where it has to be declined: {}",
                self.offer(),
                accepted.in_words(),
                self.means
            ))
            .at(accepted.spot()),
        };
        told(transcript, judgement)
    }
}
