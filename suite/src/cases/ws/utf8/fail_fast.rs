//! `ws/utf8/fail-fast`: a text that is wrong from some byte on, and a pause behind that byte. Failing at once is optional,
//! failing at all is not.

use super::refused;
use crate::case::{Case, Experiment};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Transcript, What};
use crate::transport::Boxed;
use crate::ws::after_fault::{AfterFault, FAULT};
use crate::ws::{Frame, Segments};
use pushspec_reports::{Severity, Verdict};

/// A word, and a sequence beyond U+10FFFF that can be known for what it is by its second byte.
const WORD: &str = "\u{3ba}\u{1f79}\u{3c3}\u{3bc}\u{3b5}";
const BAD: [u8; 4] = [0xf4, 0x90, 0x80, 0x80];
const REST: &str = "edited";

/// Of the bytes of [`BAD`].
const TILL_WRONG: usize = 2;

/// The second fragment begins behind so many of the bytes of [`BAD`]: where it is the byte that makes the text wrong, the first
/// ends inside a character.
const fn begun(bytes: usize) -> usize {
    match bytes {
        TILL_WRONG => TILL_WRONG - 1,
        _ => 0,
    }
}

/// Of a short frame of a client, before its payload.
const HEADER: usize = 6;

struct FailFast(AfterFault);

pub(super) fn cases() -> Vec<Case> {
    let points = [
        ("sequence", "a bad sequence", BAD.len()),
        ("byte", "the first byte that makes it wrong", TILL_WRONG),
    ];
    let frames = points.map(|(name, point, bytes)| {
        let text = |middle: &[u8]| {
            let (first, rest) = middle.split_at(begun(bytes));
            let (second, third) = rest.split_at(bytes - begun(bytes));
            vec![
                Frame::text([WORD.as_bytes(), first].concat()).unfinished(),
                Frame::continuation(second).unfinished(),
                Frame::continuation([third, REST.as_bytes()].concat()),
            ]
        };
        case(
            &format!("frames-{name}"),
            format!(
                "a text in three fragments; behind the second, which ends with {point}, a pause"
            ),
            text(&BAD),
            text(b"fine"),
            HEADER + WORD.len() + HEADER + bytes,
        )
    });
    let one_frame = points.map(|(name, point, bytes)| {
        let text = |middle: &[u8]| {
            vec![Frame::text(
                [WORD.as_bytes(), middle, REST.as_bytes()].concat(),
            )]
        };
        case(
            &format!("one-frame-{name}"),
            format!("a text in one frame; behind {point}, a pause"),
            text(&BAD),
            text(b"fine"),
            HEADER + WORD.len() + bytes,
        )
    });
    frames.into_iter().chain(one_frame).collect()
}

fn case(
    name: &str,
    fault: String,
    faulty: Vec<Frame>,
    legal: Vec<Frame>,
    pause_behind: usize,
) -> Case {
    let rule = AfterFault::new(fault, faulty, legal)
        .found_late()
        .cut(Segments::Paused(pause_behind));
    let mut case = refused(
        format!("fail-fast-{name}"),
        &[
            "rfc6455/8.1/invalid-utf8-fails",
            "rfc6455/8.1/fail-fast-optional",
        ],
        rule.clone(),
    );
    case.severity = Severity::Informational;
    case.experiment = Box::new(FailFast(rule));
    case
}

impl Experiment for FailFast {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        self.0.drive(stage)
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let mut judgement = self.0.judge(transcript, reading);
        if judgement.verdict == Verdict::Pass {
            let when = match paused_only(transcript) {
                true => "at once, before the message was complete",
                false => "when the message was complete",
            };
            judgement.observed = format!("{} ({when})", judgement.observed);
            judgement = judgement.resting_on("ambiguity/late-utf8-failure");
        }
        judgement
    }
}

/// Whether what stands behind the pause was never sent: beside the handshake, there was one write.
fn paused_only(transcript: &Transcript) -> bool {
    let events = transcript
        .connection(FAULT)
        .map_or(&[][..], |connection| &connection.events);
    let writes = events
        .iter()
        .filter(|event| matches!(event.what, What::Sent(_)));
    writes.count() == 2
}
