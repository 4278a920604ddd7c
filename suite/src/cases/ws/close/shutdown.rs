//! The server process is told to stop while a connection is open. Nothing says what it owes its clients then beyond
//! closing as always (RFC 6455 section 7.3), and 1001 exists to tell them (section 7.4.1): it is recorded.

use super::answer::MAIN;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript, What};
use crate::transport::Boxed;
use crate::ws::after_fault::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;
use std::time::Duration;

/// "Going away" (RFC 6455 section 7.4.1).
const GOING_AWAY: u16 = 1001;

const PING: &[u8] = b"before the stop";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "ws/close/graceful-shutdown",
            Severity::Informational,
            &[Need::Open, Need::Stop],
            &[
                "rfc6455/7.3/closure-uses-handshake",
                "rfc6455/7.4.1/predefined-codes",
            ],
            Stopped,
        )
        .about(
            "the server process is told to stop (SIGTERM) while a connection is open",
            "recorded: Close 1001 tells clients that the server goes, and when to come back is theirs to choose",
        ),
    ]
}

struct Stopped;

impl Experiment for Stopped {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, MAIN).await;
            // A server that has answered knows this connection, so that it can say good-bye on it.
            conversation.send(&[Frame::ping(PING)]).await;
            conversation
                .wait("a pong", |heard| {
                    heard.pong(PING).is_some() || heard.is_ending()
                })
                .await;
            if conversation.heard().is_ending() || !conversation.heard().is_open() {
                return;
            }
            conversation.tell_target_to_stop(stage).await;
            conversation
                .wait("the server's Close", Dialogue::is_ending)
                .await;
            if let Some(close) = conversation.heard().close() {
                let code = close.body.get(..2).unwrap_or_default().to_vec();
                conversation.send(&[Frame::close_with(code)]).await;
                conversation.listen(stage.setting.timing.parting).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match opened(transcript, MAIN) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        let Some(told) = transcript.connection(MAIN).and_then(told_at) else {
            return Judgement::inconclusive(format!(
                "the connection was over before the server was told to stop: {}",
                manner(&heard)
            ));
        };
        let after = |at: Duration| format!("{} ms later", at.saturating_sub(told).as_millis());
        match (heard.close(), &heard.end) {
            (Some(close), _) if close.code == Some(GOING_AWAY) => {
                Judgement::pass("told to stop, the server said Close 1001: clients know that it goes")
            }
            (Some(close), _) => Judgement::info(format!(
                "told to stop, the server said {}, not Close 1001: clients cannot tell that it goes",
                manner(&heard)
            ))
            .at(Spot::received(MAIN, close.offset)),
            (None, Some((at, end))) => Judgement::info(format!(
                "told to stop, the server ended the connection without a Close ({end}, {}): clients report an abnormal closure, 1006",
                after(*at)
            )),
            (None, None) => Judgement::info(
                "told to stop, the server left the connection open and said nothing while we waited",
            ),
        }
    }
}

/// When the target was told to stop.
fn told_at(connection: &Connection) -> Option<Duration> {
    let told = |what: &What| matches!(what, What::ToldToStop);
    let event = connection.events.iter().find(|event| told(&event.what));
    event.map(|event| event.at)
}
