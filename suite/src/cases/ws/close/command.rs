//! Closes that the server begins, on command.

use super::answer::MAIN;
use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::{End, Transcript};
use crate::transport::Boxed;
use crate::ws::after_fault::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame, HeardFrame};
use pushspec_parser::Violation;
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Severity, printable};

/// The Close that is asked for.
const CODE: u16 = 1001;
const REASON: &[u8] = b"closed on command";
const CLOSE: &str = "close:1001:closed on command";

/// The code of a Close of ours that crosses the server's: another, so that it is no answer.
const CROSSING: u16 = 4001;

const PING: &[u8] = b"still there?";

/// A message long enough that the server is still at it when our Close comes, and what the case reads at most.
const STREAM: &str = "send:1:2097152:binary:128";
const STREAM_WEIGHT: usize = 3 * 1024 * 1024;

/// What is no part of it is shorter: endpoints may greet.
const GREETING: usize = 1024;

/// Whether a frame or a message of this kind and length belongs to the long message.
fn is_stream(opcode: Opcode, length: usize) -> bool {
    matches!(opcode, Opcode::BINARY | Opcode::CONTINUATION) && length > GREETING
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "ping-after-server-close",
            Severity::Minor,
            &["rfc6455/5.5.2/pong-required"],
            PingBeforeAnswer,
        )
        .about(
            "the server closes on command; a ping before we answer its Close",
            "a pong: only a Close that was received ends that duty",
        ),
        case(
            "client-never-answers",
            Severity::Informational,
            &["rfc6455/7.1.1/close-by-any-means"],
            NeverAnswered,
        )
        .about(
            "the server closes on command; we never answer",
            "recorded: how long the server waits",
        )
        .in_set(Set::Long),
        case(
            "server-initiated",
            Severity::Major,
            &[
                "rfc6455/7.1.2/start-closing-sends-close",
                "rfc6455/7.3/closure-uses-handshake",
                "rfc6455/5.5.1/one-close-only",
                "rfc6455/5.5.1/server-closes-tcp-at-once",
            ],
            Initiated { answer: CODE },
        )
        .about(
            format!("the server closes with {CODE} on command; we answer with the same code"),
            "a Close with that code and reason comes first; behind our answer TCP ends",
        ),
        case(
            "simultaneous",
            Severity::Minor,
            &[
                "rfc6455/5.5.1/simultaneous-close",
                "rfc6455/5.5.1/one-close-only",
                "rfc6455/5.5.1/server-closes-tcp-at-once",
            ],
            Initiated { answer: CROSSING },
        )
        .about(
            format!(
                "the server closes with {CODE} on command; a Close {CROSSING} of ours crosses it"
            ),
            "one Close from each side, then the end of TCP",
        ),
        case(
            "close-while-streaming",
            Severity::Major,
            &[
                "rfc6455/5.5.1/no-data-after-close",
                "rfc6455/6.1/abort-on-state-change",
            ],
            Streaming,
        )
        .about(
            "Close 1000 while the server sends a long message",
            "a Close at once or behind the message, and no data behind it",
        )
        .weighing(STREAM_WEIGHT),
    ]
}

fn case(
    name: &str,
    severity: Severity,
    requirements: &'static [&'static str],
    experiment: impl Experiment + 'static,
) -> Case {
    let id = format!("ws/close/{name}");
    Case::new(id, severity, &[Need::Command], requirements, experiment)
}

/// Opens the command endpoint and has it close; `Met` when something came of it.
async fn have_it_close(stage: &Stage) -> (Conversation, Waited) {
    let mut conversation = Conversation::open_command(stage, MAIN).await;
    conversation.send(&[Frame::text(CLOSE)]).await;
    let waited = conversation
        .wait("the server's Close", Dialogue::is_ending)
        .await;
    (conversation, waited)
}

/// What the server did on command, if it did anything.
fn obeyed(transcript: &Transcript) -> Result<Dialogue, Judgement> {
    let heard = opened(transcript, MAIN)?;
    match heard.is_ending() {
        true => Ok(heard),
        false => Err(Judgement::inconclusive(format!(
            "`{CLOSE}` was not obeyed: neither a Close nor an end came"
        ))),
    }
}

/// No Close, although the server was to close.
fn unannounced(end: &End) -> Judgement {
    Judgement::fail(format!(
        "told to close, the server ended the connection ({end}) without a Close: clients report an abnormal closure, 1006"
    ))
    .by("rfc6455/7.1.2/start-closing-sends-close")
}

/// The server begins; our Close follows.
struct Initiated {
    /// The code of our Close.
    answer: u16,
}

