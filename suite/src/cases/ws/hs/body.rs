//! A handshake with content that looks like a frame.
//!
//! RFC 9112 section 9.3 has a server read the whole of it, and RFC 9110 section 7.8 switches behind it. The content is a masked ping: whoever
//! answers it with a pong took content for frames.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::{manner, opened};
use crate::ws::handshake::{Rejection, ask_again, ask_twin, rejected};
use crate::ws::{Conversation, Dialogue, Frame, Masking};
use pushspec_reports::Severity;

const BODY: &str = "body";

/// The payload of the ping that is the content.
const CONTENT: &[u8] = b"content, not a frame";

const KEY: [u8; 4] = [0x81, 0x42, 0x23, 0x14];

const CANARY: &[u8] = b"canary";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = |id, what, coding| {
        let requirements = &[
            "rfc9112/9.3/read-body-or-close",
            "rfc9110/7.8/no-switch-mid-message",
        ];
        let needs = &[Need::Open, Need::Echo];
        Case::new(
            id,
            Severity::Minor,
            needs,
            requirements,
            WithBody { coding },
        )
        .about(
            what,
            "refused, or the content is skipped and frames begin behind it",
        )
    };
    [
        case(
            "ws/hs/body-with-handshake-content-length",
            "a handshake with content, a masked ping, announced by Content-Length; then frames",
            Coding::Length,
        ),
        case(
            "ws/hs/body-with-handshake-chunked",
            "a handshake with content, a masked ping, in a chunk; then frames",
            Coding::Chunked,
        ),
    ]
    .into_iter()
}

/// How the content is delimited.
enum Coding {
    Length,
    Chunked,
}

struct WithBody {
    coding: Coding,
}

impl Experiment for WithBody {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut content = Vec::new();
            let ping = Frame::ping(CONTENT).masked(Masking::Key(KEY));
            ping.encode(KEY, &mut content);
            let mut request = Request::opening(stage, BODY);
            match self.coding {
                Coding::Length => {
                    request.add("Content-Length", content.len().to_string());
                    request.body = content;
                }
                Coding::Chunked => {
                    request.add("Transfer-Encoding", "chunked");
                    let size = format!("{:x}\r\n", content.len());
                    request.body = [size.as_bytes(), &content, b"\r\n0\r\n\r\n"].concat();
                }
            }
            let mut conversation = Conversation::open_with(stage, BODY, &request).await;
            if conversation.heard().is_open() {
                conversation
                    .send(&[Frame::ping(CANARY), Frame::text(CANARY)])
                    .await;
                let reacted = |heard: &Dialogue| {
                    is_in_step(heard) || heard.pong(CONTENT).is_some() || heard.is_ending()
                };
                conversation.wait("the echo of a text", reacted).await;
                conversation.part().await;
            } else {
                drop(conversation);
                ask_twin(stage).await;
                ask_again(stage, BODY).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let rejection = match rejected(transcript, BODY, || accepted(transcript)) {
            Ok(rejection) => rejection,
            Err(judgement) => return judgement,
        };
        match &rejection {
            // 501 is for a transfer coding that a server does not know (RFC 9112 section 6.1).
            Rejection::Response(head) if head.status < 500 || head.status == 501 => {
                Judgement::pass(format!("refused: {rejection}"))
            }
            Rejection::Ended(_) => Judgement::pass(format!("refused: {rejection}")),
            Rejection::Silence => Judgement::warn(
                "a handshake with content is never answered: a client that sends content by mistake waits in vain",
            )
            .resting_on_silence()
            .to_confirm_alone(),
            Rejection::Response(_) | Rejection::NotHttp { .. } | Rejection::Endless => Judgement::warn(format!(
                "a handshake with content was answered by {rejection}: a refusal is a 4xx"
            ))
            .to_confirm_alone(),
        }
    }
}

/// Behind a 101 only frames of ours may be answered.
fn accepted(transcript: &Transcript) -> Judgement {
    let heard = match opened(transcript, BODY) {
        Ok(heard) => heard,
        Err(refusal) => return refusal,
    };
    if let Some(pong) = heard.pong(CONTENT) {
        return Judgement::fail(
            "the content of the handshake was answered like a ping: a proxy that reads it as content lets frames through \
             that nobody has checked",
        )
        .at(Spot::received(BODY, pong.offset));
    }
    if is_in_step(&heard) {
        return Judgement::pass("101, and the content was skipped");
    }
    let judgement = match heard.is_ending() {
        true => Judgement::warn(format!(
            "accepted, and then broken off ({}): the content of the handshake was taken for frames",
            manner(&heard)
        )),
        false => Judgement::warn(
            "accepted, and then mute: the content of the handshake swallowed the frames behind it",
        )
        .resting_on_silence(),
    };
    judgement
        .resting_on("ambiguity/handshake-content")
        .to_confirm_alone()
}

/// Whether the frames behind the content were read as such. That the echo has the right type is for others to say.
fn is_in_step(heard: &Dialogue) -> bool {
    let mut messages = heard.messages.iter();
    messages.any(|message| message.payload == CANARY)
}
