//! A Close with other frames before, behind and around it, all in one segment.
//!
//! Bytes that a target leaves unread make its kernel end the connection by RST, which may destroy the Close that it
//! sent: where such bytes stand behind our Close, a bare RST proves nothing.

use super::answer::{Answer, MAIN, closed, flooded, ignored, open_and_close, unanswered};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{End, Transcript};
use crate::transport::Boxed;
use crate::ws::after_fault::manner;
use crate::ws::{Dialogue, Frame, HeardClose, HeardMessage};
use pushspec_parser::Violation;
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

/// The payload of what stands beside the Close.
const BESIDE: &[u8] = b"beside the close";

/// What stands before a Close inside a message.
const FRAGMENT: &[u8] = b"frag";

/// Bytes of the large message.
const LARGE: usize = 256 * 1024;

/// What the connection with the large message reads at most.
const LARGE_WEIGHT: usize = 1024 * 1024;

/// Frames with a Close among them, and how to read what comes back.
struct Around {
    frames: fn() -> Vec<Frame>,
    judge: fn(&Dialogue, &Reading) -> Judgement,
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "two-closes",
            Severity::Major,
            &[Need::Open],
            &["rfc6455/5.5.1/one-close-only"],
            || vec![bye(), bye()],
            two_closes,
        )
        .about("Close 1000, twice", "one Close in answer")
        .hostile(),
        case(
            "then-ping",
            Severity::Minor,
            &[Need::Open],
            &["rfc6455/5.5.2/no-pong-needed-after-close"],
            || vec![bye(), Frame::ping(BESIDE)],
            then_ping,
        )
        .about(
            "Close 1000, a ping behind it",
            "a Close, and no pong behind it",
        ),
        case(
            "then-text",
            Severity::Major,
            &[Need::Echo],
            &[
                "rfc6455/5.5.1/no-data-after-close",
                "rfc6455/1.4/discard-after-close",
            ],
            || vec![bye(), Frame::text(BESIDE)],
            then_text,
        )
        .about(
            "Close 1000, a text behind it",
            "a Close, and no echo behind it",
        ),
        case(
            "mid-fragment",
            Severity::Major,
            &[Need::Open],
            &["rfc6455/5.5.1/close-answered"],
            || {
                vec![
                    Frame::binary(FRAGMENT).unfinished(),
                    bye(),
                    Frame::continuation("ment"),
                ]
            },
            mid_fragment,
        )
        .about(
            "Close 1000 in the middle of a fragmented message",
            "a Close, whatever its code",
        ),
        case(
            "behind-large",
            Severity::Informational,
            &[Need::Echo],
            &["rfc6455/5.5.1/close-answer-may-wait-for-message"],
            || {
                vec![
                    Frame::binary(vec![b'x'; LARGE]),
                    Frame::text(BESIDE),
                    bye(),
                    Frame::ping(BESIDE),
                ]
            },
            behind_large,
        )
        .about(
            "a message of 256 kB, a text, Close 1000 and a ping in one go",
            "recorded: the Close may wait for the echo",
        )
        .weighing(LARGE_WEIGHT),
        case(
            "behind-ping",
            Severity::Major,
            &[Need::Open],
            &[
                "rfc6455/5.5.1/close-answered",
                "rfc6455/5.5.1/no-data-after-close",
            ],
            || vec![Frame::ping(BESIDE), bye()],
            then_ping,
        )
        .about(
            "a ping and Close 1000 in one segment",
            "a Close, whether the ping in front of ours is answered or not",
        ),
        case(
            "same-segment",
            Severity::Major,
            &[Need::Echo],
            &[
                "rfc6455/5.5.1/close-answered",
                "rfc6455/5.5.1/no-data-after-close",
                "rfc6455/6.2/parse-as-frames",
            ],
            || vec![Frame::text(BESIDE), bye()],
            same_segment,
        )
        .about(
            "a text and Close 1000 in one segment",
            "a Close; the echo may come before it and not behind it",
        ),
    ]
}

/// A message that is begun, interrupted by a Close, and never ended: the Close is all that can be answered.
pub(in crate::cases::ws) fn inside_message() -> Case {
    let mut case = case(
        "mid-fragment",
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/5.5.1/close-answered",
            "rfc6455/5.5.1/close-answer-may-wait-for-message",
        ],
        || vec![Frame::binary(FRAGMENT).unfinished(), bye()],
        mid_fragment,
    );
    case.id = "ws/frag/close-between".into();
    case.about(
        "the first fragment of a message, then Close 1000; the rest of the message never comes",
        "a Close, whatever its code, and no data behind it",
    )
}

fn case(
    name: &str,
    severity: Severity,
    needs: &'static [Need],
    requirements: &'static [&'static str],
    frames: fn() -> Vec<Frame>,
    judge: fn(&Dialogue, &Reading) -> Judgement,
) -> Case {
    let id = format!("ws/close/{name}");
    Case::new(id, severity, needs, requirements, Around { frames, judge })
}

