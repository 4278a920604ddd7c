//! Offers that break no rule: declined, or granted to the letter.

use super::answer::{Accepted, Made, ask, control_accepted, outcome, refused_for_legal, told};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::compression::NAME;
use crate::ws::handshake::Rejection;
use pushspec_parser::ws::deflate::WindowBits;
use pushspec_reports::{Severity, Verdict};

/// RFC 7692 section 7.3: smaller windows compress too little.
const SMALLEST_USEFUL: u8 = 10;

/// The hint about the client's window, without a value.
const BARE_HINT: &str = "; client_max_window_bits";

const SMALL_WINDOW: &str = "rfc7692/7.3/small-window-discouraged";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let rows = ROWS.iter().map(|row| {
        case(
            row.id.into(),
            row.severity,
            row.requirements,
            row.expected,
            Legal {
                parameters: row.parameters.into(),
                declined: row.declined,
                hint: None,
            },
        )
    });
    let windows = || WindowBits::MIN.get()..=WindowBits::MAX.get();
    let hints = windows().map(|bits| {
        case(
            format!("client-mwb-{bits}"),
            Severity::Informational,
            &[
                "rfc7692/7.1.2.2/client-mwb-hint",
                "rfc7692/7.1.2.2/client-mwb-offer-value",
            ],
            "the hint is used or ignored; what is made of it is recorded",
            Legal {
                parameters: format!("; client_max_window_bits={bits}"),
                declined: Declining::Recorded,
                hint: Some(bits),
            },
        )
    });
    let requests = windows().map(|bits| {
        case(
            format!("server-mwb-{bits}"),
            Severity::Major,
            &[
                "rfc7692/7.1.2.1/server-mwb-same-or-smaller",
                "rfc7692/7.1.2.1/server-mwb-declined-if-unsupported",
                "rfc7692/7/decline-unsupported-config",
                "rfc7692/5/agreed-reflect-requests",
            ],
            "accepted with the same window or a smaller one, or declined",
            Legal {
                parameters: format!("; server_max_window_bits={bits}"),
                declined: Declining::Fine,
                hint: None,
            },
        )
    });
    rows.chain(hints).chain(requests)
}

struct Row {
    id: &'static str,
    parameters: &'static str,
    severity: Severity,
    requirements: &'static [&'static str],
    declined: Declining,
    expected: &'static str,
}

/// What it means that an offer is declined where the bare one is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declining {
    /// Whoever does not support it does so.
    Fine,
    /// To support the parameter is recommended.
    Discouraged,
    /// A hint may be ignored; whoever declines it leaves the client without compression.
    Recorded,
}

const ROWS: &[Row] = &[
    Row {
        id: "plain",
        parameters: "",
        severity: Severity::Major,
        requirements: &[
            "rfc7692/7.1/response-only-defined-parameters",
            "rfc7692/7.1.2.2/client-mwb-not-unless-offered",
            "rfc7692/5/accept-names-extension",
            "rfc7692/7.1.1.1/server-nct-unsolicited",
            "rfc7692/7.1.2.1/server-mwb-unsolicited",
            "rfc6455/9/extension-parameters-per-spec",
            "rfc6455/9.1/parameters-defined",
            SMALL_WINDOW,
        ],
        declined: Declining::Fine,
        expected: "accepted with defined parameters alone, and without client_max_window_bits; or declined",
    },
    Row {
        id: "client-mwb-bare",
        parameters: BARE_HINT,
        severity: Severity::Major,
        requirements: &[
            "rfc7692/7.1.2.2/client-mwb-answer-needs-value",
            "rfc7692/7.1.2.2/client-mwb-offer-value",
            SMALL_WINDOW,
        ],
        declined: Declining::Recorded,
        expected: "accepted, with client_max_window_bits from 8 to 15 or without it; or declined",
    },
    Row {
        id: "server-nct",
        parameters: "; server_no_context_takeover",
        severity: Severity::Major,
        requirements: &[
            "rfc7692/7.1.1.1/server-nct-acknowledged",
            "rfc7692/7.1.1.1/server-nct-supported",
            "rfc7692/7.1.1.1/server-nct-no-value",
        ],
        declined: Declining::Discouraged,
        expected: "accepted with the same parameter",
    },
    Row {
        id: "client-nct",
        parameters: "; client_no_context_takeover",
        severity: Severity::Minor,
        requirements: &[
            "rfc7692/7.1.1.2/client-nct-optional-hint",
            "rfc7692/7.1.1.2/client-nct-no-value",
        ],
        declined: Declining::Recorded,
        expected: "accepted, with the same parameter or without it",
    },
    Row {
        id: "all-params",
        parameters: "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; \
                     client_max_window_bits=12",
        severity: Severity::Minor,
        requirements: &[
            "rfc7692/7.1/response-only-defined-parameters",
            "rfc7692/5/accepted-fully-supported",
        ],
        declined: Declining::Fine,
        expected: "accepted with what was asked for, or declined",
    },
];

