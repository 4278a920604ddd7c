//! Subprotocols that the target is declared to speak.

use super::{UNKNOWN, concerns, selected};
use crate::case::{Case, Need};
use crate::cases::ws::negotiated::{Accepted, Alike, Ask, Asking, PROTOCOL, Refused};
use crate::declared::{Profile, Reading};
use crate::judgement::Judgement;
use crate::stage::Stage;
use pushspec_reports::{Severity, Verdict};

const CONFIRMED: &str = "ws-api/opening-handshake/subprotocol-must-be-confirmed";

const KNOWN: &[Need] = &[Need::Open, Need::Subprotocol];

pub(super) fn cases() -> Vec<Case> {
    vec![
        known(),
        among_unknown(
            "first",
            "before",
            Ask::With(|request, stage| {
                request.set(PROTOCOL, format!("{}, {}", liked(stage), UNKNOWN[0]));
            }),
        ),
        among_unknown(
            "last",
            "behind",
            Ask::With(|request, stage| {
                request.set(PROTOCOL, format!("{}, {}", UNKNOWN[0], liked(stage)));
            }),
        ),
        two_known(),
        split_fields(),
        once_in_response(),
        other_case(),
    ]
}

/// The subprotocol that the target likes most.
fn liked(stage: &Stage) -> &str {
    let declared = &stage.setting.declared.subprotocols;
    declared.first().map_or("", String::as_str)
}

/// Judges that one of the declared subprotocols is selected.
fn one_declared(accepted: &Accepted<'_>) -> Judgement {
    let declared = &accepted.reading.declared.subprotocols;
    match selected(accepted) {
        Err(judgement) => judgement,
        Ok(Some(name)) if declared.contains(&name) => {
            Judgement::pass(format!("`{name}` was selected"))
        }
        Ok(Some(name)) => Judgement::warn(format!(
            "`{name}` was selected, which is not declared, although the declared one was on offer"
        ))
        .at(accepted.spot(PROTOCOL)),
        Ok(None) => Judgement::new(
            unconfirmed(accepted.reading),
            "101 without a subprotocol, although one was offered that the target is declared to speak: a browser closes \
             the connection again",
        )
        .by(CONFIRMED)
        .resting_on("ambiguity/no-subprotocol"),
    }
}

/// RFC 6455 lets a server select nothing; browsers do not open such a connection.
fn unconfirmed(reading: &Reading) -> Verdict {
    match reading.profile {
        Profile::Browser => Verdict::Fail,
        Profile::Standard | Profile::Strict | Profile::Autobahn => Verdict::Warn,
    }
}

fn known() -> Case {
    Case::new(
        "ws/sub/known",
        Severity::Major,
        KNOWN,
        &[
            "rfc6455/4.2.2/subprotocol-single-token",
            CONFIRMED,
            "rfc6455/4.2.2/subprotocol-from-offer",
        ],
        Asking {
            ask: Ask::With(|request, stage| {
                request.set(PROTOCOL, liked(stage));
            }),
            what: "an offer of a declared subprotocol",
            accepted: one_declared,
            refused: Refused::Legal,
        },
    )
    .about(
        "an offer of the subprotocol that is declared first",
        "101 that selects it",
    )
}

fn among_unknown(name: &str, place: &str, ask: Ask) -> Case {
    Case::new(
        format!("ws/sub/known-and-unknown-known-{name}"),
        Severity::Major,
        KNOWN,
        &["rfc6455/4.2.2/subprotocol-from-offer", CONFIRMED],
        Asking {
            ask,
            what: "an offer of a declared subprotocol and an unknown one",
            accepted: one_declared,
            refused: Refused::Legal,
        },
    )
    .about(
        format!("an offer of a declared subprotocol {place} one that nobody speaks"),
        "101 that selects the declared one",
    )
}

