//! `pushspec baseline write`: proposes the known failures of a saved report as a file for `known-file`.

use super::Usage;
use super::args::BaselineArgs;
use super::check::print;
use super::config;
use super::known::KnownFile;
use super::render::read;
use pushspec_reports::gate::{ExitStatus, propose};
use std::path::Path;

/// What stands above the entries.
const HEAD: &str = "\
# Known failures. Each still runs: once it passes, or fails in another way than its signature says, the gate is red.
# A reason has to be written for each; `expires = \"2027-01-31\"` and `link = \"https://…\"` may be.
";

pub(super) fn write(args: &BaselineArgs) -> Result<ExitStatus, Usage> {
    let report = read(&args.saved)?;
    if let Some(path) = &args.output {
        refuse_configuration(path)?;
    }
    let known = config::known_failures(args.config.as_deref())?;
    let reason = args.reason.as_deref().unwrap_or_default();
    // What made the gate red is what has to be borne.
    let gate = report.gate.as_ref();
    let warnings = args.warn || gate.is_some_and(|gate| gate.fail_on_warn);
    let proposed = propose(&report, &known, warnings, reason);
    let unwritten = proposed
        .iter()
        .filter(|known| known.reason.is_empty())
        .count();
    // Nothing instead of an empty list, behind which no entry could be written.
    let entries = match proposed.is_empty() {
        true => String::new(),
        false => toml::to_string(&KnownFile { known: proposed }).map_err(Usage::new)?,
    };
    let text = format!("{HEAD}\n{entries}");
    match &args.output {
        None => print(&text),
        Some(path) => std::fs::write(path, text).map_err(|error| {
            Usage::new(format_args!(
                "{}: cannot be written: {error}",
                path.display()
            ))
        })?,
    }
    if report.interrupted || report.target_lost || report.partition.is_some() {
        eprintln!("pushspec: the report is partial: what fails in the rest is not proposed");
    }
    if unwritten > 0 {
        eprintln!("pushspec: {unwritten} without a reason: write it before `check` reads the file");
    }
    Ok(ExitStatus::Met)
}

/// The file is written anew: one that holds more than known failures is not ours to replace.
fn refuse_configuration(path: &Path) -> Result<(), Usage> {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Ok(());
    };
    let only_known = text
        .parse::<toml::Table>()
        .is_ok_and(|table| table.keys().all(|key| key == "known"));
    match only_known {
        true => Ok(()),
        false => Err(Usage::new(format_args!(
            "{}: holds more than known failures, which would be lost: write to another file, and name that one as \
             `known-file` in pushspec.toml",
            path.display()
        ))),
    }
}
