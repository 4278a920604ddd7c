//! Frames where none are due: of the client before the 101, of the server right behind it.
//!
//! A client that does not wait for the 101 breaks a MUST of its own (RFC 6455 section 4.1), so a server may process,
//! drop or refuse what it sent. It may not fall out of step: lose a part of a frame and take the rest for another.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Transcript, What};
use crate::transport::Boxed;
use crate::ws::after_fault::{manner, opened};
use crate::ws::handshake::{Answer, Rejection, ask_twin, twin_accepted};
use crate::ws::{Conversation, Dialogue, Frame, Masking};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;
use std::time::Duration;

const EARLY: &str = "early";

const OPEN: &str = "ambiguity/early-frames";

const IN_STEP: &str = "rfc6455/6.2/parse-as-frames";

/// In the frame that comes too early. Whatever part of it is taken for a header, unmasked with [`KEY`] or not, has
/// reserved bits set.
const PAYLOAD: &[u8] = b"early-frame";

const KEY: [u8; 4] = [1, 2, 3, 4];

/// In the frames that come when they are due.
const CANARY: &[u8] = b"canary";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let early = |id, what, early| {
        let requirements = &["rfc6455/4.1/client-waits-for-response", IN_STEP];
        Case::new(
            id,
            Severity::Informational,
            &[Need::Open, Need::Echo],
            requirements,
            early,
        )
        .about(
            what,
            "recorded: the frame may be processed, dropped or refused, but what follows it is read in step",
        )
    };
    let frame_with_101 = Case::new(
        "ws/hs/frame-with-101",
        Severity::Informational,
        &[Need::Open],
        &[
            "rfc6455/4.2.2/open-after-handshake",
            "rfc6455/5.1/data-any-time",
        ],
        FirstFrame,
    )
    .about(
        "whether the server sends frames of its own accord right behind the 101",
        "recorded: it may, in the segment of the 101 even",
    );
    [
        early(
            "ws/hs/early-frames-text",
            "a handshake with a text message in the same segment",
            Early::Text,
        ),
        early(
            "ws/hs/early-frames-ping",
            "a handshake with a ping in the same segment",
            Early::Ping,
        ),
        early(
            "ws/hs/early-frames-half-frame",
            "a handshake with the first half of a text message in the same segment, and the rest behind the 101",
            Early::HalfFrame,
        ),
        frame_with_101,
    ]
    .into_iter()
}

/// What comes too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Early {
    Text,
    Ping,
    HalfFrame,
}

impl Early {
    /// The bytes that come with the handshake, and those that come behind the 101.
    fn halves(self) -> (Vec<u8>, Vec<u8>) {
        let frame = match self {
            Self::Text | Self::HalfFrame => Frame::text(PAYLOAD),
            Self::Ping => Frame::ping(PAYLOAD),
        };
        let mut early = Vec::new();
        frame.masked(Masking::Key(KEY)).encode(KEY, &mut early);
        let rest = match self {
            Self::Text | Self::Ping => Vec::new(),
            Self::HalfFrame => early.split_off(early.len() - PAYLOAD.len() / 2),
        };
        (early, rest)
    }

    fn was_processed(self, heard: &Dialogue) -> bool {
        match self {
            Self::Text | Self::HalfFrame => came_back(heard, PAYLOAD),
            Self::Ping => heard.pong(PAYLOAD).is_some(),
        }
    }
}

