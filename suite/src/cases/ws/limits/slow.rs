//! Requests and frames that come byte by byte, with seconds between: how long a target holds a connection for that.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;
use std::time::Duration;

const SLOW: &str = "slow";

/// Between two bytes.
const BETWEEN: Duration = Duration::from_secs(2);

/// Bytes that are sent this way.
const BYTES: u32 = 15;

pub(super) fn cases() -> Vec<Case> {
    let rows = [
        (Slowloris::Handshake, "handshake", "an opening handshake"),
        (Slowloris::Frame, "frame", "a text"),
    ];
    rows.map(|(experiment, word, what)| {
        let needs: &[Need] = match experiment {
            Slowloris::Handshake => &[],
            Slowloris::Frame => &[Need::Open],
        };
        Case::new(
            format!("ws/limits/slowloris-{word}"),
            Severity::Informational,
            needs,
            &["rfc6455/10.4/protect-limits"],
            experiment,
        )
        .about(
            format!("{what}, a byte every {} s", BETWEEN.as_secs()),
            "recorded: how long the target holds the connection",
        )
        .in_set(Set::Hardening)
        .lasting(BETWEEN * BYTES)
    })
    .into()
}

#[derive(Debug, Clone, Copy)]
enum Slowloris {
    Handshake,
    Frame,
}

impl Experiment for Slowloris {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let (mut conversation, bytes) = match self {
                Self::Handshake => (
                    Conversation::connect(stage, SLOW).await,
                    Request::opening(stage, SLOW).encode().to_vec(),
                ),
                Self::Frame => {
                    let mut conversation = Conversation::open(stage, SLOW).await;
                    let text = conversation.encode(&[Frame::text([b'x'; 125])]);
                    (conversation, text)
                }
            };
            for byte in bytes.chunks(1).take(BYTES as usize) {
                conversation.send_bytes(byte.to_vec()).await;
                conversation
                    .listen_until(BETWEEN, |heard| is_over(heard, *self))
                    .await;
                if is_over(conversation.heard(), *self) {
                    return;
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match self {
            Self::Frame => match opened(transcript, SLOW) {
                Ok(heard) => heard,
                Err(judgement) => return judgement,
            },
            Self::Handshake => match transcript.connection(SLOW) {
                Some(connection) => match connection.not_connected() {
                    None => Dialogue::of(connection),
                    Some(reason) => {
                        return Judgement::inconclusive(reason.to_owned()).to_confirm_alone();
                    }
                },
                None => return Judgement::inconclusive("there was no connection"),
            },
        };
        let seconds = (BETWEEN * BYTES).as_secs();
        if !is_over(&heard, *self) {
            return Judgement::info(format!("the connection is still held after {seconds} s"));
        }
        let ended = heard.closes.first().map(|close| close.at);
        let answered = heard.head().filter(|_| matches!(self, Self::Handshake));
        let at = ended.or(heard.end.as_ref().map(|(at, _)| *at));
        let after = at.map_or(String::new(), |at| {
            format!(" after {:.0} s", at.as_secs_f64())
        });
        Judgement::info(match answered {
            Some(head) => format!("it was not waited for: status {}{after}", head.status),
            None => format!("it was not waited for: {}{after}", manner(&heard)),
        })
    }
}

/// Whether the target does not wait any longer.
fn is_over(heard: &Dialogue, slow: Slowloris) -> bool {
    heard.is_ending() || matches!(slow, Slowloris::Handshake) && heard.head().is_some()
}
