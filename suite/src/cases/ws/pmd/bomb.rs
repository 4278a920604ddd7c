//! `ws/pmd-bad/bomb`: few bytes that stand for very many.
//!
//! A server may take a message of any size. What it may not do is fall over one, or let others suffer: what a limit is
//! measured by is the message, not the bytes that it came in. Where a limit was declared, a message beyond it is refused,
//! compressed or not (RFC 6455 section 10.4).

use super::talk::{Wants, fragments, left_out};
use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use crate::ws::bystander::{self, Bystander};
use crate::ws::compression::{NAME, zeros};
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_parser::ws::deflate::{Decompressor, InflateFault};
use pushspec_parser::ws::{FrameDecoder, FrameEvent, Opcode, RSV1};
use pushspec_reports::Severity;

/// The labels of the two connections: the bomb in one frame, and in many.
const WHOLE: &str = "bomb in one frame";
const CUT: &str = "bomb in fragments";

/// What a connection reads at most: an echo of a bomb is one.
const WEIGHT: usize = 2 << 20;

/// So few bytes may stand for anything.
const FEW: u64 = 64;

/// What is inflated at most to find out how much came back.
const INFLATED: usize = 8 << 20;

/// Bytes in each fragment.
const FRAGMENT: usize = 16 * 1024;

const AFTERWARDS: &[u8] = b"after the bomb";

pub(super) fn cases() -> Vec<Case> {
    [("1m", 1), ("64m", 64), ("1g", 1024)]
        .map(|(id, mebibytes)| {
            Case::new(
                format!("ws/pmd-bad/bomb-{id}"),
                Severity::Critical,
                &[Need::Open, Need::Deflate],
                &[
                    "rfc7692/x/decompression-limit",
                    "rfc6455/10.4/protect-limits",
                ],
                Bomb { mebibytes },
            )
            .about(
                format!("{mebibytes} MiB of zeros, compressed to less than a five-hundredth, in one frame and in fragments"),
                "taken, where no limit was declared, or refused with Close 1009; the server goes on, and so does everybody else",
            )
            .in_set(Set::Hardening)
            .weighing(WEIGHT)
            .alone()
            .hostile()
        })
        .into()
}

struct Bomb {
    mebibytes: usize,
}

impl Bomb {
    fn length(&self) -> usize {
        self.mebibytes << 20
    }

    async fn drop_one(&self, stage: &Stage, label: &'static str, payload: &[u8]) {
        let mut conversation = Conversation::open_compressed(stage, label, NAME).await;
        if conversation.heard().compression.is_none() {
            return conversation.part().await;
        }
        let frames = match label {
            CUT => fragments(
                Opcode::BINARY,
                &payload.chunks(FRAGMENT).collect::<Vec<_>>(),
            ),
            _ => vec![Frame::binary(payload).compressed()],
        };
        conversation.send(&frames).await;
        conversation.send(&[Frame::ping(AFTERWARDS)]).await;
        conversation
            .wait("an answer behind a bomb", |heard| {
                answered(heard) || heard.is_ending()
            })
            .await;
        conversation.part().await;
    }
}

/// Whether the target took the message and goes on.
fn answered(heard: &Dialogue) -> bool {
    heard.full || !heard.messages.is_empty() || heard.pong(AFTERWARDS).is_some()
}

/// Whether of so many zeros that were sent more than the limit are the first message that came: announced to be more, or
/// inflated to more, from so few bytes that there is hardly anything else in it. Where the limit is so large that nobody
/// should inflate as much to find out, that is not known.
pub(in crate::cases::ws) fn came_beyond(
    connection: &Connection,
    heard: &Dialogue,
    zeros: u64,
    limit: u64,
) -> bool {
    let received = connection.received();
    let frames = usize::try_from(heard.frames_start()).unwrap_or_default();
    let mut first = FirstMessage::default();
    FrameDecoder::new().feed(received.get(frames..).unwrap_or_default(), |event| {
        first.take(event);
    });
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    match heard.compression {
        Some(compression) if first.compressed => {
            let few = first.announced < FEW.max(zeros / 100);
            first.binary && first.over && few && most <= INFLATED && {
                let direction = compression.agreed().server;
                let mut decompressor = Decompressor::new(direction, most);
                let inflated = decompressor.decompress(&first.payload);
                inflated.is_err_and(|error| error.fault == InflateFault::TooLong)
            }
        }
        Some(_) | None => first.binary && first.zeros && first.announced > limit,
    }
}

