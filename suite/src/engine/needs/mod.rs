//! What a target offers: probed where it can be, else declared. A need that is not met skips cases, and says why. The
//! probes' own conversations live in the modules below; nothing here judges.

mod echo;
mod event_stream;
mod room;
mod websocket;

pub(super) use self::room::Room;
use crate::case::Need;
use crate::stage::{Setting, Stage};
use crate::target::{Protocol, Target};
use crate::transcript::Transcript;
use pushspec_reports::NeedOutcome;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Whether a need is met, and how that is known.
#[derive(Debug, Clone)]
struct Outcome {
    met: bool,
    reason: String,
}

impl Outcome {
    fn met(reason: &str) -> Self {
        Self {
            met: true,
            reason: reason.into(),
        }
    }

    fn unmet(reason: impl Into<String>) -> Self {
        Self {
            met: false,
            reason: reason.into(),
        }
    }
}

/// What a target offers.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    outcomes: BTreeMap<Need, Outcome>,
    /// Whether the target answered nothing within a full patience: neither the opening handshake, or neither a ping nor
    /// a text behind it.
    pub mute: bool,
    /// How long the answer to the probe took.
    pub greeting: Duration,
    /// How long the slowest of those answers took that were asked for side by side; for nobody who asks alone.
    pub slowest: Duration,
    /// How long the answer to the probe took, where that comes near the patience of a case.
    pub late: Option<Duration>,
    /// Whether that was because the head of a stream came only with its first event.
    pub head_waits: bool,
    /// How many streams the target gives side by side.
    pub room: Room,
    /// Where the target's URL redirects to, on the same server, if that is a stream.
    pub moved: Option<Arc<Target>>,
}

impl Offer {
    /// Finds out what the target offers, where so many cases are to run side by side.
    pub(super) async fn probe(setting: &Setting, jobs: usize) -> Self {
        let stage = Stage::new(setting.clone(), "probe", crate::case::ORDINARY_WEIGHT);
        let mut offer = Self::default();
        match setting.target.protocol {
            Protocol::WebSocket => {
                let ((), command) =
                    tokio::join!(echo::probe(&mut offer, &stage), websocket::obeys(setting));
                offer.outcomes.insert(Need::Command, command);
                let deflate = match offer.outcomes.get(&Need::Open) {
                    Some(Outcome { met: true, .. }) | None => websocket::deflates(setting).await,
                    Some(refused) => refused.clone(),
                };
                offer.outcomes.insert(Need::Deflate, deflate);
            }
            Protocol::EventStream => {
                let ((), script) = tokio::join!(
                    event_stream::probe(&mut offer, &stage, jobs),
                    event_stream::plays(setting)
                );
                offer.outcomes.insert(Need::Script, script);
            }
        }
        let stop = setting.operator.is_some();
        offer.set(
            Need::Stop,
            stop,
            if stop {
                "whoever started it can stop it"
            } else {
                "have pushspec start the target, so that it can stop it: --start CMD"
            },
        );
        let tls = setting.target.tls;
        offer.set(
            Need::Tls,
            tls,
            if tls {
                "the URL says so"
            } else {
                "the URL says no: give a wss or https URL"
            },
        );
        offer.set_declared(setting);
        offer
    }

