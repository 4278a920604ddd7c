//! Runs cases side by side. What is known here is which conversations are in flight and what they weigh, and since when the
//! target is known to be alive; what is done about a fall is [`super::schedule`]'s.

use super::bound::{Bound, GRACE};
use super::health;
use super::needs::Room;
use super::perform::{Guard, Performed, perform_all, perform_patiently};
use super::schedule::{Crew, Sink, Stopped, interrupted};
use crate::case::{Case, Watching};
use crate::stage::Setting;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use pushspec_reports::Verdict;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::time::{Instant, timeout};

/// What all cases in flight may weigh together.
pub(super) const BYTES_IN_FLIGHT: usize = 8 * 1024 * 1024;

/// A case that was performed, and its index.
pub(super) struct Done<'c> {
    pub(super) index: usize,
    pub(super) case: &'c Case,
    pub(super) performed: Performed,
    beside: Beside,
    /// Whether an ordinary client was served promptly right behind it, where it is in doubt and only watchers were beside it.
    served: bool,
    /// When it began and ended, in the order of such events: under a paused clock times tell nothing.
    pub(super) began: u64,
    ended: u64,
}

/// Who is in flight beside a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Any others.
    Others,
    /// Others that watch the stream, and ask little.
    Watchers,
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
        let mut doubts = Doubts::default();
        let (setting, reading, guard) = (self.setting, self.reading, self.guard(Guard::InDoubt));
        let roomy = self.room == Room::Enough;
        let mut bears_one_more = self.room.bears_one_beside_watchers();
        let ticks = AtomicU64::new(0);
        let tick = || ticks.fetch_add(1, Ordering::Relaxed);
        let start = |shared: Shared<'c>, beside| async move {
            let began = tick();
            let cases: Vec<&Case> = shared.iter().map(|(_, case)| *case).collect();
            let (performed, served) = match (beside, &*cases) {
                (Beside::Watchers, &[case]) => {
                    let performed = perform_patiently(case, setting, reading, guard).await;
                    let served = !performed.confirm_alone || health::stands_promptly(setting).await;
                    (vec![performed], served)
                }
                (Beside::Watchers | Beside::Others, cases) => {
                    (perform_all(cases, setting, reading, guard).await, true)
                }
            };
            let ended = tick();
            let done = shared.into_iter().zip(performed);
            let done = done.map(|((index, case), performed)| Done {
                index,
                case,
                performed,
                beside,
                served,
                began,
                ended,
            });
            done.collect()
        };
        let mut running = Running::new();
        let (mut weight, mut watchers) = (0, 0);
        let mut in_flight: Vec<Shared<'c>> = Vec::new();
        // What was performed since the target was last seen alive.
        let mut unsettled: Vec<Done<'c>> = Vec::new();
        loop {
            while let Some(next) = waiting.front()
                && running.len() < self.jobs.max(1)
                && (running.is_empty() || weight + weight_of(next) <= BYTES_IN_FLIGHT)
            {
                let shared = waiting.pop_front().expect("there is a front");
                weight += weight_of(&shared);
                watchers += usize::from(watches(&shared));
                in_flight.push(shared.clone());
                running.push(Box::pin(start(shared, Beside::Others)));
            }
            if waiting.is_empty()
                && (1..self.jobs).contains(&running.len())
                && running.len() == watchers
                && bears_one_more
                && let Some(shared) =
                    doubts.next(&mut unsettled, BYTES_IN_FLIGHT.saturating_sub(weight))
            {
                weight += weight_of(&shared);
                in_flight.push(shared.clone());
                running.push(Box::pin(start(shared, Beside::Watchers)));
            }
            let left = in_flight.iter().chain(&waiting).flatten();
            let next = self.next(&mut running, left).await;
            if let Err(Stopped::OutOfTime(_)) = next
                && let stands = still_stands(&unsettled, self.guard(Guard::Always), setting)
                && let Ok(true) = timeout(GRACE, stands).await
            {
                // What was done in time counts.
                unsettled = doubts.settle(unsettled, tick(), roomy, sink);
            }
            let Some(done) = next? else {
                // A target that is silent then is waited for.
                let patience = setting.timing.patience;
                self.bound
                    .iter_mut()
                    .for_each(|bound| bound.allow(patience));
                let stands = still_stands(&unsettled, self.guard(Guard::Always), setting);
                match self.in_time(stands).await? {
                    true => drop(doubts.settle(unsettled, tick(), roomy, sink)),
                    false => doubts.alone.extend(self.fallen(unsettled, sink).await?),
                }
                return Ok(doubts.all());
            };
            let Some(first) = done.first() else {
                continue;
            };
            for done in &done {
                self.learn(done.index, &done.performed);
            }
            in_flight.retain(|shared| shared.iter().all(|(index, _)| *index != first.index));
            weight -= first.case.weight;
            let listened =
                first.beside == Beside::Others && first.case.watching != Watching::Nothing;
            watchers -= usize::from(listened);
            // Who refuses everybody is left alone, unless it says for how long: each question would fill it again.
            bears_one_more &=
                first.served || !first.performed.confirm_alone || first.performed.crowded;
            // Who answers that it is full has not fallen, nor who answers anything while nobody asks much.
            let answers = match first.beside {
                Beside::Others => first.performed.full.is_some(),
                Beside::Watchers => first.performed.refused.is_some(),
            };
            if answers {
                let again = match first.beside {
                    Beside::Others => &mut doubts.beside,
                    Beside::Watchers => &mut doubts.alone,
                };
                again.extend(done.iter().map(|done| (done.index, done.case)));
            } else if first.performed.sick {
                unsettled.extend(done);
                let left = in_flight.iter().chain(&waiting).flatten();
                while let Some(suspects) = self.next(&mut running, left.clone()).await? {
                    unsettled.extend(suspects);
                }
                in_flight.clear();
                (weight, watchers) = (0, 0);
                let suspects = std::mem::take(&mut unsettled);
                doubts.alone.extend(self.fallen(suspects, sink).await?);
                if self.jobs == 1 {
                    let left: Vec<_> = waiting.iter().flatten().copied().collect();
                    self.leaves(&left, setting.timing.recovery);
                }
            } else {
                if first.performed.reached {
                    unsettled = doubts.settle(unsettled, first.began, roomy, sink);
                }
                unsettled.extend(done);
            }
        }
    }

    /// What the next conversation that is done came to; none where none is running. So many are `left` with those that run.
    async fn next<'s, 'c: 's>(
        &mut self,
        running: &mut Running<'_, 'c>,
        left: impl Iterator<Item = &'s (usize, &'c Case)> + Clone,
    ) -> Result<Option<Vec<Done<'c>>>, Stopped> {
        loop {
            let due = self.bound.as_ref().and_then(Bound::due);
            tokio::select! {
                biased;
                () = interrupted(&mut self.interrupt) => return Err(Stopped::Interrupted),
                done = running.next() => return Ok(done),
                () = at(due) => {}
            }
            if let Some(bound) = &mut self.bound
                && let Some(takes) = bound.renew(left.clone().copied(), self.jobs)
            {
                return Err(Stopped::OutOfTime(takes));
            }
        }
    }
}

