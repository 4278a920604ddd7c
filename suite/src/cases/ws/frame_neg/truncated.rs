//! Frames that are cut off by our FIN.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::text;
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::{Severity, printable};

const LABEL: &str = "truncated";

/// Enough for a length in two bytes.
const LENGTH: usize = 300;

/// A text frame of [`LENGTH`] bytes, cut off somewhere.
struct Truncated {
    /// Where, in words.
    place: &'static str,
    /// How many bytes of it are sent: two of flags, opcode and short length, two of length, four of key, the payload.
    sent: usize,
}

pub(super) fn cases() -> Vec<Case> {
    let places = [
        ("header", "behind its first byte", 1),
        ("length", "in its length", 3),
        ("key", "in its masking key", 6),
        ("payload", "in its payload", 2 + 2 + 4 + 100),
    ];
    places
        .map(|(name, place, sent)| {
            Case::new(
                format!("ws/frame-neg/truncated-{name}"),
                Severity::Minor,
                &[Need::Open],
                &[
                    "rfc6455/10.7/validate-incoming",
                    "rfc6455/6.2/parse-as-frames",
                ],
                Truncated { place, sent },
            )
            .about(
                format!("a text frame that TCP FIN cuts off {place}"),
                "the connection is released, and what came of the frame is not delivered",
            )
            .hostile()
        })
        .into()
}

/// What would be delivered, if anything: a part of the payload.
fn delivered(heard: &Dialogue) -> Option<(u64, String)> {
    let payload = text(LENGTH);
    heard
        .messages
        .iter()
        .find(|message| message.payload.len() > 1 && payload.starts_with(&message.payload))
        .map(|message| (message.offset, printable(&message.payload, 40)))
}

impl Experiment for Truncated {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            let mut bytes = conversation.encode(&[Frame::text(text(LENGTH))]);
            bytes.truncate(self.sent);
            conversation.send_bytes(bytes).await;
            conversation.send_fin().await;
            conversation.ended().await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        if let Some((offset, payload)) = delivered(&heard) {
            return Judgement::fail(format!(
                "a text frame that ended {} was delivered as if it were whole: \"{payload}\" came back",
                self.place
            ))
            .at(Spot::received(LABEL, offset));
        }
        if heard.end.is_some() {
            return Judgement::pass(format!("released: {}", manner(&heard)));
        }
        // No clause says when a connection has to be released whose other side has ended in the middle of a frame.
        Judgement::new(
            reading.contestable(),
            "the connection is kept although its other side has ended in the middle of a frame, so that nothing can come \
             of it",
        )
        .resting_on_silence()
    }
}
