//! Checks of every frame that a target sends.

use super::{Check, Sighting};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;

/// What was said on one connection, decoded once for all checks.
pub struct Overheard<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What the target said on it.
    pub heard: Dialogue,
}

impl<'a> Overheard<'a> {
    /// Decodes a connection.
    pub fn of(connection: &'a Connection) -> Self {
        Self {
            connection,
            heard: Dialogue::of(connection),
        }
    }

    /// How many bytes of frames there are to judge.
    pub fn bytes(&self) -> u64 {
        self.heard.frame_bytes
    }
}

/// The checks, in catalogue order.
pub const CHECKS: &[Check] = &[];

/// An ordinary conversation: a text, a ping, a Close.
pub(super) fn observation() -> Case {
    Case::new(
        "ws/passive/observation",
        Severity::Informational,
        &[Need::Open],
        &[],
        Observation,
    )
}

struct Observation;

impl Experiment for Observation {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, "observation").await;
            conversation
                .send(&[Frame::text("pushspec"), Frame::ping("pushspec")])
                .await;
            conversation
                .wait("a pong", |heard| heard.pong(b"pushspec").is_some())
                .await;
            conversation.part().await;
        })
    }

    fn judge(&self, _: &Transcript, _: &Reading) -> Judgement {
        Judgement::info("observed")
    }
}

#[allow(dead_code)]
fn unused(_: Sighting) {}
