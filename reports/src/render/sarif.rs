//! SARIF 2.1.0, for code scanning: a rule for each case that asks for attention, a result for each time it does.
//!
//! A server under test has no source line. GitHub shows no result without a file, so each points at `pushspec.toml`,
//! where the target and its known failures are written; the case stands as a logical location. A known failure is there,
//! suppressed with its reason. What passed is left out: the form is for alerts.

use super::tally::{URGENT, family, of};
use crate::gate::ExitStatus;
use crate::{CaseResult, Report, SCHEMA_VERSION, Severity, Standing, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where the schema of the form is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    automation_details: Automation,
    invocations: [Invocation<'a>; 1],
    results: Vec<Finding<'a>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'a str,
    information_uri: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Text<'a>,
    full_description: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'static str>,
    default_configuration: Configuration,
    properties: RuleProperties<'a>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties<'a> {
    tags: Vec<&'a str>,
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct OwnText {
    text: String,
}

#[derive(Serialize)]
struct Automation {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Text<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'a str,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: OwnText,
    locations: [Location<'a>; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
    properties: FindingProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    name: &'a str,
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    justification: &'a str,
}

#[derive(Serialize)]
struct FindingProperties<'a> {
    verdict: Verdict,
    expected: &'a str,
    replay: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    report_schema: u32,
    target: &'a str,
    profile: &'a str,
    seed: u64,
}

/// The report as SARIF 2.1.0.
pub fn write(report: &Report) -> String {
    let wanted: Vec<&CaseResult> = URGENT
        .into_iter()
        .flat_map(|verdict| of(report, verdict))
        .collect();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "pushspec",
                    version: &report.version,
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: wanted.iter().map(|result| rule(result)).collect(),
                },
            },
            automation_details: Automation {
                id: format!("pushspec/{}/{}", report.profile, report.target),
            },
            invocations: [invocation(report)],
            results: wanted
                .iter()
                .enumerate()
                .map(|(index, result)| finding(report, result, index))
                .collect(),
            properties: Properties {
                report_schema: SCHEMA_VERSION,
                target: &report.target,
                profile: &report.profile,
                seed: report.seed,
            },
        }],
    };
    let mut text = serde_json::to_string_pretty(&log).expect("strings and numbers only");
    text.push('\n');
    text
}

fn invocation(report: &Report) -> Invocation<'_> {
    let notes = report.notes.iter().map(|note| ("note", note));
    // What makes the gate red, and has no result of its own, has to be seen too.
    let gate = report.gate.as_ref();
    let red = gate.filter(|gate| gate.status != ExitStatus::Met);
    let reasons = red.into_iter().flat_map(|gate| &gate.reasons);
    let told = reasons.map(|reason| ("error", reason)).chain(notes);
    let judged = gate.is_none_or(|gate| match gate.status {
        ExitStatus::Met | ExitStatus::NotMet => true,
        ExitStatus::Usage | ExitStatus::Unsound | ExitStatus::OwnError => false,
    });
    Invocation {
        execution_successful: judged
            && !report.interrupted
            && !report.target_lost
            && report.count(Verdict::Error) == 0,
        exit_code: gate.map(|gate| gate.status.code()),
        tool_execution_notifications: told
            .map(|(level, text)| Notification {
                level,
                message: Text { text },
            })
            .collect(),
    }
}

fn rule(result: &CaseResult) -> Rule<'_> {
    let requirement = result.requirement.as_deref();
    let mut tags = vec![family(&result.case)];
    tags.extend(result.requirements.iter().map(String::as_str));
    tags.dedup();
    Rule {
        id: &result.case,
        short_description: Text {
            text: &result.title,
        },
        full_description: Text {
            text: &result.expected,
        },
        help_uri: requirement
            .and_then(|id| pushspec_spec::catalogue().get(id))
            .map(|found| found.link.as_str()),
        default_configuration: Configuration {
            level: level(result.verdict),
        },
        properties: RuleProperties {
            tags,
            problem_severity: match result.severity {
                Severity::Informational | Severity::Minor => "warning",
                Severity::Major | Severity::Critical => "error",
            },
        },
    }
}

/// A level may stand only beside `"kind": "fail"`; what failed nothing has none.
fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail | Verdict::Error => "error",
        Verdict::Warn => "warning",
        Verdict::Inconclusive | Verdict::Info | Verdict::Skip | Verdict::Pass => "none",
    }
}

fn finding<'a>(report: &'a Report, result: &'a CaseResult, index: usize) -> Finding<'a> {
    let suppressions = match report.standing(result) {
        Standing::Borne(reason) => vec![Suppression {
            kind: "external",
            justification: reason,
        }],
        Standing::Unscored => vec![Suppression {
            kind: "external",
            justification: "the case is newer than the frozen catalogue",
        }],
        Standing::Sound
        | Standing::Failed
        | Standing::Stale(_)
        | Standing::Skipped
        | Standing::Unclear
        | Standing::Broken => Vec::new(),
    };
    let suffers = result.suffers();
    let suffers = suffers.map_or_else(String::new, |suffers| {
        format!(" What users suffer: {suffers}.")
    });
    Finding {
        rule_id: &result.case,
        rule_index: index,
        kind: match result.verdict {
            Verdict::Fail | Verdict::Warn | Verdict::Error => "fail",
            Verdict::Inconclusive => "review",
            Verdict::Pass => "pass",
            Verdict::Info => "informational",
            Verdict::Skip => "notApplicable",
        },
        level: level(result.verdict),
        message: OwnText {
            text: format!(
                "{}: {}. Expected: {}. On {}.{suffers}",
                result.title, result.observed, result.expected, report.target
            ),
        },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: Artifact {
                    uri: "pushspec.toml",
                },
                region: Region { start_line: 1 },
            },
            logical_locations: [LogicalLocation {
                name: &result.case,
                fully_qualified_name: format!("{} {}", report.target, result.case),
                kind: "member",
            }],
        }],
        partial_fingerprints: BTreeMap::from([(
            "pushspecCase/v1",
            format!("{}:{}:{}", report.role, report.transport, result.case),
        )]),
        suppressions,
        properties: FindingProperties {
            verdict: result.verdict,
            expected: &result.expected,
            replay: &result.replay,
            requirement: result.requirement.as_deref(),
        },
    }
}
