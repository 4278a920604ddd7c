//! `Expect: 100-continue` in a handshake. A client may not send it without content, so whatever comes is recorded;
//! only the 100 may not come behind the 101.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::handshake::{Answer, ask_twin, twin_accepted};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;

const EXPECT: &str = "expect";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = Case::new(
        "ws/hs/expect-100",
        Severity::Informational,
        &[Need::Open],
        &[
            "rfc9110/7.8/100-before-101",
            "rfc9110/10.1.1/100-may-be-omitted",
        ],
        Expecting,
    );
    [case.about(
        "a handshake with Expect: 100-continue, although it has no content",
        "recorded: 100 and then 101, 101 alone, or a refusal such as 417; never the 100 behind the 101",
    )]
    .into_iter()
}

struct Expecting;

const OPEN: &str = "ambiguity/expect-continue";

impl Experiment for Expecting {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, EXPECT);
            request.add("Expect", "100-continue");
            let mut conversation = Conversation::open_with(stage, EXPECT, &request).await;
            if conversation.heard().is_open() {
                conversation.send(&[Frame::ping("expect")]).await;
                let answered = |heard: &Dialogue| heard.frame_bytes > 0 || heard.end.is_some();
                conversation.wait("a pong", answered).await;
                conversation.part().await;
            } else {
                drop(conversation);
                ask_twin(stage).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let Some(connection) = transcript.connection(EXPECT) else {
            return Judgement::inconclusive("there was no connection");
        };
        let heard = Dialogue::of(connection);
        let answer = Answer::on(connection);
        let continued = heard.interim.iter().any(|head| head.status == 100);
        let interim = if continued { "100, then " } else { "" };
        if !answer.is_accepted() {
            return match twin_accepted(transcript, &answer) {
                Ok(()) => Judgement::info(format!("answered by {interim}{answer}"))
                    .resting_on(OPEN)
                    .to_confirm_alone(),
                Err(inconclusive) => inconclusive,
            };
        }
        let received = connection.received();
        let start = heard.frames_start();
        let behind = &received[received.len().min(start as usize)..];
        if behind.starts_with(b"HTTP/") {
            return Judgement::fail(
                "an HTTP response came behind the 101: every client reads it as a frame, and breaks the connection off",
            )
            .at(Spot::received(EXPECT, start));
        }
        Judgement::info(format!("answered by {interim}101")).resting_on(OPEN)
    }
}