/// What a target says first of all, as far as it came.
#[derive(Default)]
struct FirstMessage {
    begun: bool,
    over: bool,
    binary: bool,
    compressed: bool,
    /// Whether nothing else came, where it is not compressed.
    zeros: bool,
    /// What the headers of its frames announce, in bytes.
    announced: u64,
    /// Kept where it is compressed.
    payload: Vec<u8>,
    /// Whether the frame that is coming belongs to it, and is its last.
    current: Option<bool>,
}

impl FirstMessage {
    fn take(&mut self, event: FrameEvent<'_>) {
        match event {
            FrameEvent::Header { header, .. } => {
                let belongs = !self.over && !header.opcode.is_control();
                self.current = belongs.then_some(header.fin);
                if belongs {
                    if !self.begun {
                        self.begun = true;
                        self.zeros = true;
                        self.binary = header.opcode == Opcode::BINARY;
                        self.compressed = header.rsv & RSV1 != 0;
                    }
                    self.announced = self.announced.saturating_add(header.length);
                }
            }
            FrameEvent::Payload { bytes, .. } => {
                if self.current.is_some() {
                    self.zeros &= bytes.iter().all(|&byte| byte == 0);
                    if self.compressed {
                        self.payload.extend(bytes);
                    }
                }
            }
            FrameEvent::End { .. } => self.over |= self.current.take().unwrap_or_default(),
        }
    }
}

impl Experiment for Bomb {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let bystander = Bystander::open(stage).await;
            let payload = zeros(self.length());
            for label in [WHOLE, CUT] {
                self.drop_one(stage, label, &payload).await;
            }
            bystander.ask_again().await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let mut said = Vec::new();
        for label in [WHOLE, CUT] {
            let heard = match opened(transcript, label) {
                Ok(heard) => heard,
                Err(refusal) => return refusal,
            };
            if let Some(skip) = left_out(&heard, Wants::Nothing, NAME) {
                return skip;
            }
            let limit = reading.declared.message_limit;
            if let Some(limit) = limit.filter(|&limit| limit < self.length() as u64)
                && let Some(connection) = transcript.connection(label)
                && came_beyond(connection, &heard, self.length() as u64, limit)
            {
                return Judgement::fail(format!(
                    "the {label} of {} MiB came back, where {limit} bytes are declared to be the most: the limit does not count \
                     what is inflated",
                    self.mebibytes
                ));
            }
            // Our own Close behind an answer is answered with the same code.
            let closed = heard.close().and_then(|close| close.code);
            let refused = closed.is_some_and(|code| code != 1000);
            said.push(match (refused, answered(&heard), heard.is_ending()) {
                (true, _, _) | (false, false, true) => {
                    format!("the {label} was refused ({})", manner(&heard))
                }
                (false, true, _) => format!("the {label} was taken"),
                (false, false, false) => {
                    return Judgement::info(format!(
                        "the {label} of {} MiB was neither refused nor answered in time",
                        self.mebibytes
                    ))
                    .resting_on_silence();
                }
            });
        }
        let fault = format!(
            "a message of {} MiB in a five-hundredth of the bytes",
            self.mebibytes
        );
        bystander::suffered(transcript, &fault).unwrap_or_else(|| {
            Judgement::pass(format!("{}; others are still served", said.join(", ")))
        })
    }
}
