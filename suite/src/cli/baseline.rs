//! `pushspec baseline write`: proposes the known failures of a saved report as a file for `known-file`.

use super::Usage;
use super::args::BaselineArgs;
use super::check::print;
use super::config;
use super::known::KnownFile;
use super::render::read;
use pushspec_reports::gate::{ExitStatus, propose};

/// What stands above the entries.
const HEAD: &str = "\
# Known failures. Each still runs: once it passes, or fails in another way than its signature says, the gate is red.
# A reason has to be written for each; `expires = \"2027-01-31\"` and `link = \"https://…\"` may be.
";

pub(super) fn write(args: &BaselineArgs) -> Result<ExitStatus, Usage> {
    let report = read(&args.saved)?;
    let known = config::known_failures(args.config.as_deref())?;
    let reason = args.reason.as_deref().unwrap_or_default();
    let proposed = propose(&report, &known, args.warn, reason);
    let unwritten = proposed
        .iter()
        .filter(|known| known.reason.is_empty())
        .count();
    let entries = toml::to_string(&KnownFile { known: proposed }).map_err(Usage::new)?;
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
    if unwritten > 0 {
        eprintln!("pushspec: {unwritten} without a reason: write it before `check` reads the file");
    }
    Ok(ExitStatus::Met)
}
