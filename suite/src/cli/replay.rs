//! Exchanges in files: what a case generated and shrank, to be played again.

use super::Usage;
use crate::Protocol;
use crate::case::Case;
use crate::cases;
use pushspec_reports::{CaseResult, Report};
use std::path::{Path, PathBuf};
use std::{fs, io};

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
        let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
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

/// Whether exchanges can be written into `folder`, which is made where there is none: better to know before the run than
/// after it.
pub(super) fn check(folder: &Path) -> Result<(), Usage> {
    let probe = folder.join(format!(".{}.tmp", std::process::id()));
    let written = fs::create_dir_all(folder).and_then(|()| fs::File::create(&probe));
    let _ = fs::remove_file(&probe);
    written.map(drop).map_err(|error| failed(folder, &error))
}

/// Writes each exchange of a report into `folder`, and makes the command that runs the case again play it.
pub(super) fn save_all(folder: &Path, report: &mut Report) -> Result<(), Usage> {
    for result in &mut report.results {
        let Some(exchange) = &result.exchange else {
            continue;
        };
        let path = folder.join(format!("{}.json", result.case.replace('/', "-")));
        let text = serde_json::to_string_pretty(exchange).expect("text and numbers");
        fs::write(&path, text + "\n").map_err(|error| failed(&path, &error))?;
        play(result, &path);
    }
    Ok(())
}

/// The user's to mend: it could not be written.
fn failed(path: &Path, error: &io::Error) -> Usage {
    Usage::new(format_args!(
        "--exchanges: {} cannot be written: {error}",
        path.display()
    ))
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
