//! One round over the cases: probe the target, run what it has, and add what the passive checks saw.

use super::bound::{Bound, whole_seconds};
use super::needs::Offer;
use super::passive::Watch;
use super::perform::Performed;
use super::schedule::{Crew, Stopped};
use super::{Options, evidence};
use crate::case::{Case, Watching};
use crate::passive::observation;
use crate::secrets::Secrets;
use crate::stage::Setting;
use crate::transcript::Transcript;
use crate::ws::Dialogue;
use pushspec_reports::{CaseResult, Evidence, Verdict};
use std::sync::Arc;
use tokio::time::Instant;

/// What came of a round.
pub(super) struct Round {
    /// What the target offers.
    pub(super) offer: Offer,
    /// One result for each case, in order, then those of the passive checks.
    pub(super) results: Vec<CaseResult>,
    /// What the user should know of the run.
    pub(super) notes: Vec<String>,
    /// Why it ended early; none where it did not.
    pub(super) stopped: Option<Stopped>,
    /// Whether the target was taken for mute and answered a case: what was not waited for may yet come.
    pub(super) hasty: bool,
}

impl Round {
    /// Runs the cases that were selected. With `haste` a target that is mute to the probe is given little time in every
    /// case; as long as it may turn out not to be mute, the observer hears of no result.
    pub(super) async fn of(
        setting: &Setting,
        selected: &[&Case],
        options: &Options<'_>,
        haste: bool,
    ) -> Self {
        let began = Instant::now();
        let observer = options.observer;
        let mut reading = options.reading.clone();
        let mut watch = Watch::new(setting, &options.selection);
        // Where nothing was asked for, the target need not be asked either.
        let offer = match selected.is_empty() && watch.is_idle() && options.required.is_empty() {
            true => Offer::default(),
            false => Offer::probe(setting, options.jobs.min(selected.len() + 1)).await,
        };
        let secrets = setting.secrets();
        let mut results: Vec<Option<CaseResult>> = selected
            .iter()
            .map(|case| skipped(case, &offer, setting, &secrets))
            .collect();
        let mut waiting: Vec<(usize, &Case)> = selected
            .iter()
            .copied()
            .enumerate()
            .filter(|(index, _)| results[*index].is_none())
            .collect();
        let mut setting = setting.clone();
        let mut notes = Vec::new();
        if let Some(target) = &offer.moved {
            notes.push(format!(
                "the URL redirects: the cases speak to {target}, and those about redirects to what was given"
            ));
            // As good as declared, unless another path is.
            let declared = Arc::make_mut(&mut setting.declared);
            let path = &mut declared.redirecting_path;
            path.get_or_insert_with(|| setting.target.path.clone());
            setting.target = Arc::clone(target);
        }
        let observed = observation(setting.target.protocol);
        let stood = offer.missing(observed.needs).is_none();
        // With few cases there is time enough to be sure; where not even a handshake was answered, they tell nothing.
        let hurried = haste && offer.mute && (waiting.len() > options.jobs || !stood);
        if hurried {
            setting.timing = setting.timing.for_a_mute_target();
            notes.push(format!(
                "the target answered nothing within {} s: cases wait {} s for it instead",
                reading.timing.patience.as_secs_f32(),
                setting.timing.patience.as_secs_f32()
            ));
        }
        setting.timing.greeting = offer.greeting;
        setting.hangs_up_when_full = offer.room.hangs_up();
        if let Some(late) = offer.late {
            let (timing, what) = match offer.head_waits {
                true => (
                    setting.timing.for_a_head_that_waits(late),
                    "the head of the stream came only with its first content, after",
                ),
                false => (
                    setting.timing.for_a_late_target(late),
                    "the target answered after",
                ),
            };
            setting.timing = timing;
            notes.push(format!(
                "{what} {:.1} s: cases wait {:.1} s for it, and the run takes the longer",
                late.as_secs_f32(),
                setting.timing.patience.as_secs_f32()
            ));
        }
        let jobs = offer.room.jobs(options.jobs);
        if jobs < options.jobs {
            let ran = match jobs {
                1 => "cases ran one by one, and those that compare streams may tell little".into(),
                jobs => format!("at most {jobs} cases ran side by side"),
            };
            notes.push(format!("{}: {ran}", offer.room));
        }
        reading.timing = setting.timing;

        // The observation has no result of its own: its index lies behind those of the cases.
        if !watch.is_idle() && stood {
            waiting.insert(0, (selected.len(), &observed));
        }
        let watches = |(_, case): &(usize, &Case)| case.watching == Watching::Observation;
        let watching = waiting.iter().any(watches).then(|| {
            let longer = offer.room.longer(waiting.len(), jobs, setting.timing);
            let head = offer.slowest.max(offer.greeting);
            whole_seconds(began.elapsed() + setting.timing.watching(head) + longer)
        });
        observer.begin(selected.len() + watch.len(), watching);
        if !hurried {
            for result in results.iter().flatten() {
                observer.finished(result);
            }
        }

        let mut answered = false;
        let mut sink = |index: usize, performed: Performed| {
            let case = &performed.result.case;
            if (options.scored)(case) && !performed.told {
                watch.inspect(case, &performed.transcript, &setting, &reading);
            }
            answered |= hurried && answers(&performed.transcript, stood);
            if let Some(slot) = results.get_mut(index) {
                if !hurried {
                    observer.finished(&performed.result);
                }
                *slot = Some(performed.result);
            }
        };
        let mut crew = Crew {
            setting: &setting,
            reading: &reading,
            stood,
            hurried,
            jobs,
            room: offer.room,
            fall: None,
            bound: watching.map(|takes| Bound::new(observer, setting.timing, began, takes)),
            interrupt: options.interrupt.clone(),
        };
        let stopped = crew.perform_all(&waiting, &mut sink).await.err();
        notes.extend(crew.fall);
        if crew.jobs < jobs {
            notes.push(format!(
                "the target does not bear {jobs} cases side by side: the rest ran one by one; --jobs says how many it bears"
            ));
        }

        let reason = match stopped {
            None => String::new(),
            Some(Stopped::Interrupted) => "the run was interrupted before this case".into(),
            Some(Stopped::TargetLost) => "the target was lost before this case".into(),
            Some(Stopped::OutOfTime(takes)) => format!(
                "the run was to end after {} s, and this case was not done: see it by itself (--case ID)",
                takes.as_secs()
            ),
        };
        let verdict = match stopped {
            None | Some(Stopped::Interrupted | Stopped::TargetLost) => Verdict::Skip,
            // It was to be judged, and nothing is known of it.
            Some(Stopped::OutOfTime(_)) => Verdict::Inconclusive,
        };
        let mut results: Vec<CaseResult> = results
            .into_iter()
            .zip(selected)
            .map(|(result, case)| {
                result.unwrap_or_else(|| not_run(case, verdict, &reason, &setting, &secrets))
            })
            .collect();
        let hasty = answered && stopped.is_none();
        let unheard = match (hurried, hasty) {
            (true, true) => usize::MAX,
            (true, false) => 0,
            (false, _) => results.len(),
        };
        results.extend(watch.results(&setting));
        for result in results.iter().skip(unheard) {
            observer.finished(result);
        }
        Self {
            offer,
            results,
            notes,
            stopped,
            hasty,
        }
    }
}

