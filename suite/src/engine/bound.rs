//! How long a run takes at most that watches a stream without end: said beforehand, said anew where the target makes it longer,
//! and kept. What is known here is how long cases took so far; what they found is nothing to this.

use super::Observer;
use crate::case::{Case, Watching};
use crate::timing::Timing;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// A run that is nearly done is not said to take longer; nor is one where the target is looked at a last time.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// Until when a run ends.
pub(super) struct Bound<'a> {
    observer: &'a (dyn Observer + Sync),
    timing: Timing,
    /// When the run began.
    began: Instant,
    /// How long it takes at most, as was said last.
    said: Duration,
    /// How long it takes at most, as far as is known: that is said when what was said is over.
    takes: Duration,
    /// Whether what is done now takes as long as it takes.
    lifted: bool,
    /// Whether it was said anew because the crowd was not done in time: that happens once.
    renewed: bool,
    /// What cases took so far, by their index.
    took: BTreeMap<usize, Duration>,
    /// How long the target asked to be left alone, at most.
    rest: Duration,
}

impl<'a> Bound<'a> {
    /// A run that began then, and was said to take so long.
    pub(super) fn new(
        observer: &'a (dyn Observer + Sync),
        timing: Timing,
        began: Instant,
        takes: Duration,
    ) -> Self {
        Self {
            observer,
            timing,
            began,
            said: takes,
            takes,
            lifted: false,
            renewed: false,
            took: BTreeMap::new(),
            rest: Duration::ZERO,
        }
    }

    /// When more is to be said, or no more is waited for; none while that is lifted.
    pub(super) fn due(&self) -> Option<Instant> {
        match (self.said < self.takes, self.lifted) {
            (true, _) => Some(self.began + self.said),
            (false, false) => Some(self.began + self.takes + GRACE),
            (false, true) => None,
        }
    }

    /// It is due: says how long the run takes, if that was not said. Gives back how long it was to take, if it is over.
    pub(super) fn over(&mut self) -> Option<Duration> {
        if self.said < self.takes {
            self.said = self.takes;
            self.observer.takes_longer(self.takes);
            return None;
        }
        Some(self.takes)
    }

    /// So much more is needed.
    pub(super) fn allow(&mut self, more: Duration) {
        self.takes = self.takes.max(whole_seconds(self.began.elapsed() + more));
    }

    /// What follows takes as long as it takes.
    pub(super) fn lift(&mut self) {
        self.lifted = true;
    }

    /// What takes as long as it takes is done.
    pub(super) fn lower(&mut self) {
        self.lifted = false;
        self.takes = self.takes.max(self.began.elapsed());
        self.said = self.said.max(self.began.elapsed());
    }

    /// Learns how long a case took, and how long the target asked to be left alone.
    pub(super) fn learn(&mut self, index: usize, took: Duration, rest: Option<Duration>) {
        self.took.insert(index, took);
        self.rest = self.rest.max(rest.unwrap_or_default());
    }

    /// These cases are left, to be run so many side by side, with so much time for what goes wrong.
    pub(super) fn leaves<'c>(
        &mut self,
        cases: impl Iterator<Item = (usize, &'c Case)>,
        side_by_side: usize,
        slack: Duration,
    ) {
        let each: Vec<Duration> = cases
            .map(|(index, case)| self.reckoned(index, case))
            .collect();
        let Some(&longest) = each.iter().max() else {
            return;
        };
        // Until the last begins the hands are full.
        let hands = side_by_side.max(1) as u32;
        let together = (each.iter().sum::<Duration>() + longest * (hands - 1)) / hands;
        self.allow(together + slack);
    }

    /// How long a case may take: as long as before, or else as long as others and what it listens on purpose.
    fn reckoned(&self, index: usize, case: &Case) -> Duration {
        let at_once = self.timing.at_once;
        let as_others = || {
            let on_purpose = match case.watching {
                Watching::Observation | Watching::Alone => case.window + self.timing.observe,
                Watching::Nothing => case.window,
            };
            let mean = self.took.values().sum::<Duration>() / self.took.len().max(1) as u32;
            mean.max(at_once) + on_purpose
        };
        let took = self.took.get(&index).copied();
        took.map_or_else(as_others, |took| took.max(at_once)) + self.rest
    }

    /// It is due, and these are left of the crowd: once they are given as long as one of them may take at most. Gives back how
    /// long the run was to take, if it is over.
    pub(super) fn renew<'c>(
        &mut self,
        cases: impl Iterator<Item = (usize, &'c Case)>,
        side_by_side: usize,
    ) -> Option<Duration> {
        let over = self.over()?;
        if std::mem::replace(&mut self.renewed, true) {
            return Some(over);
        }
        self.leaves(cases, side_by_side, self.timing.deadline);
        self.over()
    }
}

