//! `ws/sub`: subprotocols (RFC 6455 sections 1.9 and 4.2.2).
//!
//! What a server speaks is for its owner to declare; what it says about subprotocols that nobody speaks can be asked of
//! every server. Many take whatever comes first: legal, since a server may be willing to use any.

mod known;

use super::negotiated::{Accepted, Ask, Asking, PROTOCOL, Refused};
use crate::case::{Case, Need};
use crate::judgement::Judgement;
use pushspec_parser::Violation;
use pushspec_reports::{Severity, printable};

/// Names that no server speaks.
/// One of them is not all of small letters: a server may say whatever it is offered in its own way.
const UNKNOWN: [&str; 2] = ["X-Pushspec-Unknown-One", "x-pushspec-unknown-two"];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![none_offered(), unknown_only()];
    cases.extend(known::cases());
    cases.extend(BAD_TOKENS.map(bad_tokens));
    cases
}

/// Whether a flaw is about the subprotocol.
fn concerns(violation: Violation) -> bool {
    matches!(
        violation,
        Violation::SubprotocolUnrequested
            | Violation::SubprotocolNotOffered
            | Violation::SubprotocolEmpty
            | Violation::SubprotocolNotOneToken
            | Violation::SubprotocolRepeated
    )
}

/// The selected subprotocol, if it is a sound one.
fn selected(accepted: &Accepted<'_>) -> Result<Option<String>, Judgement> {
    match accepted.flaw(concerns) {
        Some(judgement) => Err(judgement),
        None => Ok(accepted
            .head
            .first(PROTOCOL)
            .map(|value| printable(value, 80))),
    }
}

fn none_offered() -> Case {
    Case::new(
        "ws/sub/none-offered",
        Severity::Major,
        &[Need::Open],
        &["rfc6455/4.2.2/subprotocol-none-without-offer"],
        Asking {
            ask: Ask::With(|request, _| {
                request.remove(PROTOCOL);
            }),
            what: "a handshake that offers no subprotocol",
            accepted: |accepted| match selected(accepted) {
                Err(judgement) => judgement,
                Ok(_) => Judgement::pass("101 without a subprotocol"),
            },
            refused: Refused::Choice,
        },
    )
    .about(
        "a handshake that offers no subprotocol",
        "101 without Sec-WebSocket-Protocol, or a refusal",
    )
}

fn unknown_only() -> Case {
    Case::new(
        "ws/sub/unknown-only",
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/4.2.2/subprotocol-from-offer",
            "rfc6455/4.2.2/subprotocol-none-without-offer",
            "rfc6455/4.2.2/subprotocol-not-empty",
            "rfc6455/4.2.2/subprotocol-single-token",
        ],
        Asking {
            ask: Ask::With(|request, _| {
                request.set(PROTOCOL, UNKNOWN.join(", "));
            }),
            what: "an offer of two subprotocols that nobody speaks",
            accepted: |accepted| match selected(accepted) {
                Err(judgement) => judgement,
                Ok(None) => Judgement::pass("101 without a subprotocol")
                    .resting_on("ambiguity/no-subprotocol"),
                Ok(Some(name)) => {
                    let declared = &accepted.reading.declared.subprotocols;
                    let judgement = match declared.is_empty() {
                        true => Judgement::info(format!(
                            "`{name}` was selected, which nobody speaks: the target takes any subprotocol"
                        )),
                        false => Judgement::warn(format!(
                            "`{name}` was selected, which nobody speaks and which is not declared: the client believes \
                             that both talk the same"
                        )),
                    };
                    judgement
                        .resting_on("ambiguity/unknown-subprotocol")
                        .at(accepted.spot(PROTOCOL))
                }
            },
            refused: Refused::Choice,
        },
    )
    .about(
        "an offer of two subprotocols that nobody speaks",
        "101 without Sec-WebSocket-Protocol, or a refusal; at most one of them, by itself",
    )
}

/// A list that is none.
struct BadTokens {
    name: &'static str,
    what: &'static str,
    value: &'static [u8],
    requirements: &'static [&'static str],
}

const GRAMMAR: &[&str] = &[
    "rfc6455/4.2.2/subprotocol-single-token",
    "rfc6455/4.1/request-subprotocols-grammar",
    "rfc6455/4.2.1/reject-nonconforming-handshake",
];

const BAD_TOKENS: [BadTokens; 5] = [
    BadTokens {
        name: "separators",
        what: "an offer of subprotocols with separators in them",
        value: b"chat/1, (chat), chat;v=2, \"chat\"",
        requirements: GRAMMAR,
    },
    BadTokens {
        name: "blank",
        what: "an offer of a subprotocol with a blank in it",
        value: b"chat room",
        requirements: GRAMMAR,
    },
    BadTokens {
        name: "empty",
        what: "an offer of empty subprotocols",
        value: b", ,",
        requirements: GRAMMAR,
    },
    BadTokens {
        name: "duplicate",
        what: "an offer of the same subprotocol twice",
        value: b"x-pushspec-unknown-one, x-pushspec-unknown-one",
        requirements: &[
            "rfc6455/4.2.2/subprotocol-single-token",
            "rfc6455/4.1/request-subprotocols-unique",
            "rfc6455/4.2.1/reject-nonconforming-handshake",
        ],
    },
    BadTokens {
        name: "control",
        what: "an offer of a subprotocol with a control character in it",
        value: b"ch\x01at",
        requirements: &[
            "rfc6455/4.2.2/subprotocol-single-token",
            "rfc6455/4.1/request-subprotocols-grammar",
            "rfc9110/5.5/ctl-in-value",
        ],
    },
];

fn bad_tokens(row: BadTokens) -> Case {
    let BadTokens {
        name,
        what,
        value,
        requirements,
    } = row;
    Case::new(
        format!("ws/sub/bad-tokens-{name}"),
        Severity::Minor,
        &[Need::Open],
        requirements,
        Asking {
            ask: Ask::Field(PROTOCOL, value),
            what,
            accepted: |accepted| match selected(accepted) {
                Err(judgement) => judgement,
                Ok(None) => Judgement::pass("101 without a subprotocol"),
                Ok(Some(name)) => Judgement::pass(format!("101 with `{name}`, which is sound")),
            },
            refused: Refused::Malformed,
        },
    )
    .about(
        what,
        "an error, or 101 without Sec-WebSocket-Protocol; never what was malformed sent back",
    )
}
