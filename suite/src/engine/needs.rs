//! What a target offers: probed where it can be, else declared. A need that is not met skips cases, and says why.

use crate::case::Need;
use crate::http::{Exchange, Reply, Request};
use crate::listening::Waited;
use crate::sse::{Answer, ask, script, settle, streams};
use crate::stage::{Setting, Stage};
use crate::target::Protocol;
use crate::transcript::{Connection, Transcript};
use crate::ws::outcome::manner;
use crate::ws::{Conversation, Dialogue, Frame, HeardClose, Opened, compression};
use pushspec_parser::http::RequestFacts;
use pushspec_parser::ws::Opcode;
use pushspec_reports::{NeedOutcome, printable};
use rand_chacha::rand_core::RngCore as _;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// What the probe says to an echo endpoint. Its length is a multiple of eight: a server that unmasks only whole words passes
/// for an echo endpoint, and the cases show what is wrong with it.
const PROBE: &[u8] = b"pushspec's probe";

/// What it says once more while another connection listens: nobody but the sender of a message gets its echo.
const PRIVATE_PROBE: &[u8] = b"pushspec's probe for one alone";

/// The command that shows whether an endpoint obeys, and the message that it asks for.
const COMMAND: &str = "send:1:8:text:1";
const SENT_ON_COMMAND: &[u8] = b"pushspec";

/// So many frames, each of which a slow target takes its time over, stand before an answer that a case waits for.
const FRAMES_IN_A_ROW: u32 = 4;

/// How many times patience the head of a stream may take before there is none.
const LATE: u32 = 3;

/// What it says then, where the first came back changed: of another length.
const SECOND_PROBE: &[u8] = b"pushspec probe, once more";

/// Whether a need is met, and how that is known.
#[derive(Debug, Clone)]
struct Outcome {
    met: bool,
    reason: String,
}

/// What a target offers.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    outcomes: BTreeMap<Need, Outcome>,
    /// Whether the target answered nothing within a full patience: neither the opening handshake, or neither a ping nor
    /// a text behind it.
    pub mute: bool,
    /// How long the answer to the probe took, where that comes near the patience of a case.
    pub late: Option<Duration>,
}

