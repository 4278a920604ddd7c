//! `sse/enc`: what an application hands to its event writer, and what a client reads.
//!
//! Every case asks a scripted endpoint to send some events and compares what a conforming parser makes of the bytes with
//! what was asked for. The rows of [`rows`] are the scripts, [`compare`] is the comparison.

mod compare;
mod rows;

use self::compare::{Difference, compare};
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

    /// Whether it takes its time on a thin line: as long as it comes, it is waited for.
    fn is_much(&self) -> bool {
        self.content() > ORDINARY_WEIGHT
    }
}

impl Experiment for Fidelity {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let timing = stage.setting.timing;
            let longest = match self.is_much() {
                true => timing.deadline.saturating_sub(timing.patience),
                false => 3 * timing.patience,
            };
            script::play(stage, SCRIPT, &self.script, longest).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        match played(transcript, SCRIPT) {
            Outcome::Played(played) => self.judge_played(&played, reading),
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
    fn judge_played(&self, played: &Played, reading: &Reading) -> Judgement {
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
        match compare(self, read, *over) {
            Ok(observed) => Judgement::pass(observed).at(at(None)),
            Err(Difference {
                is_missing: true,
                observed,
                offset,
                ..
            }) if played.was_flowing(reading.timing.patience) => Judgement::inconclusive(format!(
                "{observed}; it was still being written when the time of the case was up: {} gives it more",
                match self.is_much() {
                    true => "--deadline",
                    false => "--patience",
                }
            ))
            .at(at(offset)),
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

#[cfg(test)]
mod tests {
    use crate::declared::Reading;
    use crate::judgement::Judgement;
    use crate::transcript::{Connection, Event, Transcript, What};
    use pushspec_reports::Verdict::{self, Fail, Inconclusive};
    use std::time::Duration;

    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    /// What a case says of such a stream, which does not end.
    fn judged(name: &str, pieces: &[Piece], gave_up: u64) -> Judgement {
        let event = |second, what| Event {
            at: Duration::from_secs(second),
            what,
        };
        let mut events = vec![event(0, What::Received(HEAD.into()))];
        let pieces = pieces.iter();
        events.extend(
            pieces.map(|&(second, text)| event(second, What::Received(text.to_owned().into()))),
        );
        events.push(event(
            gave_up,
            What::TimedOut {
                awaited: "the end of a scripted stream",
                waited: Duration::from_secs(5),
            },
        ));
        let connections = vec![Connection {
            label: super::SCRIPT,
            events,
        }];
        let case = super::cases().into_iter().find(|case| case.id == name);
        let case = case.expect("a case of this family");
        case.experiment
            .judge(&Transcript { connections }, &Reading::default())
    }

    /// The second at which it came, and what did.
    type Piece = (u64, &'static str);

    #[test]
    fn what_was_still_being_written_is_not_missing() {
        let rows: [(&[Piece], u64, Verdict); 6] = [
            (&[(1, "data: xxx"), (54, "xxx")], 55, Inconclusive),
            (&[(1, "data: xxx"), (50, "xxx")], 55, Fail),
            // Nobody wrote more than heartbeats.
            (&[(1, "data: xxx"), (54, "\n\n: alive\n\n")], 55, Fail),
            (&[(1, "data: \n\n"), (54, ": alive\n\n")], 55, Fail),
            (&[(54, ": alive\n\n")], 55, Fail),
            // What has come is wrong by itself.
            (&[(54, "data: y\n\ndata: x")], 55, Fail),
        ];
        for (pieces, gave_up, verdict) in rows {
            let judged = judged("sse/enc/large-1m", pieces, gave_up);
            assert_eq!(judged.verdict, verdict, "{pieces:?}");
        }
    }

    #[test]
    fn an_event_more_is_not_told_as_another_one_cut() {
        let said = |stream| {
            let judged = judged("sse/enc/comment", &[(0, stream)], 5);
            assert_eq!(judged.verdict, Fail, "{stream}");
            judged.observed
        };
        // A writer that gives a comment an empty line of data.
        let more = said("data: 1\n\n: between\ndata: \n\ndata: 2\n\n");
        assert_eq!(
            more,
            "an event that nobody wrote stands before event 2 of 2: a client reads \"\" there, and then \"2\""
        );
        let cut = said("data: 1\n\n: between\n\ndata: \n\n");
        assert!(cut.contains("it is cut after 0 of 1 bytes"), "{cut}");
        let other = said("data: 1\n\n: between\n\ndata: \n\ndata: 3\n\n");
        assert!(other.contains("it is cut"), "{other}");
    }

    #[test]
    fn what_is_missing_is_missing_behind_all_that_came() {
        let judged = judged("sse/enc/large-1m", &[(1, "data: xxx")], 55);
        let spot = judged.spot.expect("a spot");
        assert_eq!(spot.offset, (HEAD.len() + "data: xxx".len()) as u64);
    }
}
