//! `ws/ctl/ping-burst`: ten pings at once. Only the latest that waits needs a pong (RFC 6455 section 5.5.3).

use crate::case::{Case, Experiment, Need};
use crate::declared::{Profile, Reading};
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::is_farewell;
use crate::ws::outcome::{manner, opened};
use crate::ws::unasked::{closes_unasked, say_nothing};
use crate::ws::{Conversation, Dialogue, Frame, Segments};
use pushspec_reports::Severity;

const LABEL: &str = "burst";

/// How many pings.
const PINGS: usize = 10;

struct Burst(Segments);

pub(super) fn cases() -> [Case; 2] {
    [("whole", Segments::One), ("bytewise", Segments::Bytes(1))].map(|(name, segments)| {
        Case::new(
            format!("ws/ctl/ping-burst-10-{name}"),
            Severity::Minor,
            &[Need::Open],
            &["rfc6455/5.5.3/pong-most-recent-only"],
            Burst(segments),
        )
        .about(
            format!("ten numbered pings, {segments}"),
            "a pong for the last ping; those for the others may be left out, but come in order",
        )
    })
}

fn payload(number: usize) -> Vec<u8> {
    format!("ping {number} of {PINGS}").into_bytes()
}

/// The target said good-bye instead of the pong that is due: to all, perhaps.
fn is_dismissed(heard: &Dialogue) -> bool {
    heard.pong(&payload(PINGS)).is_none() && heard.close().is_some_and(is_farewell)
}

impl Experiment for Burst {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            let pings: Vec<Frame> = (1..=PINGS)
                .map(|number| Frame::ping(payload(number)))
                .collect();
            conversation.say(&pings, self.0).await;
            let last = payload(PINGS);
            conversation
                .wait_for_each(
                    "a pong for the last of ten pings",
                    |heard| heard.pongs.len().min(PINGS),
                    |heard| heard.pong(&last).is_some() || heard.is_ending(),
                )
                .await;
            conversation.part().await;
            if is_dismissed(conversation.heard()) {
                say_nothing(stage, LABEL).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let answered: Vec<(usize, u64)> = heard
            .pongs
            .iter()
            .filter_map(|pong| {
                let number = (1..=PINGS).find(|&number| pong.payload == payload(number))?;
                Some((number, pong.offset))
            })
            .collect();
        let numbers: Vec<String> = answered
            .iter()
            .map(|(number, _)| number.to_string())
            .collect();
        let numbers = numbers.join(", ");
        if !answered.iter().any(|&(number, _)| number == PINGS) {
            if let Some(unasked) = closes_unasked(transcript).filter(|_| is_dismissed(&heard)) {
                return unasked;
            }
            let came = match answered.as_slice() {
                [] => "none was answered".into(),
                _ => format!("pongs came for {numbers}"),
            };
            return match heard.is_ending() {
                true => Judgement::fail(format!(
                    "the last of ten pings was not answered: {came}, then {}",
                    manner(&heard)
                ))
                .to_confirm_alone(),
                false => Judgement::fail(format!("the last of ten pings was not answered: {came}"))
                    .resting_on_silence(),
            }
            .by("rfc6455/5.5.2/pong-required");
        }
        if let Some(pair) = answered.windows(2).find(|pair| pair[0].0 > pair[1].0) {
            return Judgement::warn(format!(
                "the pongs came in another order than the pings: {numbers}"
            ))
            .at(Spot::received(LABEL, pair[1].1));
        }
        if let Some(pair) = answered.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Judgement::info(format!("a ping was answered more than once: {numbers}"))
                .by("rfc6455/5.5.3/unsolicited-pong")
                .at(Spot::received(LABEL, pair[1].1));
        }
        match (answered.len(), reading.profile) {
            (PINGS, _) => Judgement::pass("all ten pings were answered, in order"),
            (_, Profile::Autobahn) => Judgement::fail(format!(
                "not all ten pings were answered, only {numbers}, which RFC 6455 allows and Autobahn does not"
            )),
            (_, Profile::Standard | Profile::Strict | Profile::Browser) => Judgement::pass(
                format!("the last of ten pings was answered, and of the others some: {numbers}"),
            )
            .resting_on("ambiguity/pong-burst"),
        }
    }
}