/// As long or a little longer: so it is said.
pub(super) fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_millis().div_ceil(1000) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;
    use crate::target::Protocol;
    use pushspec_reports::CaseResult;
    use std::sync::Mutex;

    /// Notes of how many seconds it is told.
    #[derive(Default)]
    struct Heard(Mutex<Vec<u64>>);

    impl Heard {
        fn all(&self) -> Vec<u64> {
            self.0.lock().expect("nobody panics with it").clone()
        }
    }

    impl Observer for Heard {
        fn begin(&self, _: usize, _: Option<Duration>) {}

        fn takes_longer(&self, takes: Duration) {
            let mut heard = self.0.lock().expect("nobody panics with it");
            heard.push(takes.as_secs());
        }

        fn finished(&self, _: &CaseResult) {}
    }

    const SECOND: Duration = Duration::from_secs(1);

    /// Behind so long a run that was to take 11 s.
    async fn after(seconds: u32, heard: &Heard) -> Bound<'_> {
        let bound = Bound::new(heard, Timing::default(), Instant::now(), 11 * SECOND);
        tokio::time::advance(seconds * SECOND).await;
        bound
    }

    fn some(count: usize, watching: Watching) -> Vec<Case> {
        let mut cases = cases::catalogue(Protocol::EventStream);
        cases.truncate(count);
        for case in &mut cases {
            (case.watching, case.window) = (watching, Duration::ZERO);
        }
        cases
    }

    #[tokio::test(start_paused = true)]
    async fn what_fits_is_not_told() {
        let heard = Heard::default();
        let mut bound = Bound::new(&heard, Timing::default(), Instant::now(), 30 * SECOND);
        let cases = some(10, Watching::Nothing);
        bound.leaves(cases.iter().enumerate(), 1, 10 * SECOND);
        bound.leaves([].into_iter(), 1, 100 * SECOND);
        assert_eq!(bound.due(), Some(Instant::now() + 30 * SECOND + GRACE));
        assert_eq!(bound.over(), Some(30 * SECOND));
        assert!(heard.all().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_takes_as_long_as_before() {
        let heard = Heard::default();
        let mut bound = after(10, &heard).await;
        bound.learn(0, SECOND / 10, Some(SECOND));
        bound.learn(1, 5 * SECOND, None);
        bound.learn(9, 3 * SECOND + SECOND * 9 / 10, None);
        // Of the last nothing is known; the target asks for a second behind each.
        let cases = some(3, Watching::Nothing);
        bound.leaves(cases.iter().enumerate(), 1, 15 * SECOND);
        // It is said when what was said first is over: it may be done by then.
        assert_eq!(bound.due(), Some(Instant::now() + SECOND));
        assert!(heard.all().is_empty());
        assert_eq!(bound.over(), None);
        assert_eq!(heard.all(), [10 + (1 + 5 + 3) + 3 + 15]);
        assert_eq!(bound.due(), Some(Instant::now() + 27 * SECOND + GRACE));
        assert_eq!(bound.over(), Some(37 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn windows_follow_each_other_or_overlap() {
        let heard = Heard::default();
        let mut bound = after(10, &heard).await;
        let cases = some(2, Watching::Alone);
        // The second may begin a moment before the first is done, as far as is known.
        bound.leaves(cases.iter().enumerate(), 2, 15 * SECOND);
        assert_eq!(bound.over(), None);
        bound.leaves(cases.iter().enumerate(), 1, 15 * SECOND);
        assert_eq!(bound.over(), None);
        assert_eq!(heard.all(), [10 + 17 + 15, 10 + 2 * (10 + 1) + 15]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_is_given_more_time_once() {
        let heard = Heard::default();
        let mut bound = after(12, &heard).await;
        let cases = some(4, Watching::Nothing);
        assert_eq!(bound.renew(cases.iter().enumerate(), 4), None);
        assert_eq!(heard.all(), [12 + 2 + 60]);
        let over = bound.renew(cases.iter().enumerate(), 4);
        assert_eq!(over, Some(74 * SECOND));
        assert_eq!(heard.all().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_as_long_as_it_takes_is_not_due() {
        let heard = Heard::default();
        let mut bound = after(10, &heard).await;
        bound.lift();
        assert_eq!(bound.due(), None);
        tokio::time::advance(20 * SECOND).await;
        bound.lower();
        // Nobody is told that it took longer, for what was said is over.
        assert_eq!(bound.due(), Some(Instant::now() + GRACE));
        assert!(heard.all().is_empty());
    }
}
