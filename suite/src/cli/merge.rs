//! `pushspec merge`: the parts of a run put together again, and judged as a whole. `pushspec diff`: two reports compared.

use super::Usage;
use super::args::{DiffArgs, MergeArgs};
use super::check::{judge, print, style};
use super::config;
use super::list::entries;
use super::output::Output;
use super::render::read;
use crate::autobahn;
use pushspec_reports::gate::{ExitStatus, Gate};
use pushspec_reports::render::{changes, terminal};
use pushspec_reports::{Report, diff, merge};
use std::collections::{HashMap, HashSet};

/// Puts the parts together, judges the whole, writes and tells it.
pub(super) fn run(args: &MergeArgs) -> Result<ExitStatus, Usage> {
    let outputs = Output::parse_all(&args.report)?;
    outputs.iter().try_for_each(Output::check)?;
    let parts: Vec<Report> = args
        .saved
        .iter()
        .map(|path| read(path))
        .collect::<Result<_, _>>()?;
    let gate = config::gate(args, &Gate::strictest(&parts))?;
    let ranks: HashMap<String, usize> = entries()
        .into_iter()
        .enumerate()
        .map(|(rank, entry)| (entry.id, rank))
        .collect();
    let rank = |case: &str| ranks.get(case).copied().unwrap_or(usize::MAX);
    let theirs = parts.iter().flat_map(|part| &part.autobahn);
    let asked: HashSet<String> = theirs.map(|case| case.id.clone()).collect();
    let mut whole = merge(parts, rank).map_err(Usage::new)?;
    if !whole.autobahn.is_empty() {
        whole.autobahn = autobahn::classes(&whole.results, |row| asked.contains(row.id));
    }
    let outcome = judge(&mut whole, &gate);
    for output in &outputs {
        output.write(&output.format.render(&whole))?;
    }
    let style = style(args.verbose);
    print(&terminal::render(&whole, style));
    print(&terminal::outcome(&outcome, style));
    Ok(outcome.status)
}

/// Compares two reports.
pub(super) fn compare(args: &DiffArgs) -> Result<ExitStatus, Usage> {
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let circumstances = diff::circumstances(&old, &new);
    let found = diff::diff(&old, &new);
    print(&match args.markdown {
        true => changes::markdown(&circumstances, &found),
        false => changes::plain(&circumstances, &found),
    });
    Ok(diff::status(&found, &new))
}
