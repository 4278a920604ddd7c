//! Exchanges in files: what a case generated and shrank, to be played again.

use super::Usage;
use crate::Protocol;
use crate::case::Case;
use crate::cases;
use pushspec_reports::{CaseResult, Report};
use std::path::{Path, PathBuf};

/// An exchange that was read from a file.
#[derive(Debug)]
pub(super) struct Replay {
    /// The id of the case that it is of.
    pub(super) case: String,
    path: PathBuf,
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
        let path = path.to_owned();
        Ok(Self { case, path, text })
    }

    /// The case that plays it.
    pub(super) fn as_case(&self) -> Case {
        cases::replayed(&self.text).expect("it was read before")
    }

    /// What a target has to speak for it.
    pub(super) fn protocol(&self) -> Protocol {
        match self.case.starts_with("sse/") {
            true => Protocol::EventStream,
            false => Protocol::WebSocket,
        }
    }

    /// Makes the command that runs the case again play the file again.
    pub(super) fn repeat(&self, report: &mut Report) {
        let result = report.results.iter_mut().find(|it| it.case == self.case);
        if let Some(result) = result {
            play(result, &self.path);
        }
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
        play(result, &path);
    }
    Ok(())
}

/// Makes the command that runs the case again play this file.
fn play(result: &mut CaseResult, path: &Path) {
    let file = path.to_string_lossy();
    // Only NUL cannot be quoted, and no path can hold it.
    let file = shlex::try_quote(&file).unwrap_or_default();
    let generates = format!(" --case {}", result.case);
    let plays = format!(" --replay {file}");
    result.replay = result.replay.replace(&generates, &plays);
}
