//! `ws/prop`: properties, tried with generated exchanges.
//!
//! - *legal*: whatever is said in whatever pieces, an echo endpoint gives each message back once, the same, in order; it
//!   answers the last ping, and the Close.
//! - *illegal*: one frame that breaks a rule, at any place in a legal conversation, ends the connection, and nothing behind it is
//!   processed.
//!
//! The [`model`] says what is legal; [`draft`] and [`plant`] make conversations; [`play`] sends them; [`verdict`] judges
//! each. An exchange that fails is shrunk, and the smallest that still fails is played once more and shown. It can be [`saved`]
//! and played again.

mod draft;
mod exchange;
mod model;
mod plant;
mod play;
mod saved;
mod search;
mod verdict;
mod walk;

use crate::case::{Case, Experiment, Need};
use crate::cases::generated::{SMALLEST, count, is_suspicion};
use crate::declared::Reading;
use crate::judgement::{Judgement, Smallest};
use crate::stage::Stage;
use crate::transcript::{Connection, GUARD, Transcript};
use crate::transport::Boxed;
use crate::ws::outcome::opened;
use crate::ws::{Conversation, Dialogue, Frame};
use exchange::Exchange;
use model::{Breach, Kind, State, transitions};
use pushspec_parser::ws::{Opcode, RSV1};
use pushspec_reports::{Severity, Verdict};
use std::collections::BTreeSet;
use verdict::{Judged, Sort};

const LEGAL: &[&str] = &[
    "rfc6455/5.4/reassembly-concatenates",
    "rfc6455/5.4/no-frame-boundary-semantics",
    "rfc6455/5.4/handle-control-mid-message",
    "rfc6455/6.2/next-frame-new-message",
    "rfc6455/5.5.2/pong-required",
    "rfc6455/5.5.1/close-answered",
];

const LEGAL_COMPRESSED: &[&str] = &[
    "rfc7692/6.2/receive-concatenate-decompress",
    "rfc7692/6.2/receive-uncompressed-asis",
    "rfc7692/7.1.1.2/server-decompresses-with-takeover",
    "rfc6455/5.4/reassembly-concatenates",
];

const ILLEGAL: &[&str] = &[
    "rfc6455/7.1.7/no-processing-after-fail",
    "rfc6455/5.1/server-closes-on-unmasked",
    "rfc6455/5.2/rsv-nonzero-fails",
    "rfc6455/5.2/unknown-noncontrol-opcode-fails",
    "rfc6455/5.2/unknown-control-opcode-fails",
    "rfc6455/5.4/new-data-frame-inside-fragments",
    "rfc6455/5.4/continuation-without-start",
    "rfc6455/8.1/invalid-utf8-fails",
];

const ILLEGAL_COMPRESSED: &[&str] = &[
    "rfc6455/7.1.7/no-processing-after-fail",
    "rfc7692/6.1/receive-rsv1-continuation-fails",
    "rfc7692/6.1/receive-rsv1-control-fails",
    "rfc7692/7.2.2/invalid-deflate-data",
    "rfc6455/8.1/invalid-utf8-fails",
];

/// The connection that says nothing illegal, so that an end of the others proves something.
const TWIN: &str = "twin";

/// What the twin is asked before the others are played, and behind them.
const TWIN_ASKED: [&str; 2] = ["twin, before", "twin, behind"];

/// What became of an exchange that failed.
#[derive(Debug, Clone, Copy)]
enum Shrunk {
    /// It is the smallest.
    Yes,
    /// The smallest did not fail once more.
    InVain,
    /// It was not tried.
    No,
}

/// A property, tried over and over; or one exchange that somebody saved.
pub(super) struct Property {
    id: &'static str,
    packed: bool,
    /// What is planted; nothing, where all is legal.
    breaches: &'static [(Breach, State)],
    /// Played instead of generated ones.
    saved: Option<Exchange>,
}

const PROPERTIES: [Property; 4] = [
    Property {
        id: "ws/prop/legal-plain",
        packed: false,
        breaches: &[],
        saved: None,
    },
    Property {
        id: "ws/prop/legal-compressed",
        packed: true,
        breaches: &[],
        saved: None,
    },
    Property {
        id: "ws/prop/illegal-plain",
        packed: false,
        breaches: &plant::PLAIN,
        saved: None,
    },
    Property {
        id: "ws/prop/illegal-compressed",
        packed: true,
        breaches: &plant::PACKED,
        saved: None,
    },
];

pub(super) fn cases() -> Vec<Case> {
    PROPERTIES.map(Property::case).into()
}

