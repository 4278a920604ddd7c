//! `ws/ctl/ping-during-echo`: where the pong comes when a ping arrives while a large echo is on its way.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::{Compared, Message, binary, flaw, is_farewell, say_last};
use crate::ws::outcome::opened;
use crate::ws::words::other_than;
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

const LABEL: &str = "large echo";

const PING: &[u8] = b"while an echo comes";

/// More than a TCP connection holds on its way, mostly.
const LARGE: usize = 1 << 20;

pub(super) fn case() -> Case {
    Case::new(
        "ws/ctl/ping-during-echo",
        Severity::Minor,
        &[Need::Echo],
        &["rfc6455/5.5.2/pong-prompt", "rfc6455/5.5.2/pong-required"],
        DuringEcho,
    )
    .about(
        "a message of 1 MiB; when its echo begins to come, a ping",
        "a pong: where it stands is recorded",
    )
    .weighing(4 * LARGE)
}

struct DuringEcho;

fn large() -> Message {
    Message {
        opcode: Opcode::BINARY,
        payload: binary(LARGE),
        frames: 1,
    }
}

/// A last message, behind the echo and the pong.
fn small() -> Message {
    Message {
        opcode: Opcode::TEXT,
        payload: b"when the echo had come".to_vec(),
        frames: 1,
    }
}

fn frame(message: Message) -> Frame {
    Frame::new(message.opcode, message.payload)
}

impl Experiment for DuringEcho {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            conversation.send(&[frame(large())]).await;
            conversation
                .wait("the first bytes of an echo", |heard| {
                    heard.frame_bytes > 0 || heard.is_ending()
                })
                .await;
            conversation.send(&[Frame::ping(PING)]).await;
            let ponged = |heard: &Dialogue| heard.pong(PING).is_some();
            say_last(&mut conversation, &[large()], ponged, frame(small())).await;
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let expected = [large(), small()];
        let compared = Compared::of(&expected, &heard.messages);
        let Some(pong) = heard.pong(PING) else {
            let dismissed = heard.close().is_some_and(is_farewell);
            if (compared.missing == Some(0) || dismissed)
                && let Some(judgement) = flaw(LABEL, &expected, &compared, &heard, reading)
            {
                return judgement;
            }
            let judgement = match heard.pongs.first() {
                Some(other) => Judgement::fail(format!(
                    "a ping that came while a large echo was on its way was answered by a pong with other bytes: {}",
                    other_than(PING, &other.payload)
                ))
                .by("rfc6455/5.5.3/pong-identical-data")
                .at(Spot::received(LABEL, other.offset)),
                None => Judgement::fail(
                    "a ping that came while a large echo was on its way was never answered",
                )
                .by("rfc6455/5.5.2/pong-required"),
            };
            return match heard.end {
                Some(_) => judgement.to_confirm_alone(),
                None => judgement.resting_on_silence(),
            };
        };
        if let Some(judgement) = flaw(LABEL, &expected, &compared, &heard, reading) {
            return judgement.by("rfc6455/6.1/transmit");
        }
        let echo = heard
            .messages
            .iter()
            .find(|message| message.payload.len() == LARGE)
            .map_or(0, |message| message.offset);
        let rest_of_echo = heard
            .frames
            .iter()
            .any(|frame| frame.offset > pong.offset && frame.header.opcode == Opcode::CONTINUATION);
        let place = match (pong.offset < echo, rest_of_echo) {
            (true, _) => "before the echo",
            (false, true) => "between the frames of the echo",
            (false, false) => "behind the echo",
        };
        Judgement::info(format!(
            "a ping that came while a large echo was on its way was answered {place}"
        ))
        .resting_on("ambiguity/pong-and-echo-order")
        .at(Spot::received(LABEL, pong.offset))
    }
}
