//! The progress bar: on standard error, and only where that is a terminal.

use crate::engine::Observer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pushspec_reports::CaseResult;
use std::time::Duration;

/// Shows how far a run is.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar that nobody sees until cases run.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// Says something on standard error, beside the bar.
    pub(super) fn say(&self, line: &str) {
        self.0.suspend(|| eprintln!("{line}"));
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Observer for Progress {
    fn begin(&self, total: usize, _: Option<Duration>) {
        self.0.set_length(total as u64);
    }

    fn takes_longer(&self, _: Duration) {}

    fn finished(&self, result: &CaseResult) {
        self.0.inc(1);
        self.0.set_message(result.case.clone());
    }
}