fn bye() -> Frame {
    Frame::close(1000, "")
}

impl Experiment for Around {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            open_and_close(stage, MAIN, &(self.frames)()).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        match closed(transcript, MAIN) {
            Ok(heard) => (self.judge)(&heard, reading),
            Err(judgement) => judgement,
        }
    }
}

/// The Close that answers ours, with bytes behind ours.
fn answered<'a>(heard: &'a Dialogue, reading: &Reading) -> Result<&'a HeardClose, Judgement> {
    match Answer::of(heard) {
        Answer::Close(close) => Ok(close),
        Answer::Ended(End::Reset) => Err(Judgement::inconclusive(
            "TCP RST and no Close: what stood behind our Close may have provoked it",
        )),
        Answer::Ended(end) => Err(unanswered(end)),
        Answer::Silence => Err(ignored(reading)),
        Answer::Flood => Err(flooded()),
    }
}

/// The Close that answers ours, if no data stands behind it.
fn answered_last<'a>(heard: &'a Dialogue, reading: &Reading) -> Result<&'a HeardClose, Judgement> {
    let close = answered(heard, reading)?;
    let data = |finding: &&pushspec_parser::Finding| finding.violation == Violation::DataAfterClose;
    match heard.findings.iter().find(data) {
        None => Ok(close),
        Some(finding) => Err(Judgement::fail(format!(
            "data came behind the Close ({}): clients have stopped listening, so it is lost",
            manner(heard)
        ))
        .by("rfc6455/5.5.1/no-data-after-close")
        .at(Spot::received(MAIN, finding.offset))),
    }
}

fn two_closes(heard: &Dialogue, reading: &Reading) -> Judgement {
    match (answered(heard, reading), heard.closes.get(1)) {
        (Err(judgement), _) => judgement,
        (Ok(_), None) => Judgement::pass(format!("answered once: {}", manner(heard))),
        (Ok(_), Some(second)) => {
            Judgement::fail("a second Close came behind the first: each side sends one")
                .at(Spot::received(MAIN, second.offset))
        }
    }
}

fn then_ping(heard: &Dialogue, reading: &Reading) -> Judgement {
    let close = match answered(heard, reading) {
        Ok(close) => close,
        Err(judgement) => return judgement,
    };
    let manner = manner(heard);
    match heard.pong(BESIDE) {
        None => Judgement::pass(format!("no pong; {manner}")),
        Some(pong) if pong.offset < close.offset => {
            Judgement::pass(format!("a pong came before the Close; {manner}"))
        }
        Some(pong) => Judgement::warn(format!(
            "a pong came behind the Close ({manner}): the connection was closed by then"
        ))
        .resting_on("ambiguity/pong-after-close")
        .at(Spot::received(MAIN, pong.offset)),
    }
}

fn then_text(heard: &Dialogue, reading: &Reading) -> Judgement {
    match answered_last(heard, reading) {
        Err(judgement) => judgement,
        Ok(_) if heard.messages.is_empty() => {
            Judgement::pass(format!("no echo; {}", manner(heard)))
        }
        Ok(_) => Judgement::pass(format!("the echo came before the Close; {}", manner(heard))),
    }
}

fn mid_fragment(heard: &Dialogue, reading: &Reading) -> Judgement {
    // An echo endpoint shows what it took the Close for.
    let joined = [FRAGMENT, &bye().payload].concat();
    let taken = |message: &&HeardMessage| message.payload.starts_with(&joined);
    if let Some(message) = heard.messages.iter().find(taken) {
        return Judgement::fail("the Close inside a message was taken for a part of the message")
            .at(Spot::received(MAIN, message.offset));
    }
    match answered_last(heard, reading) {
        Err(judgement) => judgement,
        Ok(close) if close.code == Some(1002) => Judgement::pass(format!(
            "answered by {}: over the unfinished message, it seems",
            manner(heard)
        )),
        Ok(_) => Judgement::pass(format!("answered by {}", manner(heard))),
    }
}

fn same_segment(heard: &Dialogue, reading: &Reading) -> Judgement {
    match answered_last(heard, reading) {
        Err(judgement) => judgement,
        Ok(_) if heard.messages.is_empty() => {
            Judgement::pass(format!("answered without the echo: {}", manner(heard)))
        }
        Ok(_) => Judgement::pass(format!("the echo, then {}", manner(heard))),
    }
}

fn behind_large(heard: &Dialogue, _: &Reading) -> Judgement {
    let came = |yes: bool, what: &str| format!("{}{what}", if yes { "" } else { "no " });
    let large = heard
        .messages
        .iter()
        .any(|message| message.payload.len() == LARGE);
    let small = heard.message(Opcode::TEXT, BESIDE).is_some();
    Judgement::info(format!(
        "{}, {}, {}; {}",
        came(large, "large echo"),
        came(small, "small echo"),
        came(heard.pong(BESIDE).is_some(), "pong"),
        manner(heard)
    ))
}
