//! The JSON form of a report: versioned, stable, complete. Every other form can be made from it.

use crate::{Report, SCHEMA_VERSION, printable};
use serde_json::Value;
use std::fmt;

/// Why a saved report cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// Not JSON, or not a report.
    Malformed(serde_json::Error),
    /// Written by another version of the form.
    Schema {
        /// The version that the file states.
        found: u32,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "not a pushspec report: {error}"),
            Self::Schema { found } => {
                write!(
                    f,
                    "a report of schema {found}, and this pushspec reads schema {SCHEMA_VERSION}"
                )
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// The report as JSON, indented, with a newline at its end.
pub fn write(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report)
        .expect("a report holds only strings, numbers and lists");
    text.push('\n');
    text
}

/// Reads what [`write()`] wrote. A saved report may come from anywhere: control characters and other signs that rewrite
/// what a reader sees are escaped, so that no renderer has to fear them.
///
/// # Errors
/// [`ReadError::Malformed`] where the text is no report, [`ReadError::Schema`] where it is one of another version.
pub fn read(text: &str) -> Result<Report, ReadError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema: u32,
    }
    let Versioned { schema } = serde_json::from_str(text).map_err(ReadError::Malformed)?;
    if schema != SCHEMA_VERSION {
        return Err(ReadError::Schema { found: schema });
    }
    let mut value: Value = serde_json::from_str(text).map_err(ReadError::Malformed)?;
    make_printable(&mut value);
    serde_json::from_value(value).map_err(ReadError::Malformed)
}

fn make_printable(value: &mut Value) {
    match value {
        Value::String(text) => *text = printable(text.as_bytes(), usize::MAX),
        Value::Array(values) => values.iter_mut().for_each(make_printable),
        Value::Object(pairs) => {
            let taken = std::mem::take(pairs);
            pairs.extend(taken.into_iter().map(|(key, mut value)| {
                make_printable(&mut value);
                (printable(key.as_bytes(), usize::MAX), value)
            }));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
