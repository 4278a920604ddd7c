//! `ws/ctl/ping-latency`: how long a pong takes while nothing else is said.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::listening::View as _;
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript, What};
use crate::transport::Boxed;
use crate::ws::echo::is_farewell;
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame, Opened};
use pushspec_reports::Severity;
use std::time::Duration;

const LABEL: &str = "latency";

/// One slow pong shows nothing; each of these has to be slow.
const SAMPLES: [&[u8]; 3] = [b"sample 1", b"sample 2", b"sample 3"];

pub(super) fn case() -> Case {
    Case::new(
        "ws/ctl/ping-latency",
        Severity::Minor,
        &[Need::Open],
        &["rfc6455/5.5.2/pong-prompt"],
        Latency,
    )
    .about(
        "three pings, one after the other, on an idle connection",
        "the pongs come as soon as is practical",
    )
}

struct Latency;

impl Experiment for Latency {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, LABEL).await;
            if !conversation.heard().is_open() {
                return;
            }
            for sample in SAMPLES {
                conversation.send(&[Frame::ping(sample)]).await;
                conversation
                    .wait("a pong", |heard| {
                        heard.pong(sample).is_some() || heard.is_ending()
                    })
                    .await;
                if conversation.waited_in_vain() || conversation.heard().is_ending() {
                    break;
                }
            }
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, LABEL) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let times = transcript.connection(LABEL).map(times).unwrap_or_default();
        if times.pongs.len() < SAMPLES.len() {
            let answered = times.pongs.len();
            if heard.close().is_some_and(is_farewell) {
                // Whether it does so over pings is for those that send one.
                return Judgement::inconclusive(format!(
                    "the target said good-bye ({}) when {answered} of three pings were answered",
                    manner(&heard)
                ))
                .by("rfc6455/7.3/server-may-close")
                .to_confirm_alone();
            }
            let judgement = match heard.end.is_some() {
                true => Judgement::fail(format!(
                    "{answered} of three pings were answered, then {}",
                    manner(&heard)
                ))
                .to_confirm_alone(),
                false => Judgement::fail(format!(
                    "{answered} of three pings were answered within {} s each",
                    reading.timing.patience.as_secs_f32()
                ))
                .resting_on_silence(),
            };
            return judgement.by("rfc6455/5.5.2/pong-required");
        }
        let fastest = times.pongs.iter().min().copied().unwrap_or_default();
        // What the way to the target takes, the handshake took as well.
        let own = fastest.saturating_sub(times.handshake);
        if own > reading.timing.at_once {
            return Judgement::warn(format!(
                "the fastest of three pongs took {:.1} s longer than the opening handshake, on an idle connection",
                own.as_secs_f32()
            ))
            .to_confirm_alone();
        }
        Judgement::pass(format!(
            "the fastest of three pongs came within {} s",
            reading
                .timing
                .at_once
                .as_secs_f32()
                .max(fastest.as_secs_f32().ceil())
        ))
    }
}

/// What took how long.
#[derive(Debug, Default, PartialEq, Eq)]
struct Times {
    handshake: Duration,
    pongs: Vec<Duration>,
}

fn times(connection: &Connection) -> Times {
    let mut heard = Dialogue::default();
    let mut sent = Duration::ZERO;
    let mut times = Times::default();
    let mut opened = false;
    for event in &connection.events {
        if let What::Sent(_) = event.what {
            sent = event.at;
        }
        heard.observe(event);
        let took = event.at.saturating_sub(sent);
        if !opened && heard.opened != Opened::Awaited {
            opened = true;
            times.handshake = took;
        }
        let next = SAMPLES.get(times.pongs.len());
        if next.is_some_and(|next| heard.pong(next).is_some()) {
            times.pongs.push(took);
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Event;
    use pushspec_reports::Verdict;

    /// A conversation whose handshake and pongs take so many milliseconds.
    fn transcript(handshake: u64, pongs: [u64; 3]) -> Transcript {
        let mut at = 0;
        let mut events = Vec::new();
        let mut add = |after: u64, what: What| {
            at += after;
            events.push(Event {
                at: Duration::from_millis(at),
                what,
            });
        };
        add(0, What::Sent("GET".into()));
        let head = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
        add(handshake, What::Received(head.into()));
        for (sample, took) in SAMPLES.iter().zip(pongs) {
            add(1, What::Sent("a ping".into()));
            let pong = [&[0x8a, sample.len() as u8], *sample].concat();
            add(took, What::Received(pong.into()));
        }
        Transcript {
            connections: vec![Connection {
                label: LABEL,
                events,
            }],
        }
    }

    fn verdict(handshake: u64, pongs: [u64; 3]) -> Verdict {
        Latency
            .judge(&transcript(handshake, pongs), &Reading::default())
            .verdict
    }

    #[test]
    fn one_slow_pong_is_nothing() {
        assert_eq!(verdict(1, [3000, 3000, 2]), Verdict::Pass);
    }

    #[test]
    fn slow_pongs_warn() {
        assert_eq!(verdict(1, [1500, 1600, 1700]), Verdict::Warn);
    }

    #[test]
    fn a_long_way_is_not_the_targets_fault() {
        assert_eq!(verdict(900, [1500, 1600, 1700]), Verdict::Pass);
    }
}