impl Experiment for Initiated {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let (mut conversation, waited) = have_it_close(stage).await;
            if waited == Waited::Met && conversation.heard().close().is_some() {
                conversation.send(&[Frame::close(self.answer, "")]).await;
                conversation.ended().await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match obeyed(transcript) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        let close = match (heard.close(), &heard.end) {
            (Some(close), _) => close,
            (None, Some((_, end))) => return unannounced(end),
            (None, None) => return Judgement::inconclusive("nothing came"),
        };
        if let Some(second) = heard.closes.get(1) {
            return Judgement::fail(
                "the server answered our Close although it had sent its own: each side sends one",
            )
            .by("rfc6455/5.5.1/one-close-only")
            .at(Spot::received(MAIN, second.offset));
        }
        if heard.end.is_none() {
            return Judgement::new(
                reading.contestable(),
                format!(
                    "TCP is still open {} s after both Closes",
                    reading.timing.patience.as_secs_f32()
                ),
            )
            .by("rfc6455/5.5.1/server-closes-tcp-at-once")
            .resting_on("ambiguity/tcp-close")
            .resting_on_silence();
        }
        let manner = manner(&heard);
        if close.code != Some(CODE) || close.reason != REASON {
            return Judgement::warn(format!(
                "told to close with {CODE} \"{}\", the server sent {manner}",
                printable(REASON, 40)
            ))
            .by("rfc6455/7.1.2/start-closing-sends-close")
            .at(Spot::received(MAIN, close.offset));
        }
        Judgement::pass(manner)
    }
}

/// A ping between the server's Close and ours.
struct PingBeforeAnswer;

impl Experiment for PingBeforeAnswer {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let (mut conversation, waited) = have_it_close(stage).await;
            if waited != Waited::Met || conversation.heard().close().is_none() {
                return;
            }
            conversation.send(&[Frame::ping(PING)]).await;
            conversation
                .wait_for(stage.setting.timing.at_once, "a pong", |heard| {
                    heard.pong(PING).is_some() || heard.end.is_some()
                })
                .await;
            // Whatever the ping came to, the server has a right to our answer.
            conversation.send(&[Frame::close(CODE, "")]).await;
            conversation.listen(stage.setting.timing.at_once).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let heard = match obeyed(transcript) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        if heard.close().is_none() {
            return Judgement::inconclusive(format!(
                "the server did not begin with a Close: {}",
                manner(&heard)
            ));
        }
        match heard.pong(PING) {
            Some(_) => Judgement::pass("the ping was answered behind the server's Close"),
            None => Judgement::warn(
                "a ping behind the server's Close was not answered: it had received no Close yet",
            )
            .resting_on_silence(),
        }
    }
}

/// We never answer the server's Close.
struct NeverAnswered;

impl Experiment for NeverAnswered {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let (mut conversation, waited) = have_it_close(stage).await;
            if waited == Waited::Met {
                // As long as the case may take, with room for a handshake.
                let window = stage.setting.timing.deadline.mul_f32(0.75);
                conversation.listen(window).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match obeyed(transcript) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        match (heard.close(), &heard.end) {
            (Some(close), Some((at, end))) => {
                let waited = at.saturating_sub(close.at).as_secs_f32().round();
                Judgement::info(format!("{end} after about {waited} s without our answer"))
            }
            (Some(_), None) => Judgement::info(format!(
                "the server waits for our answer for more than {} s",
                reading.timing.deadline.mul_f32(0.75).as_secs()
            )),
            (None, _) => Judgement::inconclusive(format!(
                "the server did not begin with a Close: {}",
                manner(&heard)
            )),
        }
    }
}

/// Our Close comes while the server sends a long message.
struct Streaming;

impl Experiment for Streaming {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open_command(stage, MAIN).await;
            conversation.send(&[Frame::text(STREAM)]).await;
            let begun = |heard: &Dialogue| frames(heard) > 0 || heard.is_ending();
            let waited = conversation.wait("the server's long message", begun).await;
            if waited == Waited::Met && !conversation.heard().is_ending() {
                super::answer::close(&mut conversation, &[Frame::close(1000, "")]).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, MAIN) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        if frames(&heard) == 0 {
            return Judgement::inconclusive(format!("`{STREAM}` was not obeyed"));
        }
        let behind = heard
            .findings
            .iter()
            .find(|finding| finding.violation == Violation::DataAfterClose);
        if let Some(finding) = behind {
            return Judgement::fail(
                "the server answered our Close and went on with its message: clients take what follows for an error",
            )
            .by("rfc6455/5.5.1/no-data-after-close")
            .at(Spot::received(MAIN, finding.offset));
        }
        match (heard.close(), &heard.end) {
            (Some(_), _) if !came_whole(&heard) => {
                Judgement::pass(format!("the message was given up: {}", manner(&heard)))
            }
            (Some(_), _) => Judgement::pass(format!("behind the message: {}", manner(&heard))),
            (None, Some((_, end))) => super::answer::unanswered(end),
            (None, None) if heard.full => super::answer::flooded(),
            // While the message is under way, the answer may wait (section 5.5.1).
            (None, None) if !came_whole(&heard) => Judgement::inconclusive(
                "the message was still under way when our patience with the answer ended",
            ),
            (None, None) => super::answer::ignored(reading),
        }
    }
}

/// Frames of the long message that came.
fn frames(heard: &Dialogue) -> usize {
    let stream = |frame: &&HeardFrame| is_stream(frame.header.opcode, frame.header.length as usize);
    heard.frames.iter().filter(stream).count()
}

/// Whether it came to its end.
fn came_whole(heard: &Dialogue) -> bool {
    let mut messages = heard.messages.iter();
    messages.any(|message| is_stream(message.opcode, message.payload.len()))
}
