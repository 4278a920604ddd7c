//! `ws/pmd-bad/bomb`: few bytes that stand for very many.
//!
//! A server may take a message of any size. What it may not do is fall over one, or let others suffer: what a limit is
//! measured by is the message, not the bytes that it came in.

use super::talk::left_out;
use super::talk::{Wants, fragments};
use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::bystander::{self, Bystander};
use crate::ws::compression::NAME;
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_parser::ws::deflate::{Compressor, Direction};
use pushspec_reports::Severity;

/// The labels of the two connections: the bomb in one frame, and in many.
const WHOLE: &str = "bomb in one frame";
const CUT: &str = "bomb in fragments";

/// Zeros compressed at once.
const PIECE: usize = 1 << 16;

/// How many pieces make a mebibyte.
const PIECES: usize = (1 << 20) / PIECE;

/// What a connection reads at most: an echo of a bomb is one.
const WEIGHT: usize = 2 << 20;

/// What a flush ends with: between two pieces it stays.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

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
                "taken, or refused with Close 1009; the server goes on, and so does everybody else",
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
    /// The compressed message: the second piece looks back at the first, and so does every further one, in the same words.
    fn payload(&self) -> Vec<u8> {
        let mut compressor = Compressor::new(Direction::default(), 6);
        let zeros = vec![0; PIECE];
        let mut payload = compressor.compress(&zeros).to_vec();
        let further = compressor.compress(&zeros).to_vec();
        for _ in 1..self.mebibytes * PIECES {
            payload.extend(TAIL);
            payload.extend(&further);
        }
        payload
    }

    async fn drop_one(&self, stage: &Stage, label: &'static str, payload: &[u8]) {
        let mut conversation = Conversation::open_offering(stage, label, NAME).await;
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

impl Experiment for Bomb {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let bystander = Bystander::open(stage).await;
            let payload = self.payload();
            for label in [WHOLE, CUT] {
                self.drop_one(stage, label, &payload).await;
            }
            bystander.ask_again().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let mut said = Vec::new();
        for label in [WHOLE, CUT] {
            let heard = match opened(transcript, label) {
                Ok(heard) => heard,
                Err(refusal) => return refusal,
            };
            if let Some(skip) = left_out(&heard, Wants::Nothing, NAME) {
                return skip;
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

#[cfg(test)]
mod tests {
    use super::*;
    use pushspec_parser::ws::deflate::Decompressor;

    #[test]
    fn a_bomb_stands_for_zeros() {
        let payload = Bomb { mebibytes: 3 }.payload();
        let length = 3 << 20;
        assert!(payload.len() < length / 500, "{}", payload.len());
        let mut decompressor = Decompressor::new(Direction::default(), 4 << 20);
        let zeros = decompressor.decompress(&payload).expect("sound");
        assert!(zeros.len() == length && zeros.iter().all(|&byte| byte == 0));
    }
}
