//! What cases have in common that generate what they try: they generate and play until one fails, and shrink that one.
//!
//! proptest makes what is tried and knows what is simpler; its runner blocks, so the loop is here. What is tried while
//! shrinking is nobody's evidence and goes to a stage of its own; the smallest is played again where all can see it.
//!
//! Silence is believed soon, for a suspicion costs nothing; what is blamed is the smallest, which was given full patience.
//! Where that came back in time, the target is slow: from then on all that is tried has full patience.

use crate::stage::Stage;
use crate::transcript::{Connection, Event, Transcript, What};
use crate::transport::Boxed;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand_chacha::rand_core::RngCore;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::Instant;

/// The label of the smallest that fails; the second is of a target that turned out to be slow.
pub(super) const SMALLEST: [&str; 2] = ["smallest", "smallest, with full patience"];

/// How many may be played to find a smaller one, by its strategy and behind that.
const SHRINKING: usize = 128;

/// How long that may take: so many patiences.
const SHRINKING_FOR: u32 = 1;

/// Silence that nobody is blamed for is believed after this part of the patience.
const LITTLE: u32 = 16;

/// While shrinking it may be this part, where the target was seen to be quick.
const LEAST: u32 = 64;

/// So many times as long as it took over anything it is waited for while shrinking.
const AS_LONG: u32 = 4;

/// The part of a case's deadline that may go by before nothing more is tried: what is left is for shrinking, and for what
/// shows that the target is well.
const SEARCHING: u32 = 2;

/// More than any case plays.
const LABELLED: usize = 199;

/// One label for each exchange.
static LABELS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let label = |number| &*format!("exchange {number:02}").leak();
    (1..=LABELLED).map(label).collect()
});

/// Whether a connection was left after less than the patience: what was missing on it may have been on its way.
pub(super) fn is_suspicion(connection: &Connection, patience: Duration) -> bool {
    let waited = connection.timed_out().map(|(_, waited)| waited);
    waited.is_some_and(|waited| waited < patience)
}

/// What became of something that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// The target failed it.
    Failed,
    /// It did not.
    Sound,
    /// The target is gone, or answers none of these: there is no use in trying others.
    Useless,
}

/// How a case plays what is generated.
pub(super) trait Trial<P>: Sync {
    /// Plays it on a connection with this label.
    fn play<'a>(
        &'a self,
        stage: &'a Stage,
        label: &'static str,
        plan: &'a P,
        patience: Duration,
    ) -> Boxed<'a, ()>;

    /// What became of it. Profiles do not change what is a failure here.
    fn came(&self, stage: &Stage, label: &str) -> Came;

    /// What is simpler than this in ways that its strategy does not know, the simplest first.
    fn simpler(&self, _plan: &P) -> Vec<P> {
        Vec::new()
    }
}

/// A search in the making.
pub(super) struct Search<'a, T> {
    stage: &'a Stage,
    trial: &'a T,
    /// How many were tried.
    tried: usize,
    /// Whether the target was taken for silent and was not.
    slow: bool,
    /// When nothing more is tried: what was is judged.
    until: Instant,
}

/// What an attempt came to.
enum Found {
    /// All was well.
    Nothing,
    /// Something that fails; or nothing can be played any more.
    Enough,
    /// What seemed to fail came with full patience.
    Slowness,
}

impl<'a, T> Search<'a, T> {
    pub(super) fn new(stage: &'a Stage, trial: &'a T) -> Self {
        Self {
            stage,
            trial,
            tried: 0,
            slow: false,
            until: Instant::now() + stage.setting.timing.deadline / SEARCHING,
        }
    }

    /// Tries one, twice if it has to be; says whether there is no use in trying others.
    pub(super) async fn is_over<S>(&mut self, strategy: &S) -> bool
    where
        S: Strategy<Value: Send + Sync, Tree: Send> + Sync,
        T: Trial<S::Value>,
    {
        while let Some(label) = LABELS.get(self.tried) {
            if self.tried > 0 && Instant::now() >= self.until {
                return true;
            }
            self.tried += 1;
            match self.attempt(label, strategy).await {
                Found::Nothing => return false,
                Found::Enough => return true,
                Found::Slowness => self.slow = true,
            }
        }
        true
    }

    async fn attempt<S>(&self, label: &'static str, strategy: &S) -> Found
    where
        S: Strategy<Value: Send + Sync, Tree: Send> + Sync,
        T: Trial<S::Value>,
    {
        let mut seed = [0; 32];
        self.stage.random(label).fill_bytes(&mut seed);
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let Ok(mut tree) = strategy.new_tree(&mut runner) else {
            return Found::Nothing;
        };
        let (stage, trial) = (self.stage, self.trial);
        let patience = stage.setting.timing.patience;
        let (little, smallest_label) = match self.slow {
            false => (patience / LITTLE, SMALLEST[0]),
            true => (patience, SMALLEST[1]),
        };
        let plan = tree.current();
        trial.play(stage, label, &plan, little).await;
        match trial.came(stage, label) {
            Came::Failed => {}
            Came::Sound => return Found::Nothing,
            Came::Useless => return Found::Enough,
        }
        let smallest = self.shrink(&mut tree, plan).await;
        trial.play(stage, smallest_label, &smallest, patience).await;
        match trial.came(stage, smallest_label) {
            Came::Sound | Came::Useless if !self.slow => Found::Slowness,
            Came::Failed | Came::Sound | Came::Useless => Found::Enough,
        }
    }

    /// The smallest of what is like `failing` and fails as well.
    async fn shrink<V>(&self, tree: &mut V, failing: V::Value) -> V::Value
    where
        V: ValueTree<Value: Send + Sync> + Send,
        T: Trial<V::Value>,
    {
        let mut smallest = failing;
        let patience = self.stage.setting.timing.patience;
        let little = match self.slow {
            false => (AS_LONG * longest(&self.stage.transcript()))
                .clamp(patience / LEAST, patience / LITTLE),
            true => patience / LITTLE,
        };
        let fails = async |plan: &V::Value| {
            let apart = self.stage.apart();
            self.trial.play(&apart, SMALLEST[0], plan, little).await;
            self.trial.came(&apart, SMALLEST[0]) == Came::Failed
        };
        let until = Instant::now() + SHRINKING_FOR * patience;
        let mut more = tree.simplify();
        for _ in 0..SHRINKING {
            if !more || Instant::now() > until {
                break;
            }
            let plan = tree.current();
            more = match fails(&plan).await {
                true => {
                    smallest = plan;
                    tree.simplify()
                }
                false => tree.complicate(),
            };
        }
        // The strategy goes one way alone, and stops where that ends.
        let until = Instant::now() + SHRINKING_FOR * patience;
        let mut left = SHRINKING;
        let mut simpler = self.trial.simpler(&smallest).into_iter();
        while let Some(plan) = simpler
            .next()
            .filter(|_| left > 0 && Instant::now() <= until)
        {
            left -= 1;
            if fails(&plan).await {
                simpler = self.trial.simpler(&plan).into_iter();
                smallest = plan;
            }
        }
        smallest
    }
}

/// The longest that the target took over anything: from the connection to the last that came.
fn longest(transcript: &Transcript) -> Duration {
    let took = |connection: &Connection| {
        let first = connection.events.first()?;
        let received = |event: &&Event| matches!(event.what, What::Received(_));
        let last = connection.events.iter().rev().find(received)?;
        Some(last.at.saturating_sub(first.at))
    };
    let took = transcript.connections.iter().filter_map(took);
    took.max().unwrap_or_default()
}

/// So many of something.
pub(super) fn count(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
