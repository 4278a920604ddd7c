//! `ws/utf8/all-scalars`: every character there can be.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::{Compared, Message, flaw, progress, say_last};
use crate::ws::outcome::opened;
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

/// One connection for each plane: what is kept of one is gone before the next.
const PLANES: [&str; 17] = [
    "plane 0", "plane 1", "plane 2", "plane 3", "plane 4", "plane 5", "plane 6", "plane 7",
    "plane 8", "plane 9", "plane 10", "plane 11", "plane 12", "plane 13", "plane 14", "plane 15",
    "plane 16",
];

/// Characters of a plane, surrogates counted in.
const PLANE: u32 = 0x1_0000;

/// Bytes of a message at most: little enough for any limit.
const MESSAGE: usize = 4096;

/// Messages on their way at once: little enough for any buffer.
const BATCH: usize = 16;

/// What is said behind the characters of a plane.
const LAST: &str = "behind the last character of a plane";

/// The characters of a plane take 256 KiB, and come back.
const WEIGHT: usize = 512 * 1024;

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
        "every Unicode scalar value, U+0000 to U+10FFFF, in order, in text messages of 4 kB, each plane on a connection of its own",
        "each text comes back once, byte for byte",
    )
    .weighing(WEIGHT)
}

/// Every character of a plane in order, in texts of no more than [`MESSAGE`] bytes.
fn texts(plane: usize) -> Vec<String> {
    let first = PLANE * plane as u32;
    let mut texts = vec![String::new()];
    for character in (first..first + PLANE).filter_map(char::from_u32) {
        let last = texts.last_mut().expect("never empty");
        if last.len() + character.len_utf8() > MESSAGE {
            texts.push(character.into());
        } else {
            last.push(character);
        }
    }
    texts
}

fn message(text: &str) -> Message {
    Message {
        opcode: Opcode::TEXT,
        payload: text.into(),
        frames: 1,
    }
}

/// Says them; whether the last came back.
async fn say(stage: &Stage, label: &'static str, texts: &[String]) -> bool {
    let mut conversation = Conversation::open(stage, label).await;
    if !conversation.heard().is_open() {
        return false;
    }
    let messages: Vec<Message> = texts.iter().map(|text| message(text)).collect();
    let mut sent = 0;
    for batch in texts.chunks(BATCH) {
        let frames: Vec<Frame> = batch
            .iter()
            .map(|text| Frame::text(text.as_str()))
            .collect();
        conversation.send(&frames).await;
        sent += frames.len();
        let waited = conversation
            .wait_for_each(
                "the echo of each text",
                |heard| progress(&messages[..sent], heard),
                |heard: &Dialogue| heard.messages.len() >= sent || heard.is_ending(),
            )
            .await;
        if waited != Waited::Met || conversation.heard().is_ending() {
            break;
        }
    }
    if sent == messages.len() && !conversation.waited_in_vain() {
        say_last(&mut conversation, &messages, |_| true, Frame::text(LAST)).await;
    }
    let all = conversation
        .heard()
        .message(Opcode::TEXT, LAST.as_bytes())
        .is_some();
    conversation.part().await;
    all
}

impl Experiment for AllScalars {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            for (plane, label) in PLANES.into_iter().enumerate() {
                if !say(stage, label, &texts(plane)).await {
                    return;
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let mut count = 0;
        for (plane, label) in PLANES.into_iter().enumerate() {
            let texts = texts(plane);
            if let Some(judgement) = wrong(transcript, label, &texts, reading) {
                return judgement;
            }
            count += texts.len();
        }
        Judgement::pass(format!("every character came back, in {count} texts"))
    }
}

/// What is wrong with the answers on this connection; none, where nothing is.
fn wrong(
    transcript: &Transcript,
    label: &'static str,
    texts: &[String],
    reading: &Reading,
) -> Option<Judgement> {
    let heard = match opened(transcript, label) {
        Ok(heard) => heard,
        Err(refusal) => return Some(refusal),
    };
    let texts_and_last = texts.iter().map(String::as_str).chain([LAST]);
    let expected: Vec<Message> = texts_and_last.map(message).collect();
    let compared = Compared::of(&expected, &heard.messages);
    let mut judgement = flaw(label, &expected, &compared, &heard, reading)?;
    if let Some(text) = compared.missing.and_then(|missing| texts.get(missing)) {
        let came = compared
            .instead
            .map_or(&[][..], |instead| &heard.messages[instead].payload);
        judgement.observed = format!("{}: {}", judgement.observed, whereabouts(text, came));
    }
    Some(judgement)
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
