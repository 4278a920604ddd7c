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
            takes,
            lifted: false,
            renewed: false,
            took: BTreeMap::new(),
            rest: Duration::ZERO,
        }
    }

    /// When no more is waited for; none while it is lifted.
    pub(super) fn due(&self) -> Option<Instant> {
        (!self.lifted).then(|| self.began + self.takes + GRACE)
    }

    /// How long the run takes at most, as was said last.
    pub(super) fn takes(&self) -> Duration {
        self.takes
    }

    /// What follows takes as long as it takes.
    pub(super) fn lift(&mut self) {
        self.lifted = true;
    }

    /// What takes as long as it takes is done.
    pub(super) fn lower(&mut self) {
        self.lifted = false;
        self.takes = self.takes.max(self.began.elapsed());
    }

    /// Learns how long a case took, and how long the target asked to be left alone.
    pub(super) fn learn(&mut self, index: usize, took: Duration, rest: Option<Duration>) {
        self.took.insert(index, took);
        self.rest = self.rest.max(rest.unwrap_or_default());
    }

    /// These cases are left, to be run so many side by side, with so much time for what goes wrong: says so where it takes
    /// longer than was said.
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
        let takes = whole_seconds(self.began.elapsed() + together + slack);
        if takes > self.takes {
            self.takes = takes;
            self.observer.takes_longer(each.len(), takes);
        }
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

    /// It is due, and these are left of the crowd: says so, once, for as long as one of them may take at most. Gives back
    /// whether they may go on.
    pub(super) fn renew<'c>(
        &mut self,
        cases: impl Iterator<Item = (usize, &'c Case)>,
        side_by_side: usize,
    ) -> bool {
        let first = !std::mem::replace(&mut self.renewed, true);
        if first {
            self.leaves(cases, side_by_side, self.timing.deadline);
        }
        first
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

    /// Notes what is said: of how many cases, and of how many seconds.
    #[derive(Default)]
    struct Heard(Mutex<Vec<(usize, u64)>>);

    impl Heard {
        fn all(&self) -> Vec<(usize, u64)> {
            self.0.lock().expect("nobody panics with it").clone()
        }
    }

    impl Observer for Heard {
        fn begin(&self, _: usize, _: Option<Duration>) {}

        fn takes_longer(&self, cases: usize, takes: Duration) {
            let mut heard = self.0.lock().expect("nobody panics with it");
            heard.push((cases, takes.as_secs()));
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
        assert_eq!(heard.all(), []);
        assert_eq!(bound.takes(), 30 * SECOND);
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
        assert_eq!(heard.all(), [(3, 10 + (1 + 5 + 3) + 3 + 15)]);
        assert_eq!(bound.due(), Some(Instant::now() + 27 * SECOND + GRACE));
    }

    #[tokio::test(start_paused = true)]
    async fn windows_follow_each_other_or_overlap() {
        let heard = Heard::default();
        let mut bound = after(10, &heard).await;
        let cases = some(2, Watching::Alone);
        bound.leaves(cases.iter().enumerate(), 2, 15 * SECOND);
        bound.leaves(cases.iter().enumerate(), 1, 15 * SECOND);
        // The second may begin a moment before the first is done, as far as is known.
        assert_eq!(
            heard.all(),
            [(2, 10 + 17 + 15), (2, 10 + 2 * (10 + 1) + 15)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_is_given_more_time_once() {
        let heard = Heard::default();
        let mut bound = after(12, &heard).await;
        let cases = some(4, Watching::Nothing);
        assert!(bound.renew(cases.iter().enumerate(), 4));
        assert_eq!(heard.all(), [(4, 12 + 2 + 60)]);
        assert!(!bound.renew(cases.iter().enumerate(), 4));
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
        assert_eq!(bound.due(), Some(Instant::now() + GRACE));
        assert_eq!(heard.all(), []);
    }
}
