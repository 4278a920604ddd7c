//! `ws/ext`: extensions in general (RFC 6455 section 9). What permessage-deflate itself means is for other families; here it
//! is a name that a server may know.

mod unasked;

use super::negotiated::{Accepted, Alike, Ask, Asking, EXTENSIONS, Refused};
use crate::case::{Case, Need};
use crate::judgement::Judgement;
use crate::ws::compression::OFFER;
use pushspec_parser::Violation;
use pushspec_parser::http::Extension;
use pushspec_reports::{Severity, Verdict, printable};

/// A name that no server knows.
const UNKNOWN: &str = "x-pushspec-unknown";

const DEFLATE: &[u8] = b"permessage-deflate";

/// The only other extension that claims RSV1 and that servers have known.
const RIVAL: &[u8] = b"x-webkit-deflate-frame";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        unasked::case(),
        unknown_only(),
        unknown_and_deflate(),
        split_fields(),
    ];
    cases.extend(SPACING.map(spacing));
    cases.extend(MALFORMED.map(malformed));
    cases.extend(QUOTED.map(quoted_value));
    cases.extend([once_in_response(), rsv1_conflict()]);
    cases
}

/// Whether a flaw is about extensions; that there are two fields is for one case alone.
fn concerns(violation: Violation) -> bool {
    matches!(
        violation,
        Violation::ExtensionNotOffered
            | Violation::ExtensionsEmpty
            | Violation::ExtensionsMalformed
    )
}

/// The accepted extensions, if they are sound.
fn agreed(accepted: &Accepted<'_>) -> Result<Vec<Extension>, Judgement> {
    match accepted.flaw(concerns) {
        Some(judgement) => Err(judgement),
        None => Ok(accepted
            .head
            .list(EXTENSIONS)
            .filter_map(Extension::parse)
            .collect()),
    }
}

fn names(extensions: &[Extension]) -> String {
    let names: Vec<String> = extensions
        .iter()
        .map(|extension| printable(&extension.name, 40))
        .collect();
    names.join(", ")
}

/// Nobody can speak an extension that nobody has defined.
fn unknown_agreed(accepted: &Accepted<'_>, agreed: &[Extension]) -> Option<Judgement> {
    let unknown = agreed
        .iter()
        .any(|extension| extension.name == UNKNOWN.as_bytes());
    unknown.then(|| {
        Judgement::fail(format!(
            "`{UNKNOWN}` was accepted, which nobody can speak: the client goes on as if both did"
        ))
        .by("rfc6455/9.1/registered-token")
        .at(accepted.spot(EXTENSIONS))
    })
}

fn unknown_only() -> Case {
    Case::new(
        "ws/ext/unknown-only",
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/4.2.2/extensions-subset",
            "rfc6455/4.2.2/extensions-not-empty",
            "rfc6455/9.1/registered-token",
        ],
        Asking {
            ask: Ask::Field(EXTENSIONS, UNKNOWN.as_bytes()),
            what: "an offer of an extension that nobody knows",
            accepted: |accepted| match agreed(accepted) {
                Err(judgement) => judgement,
                Ok(agreed) => unknown_agreed(accepted, &agreed)
                    .unwrap_or_else(|| Judgement::pass("101 without an extension")),
            },
            refused: Refused::Legal,
        },
    )
    .about(
        "an offer of an extension that nobody knows",
        "101 without Sec-WebSocket-Extensions",
    )
}

fn unknown_and_deflate() -> Case {
    Case::new(
        "ws/ext/unknown-and-pmd",
        Severity::Minor,
        &[Need::Open],
        &[
            "rfc6455/9.1/registered-token",
            "rfc6455/9/client-may-request-server-may-accept",
        ],
        Asking {
            ask: Ask::Field(
                EXTENSIONS,
                b"x-pushspec-unknown, permessage-deflate; client_max_window_bits",
            ),
            what: "an offer of an unknown extension and permessage-deflate",
            accepted: |accepted| match agreed(accepted) {
                Err(judgement) => judgement,
                Ok(agreed) => unknown_agreed(accepted, &agreed).unwrap_or_else(|| {
                    Judgement::pass(match agreed.as_slice() {
                        [] => "101 without an extension".into(),
                        agreed => format!("101 with {}", names(agreed)),
                    })
                }),
            },
            refused: Refused::Legal,
        },
    )
    .about(
        "an offer of an extension that nobody knows and of permessage-deflate",
        "101 with permessage-deflate or without an extension",
    )
}

