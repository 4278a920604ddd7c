//! `ws/ctl/ping-after-close`: a ping behind our Close.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{End, Transcript};
use crate::transport::Boxed;
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;

const LABEL: &str = "closed";

const PING: &[u8] = b"behind a Close";

pub(super) fn case() -> Case {
    Case::new(
        "ws/ctl/ping-after-close",
        Severity::Minor,
        &[Need::Open],
        &["rfc6455/5.5.2/no-pong-needed-after-close"],
        AfterClose,
    )
    .about(
        "a Close and a ping, in one TCP segment",
        "the Close is answered, and no pong comes behind that answer",
    )
}

struct AfterClose;

impl Experiment for AfterClose {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            conversation
                .send(&[Frame::close(1000, ""), Frame::ping(PING)])
                .await;
            conversation
                .wait("the answer to a Close", Dialogue::is_ending)
                .await;
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        match (heard.close(), heard.pong(PING)) {
            (Some(close), Some(pong)) if pong.offset > close.offset => Judgement::warn(
                "the target goes on behind its own Close: it answered a ping that came behind ours",
            )
            .resting_on("ambiguity/pong-after-close")
            .at(Spot::received(LABEL, pong.offset)),
            // It may have read the ping before it came to answer the Close.
            (Some(_), Some(_)) => Judgement::pass("a pong, then the answer to the Close"),
            (Some(_), None) => {
                Judgement::pass("the Close was answered, the ping behind it was not")
            }
            // A ping that stays unread makes the target's kernel reset TCP, which may destroy the Close that it sent.
            (None, _) if matches!(heard.end, Some((_, End::Reset))) => Judgement::inconclusive(
                "TCP RST and no Close: the ping behind our Close may have provoked it",
            ),
            (None, _) => {
                let judgement = Judgement::fail(format!(
                    "a Close with a ping behind it was not answered by a Close: {}",
                    manner(&heard)
                ))
                .by("rfc6455/5.5.1/close-answered");
                match heard.end {
                    Some(_) => judgement.to_confirm_alone(),
                    None => judgement.resting_on_silence(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::scene::{Scene, transcript};
    use pushspec_reports::Verdict;

    fn verdict(scene: Scene) -> Verdict {
        let transcript = transcript([(LABEL, scene)]);
        AfterClose.judge(&transcript, &Reading::default()).verdict
    }

    #[test]
    fn the_close_is_owed_and_the_pong_is_not() {
        let closed = || Scene::new().they_say([Frame::close(1000, "")]);
        let ponged = || Scene::new().they_say([Frame::pong(PING)]);
        assert_eq!(verdict(closed().fin()), Verdict::Pass);
        assert_eq!(verdict(closed().reset()), Verdict::Pass);
        assert_eq!(
            verdict(ponged().they_say([Frame::close(1000, "")])),
            Verdict::Pass
        );
        assert_eq!(
            verdict(closed().they_say([Frame::pong(PING)])),
            Verdict::Warn
        );
        assert_eq!(verdict(ponged().fin()), Verdict::Fail);
        assert_eq!(verdict(Scene::new()), Verdict::Fail);
    }

    #[test]
    fn a_reset_may_have_destroyed_the_close() {
        assert_eq!(verdict(Scene::new().reset()), Verdict::Inconclusive);
    }
}
