//! A handshake that asks for something, and how its answer is read: the families about subprotocols, extensions and
//! origins share it.

use crate::case::Experiment;
use crate::declared::Reading;
pub(super) use crate::http::EXTENSIONS;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Dialogue;
use crate::ws::handshake::{Answer, Rejection, ask_beside_twin, counted, flaws, twin_if_needed};
use crate::ws::{Conversation, Opened};
use pushspec_parser::Violation;
use pushspec_parser::http::ResponseHead;
use pushspec_reports::{Verdict, printable};

/// The label of the handshake.
pub(super) const ASKING: &str = "asking";

/// The label of the handshake that says the same in the ordinary way.
pub(super) const TIDY: &str = "tidy";

/// How a handshake differs from the ordinary one.
#[derive(Clone, Copy)]
pub(super) enum Ask {
    /// One field has this value.
    Field(&'static str, &'static [u8]),
    /// Anything else.
    With(fn(&mut Request, &Stage)),
}

impl Ask {
    fn change(self, request: &mut Request, stage: &Stage) {
        match self {
            Self::Field(name, value) => {
                request.set(name, value);
            }
            Self::With(change) => change(request, stage),
        }
    }
}

/// One handshake, judged by its answer.
pub(super) struct Asking {
    pub(super) ask: Ask,
    /// What was asked for: "an offer of …".
    pub(super) what: &'static str,
    /// Judges a 101.
    pub(super) accepted: fn(&Accepted<'_>) -> Judgement,
    /// What a refusal means.
    pub(super) refused: Refused,
}

/// What it means that a handshake is refused, while an ordinary one is accepted.
#[derive(Clone, Copy)]
pub(super) enum Refused {
    /// The server's own choice: it passes.
    Choice,
    /// It is legal, and no reason to refuse anybody: it warns.
    Legal,
    /// It is malformed: an error passes.
    Malformed,
    /// As the case says of the answer and of what was asked.
    Read(fn(&Rejection, &str) -> Judgement),
}

/// A 101.
pub(super) struct Accepted<'a> {
    pub(super) head: ResponseHead,
    pub(super) what: &'static str,
    pub(super) transcript: &'a Transcript,
    pub(super) reading: &'a Reading,
    label: &'static str,
    offset: u64,
}

impl Accepted<'_> {
    /// Fails for the first flaw that `concerns`; none where there is none.
    pub(super) fn flaw(&self, concerns: impl Fn(Violation) -> bool) -> Option<Judgement> {
        let connection = self.transcript.connection(self.label)?;
        let flaw = flaws(connection)
            .into_iter()
            .find(|flaw| concerns(flaw.violation))?;
        let observed = format!(
            "{} was answered by a 101 that every browser refuses: {}{}",
            self.what,
            flaw.violation,
            self.shown()
        );
        Some(
            Judgement::fail(observed)
                .by(flaw.violation.requirement())
                .at(Spot::received(self.label, flaw.offset)),
        )
    }

    /// The values of both negotiating fields, for those who want to see them.
    fn shown(&self) -> String {
        let mut shown = String::new();
        for name in [PROTOCOL, EXTENSIONS] {
            for value in self.head.all(name) {
                shown.push_str(&format!(" ({name}: {})", printable(value, 60)));
            }
        }
        shown
    }

    /// Where the first line of a field stands; the response itself where there is none.
    pub(super) fn spot(&self, name: &str) -> Spot {
        let line = self.head.lines(name).next();
        Spot::received(
            self.label,
            self.offset + line.map_or(0, |field| field.offset),
        )
    }
}

pub(super) const PROTOCOL: &str = "Sec-WebSocket-Protocol";

impl Experiment for Asking {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, ASKING);
            self.ask.change(&mut request, stage);
            ask_beside_twin(stage, ASKING, &request).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        match accepted(transcript, reading, ASKING, self.what) {
            Ok(accepted) => (self.accepted)(&accepted),
            Err(answer) => self.refused.judge(transcript, &answer, self.what),
        }
    }
}

/// The 101 on a connection, or what came instead.
fn accepted<'a>(
    transcript: &'a Transcript,
    reading: &'a Reading,
    label: &'static str,
    what: &'static str,
) -> Result<Accepted<'a>, Answer> {
    let answer = Answer::to(transcript, label);
    let Answer::Accepted(head) = answer else {
        return Err(answer);
    };
    let offset = transcript
        .connection(label)
        .map(Dialogue::of)
        .map_or(0, |heard| match heard.opened {
            Opened::Response { offset, .. } => offset,
            Opened::Awaited | Opened::NotHttp { .. } | Opened::TooLarge => 0,
        });
    Ok(Accepted {
        head,
        what,
        transcript,
        reading,
        label,
        offset,
    })
}

