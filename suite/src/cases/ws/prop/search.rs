//! Looks for an exchange that fails: generates, plays, and shrinks the first that does.
//!
//! proptest makes the exchanges and knows what is simpler; its runner blocks, so the loop is here. What is tried while
//! shrinking is nobody's evidence and goes to a stage of its own; the smallest is played again where all can see it.

use super::draft::{Draft, conversation, prefix};
use super::exchange::Exchange;
use super::model::{Breach, State};
use super::plant::Plant;
use super::play::play;
use super::verdict::Judged;
use crate::declared::Reading;
use crate::stage::Stage;
use crate::ws::compression::Compression;
use proptest::prelude::{Strategy, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand_chacha::rand_core::RngCore;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::Instant;

/// The label of the smallest exchange that fails.
pub(super) const SMALLEST: &str = "smallest";

/// Legal conversations of a run.
const CONVERSATIONS: usize = 32;

/// Messages and control frames of one, at most.
const STEPS: usize = 6;

/// How often each breach is planted.
const PLANTED: usize = 3;

/// Messages and control frames before a breach, at most.
const STEPS_BEFORE: usize = 4;

/// Exchanges that may be played to find a smaller one.
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

/// Something that can be played once it is known what was agreed on.
trait Plan: Send {
    fn exchange(&self, agreed: Option<&Compression>) -> Exchange;
}

impl Plan for Draft {
    fn exchange(&self, agreed: Option<&Compression>) -> Exchange {
        self.exchange(self.frames(agreed))
    }
}

impl Plan for (Draft, Plant) {
    fn exchange(&self, agreed: Option<&Compression>) -> Exchange {
        let (draft, plant) = self;
        draft.exchange(plant.spoil(draft.frames(agreed), agreed))
    }
}

/// Plays exchanges until one fails, legal ones where there is nothing to plant.
pub(super) async fn search(stage: &Stage, packed: bool, breaches: &[(Breach, State)]) {
    let labels = &mut LABELS.iter().copied();
    if breaches.is_empty() {
        let strategy = conversation(STEPS);
        for label in labels.take(CONVERSATIONS) {
            if attempt(stage, label, packed, &strategy).await {
                return;
            }
        }
    }
    let planted = breaches.iter().cycle().take(PLANTED * breaches.len());
    for (label, &(breach, state)) in labels.zip(planted) {
        let strategy =
            (prefix(STEPS_BEFORE), any::<(u8, u8)>()).prop_map(move |(draft, (place, which))| {
                let plant = Plant {
                    breach,
                    state,
                    place,
                    which,
                };
                (draft, plant)
            });
        if attempt(stage, label, packed, &strategy).await {
            return;
        }
    }
}

/// Plays one exchange; says whether there is no use in playing others.
async fn attempt<S>(stage: &Stage, label: &'static str, packed: bool, strategy: &S) -> bool
where
    S: Strategy<Value: Plan, Tree: Send> + Sync,
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
    play(stage, label, packed, patience, |agreed| {
        plan.exchange(agreed)
    })
    .await;
    match judged(stage, label, packed) {
        Some(judged) if judged.is_failed() => {}
        // A target that is gone, or answers no handshake any more, answers none of the others.
        Some(judged) => return judged.frames == 0,
        None => return true,
    }
    let smallest = shrink(stage, packed, &mut tree, plan).await;
    play(stage, SMALLEST, packed, patience, |agreed| {
        smallest.exchange(agreed)
    })
    .await;
    true
}

/// The smallest of what is like `failing` and fails as well.
async fn shrink<T>(stage: &Stage, packed: bool, tree: &mut T, failing: T::Value) -> T::Value
where
    T: ValueTree<Value: Plan> + Send,
{
    let mut smallest = failing;
    let patience: Duration = stage.setting.timing.patience;
    let until = Instant::now() + SHRINKING_FOR * patience;
    let mut more = tree.simplify();
    for _ in 0..SHRINKING {
        if !more || Instant::now() > until {
            break;
        }
        let plan = tree.current();
        let apart = stage.apart();
        let less = patience / LESS_PATIENCE;
        play(&apart, SMALLEST, packed, less, |agreed| {
            plan.exchange(agreed)
        })
        .await;
        let fails = judged(&apart, SMALLEST, packed).is_some_and(|judged| judged.is_failed());
        more = match fails {
            true => {
                smallest = plan;
                tree.simplify()
            }
            false => tree.complicate(),
        };
    }
    smallest
}

/// What is said of the exchange with this label. Profiles do not change what is a failure here.
fn judged(stage: &Stage, label: &str, packed: bool) -> Option<Judged> {
    let transcript = stage.transcript();
    let connection = transcript.connection(label)?;
    let reading = Reading {
        timing: stage.setting.timing,
        ..Reading::default()
    };
    Some(Judged::of(&transcript, connection, packed, &reading))
}
