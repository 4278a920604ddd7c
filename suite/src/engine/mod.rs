//! Runs cases against a target and makes a report of what came of them.
//!
//! [`round`] is the order of things: probe what the target offers, run what can be run, ask again what was inconclusive,
//! add the passive checks. The parts: [`needs`] probes, [`schedule`] runs cases without letting verdicts depend on
//! which ran beside them ([`together`]) or last longer than was said ([`bound`]), [`health`] tells a sick target from a wrong one, [`evidence`] turns transcripts
//! into what a report shows.

mod blotted;
mod bound;
mod evidence;
mod health;
mod needs;
mod passive;
mod perform;
mod round;
mod schedule;
mod select;
mod together;

pub use needs::Offer;
pub use select::{Selection, SelectionError};

use crate::autobahn;
use crate::case::{Case, Need};
use crate::declared::{Profile, Reading};
use crate::stage::Setting;
use pushspec_reports::{CaseResult, NeedOutcome, Report, SCHEMA_VERSION, selection as digest};
use round::Round;
use schedule::Stopped;
use std::time::Duration;
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
    /// Needs whose absence fails the run; those of the other protocol are not looked at.
    pub required: Vec<Need>,
    /// Whether a case counts. Passive checks do not look at one that does not: what it provokes must turn nothing red.
    pub scored: &'a (dyn Fn(&str) -> bool + Sync),
    /// Turns true when the user wants no more.
    pub interrupt: watch::Receiver<bool>,
    /// Hears of every result as it comes.
    pub observer: &'a (dyn Observer + Sync),
}

/// Hears of a run as it goes on.
pub trait Observer {
    /// So many results are to come; where a stream is watched for them that does not end by itself, up to so long after the
    /// run began. It comes again, before any result, where a run begins anew.
    fn begin(&self, total: usize, watching: Option<Duration>);
    /// The run takes longer than was said: up to so long.
    fn takes_longer(&self, takes: Duration);
    /// A case or a passive check came to this result, or was skipped.
    fn finished(&self, result: &CaseResult);
}

/// Hears nothing.
pub struct Silent;

impl Observer for Silent {
    fn begin(&self, _: usize, _: Option<Duration>) {}
    fn takes_longer(&self, _: Duration) {}
    fn finished(&self, _: &CaseResult) {}
}

/// What the target has to offer: what was required of targets of its protocol, and what an endpoint was named for that is there
/// to be asked. A run that skips half its cases because of a slip in a URL is not to end green.
fn required(setting: &Setting, options: &Options<'_>, offer: &Offer) -> Vec<Need> {
    let protocol = setting.target.protocol;
    let fits = |need: &Need| need.protocol().is_none_or(|own| own == protocol);
    let mut required: Vec<Need> = options.required.iter().copied().filter(fits).collect();
    let named = [
        (Need::Script, setting.script.is_some(), Need::Sse),
        (Need::Command, setting.command.is_some(), Need::Open),
    ];
    for (need, is_named, target) in named {
        // A target that is not there at all is told as such.
        if is_named && offer.missing(&[target]).is_none() && !required.contains(&need) {
            required.push(need);
        }
    }
    required
}

/// Runs the cases of `catalogue` that were asked for.
pub async fn run(setting: &Setting, catalogue: &[Case], options: Options<'_>) -> Report {
    let began = Instant::now();
    let selection = &options.selection;
    let selected: Vec<&Case> = catalogue
        .iter()
        .filter(|case| selection.runs(&case.id, case.set))
        .collect();
    let mut round = Round::of(setting, &selected, &options, true).await;
    let mut notes = Vec::new();
    if round.hasty {
        notes.push(
            "the target answered nothing at first, and spoke later: all cases ran again, with full patience".into(),
        );
        // Cases that stop the target come last.
        if !health::stands(setting).await {
            health::recover(setting).await;
        }
        round = Round::of(setting, &selected, &options, false).await;
    }
    let (offer, stopped) = (&round.offer, round.stopped);
    notes.append(&mut round.notes);
    notes.extend(offer.headline(setting.target.protocol));
    if options.reading.profile == Profile::Autobahn {
        notes.extend(autobahn::unasked(|row| {
            let mut cases = catalogue
                .iter()
                .filter(|case| row.cases.contains(&&*case.id));
            selection.asks_for(row) && cases.any(|case| selection.includes(&case.id, case.set))
        }));
    }
    let required_missing = required(setting, &options, offer)
        .into_iter()
        .filter(|need| offer.missing(&[*need]).is_some())
        .map(|need| need.as_str().to_owned())
        .collect();
    let secrets = setting.secrets();
    let needs = offer.outcomes().into_iter().map(|outcome| NeedOutcome {
        reason: evidence::hidden(&outcome.reason, &secrets),
        ..outcome
    });
    let notes = notes.iter().map(|note| evidence::hidden(note, &secrets));
    Report {
        schema: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION").into(),
        began: None,
        target: setting.target.to_string(),
        role: "server".into(),
        transport: setting.transport.name().into(),
        profile: options.reading.profile.to_string(),
        sets: selection.sets(),
        partition: selection.partition(),
        selection: selection.partition().map(|_| {
            let cases = catalogue
                .iter()
                .filter(|case| selection.includes(&case.id, case.set));
            let checks = round
                .results
                .iter()
                .filter(|result| result.bytes_judged.is_some());
            let cases = cases.map(|case| case.id.as_str());
            digest(cases.chain(checks.map(|check| check.case.as_str())))
        }),
        catalogue: None,
        exhaustive: false,
        seed: setting.seed,
        duration_ms: began.elapsed().as_millis() as u64,
        needs: needs.collect(),
        required_missing,
        notes: notes.collect(),
        interrupted: stopped == Some(Stopped::Interrupted),
        target_lost: stopped == Some(Stopped::TargetLost),
        autobahn: match options.reading.profile {
            Profile::Autobahn => autobahn::classes(&round.results, |row| selection.asks_for(row)),
            Profile::Standard | Profile::Strict | Profile::Browser => Vec::new(),
        },
        gate: None,
        results: round.results,
    }
}
