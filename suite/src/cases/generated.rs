//! What cases have in common that generate what they try: they generate and play until one fails, and shrink that one.
//!
//! proptest makes what is tried and knows what is simpler; its runner blocks, so the loop is here. What is tried while
//! shrinking is nobody's evidence and goes to a stage of its own; the smallest is played again where all can see it.

use crate::stage::Stage;
use crate::transport::Boxed;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand_chacha::rand_core::RngCore;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::Instant;

/// The label of the smallest that fails.
pub(super) const SMALLEST: &str = "smallest";

/// How many may be played to find a smaller one.
const SHRINKING: usize = 128;

/// How long that may take: so many patiences.
const SHRINKING_FOR: u32 = 4;

/// While shrinking, silence is believed after this part of the patience: the smallest is given all of it.
const LESS_PATIENCE: u32 = 16;

/// More than any case plays.
const LABELLED: usize = 99;

/// One label for each exchange.
static LABELS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let label = |number| &*format!("exchange {number:02}").leak();
    (1..=LABELLED).map(label).collect()
});

/// The labels of what is tried, in order.
pub(super) fn labels() -> impl Iterator<Item = &'static str> + Send {
    LABELS.iter().copied()
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
}

/// Tries one; says whether there is no use in trying others.
pub(super) async fn attempt<S>(
    stage: &Stage,
    label: &'static str,
    strategy: &S,
    trial: &impl Trial<S::Value>,
) -> bool
where
    S: Strategy<Value: Send + Sync, Tree: Send> + Sync,
{
    let mut seed = [0; 32];
    stage.random(label).fill_bytes(&mut seed);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let Ok(mut tree) = strategy.new_tree(&mut runner) else {
        return false;
    };
    let patience = stage.setting.timing.patience;
    let plan = tree.current();
    trial.play(stage, label, &plan, patience).await;
    match trial.came(stage, label) {
        Came::Failed => {}
        Came::Sound => return false,
        Came::Useless => return true,
    }
    let smallest = shrink(stage, &mut tree, plan, trial).await;
    trial.play(stage, SMALLEST, &smallest, patience).await;
    true
}

/// The smallest of what is like `failing` and fails as well.
async fn shrink<T>(
    stage: &Stage,
    tree: &mut T,
    failing: T::Value,
    trial: &impl Trial<T::Value>,
) -> T::Value
where
    T: ValueTree<Value: Send + Sync> + Send,
{
    let mut smallest = failing;
    let patience = stage.setting.timing.patience;
    let until = Instant::now() + SHRINKING_FOR * patience;
    let mut more = tree.simplify();
    for _ in 0..SHRINKING {
        if !more || Instant::now() > until {
            break;
        }
        let plan = tree.current();
        let apart = stage.apart();
        trial
            .play(&apart, SMALLEST, &plan, patience / LESS_PATIENCE)
            .await;
        more = match trial.came(&apart, SMALLEST) {
            Came::Failed => {
                smallest = plan;
                tree.simplify()
            }
            Came::Sound | Came::Useless => tree.complicate(),
        };
    }
    smallest
}
