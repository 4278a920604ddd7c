//! Exchanges in files: what a case generated and shrank, to be played again.

use super::Usage;
use crate::case::Case;
use crate::cases;
use pushspec_reports::Report;
use std::path::Path;

/// An exchange that was read from a file.
#[derive(Debug)]
pub(super) struct Replay {
    /// The id of the case that it is of.
    pub(super) case: String,
    text: String,
}

impl Replay {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Usage> {
        let wrong = |error: &dyn std::fmt::Display| {
            Usage::new(format_args!("--replay {}: {error}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let case = cases::replayed(&text).map_err(|error| wrong(&error))?.id;
        Ok(Self { case, text })
    }

    /// The case that plays it.
    pub(super) fn as_case(&self) -> Case {
        cases::replayed(&self.text).expect("it was read before")
    }
}

/// Writes each exchange of a report into `folder`, and makes the command that runs the case again play it.
pub(super) fn save_all(folder: &Path, report: &mut Report) -> Result<(), Usage> {
    for result in &mut report.results {
        let Some(exchange) = &result.exchange else {
            continue;
        };
        let path = folder.join(format!("{}.json", result.case.replace('/', "-")));
        let text = serde_json::to_string_pretty(exchange).expect("text and numbers");
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, text + "\n"))
            .map_err(|error| {
                Usage::new(format_args!("--exchanges: {}: {error}", path.display()))
            })?;
        let file = path.to_string_lossy();
        // Only NUL cannot be quoted, and no path can hold it.
        let file = shlex::try_quote(&file).unwrap_or_default();
        let generates = format!("--case {}", result.case);
        result.replay = result
            .replay
            .replace(&generates, &format!("--replay {file}"));
    }
    Ok(())
}
