//! Many servers side by side: families × servers, and below each family its cases × servers. A cell leads to the case on the
//! server's own page.

use super::super::tally::{TOLD, Tally, family};
use super::cases::word;
use super::page;
use crate::{CaseResult, Report, Verdict};
use maud::{Markup, PreEscaped, html};
use std::collections::{HashMap, HashSet};

/// One server of a matrix.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// What the server is called.
    pub name: &'a str,
    /// Where its own page lies, relative to that of the matrix.
    pub page: &'a str,
    /// What came of it.
    pub report: &'a Report,
}

/// What came of each case of one server.
type Found<'a> = HashMap<&'a str, &'a CaseResult>;

/// The servers side by side, as one HTML page.
///
/// ```
/// use pushspec_reports::{Report, render::{html, json}};
/// let report: Report = json::read(include_str!("../../../tests/data/small.json")).unwrap();
/// let column = |name| html::Column { name, page: "one.html", report: &report };
/// let page = html::matrix(&[column("one"), column("two")]);
/// assert!(page.contains("href=\"one.html#ws/ctl/ping-text\""));
/// ```
pub fn matrix(columns: &[Column<'_>]) -> String {
    let found: Vec<Found<'_>> = columns
        .iter()
        .map(|column| of_report(column.report))
        .collect();
    let body = html! {
        header {
            h1 { "pushspec" }
            p.target { (columns.len()) " servers side by side" }
        }
        main {
            section aria-labelledby="servers-title" {
                h2 #servers-title { "Servers" }
                (servers(columns))
            }
            section aria-labelledby="families-title" {
                h2 #families-title { "Families" }
                @let families = families(columns);
                (sums(&families, columns, &found))
                @for (family, cases) in &families {
                    (rows(family, cases, columns, &found))
                }
            }
        }
    };
    page("pushspec: servers side by side", &body)
}

/// Every case of any column, by family, in the order in which they first occur.
fn families<'a>(columns: &[Column<'a>]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut families: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut seen = HashSet::new();
    for result in columns.iter().flat_map(|column| &column.report.results) {
        let case = result.case.as_str();
        if !seen.insert(case) {
            continue;
        }
        let name = family(case);
        match families.iter_mut().find(|(known, _)| *known == name) {
            Some((_, cases)) => cases.push(case),
            None => families.push((name, vec![case])),
        }
    }
    families
}

fn servers(columns: &[Column<'_>]) -> Markup {
    html! {
        div.scroll role="group" aria-label="Sums of each server" tabindex="0" {
            table.sums {
                thead {
                    tr {
                        th scope="col" { "server" }
                        @for verdict in TOLD { th.number scope="col" { (verdict) } }
                        th scope="col" { "gate" }
                        th scope="col" { "run" }
                    }
                }
                tbody {
                    @for Column { name, page, report } in columns {
                        @let tally = Tally::of(&report.results);
                        tr {
                            th scope="row" { a href=(page) { (name) } }
                            @for verdict in TOLD { td.number { (tally.count(verdict)) } }
                            td {
                                @match &report.gate {
                                    Some(outcome) => { "exit " (outcome.status.code()) }
                                    None => { "not judged" }
                                }
                            }
                            td {
                                (report.target) ", profile " (report.profile) ", pushspec " (report.version)
                                @if report.interrupted || report.target_lost || report.partition.is_some() { ", partial" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Families × servers. A family leads to its cases.
fn sums(families: &[(&str, Vec<&str>)], columns: &[Column<'_>], found: &[Found<'_>]) -> Markup {
    html! {
        div.scroll role="group" aria-label="Families and servers" tabindex="0" {
            table.sums {
                thead {
                    tr {
                        th scope="col" { "family" }
                        @for column in columns { th scope="col" { (column.name) } }
                    }
                }
                tbody {
                    @for (family, cases) in families {
                        tr {
                            th scope="row" {
                                a href={ "#" (family) } { (family) }
                                " " span.said { (differing(cases, found)) }
                            }
                            @for found in found {
                                @let tally = Tally::of(cases.iter().filter_map(|case| found.get(case).copied()));
                                td { a href={ "#" (family) } { (PreEscaped(tally.in_words(|verdict| word(verdict).into_string()))) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// In how many cases the servers differ.
fn differing(cases: &[&str], found: &[Found<'_>]) -> String {
    let verdict = |found: &Found<'_>, case: &str| found.get(case).map(|result| result.verdict);
    let differs = |case: &&&str| {
        let mut verdicts = found.iter().map(|found| verdict(found, case));
        let first = verdicts.next();
        verdicts.any(|verdict| Some(verdict) != first)
    };
    match cases.iter().filter(differs).count() {
        0 => "the same everywhere".into(),
        count => format!("{count} of {} differ", cases.len()),
    }
}

fn rows(family: &str, cases: &[&str], columns: &[Column<'_>], found: &[Found<'_>]) -> Markup {
    html! {
        details.family id=(family) {
            summary { b { (family) } " " span.said { (differing(cases, found)) } }
            div.scroll role="group" aria-label={ "Cases of " (family) } tabindex="0" {
                table.sums {
                    thead {
                        tr {
                            th scope="col" { "case" }
                            @for column in columns { th scope="col" { (column.name) } }
                        }
                    }
                    tbody {
                        @for case in cases {
                            tr {
                                th.id scope="row" { (case) }
                                @for (column, found) in columns.iter().zip(found) {
                                    td { (cell(column, case, found.get(case).map(|result| result.verdict))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(column: &Column<'_>, case: &str, verdict: Option<Verdict>) -> Markup {
    html! {
        @match verdict {
            Some(verdict) => a href={ (column.page) "#" (case) } { (word(verdict)) },
            None => "not run",
        }
    }
}

fn of_report(report: &Report) -> Found<'_> {
    let results = report.results.iter();
    results
        .map(|result| (result.case.as_str(), result))
        .collect()
}
