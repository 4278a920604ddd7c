//! A stream whose head does not come for those who accept a coding: a compressor holds it back until something is flushed.
//!
//! That nothing came may be owed to the crowd. So the uncoded stream is asked for while the other still waits: servers take
//! requests in the order in which they come, and one that answers the later first holds the earlier back.

use crate::http::{Exchange, Request};
use crate::judgement::Judgement;
use crate::listening::Waited;
use crate::sse::{Answer, outwait};
use crate::stage::Stage;
use std::time::Duration;

/// Waits so long for the answer to a request that accepts a coding. Where none comes, `plain` is asked under `label` meanwhile.
pub(super) async fn answered(
    stage: &Stage,
    coded: &mut Exchange,
    patience: Duration,
    label: &'static str,
    plain: &Request,
) -> Waited {
    let waited = coded.answered_within(patience).await;
    if waited != Waited::TimedOut {
        return waited;
    }
    let mut plain = Exchange::get(stage, label, plain).await;
    plain.answered().await;
    outwait(stage, coded).await;
    waited
}

/// What it means that nothing came, and that the uncoded stream, asked for later, did; none where it is not so. The later answer
/// confirms the silence, and to ask once more takes as long again.
pub(super) fn judge(accepted: &str, coded: &Answer, later: Option<Answer>) -> Option<Judgement> {
    let later = later?;
    let streams = later.reply().is_some_and(|reply| reply.is_event_stream());
    (coded.is_silent() && streams).then(|| {
        let judgement = Judgement::warn(format!(
            "a request that accepts {accepted} is answered by {}, and one that accepts no coding, made after it, by a stream at \
             once: the coded one is held back, head and all. A browser accepts codings by itself and waits",
            coded.in_words()
        ));
        judgement
            .by("sse/x/content-coding-flush")
            .at(later.spot())
            .resting_on_silence()
    })
}
