//! `ws/ctl/ping-burst`: ten pings at once, and nine times ten more, each time when the last was answered: a target may count.
//! Only the latest that waits needs a pong (RFC 6455 section 5.5.3). Never more than ten wait: targets protect themselves from
//! those who do not read their pongs, npm ws by dropping who has more than sixty on the way.

use crate::case::{Case, Experiment, Need};
use crate::declared::{Profile, Reading};
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript, What};
use crate::transport::Boxed;
use crate::ws::echo::is_farewell;
use crate::ws::outcome::{manner, opened};
use crate::ws::unasked::{closes_unasked, say_nothing};
use crate::ws::{Conversation, Dialogue, Frame, Segments};
use pushspec_parser::ws::{FrameDecoder, FrameEvent, Opcode};
use pushspec_reports::Severity;
use tokio::time::Instant;

const LABEL: &str = "burst";

/// How many pings.
const PINGS: usize = 10;

/// How many more.
const MORE: usize = 90;

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
            format!("ten numbered pings, {segments}; ten more whenever the last was answered, a hundred in all"),
            "a pong for the last of each ten; those for the others may be left out, but come in order",
        )
    })
}

fn payload(number: usize) -> Vec<u8> {
    format!("ping {number} of {PINGS}").into_bytes()
}

fn one_more(number: usize) -> Vec<u8> {
    format!("ping {number} of {MORE} more").into_bytes()
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
            let began = Instant::now();
            conversation.say(&pings, self.0).await;
            let last = payload(PINGS);
            conversation
                .wait_for_each(
                    "a pong for the last of ten pings",
                    |heard| heard.pongs.len().min(PINGS),
                    |heard| heard.pong(&last).is_some() || heard.is_ending(),
                )
                .await;
            // A target that is slow with ten takes too long over a hundred.
            let is_quick = began.elapsed() < stage.setting.timing.at_once;
            let answered = conversation.heard().pong(&last).is_some();
            if is_quick && answered && !conversation.heard().is_ending() {
                ten_by_ten(&mut conversation).await;
            }
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
        let was_asked = transcript
            .connection(LABEL)
            .is_some_and(|it| pings_sent(it) > PINGS);
        if let Some(judgement) = stopped(&heard).filter(|_| was_asked) {
            return judgement;
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

/// The other pings, as long as the target keeps up.
async fn ten_by_ten(conversation: &mut Conversation) {
    for first in (1..=MORE).step_by(PINGS) {
        let last = one_more(first + PINGS - 1);
        let more: Vec<Frame> = (first..first + PINGS)
            .map(|number| Frame::ping(one_more(number)))
            .collect();
        conversation.send(&more).await;
        conversation
            .wait_for_each(
                "a pong for the last of ten more pings",
                |heard| heard.pongs.len().min(PINGS + MORE),
                |heard| heard.pong(&last).is_some() || heard.is_ending(),
            )
            .await;
        if conversation.heard().pong(&last).is_none() {
            return;
        }
    }
}

/// How many pings we sent.
fn pings_sent(connection: &Connection) -> usize {
    let mut decoder = FrameDecoder::new();
    let mut pings = 0;
    let sent = connection
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Sent(bytes) => Some(bytes),
            _ => None,
        });
    // The handshake went out in one piece.
    for bytes in sent.skip(1) {
        decoder.feed(bytes, |event| {
            if let FrameEvent::Header { header, .. } = event {
                pings += usize::from(header.opcode == Opcode::PING);
            }
        });
    }
    pings
}

/// What is said of a target that answered the last of ten pings, and not all that came later; none where it did.
fn stopped(heard: &Dialogue) -> Option<Judgement> {
    if heard.pong(&one_more(MORE)).is_some() {
        return None;
    }
    let (of_all, pongs) = (PINGS + MORE, heard.pongs.len());
    let ends = format!(
        "{pongs} pings were answered, never more than ten waiting; those behind them by {}",
        manner(heard)
    );
    // Section 10.4: what one client asks may be counted.
    let judgement = match heard.close() {
        None if heard.end.is_none() => {
            return Some(
                Judgement::fail(format!(
                    "{pongs} pings were answered, never more than ten waiting, and no more: {of_all} were to come"
                ))
                .by("rfc6455/5.5.2/pong-required")
                .resting_on_silence(),
            );
        }
        None => Judgement::warn(format!("{ends}: a limit is told by Close 1008"))
            .by("rfc6455/10.4/impose-limits"),
        Some(close) if close.code == Some(1008) || is_farewell(close) => {
            Judgement::info(format!("the target has a limit: {ends}"))
                .by("rfc6455/10.4/impose-limits")
        }
        Some(_) => Judgement::fail(ends).by("rfc6455/5.5.2/pong-required"),
    };
    Some(judgement.to_confirm_alone())
}
