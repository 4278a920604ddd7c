//! `sse/prop`: properties, tried with generated scripts.
//!
//! - *plain*: values that every event writer can write come out as they went in, whatever stands beside them.
//! - *hostile*: a value that no line can carry is refused, or becomes something harmless: no field and no event.
//!
//! [`draft`] makes scripts, [`verdict`] judges each. A script that fails is shrunk, and the smallest that still fails is
//! played once more and shown, and [`saved`] in a file.

mod draft;
mod saved;
mod verdict;

use crate::case::{Case, Experiment, Need};
use crate::cases::generated::{Came, SMALLEST, Search, Trial, count, is_suspicion};
use crate::declared::Reading;
use crate::judgement::{Judgement, Smallest};
use crate::sse::script;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict};
use serde_json::Value;
use std::time::Duration;
use verdict::{Judged, judged};

/// Scripts of a run.
const SCRIPTS: usize = 24;

/// Steps of a plain script, at most.
const STEPS: usize = 6;

/// Steps before the hostile value, and behind it, at most.
const STEPS_AROUND: usize = 2;

const PLAIN: &[&str] = &[
    "sse/9.2.6/data-appends",
    "sse/9.2.5/value-single-line",
    "sse/9.2.5/space-preserved",
    "sse/9.2.6/type-reset",
    "sse/9.2.6/id-buffer-persists",
    "sse/9.2.5/utf8",
];

const HOSTILE: &[&str] = &[
    "sse/9.2.5/no-injection-data",
    "sse/9.2.5/no-injection-event-name",
    "sse/9.2.5/no-injection-id",
    "sse/9.2.5/no-injection-comment",
    "sse/9.2.5/utf8",
];

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Hostile,
}

/// A property, tried over and over; or one script that somebody saved.
struct Property {
    kind: Kind,
    /// Played instead of generated ones.
    saved: Option<Value>,
}

pub(super) fn cases() -> Vec<Case> {
    [Kind::Plain, Kind::Hostile]
        .map(|kind| Property { kind, saved: None }.case())
        .into()
}

/// The case that plays what was saved.
///
/// # Errors
/// What is wrong with the text.
pub(in crate::cases) fn replayed(text: &str) -> Result<Case, String> {
    let (kind, script) = saved::load(text)?;
    let saved = Some(script);
    Ok(Property { kind, saved }.case())
}

impl Kind {
    fn id(self) -> &'static str {
        match self {
            Self::Plain => "sse/prop/plain",
            Self::Hostile => "sse/prop/hostile",
        }
    }
}

impl Property {
    fn case(self) -> Case {
        let (requirements, title, expected) = match self.kind {
            Kind::Plain => (
                PLAIN,
                "generated scripts: text of any kind with names, ids and comments, in any order",
                "a client reads what the application wrote",
            ),
            Kind::Hostile => (
                HOSTILE,
                "generated scripts in which one value holds a line break or NUL, and a forged field behind it",
                "the value is refused or becomes something harmless, and everything around it comes as it was written",
            ),
        };
        let id = self.kind.id();
        Case::new(id, Severity::Major, &[Need::Script], requirements, self).about(title, expected)
    }
}

/// How scripts are played.
struct Playing;

impl Trial<Value> for Playing {
    fn play<'a>(
        &'a self,
        stage: &'a Stage,
        label: &'static str,
        plan: &'a Value,
        patience: Duration,
    ) -> Boxed<'a, ()> {
        Box::pin(async move {
            let mut exchange = script::ask(stage, label, plan).await;
            if exchange.heard().first().is_some() {
                let awaited = "the end of a scripted stream";
                exchange.wait_for(patience, awaited, script::is_over).await;
            }
        })
    }

    fn came(&self, stage: &Stage, label: &str) -> Came {
        let transcript = stage.transcript();
        match on(&transcript, label) {
            Some((_, judged)) if judged.is_failed() => Came::Failed,
            Some((_, judged)) if judged.judgement.verdict == Verdict::Inconclusive => Came::Useless,
            Some(_) => Came::Sound,
            None => Came::Useless,
        }
    }
}

/// The script on the connection with this label, and what is said of it; none where nothing was asked.
fn on(transcript: &Transcript, label: &str) -> Option<(Value, Judged)> {
    let script = script::asked(transcript.connection(label)?)?;
    let judged = judged(transcript, label, &script);
    Some((script, judged))
}

impl Experiment for Property {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            if let Some(script) = &self.saved {
                let patience = stage.setting.timing.patience;
                Playing.play(stage, SMALLEST[0], script, patience).await;
                return;
            }
            let mut search = Search::new(stage, &Playing);
            for _ in 0..SCRIPTS {
                let over = match self.kind {
                    Kind::Plain => search.is_over(&draft::plain(STEPS)).await,
                    Kind::Hostile => search.is_over(&draft::hostile(STEPS_AROUND)).await,
                };
                if over {
                    return;
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let patience = reading.timing.patience;
        let mut tried: Vec<(&'static str, Value, Judged)> = transcript
            .connections
            .iter()
            .filter_map(|connection| {
                let (script, judged) = on(transcript, connection.label)?;
                // What came all the same came, also where the end of the stream never does.
                let counts = !is_suspicion(connection, patience) || !judged.is_failed();
                counts.then_some((connection.label, script, judged))
            })
            .collect();
        let smallest = tried
            .iter()
            .position(|(label, _, judged)| SMALLEST.contains(label) && judged.is_failed());
        if let Some(index) = smallest {
            return self.blame(tried.swap_remove(index));
        }
        if let Some(index) = tried.iter().position(|(_, _, judged)| judged.is_failed()) {
            let mut judgement = self.blame(tried.swap_remove(index)).to_confirm_alone();
            judgement.observed += "; it did not come again";
            return judgement;
        }
        let told = tried
            .iter()
            .find(|(_, _, judged)| judged.judgement.verdict != Verdict::Pass);
        if let Some((_, _, judged)) = told {
            return judged.judgement.clone();
        }
        if tried.is_empty() {
            return Judgement::inconclusive("no script was asked for").to_confirm_alone();
        }
        let events: usize = tried.iter().map(|(_, _, judged)| judged.events).sum();
        let refused = tried.iter().filter(|(_, _, judged)| judged.refused).count();
        let rest = match (self.kind, refused) {
            (Kind::Plain, _) => "as they were written".to_owned(),
            (Kind::Hostile, 0) => "and nothing in them is forged".to_owned(),
            (Kind::Hostile, refused) => {
                format!(
                    "and nothing in them is forged; refused or cut short: {}",
                    count(refused, "script")
                )
            }
        };
        Judgement::pass(format!(
            "{}: a client reads {}, {rest}",
            count(tried.len(), "script"),
            count(events, "event")
        ))
    }
}

impl Property {
    /// The judgement on a script that the target failed, with the script.
    fn blame(&self, (connection, script, judged): (&'static str, Value, Judged)) -> Judgement {
        let mut judgement = judged.judgement;
        let steps = script.as_array().map_or(0, Vec::len);
        let steps = match steps {
            1 => "1 step".to_owned(),
            steps => format!("{steps} steps"),
        };
        let which = match &self.saved {
            Some(_) => String::new(),
            None if SMALLEST.contains(&connection) => format!(" (shrunk to {steps})"),
            None => String::new(),
        };
        judgement.observed = format!("{}; the script is {script}{which}", judgement.observed);
        judgement.shown_by(Smallest {
            connection,
            exchange: saved::save(self.kind, script),
        })
    }
}

#[cfg(test)]
mod tests;
