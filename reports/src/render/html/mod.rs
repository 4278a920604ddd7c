//! The HTML report: one file that loads nothing, readable without scripts, in light and dark, at any width.
//!
//! - [`summary`]: what the gate says, and the sums as a picture that is a table;
//! - [`cases`]: each case with its exchange; [`diagram`] draws that over time;
//! - [`requirements`]: from requirement to cases to verdict;
//! - [`ambiguities`]: points that the documents leave open, and the verdicts that rest on how they are read;
//! - [`autobahn`]: what Autobahn|Testsuite's cases would come to;
//! - [`compat`]: what is legal and broke clients;
//! - [`matrix()`]: many servers side by side, a page of its own.
//!
//! The script only filters and opens what is there. A policy in the page forbids every request, so that nothing that a
//! target said could fetch anything even if it stood there unescaped, which it does not: maud escapes it.
//!
//! Bounded: what needs attention is told first and in full; once [`BUDGET`] is spent, further exchanges are left out, and
//! the page says so.

mod ambiguities;
mod autobahn;
mod cases;
mod compat;
mod diagram;
mod matrix;
mod requirements;
mod summary;

pub use matrix::{Column, matrix};

use crate::Report;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Bytes that exchanges may take in one page.
const BUDGET: usize = 1_000_000;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing may be loaded, sent or framed.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The report as one HTML page.
///
/// ```
/// use pushspec_reports::{Report, render::{html, json}};
/// let report: Report = json::read(include_str!("../../../tests/data/small.json")).unwrap();
/// let page = html::write(&report);
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// assert!(page.contains("id=\"ws/ctl/ping-text\""));
/// ```
pub fn write(report: &Report) -> String {
    let title = format!("pushspec: {}", report.target);
    let body = html! {
        a.jump href="#cases" { "To the cases" }
        header {
            h1 { "pushspec" }
            p.target { code { (report.target) } }
            (summary::run(report))
        }
        nav aria-label="Parts of this report" {
            a href="#summary" { "Summary" }
            a href="#cases" { "Cases" }
            a href="#requirements" { "Requirements" }
            a href="#ambiguities" { "Open points" }
            @if compat::is_shown(report) {
                a href="#compatibility" { "Compatibility" }
            }
        }
        main {
            (summary::section(report))
            (cases::section(report, BUDGET))
            (requirements::section(report))
            (ambiguities::section(report))
            (autobahn::section(report))
            (compat::section(report))
        }
        footer {
            p {
                "Made by pushspec " (report.version) ". What the verdicts mean: "
                @for (index, (word, meaning)) in cases::MEANINGS.iter().enumerate() {
                    @if index > 0 { "; " }
                    b { (word) } ", " (meaning)
                }
                "."
            }
        }
    };
    page(&title, &body)
}

/// A whole page with this body.
fn page(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                script { (PreEscaped(SCRIPT)) }
            }
        }
        "\n"
    }
    .into_string()
}
