//! Looks for an exchange that fails: legal conversations, or such with a breach in them.

use super::draft::{Draft, conversation, prefix};
use super::exchange::Exchange;
use super::model::{Breach, State};
use super::plant::Plant;
use super::play::play;
use super::verdict::{Judged, Sort};
use crate::cases::generated::{Came, Search, Trial};
use crate::declared::Reading;
use crate::stage::Stage;
use crate::transport::Boxed;
use crate::ws::compression::Compression;
use proptest::prelude::{Strategy, any};
use std::time::Duration;

/// Legal conversations of a run.
const CONVERSATIONS: usize = 32;

/// Messages and control frames of one, at most.
const STEPS: usize = 6;

/// How often each breach is planted.
const PLANTED: usize = 3;

/// Messages and control frames before a breach, at most.
const STEPS_BEFORE: usize = 4;

/// Something that can be played once it is known what was agreed on.
trait Plan: Send + Sync + Sized {
    fn exchange(&self, agreed: Option<&Compression>) -> Exchange;

    /// What is simpler by one step.
    fn simpler(&self) -> Vec<Self>;
}

impl Plan for Draft {
    fn exchange(&self, agreed: Option<&Compression>) -> Exchange {
        self.exchange(self.frames(agreed))
    }

    fn simpler(&self) -> Vec<Self> {
        self.simpler()
    }
}

impl Plan for (Draft, Plant) {
    fn exchange(&self, agreed: Option<&Compression>) -> Exchange {
        let (draft, plant) = self;
        draft.exchange(plant.spoil(draft.frames(agreed), agreed))
    }

    fn simpler(&self) -> Vec<Self> {
        let (draft, plant) = self;
        let simpler = draft.simpler().into_iter();
        simpler.map(|draft| (draft, *plant)).collect()
    }
}

/// Plays exchanges until one fails, legal ones where there is nothing to plant.
pub(super) async fn search(stage: &Stage, sort: Sort, breaches: &[(Breach, State)]) {
    let conversing = Conversing { sort };
    let mut search = Search::new(stage, &conversing);
    if breaches.is_empty() {
        let strategy = conversation(STEPS);
        for _ in 0..CONVERSATIONS {
            if search.is_over(&strategy).await {
                return;
            }
        }
    }
    for &(breach, state) in breaches.iter().cycle().take(PLANTED * breaches.len()) {
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
        if search.is_over(&strategy).await {
            return;
        }
    }
}

/// How exchanges are played.
struct Conversing {
    sort: Sort,
}

impl<P: Plan> Trial<P> for Conversing {
    fn play<'a>(
        &'a self,
        stage: &'a Stage,
        label: &'static str,
        plan: &'a P,
        patience: Duration,
    ) -> Boxed<'a, ()> {
        Box::pin(play(stage, label, self.sort.packed, patience, |agreed| {
            plan.exchange(agreed)
        }))
    }

    fn simpler(&self, plan: &P) -> Vec<P> {
        plan.simpler()
    }

    fn came(&self, stage: &Stage, label: &str) -> Came {
        let transcript = stage.transcript();
        let Some(connection) = transcript.connection(label) else {
            return Came::Useless;
        };
        let reading = Reading {
            timing: stage.setting.timing,
            ..Reading::default()
        };
        let judged = Judged::of(&transcript, connection, self.sort, &reading);
        match judged.is_failed() {
            true => Came::Failed,
            // A target that is gone, or answers no handshake any more, answers none of the others.
            false if judged.frames == 0 => Came::Useless,
            false => Came::Sound,
        }
    }
}
