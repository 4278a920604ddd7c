//! Runs cases against a target and makes a report of what came of them.
//!
//! [`run`] is the order of things: probe what the target offers, run what can be run, ask again what was inconclusive,
//! add the passive checks. The parts: [`needs`] probes, [`schedule`] runs cases together without letting verdicts
//! depend on it, [`health`] tells a sick target from a wrong one, [`evidence`] turns transcripts into what a report
//! shows.

mod evidence;
mod health;
mod needs;
mod passive;
mod perform;
mod schedule;
mod select;

pub use needs::Offer;
pub use select::{Selection, SelectionError};

use crate::case::{Case, Need};
use crate::declared::Reading;
use crate::passive::observation;
use crate::stage::Setting;
use passive::Watch;
use perform::Performed;
use pushspec_reports::{CaseResult, Evidence, Report, SCHEMA_VERSION, Verdict};
use schedule::{Crew, Stopped};
use tokio::sync::watch;
use tokio::time::Instant;

/// How a run is done.
pub struct Options<'a> {
    /// Which cases.
    pub selection: Selection,
    /// How severely the documents are read, and what the user declared.
    pub reading: Reading,
    /// How many cases run side by side at most.
    pub jobs: usize,
    /// Needs whose absence fails the run.
    pub required: Vec<Need>,
    /// Turns true when the user wants no more.
    pub interrupt: watch::Receiver<bool>,
    /// Hears of every result as it comes.
    pub observer: &'a (dyn Observer + Sync),
}

/// Hears of a run as it goes on.
pub trait Observer {
    /// So many cases are going to run.
    fn begin(&self, total: usize);
    /// A case came to this result.
    fn finished(&self, result: &CaseResult);
}

/// Hears nothing.
pub struct Silent;

impl Observer for Silent {
    fn begin(&self, _: usize) {}
    fn finished(&self, _: &CaseResult) {}
}

/// Runs the cases of `catalogue` that were asked for.
pub async fn run(setting: &Setting, catalogue: &[Case], options: Options<'_>) -> Report {
    let began = Instant::now();
    let Options {
        selection,
        mut reading,
        jobs,
        required,
        interrupt,
        observer,
    } = options;
    let mut watch = Watch::new(setting, &selection);
    let selected: Vec<&Case> = catalogue
        .iter()
        .filter(|case| selection.runs(&case.id, case.set))
        .collect();
    // Where nothing was asked for, the target need not be asked either.
    let offer = match selected.is_empty() && watch.is_idle() && required.is_empty() {
        true => Offer::default(),
        false => Offer::probe(setting).await,
    };
    let mut setting = setting.clone();
    let mut notes = Vec::new();
    if offer.mute {
        setting.timing = setting.timing.for_a_mute_target();
        notes.push(format!(
            "the target answered nothing within {} s: cases wait {} s for it instead",
            reading.timing.patience.as_secs_f32(),
            setting.timing.patience.as_secs_f32()
        ));
    }
    if let Some(late) = offer.late {
        setting.timing = setting.timing.for_a_late_target(late);
        notes.push(format!(
            "the target took {:.1} s to answer: cases wait {:.1} s for it",
            late.as_secs_f32(),
            setting.timing.patience.as_secs_f32()
        ));
    }
    reading.timing = setting.timing;

    let protocol = setting.target.protocol;
    let mut results: Vec<Option<CaseResult>> = selected
        .iter()
        .map(|case| skipped(case, &offer, &setting))
        .collect();
    let mut waiting: Vec<(usize, &Case)> = selected
        .iter()
        .copied()
        .enumerate()
        .filter(|(index, _)| results[*index].is_none())
        .collect();
    observer.begin(waiting.len());
    for result in results.iter().flatten() {
        observer.finished(result);
    }

    // The observation has no result of its own: its index lies behind those of the cases.
    let observed = observation(protocol);
    if !watch.is_idle() && offer.missing(observed.needs).is_none() {
        waiting.insert(0, (selected.len(), &observed));
    }
    let mut sink = |index: usize, performed: Performed| {
        watch.inspect(
            &performed.result.case,
            &performed.transcript,
            &setting,
            &reading,
        );
        if let Some(slot) = results.get_mut(index) {
            observer.finished(&performed.result);
            *slot = Some(performed.result);
        }
    };
    let mut crew = Crew {
        setting: &setting,
        reading: &reading,
        stood: offer.missing(observed.needs).is_none(),
        jobs,
        interrupt,
    };
    let stopped = crew.perform_all(&waiting, &mut sink).await.err();
    if crew.jobs < jobs {
        notes.push(format!(
            "the target does not bear {jobs} cases side by side: the rest ran one by one; --jobs says how many it bears"
        ));
    }

    let reason = match stopped {
        None => "",
        Some(Stopped::Interrupted) => "the run was interrupted before this case",
        Some(Stopped::TargetLost) => "the target was lost before this case",
    };
    let mut results: Vec<CaseResult> = results
        .into_iter()
        .zip(&selected)
        .map(|(result, case)| result.unwrap_or_else(|| not_run(case, reason.into(), &setting)))
        .collect();
    results.extend(watch.results(&setting, reading.profile));

    notes.extend(offer.headline(protocol));
    let required_missing = required
        .iter()
        .filter(|need| offer.missing(&[**need]).is_some());
    Report {
        schema: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION").into(),
        began: None,
        target: setting.target.to_string(),
        role: "server".into(),
        transport: setting.transport.name().into(),
        profile: reading.profile.to_string(),
        sets: selection.sets(),
        partition: selection.partition(),
        catalogue: None,
        seed: setting.seed,
        duration_ms: began.elapsed().as_millis() as u64,
        needs: offer.outcomes(),
        required_missing: required_missing
            .map(|need| need.as_str().to_owned())
            .collect(),
        notes,
        interrupted: stopped == Some(Stopped::Interrupted),
        target_lost: stopped == Some(Stopped::TargetLost),
        gate: None,
        results,
    }
}

/// The result of a case whose needs are not met; none where it can run.
fn skipped(case: &Case, offer: &Offer, setting: &Setting) -> Option<CaseResult> {
    offer
        .missing(case.needs)
        .map(|reason| not_run(case, reason, setting))
}

/// The result of a case that was not run.
fn not_run(case: &Case, reason: String, setting: &Setting) -> CaseResult {
    CaseResult {
        case: case.id.clone(),
        title: case.title.clone(),
        verdict: Verdict::Skip,
        severity: case.severity,
        expected: case.expected.clone(),
        observed: reason,
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
    }
}
