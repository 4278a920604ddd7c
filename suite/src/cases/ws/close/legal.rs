//! Legal Closes: empty, with each code that a client may send, with a reason.

use super::answer::{self, Answer, MAIN, closed, judge_code, open_and_close};
use crate::case::{Case, Experiment, Need};
use crate::declared::{Profile, Reading};
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::manner;
use crate::ws::{Conversation, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

/// A message whose echo is awaited before the Close.
const MESSAGE: &[u8] = b"pushspec says goodbye";

/// A reason of characters that take two, three and four bytes, 123 bytes in all. Whoever cuts it, at a round number above all,
/// cuts a character.
const MULTIBYTE: &str =
    "zum Abschied: Grüße, さようなら - 👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋é";

/// The codes of RFC 6455 that a client may send, and the ends of the two ranges for others.
const VALID: [u16; 13] = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
];

/// Codes that IANA registered later.
const IANA: [u16; 3] = [1012, 1013, 1014];

/// One legal Close.
struct Legal {
    frame: Frame,
    code: Option<u16>,
    /// Whether a message is echoed first.
    after_echo: bool,
    grade: Grade,
}

/// How the answer is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grade {
    /// The same code, 1000 or none; another warns.
    Code,
    /// Any answer is as good as another, and is recorded.
    Recorded,
    /// A refusal is recorded: the code was registered after the server's time.
    Refusable,
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new(
            "ws/close/after-echo",
            Severity::Major,
            &[Need::Echo],
            &[
                "rfc6455/5.5.1/close-answered",
                "rfc6455/5.5.1/close-tcp-after-both",
                "rfc6455/7.1.2/close-connection-after-both",
            ],
            Legal::new(Frame::close(1000, ""), Some(1000)).after_echo(),
        )
        .about("a message, its echo, Close 1000", "a Close in answer"),
        Case::new(
            "ws/close/empty",
            Severity::Major,
            &[Need::Open],
            &[
                "rfc6455/5.5.1/close-empty-body-allowed",
                "rfc6455/7.4/code-optional",
                "rfc6455/7.1.5/close-code-1005-locally",
                "ws-api/interface/close-no-body",
            ],
            Legal::new(Frame::close_with([]), None),
        )
        .about(
            "a Close without a body",
            "a Close without a body or with 1000: 1005 stands for it inside an API only",
        ),
        Case::new(
            "ws/close/code-only",
            Severity::Major,
            &[Need::Open],
            &[
                "rfc6455/5.5.1/close-answered",
                "rfc6455/5.5.1/close-code-echoed",
            ],
            Legal::new(Frame::close(1000, ""), Some(1000)),
        )
        .about("Close 1000", "a Close with 1000, or without a body"),
    ];
    let reasons = [
        ("13", "13 bytes", "see you later".to_owned()),
        ("123", "123 bytes, the most there can be", "x".repeat(123)),
        (
            "multibyte",
            "123 bytes, in characters of two to four",
            MULTIBYTE.to_owned(),
        ),
    ];
    for (name, what, reason) in reasons {
        let case = Case::new(
            format!("ws/close/reason-{name}"),
            Severity::Major,
            &[Need::Open],
            &[
                "rfc6455/5.5.1/close-reason-opaque",
                "rfc6455/5.5.1/close-answered",
            ],
            Legal::new(Frame::close(1000, reason), Some(1000)),
        );
        cases.push(case.about(
            format!("Close 1000 with a reason: {what}"),
            "a Close with 1000, or without a body; the reason may come back",
        ));
    }
    for code in VALID {
        let legal = Legal::new(Frame::close(code, ""), Some(code));
        let (legal, expected) = match code {
            1010 => (
                legal.graded(Grade::Recorded),
                "a Close in answer; its code is recorded, for 1010 is a code for clients alone",
            ),
            _ => (
                legal,
                "a Close with the same code, with 1000, or without a body",
            ),
        };
        let case = Case::new(
            format!("ws/close/codes-valid-{code}"),
            Severity::Major,
            &[Need::Open],
            &[
                "rfc6455/7.4.1/predefined-codes",
                "rfc6455/7.4.2/3000-3999-registered",
                "rfc6455/7.4.2/4000-4999-private",
                "rfc6455/5.5.1/close-code-echoed",
                "ws-api/gc/1001-on-navigation",
            ],
            legal,
        );
        cases.push(case.about(format!("Close {code}"), expected));
    }
    for code in IANA {
        let case = Case::new(
            format!("ws/close/codes-iana-{code}"),
            Severity::Informational,
            &[Need::Open],
            &["iana/close-code/1012-1014"],
            Legal::new(Frame::close(code, ""), Some(code)).graded(Grade::Refusable),
        );
        cases.push(case.about(
            format!("Close {code}, which was registered after RFC 6455"),
            "a Close with the same code, with 1000, or without a body; a refusal is recorded",
        ));
    }
    cases
}

impl Legal {
    fn new(frame: Frame, code: Option<u16>) -> Self {
        Self {
            frame,
            code,
            after_echo: false,
            grade: Grade::Code,
        }
    }

    fn after_echo(mut self) -> Self {
        self.after_echo = true;
        self
    }

    fn graded(mut self, grade: Grade) -> Self {
        self.grade = grade;
        self
    }
}

impl Experiment for Legal {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let frames = std::slice::from_ref(&self.frame);
            if !self.after_echo {
                return open_and_close(stage, MAIN, frames).await;
            }
            let mut conversation = Conversation::open(stage, MAIN).await;
            conversation.send(&[Frame::text(MESSAGE)]).await;
            conversation
                .wait("the echo", |heard| {
                    heard.message(Opcode::TEXT, MESSAGE).is_some() || heard.is_ending()
                })
                .await;
            if !conversation.heard().is_ending() {
                answer::close(&mut conversation, frames).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match closed(transcript, MAIN) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        if self.after_echo && heard.message(Opcode::TEXT, MESSAGE).is_none() {
            return Judgement::inconclusive(
                "the echo did not come, so there was no Close after an echo",
            );
        }
        let observed = || format!("answered by {}", manner(&heard));
        match (self.grade, Answer::of(&heard)) {
            // Autobahn wants the same code, or 1000, of every Close.
            (Grade::Recorded, Answer::Close(close)) => match reading.profile {
                Profile::Autobahn => judge_code(&heard, close, self.code, reading),
                Profile::Standard | Profile::Strict | Profile::Browser => {
                    Judgement::info(observed()).resting_on("ambiguity/close-codes")
                }
            },
            (Grade::Refusable, Answer::Close(close)) => match close.code {
                None | Some(1000) => Judgement::pass(observed()),
                code if code == self.code => {
                    Judgement::pass(observed()).resting_on("ambiguity/code-1010")
                }
                Some(_) => Judgement::info(format!("refused: {}", manner(&heard)))
                    .resting_on("ambiguity/code-1010"),
            },
            (Grade::Refusable, Answer::Ended(_)) => {
                Judgement::info(format!("refused: {}", manner(&heard)))
            }
            (Grade::Refusable, Answer::Silence) => {
                Judgement::info("ignored: the connection stays open and nothing comes")
            }
            (Grade::Code | Grade::Recorded | Grade::Refusable, _) => {
                answer::judge(&heard, reading, |close| {
                    judge_code(&heard, close, self.code, reading)
                })
            }
        }
    }
}
