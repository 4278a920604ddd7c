//! The report of one run against one target. Data only; [`crate::render`] tells it, [`crate::gate`] judges it.

use crate::gate::{KnownState, Outcome};
use crate::{AutobahnCase, Evidence, Partition, Place, Severity, Verdict};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// Version of the JSON form: raised when a reader of the old form would misread the new one.
pub const SCHEMA_VERSION: u32 = 1;

/// One sighting of a passive check's violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Witness {
    /// The case whose exchange showed it.
    pub case: String,
    /// What was seen.
    pub observed: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseResult {
    /// The case's id, such as `ws/frame-neg/rsv2-ping`.
    pub case: String,
    /// What the case does, in one line.
    pub title: String,
    /// What came of it.
    pub verdict: Verdict,
    /// How much it weighs.
    pub severity: Severity,
    /// What the documents call for.
    pub expected: String,
    /// What the target did; for a skip, why the case was not run.
    pub observed: String,
    /// The requirement that decides the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// Every requirement that the case examines.
    pub requirements: Vec<String>,
    /// Points that the documents leave open and on whose reading the verdict rests: ids of the ambiguity register.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ambiguities: Vec<String>,
    /// Where in the exchange the verdict was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The exchange.
    #[serde(default)]
    pub evidence: Evidence,
    /// A passive check's sightings, up to a bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<Witness>,
    /// A passive check's reach: how many bytes of the target it judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_judged: Option<u64>,
    /// How long the case took, in milliseconds.
    pub duration_ms: u64,
    /// The command that runs just this case again, with the same seed.
    pub replay: String,
    /// The smallest exchange that shows a failure, in the form that `pushspec check --replay` reads; only of cases that
    /// generate what they send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<serde_json::Value>,
    /// Whether the gate counts it. A case that is newer than the release that the user froze runs, and is not counted.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub scored: bool,
}

impl CaseResult {
    /// What users of the target suffer, in one sentence: of a failure whose `observed` does not say it itself.
    pub fn suffers(&self) -> Option<&'static str> {
        if self.verdict != Verdict::Fail {
            return None;
        }
        let harm = pushspec_spec::harms().of(&self.case)?;
        Some(&harm.suffers)
    }
}

/// What came of one case, as it is written: with what the register of harms says, which a reader of the file may not have.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "CaseResult"))]
pub(crate) struct Written<'a> {
    #[serde(flatten)]
    result: &'a CaseResult,
    /// What users of the target suffer, in one sentence; only of a failure, and written for readers: it is not read back.
    #[serde(skip_serializing_if = "Option::is_none")]
    suffers: Option<&'static str>,
}

impl<'a> From<&'a CaseResult> for Written<'a> {
    fn from(result: &'a CaseResult) -> Self {
        let suffers = result.suffers();
        Self { result, suffers }
    }
}

fn written<S: Serializer>(results: &[CaseResult], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(results.iter().map(Written::from))
}

fn yes() -> bool {
    true
}

fn is_no(exhaustive: &bool) -> bool {
    !*exhaustive
}

fn is_yes(scored: &bool) -> bool {
    *scored
}

/// Whether the target offers what cases need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NeedOutcome {
    /// The need, such as `echo`.
    pub need: String,
    /// Whether it is met.
    pub met: bool,
    /// How that is known, or what is missing and how to supply it.
    pub reason: String,
}

/// How many cases came to each verdict.
pub type Counts = BTreeMap<Verdict, usize>;

/// The report of one run against one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema: u32,
    /// Version of pushspec that ran.
    pub version: String,
    /// When the run began, in RFC 3339; absent where nobody looked at a clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
    /// The target's URL, without credentials.
    pub target: String,
    /// What the target is to pushspec: `server`.
    pub role: String,
    /// How it was reached: `tcp`, `tls`, `memory`.
    pub transport: String,
    /// How severely the documents were read.
    pub profile: String,
    /// The sets that ran beyond the default.
    pub sets: Vec<String>,
    /// Which part of the cases ran, such as `hash:2/4`; absent where all that were asked for did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// Of a part: the [`selection`](crate::selection) of all parts together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
    /// The release whose cases are scored, where the user froze one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
    /// Whether cases that stand for Autobahn|Testsuite's sections 12 and 13 sent as many messages as it does.
    #[serde(default, skip_serializing_if = "is_no")]
    pub exhaustive: bool,
    /// The seed: the same seed sends the same bytes.
    pub seed: u64,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// What the target offers.
    pub needs: Vec<NeedOutcome>,
    /// Needs that the user requires and the target does not offer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_missing: Vec<String>,
    /// One line each: what a reader must know before the verdicts.
    pub notes: Vec<String>,
    /// Whether the user stopped the run.
    pub interrupted: bool,
    /// Whether the target went away and did not come back.
    pub target_lost: bool,
    /// What came of Autobahn|Testsuite's cases, in its words; only under the profile `autobahn`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub autobahn: Vec<AutobahnCase>,
    /// What the gate said of it; absent where none judged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Outcome>,
    /// What came of each case, in catalogue order.
    #[serde(serialize_with = "written")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Written<'_>>"))]
    pub results: Vec<CaseResult>,
}

impl Report {
    /// How many cases came to each verdict; verdicts that did not occur are absent.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::new();
        for result in &self.results {
            *counts.entry(result.verdict).or_default() += 1;
        }
        counts
    }

    /// How many cases came to `verdict`.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results
            .iter()
            .filter(|result| result.verdict == verdict)
            .count()
    }

    /// The result of the case with this id.
    pub fn result(&self, case: &str) -> Option<&CaseResult> {
        self.results.iter().find(|result| result.case == case)
    }

    /// How a result of this report counts.
    pub fn standing<'a>(&'a self, result: &CaseResult) -> Standing<'a> {
        let gate = self.gate.as_ref();
        let known = gate.and_then(|gate| gate.known(&result.case));
        if let Some(known) = known {
            match known.state {
                KnownState::Holds => return Standing::Borne(&known.reason),
                KnownState::Passes | KnownState::FailsOtherwise | KnownState::Expired => {
                    return Standing::Stale(&known.told);
                }
                KnownState::NotJudged | KnownState::NoSuchCase => {}
            }
        }
        match result.verdict {
            Verdict::Error => Standing::Broken,
            Verdict::Skip => Standing::Skipped,
            _ if !result.scored => Standing::Unscored,
            Verdict::Fail => Standing::Failed,
            Verdict::Warn if gate.is_some_and(|gate| gate.fail_on_warn) => Standing::Failed,
            Verdict::Pass | Verdict::Info | Verdict::Warn => Standing::Sound,
            Verdict::Inconclusive => Standing::Unclear,
        }
    }
}

/// How a result counts: its verdict, and what the gate makes of it. Formats that know only good and bad are written by it,
/// so that all of them say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Passed, recorded, or warned of where warnings are borne.
    Sound,
    /// Fails the gate.
    Failed,
    /// Fails, and the user knows of it; for this reason it is borne.
    Borne(&'a str),
    /// What the user said of it is not true any more; this is what to do.
    Stale(&'a str),
    /// Ran, and is not counted.
    Unscored,
    /// Not run.
    Skipped,
    /// Nothing can be said.
    Unclear,
    /// Our own fault.
    Broken,
}