impl Offer {
    /// Finds out what the target offers.
    pub(super) async fn probe(setting: &Setting) -> Self {
        let stage = Stage::new(setting.clone(), "probe", crate::case::ORDINARY_WEIGHT);
        let mut offer = Self::default();
        match setting.target.protocol {
            Protocol::WebSocket => {
                let ((), command) = tokio::join!(offer.probe_websocket(&stage), obeys(setting));
                offer.outcomes.insert(Need::Command, command);
                let deflate = match offer.outcomes.get(&Need::Open) {
                    Some(Outcome { met: true, .. }) | None => deflates(setting).await,
                    Some(refused) => refused.clone(),
                };
                offer.outcomes.insert(Need::Deflate, deflate);
            }
            Protocol::EventStream => {
                let ((), script) = tokio::join!(offer.probe_event_stream(&stage), plays(setting));
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
            declared.redirecting_path.is_some(),
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
                    Need::ProtectedPath,
                    declared.protected_path.is_some(),
                    "give `protected-path` under [declared] in pushspec.toml",
                ),
            ]);
        }
        if setting.target.protocol == Protocol::EventStream {
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

    async fn probe_websocket(&mut self, stage: &Stage) {
        let timing = stage.setting.timing;
        let began = Instant::now();
        let mut conversation = Conversation::open(stage, "probe").await;
        let greeted_after = began.elapsed();
        let refusal = refusal(&conversation, stage);
        self.set(
            Need::Open,
            refusal.is_none(),
            refusal.as_deref().unwrap_or("answered 101"),
        );
        if let Some(refusal) = refusal {
            self.set(Need::Echo, false, &refusal);
            self.mute = conversation.waited_in_vain();
            return;
        }
        let asked = Instant::now();
        conversation
            .send(&[Frame::text(PROBE), Frame::ping(PROBE)])
            .await;
        conversation
            .listen_until(timing.patience, |heard| {
                !heard.frames.is_empty() || heard.is_ending()
            })
            .await;
        let late = greeted_after.max(asked.elapsed());
        // A case waits for what stands behind several frames.
        if !conversation.heard().frames.is_empty() && FRAMES_IN_A_ROW * late > timing.patience {
            self.late = Some(late);
        }
        let came_back = |probe: &'static [u8]| {
            move |heard: &Dialogue| resembles(heard, probe) || heard.is_ending()
        };
        // A target from which nothing came for a full patience is not waited for again.
        if !conversation.heard().frames.is_empty() {
            conversation
                .wait("an echo of a text and a pong", came_back(PROBE))
                .await;
        }
        let heard = conversation.heard();
        let exact = |heard: &Dialogue| heard.message(Opcode::TEXT, PROBE).is_some();
        self.mute = !resembles(heard, PROBE) && heard.pong(PROBE).is_none() && !heard.is_ending();
        // An endpoint that gives texts back changed is an echo endpoint, and a broken one: skipping its cases would hide
        // that. Two lengths rule out an answer that only happens to be as long.
        let mut changed = false;
        if !exact(heard) && resembles(heard, PROBE) {
            conversation.send(&[Frame::text(SECOND_PROBE)]).await;
            conversation
                .wait("an echo of another text", came_back(SECOND_PROBE))
                .await;
            changed = resembles(conversation.heard(), SECOND_PROBE);
        }
        let broadcasts = exact(conversation.heard()) && broadcasts(stage, &mut conversation).await;
        let heard = conversation.heard();
        let dismisses = exact(heard) && dismisses(heard);
        let echoed = (exact(heard) || changed) && !broadcasts && !dismisses;
        let reason = match (exact(heard), changed, heard.messages.first()) {
            (true, ..) if broadcasts => {
                "a text came back, and went to another connection as well, as in a chat: point \
                                         at an echo endpoint"
                    .into()
            }
            (true, ..) if dismisses => format!(
                "a text came back, and then the target ended the conversation ({}): point at an echo endpoint, which \
                 goes on",
                manner(heard)
            ),
            (true, ..) => "a text came back".into(),
            (false, true, _) => "texts came back, but changed".into(),
            (false, false, Some(message)) => {
                let payload = printable(&message.payload, 40);
                format!(
                    "a text was answered by a {} message \"{payload}\": point at an echo endpoint",
                    message.opcode
                )
            }
            (false, false, None) => "a text did not come back: point at an echo endpoint".into(),
        };
        self.set(Need::Echo, echoed, &reason);
        // A target that has nothing to say has no good-bye either.
        if !self.mute {
            conversation.part().await;
        }
    }

    async fn probe_event_stream(&mut self, stage: &Stage) {
        let timing = stage.setting.timing;
        let began = Instant::now();
        let request = Request::event_source(&stage.setting);
        let mut exchange = Exchange::get(stage, "probe", &request).await;
        // A head that waits for the first event is a fault to be found, not a target that is not there.
        let waited = exchange.answered_within(LATE * timing.patience).await;
        let head_after = began.elapsed();
        if waited == Waited::Met {
            settle(&mut exchange).await;
        }
        let streamed = streams(exchange.heard());
        drop(exchange);
        let transcript = stage.transcript();
        let answer = match Answer::of(&transcript, "probe", &[]) {
            Ok(answer) if answer.reply().is_some() => answer,
            Ok(answer) if !answer.is_silent() => {
                let came = answer.in_words();
                let doubt = doubt(stage);
                return self.set_stream(
                    false,
                    &format!("the request was answered by {came}: {doubt}"),
                );
            }
            Ok(_) | Err(_) => return self.set_stream(false, &unanswered(&transcript, stage)),
        };
        if answer.reply().is_some_and(Reply::is_event_stream) {
            self.set_stream(true, "answered 200 with text/event-stream");
        } else if streamed {
            let came = format!("an event stream came under {}", answer.in_words());
            let wanted = "an EventSource takes 200 and text/event-stream alone";
            self.set(Need::Sse, false, &format!("{came}: {wanted}"));
            self.set(Need::Stream, true, &came);
        } else {
            let came = format!(
                "the request of an EventSource was answered by {}",
                answer.in_words()
            );
            let bare = ask(stage, "bare", &Request::get(&stage.setting)).await;
            if streams(bare.heard()) {
                let reason = "a request without Accept and cache fields gets an event stream";
                self.set(Need::Sse, false, &format!("{came}, although {reason}"));
                self.set(Need::Stream, true, reason);
            } else {
                self.set_stream(false, &format!("{came}: {}", advice(&answer)));
            }
        }
        if 2 * head_after > timing.patience {
            self.late = Some(head_after);
        }
    }

    /// There is a stream that clients take, or none at all.
    fn set_stream(&mut self, met: bool, reason: &str) {
        self.set(Need::Sse, met, reason);
        self.set(Need::Stream, met, reason);
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

/// Whether there is an endpoint that obeys commands: one that does not would make every case that gives commands
/// blame the server for what its application left undone.
async fn obeys(setting: &Setting) -> Outcome {
    let unmet = |reason: String| Outcome { met: false, reason };
    if setting.command.is_none() {
        return unmet("give the URL of an endpoint that obeys commands: --command URL".into());
    }
    let stage = Stage::new(setting.clone(), "command", crate::case::ORDINARY_WEIGHT);
    let mut conversation = Conversation::open_command(&stage, "command").await;
    if let Some(refusal) = refusal(&conversation, &stage) {
        return unmet(format!("at the command endpoint, {refusal}"));
    }
    conversation.send(&[Frame::text(COMMAND)]).await;
    conversation
        .wait("a message on command", |heard| {
            !heard.messages.is_empty() || heard.is_ending()
        })
        .await;
    let outcome = match conversation.heard().messages.first() {
        Some(message) if message.payload == SENT_ON_COMMAND => Outcome {
            met: true,
            reason: format!("`{COMMAND}` was obeyed"),
        },
        Some(message) => {
            let payload = printable(&message.payload, 40);
            unmet(format!(
                "`{COMMAND}` was answered by \"{payload}\" instead of being obeyed"
            ))
        }
        None => unmet(format!("`{COMMAND}` was not obeyed")),
    };
    conversation.part().await;
    outcome
}

/// Whether permessage-deflate is accepted, offered as browsers offer it.
async fn deflates(setting: &Setting) -> Outcome {
    let stage = &Stage::new(setting.clone(), "compression", crate::case::ORDINARY_WEIGHT);
    let label = "compressed probe";
    let mut conversation = Conversation::open_offering(stage, label, compression::OFFER).await;
    let outcome = match refusal(&conversation, stage) {
        Some(refusal) => Outcome {
            met: false,
            reason: format!("where permessage-deflate is offered, {refusal}"),
        },
        None => match conversation.heard().compression {
            Some(_) => Outcome {
                met: true,
                reason: "permessage-deflate was accepted".into(),
            },
            None => Outcome {
                met: false,
                reason: "the target declines permessage-deflate".into(),
            },
        },
    };
    conversation.part().await;
    outcome
}

/// Whether there is an endpoint that plays scripts. What it makes of the event is for the cases to see: its text alone
/// shows that it obeys.
async fn plays(setting: &Setting) -> Outcome {
    let unmet = |reason: String| Outcome { met: false, reason };
    if setting.script.is_none() {
        return unmet("give the URL of an endpoint that plays scripts: --script URL".into());
    }
    let stage = Stage::new(setting.clone(), "script", crate::case::ORDINARY_WEIGHT);
    let text = format!("pushspec{:08x}", stage.random("script").next_u32());
    let asked = serde_json::json!([{ "data": text }]);
    let mut exchange = script::open(&stage, "script", &[RequestFacts::GET]).await;
    exchange.send(&script::request(setting, &asked)).await;
    let came = || {
        let transcript = stage.transcript();
        let received = transcript
            .connection("script")
            .map_or(Vec::new(), Connection::received);
        received
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    let patience = setting.timing.patience;
    exchange
        .listen_until(LATE * patience, |heard| came() || script::is_over(heard))
        .await;
    let came = came();
    drop(exchange);
    let transcript = stage.transcript();
    let answer = match Answer::of(&transcript, "script", &[]) {
        Ok(answer) => answer,
        Err(judgement) => return unmet(format!("at the script endpoint, {}", judgement.observed)),
    };
    match (came, answer.reply()) {
        (true, Some(reply)) if reply.is_event_stream() => Outcome {
            met: true,
            reason: "a script was played".into(),
        },
        (false, Some(reply)) if reply.is_event_stream() => unmet(format!(
            "the script endpoint answered {asked} by an event stream without that event"
        )),
        (true | false, _) => unmet(format!(
            "the script endpoint answered {asked} by {}",
            answer.in_words()
        )),
    }
}

/// Whether what `conversation` says comes back to it and goes to a neighbour as well. Then what others say comes to every
/// case, and none can tell its own echoes from theirs.
async fn broadcasts(stage: &Stage, conversation: &mut Conversation) -> bool {
    if conversation.heard().is_ending() {
        return false;
    }
    let mut neighbour = Conversation::open(stage, "neighbour").await;
    let came = |heard: &Dialogue| heard.message(Opcode::TEXT, PRIVATE_PROBE).is_some();
    let mut broadcasts = false;
    if neighbour.heard().is_open() {
        conversation.send(&[Frame::text(PRIVATE_PROBE)]).await;
        conversation
            .wait("an echo for nobody else", |heard| {
                came(heard) || heard.is_ending()
            })
            .await;
        if came(conversation.heard()) {
            neighbour.send(&[Frame::ping(PROBE)]).await;
            neighbour
                .listen_until(stage.setting.timing.at_once, |heard| {
                    came(heard) || heard.pong(PROBE).is_some() || heard.is_ending()
                })
                .await;
            broadcasts = came(neighbour.heard());
        }
    }
    neighbour.part().await;
    broadcasts
}

/// Whether the target answers one text and then says good-bye, in order. One that goes with a reproach, or with none, is an
/// echo endpoint and a broken one.
fn dismisses(heard: &Dialogue) -> bool {
    let second = heard.message(Opcode::TEXT, PRIVATE_PROBE).is_some();
    let farewell = |close: &HeardClose| matches!(close.code, None | Some(1000 | 1001));
    !second && heard.close().is_some_and(farewell)
}

/// Whether something came that can be an echo of `probe`, if a broken one: the same bytes, or as many.
fn resembles(heard: &Dialogue, probe: &[u8]) -> bool {
    heard
        .messages
        .iter()
        .any(|message| message.payload.len() == probe.len())
}

/// Why the ordinary handshake was not accepted; none where it was.
fn refusal(conversation: &Conversation, stage: &Stage) -> Option<String> {
    match &conversation.heard().opened {
        Opened::Response { head, .. } if head.status == 101 => None,
        Opened::Response { head, .. } => Some(format!(
            "the opening handshake was answered by {} {}, not 101: is this the path of a WebSocket endpoint?",
            head.status,
            printable(&head.reason, 40)
        )),
        Opened::NotHttp { .. } => Some(format!(
            "the opening handshake was answered by something that is not HTTP: {}",
            doubt(stage)
        )),
        Opened::TooLarge => Some(format!(
            "the opening handshake was answered by a head without end: {}",
            doubt(stage)
        )),
        Opened::Awaited => Some(unanswered(&stage.transcript(), stage)),
    }
}

/// What to do about an answer that is no event stream.
fn advice(answer: &Answer) -> &'static str {
    match answer.reply() {
        Some(reply) if matches!(reply.head.status, 401 | 403) => "give credentials with `--header`",
        Some(reply) if matches!(reply.head.status, 301..=303 | 307 | 308) => {
            "give the URL that it leads to"
        }
        Some(_) | None => "give the URL of an event stream",
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