/// Whether the target answered anything at all; if it `stood`, behind its 101: messages may be what it says of its own accord.
fn answers(transcript: &Transcript, stood: bool) -> bool {
    transcript.connections.iter().any(|connection| {
        if !stood {
            return !connection.received().is_empty();
        }
        let heard = Dialogue::of(connection);
        !heard.pongs.is_empty() || !heard.closes.is_empty()
    })
}

/// The result of a case whose needs are not met; none where it can run.
fn skipped(case: &Case, offer: &Offer, setting: &Setting, secrets: &Secrets) -> Option<CaseResult> {
    offer
        .missing(case.needs)
        .map(|reason| not_run(case, Verdict::Skip, &reason, setting, secrets))
}

/// The result of a case that was not run, or not to its end.
fn not_run(
    case: &Case,
    verdict: Verdict,
    reason: &str,
    setting: &Setting,
    secrets: &Secrets,
) -> CaseResult {
    CaseResult {
        case: case.id.clone(),
        title: case.title.clone(),
        verdict,
        severity: case.severity,
        expected: case.expected.clone(),
        observed: evidence::hidden(reason, secrets),
        requirement: None,
        requirements: case.requirements.iter().map(|&id| id.to_owned()).collect(),
        ambiguities: Vec::new(),
        place: None,
        evidence: Evidence::default(),
        witnesses: Vec::new(),
        bytes_judged: None,
        duration_ms: 0,
        replay: evidence::replay(setting, &case.id, case.needs),
        scored: true,
        exchange: None,
    }
}