impl Experiment for Early {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let (early, rest) = self.halves();
            let mut request = Request::opening(stage, EARLY);
            request.body = early;
            let mut conversation = Conversation::connect(stage, EARLY).await;
            conversation.send_bytes(request.encode()).await;
            conversation.opened().await;
            if !conversation.heard().is_open() {
                drop(conversation);
                return ask_twin(stage).await;
            }
            if *self == Self::HalfFrame {
                // A server that breaks off because of the half does so while it serves another handshake: what ends
                // behind the other half fell over that.
                ask_twin(stage).await;
                conversation.listen(Duration::ZERO).await;
            }
            if !conversation.heard().is_ending() {
                let canary = conversation.encode(&[Frame::ping(CANARY), Frame::text(CANARY)]);
                conversation.send_bytes([rest, canary].concat()).await;
                let reacted = |heard: &Dialogue| came_back(heard, CANARY) || heard.is_ending();
                conversation.wait("the echo of a text", reacted).await;
            }
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = Answer::to(transcript, EARLY);
        match &answer {
            Answer::Unreached(reason) => {
                return Judgement::inconclusive(reason.clone()).to_confirm_alone();
            }
            Answer::Rejected(Rejection::NotHttp { offset }) => {
                return Judgement::warn(
                    "the early frame was answered before the handshake: a client takes the answer for a broken response",
                )
                .by("rfc6455/4.2.2/open-after-handshake")
                .at(Spot::received(EARLY, *offset));
            }
            Answer::Rejected(
                Rejection::Response(_)
                | Rejection::Ended(_)
                | Rejection::Endless
                | Rejection::Silence,
            ) => {
                return match twin_accepted(transcript, &answer) {
                    Ok(()) => Judgement::info(format!("refused: answered by {answer}"))
                        .resting_on(OPEN)
                        .to_confirm_alone(),
                    Err(inconclusive) => inconclusive,
                };
            }
            Answer::Accepted(_) => {}
        }
        let heard = match opened(transcript, EARLY) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let fate = match self.was_processed(&heard) {
            true => "processed",
            false => "dropped",
        };
        if is_in_step(&heard) {
            return Judgement::info(format!(
                "the early frame is {fate}, and what follows is read in step"
            ))
            .resting_on(OPEN);
        }
        if heard.is_ending() && (*self != Self::HalfFrame || ended_before_the_rest(transcript)) {
            return Judgement::info(format!("refused behind the 101: {}", manner(&heard)))
                .resting_on(OPEN);
        }
        let observed = match heard.end.is_some() || heard.close().is_some() {
            true => format!(
                "the connection broke down behind the early frame: {}",
                manner(&heard)
            ),
            false => "nothing was answered behind the early frame".into(),
        };
        let judgement = Judgement::warn(format!(
            "{observed}. The part that came with the handshake was lost, and the rest was misread: with an eager \
             client, or a proxy that joins segments, connections fail now and then"
        ))
        .by(IN_STEP)
        .resting_on(OPEN);
        match heard.is_ending() {
            true => judgement,
            false => judgement.resting_on_silence(),
        }
    }
}

/// Whether what came in its time was read as it was sent.
fn is_in_step(heard: &Dialogue) -> bool {
    came_back(heard, CANARY) || heard.pong(CANARY).is_some()
}

/// Whether a message has these bytes, of whatever type: that the type is right is for others to say.
fn came_back(heard: &Dialogue, payload: &[u8]) -> bool {
    let mut messages = heard.messages.iter();
    messages.any(|message| message.payload == payload)
}

/// Whether the target was done with the connection when the rest of the frame was due.
fn ended_before_the_rest(transcript: &Transcript) -> bool {
    let sent = |connection: &crate::transcript::Connection| {
        let events = connection.events.iter();
        events
            .filter(|event| matches!(event.what, What::Sent(_)))
            .count()
    };
    transcript
        .connection(EARLY)
        .is_some_and(|early| sent(early) < 2)
}

/// Frames of the server that nothing asked for.
struct FirstFrame;

const ORDINARY: &str = "ordinary";

impl Experiment for FirstFrame {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, ORDINARY).await;
            if conversation.heard().is_open() {
                conversation.send(&[Frame::ping(CANARY)]).await;
                let answered = |heard: &Dialogue| heard.pong(CANARY).is_some() || heard.is_ending();
                conversation.wait("a pong", answered).await;
            }
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match opened(transcript, ORDINARY) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        // A pong answers our ping; a Close our own, or it is the end of what we look at.
        let first = heard.frames.first().filter(|frame| {
            frame.header.opcode != Opcode::PONG && frame.header.opcode != Opcode::CLOSE
        });
        match first {
            None => Judgement::info("the server sends nothing before it is spoken to"),
            Some(frame) => Judgement::info(format!(
                "the server speaks first: a {} frame came of its own accord",
                frame.header.opcode
            ))
            .at(Spot::received(ORDINARY, frame.offset)),
        }
    }
}
