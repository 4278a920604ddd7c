//! One JSON event in a line, for programs that listen while cases run: `begin`, a `result` for each case, `end`.
//!
//! Events are told apart by `event`. The fields of a result are those of the JSON report; those of `end` are the report's
//! own, without the results. A stream without `end` was cut off.

use crate::report::Written;
use crate::{CaseResult, Report, SCHEMA_VERSION};
use serde::Serialize;

/// What a line holds.
#[derive(Serialize)]
#[serde(rename_all = "lowercase", tag = "event")]
enum Event<'a> {
    Begin {
        schema: u32,
        target: &'a str,
        /// How many results are to come, those of skipped cases and of passive checks among them.
        total: usize,
    },
    Result(Written<'a>),
    End(&'a Report),
}

fn line(event: &Event<'_>) -> String {
    let mut line = serde_json::to_string(event).expect("a report holds only strings and numbers");
    line.push('\n');
    line
}

/// The first line of a stream: so many results are to come of this target.
///
/// ```
/// use pushspec_reports::render::ndjson;
/// let line = ndjson::begin("ws://127.0.0.1:9001/", 3);
/// assert_eq!(line, "{\"event\":\"begin\",\"schema\":1,\"target\":\"ws://127.0.0.1:9001/\",\"total\":3}\n");
/// ```
pub fn begin(target: &str, total: usize) -> String {
    line(&Event::Begin {
        schema: SCHEMA_VERSION,
        target,
        total,
    })
}

/// A case came to this result.
pub fn result(result: &CaseResult) -> String {
    line(&Event::Result(result.into()))
}

/// The last line of a stream: what is said of the run as a whole.
pub fn end(report: &Report) -> String {
    let whole = Report {
        results: Vec::new(),
        ..report.clone()
    };
    line(&Event::End(&whole))
}

/// The stream that a run with this report wrote, with its results in catalogue order.
pub fn write(report: &Report) -> String {
    let mut out = begin(&report.target, report.results.len());
    for result in &report.results {
        out.push_str(&self::result(result));
    }
    out.push_str(&end(report));
    out
}
