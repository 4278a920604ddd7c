//! Adds up what the passive checks saw over a whole run.

use super::evidence;
use super::select::Selection;
use crate::ambiguity;
use crate::case::Set;
use crate::declared::Reading;
use crate::passive::{self, Check, Sighting};
use crate::secrets::Secrets;
use crate::stage::Setting;
use crate::target::Protocol;
use crate::transcript::{Connection, GUARD, Transcript};
use pushspec_reports::{CaseResult, Evidence, Place, Verdict, Witness};
use std::cell::LazyCell;

/// Witnesses kept of each check.
const WITNESSES: usize = 16;

/// What one check has seen so far.
struct Tally {
    check: &'static Check,
    /// Bytes judged so far.
    bytes: u64,
    worst: Option<Seen>,
    witnesses: Vec<Witness>,
    count: usize,
    /// Why there was nothing to judge, as far as a connection told.
    why_none: Option<&'static str>,
}

/// The worst that was seen, with its evidence.
struct Seen {
    verdict: Verdict,
    observed: String,
    requirement: Option<&'static str>,
    place: Option<Place>,
    evidence: Evidence,
}

/// The passive checks of a run.
pub(super) struct Watch {
    tallies: Vec<Tally>,
}

impl Watch {
    /// Every check for this protocol that was asked for.
    pub(super) fn new(setting: &Setting, selection: &Selection) -> Self {
        let tallies = passive::checks(setting.target.protocol)
            .iter()
            .filter(|check| selection.includes(check.id, Set::Default))
            .map(|check| Tally {
                check,
                bytes: 0,
                worst: None,
                witnesses: Vec::new(),
                count: 0,
                why_none: None,
            })
            .collect();
        Self { tallies }
    }

    /// How many checks were asked for.
    pub(super) fn len(&self) -> usize {
        self.tallies.len()
    }

    /// Whether no check was asked for.
    pub(super) fn is_idle(&self) -> bool {
        self.tallies.is_empty()
    }

    /// Puts what happened in a case to every check.
    pub(super) fn inspect(
        &mut self,
        case: &str,
        transcript: &Transcript,
        setting: &Setting,
        reading: &Reading,
    ) {
        let protocol = setting.target.protocol;
        let secrets = LazyCell::new(|| setting.secrets());
        // The guard asks for a handshake and hears no more: what follows is cut off by us.
        let cases_own = |connection: &&Connection| connection.label != GUARD;
        for connection in transcript.connections.iter().filter(cases_own) {
            let seen = passive::inspect(protocol, connection, reading);
            for (check, inspected) in passive::checks(protocol).iter().zip(seen) {
                if let Some(tally) = self
                    .tallies
                    .iter_mut()
                    .find(|tally| tally.check.id == check.id)
                {
                    tally.bytes += inspected.bytes;
                    // Any one, but always the same, in whatever order connections came.
                    let reasons = [inspected.why_none, tally.why_none];
                    tally.why_none = reasons.into_iter().flatten().min();
                    for sighting in inspected.sightings {
                        tally.add(case, sighting, transcript, (protocol, &secrets));
                    }
                }
            }
        }
    }

    /// One result for each check.
    pub(super) fn results(self, setting: &Setting) -> Vec<CaseResult> {
        self.tallies
            .into_iter()
            .map(|tally| tally.result(setting))
            .collect()
    }
}

impl Tally {
    fn add(
        &mut self,
        case: &str,
        sighting: Sighting,
        transcript: &Transcript,
        (protocol, secrets): (Protocol, &Secrets),
    ) {
        self.count += 1;
        let worse = self
            .worst
            .as_ref()
            .is_none_or(|worst| sighting.verdict > worst.verdict);
        // What is not told is not quoted: a target may do the same thing a million times.
        if self.witnesses.len() >= WITNESSES && !worse {
            return;
        }
        let observed = evidence::hidden(&sighting.observed, secrets);
        let place = sighting
            .spot
            .and_then(|spot| evidence::place(transcript, spot, secrets));
        self.witnesses.truncate(WITNESSES - 1);
        let witness = Witness {
            case: case.into(),
            observed: observed.clone(),
            place: place.clone(),
        };
        if worse {
            self.witnesses.insert(0, witness);
        } else {
            self.witnesses.push(witness);
        }
        if worse {
            self.worst = Some(Seen {
                verdict: sighting.verdict,
                observed,
                requirement: sighting.requirement,
                place,
                evidence: evidence::of(transcript, protocol, secrets),
            });
        }
    }

    fn result(self, setting: &Setting) -> CaseResult {
        let Self {
            check,
            bytes,
            worst,
            witnesses,
            count,
            why_none,
        } = self;
        let (verdict, observed) = match &worst {
            Some(worst) if count == 1 => (worst.verdict, worst.observed.clone()),
            Some(worst) => (
                worst.verdict,
                format!("{} ({count} sightings in this run)", worst.observed),
            ),
            None if bytes == 0 => (
                Verdict::Skip,
                why_none
                    .unwrap_or("the target sent nothing that this check judges")
                    .into(),
            ),
            None => (
                Verdict::Pass,
                format!("nothing against it in {bytes} bytes"),
            ),
        };
        let named = worst.as_ref().and_then(|worst| worst.requirement);
        let (place, evidence) =
            worst.map_or_else(Default::default, |worst| (worst.place, worst.evidence));
        let requirement = evidence::deciding(verdict, named, check.requirements);
        CaseResult {
            case: check.id.into(),
            title: check.title.into(),
            verdict,
            severity: check.severity,
            expected: check.expected.into(),
            observed,
            requirements: check.requirements.iter().map(|&id| id.to_owned()).collect(),
            ambiguities: ambiguity::of_check(verdict, check.id, requirement.as_deref()),
            requirement,
            place,
            evidence,
            witnesses,
            bytes_judged: Some(bytes),
            duration_ms: 0,
            replay: evidence::replay(setting, check.id, &[]),
            scored: true,
            exchange: None,
        }
    }
}
