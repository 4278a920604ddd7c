//! Who listens to a run: the progress bar, and the NDJSON files that are written as results come.

use super::Usage;
use super::frozen::Frozen;
use super::output::Output;
use super::progress::Progress;
use crate::engine::Observer;
use pushspec_reports::render::{Format, ndjson};
use pushspec_reports::{CaseResult, Report};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Hears of a run and passes it on.
pub(super) struct Events<'a> {
    frozen: Option<&'a Frozen>,
    progress: Progress,
    target: String,
    files: Mutex<Files>,
}

/// The files, and what stands in them already.
struct Files {
    open: Vec<(Output, File)>,
    told: BTreeSet<String>,
    failed: Option<Usage>,
}

impl<'a> Events<'a> {
    /// Begins every NDJSON file among `outputs`.
    pub(super) fn begin(
        target: String,
        outputs: &[Output],
        frozen: Option<&'a Frozen>,
    ) -> Result<Self, Usage> {
        let open = outputs
            .iter()
            .filter(|output| output.format == Format::Ndjson)
            .map(|output| Ok((output.clone(), output.begin()?)))
            .collect::<Result<_, Usage>>()?;
        Ok(Self {
            frozen,
            progress: Progress::new(),
            target,
            files: Mutex::new(Files {
                open,
                told: BTreeSet::new(),
                failed: None,
            }),
        })
    }

    /// Takes the progress bar away.
    pub(super) fn clear(&self) {
        self.progress.clear();
    }

    /// Ends every file: results that come only with the report, such as those of passive checks, and the report's own line.
    pub(super) fn end(self, report: &Report) -> Result<(), Usage> {
        let mut files = self
            .files
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for result in &report.results {
            files.result(result);
        }
        files.write(&ndjson::end(report));
        files.failed.map_or(Ok(()), Err)
    }

    fn files(&self) -> std::sync::MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn result(&mut self, result: &CaseResult) {
        if !self.open.is_empty() && self.told.insert(result.case.clone()) {
            self.write(&ndjson::result(result));
        }
    }

    fn write(&mut self, line: &str) {
        for (output, file) in &mut self.open {
            // Nobody reads it any more: no reason to stop a run, or to say more than once.
            let written = file.write_all(line.as_bytes());
            if let Err(error) = written.or_else(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Ok(()),
                _ => Err(error),
            }) {
                self.failed.get_or_insert_with(|| output.failed(&error));
            }
        }
    }
}

impl Observer for Events<'_> {
    fn begin(&self, total: usize, watching: Option<Duration>) {
        if let Some(takes) = watching {
            self.progress.say(&format!(
                "pushspec: watching {} takes up to {} s",
                self.target,
                takes.as_secs()
            ));
        }
        self.progress.begin(total, watching);
        self.files().write(&ndjson::begin(&self.target, total));
    }

    fn takes_longer(&self, takes: Duration) {
        let seconds = takes.as_secs();
        self.progress.say(&format!(
            "pushspec: it takes longer than that: up to {seconds} s"
        ));
    }

    fn finished(&self, result: &CaseResult) {
        self.progress.finished(result);
        let mut files = self.files();
        match self.frozen {
            // Only for who listens is a copy worth it.
            Some(frozen) if !files.open.is_empty() => {
                let mut result = result.clone();
                frozen.mark(&mut result);
                files.result(&result);
            }
            Some(_) | None => files.result(result),
        }
    }
}
