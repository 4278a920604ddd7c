//! Names that are not, or not quite, the extension's, and what a declined offer leaves.

use super::answer::{Made, OFFERED, ask, made};
use super::legal;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::EXTENSIONS;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Frame;
use crate::ws::echo::{ECHO, Echo};
use crate::ws::handshake::{Answer, Rejection, twin_accepted};
use pushspec_reports::{Severity, Verdict, printable};

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let name_case = Case::new(
        "ws/pmd-neg/name-case",
        Severity::Informational,
        &[Need::Open],
        &["rfc7692/7.1/response-only-defined-parameters"],
        Recorded {
            offer: "PERMESSAGE-DEFLATE",
        },
    )
    .about(
        "an offer of `PERMESSAGE-DEFLATE`",
        "recorded: whether letter case matters is not said",
    );
    let declined = Case::new(
        "ws/pmd-neg/declined-works",
        Severity::Major,
        &[Need::Echo],
        &["rfc7692/5/declined-continues-uncompressed"],
        DeclinedWorks(Echo::of(vec![Frame::text(TEXT.repeat(64))]).offering(UNACCEPTABLE)),
    )
    .about(
        format!("an offer of `{UNACCEPTABLE}`, which has to be declined, and messages behind it"),
        "the messages come back, uncompressed",
    );
    let legacy = [
        "x-webkit-deflate-frame",
        "deflate-stream",
        "perframe-deflate",
    ];
    let legacy = legacy.into_iter().map(|name| {
        Case::new(
            format!("ws/pmd-neg/legacy-names-{name}"),
            Severity::Informational,
            &[Need::Open],
            &["rfc6455/9.1/registered-token"],
            Recorded { offer: name },
        )
        .about(
            format!("an offer of `{name}`, which is older than permessage-deflate"),
            "recorded: accepted or declined",
        )
    });
    [legal::quoted(), name_case, declined]
        .into_iter()
        .chain(legacy)
}

struct Recorded {
    offer: &'static str,
}

impl Experiment for Recorded {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async { ask(stage, self.offer, None).await })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answer = Answer::to(transcript, OFFERED);
        match &answer {
            Answer::Accepted(head) => {
                let values: Vec<String> = head
                    .all(EXTENSIONS)
                    .map(|value| printable(value, 80))
                    .collect();
                Judgement::info(match values.is_empty() {
                    true => "declined: 101 without an extension".into(),
                    false => format!("accepted as `{}`", values.join(", ")),
                })
            }
            Answer::Unreached(reason) => Judgement::inconclusive(reason.clone()).to_confirm_alone(),
            Answer::Rejected(_) => match twin_accepted(transcript, &answer) {
                Err(inconclusive) => inconclusive,
                Ok(()) => Judgement::info(format!("answered by {answer}")).to_confirm_alone(),
            },
        }
    }
}

/// What no server may accept.
const UNACCEPTABLE: &str = "permessage-deflate; foo";

/// What is sent then: worth compressing.
const TEXT: &str = "compress me, compress me, compress me, ";

/// An echo behind it.
struct DeclinedWorks(Echo);

impl Experiment for DeclinedWorks {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        self.0.drive(stage)
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let elsewhere = |what: &str| {
            let observed = format!("{what}: ws/pmd-neg/unknown-param-foo judges that");
            Judgement::new(Verdict::Skip, observed)
        };
        match made(transcript, ECHO) {
            Some(Made::Accepted(_)) => elsewhere("the offer was accepted"),
            Some(Made::Declined) => self.0.judge(transcript, reading),
            Some(Made::Refused(_)) | None => match Answer::to(transcript, ECHO) {
                Answer::Rejected(Rejection::Response(_)) => {
                    elsewhere("the handshake was refused because of the offer")
                }
                Answer::Accepted(_) | Answer::Rejected(_) | Answer::Unreached(_) => {
                    self.0.judge(transcript, reading)
                }
            },
        }
    }
}