impl Refused {
    /// Judges an answer that is no 101, if the twin got one.
    pub(super) fn judge(self, transcript: &Transcript, answer: &Answer, what: &str) -> Judgement {
        let rejection = match answer {
            Answer::Rejected(rejection) => rejection,
            Answer::Accepted(_) | Answer::Unreached(_) => {
                return Judgement::inconclusive(answer.to_string()).to_confirm_alone();
            }
        };
        let rejection = &match counted(transcript, rejection.clone()) {
            Ok(rejection) => rejection,
            Err(inconclusive) => return inconclusive,
        };
        let judgement = match (self, rejection) {
            (_, Rejection::Silence) => Judgement::warn(format!(
                "{what} was neither answered nor ended by a close: the client waits until it gives up"
            ))
            .by(REFUSAL)
            .resting_on_silence(),
            (Self::Choice | Self::Malformed, Rejection::Response(head)) if head.status < 500 => {
                Judgement::pass(format!("refused: {rejection}"))
            }
            (Self::Malformed, Rejection::Ended(_)) => Judgement::pass(format!("refused: {rejection}")),
            (Self::Read(read), _) => read(rejection, what),
            (Self::Legal, _) => Judgement::warn(format!(
                "{what} was answered by {rejection}, although an ordinary handshake gets 101: clients that ask so cannot \
                 connect"
            )),
            (Self::Choice | Self::Malformed, _) => Judgement::warn(format!(
                "{what} was answered by {rejection}: the client cannot tell what was wrong with it"
            ))
            .by(REFUSAL),
        };
        judgement.to_confirm_alone()
    }
}

const REFUSAL: &str = "rfc6455/10.7/http-status-for-bad-handshake";

/// Two handshakes that ask for the same in different words: what is selected must be the same.
pub(super) struct Alike {
    /// Asks in the way that is in question.
    pub(super) odd: Ask,
    /// Asks in the ordinary way.
    pub(super) tidy: Ask,
    /// The field whose answer counts.
    pub(super) field: &'static str,
    pub(super) what: &'static str,
    /// What it means that the answers differ. `strict` makes a warning a fail.
    pub(super) differs: Verdict,
}

impl Experiment for Alike {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            for (label, ask) in [(ASKING, self.odd), (TIDY, self.tidy)] {
                let mut request = Request::opening(stage, label);
                ask.change(&mut request, stage);
                Conversation::open_with(stage, label, &request)
                    .await
                    .part()
                    .await;
            }
            twin_if_needed(stage, ASKING).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let tidy = match accepted(transcript, reading, TIDY, self.what) {
            Ok(tidy) => tidy,
            Err(answer) => {
                return Judgement::inconclusive(format!(
                    "the same in the ordinary way was answered by {answer}: nothing to compare with"
                ))
                .to_confirm_alone();
            }
        };
        let odd = match accepted(transcript, reading, ASKING, self.what) {
            Ok(odd) => odd,
            Err(answer) => {
                let mut judgement = Refused::Legal.judge(transcript, &answer, self.what);
                if judgement.verdict == Verdict::Warn {
                    judgement.verdict = self.graded(reading);
                }
                return judgement;
            }
        };
        let selected = |head: &ResponseHead| -> Vec<Vec<u8>> {
            head.list(self.field).map(<[u8]>::to_vec).collect()
        };
        let (came, expected) = (selected(&odd.head), selected(&tidy.head));
        if came == expected {
            return Judgement::pass(format!("answered as in the ordinary way: {}", words(&came)));
        }
        Judgement::new(
            self.graded(reading),
            format!(
                "{} got {}, and the same in the ordinary way {}",
                self.what,
                words(&came),
                words(&expected)
            ),
        )
        .at(odd.spot(self.field))
    }
}

impl Alike {
    fn graded(&self, reading: &Reading) -> Verdict {
        match self.differs {
            Verdict::Warn => reading.contestable(),
            verdict => verdict,
        }
    }
}

fn words(selected: &[Vec<u8>]) -> String {
    match selected {
        [] => "nothing selected".into(),
        _ => format!("`{}`", printable(&selected.join(&b", "[..]), 80)),
    }
}