fn split_fields() -> Case {
    Case::new(
        "ws/ext/split-fields",
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/9.1/split-equivalent",
            "rfc6455/11.3.2/extensions-many-in-request",
            "rfc9110/5.3/field-lines-combine",
        ],
        Alike {
            // Whoever reads the first line alone, or the last, meets nothing that it knows.
            odd: Ask::With(|request, _| {
                request.set(EXTENSIONS, UNKNOWN);
                request.add(EXTENSIONS, OFFER);
                request.add(EXTENSIONS, UNKNOWN);
            }),
            tidy: Ask::Field(
                EXTENSIONS,
                b"x-pushspec-unknown, permessage-deflate; client_max_window_bits, x-pushspec-unknown",
            ),
            field: EXTENSIONS,
            what: "an offer of three extensions in three fields",
            differs: Verdict::Fail,
        },
    )
    .about(
        "an offer of three extensions in three fields, permessage-deflate in the second",
        "the same answer as for the three in one field",
    )
}

/// Blanks and empty elements where the grammar of RFC 2616 allows them, and the tidy form.
const SPACING: [(&str, &str, &[u8], &[u8]); 4] = [
    (
        "around-semicolon",
        "blanks around the semicolon",
        b"permessage-deflate  ;  client_max_window_bits",
        b"permessage-deflate; client_max_window_bits",
    ),
    (
        "around-equals",
        "blanks around the equals sign",
        b"permessage-deflate; client_max_window_bits = 15",
        b"permessage-deflate; client_max_window_bits=15",
    ),
    (
        "tabs",
        "tabs for blanks",
        b"permessage-deflate\t;\tclient_max_window_bits\t",
        b"permessage-deflate; client_max_window_bits",
    ),
    (
        "empty-elements",
        "empty elements",
        b", permessage-deflate; client_max_window_bits,, ,",
        b"permessage-deflate; client_max_window_bits",
    ),
];

