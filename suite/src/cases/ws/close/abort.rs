//! Clients that vanish by RST, a hundred times.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::{manner, opened};
use crate::ws::{Conversation, Frame};
use pushspec_reports::Severity;

/// How many connections are reset.
const ABORTS: usize = 100;

/// The connections that are reset, and the one behind them.
const ABORTED: &str = "aborted";
const AFTER: &str = "after";

const PING: &[u8] = b"still there?";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "ws/close/abort",
        Severity::Minor,
        &[Need::Open],
        &["rfc6455/10.4/protect-limits"],
        Abort,
    );
    vec![
        case.about(
            format!("{ABORTS} connections are reset, every other one with a message under way"),
            "the target answers as before",
        )
        .in_set(Set::Hardening)
        .hostile(),
    ]
}

struct Abort;

impl Experiment for Abort {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            for number in 0..ABORTS {
                let mut conversation = Conversation::connect(stage, ABORTED).await;
                let request = Request::opening(stage, &format!("{ABORTED} {number}"));
                conversation.send_bytes(request.encode()).await;
                conversation.opened().await;
                if !conversation.heard().is_open() {
                    // It fell, or wants no more: what follows shows which.
                    break;
                }
                if number % 2 == 1 {
                    // A server that writes to a connection that is gone is told so by a signal on some systems.
                    let frames = [Frame::text("under way"), Frame::ping("under way")];
                    conversation.send(&frames).await;
                }
                conversation.send_reset();
            }
            let mut conversation = Conversation::open(stage, AFTER).await;
            conversation.send(&[Frame::ping(PING)]).await;
            conversation
                .wait("a pong", |heard| {
                    heard.pong(PING).is_some() || heard.is_ending()
                })
                .await;
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let aborted = transcript
            .connections
            .iter()
            .filter(|connection| connection.label == ABORTED)
            .count();
        let heard = match opened(transcript, AFTER) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        if heard.pong(PING).is_some() || heard.close().is_some() {
            return Judgement::pass(format!("a ping is answered after {aborted} resets"));
        }
        Judgement::warn(format!(
            "after {aborted} resets a new connection is opened, but its ping is not answered: {}",
            manner(&heard)
        ))
        .resting_on_silence()
    }
}
