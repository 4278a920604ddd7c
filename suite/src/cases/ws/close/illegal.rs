//! Closes that nobody may send, and closes with codes that nobody has defined.
//!
//! The connection ends either way; only the answer shows whether the fault was seen. So a clean answer warns, and what
//! fails is staying open, or an answer that breaks a rule itself.

use super::answer::{Answer, MAIN, closed, open_and_close, wrong_body};
use crate::case::{Case, Experiment, Need};
use crate::declared::{Profile, Reading};
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::{TWIN, manner, opened};
use crate::ws::{Frame, HeardClose};
use pushspec_reports::{Severity, Verdict};

/// A reason that begins well and then holds a surrogate.
const BAD_REASON: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited";

/// The most bytes that a control frame carries.
const MOST: usize = 125;

/// One Close that is no ordinary one.
struct Illegal {
    fault: String,
    body: Vec<u8>,
    duty: Duty,
}

/// Codes of one kind: family, codes, severity, requirements, and what the documents make of them.
type CodeRow = (
    &'static str,
    &'static [u16],
    Severity,
    &'static [&'static str],
    Duty,
);

/// What the documents make of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Duty {
    /// It must not be sent: it is to be refused.
    Refuse,
    /// The code is reserved: what comes back is recorded. Autobahn wants it refused.
    Reserved,
    /// Nothing is said about the code: what comes back is recorded.
    Undefined,
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        illegal(
            "one-byte-body",
            Severity::Major,
            &[
                "rfc6455/5.5.1/close-body-starts-with-code",
                "rfc6455/7.1.7/fail-closes-connection",
            ],
            "a Close with a body of one byte",
            vec![0x03],
        )
        .hostile(),
        illegal(
            "too-long",
            Severity::Major,
            &[
                "rfc6455/5.5/control-length-125",
                "rfc6455/7.1.7/fail-closes-connection",
            ],
            "a Close with a body of 126 bytes",
            [&1000_u16.to_be_bytes()[..], &[b'x'; MOST - 1]].concat(),
        ),
        illegal(
            "reason-bad-utf8",
            Severity::Major,
            &[
                "rfc6455/5.5.1/close-reason-utf8",
                "rfc6455/8.1/invalid-utf8-fails",
                "rfc6455/7.1.7/fail-closes-connection",
            ],
            "a Close with a reason that is not UTF-8",
            [&1000_u16.to_be_bytes()[..], BAD_REASON].concat(),
        ),
    ];
    let never: [(u16, &'static [&'static str]); 3] = [
        (1005, &["rfc6455/7.4.1/1005-not-on-wire"]),
        (1006, &["rfc6455/7.4.1/1006-not-on-wire"]),
        (1015, &["rfc6455/7.4.1/1015-not-on-wire"]),
    ];
    for (code, requirements) in never {
        cases.push(code_case(
            "codes-never-on-wire",
            code,
            Severity::Major,
            requirements,
            Duty::Refuse,
        ));
    }
    let rows: [CodeRow; 3] = [
        (
            "codes-below-1000",
            &[0, 1, 999],
            Severity::Minor,
            &["rfc6455/7.4.2/0-999-unused"],
            Duty::Refuse,
        ),
        (
            "codes-reserved",
            &[1004, 1016, 1100, 2000, 2999],
            Severity::Informational,
            &[
                "rfc6455/7.4.2/1000-2999-reserved",
                "rfc6455/7.4.1/1004-reserved",
            ],
            Duty::Reserved,
        ),
        (
            "codes-high",
            &[5000, 65535],
            Severity::Informational,
            &["rfc6455/7.4.2/5000-up-undefined"],
            Duty::Undefined,
        ),
    ];
    for (family, codes, severity, requirements, duty) in rows {
        for &code in codes {
            cases.push(code_case(family, code, severity, requirements, duty));
        }
    }
    cases
}

fn illegal(
    name: &str,
    severity: Severity,
    requirements: &'static [&'static str],
    fault: &str,
    body: Vec<u8>,
) -> Case {
    let experiment = Illegal {
        fault: fault.into(),
        body,
        duty: Duty::Refuse,
    };
    Case::new(
        format!("ws/close/{name}"),
        severity,
        &[Need::Open],
        requirements,
        experiment,
    )
    .about(
        fault,
        "the connection is failed: a Close with an error code, or an end",
    )
}

