//! `ws/ext/none-offered`: no extension without an offer, neither in the handshake nor in the frames.

use super::concerns;
use crate::case::{Case, Experiment, Need};
use crate::cases::ws::negotiated::EXTENSIONS;
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::handshake::flaws;
use crate::ws::outcome::opened;
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;

const LABEL: &str = "plain";

/// A text that any server which compresses would compress.
const COMPRESSIBLE: usize = 8192;

struct Unasked;

pub(super) fn case() -> Case {
    Case::new(
        "ws/ext/none-offered",
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/9/server-no-unrequested-extension",
            "rfc6455/4.2.2/extensions-subset",
            "rfc6455/5.8/extensions-negotiated-in-handshake",
            "rfc6455/5.2/rsv-zero-on-send",
        ],
        Unasked,
    )
    .about(
        "a handshake that offers no extension, then a text that compresses well",
        "101 without Sec-WebSocket-Extensions, and frames without reserved bits",
    )
}

impl Experiment for Unasked {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, LABEL);
            request.remove(EXTENSIONS);
            let mut conversation = Conversation::open_with(stage, LABEL, &request).await;
            if !conversation.heard().is_open() {
                return;
            }
            conversation
                .send(&[
                    Frame::text(vec![b'a'; COMPRESSIBLE]),
                    Frame::ping("behind it"),
                ])
                .await;
            let any = |heard: &Dialogue| {
                let both = !heard.messages.is_empty() && !heard.pongs.is_empty();
                let bits = heard.frames.iter().any(|frame| frame.header.rsv != 0);
                both || bits || heard.is_ending()
            };
            // Whoever is no echo endpoint answers one of the two, or neither: that is no fault here.
            conversation
                .listen_until(stage.setting.timing.at_once, any)
                .await;
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let flaw = transcript
            .connection(LABEL)
            .map(flaws)
            .unwrap_or_default()
            .into_iter()
            .find(|flaw| concerns(flaw.violation));
        if let Some(flaw) = flaw {
            return Judgement::fail(format!(
                "{}: a browser refuses the connection",
                flaw.violation
            ))
            .by(flaw.violation.requirement())
            .at(Spot::received(LABEL, flaw.offset));
        }
        match heard.frames.iter().find(|frame| frame.header.rsv != 0) {
            Some(frame) => Judgement::fail(
                "a frame with a reserved bit came, although no extension was agreed on: clients fail the connection",
            )
            .by("rfc6455/5.2/rsv-zero-on-send")
            .at(Spot::received(LABEL, frame.offset)),
            None => Judgement::pass(format!(
                "101 without an extension, and {} without reserved bits",
                match heard.frames.len() {
                    1 => "a frame".into(),
                    count => format!("{count} frames"),
                }
            )),
        }
    }
}
