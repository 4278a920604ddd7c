//! `sse/enc`: what an application hands to its event writer, and what a client reads.
//!
//! Every case asks a scripted endpoint to send some events and compares what a conforming parser makes of the bytes with
//! what was asked for. The rows of [`rows`] are the scripts, [`compare`] is the comparison.

mod compare;
mod rows;

use self::compare::compare;
use self::rows::Fidelity;
use super::played::{Outcome, Played, played, refused_ordinary};
use crate::case::{Case, Experiment, Need, ORDINARY_WEIGHT};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::sse::script;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;

/// A case that weighs more runs while nothing else does.
const HEAVY: usize = 8 * 1024 * 1024;

/// The connection on which the script is asked for.
const SCRIPT: &str = "script";

pub(super) fn cases() -> Vec<Case> {
    let case = |row: Fidelity| {
        let id = format!("sse/enc/{}", row.name);
        let (title, expected) = (row.title.clone(), row.expected);
        let weight = ORDINARY_WEIGHT.max(row.content());
        let case = Case::new(id, row.severity, &[Need::Script], row.requirements, row)
            .about(title, expected)
            .weighing(weight);
        // What would keep all others waiting for room goes last.
        match weight > HEAVY {
            true => case.alone(),
            false => case,
        }
    };
    rows::rows().into_iter().map(case).collect()
}

impl Fidelity {
    /// How much may come at most: the content, the framing around it, and a broken writer's excess.
    fn content(&self) -> usize {
        let (events, data) = script::extent(&self.script);
        2 * (data + 64 * events)
    }
}

impl Experiment for Fidelity {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let longest = 3 * stage.setting.timing.patience;
            script::play(stage, SCRIPT, &self.script, longest).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        match played(transcript, SCRIPT) {
            Outcome::Played(played) => self.judge_played(&played),
            Outcome::Not(judgement) => judgement,
            Outcome::Refused(answer) if self.odd => Judgement::info(format!(
                "the endpoint refuses to write it: {}; nothing is lost unseen",
                answer.in_words()
            ))
            .at(answer.spot()),
            Outcome::Refused(answer) => refused_ordinary(&answer, self.what),
        }
    }
}

impl Fidelity {
    fn judge_played(&self, played: &Played) -> Judgement {
        let Played { answer, read, over } = played;
        let begin = answer.reply().map_or(0, |reply| reply.offset_of(0));
        let at = |offset: Option<u64>| {
            let offset = answer
                .reply()
                .zip(offset)
                .map_or(begin, |(reply, offset)| reply.offset_of(offset));
            Spot::received(answer.label, offset)
        };
        if read.undecodable || read.cut {
            return Judgement::inconclusive(
                "the stream is in a content coding that nobody asked for, and cannot be decoded whole",
            )
            .at(at(None));
        }
        match compare(self, read) {
            Ok(observed) => Judgement::pass(observed).at(at(None)),
            Err(difference) => {
                let judgement = Judgement::new(difference.verdict, difference.observed)
                    .at(at(difference.offset));
                // What is missing at the end of a stream that has not ended may still come.
                match over {
                    true => judgement.to_confirm_alone(),
                    false => judgement.resting_on_silence(),
                }
            }
        }
    }
}