fn code_case(
    family: &str,
    code: u16,
    severity: Severity,
    requirements: &'static [&'static str],
    duty: Duty,
) -> Case {
    let (what, expected) = match duty {
        Duty::Refuse => (
            "which nobody may send",
            "the connection is failed: a Close with an error code, or an end",
        ),
        Duty::Reserved => (
            "which is reserved",
            "recorded: no document says how a server reacts",
        ),
        Duty::Undefined => (
            "about which the documents say nothing",
            "recorded: no document says how a server reacts",
        ),
    };
    let experiment = Illegal {
        fault: format!("a Close with code {code}"),
        body: code.to_be_bytes().to_vec(),
        duty,
    };
    Case::new(
        format!("ws/close/{family}-{code}"),
        severity,
        &[Need::Open],
        requirements,
        experiment,
    )
    .about(format!("Close {code}, {what}"), expected)
}

impl Experiment for Illegal {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let faulty = [Frame::close_with(self.body.clone())];
            let legal = [Frame::close(1000, "")];
            tokio::join!(
                open_and_close(stage, TWIN, &legal),
                open_and_close(stage, MAIN, &faulty)
            );
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match closed(transcript, MAIN) {
            Ok(heard) => heard,
            Err(judgement) => return judgement,
        };
        let answer = Answer::of(&heard);
        if self.duty != Duty::Refuse {
            return self.record(&answer, &manner(&heard), reading);
        }
        match answer {
            Answer::Close(close) if close.body.len() > MOST => Judgement::fail(format!(
                "answered by a Close of {} bytes, more than a control frame may carry",
                close.body.len()
            ))
            .by("rfc6455/5.5/control-length-125")
            .at(Spot::received(MAIN, close.offset)),
            Answer::Close(close) => wrong_body(&heard, close, reading)
                .unwrap_or_else(|| self.judge_clean(close, &manner(&heard), reading)),
            Answer::Ended(_) => match opened(transcript, TWIN) {
                Err(judgement) => judgement,
                Ok(twin) if twin.close().is_none() => Judgement::inconclusive(format!(
                    "the connection ended ({}), but a legal Close comes to the same: the end proves nothing",
                    manner(&heard)
                )),
                Ok(_) => Judgement::pass(format!("noticed: {}", manner(&heard))),
            },
            Answer::Silence => Judgement::fail(format!(
                "{} was neither answered nor refused within {} s: the connection stays open",
                self.fault,
                reading.timing.patience.as_secs_f32()
            ))
            .by("rfc6455/7.1.7/fail-closes-connection")
            .resting_on_silence(),
            Answer::Flood => super::answer::flooded(),
        }
    }
}

impl Illegal {
    /// A sound answer: was the fault seen?
    fn judge_clean(&self, close: &HeardClose, manner: &str, reading: &Reading) -> Judgement {
        let taken_for_legal =
            || format!("{} was answered as if it were legal: {manner}", self.fault);
        let judgement = match (close.code, reading.profile) {
            (None | Some(1002), Profile::Autobahn) => Judgement::pass(format!("noticed: {manner}")),
            // Either says what is wrong with a reason.
            (Some(1007), Profile::Autobahn) if self.body.ends_with(BAD_REASON) => {
                Judgement::pass(format!("noticed: {manner}"))
            }
            (Some(_), Profile::Autobahn) => {
                Judgement::fail(taken_for_legal()).by("rfc6455/7.4.1/1002-for-protocol-error")
            }
            (None | Some(1000), Profile::Standard | Profile::Strict | Profile::Browser) => {
                Judgement::warn(taken_for_legal())
            }
            (Some(_), Profile::Standard | Profile::Strict | Profile::Browser) => {
                Judgement::pass(format!("noticed: {manner}"))
            }
        };
        match judgement.verdict {
            Verdict::Pass => judgement,
            _ => judgement
                .resting_on("ambiguity/illegal-close")
                .at(Spot::received(MAIN, close.offset)),
        }
    }

    /// What is recorded of a code that nobody has defined.
    fn record(&self, answer: &Answer<'_>, manner: &str, reading: &Reading) -> Judgement {
        let (refused, observed) = match answer {
            Answer::Close(close) => (
                matches!(close.code, None | Some(1002)),
                format!("answered by {manner}"),
            ),
            Answer::Ended(_) => (true, manner.to_owned()),
            Answer::Silence => (
                false,
                "neither answered nor refused: the connection stays open".into(),
            ),
            Answer::Flood => return super::answer::flooded(),
        };
        match (self.duty, reading.profile) {
            (Duty::Reserved, Profile::Autobahn) if refused => Judgement::pass(observed),
            (Duty::Reserved, Profile::Autobahn) => Judgement::fail(observed),
            (Duty::Refuse | Duty::Reserved | Duty::Undefined, _) => Judgement::info(observed),
        }
        .resting_on("ambiguity/close-codes")
    }
}