    /// What only the target's owner can know.
    fn set_declared(&mut self, setting: &Setting) {
        let declared = &setting.declared;
        let cookie = |(name, _): &(String, String)| name.eq_ignore_ascii_case("cookie");
        let mut stated = vec![(
            Need::RedirectingPath,
            declared.redirecting_path.is_some() || self.moved.is_some(),
            "give `redirecting-path` under [declared] in pushspec.toml",
        )];
        if setting.target.protocol == Protocol::WebSocket {
            stated.extend([
                (
                    Need::Subprotocol,
                    !declared.subprotocols.is_empty(),
                    "give one that the target speaks: --subprotocol S",
                ),
                (
                    Need::TwoSubprotocols,
                    declared.subprotocols.len() > 1,
                    "give two that the target speaks: --subprotocol S, twice",
                ),
                (
                    Need::AllowedOrigins,
                    !declared.allowed_origins.is_empty(),
                    "give `allowed-origins` under [declared] in pushspec.toml, if the target lets in no others",
                ),
                (
                    Need::Cookie,
                    declared.headers.iter().any(cookie),
                    "give the cookie of a user: --header 'Cookie: …'",
                ),
                (
                    Need::MessageLimit,
                    declared.message_limit.is_some(),
                    "give `message-limit` under [declared] in pushspec.toml",
                ),
                (
                    Need::ProtectedPath,
                    declared.protected_path.is_some(),
                    "give `protected-path` under [declared] in pushspec.toml",
                ),
            ]);
        }
        if setting.target.protocol == Protocol::EventStream {
            self.set_event_source(declared.post.is_none());
            stated.push((
                Need::StreamLimit,
                declared.stream_limit.is_some(),
                "give `stream-limit` under [declared] in pushspec.toml",
            ));
        }
        for (need, met, wanting) in stated {
            self.set(need, met, if met { "declared" } else { wanting });
        }
    }

    /// Whether the stream answers a GET.
    fn set_event_source(&mut self, is_one: bool) {
        let reason = match is_one {
            true => "the stream answers GET",
            false => {
                "a stream that answers POST is no EventSource, which can only GET; nor is a POST, which may cost or change \
                 something, repeated at will"
            }
        };
        self.set(Need::EventSource, is_one, reason);
    }

    fn set(&mut self, need: Need, met: bool, reason: &str) {
        self.outcomes.insert(
            need,
            Outcome {
                met,
                reason: reason.into(),
            },
        );
    }

    /// Why a case with these needs cannot run; none where it can.
    pub fn missing(&self, needs: &[Need]) -> Option<String> {
        needs.iter().find_map(|need| match self.outcomes.get(need) {
            Some(Outcome { met: true, .. }) => None,
            Some(Outcome { reason, .. }) => Some(format!("needs `{need}`: {reason}")),
            None => Some(format!("needs `{need}`")),
        })
    }

    /// Why nearly everything was skipped, in one line; none where the target does what it is asked to speak.
    pub(super) fn headline(&self, protocol: Protocol) -> Option<String> {
        let need = match protocol {
            Protocol::WebSocket => Need::Open,
            Protocol::EventStream => Need::Sse,
        };
        let outcome = self.outcomes.get(&need).filter(|outcome| !outcome.met)?;
        Some(format!(
            "every case that needs `{need}` was skipped: {}",
            outcome.reason
        ))
    }

    /// What stands in the report.
    pub fn outcomes(&self) -> Vec<NeedOutcome> {
        self.outcomes
            .iter()
            .map(|(need, Outcome { met, reason })| NeedOutcome {
                need: need.as_str().into(),
                met: *met,
                reason: reason.clone(),
            })
            .collect()
    }
}

/// What to look at where nothing came that makes sense.
fn doubt(stage: &Stage) -> &'static str {
    if stage.setting.target.tls {
        "is this the right port?"
    } else {
        "is this the right port, and one without TLS?"
    }
}

/// Why there was no answer at all, and what to do about it.
fn unanswered(transcript: &Transcript, stage: &Stage) -> String {
    let doubt = doubt(stage);
    let Some(connection) = transcript.connections.first() else {
        return "no connection was made".into();
    };
    if let Some(reason) = connection.not_connected() {
        return reason.into();
    }
    match (connection.end(), connection.timed_out()) {
        (Some((_, end)), _) => format!("the request was answered by {end}: {doubt}"),
        (None, Some((_, waited))) => format!(
            "the request was not answered within {} s: {doubt} --patience waits longer",
            waited.as_secs_f32()
        ),
        (None, None) => format!("the request was not answered: {doubt}"),
    }
}
