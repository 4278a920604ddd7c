//! `ws/utf8/all-scalars`: every character there can be.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::{Compared, Message, flaw};
use crate::ws::outcome::opened;
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

const LABEL: &str = "all scalars";

/// Bytes of a message at most: little enough for any limit.
const MESSAGE: usize = 4096;

/// Messages on their way at once: little enough for any buffer.
const BATCH: usize = 16;

/// All characters take 4.4 MB, and come back.
const WEIGHT: usize = 6 * 1024 * 1024;

struct AllScalars;

pub(super) fn case() -> Case {
    Case::new(
        "ws/utf8/all-scalars",
        Severity::Minor,
        &[Need::Echo],
        &["rfc6455/5.6/text-utf8-whole-message"],
        AllScalars,
    )
    .about(
        "every Unicode scalar value, U+0000 to U+10FFFF, in order, in text messages of 4 kB",
        "each text comes back once, byte for byte",
    )
    .weighing(WEIGHT)
}

/// Every character in order, in texts of no more than [`MESSAGE`] bytes.
fn texts() -> Vec<String> {
    let mut texts = vec![String::new()];
    for character in '\0'..=char::MAX {
        let last = texts.last_mut().expect("never empty");
        if last.len() + character.len_utf8() > MESSAGE {
            texts.push(character.into());
        } else {
            last.push(character);
        }
    }
    texts
}

impl Experiment for AllScalars {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            let mut sent = 0;
            for batch in texts().chunks(BATCH) {
                let frames: Vec<Frame> = batch
                    .iter()
                    .map(|text| Frame::text(text.as_str()))
                    .collect();
                conversation.send(&frames).await;
                sent += frames.len();
                let waited = conversation
                    .wait_for_each(
                        "the echo of each text",
                        |heard| heard.messages.len(),
                        |heard: &Dialogue| heard.messages.len() >= sent || heard.is_ending(),
                    )
                    .await;
                if waited != Waited::Met || conversation.heard().is_ending() {
                    break;
                }
            }
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let texts = texts();
        let expected: Vec<Message> = texts
            .iter()
            .map(|text| Message {
                opcode: Opcode::TEXT,
                payload: text.as_bytes().to_vec(),
                frames: 1,
            })
            .collect();
        let compared = Compared::of(&expected, &heard.messages);
        match flaw(LABEL, &expected, &compared, &heard, reading) {
            None => Judgement::pass(format!(
                "every character came back, in {} texts",
                expected.len()
            )),
            Some(mut judgement) => {
                if let Some(text) = compared.missing.and_then(|missing| texts.get(missing)) {
                    let came = compared
                        .instead
                        .map_or(&[][..], |instead| &heard.messages[instead].payload);
                    judgement.observed =
                        format!("{}: {}", judgement.observed, whereabouts(text, came));
                }
                judgement
            }
        }
    }
}

/// Which characters are in question: the first that differs, or all of the text.
fn whereabouts(text: &str, came: &[u8]) -> String {
    let code = |character: Option<char>| u32::from(character.unwrap_or_default());
    let same = text
        .bytes()
        .zip(came)
        .take_while(|(sent, came)| sent == *came)
        .count();
    let differs = text
        .char_indices()
        .take_while(|(at, _)| *at <= same)
        .last()
        .map(|(_, character)| character);
    match came {
        [] => format!(
            "it holds U+{:04X} to U+{:04X}",
            code(text.chars().next()),
            code(text.chars().next_back())
        ),
        _ => format!(
            "the first character that differs is U+{:04X}",
            code(differs)
        ),
    }
}