/// The case that plays what was saved.
///
/// # Errors
/// What is wrong with the text.
pub(in crate::cases) fn replayed(text: &str) -> Result<Case, String> {
    let (id, exchange) = Exchange::load(text)?;
    let of_that_name = PROPERTIES.into_iter().find(|property| property.id == id);
    let property = of_that_name.ok_or_else(|| format!("`{id}` is no case with exchanges"))?;
    saved::check(property.id, property.sort(), &exchange)?;
    Ok(Property {
        saved: Some(exchange),
        ..property
    }
    .case())
}

impl Property {
    fn case(self) -> Case {
        let (title, expected) = match self.is_legal() {
            true => (
                "generated conversations: messages of any type and size in any fragments, control frames among them, cut by \
                 TCP anywhere",
                "each message comes back once, the same, in order; the last ping is answered; so is the Close",
            ),
            false => (
                "one illegal frame at any place in generated conversations",
                "the connection is failed, and nothing behind the frame is processed",
            ),
        };
        let (needs, requirements, what): (&'static [Need], _, _) =
            match (self.is_legal(), self.packed) {
                (true, false) => (&[Need::Echo], LEGAL, ""),
                (true, true) => (
                    &[Need::Echo, Need::Deflate],
                    LEGAL_COMPRESSED,
                    ", under compression",
                ),
                (false, false) => (&[Need::Echo], ILLEGAL, ""),
                (false, true) => (
                    &[Need::Echo, Need::Deflate],
                    ILLEGAL_COMPRESSED,
                    ", under compression",
                ),
            };
        Case::new(self.id, Severity::Major, needs, requirements, self)
            .about(format!("{title}{what}"), expected)
    }

    fn is_legal(&self) -> bool {
        self.breaches.is_empty()
    }

    fn sort(&self) -> Sort {
        Sort {
            packed: self.packed,
            legal: self.is_legal(),
        }
    }

    async fn talk(&self, stage: &Stage) {
        let twin = match self.is_legal() {
            true => None,
            false => {
                let mut twin = Conversation::open(stage, TWIN).await;
                ask_twin(&mut twin, TWIN_ASKED[0]).await;
                Some(twin)
            }
        };
        match &self.saved {
            Some(exchange) => {
                let patience = stage.setting.timing.patience;
                let exchange = |_: Option<&_>| exchange.clone();
                play::play(stage, SMALLEST[0], self.packed, patience, exchange).await;
            }
            None => search::search(stage, self.sort(), self.breaches).await,
        }
        if let Some(mut twin) = twin {
            ask_twin(&mut twin, TWIN_ASKED[1]).await;
            twin.part().await;
        }
    }
}

async fn ask_twin(twin: &mut Conversation, text: &str) {
    if twin.heard().is_open() && !twin.waited_in_vain() {
        twin.send(&[Frame::ping(text), Frame::text(text)]).await;
        twin.wait("an answer to the legal twin", |heard| {
            was_answered(heard, text) || heard.is_ending()
        })
        .await;
    }
}

fn was_answered(heard: &Dialogue, text: &str) -> bool {
    heard.message(Opcode::TEXT, text.as_bytes()).is_some()
}

impl Experiment for Property {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(self.talk(stage))
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let patience = reading.timing.patience;
        let is_exchange = |connection: &&Connection| {
            ![GUARD, TWIN].contains(&connection.label) && !is_suspicion(connection, patience)
        };
        let judged = |connection| Judged::of(transcript, connection, self.sort(), reading);
        let mut exchanges: Vec<(&Connection, Judged)> = transcript
            .connections
            .iter()
            .filter(is_exchange)
            .map(|connection| (connection, judged(connection)))
            .collect();
        // Whether what stood before was taken is for the legal properties to say.
        if exchanges.iter().any(|(_, judged)| !judged.unsent) {
            exchanges.retain(|(_, judged)| !judged.unsent);
        }
        let is_smallest = |connection: &Connection| SMALLEST.contains(&connection.label);
        let smallest = exchanges
            .iter()
            .position(|(connection, judged)| is_smallest(connection) && judged.is_failed());
        if let Some(index) = smallest {
            let (connection, judged) = exchanges.swap_remove(index);
            return self.blame(connection, judged, Shrunk::Yes);
        }
        let failed = exchanges.iter().position(|(_, judged)| judged.is_failed());
        if let Some(index) = failed {
            let (connection, judged) = exchanges.swap_remove(index);
            // Where nothing was shrunk, only this profile calls it a failure.
            let shrunk = match transcript.connections.iter().any(is_smallest) {
                true => Shrunk::InVain,
                false => Shrunk::No,
            };
            return self.blame(connection, judged, shrunk).to_confirm_alone();
        }
        let undecided = exchanges
            .iter()
            .find(|(_, judged)| judged.judgement.verdict != Verdict::Pass);
        if let Some((_, judged)) = undecided {
            return judged.judgement.clone();
        }
        if exchanges.is_empty() {
            return Judgement::inconclusive("no exchange was played").to_confirm_alone();
        }
        if let Some(judgement) = self.twin_hung_up(transcript) {
            return judgement;
        }
        let walks: Vec<&Judged> = exchanges.iter().map(|(_, judged)| judged).collect();
        Judgement::pass(match self.is_legal() {
            true => self.covered(&walks),
            false => breaches_covered(&walks),
        })
    }
}