fn case(
    id: String,
    severity: Severity,
    requirements: &'static [&'static str],
    expected: &str,
    legal: Legal,
) -> Case {
    let title = format!("an offer of `{}`", legal.offer());
    let id = format!("ws/pmd-neg/{id}");
    Case::new(id, severity, &[Need::Open], requirements, legal).about(title, expected)
}

struct Legal {
    /// Behind the name of the extension.
    parameters: String,
    declined: Declining,
    /// The hint about the client's window.
    hint: Option<u8>,
}

impl Legal {
    fn offer(&self) -> String {
        format!("{NAME}{}", self.parameters)
    }

    fn refused(&self, answer: &Rejection) -> Judgement {
        let judgement = refused_for_legal(answer, &format!("`{}`", self.offer()));
        match self.parameters.contains('"') {
            // Quotes are legal, and hardly anybody reads them: ws/ext/quoted-value-plain judges it in the same way.
            true => Judgement {
                verdict: Verdict::Warn,
                ..judgement
            }
            .resting_on("ambiguity/extension-grammar"),
            false => judgement,
        }
    }

    fn declined(&self, transcript: &Transcript) -> Judgement {
        if !control_accepted(transcript) {
            return Judgement::pass("declined: 101 without the extension");
        }
        let observed = "declined, although a bare offer is accepted";
        match self.declined {
            Declining::Fine => Judgement::pass(observed),
            Declining::Discouraged => Judgement::warn(format!(
                "{observed}: clients that have no room for history go without compression"
            ))
            .by("rfc7692/7.1.1.1/server-nct-supported"),
            Declining::Recorded => Judgement::info(format!(
                "{observed}: what is no more than a hint costs clients their compression"
            ))
            .resting_on("ambiguity/deflate-window-hint"),
        }
    }

    fn accepted(&self, accepted: &Accepted, transcript: &Transcript) -> Judgement {
        if let Some(flaw) = accepted.flaw(transcript) {
            return flaw;
        }
        let words = accepted.in_words();
        let answer = accepted.answer.unwrap_or_default();
        if let (Some(hint), Some(bits)) = (self.hint, answer.client_max_window_bits)
            && bits.get() > hint
        {
            return Judgement::info(format!(
                "accepted as `{words}`: the window is larger than the hint, which the document does not foresee"
            ))
            .resting_on("ambiguity/deflate-window-hint");
        }
        // Each window is told of once: by the barest offer that may be answered with it.
        let unasked = match self.parameters.as_str() {
            "" => answer.server_max_window_bits,
            BARE_HINT => answer.client_max_window_bits,
            _ => None,
        };
        match unasked.filter(|bits| bits.get() < SMALLEST_USEFUL) {
            Some(bits) => Judgement::warn(format!(
                "accepted as `{words}`: a window of {} bytes, which nobody asked for, hardly compresses anything",
                bits.size()
            ))
            .by(SMALL_WINDOW)
            .at(accepted.spot()),
            None => Judgement::pass(format!("accepted as `{words}`")),
        }
    }
}

impl Experiment for Legal {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let control = (self.declined != Declining::Fine).then_some(NAME);
            ask(stage, &self.offer(), control).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let judgement = match outcome(transcript) {
            Err(judgement) => judgement,
            Ok(Made::Refused(answer)) => self.refused(&answer),
            Ok(Made::Declined) => self.declined(transcript),
            Ok(Made::Accepted(accepted)) => self.accepted(&accepted, transcript),
        };
        told(transcript, judgement)
    }
}

/// `server_max_window_bits="10"` (RFC 6455 section 4.3: a quoted value means the token in it).
pub(super) fn quoted() -> Case {
    case(
        "quoted".into(),
        Severity::Minor,
        &["rfc6455/4.3/quoted-string-token"],
        "accepted with a window of 10 bits or less, or declined",
        Legal {
            parameters: "; server_max_window_bits=\"10\"".into(),
            declined: Declining::Fine,
            hint: None,
        },
    )
}
