//! Known failures as they stand in files: those of `pushspec.toml`, and those of the files that it includes.

use super::Usage;
use super::config::read_toml;
use crate::Target;
use pushspec_reports::gate::{Known, check_known};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A file that holds known failures and nothing else.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownFile {
    pub(super) known: Vec<Known>,
}

/// Every entry, those of the files behind those that were given. A file's path begins in `folder`.
pub(super) fn all(
    mut known: Vec<Known>,
    files: &[PathBuf],
    folder: &Path,
) -> Result<Vec<Known>, Usage> {
    for file in files {
        known.extend(read_toml::<KnownFile>(&folder.join(file))?.known);
    }
    for entry in &mut known {
        if let Some(target) = &mut entry.target {
            // As the report names it: `ws://127.0.0.1:9001` is `ws://127.0.0.1:9001/`.
            let parsed = Target::parse(target).map_err(|error| {
                Usage::new(format_args!(
                    "known failure `{}`: target {error}",
                    entry.case
                ))
            })?;
            *target = parsed.to_string();
        }
    }
    check_known(&known).map_err(Usage::new)?;
    Ok(known)
}
