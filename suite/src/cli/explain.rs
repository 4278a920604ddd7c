//! `pushspec explain`: one case or one requirement, in full.

use super::Usage;
use super::args::ExplainArgs;
use super::check::print;
use super::list::{Entry, entries};
use pushspec_reports::gate::ExitStatus;
use pushspec_spec::{Requirement, catalogue as requirements};
use std::fmt::Write as _;

pub(super) fn run(args: &ExplainArgs) -> Result<ExitStatus, Usage> {
    let entries = entries();
    let text = match (
        entries.iter().find(|entry| entry.id == args.id),
        requirements().get(&args.id),
    ) {
        (Some(entry), _) => case(entry),
        (None, Some(found)) => requirement(found, &entries),
        (None, None) => {
            return Err(Usage::new(format_args!(
                "`{}` is neither a case nor a requirement: `pushspec list` lists all",
                args.id
            )));
        }
    };
    print(&text);
    Ok(ExitStatus::Met)
}

fn case(entry: &Entry) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", entry.id);
    let _ = writeln!(out, "  does      {}", entry.title);
    let _ = writeln!(out, "  expects   {}", entry.expected);
    let _ = writeln!(out, "  needs     {}", list(&entry.needs));
    let _ = writeln!(out, "  set       {}", entry.set);
    let _ = writeln!(out, "  since     {}", entry.since);
    for id in &entry.requirements {
        if let Some(found) = requirements().get(id) {
            let _ = writeln!(
                out,
                "\n  {} ({}, {})",
                found.id,
                found.level,
                found.basis_of_reaction()
            );
            let _ = writeln!(out, "    {}", found.summary);
            let _ = writeln!(out, "    {}", found.link);
        }
    }
    out
}

fn requirement(found: &Requirement, entries: &[Entry]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", found.id);
    let _ = writeln!(out, "  says      {}", found.summary);
    let _ = writeln!(out, "  where     {}", found.reference());
    let _ = writeln!(out, "  link      {}", found.link);
    let _ = writeln!(out, "  level     {}, on the {}", found.level, found.role);
    let _ = writeln!(out, "  basis     {}", found.basis);
    if let Some(reaction) = found.reaction {
        let _ = writeln!(
            out,
            "  reaction  {reaction}: what a receiver must do about a breach"
        );
    }
    if let Some(errata) = &found.errata {
        let _ = writeln!(out, "  errata    {errata}");
    }
    let cases: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.requirements.contains(&found.id.as_str()))
        .map(|e| e.id.as_str())
        .collect();
    let _ = writeln!(out, "  cases     {}", list(&cases));
    out
}

fn list(words: &[&str]) -> String {
    if words.is_empty() {
        "none".into()
    } else {
        words.join(", ")
    }
}
