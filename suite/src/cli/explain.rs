//! `pushspec explain`: one case, one requirement or one open point, in full; and what stands behind cases of Autobahn's.

use super::Usage;
use super::args::ExplainArgs;
use super::check::print;
use super::coverage;
use super::list::{Entry, crosswalk, entries};
use super::nearest::hint;
use crate::autobahn;
use pushspec_reports::gate::ExitStatus;
use pushspec_spec::{
    Ambiguity, Requirement, ambiguities, catalogue as requirements, harms, hazards,
};
use std::fmt::Write as _;

pub(super) fn run(args: &ExplainArgs) -> Result<ExitStatus, Usage> {
    let entries = entries();
    let id = &args.id;
    let text = if let Some(entry) = entries.iter().find(|entry| entry.id == *id) {
        case(entry)
    } else if let Some(found) = requirements().get(id) {
        requirement(found, &entries)
    } else if let Some(found) = ambiguities().get(id) {
        ambiguity(found, &entries)
    } else if id == "autobahn" {
        AUTOBAHN.into()
    } else if let Ok(rows) = autobahn::matching(id.strip_prefix("autobahn:").unwrap_or(id)) {
        crosswalk(&rows)
    } else {
        let cases = entries.iter().map(|entry| entry.id.as_str());
        let requirements = requirements().iter().map(|found| found.id.as_str());
        let ambiguities = ambiguities().iter().map(|found| found.id.as_str());
        return Err(Usage::new(format_args!(
            "`{id}` is neither a case nor a requirement nor an ambiguity{}: `pushspec list` lists all cases, with --requirements or --ambiguities those",
            hint(id, cases.chain(requirements).chain(ambiguities))
        )));
    };
    print(&text);
    Ok(ExitStatus::Met)
}

/// What the words for Autobahn's cases mean.
const AUTOBAHN: &str = "\
In the words of Autobahn|Testsuite, under --profile autobahn: of each of its 517 cases the worst that came of the cases behind it,
from the best to the worst.

  OK             as Autobahn wants it
  INFORMATIONAL  recorded: neither right nor wrong
  NON-STRICT     legal, and not as Autobahn wants it
  UNIMPLEMENTED  the target has not what the case is about, such as compression
  UNDECIDED      nothing can be said; Autobahn has no word for that
  UNCLEAN        right but for how the connection ended
  WRONG CODE     right but for the code of the Close
  FAILED         wrong

Autobahn gives two words for each case, one for the exchange and one for its end: this is the worse of both. Its section 9 asks
for much traffic: --include hardening asks for it. `pushspec list --autobahn '*'` tells what stands behind each, and
`--case autobahn:6.4` runs what stands behind some.
";

fn case(entry: &Entry) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", entry.id);
    let _ = writeln!(out, "  does      {}", entry.title);
    let _ = writeln!(out, "  expects   {}", entry.expected);
    if let Some(harm) = harms().of(&entry.id) {
        let _ = writeln!(out, "  suffers   {}", harm.suffers);
    }
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
    for id in &entry.ambiguities {
        if let Some(found) = ambiguities().get(id) {
            let _ = writeln!(out, "\n  {}", found.id);
            let _ = writeln!(out, "    {}", found.question);
            let _ = writeln!(out, "    {}", found.reading);
        }
    }
    if let Some(hazard) = hazards().get(&entry.id) {
        let _ = writeln!(out, "\n  {}: legal, and it broke", hazard.form);
        for client in &hazard.clients {
            let _ = writeln!(out, "    {:<36} {}", client.name, client.link);
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
    let role = match found.role.as_str() {
        "both" => "on both".into(),
        role => format!("on the {role}"),
    };
    let _ = writeln!(out, "  level     {}, {role}", found.level);
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
    let _ = match cases.as_slice() {
        [] => writeln!(out, "  cases     none: {}", coverage::why_none(found)),
        cases => writeln!(out, "  cases     {}", list(cases)),
    };
    for open in ambiguities().about(&found.id) {
        let _ = writeln!(out, "  open      {}: {}", open.id, open.question);
    }
    out
}

fn ambiguity(found: &Ambiguity, entries: &[Entry]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", found.id);
    let _ = writeln!(out, "  asks      {}", found.question);
    let _ = writeln!(out, "  read so   {}", found.reading);
    for outcome in &found.outcomes {
        let _ = writeln!(
            out,
            "  {:<9} {} ({})",
            outcome.leave, outcome.what, outcome.clause
        );
    }
    for number in &found.errata {
        let _ = writeln!(
            out,
            "  erratum   https://www.rfc-editor.org/errata/eid{number}"
        );
    }
    for id in &found.requirements {
        if let Some(found) = requirements().get(id) {
            let _ = writeln!(out, "\n  {} ({})", found.id, found.level);
            let _ = writeln!(out, "    {}", found.summary);
            let _ = writeln!(out, "    {}", found.link);
        }
    }
    let cases: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.ambiguities.contains(&found.id.as_str()))
        .map(|entry| entry.id.as_str())
        .collect();
    let _ = writeln!(out, "\n  cases     {}", list(&cases));
    out
}

fn list(words: &[&str]) -> String {
    if words.is_empty() {
        "none".into()
    } else {
        words.join(", ")
    }
}
