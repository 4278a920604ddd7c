//! The end of TCP: when it comes, how, and whether a client that has ended its side is let go.
//!
//! Times are judged by the middle of three samples, and what is slow beside other cases must be slow alone too.

use super::answer::{Answer, MAIN, closed};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Connection, End, Transcript, What};
use crate::transport::Boxed;
use crate::ws::after_fault::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::Severity;
use std::time::Duration;

/// The connections on which a time is measured.
const SAMPLES: [&str; 3] = ["first", "second", "third"];

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "ws/close/tcp-first",
            Severity::Minor,
            &[Need::Open],
            &[
                "rfc6455/5.5.1/server-closes-tcp-at-once",
                "rfc6455/7.1.1/server-closes-first",
                "rfc6455/7.1.1/server-initiates-tcp-close-immediately",
            ],
            Timed(Span::CloseToEnd),
        )
        .about(
            "a closing handshake; our side of TCP stays open",
            "the target closes TCP at once",
        ),
        Case::new(
            "ws/close/latency",
            Severity::Minor,
            &[Need::Open],
            &["rfc6455/5.5.1/close-answer-prompt"],
            Timed(Span::CloseToAnswer),
        )
        .about(
            "the time from our Close to the answer",
            "the answer comes as soon as is practical",
        ),
        Case::new(
            "ws/close/fin-not-rst",
            Severity::Minor,
            &[Need::Open],
            &["rfc6455/7.1.1/clean-tcp-close"],
            Clean,
        )
        .about(
            "a closing handshake; we leave nothing unread and send nothing behind our Close",
            "TCP ends by FIN, under TLS behind a closure alert",
        ),
        Case::new(
            "ws/close/half-close",
            Severity::Minor,
            &[Need::Open],
            &["rfc6455/7.1.4/clean-flag"],
            HalfClose,
        )
        .about(
            "our side of TCP ends without a Close",
            "the target lets the connection go",
        ),
    ]
}

/// A time that is measured on each of [`SAMPLES`].
struct Timed(Span);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Span {
    /// From our Close to the target's.
    CloseToAnswer,
    /// From the target's Close, the second of the two, to its end of TCP.
    CloseToEnd,
}

/// What one sample came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sample {
    /// It took so long.
    Took(Duration),
    /// Not within patience.
    Never,
}

impl Experiment for Timed {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let [first, second, third] = SAMPLES.map(|label| measure(stage, label, self.0));
            tokio::join!(first, second, third);
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let mut samples = Vec::new();
        let mut trouble = None;
        for label in SAMPLES {
            match self.sample(transcript, label) {
                Ok(sample) => samples.push(sample),
                Err(judgement) => trouble = Some(judgement),
            }
        }
        samples.sort();
        let middle = match samples.len() {
            0 => None,
            count => samples.get((count - 1) / 2),
        };
        match middle {
            None => trouble.unwrap_or_else(|| {
                Judgement::inconclusive("no closing handshake came about: nothing to measure")
            }),
            Some(Sample::Never) => self.never(reading),
            Some(Sample::Took(took)) if *took > reading.timing.at_once => Judgement::warn(format!(
                "{} {:.1} s: {}",
                self.what(),
                took.as_secs_f32(),
                match self.0 {
                    Span::CloseToAnswer => "applications wait that long for a clean end",
                    Span::CloseToEnd => "clients hold the connection that long",
                }
            ))
            .to_confirm_alone(),
            Some(Sample::Took(_)) => Judgement::pass(format!(
                "{} less than {} s",
                self.what(),
                reading.timing.at_once.as_secs_f32()
            )),
        }
    }
}

async fn measure(stage: &Stage, label: &'static str, span: Span) {
    let mut conversation = Conversation::open(stage, label).await;
    if !conversation.heard().is_open() {
        return;
    }
    conversation.send(&[Frame::close(1000, "")]).await;
    conversation
        .wait("the answering Close", Dialogue::is_ending)
        .await;
    match span {
        Span::CloseToAnswer => conversation.part().await,
        Span::CloseToEnd => {
            if conversation.heard().close().is_some() {
                conversation.ended().await;
            }
        }
    }
}

