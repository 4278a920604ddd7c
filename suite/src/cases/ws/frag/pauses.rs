//! `ws/frag/pings-with-pauses`: pings inside a message that is not finished until they are answered.
//!
//! A server that answers only when the message is complete keeps the letter of section 5.4, but a client that uses pings
//! to see whether anybody is there gives up on it in the middle of a large message.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::{Compared, Message, flaw, is_farewell, say_last};
use crate::ws::outcome::opened;
use crate::ws::{Conversation, Dialogue, Frame, Segments};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

const LABEL: &str = "pauses";

/// What is waited for before the message goes on.
const PONG: &str = "a pong inside a message";

/// Short: what is sent byte by byte takes its time.
const FIRST_PING: &str = "two";
const SECOND_PING: &str = "four";

/// What is said when the message came back.
const LAST: &str = "behind the message";

struct Pauses(Segments);

pub(super) fn cases() -> [Case; 2] {
    let ways = [
        ("framewise", Segments::Frames),
        ("bytewise", Segments::Bytes(1)),
    ];
    ways.map(|(name, segments)| {
        Case::new(
            format!("ws/frag/pings-with-pauses-{name}"),
            Severity::Major,
            &[Need::Echo],
            &[
                "rfc6455/5.4/handle-control-mid-message",
                "rfc6455/5.5.2/pong-prompt",
                "rfc6455/5.5.2/pong-required",
            ],
            Pauses(segments),
        )
        .about(
            format!(
                "a text in five fragments with two pings among them, {segments}; it goes on when a ping is answered"
            ),
            "a pong for each ping before the message is complete; then the message comes back, joined",
        )
    })
}

/// What is sent before the first pause, before the second, and in the end.
fn parts() -> [Vec<Frame>; 3] {
    let more = |payload: &str| Frame::continuation(payload).unfinished();
    [
        vec![
            Frame::text("one, ").unfinished(),
            more("two, "),
            Frame::ping(FIRST_PING),
        ],
        vec![more("three, "), more("four, "), Frame::ping(SECOND_PING)],
        vec![Frame::continuation("five")],
    ]
}

fn expected() -> [Message; 2] {
    let message = |payload: &str, frames| Message {
        opcode: Opcode::TEXT,
        payload: payload.into(),
        frames,
    };
    [message("one, two, three, four, five", 5), message(LAST, 1)]
}

impl Experiment for Pauses {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            let [first, second, last] = parts();
            let mut waited = Waited::Met;
            for (part, ping) in [(first, FIRST_PING), (second, SECOND_PING)] {
                conversation.say(&part, self.0).await;
                // Whoever kept us waiting for the first may answer when the message is complete: once shows enough.
                if waited == Waited::Met {
                    let answered = |heard: &Dialogue| {
                        heard.pong(ping.as_bytes()).is_some() || heard.is_ending()
                    };
                    waited = conversation.wait(PONG, answered).await;
                }
            }
            self.finish(&mut conversation, &last).await;
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let expected = expected();
        let compared = Compared::of(&expected, &heard.messages);
        // The last message is not sent before a pong came; a good-bye in place of both is judged as one in its place.
        let dismissed = heard.close().is_some_and(is_farewell);
        if !answered(&heard) && !dismissed && compared.missing != Some(0) {
            return Judgement::fail(
                "the last of the pings inside a message was never answered, not even when the message had come back",
            )
            .by("rfc6455/5.5.2/pong-required")
            .resting_on_silence();
        }
        if let Some(judgement) = flaw(LABEL, &expected, &compared, &heard, reading) {
            return judgement;
        }
        let late = transcript
            .connection(LABEL)
            .and_then(|connection| connection.timed_out())
            .is_some_and(|(awaited, _)| awaited == PONG);
        match heard.pongs.first() {
            Some(pong) if late => Judgement::warn(
                "pings inside a message were answered when the message was complete and not before: a client that \
                 sends a large message takes the connection for dead",
            )
            .by("rfc6455/5.5.2/pong-prompt")
            .at(Spot::received(LABEL, pong.offset))
            .resting_on_silence(),
            Some(_) | None => Judgement::pass(
                "each ping was answered inside the message, and the message came back",
            ),
        }
    }
}

/// Whether the pings were answered: where they pile up, the latest needs a pong (section 5.5.3).
fn answered(heard: &Dialogue) -> bool {
    heard.pong(SECOND_PING.as_bytes()).is_some()
}

impl Pauses {
    async fn finish(&self, conversation: &mut Conversation, last: &[Frame]) {
        if conversation.heard().is_ending() {
            return;
        }
        conversation.say(last, self.0).await;
        let [message, _] = expected();
        say_last(conversation, &[message], answered, Frame::text(LAST)).await;
    }
}