/// RFC 9110 tells recipients less than RFC 2616, on which RFC 6455 rests: a difference only warns.
fn spacing((name, what, odd, tidy): (&str, &'static str, &'static [u8], &'static [u8])) -> Case {
    Case::new(
        format!("ws/ext/spacing-{name}"),
        Severity::Minor,
        &[Need::Open],
        &["rfc6455/4.3/implied-lws-and-null-elements"],
        Alike {
            odd: Ask::Field(EXTENSIONS, odd),
            tidy: Ask::Field(EXTENSIONS, tidy),
            field: EXTENSIONS,
            what: "an offer of permessage-deflate with odd blanks",
            differs: Verdict::Warn,
        },
    )
    .about(
        format!("an offer of permessage-deflate with {what}"),
        "the same answer as without them",
    )
}

/// What is no list of extensions.
const MALFORMED: [(&str, &str, &[u8]); 8] = [
    (
        "semicolon",
        "an offer of a semicolon and nothing else",
        b";",
    ),
    (
        "empty-parameter",
        "an offer with two semicolons behind permessage-deflate",
        b"permessage-deflate;;",
    ),
    (
        "no-name",
        "an offer of a parameter without an extension",
        b"=x",
    ),
    (
        "quoted-name",
        "an offer of permessage-deflate in quotes",
        b"\"permessage-deflate\"",
    ),
    (
        "two-words",
        "an offer of two words without a comma between them",
        b"permessage-deflate nonsense",
    ),
    (
        "no-value",
        "an offer of a parameter with an equals sign and no value",
        b"permessage-deflate; client_max_window_bits=",
    ),
    ("comma", "an offer of a comma and nothing else", b","),
    (
        "unbalanced-quote",
        "an offer with a quote that is never closed",
        b"permessage-deflate; client_max_window_bits=\"15",
    ),
];

fn malformed((name, what, value): (&str, &'static str, &'static [u8])) -> Case {
    Case::new(
        format!("ws/ext/malformed-{name}"),
        Severity::Minor,
        &[Need::Open],
        &[MALFORMED_FAILS],
        Asking {
            ask: Ask::Field(EXTENSIONS, value),
            what,
            accepted: malformed_accepted,
            refused: Refused::Malformed,
        },
    )
    .about(
        what,
        "the handshake is refused; at least nothing is accepted",
    )
}

const MALFORMED_FAILS: &str = "rfc6455/9.1/malformed-header-fails";

/// The grammar's MUST is one that most servers do not keep, and that harms nobody while nothing is accepted.
fn malformed_accepted(accepted: &Accepted<'_>) -> Judgement {
    let agreed = match agreed(accepted) {
        Ok(agreed) => agreed,
        Err(judgement) => return judgement,
    };
    let what = accepted.what;
    match agreed.as_slice() {
        [] => Judgement::new(
            accepted.reading.contestable(),
            format!(
                "{what} was ignored: 101 without an extension, where the handshake should fail"
            ),
        )
        .resting_on("ambiguity/extension-grammar"),
        agreed => Judgement::fail(format!(
            "{what} was taken for an offer: 101 with {}",
            names(agreed)
        ))
        .at(accepted.spot(EXTENSIONS)),
    }
}

/// Values in quotes, and whether they are a token when the quotes are gone.
const QUOTED: [(&str, &[u8], bool); 3] = [
    (
        "plain",
        b"permessage-deflate; client_max_window_bits; server_max_window_bits=\"10\"",
        true,
    ),
    (
        "escaped",
        b"permessage-deflate; client_max_window_bits; server_max_window_bits=\"1\\0\"",
        true,
    ),
    (
        "blank",
        b"permessage-deflate; client_max_window_bits; server_max_window_bits=\"1 0\"",
        false,
    ),
];

fn quoted_value((name, value, token): (&str, &'static [u8], bool)) -> Case {
    let requirements = &["rfc6455/4.3/quoted-string-token"];
    let (asking, expected) = match token {
        true => (
            Asking {
                ask: Ask::Field(EXTENSIONS, value),
                what: "an offer with 10 in quotes",
                accepted: taken_for_ten,
                refused: Refused::Legal,
            },
            "101 with server_max_window_bits=10 or less, or without an extension",
        ),
        false => (
            Asking {
                ask: Ask::Field(EXTENSIONS, value),
                what: "an offer with a value in quotes that is no token",
                accepted: |accepted| match agreed(accepted) {
                    Err(judgement) => judgement,
                    Ok(agreed) if agreed.is_empty() => {
                        Judgement::pass("declined: 101 without an extension")
                    }
                    Ok(_) => malformed_accepted(accepted),
                },
                refused: Refused::Malformed,
            },
            "the handshake is refused, or the offer declined",
        ),
    };
    Case::new(
        format!("ws/ext/quoted-value-{name}"),
        Severity::Minor,
        &[Need::Open],
        requirements,
        asking,
    )
    .about(
        format!("Sec-WebSocket-Extensions: {}", printable(value, 80)),
        expected,
    )
}

fn taken_for_ten(accepted: &Accepted<'_>) -> Judgement {
    let agreed = match agreed(accepted) {
        Ok(agreed) => agreed,
        Err(judgement) => return judgement,
    };
    let Some(deflate) = agreed.first() else {
        return Judgement::pass("declined: 101 without an extension");
    };
    let bits = deflate
        .value("server_max_window_bits")
        .flatten()
        .and_then(|value| std::str::from_utf8(value).ok()?.parse::<u8>().ok());
    match bits {
        Some(8..=10) => Judgement::pass("taken for 10"),
        Some(_) | None => Judgement::fail(format!(
            "permessage-deflate was accepted, but 10 in quotes was not taken for 10: {}",
            match bits {
                Some(bits) => format!("server_max_window_bits={bits} came back"),
                None => "server_max_window_bits did not come back".into(),
            }
        ))
        .at(accepted.spot(EXTENSIONS)),
    }
}

fn once_in_response() -> Case {
    Case::new(
        "ws/ext/once-in-response",
        Severity::Informational,
        &[Need::Open],
        &["rfc6455/11.3.2/extensions-once-in-response"],
        Asking {
            ask: Ask::Field(EXTENSIONS, b"permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"),
            what: "an offer of two extensions",
            accepted: |accepted| match accepted.head.all(EXTENSIONS).count() {
                0 => Judgement::pass("101 without Sec-WebSocket-Extensions"),
                1 => Judgement::pass("101 with one Sec-WebSocket-Extensions"),
                count => Judgement::info(format!(
                    "the 101 has {count} Sec-WebSocket-Extensions fields: section 4.2.2 allows that, section 11.3.2 does not"
                ))
                .resting_on("ambiguity/two-extension-fields")
                .at(accepted.spot(EXTENSIONS)),
            },
            refused: Refused::Legal,
        },
    )
    .about(
        "an offer of two extensions",
        "Sec-WebSocket-Extensions at most once in the 101; more are recorded, for the document contradicts itself",
    )
}

fn rsv1_conflict() -> Case {
    Case::new(
        "ws/ext/rsv1-conflict",
        Severity::Minor,
        &[Need::Open],
        &["rfc7692/5/no-rsv1-conflict"],
        Asking {
            ask: Ask::Field(EXTENSIONS, b"permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"),
            what: "an offer of two extensions that both use RSV1",
            accepted: |accepted| match agreed(accepted) {
                Err(judgement) => judgement,
                Ok(agreed) => {
                    let has = |name: &[u8]| agreed.iter().any(|extension| extension.name == name);
                    match has(DEFLATE) && has(RIVAL) {
                        false => Judgement::pass(match agreed.as_slice() {
                            [] => "101 without an extension".into(),
                            agreed => format!("101 with {}", names(agreed)),
                        }),
                        true => Judgement::fail(
                            "both were accepted: RSV1 then has two meanings, and no frame can be read",
                        )
                        .at(accepted.spot(EXTENSIONS)),
                    }
                }
            },
            refused: Refused::Legal,
        },
    )
    .about(
        "an offer of permessage-deflate and of x-webkit-deflate-frame, which both use RSV1",
        "101 with no more than one of them",
    )
}