impl Timed {
    fn what(&self) -> &'static str {
        match self.0 {
            Span::CloseToAnswer => "the answer to a Close took",
            Span::CloseToEnd => "from the Closes to the end of TCP it took",
        }
    }

    fn sample(&self, transcript: &Transcript, label: &str) -> Result<Sample, Judgement> {
        let heard = closed(transcript, label)?;
        let close = match (Answer::of(&heard), self.0) {
            (Answer::Close(close), _) => close,
            (Answer::Silence, Span::CloseToAnswer) => return Ok(Sample::Never),
            (Answer::Silence | Answer::Ended(_) | Answer::Flood, _) => {
                return Err(Judgement::inconclusive(format!(
                    "our Close was not answered ({}): there is no time to measure",
                    manner(&heard)
                )));
            }
        };
        Ok(match (self.0, &heard.end) {
            (Span::CloseToAnswer, _) => {
                let sent = transcript.connection(label).and_then(last_sent);
                Sample::Took(close.at.saturating_sub(sent.unwrap_or_default()))
            }
            (Span::CloseToEnd, Some((at, _))) => Sample::Took(at.saturating_sub(close.at)),
            (Span::CloseToEnd, None) => Sample::Never,
        })
    }

    fn never(&self, reading: &Reading) -> Judgement {
        let patience = reading.timing.patience.as_secs_f32();
        match self.0 {
            Span::CloseToAnswer => {
                Judgement::warn(format!("no answer to a Close within {patience} s"))
            }
            Span::CloseToEnd => Judgement::new(
                reading.contestable(),
                format!(
                    "TCP is still open {patience} s after both Closes: a client that waits for the end, as it should, hangs"
                ),
            )
            .resting_on("ambiguity/tcp-close"),
        }
        .resting_on_silence()
        .to_confirm_alone()
    }
}

/// When we last sent something.
fn last_sent(connection: &Connection) -> Option<Duration> {
    let mut events = connection.events.iter().rev();
    events
        .find(|event| matches!(event.what, What::Sent(_)))
        .map(|event| event.at)
}

/// How TCP ends where nothing provokes an RST.
struct Clean;

impl Experiment for Clean {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, MAIN).await;
            if !conversation.heard().is_open() {
                return;
            }
            conversation.send(&[Frame::close(1000, "")]).await;
            conversation
                .wait("the answering Close", Dialogue::is_ending)
                .await;
            conversation.part().await;
            if conversation.heard().close().is_some() && conversation.heard().end.is_none() {
                // When the target ends TCP is another case's matter; how it does, it may show behind our own end.
                conversation.send_fin().await;
                conversation.ended().await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match closed(transcript, MAIN) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        if heard.close().is_none() {
            return Judgement::inconclusive(format!(
                "our Close was not answered ({}): no end of a closing handshake to look at",
                manner(&heard)
            ));
        }
        match &heard.end {
            Some((_, End::Fin)) => Judgement::pass(manner(&heard)),
            Some((_, End::Reset)) => Judgement::warn(format!(
                "{}: an RST may destroy what the client has not yet read, the Close included",
                manner(&heard)
            ))
            .to_confirm_alone(),
            Some((_, End::FinWithoutAlert | End::Alert(_))) => Judgement::warn(format!(
                "{}: the TLS session was not closed in order",
                manner(&heard)
            ))
            .to_confirm_alone(),
            Some((_, End::Trouble(_) | End::Http(_))) => Judgement::inconclusive(manner(&heard)),
            None => Judgement::warn("TCP does not end, not even behind our own FIN")
                .resting_on_silence(),
        }
    }
}

/// A client that ends its side without a word.
struct HalfClose;

impl Experiment for HalfClose {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, MAIN).await;
            if conversation.heard().is_open() {
                conversation.send_fin().await;
                conversation.ended().await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, MAIN) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        match &heard.end {
            Some(_) => Judgement::pass(format!("let go: {}", manner(&heard))),
            None if heard.full => {
                Judgement::inconclusive("the target goes on sending, more than the case reads")
            }
            None => Judgement::warn(format!(
                "the connection is still held {} s after our FIN: clients that vanish pile up",
                reading.timing.patience.as_secs_f32()
            ))
            .resting_on_silence(),
        }
    }
}
