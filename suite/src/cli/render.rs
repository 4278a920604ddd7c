//! `pushspec render`: a saved JSON report in other forms. Nothing runs, nothing is judged anew.

use super::Usage;
use super::args::RenderArgs;
use super::check::{print, style};
use super::output::Output;
use pushspec_reports::gate::ExitStatus;
use pushspec_reports::render::{json, terminal};
use pushspec_reports::{Report, printable};
use std::path::Path;

pub(super) fn run(args: &RenderArgs) -> Result<ExitStatus, Usage> {
    let outputs = Output::parse_all(&args.report)?;
    let report = read(&args.saved)?;
    for output in &outputs {
        output.write(&output.format.render(&report))?;
    }
    if outputs.is_empty() {
        let style = style(args.verbose);
        print(&terminal::render(&report, style));
        if let Some(outcome) = &report.gate {
            print(&terminal::outcome(outcome, style));
        }
    }
    Ok(ExitStatus::Met)
}

/// A saved report. One that was cut short, or that another version wrote, is no report.
pub(super) fn read(path: &Path) -> Result<Report, Usage> {
    let shown = path.display();
    let bytes = std::fs::read(path)
        .map_err(|error| Usage::new(format_args!("{shown}: cannot be read: {error}")))?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Usage::new(format_args!("{shown}: not a pushspec report: {error}")))?;
    json::read(text).map_err(|error| {
        let error = error.to_string();
        Usage::new(format_args!(
            "{shown}: {}",
            printable(error.as_bytes(), 300)
        ))
    })
}
