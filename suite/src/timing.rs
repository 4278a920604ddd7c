//! How long the suite waits for what.

use std::time::Duration;

/// The run's waits. All are configurable; none is a requirement of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// For an expected reaction.
    pub patience: Duration,
    /// For what a document asks for "at once".
    pub at_once: Duration,
    /// For the end of a conversation that has served its purpose: out of courtesy, and for the passive checks.
    pub parting: Duration,
    /// For one case as a whole.
    pub deadline: Duration,
    /// For watching an event stream.
    pub observe: Duration,
    /// For a target that fell to answer again: however little it says, starting takes it as long.
    pub recovery: Duration,
    /// How long the target took to answer while nobody else asked: no wait, but what others are held against.
    pub greeting: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(5),
            at_once: Duration::from_secs(1),
            parting: Duration::from_secs(1),
            deadline: Duration::from_secs(60),
            observe: Duration::from_secs(10),
            recovery: Duration::from_secs(10),
            greeting: Duration::ZERO,
        }
    }
}

impl Timing {
    /// A target that takes longer than this to greet has its hands full.
    pub fn busy(&self) -> Duration {
        self.at_once.max(2 * self.greeting)
    }

    /// How long it takes to watch a stream that does not end, with the heads of a case that comes back to it, and of one that
    /// is in doubt and seen again, which take up to `head` each. Where cases follow each other it takes longer.
    pub fn watching(self, head: Duration) -> Duration {
        let (comes_back, is_in_doubt) = (4, 3);
        self.observe + (comes_back + is_in_doubt) * head
    }

    /// The waits for a target that answered nothing within a full patience: waiting that long again in every case would
    /// tell nothing new.
    pub fn for_a_mute_target(self) -> Self {
        let patience = self.patience / 20;
        Self {
            patience,
            at_once: self.at_once.min(patience),
            parting: Duration::ZERO,
            ..self
        }
    }

    /// The waits for a target that took so long to answer the probe. Some answers stand behind a few frames: with less
    /// patience every case would give up on a target that answers all of them.
    pub fn for_a_late_target(self, late: Duration) -> Self {
        Self {
            patience: self.patience.max(tenths(4 * late)),
            recovery: self.recovery.max(8 * late),
            ..self
        }
    }

    /// The waits for a stream whose head came only with its first event, after so long: the next is as far away at most, and a
    /// silence of as long again says that none comes.
    pub fn for_a_head_that_waits(self, late: Duration) -> Self {
        Self {
            patience: self.patience.max(tenths(2 * late)),
            recovery: self.recovery.max(8 * late),
            ..self
        }
    }
}

/// The same or a little more, in whole tenths of a second: reports name it.
fn tenths(time: Duration) -> Duration {
    Duration::from_millis(time.as_millis().div_ceil(100) as u64 * 100)
}
