//! Known failures as they stand in files: those of `pushspec.toml`, and those of the files that it includes.

use super::Usage;
use super::config::{folder, read_toml};
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

/// Every entry, those of the files behind those that `config` holds itself. A file's path begins in its folder.
pub(super) fn all(
    known: Vec<Known>,
    files: &[PathBuf],
    config: &Path,
) -> Result<Vec<Known>, Usage> {
    let mut all = Vec::new();
    for (file, known) in by_file(known, files, config)? {
        all.extend(known);
        // Those before it were sound.
        check_known(&all)
            .map_err(|error| Usage::new(format_args!("{}: {error}", file.display())))?;
    }
    Ok(all)
}

/// The same, whether or not a check could use them: reasons may be missing.
pub(super) fn unchecked(
    known: Vec<Known>,
    files: &[PathBuf],
    config: &Path,
) -> Result<Vec<Known>, Usage> {
    let files = by_file(known, files, config)?;
    Ok(files.into_iter().flat_map(|(_, known)| known).collect())
}

fn by_file(
    known: Vec<Known>,
    files: &[PathBuf],
    config: &Path,
) -> Result<Vec<(PathBuf, Vec<Known>)>, Usage> {
    let folder = folder(config);
    let mut all = vec![(config.to_owned(), known)];
    for file in files {
        let path = folder.join(file);
        let known = read_toml::<KnownFile>(&path)?.known;
        all.push((path, known));
    }
    for (file, known) in &mut all {
        for entry in known {
            if let Some(target) = &mut entry.target {
                // As the report names it: `ws://127.0.0.1:9001` is `ws://127.0.0.1:9001/`.
                let parsed = Target::parse(target).map_err(|error| {
                    Usage::new(format_args!(
                        "{}: known failure `{}`: target {error}",
                        file.display(),
                        entry.case
                    ))
                })?;
                *target = parsed.to_string();
            }
        }
    }
    Ok(all)
}
