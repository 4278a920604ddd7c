//! Runs cases side by side. What is known here is which conversations are in flight and what they weigh, and since when the
//! target is known to be alive; what is done about a fall is [`super::schedule`]'s.

use super::health;
use super::perform::{Guard, Performed, perform_all};
use super::schedule::{Crew, Sink, Stopped, interrupted};
use crate::case::{Case, Watching};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

/// What all cases in flight may weigh together.
pub(super) const BYTES_IN_FLIGHT: usize = 8 * 1024 * 1024;

/// A case that was performed, and its index.
pub(super) struct Done<'c> {
    pub(super) index: usize,
    pub(super) case: &'c Case,
    pub(super) performed: Performed,
    /// When it began and ended, in the order of such events: under a paused clock times tell nothing.
    pub(super) began: u64,
    ended: u64,
}

/// Cases that one conversation serves, with their indices.
pub(super) type Shared<'c> = Vec<(usize, &'c Case)>;

/// Conversations in flight.
type Running<'a, 'c> = FuturesUnordered<BoxFuture<'a, Vec<Done<'c>>>>;

impl Crew<'_> {
    /// Performs cases side by side; gives back those that have to be seen again.
    pub(super) async fn perform_together<'c>(
        &mut self,
        mut waiting: VecDeque<Shared<'c>>,
        sink: Sink<'_>,
    ) -> Result<Vec<(usize, &'c Case)>, Stopped> {
        let mut again = Vec::new();
        let (setting, reading, guard) = (self.setting, self.reading, self.guard(Guard::InDoubt));
        let ticks = AtomicU64::new(0);
        let tick = || ticks.fetch_add(1, Ordering::Relaxed);
        let mut running = Running::new();
        let mut weight = 0;
        // What was performed since the target was last seen alive.
        let mut unsettled: Vec<Done<'c>> = Vec::new();
        loop {
            while let Some(next) = waiting.front()
                && running.len() < self.jobs.max(1)
                && (running.is_empty() || weight + weight_of(next) <= BYTES_IN_FLIGHT)
            {
                let shared = waiting.pop_front().expect("there is a front");
                weight += weight_of(&shared);
                running.push(Box::pin(async move {
                    let began = tick();
                    let cases: Vec<&Case> = shared.iter().map(|(_, case)| *case).collect();
                    let performed = perform_all(&cases, setting, reading, guard).await;
                    let ended = tick();
                    let done = shared.into_iter().zip(performed);
                    let done = done.map(|((index, case), performed)| Done {
                        index,
                        case,
                        performed,
                        began,
                        ended,
                    });
                    done.collect()
                }));
            }
            let Some(done) = self.next(&mut running).await? else {
                if self.still_stands(&unsettled).await {
                    settle(unsettled, tick(), &mut again, sink);
                    return Ok(again);
                }
                again.extend(self.fallen(unsettled, sink).await?);
                return Ok(again);
            };
            let Some(first) = done.first() else {
                continue;
            };
            weight -= first.case.weight;
            if first.performed.sick {
                unsettled.extend(done);
                while let Some(suspects) = self.next(&mut running).await? {
                    unsettled.extend(suspects);
                }
                weight = 0;
                again.extend(self.fallen(std::mem::take(&mut unsettled), sink).await?);
            } else {
                if first.performed.reached {
                    unsettled = settle(unsettled, first.began, &mut again, sink);
                }
                unsettled.extend(done);
            }
        }
    }

    /// What the next conversation that is done came to; none where none is running.
    async fn next<'c>(
        &mut self,
        running: &mut Running<'_, 'c>,
    ) -> Result<Option<Vec<Done<'c>>>, Stopped> {
        tokio::select! {
            biased;
            () = interrupted(&mut self.interrupt) => Err(Stopped::Interrupted),
            done = running.next() => Ok(done),
        }
    }

    /// Whether the target still accepts an ordinary handshake, so that what was performed last may be believed.
    async fn still_stands(&self, unsettled: &[Done<'_>]) -> bool {
        unsettled.is_empty() || !self.stood || health::stands(self.setting).await
    }
}

/// Cases in the order in which they begin: first those that watch, in one conversation where they drive the same.
pub(super) fn in_turn<'c>(cases: Vec<(usize, &'c Case)>) -> VecDeque<Shared<'c>> {
    let watching = |wanted| {
        let cases = cases.iter().copied();
        cases.filter(move |(_, case)| case.watching == wanted)
    };
    let observing: Shared<'c> = watching(Watching::Observation).collect();
    let others = watching(Watching::Alone).chain(watching(Watching::Nothing));
    let others = others.map(|one| vec![one]);
    let shared = Some(observing).filter(|shared| !shared.is_empty());
    shared.into_iter().chain(others).collect()
}

/// What a conversation may weigh.
fn weight_of(shared: &Shared<'_>) -> usize {
    shared.first().map_or(0, |(_, case)| case.weight)
}

/// The target was seen alive at `alive`: what was done before is believed. Gives back the rest.
fn settle<'c>(
    unsettled: Vec<Done<'c>>,
    alive: u64,
    again: &mut Vec<(usize, &'c Case)>,
    sink: Sink<'_>,
) -> Vec<Done<'c>> {
    let (settled, rest): (Vec<_>, Vec<_>) =
        unsettled.into_iter().partition(|done| done.ended < alive);
    for Done {
        index,
        case,
        performed,
        ..
    } in settled
    {
        if performed.confirm_alone {
            again.push((index, case));
        } else {
            sink(index, performed);
        }
    }
    rest
}
