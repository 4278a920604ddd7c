//! Many connections at once from one address.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Conversation;
use crate::ws::handshake::{Answer, ask_twin, own_flaws};
use futures_util::future::join_all;
use pushspec_parser::Violation;
use pushspec_reports::Severity;

/// What each connection may read: there are many.
const WEIGHT: usize = 16 * 1024;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = Case::new(
        "ws/hs/second-connection",
        Severity::Informational,
        &[Need::Open],
        &["rfc6455/4.2.1/reject-nonconforming-handshake"],
        Crowd,
    )
    .in_set(Set::Hardening)
    .weighing(WEIGHT)
    .alone();
    [case.about(
        "50 connections from one address, open at the same time",
        "recorded: how many are accepted; each 101 answers the key of its own connection",
    )]
    .into_iter()
}

struct Crowd;

impl Experiment for Crowd {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            // Not `LABELS.map`: an array of 50 handshakes under way lies on the stack, several times where nothing is optimised.
            let opening = LABELS
                .into_iter()
                .map(|label| Conversation::open(stage, label));
            let open = join_all(opening).await;
            join_all(open.into_iter().map(|mut conversation| async move {
                conversation.part().await;
            }))
            .await;
            ask_twin(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let (mut accepted, mut first_refusal) = (0, None);
        for label in LABELS {
            let answer = Answer::to(transcript, label);
            if !answer.is_accepted() {
                first_refusal.get_or_insert(answer);
                continue;
            }
            accepted += 1;
            let flaws = own_flaws(transcript, label);
            if let Some(flaw) = flaws
                .iter()
                .find(|flaw| flaw.violation == Violation::AcceptWrong)
            {
                return Judgement::fail(
                    "with many handshakes at once a 101 answered the key of another connection: under load clients \
                     give up now and then",
                )
                .by(flaw.violation.requirement())
                .at(Spot::received(label, flaw.offset));
            }
        }
        let all = LABELS.len();
        match first_refusal {
            None => Judgement::info(format!("all of {all} connections were accepted")),
            Some(refusal) => Judgement::info(format!(
                "{accepted} of {all} connections were accepted; the first other answer: {refusal}"
            ))
            .resting_on("ambiguity/handshakes-in-parallel"),
        }
    }
}

/// The names of the connections.
const LABELS: [&str; 50] = [
    "crowd 1", "crowd 2", "crowd 3", "crowd 4", "crowd 5", "crowd 6", "crowd 7", "crowd 8",
    "crowd 9", "crowd 10", "crowd 11", "crowd 12", "crowd 13", "crowd 14", "crowd 15", "crowd 16",
    "crowd 17", "crowd 18", "crowd 19", "crowd 20", "crowd 21", "crowd 22", "crowd 23", "crowd 24",
    "crowd 25", "crowd 26", "crowd 27", "crowd 28", "crowd 29", "crowd 30", "crowd 31", "crowd 32",
    "crowd 33", "crowd 34", "crowd 35", "crowd 36", "crowd 37", "crowd 38", "crowd 39", "crowd 40",
    "crowd 41", "crowd 42", "crowd 43", "crowd 44", "crowd 45", "crowd 46", "crowd 47", "crowd 48",
    "crowd 49", "crowd 50",
];
