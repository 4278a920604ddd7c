//! What changed between two reports of one target.

use crate::gate::{ExitStatus, signature};
use crate::{CaseResult, Report, Verdict};
use std::collections::HashMap;

/// How a case's verdict changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is worse: passed and warns, or warned and fails.
    Worse,
    /// It was judged, and is not any more.
    Lost,
    /// It is as bad as before, in another way.
    Otherwise,
    /// It is better.
    Better,
    /// It was not judged before, and now it is.
    Found,
    /// The case is new.
    New,
    /// The case is gone.
    Gone,
}

impl Kind {
    /// Every kind, the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Worse,
        Self::Lost,
        Self::Otherwise,
        Self::Better,
        Self::Found,
        Self::New,
        Self::Gone,
    ];

    /// The word that stands in a comparison.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Lost => "not judged any more",
            Self::Otherwise => "otherwise",
            Self::Better => "better",
            Self::Found => "judged now",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

/// What two reports do not have in common, a line each: where they differ in more than verdicts, a change may be the
/// tester's and not the target's.
pub fn circumstances(old: &Report, new: &Report) -> Vec<String> {
    let sets = |report: &Report| match report.sets.as_slice() {
        [] => "none".to_owned(),
        sets => sets.join(", "),
    };
    let catalogue = |report: &Report| {
        report
            .catalogue
            .clone()
            .unwrap_or_else(|| "the whole".into())
    };
    let exhaustive = |report: &Report| match report.exhaustive {
        true => "yes".to_owned(),
        false => "no".to_owned(),
    };
    let part = |report: &Report| {
        let part = report.partition.map(|part| part.to_string());
        part.unwrap_or_else(|| "all".into())
    };
    let rows = [
        ("target", old.target.clone(), new.target.clone()),
        ("pushspec", old.version.clone(), new.version.clone()),
        ("profile", old.profile.clone(), new.profile.clone()),
        ("further sets", sets(old), sets(new)),
        ("exhaustive", exhaustive(old), exhaustive(new)),
        ("catalogue", catalogue(old), catalogue(new)),
        ("seed", old.seed.to_string(), new.seed.to_string()),
        ("part", part(old), part(new)),
    ];
    let apart = rows.into_iter().filter(|(_, old, new)| old != new);
    apart
        .map(|(what, old, new)| format!("{what}: {old} before, {new} now"))
        .collect()
}

/// A case of which not the same is said as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// How it changed.
    pub kind: Kind,
    /// What was said before; none for a new case.
    pub before: Option<&'a CaseResult>,
    /// What is said now; none for a case that is gone.
    pub after: Option<&'a CaseResult>,
}

impl<'a> Change<'a> {
    /// The case's id.
    pub fn case(&self) -> &'a str {
        let result = self.after.or(self.before);
        result.map_or("", |result| result.case.as_str())
    }
}

/// Everything that changed, in the order of the new report; what is gone comes last.
///
/// ```
/// use pushspec_reports::{Report, Verdict, diff, render::json};
/// let old: Report = json::read(include_str!("../tests/data/small.json")).unwrap();
/// let mut new = old.clone();
/// new.results[1].verdict = Verdict::Fail;
/// let changes = diff::diff(&old, &new);
/// assert_eq!(changes.len(), 1);
/// assert_eq!((changes[0].case(), changes[0].kind), ("ws/ctl/ping-empty", diff::Kind::Worse));
/// ```
pub fn diff<'a>(old: &'a Report, new: &'a Report) -> Vec<Change<'a>> {
    let mut before: HashMap<&str, &CaseResult> = old
        .results
        .iter()
        .map(|result| (result.case.as_str(), result))
        .collect();
    let mut changes = Vec::new();
    for after in &new.results {
        let before = before.remove(after.case.as_str());
        let kind = match before {
            None => Some(Kind::New),
            Some(before) => kind(before, after),
        };
        changes.extend(kind.map(|kind| Change {
            kind,
            before,
            after: Some(after),
        }));
    }
    let gone = old
        .results
        .iter()
        .filter(|result| before.contains_key(result.case.as_str()));
    changes.extend(gone.map(|result| Change {
        kind: Kind::Gone,
        before: Some(result),
        after: None,
    }));
    changes
}

/// How bad a verdict is; none where nothing was judged.
fn badness(verdict: Verdict) -> Option<u8> {
    match verdict {
        Verdict::Pass | Verdict::Info => Some(0),
        Verdict::Warn => Some(1),
        Verdict::Fail => Some(2),
        Verdict::Skip | Verdict::Inconclusive | Verdict::Error => None,
    }
}

fn kind(before: &CaseResult, after: &CaseResult) -> Option<Kind> {
    match (badness(before.verdict), badness(after.verdict)) {
        (Some(old), Some(new)) if new > old => Some(Kind::Worse),
        (Some(old), Some(new)) if new < old => Some(Kind::Better),
        (Some(0), Some(_)) => (before.verdict != after.verdict).then_some(Kind::Otherwise),
        (Some(_), Some(_)) => (signature(before) != signature(after)).then_some(Kind::Otherwise),
        (Some(_), None) => Some(Kind::Lost),
        (None, Some(2)) => Some(Kind::Worse),
        (None, Some(_)) => Some(Kind::Found),
        (None, None) => (before.verdict != after.verdict).then_some(Kind::Otherwise),
    }
}

/// What a comparison ends with: 4 where the new report holds an error of our own that the old one does not; 1 where a case is
/// worse or a new one fails; 3 where the new report is partial, or does not judge what the old one judged; else 0.
pub fn status(changes: &[Change<'_>], new: &Report) -> ExitStatus {
    let fails = |change: &Change<'_>| match change.kind {
        Kind::Worse => true,
        Kind::New => change
            .after
            .is_some_and(|after| after.verdict == Verdict::Fail),
        Kind::Lost | Kind::Otherwise | Kind::Better | Kind::Found | Kind::Gone => false,
    };
    let errs = |change: &Change<'_>| {
        change
            .after
            .is_some_and(|after| after.verdict == Verdict::Error)
    };
    if changes.iter().any(errs) {
        return ExitStatus::OwnError;
    }
    if changes.iter().any(fails) {
        return ExitStatus::NotMet;
    }
    let lost = changes
        .iter()
        .any(|change| change.kind == Kind::Lost || change.kind == Kind::Gone);
    if lost || new.interrupted || new.target_lost {
        return ExitStatus::Unsound;
    }
    ExitStatus::Met
}
