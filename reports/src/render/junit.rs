//! JUnit XML, in the dialect that Jenkins, GitLab and others read: a suite for each family, a test case for each case.
//!
//! A suite of its own, `gate`, fails where the exit status is not 0: a target that could not be reached has no failure of its
//! own.
//!
//! JUnit has four words. What fails the gate is a failure; our own errors and what is inconclusive are errors; skips,
//! known failures and cases that are not scored are skipped, with the reason. A warning that the gate bears is a
//! success that says so in its output. Case elements hold nothing that the XSD of Jenkins does not name. Control characters, which XML cannot hold, are taken out.

use super::story::story;
use super::tally::{GATE, families};
use crate::gate::{ExitStatus, Outcome};
use crate::{CaseResult, Report, Standing, Verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The report as JUnit XML.
pub fn write(report: &Report) -> String {
    let mut junit = quick_junit::Report::new("pushspec");
    junit.set_time(Duration::from_millis(report.duration_ms));
    for (family, results) in families(report) {
        let mut suite = TestSuite::new(family);
        let millis = results.iter().map(|result| result.duration_ms).sum();
        suite.set_time(Duration::from_millis(millis));
        suite.add_property(("target", report.target.as_str()));
        suite.add_property(("profile", report.profile.as_str()));
        suite.add_property(("seed", report.seed.to_string().as_str()));
        for result in results {
            suite.add_test_case(case(report, result, family));
        }
        junit.add_test_suite(suite);
    }
    junit.add_test_suites(report.gate.as_ref().map(gate));
    let mut text = junit.to_string().expect("a string takes every write");
    // An attribute that the XSD of Jenkins names for suites, and not for the root.
    if let Some(from) = text.find("<testsuites")
        && let Some(end) = text[from..].find('>').map(|end| from + end)
        && let Some(at) = text[from..end].find(" skipped=\"").map(|at| from + at)
        && let Some(after) = text[at + 10..end]
            .find('"')
            .map(|quote| at + 10 + quote + 1)
    {
        text.replace_range(at..after, "");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// What the gate says, as a test.
fn gate(outcome: &Outcome) -> TestSuite {
    let bad = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status
            .set_message(outcome.reason())
            .set_type(format!("exit {}", outcome.status.code()))
            .set_description(outcome.reasons.join("\n"));
        status
    };
    let status = match outcome.status {
        ExitStatus::Met => TestCaseStatus::success(),
        ExitStatus::NotMet => bad(NonSuccessKind::Failure),
        ExitStatus::Usage | ExitStatus::Unsound | ExitStatus::OwnError => {
            bad(NonSuccessKind::Error)
        }
    };
    let mut case = TestCase::new(GATE, status);
    case.set_classname(GATE);
    case.set_time(Duration::ZERO);
    let mut suite = TestSuite::new(GATE);
    suite.set_time(Duration::ZERO);
    suite.add_test_case(case);
    suite
}

fn case(report: &Report, result: &CaseResult, family: &str) -> TestCase {
    let bad = |kind, message: &str, ty: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message).set_type(ty);
        status.set_description(told(result));
        status
    };
    let skipped = |reason: &str| {
        let mut status = TestCaseStatus::skipped();
        // Not as an attribute, which not every schema of the form allows here.
        status.set_description(reason);
        status
    };
    let clause = result.requirement.as_deref();
    let ty = clause.unwrap_or(result.verdict.as_str());
    let status = match report.standing(result) {
        Standing::Sound => TestCaseStatus::success(),
        Standing::Failed => bad(NonSuccessKind::Failure, &result.observed, ty),
        Standing::Stale(message) => bad(NonSuccessKind::Failure, message, "known"),
        Standing::Borne(reason) => skipped(&format!("known failure: {reason}")),
        Standing::Unscored => skipped("newer than the frozen catalogue: not scored"),
        Standing::Skipped => skipped(&result.observed),
        Standing::Unclear | Standing::Broken => bad(
            NonSuccessKind::Error,
            &result.observed,
            result.verdict.as_str(),
        ),
    };
    let mut case = TestCase::new(result.case.as_str(), status);
    case.set_classname(family);
    case.set_time(Duration::from_millis(result.duration_ms));
    if result.verdict == Verdict::Warn {
        case.set_system_out(format!("warn: {}\n{}", result.observed, told(result)));
    }
    case
}

/// What a person needs to see why.
fn told(result: &CaseResult) -> String {
    let mut out = format!(
        "{}\nexpected  {}\nobserved  {}\n",
        result.title, result.expected, result.observed
    );
    if let Some(suffers) = result.suffers() {
        out.push_str(&format!("suffers   {suffers}\n"));
    }
    let clause = result.requirement.as_deref();
    if let Some(found) = clause.and_then(|id| pushspec_spec::catalogue().get(id)) {
        out.push_str(&format!(
            "clause    {}: {}\n          {}\n",
            found.id, found.summary, found.link
        ));
    }
    out.push_str(&story(result, &str::to_owned));
    out.push_str(&format!("again     {}\n", result.replay));
    out
}
