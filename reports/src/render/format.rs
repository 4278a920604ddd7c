//! The forms of a written report, by name.

use super::{badge, html, json, junit, markdown, ndjson, sarif, tap};
use crate::Report;
use std::fmt;
use std::str::FromStr;

/// A form in which a report is written.
///
/// ```
/// use pushspec_reports::render::Format;
/// assert_eq!("junit".parse(), Ok(Format::Junit));
/// assert!("pdf".parse::<Format>().unwrap_err().to_string().contains("json, ndjson, junit"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Complete; every other form can be made from it.
    Json,
    /// One event in a line, written while cases run.
    Ndjson,
    /// JUnit XML.
    Junit,
    /// TAP 14.
    Tap,
    /// SARIF 2.1.0.
    Sarif,
    /// Markdown, fit for the summary of a CI step.
    Markdown,
    /// One page that loads nothing.
    Html,
    /// An SVG badge.
    Badge,
}

/// A word that names no [`Format`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Format::ALL.map(Format::as_str).join(", ");
        write!(f, "`{}` is no format: one of {known}", self.0)
    }
}

impl std::error::Error for UnknownFormat {}

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Json,
        Self::Ndjson,
        Self::Junit,
        Self::Tap,
        Self::Sarif,
        Self::Markdown,
        Self::Html,
        Self::Badge,
    ];

    /// The word on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Tap => "tap",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Badge => "badge",
        }
    }

    /// The report in this form.
    pub fn render(self, report: &Report) -> String {
        match self {
            Self::Json => json::write(report),
            Self::Ndjson => ndjson::write(report),
            Self::Junit => junit::write(report),
            Self::Tap => tap::write(report),
            Self::Sarif => sarif::write(report),
            Self::Markdown => markdown::write(report),
            Self::Html => html::write(report),
            Self::Badge => badge::write(report),
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == word);
        found.ok_or_else(|| UnknownFormat(word.into()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
