//! `ws/ctl/idle`: what the target does while nobody says anything.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;
use std::time::Duration;

const LABEL: &str = "idle";

const AFTERWARDS: &[u8] = b"after the silence";

/// How long we are silent: many intermediaries cut a connection that is idle for a minute.
const SILENCE: Duration = Duration::from_secs(60);

pub(super) fn case() -> Case {
    Case::new(
        "ws/ctl/idle",
        Severity::Informational,
        &[Need::Open],
        &[
            "rfc6455/7.3/server-may-close",
            "rfc6455/7.3/closure-uses-handshake",
            "ws-api/ping/no-pings-to-aid-server",
        ],
        Idle,
    )
    .about(
        "60 s without a word, then a ping",
        "the connection stays open, or is closed by a Close; pings and the time of closing are recorded",
    )
    .in_set(Set::Long)
    .lasting(SILENCE)
}

struct Idle;

impl Experiment for Idle {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            conversation
                .listen_until(SILENCE, Dialogue::is_ending)
                .await;
            if !conversation.heard().is_ending() {
                conversation.send(&[Frame::ping(AFTERWARDS)]).await;
                conversation
                    .wait("a pong", |heard| {
                        heard.pong(AFTERWARDS).is_some() || heard.is_ending()
                    })
                    .await;
            }
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let pings = match heard.pings.len() {
            0 => "sent no ping".into(),
            1 => "sent one ping".into(),
            count => format!("sent {count} pings"),
        };
        if heard.pong(AFTERWARDS).is_some() {
            return Judgement::info(format!(
                "the connection outlived {} s of silence; the target {pings}",
                SILENCE.as_secs()
            ));
        }
        let ended = heard
            .close()
            .map(|close| close.at)
            .or(heard.end.as_ref().map(|(at, _)| *at));
        match (ended, heard.close()) {
            (Some(at), Some(_)) => Judgement::info(format!(
                "the target {pings} and closed the idle connection after {} s: {}",
                at.as_secs(),
                manner(&heard)
            )),
            (Some(at), None) => Judgement::warn(format!(
                "the target {pings} and dropped the idle connection after {} s without a Close: its peer cannot tell that \
                 from a fault of the network",
                at.as_secs()
            ))
            .by("rfc6455/7.3/closure-uses-handshake"),
            (None, _) => Judgement::warn(format!(
                "after {} s of silence the connection was still open, but a ping was not answered",
                SILENCE.as_secs()
            ))
            .by("rfc6455/5.5.2/pong-required")
            .resting_on_silence(),
        }
    }
}