fn two_known() -> Case {
    Case::new(
        "ws/sub/two-known",
        Severity::Informational,
        &[Need::Open, Need::Subprotocol, Need::TwoSubprotocols],
        &[
            "rfc6455/4.2.2/subprotocol-preference",
            "rfc6455/4.2.2/subprotocol-single-token",
        ],
        Asking {
            ask: Ask::With(|request, stage| {
                let declared = &stage.setting.declared.subprotocols;
                let reversed: Vec<&str> = declared.iter().rev().map(String::as_str).collect();
                request.set(PROTOCOL, reversed.join(", "));
            }),
            what: "an offer of all declared subprotocols, the least liked first",
            accepted: |accepted| {
                let declared = &accepted.reading.declared.subprotocols;
                match selected(accepted) {
                    Err(judgement) => judgement,
                    Ok(None) => one_declared(accepted),
                    Ok(Some(name)) => {
                        Judgement::info(match declared.iter().rposition(|known| *known == name) {
                            Some(last) if last + 1 == declared.len() => {
                                format!("`{name}` was selected: the client's preference counts")
                            }
                            Some(0) => {
                                format!("`{name}` was selected: the server's preference counts")
                            }
                            Some(_) | None => {
                                format!("`{name}` was selected, which neither side prefers")
                            }
                        })
                    }
                }
            },
            refused: Refused::Legal,
        },
    )
    .about(
        "an offer of all declared subprotocols, the least liked first",
        "recorded: the server chooses freely, but no more than one",
    )
}

fn split_fields() -> Case {
    Case::new(
        "ws/sub/split-fields",
        Severity::Major,
        KNOWN,
        &[
            "rfc6455/11.3.4/protocol-many-in-request",
            "rfc9110/5.3/field-lines-combine",
        ],
        Alike {
            // Whoever reads the first line alone, or the last, meets nothing that it knows.
            odd: Ask::With(|request, stage| {
                request.set(PROTOCOL, UNKNOWN[0]);
                request.add(PROTOCOL, liked(stage));
                request.add(PROTOCOL, UNKNOWN[1]);
            }),
            tidy: Ask::With(|request, stage| {
                let list = [UNKNOWN[0], liked(stage), UNKNOWN[1]].join(", ");
                request.set(PROTOCOL, list);
            }),
            field: PROTOCOL,
            what: "an offer of three subprotocols in three fields",
            differs: Verdict::Fail,
        },
    )
    .about(
        "an offer of three subprotocols in three fields, a declared one in the second",
        "the same answer as for the three in one field",
    )
}

fn once_in_response() -> Case {
    Case::new(
        "ws/sub/once-in-response",
        Severity::Major,
        KNOWN,
        &["rfc6455/11.3.4/protocol-once-in-response"],
        Asking {
            ask: Ask::With(|request, stage| {
                request.set(PROTOCOL, stage.setting.declared.subprotocols.join(", "));
            }),
            what: "an offer of all declared subprotocols",
            accepted: |accepted| match accepted.flaw(concerns) {
                Some(judgement) => judgement,
                None => match accepted.head.all(PROTOCOL).count() {
                    0 => Judgement::pass("101 without Sec-WebSocket-Protocol"),
                    _ => Judgement::pass("101 with one Sec-WebSocket-Protocol"),
                },
            },
            refused: Refused::Legal,
        },
    )
    .about(
        "an offer of all declared subprotocols",
        "Sec-WebSocket-Protocol at most once in the 101",
    )
}

/// The name with each letter in the other case.
fn swapped(name: &str) -> String {
    let swap = |letter: char| match letter.is_ascii_lowercase() {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
    };
    name.chars().map(swap).collect()
}

fn other_case() -> Case {
    Case::new(
        "ws/sub/case",
        Severity::Minor,
        KNOWN,
        &[
            "rfc7936/2/subprotocol-case-sensitive",
            "rfc6455/4.2.2/subprotocol-from-offer",
        ],
        Asking {
            ask: Ask::With(|request, stage| {
                request.set(PROTOCOL, swapped(liked(stage)));
            }),
            what: "an offer of a declared subprotocol in other letter case",
            accepted: |accepted| match selected(accepted) {
                Err(judgement) => judgement,
                Ok(None) => Judgement::pass("101 without a subprotocol: its letter case counts"),
                Ok(Some(name)) => Judgement::info(format!(
                    "`{name}` was selected as it was offered: the target takes it for the declared one, or takes any"
                )),
            },
            refused: Refused::Choice,
        },
    )
    .about(
        "an offer of a declared subprotocol in other letter case",
        "101 without a subprotocol, or a refusal; never a name that was not offered, letter for letter",
    )
}
