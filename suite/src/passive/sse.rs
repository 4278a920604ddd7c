//! Checks of every event stream: encoding, grammar, and what clients drop.

use super::{Check, Sighting};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use pushspec_reports::Severity;

/// An event stream that came on one connection, decoded once for all checks.
pub struct Overheard<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What was answered on it.
    pub replies: Replies,
}

impl<'a> Overheard<'a> {
    /// Decodes a connection.
    pub fn of(connection: &'a Connection) -> Self {
        Self {
            connection,
            replies: Replies::of(connection, &[]),
        }
    }

    /// The response that is an event stream, if there is one.
    pub fn stream(&self) -> Option<&Reply> {
        self.replies
            .replies
            .iter()
            .find(|reply| reply.is_event_stream())
    }

    /// How many bytes of event streams there are to judge.
    pub fn bytes(&self) -> u64 {
        self.stream().map_or(0, |reply| {
            reply
                .pieces
                .iter()
                .map(|piece| piece.bytes.len() as u64)
                .sum()
        })
    }
}

/// The checks, in catalogue order.
pub const CHECKS: &[Check] = &[];

/// A stream, watched for the observation time.
pub(super) fn observation() -> Case {
    Case::new(
        "sse/passive/observation",
        Severity::Informational,
        &[Need::Sse],
        &[],
        Observation,
    )
}

struct Observation;

impl Experiment for Observation {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let request = Request::event_source(&stage.setting);
            let mut exchange = Exchange::get(stage, "observation", &request).await;
            exchange.listen(stage.setting.timing.observe).await;
        })
    }

    fn judge(&self, _: &Transcript, _: &Reading) -> Judgement {
        Judgement::info("observed")
    }
}

#[allow(dead_code)]
fn unused(_: Sighting) {}
