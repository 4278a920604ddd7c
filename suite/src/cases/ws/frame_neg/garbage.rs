//! `ws/frame-neg/garbage-stream`: random bytes behind the 101, bounded, the same ones for ever.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Conversation;
use crate::ws::bystander::{self, Bystander};
use crate::ws::outcome::{manner, opened};
use pushspec_parser::Violation;
use pushspec_parser::ws::{FrameHeader, Parsed, Role};
use pushspec_reports::Severity;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// One connection after another.
const LABELS: [&str; 8] = [
    "garbage-1",
    "garbage-2",
    "garbage-3",
    "garbage-4",
    "garbage-5",
    "garbage-6",
    "garbage-7",
    "garbage-8",
];

/// Bytes on each connection.
const LENGTH: usize = 2048;

struct Garbage {
    seed: u64,
}

pub(super) fn cases() -> impl Iterator<Item = Case> {
    (1..=3).map(|seed| {
        Case::new(
            format!("ws/frame-neg/garbage-stream-seed-{seed}"),
            Severity::Minor,
            &[Need::Open],
            &[
                "rfc6455/10.7/validate-incoming",
                "rfc6455/10.1/do-not-trust-input",
                "rfc6455/10.7/close-frame-for-invalid",
            ],
            Garbage { seed },
        )
        .about(
            format!("random bytes in the place of frames, on 8 connections, seed {seed}"),
            "each connection is failed, and no other connection suffers",
        )
        .in_set(Set::Hardening)
        .hostile()
    })
}

impl Garbage {
    /// The bytes for one connection. Chance makes a legal frame now and then; such bytes are passed over, so that each
    /// stream begins with what has to be failed.
    fn bytes(&self, connection: u64) -> Vec<u8> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed << 32 | connection);
        let mut bytes = vec![0; LENGTH];
        loop {
            random.fill_bytes(&mut bytes);
            if begins_with_a_fault(&bytes) {
                return bytes;
            }
        }
    }
}

/// Whether the first header has a fault for which the documents say: fail the connection.
fn begins_with_a_fault(bytes: &[u8]) -> bool {
    let Parsed::Complete((header, _)) = FrameHeader::parse(bytes) else {
        return false;
    };
    header.violations(Role::Client, 0).any(|violation| {
        [
            Violation::UnmaskedByClient,
            Violation::ReservedBits,
            Violation::ReservedOpcode,
        ]
        .contains(&violation)
    })
}

impl Experiment for Garbage {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let bystander = Bystander::open(stage).await;
            for (number, label) in (0..).zip(LABELS) {
                let mut conversation = Conversation::open(stage, label).await;
                if !conversation.heard().is_open() {
                    break;
                }
                conversation.send_bytes(self.bytes(number)).await;
                conversation
                    .wait("the end of the connection", |heard| heard.is_ending())
                    .await;
                // Once is enough, and costs patience.
                if conversation.waited_in_vain() {
                    break;
                }
                conversation.part().await;
            }
            bystander.ask_again().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        if let Some(harm) = bystander::suffered(transcript, "a stream of random bytes") {
            return harm;
        }
        let mut manners: Vec<String> = Vec::new();
        for label in LABELS {
            let heard = match opened(transcript, label) {
                Ok(heard) => heard,
                Err(refusal) => return refusal,
            };
            if !heard.is_ending() {
                return Judgement::fail(
                    "the connection stays open behind random bytes, though their first frame is illegal",
                )
                .resting_on_silence();
            }
            let manner = manner(&heard);
            if !manners.contains(&manner) {
                manners.push(manner);
            }
        }
        Judgement::pass(format!("noticed each time: {}", manners.join("; ")))
    }
}
