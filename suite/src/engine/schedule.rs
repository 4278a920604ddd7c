//! Runs cases together without letting verdicts depend on it.
//!
//! - At most `jobs` cases and [`BYTES_IN_FLIGHT`] bytes are in flight; a hostile case, or one that says so, is alone.
//! - When the target falls, everything that was in flight is run again, each alone with a health probe behind it, so
//!   that the fall is pinned to one case.
//! - What was inconclusive, or may be owed to the crowd, is run again alone, once.

use super::health::{self, Relaunch};
use super::perform::{Guard, Performed, perform};
use crate::case::Case;
use crate::declared::Reading;
use crate::stage::Setting;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use pushspec_reports::Verdict;
use std::collections::VecDeque;
use tokio::sync::watch;

/// What all cases in flight may weigh together.
const BYTES_IN_FLIGHT: usize = 16 * 1024 * 1024;

/// The hands that run cases.
pub(super) struct Crew<'a> {
    pub(super) setting: &'a Setting,
    pub(super) reading: &'a Reading,
    /// Whether the target accepted an ordinary handshake before the run: only what stood can fall.
    pub(super) stood: bool,
    pub(super) jobs: usize,
    pub(super) relaunch: Option<&'a dyn Relaunch>,
    pub(super) interrupt: watch::Receiver<bool>,
}

/// Why a crew stopped before its work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The user wants no more.
    Interrupted,
    /// The target went away and did not come back.
    TargetLost,
}

/// Takes what was performed, with the case's index.
type Sink<'a> = &'a mut (dyn FnMut(usize, Performed) + Send);

impl Crew<'_> {
    /// Performs every case and gives each result to `sink`. Cases that were not performed when it stopped are left out.
    pub(super) async fn perform_all(
        &mut self,
        cases: &[(usize, &Case)],
        sink: Sink<'_>,
    ) -> Result<(), Stopped> {
        let (alone, together): (Vec<_>, Vec<_>) = cases
            .iter()
            .copied()
            .partition(|(_, case)| case.alone || case.hostile);
        let mut again = self.perform_together(together.into(), sink).await?;
        again.extend(self.perform_alone(&alone, true, sink).await?);
        again.sort_by_key(|(index, _)| *index);
        self.perform_alone(&again, false, sink).await?;
        Ok(())
    }

    fn guard(&self, guard: Guard) -> Guard {
        match self.stood {
            true => guard,
            false => Guard::Never,
        }
    }

    /// Performs cases side by side; gives back those that have to be seen again.
    async fn perform_together<'c>(
        &mut self,
        mut waiting: VecDeque<(usize, &'c Case)>,
        sink: Sink<'_>,
    ) -> Result<Vec<(usize, &'c Case)>, Stopped> {
        let mut again = Vec::new();
        let (setting, reading, guard) = (self.setting, self.reading, self.guard(Guard::InDoubt));
        let mut running: FuturesUnordered<BoxFuture<'_, (usize, &Case, Performed)>> =
            FuturesUnordered::new();
        let mut weight = 0;
        loop {
            while let Some((_, next)) = waiting.front()
                && running.len() < self.jobs.max(1)
                && (running.is_empty() || weight + next.weight <= BYTES_IN_FLIGHT)
            {
                let (index, case) = waiting.pop_front().expect("there is a front");
                weight += case.weight;
                running.push(Box::pin(async move {
                    (index, case, perform(case, setting, reading, guard).await)
                }));
            }
            let done = tokio::select! {
                biased;
                () = interrupted(&mut self.interrupt) => return Err(Stopped::Interrupted),
                done = running.next() => done,
            };
            let Some((index, case, performed)) = done else {
                return Ok(again);
            };
            weight -= case.weight;
            if performed.sick {
                let mut suspects = vec![(index, case, performed)];
                while let Some(suspect) = running.next().await {
                    suspects.push(suspect);
                }
                weight = 0;
                again.extend(self.fallen(suspects, sink).await?);
            } else if performed.confirm_alone {
                again.push((index, case));
            } else {
                sink(index, performed);
            }
        }
    }

    /// Performs cases one after another; gives back those that have to be seen again, where `confirm` asks for it.
    async fn perform_alone<'c>(
        &mut self,
        cases: &[(usize, &'c Case)],
        confirm: bool,
        sink: Sink<'_>,
    ) -> Result<Vec<(usize, &'c Case)>, Stopped> {
        let mut again = Vec::new();
        let guard = self.guard(Guard::Always);
        for &(index, case) in cases {
            let mut performed = tokio::select! {
                biased;
                () = interrupted(&mut self.interrupt) => return Err(Stopped::Interrupted),
                performed = perform(case, self.setting, self.reading, guard) => performed,
            };
            let sick = performed.sick;
            if sick {
                pin(&mut performed);
            }
            if !sick && confirm && performed.confirm_alone {
                again.push((index, case));
            } else {
                sink(index, performed);
            }
            if sick && !health::recover(self.setting, self.relaunch).await {
                return Err(Stopped::TargetLost);
            }
        }
        Ok(again)
    }

    /// The target fell while these were in flight: brings it back and pins the fall to one of them.
    async fn fallen<'c>(
        &mut self,
        mut suspects: Vec<(usize, &'c Case, Performed)>,
        sink: Sink<'_>,
    ) -> Result<Vec<(usize, &'c Case)>, Stopped> {
        if health::recover(self.setting, self.relaunch).await {
            let mut cases: Vec<_> = suspects
                .iter()
                .map(|(index, case, _)| (*index, *case))
                .collect();
            cases.sort_by_key(|(index, _)| *index);
            return self.perform_alone(&cases, true, sink).await;
        }
        let only = suspects.len() == 1;
        for (_, _, performed) in &mut suspects {
            if only {
                pin(performed);
            } else {
                performed.result.verdict = Verdict::Inconclusive;
                performed.result.observed =
                    "the target went away while this case and others ran".into();
            }
        }
        for (index, _, performed) in suspects {
            sink(index, performed);
        }
        Err(Stopped::TargetLost)
    }
}

/// The target stopped answering after a case that ran alone: that is what the case found, if it reached the target.
fn pin(performed: &mut Performed) {
    if !performed.reached {
        return;
    }
    let result = &mut performed.result;
    result.observed = format!(
        "after this case, run alone, the target answered no fresh handshake; before that: {}",
        result.observed
    );
    result.verdict = Verdict::Fail;
}

/// Resolves when the user wants no more.
async fn interrupted(interrupt: &mut watch::Receiver<bool>) {
    if interrupt.wait_for(|&wanted| wanted).await.is_err() {
        // Nobody can interrupt any more.
        std::future::pending().await
    }
}