/// Whether the target still accepts an ordinary handshake, so that what was performed last may be believed.
async fn still_stands(unsettled: &[Done<'_>], guard: Guard, setting: &Setting) -> bool {
    unsettled.is_empty() || guard == Guard::Never || health::stands(setting).await
}

/// Resolves at that time, if there is one.
pub(super) async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
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

/// Whether a conversation only watches the stream.
fn watches(shared: &Shared<'_>) -> bool {
    shared
        .first()
        .is_some_and(|(_, case)| case.watching != Watching::Nothing)
}

/// What has to be seen again.
#[derive(Default)]
struct Doubts<'c> {
    /// Beside watchers, if any are in flight.
    beside: Vec<(usize, &'c Case)>,
    /// While nothing else runs.
    alone: Vec<(usize, &'c Case)>,
}

impl<'c> Doubts<'c> {
    /// What can be seen again beside watchers, and weighs at most so many bytes. What waits for the target to be seen alive
    /// need not wait for that: to see it again tells as much.
    fn next(&mut self, unsettled: &mut Vec<Done<'c>>, most: usize) -> Option<Shared<'c>> {
        if let Some(at) = self.beside.iter().position(|(_, case)| case.weight <= most) {
            return Some(vec![self.beside.remove(at)]);
        }
        let in_doubt = |done: &Done<'_>| {
            done.beside == Beside::Others
                && done.performed.confirm_alone
                && done.case.weight <= most
        };
        let at = unsettled.iter().position(in_doubt)?;
        let Done { index, case, .. } = unsettled.remove(at);
        Some(vec![(index, case)])
    }

    /// The target was seen alive at `alive`: what was done before is believed. Gives back the rest.
    fn settle(
        &mut self,
        unsettled: Vec<Done<'c>>,
        alive: u64,
        roomy: bool,
        sink: Sink<'_>,
    ) -> Vec<Done<'c>> {
        let (settled, rest): (Vec<_>, Vec<_>) =
            unsettled.into_iter().partition(|done| done.ended < alive);
        for done in settled {
            match (done.counts(roomy), done.beside) {
                (true, _) => sink(done.index, done.performed),
                (false, Beside::Others) => self.beside.push((done.index, done.case)),
                (false, Beside::Watchers) => self.alone.push((done.index, done.case)),
            }
        }
        rest
    }

    /// All, where no watcher is left.
    fn all(mut self) -> Vec<(usize, &'c Case)> {
        self.alone.append(&mut self.beside);
        self.alone
    }
}

impl Done<'_> {
    /// Whether what was seen need not be seen again. In a `roomy` target, which gave all streams that it was asked for, watchers
    /// are in nobody's way; unless it still remembers the crowd, and refuses everybody.
    fn counts(&self, roomy: bool) -> bool {
        let seen = &self.performed;
        !seen.confirm_alone
            || match self.beside {
                Beside::Others => false,
                Beside::Watchers => {
                    roomy
                        && self.served
                        && !seen.crowded
                        && seen.result.verdict != Verdict::Inconclusive
                }
            }
    }
}