impl Property {
    /// The judgement on an exchange that the target failed, with the exchange.
    fn blame(&self, connection: &Connection, judged: Judged, shrunk: Shrunk) -> Judgement {
        let mut judgement = judged.judgement;
        let Some(exchange) = Exchange::on(connection) else {
            return judgement;
        };
        let said = exchange.in_words(self.packed);
        let is_packed = |frame: &Frame| self.packed && frame.rsv & RSV1 != 0;
        let sizes = match exchange.frames.iter().any(is_packed) {
            true => " (in bytes as compressed)",
            false => "",
        };
        let which = match (&self.saved, shrunk) {
            (Some(_), _) | (None, Shrunk::No) => String::new(),
            (None, Shrunk::Yes) => {
                format!(" (shrunk to {})", count(exchange.frames.len(), "frame"))
            }
            (None, Shrunk::InVain) => "; it did not come again".into(),
        };
        judgement.observed = format!("{}; sent were{sizes}: {said}{which}", judgement.observed);
        judgement.shown_by(Smallest {
            connection: connection.label,
            exchange: exchange.save(self.id),
        })
    }

    /// Why the ends of the exchanges prove nothing; none where they do.
    fn twin_hung_up(&self, transcript: &Transcript) -> Option<Judgement> {
        if self.is_legal() {
            return None;
        }
        match opened(transcript, TWIN) {
            Err(judgement) => Some(judgement),
            Ok(heard) if was_answered(&heard, TWIN_ASKED[1]) => None,
            Ok(_) => Some(
                Judgement::inconclusive(
                    "each connection with an illegal frame ended, but one without did not live either: the ends prove nothing",
                )
                .to_confirm_alone(),
            ),
        }
    }

    /// What legal exchanges covered of the model.
    fn covered(&self, judged: &[&Judged]) -> String {
        let frames: usize = judged.iter().map(|judged| judged.frames).sum();
        let gone: BTreeSet<(State, Kind)> = judged
            .iter()
            .flat_map(|judged| judged.walk.gone.iter().copied())
            .collect();
        let all: Vec<_> = transitions(self.packed).collect();
        let states = |steps: &dyn Fn(&(State, Kind)) -> bool| -> BTreeSet<State> {
            let steps = all.iter().filter(|(from, by, _)| steps(&(*from, *by)));
            steps.flat_map(|(from, _, to)| [*from, *to]).collect()
        };
        let left: Vec<String> = all
            .iter()
            .filter(|(from, by, _)| !gone.contains(&(*from, *by)))
            .map(|(from, by, _)| format!("{by} {from}"))
            .collect();
        let left_out = match left.is_empty() {
            true => String::new(),
            false => format!("; not tried: {}", left.join(", ")),
        };
        format!(
            "{} with {}: everything came back, the same, in order; the model's states covered: {} of {}, \
             transitions: {} of {}{left_out}",
            count(judged.len(), "exchange"),
            count(frames, "frame"),
            states(&|step| gone.contains(step)).len(),
            states(&|_| true).len(),
            all.len() - left.len(),
            all.len(),
        )
    }
}

/// What exchanges with a breach covered.
fn breaches_covered(judged: &[&Judged]) -> String {
    let pairs: BTreeSet<(Breach, State)> = judged
        .iter()
        .filter_map(|judged| Some((judged.walk.breach?.1, judged.walk.state)))
        .collect();
    let breaches: BTreeSet<Breach> = pairs.iter().map(|(breach, _)| *breach).collect();
    let states: BTreeSet<State> = pairs.iter().map(|(_, state)| *state).collect();
    let names: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    format!(
        "{} with an illegal frame: each was noticed, and nothing behind it was processed; covered were {} of breach in {} of \
         the model, {} together: {}",
        count(judged.len(), "exchange"),
        count(breaches.len(), "kind"),
        count(states.len(), "state"),
        count(pairs.len(), "pair"),
        names.join(", "),
    )
}
