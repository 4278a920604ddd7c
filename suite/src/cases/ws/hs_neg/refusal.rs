//! A handshake with one fault: no 101 may come, and in most cases an HTTP error must (RFC 6455 section 4.2.1).
//!
//! What does not come to a 101 is judged only if the twin, an ordinary handshake behind it, is accepted: a target that
//! refuses everybody at the moment has refused nothing for its fault.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::target::Target;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Conversation;
use crate::ws::after_fault::FAULT;
use crate::ws::handshake::{
    Answer, Asked, Rejection, ask_again, ask_twin, rejected, switched_elsewhere,
};
use pushspec_parser::http::ResponseHead;
use pushspec_reports::{Severity, Verdict, printable};

/// Cases that rest on the same duty.
pub(super) struct Family {
    pub(super) severity: Severity,
    pub(super) requirements: &'static [&'static str],
    /// What a 101 means. `strict` makes a warning a fail.
    pub(super) accepted: Verdict,
    /// What the documents leave open, so that a 101 is no failure.
    pub(super) open: Option<&'static str>,
    /// What is due instead.
    pub(super) due: Due,
    pub(super) expected: &'static str,
    pub(super) members: &'static [Member],
}

/// One faulty handshake.
pub(super) struct Member {
    /// The id behind `ws/hs-neg/`.
    pub(super) id: &'static str,
    /// What is sent: "a handshake that …".
    pub(super) what: &'static str,
    pub(super) spoil: fn(&mut Request, &Target),
    /// What a 101 means for a user.
    pub(super) suffers: &'static str,
}

/// What a faulty handshake has to be answered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// An error status.
    Error,
    /// Exactly this error status; another one warns.
    Status(u16),
    /// Any HTTP response: what is left without the fault's part is a request for a page.
    Page,
    /// An error status that names the versions on offer.
    Versions,
    /// Nothing in particular: whatever comes is recorded.
    Nothing,
}

impl Family {
    pub(super) fn cases(&'static self) -> impl Iterator<Item = Case> {
        self.members.iter().map(|member| self.case(member))
    }

    /// The same for a family whose input a target may fall over, and that is abusive.
    pub(super) fn hardening_cases(&'static self) -> impl Iterator<Item = Case> {
        self.cases()
            .map(|case| case.in_set(Set::Hardening).hostile())
    }

    fn case(&'static self, member: &'static Member) -> Case {
        Case::new(
            format!("ws/hs-neg/{}", member.id),
            self.severity,
            &[Need::Open],
            self.requirements,
            Refusal {
                spoil: member.spoil,
                terms: Terms {
                    what: member.what,
                    accepted: self.accepted,
                    open: self.open,
                    due: self.due,
                    suffers: member.suffers,
                    requirements: self.requirements,
                },
            },
        )
        .about(member.what, self.expected)
    }
}

struct Refusal {
    spoil: fn(&mut Request, &Target),
    terms: Terms,
}

impl Experiment for Refusal {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, FAULT);
            (self.spoil)(&mut request, &stage.setting.target);
            Conversation::open_with(stage, FAULT, &request)
                .await
                .part()
                .await;
            twin_unless_accepted(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        self.terms.judge(transcript, reading)
    }
}

/// Makes the twin, unless the faulty handshake got a 101: that needs no comparison.
pub(super) async fn twin_unless_accepted(stage: &Stage) {
    if !Answer::to(&stage.transcript(), FAULT).is_accepted() {
        ask_twin(stage).await;
        ask_again(stage, FAULT).await;
    }
}

/// How the answer to a faulty handshake is read.
pub(super) struct Terms {
    pub(super) what: &'static str,
    pub(super) accepted: Verdict,
    pub(super) open: Option<&'static str>,
    pub(super) due: Due,
    pub(super) suffers: &'static str,
    /// Those of the case: what a status owes beside is demanded where the case is about it.
    pub(super) requirements: &'static [&'static str],
}

impl Terms {
    /// Judges the answer on the connection [`FAULT`].
    pub(super) fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let rejection = match rejected(transcript, FAULT, || {
            self.elsewhere(transcript)
                .unwrap_or_else(|| self.accepted(reading))
        }) {
            Ok(rejection) => rejection,
            Err(judgement) => return judgement,
        };
        if self.due == Due::Nothing {
            return self.resting(Judgement::info(format!("answered by {rejection}")));
        }
        match &rejection {
            Rejection::Response(head) => self.refused(&rejection, head),
            Rejection::Ended(end) => Judgement::warn(format!(
                "{} was answered by {end} and no HTTP response: allowed, but nothing tells the client what it did wrong",
                self.what
            ))
            .by("rfc6455/10.7/http-status-for-bad-handshake")
            .resting_on("ambiguity/refusal-by-closing")
            .to_confirm_alone(),
            Rejection::Silence => self.mute(reading),
            Rejection::NotHttp { offset } => Judgement::warn(format!(
                "{} was answered by bytes that are no HTTP response: the client cannot tell what it did wrong",
                self.what
            ))
            .by("rfc6455/4.2.1/reject-nonconforming-handshake")
            .at(Spot::received(FAULT, *offset)),
            Rejection::Endless => {
                Judgement::warn(format!("{} was answered by {rejection}", self.what))
                    .by("rfc6455/4.2.1/reject-nonconforming-handshake")
            }
        }
    }

    /// A 101 to another protocol than WebSocket: HTTP lets a server switch to what the client would speak, and to nothing
    /// else.
    fn elsewhere(&self, transcript: &Transcript) -> Option<Judgement> {
        let Answer::Accepted(head) = Answer::to(transcript, FAULT) else {
            return None;
        };
        let protocol = switched_elsewhere(&head)?;
        let asked = Asked::on(transcript.connection(FAULT)?);
        let (what, name) = (self.what, printable(protocol, 40));
        let named = |offer: &&str| offer.as_bytes().eq_ignore_ascii_case(protocol);
        Some(match asked.protocols().iter().any(named) {
            true => Judgement::info(format!(
                "{what} was answered by 101 to {name}, which the client listed: HTTP allows that, and no WebSocket was opened"
            )),
            false => Judgement::fail(format!(
                "{what} was answered by 101 to {name}, which the client did not ask for: it misreads every byte from then on"
            ))
            .by("rfc9110/7.8/no-unrequested-switch")
            .at(Spot::received(FAULT, 0)),
        })
    }

    fn accepted(&self, reading: &Reading) -> Judgement {
        let verdict = match self.accepted {
            Verdict::Warn => reading.contestable(),
            verdict => verdict,
        };
        let judgement = Judgement::new(
            verdict,
            format!(
                "{} was answered by 101{}",
                self.what,
                match verdict {
                    Verdict::Pass => String::new(),
                    _ => format!(": {}", self.suffers),
                }
            ),
        );
        self.resting(judgement).at(Spot::received(FAULT, 0))
    }

    fn resting(&self, judgement: Judgement) -> Judgement {
        self.open.into_iter().fold(judgement, Judgement::resting_on)
    }

    /// Neither an answer nor an end. It weighs no more than a 101 would.
    fn mute(&self, reading: &Reading) -> Judgement {
        let verdict = match self.accepted {
            Verdict::Warn => reading.contestable(),
            Verdict::Fail => Verdict::Fail,
            Verdict::Skip
            | Verdict::Pass
            | Verdict::Info
            | Verdict::Inconclusive
            | Verdict::Error => Verdict::Warn,
        };
        Judgement::new(
            verdict,
            format!(
                "{} is neither answered nor ended by a close: the client waits until it gives up",
                self.what
            ),
        )
        .by("rfc6455/4.2.1/reject-nonconforming-handshake")
        .resting_on_silence()
        .to_confirm_alone()
    }

    fn refused(&self, answer: &Rejection, head: &ResponseHead) -> Judgement {
        if let Some(judgement) = self.owed_beside(head) {
            return judgement;
        }
        let judgement = match (self.due, head.status) {
            (Due::Status(due), status) if status == due => {
                Judgement::pass(format!("refused: {answer}"))
            }
            (Due::Status(due), _) => self.resting(Judgement::warn(format!(
                "{} was answered by {answer} where {due} is due",
                self.what
            ))),
            (Due::Versions, 400..500) => return self.names_versions(answer, head),
            (_, 400..500) => Judgement::pass(format!("refused: {answer}")),
            // What a server does not know: the method, or the version of HTTP.
            (Due::Page, 501 | 505) => {
                Judgement::pass(format!("refused: {answer}")).resting_on(PAGE)
            }
            (_, 500..) => Judgement::warn(format!(
                "{} was answered by {answer}: the server blames itself for the fault of a client, and raises alarms",
                self.what
            ))
            .by("rfc6455/10.7/http-status-for-bad-handshake"),
            (Due::Page, _) => {
                Judgement::pass(format!("answered as ordinary HTTP: {answer}")).resting_on(PAGE)
            }
            (_, _) => Judgement::warn(format!(
                "{} was answered by {answer}, which is no error: the client cannot tell that it did something wrong",
                self.what
            ))
            .by("rfc6455/4.2.1/reject-nonconforming-handshake"),
        };
        match judgement.verdict {
            // Possibly owed to the crowd, and not to the fault.
            Verdict::Warn => judgement.to_confirm_alone(),
            _ => judgement,
        }
    }

    /// What a status owes beside itself, where the case is about that.
    fn owed_beside(&self, head: &ResponseHead) -> Option<Judgement> {
        let examines = |requirement| self.requirements.contains(&requirement);
        match head.status {
            405 if examines(ALLOW) && head.first("allow").is_none() => {
                let observed =
                    "405 came without Allow: the client is not told which method would do";
                Some(Judgement::warn(observed).by(ALLOW).resting_on(BESIDE))
            }
            426 if examines(UPGRADE) => upgrade_required(head),
            _ => None,
        }
    }

    /// RFC 6455 section 4.2.2 item 4 and section 4.4: over one field or several.
    fn names_versions(&self, answer: &Rejection, head: &ResponseHead) -> Judgement {
        let versions: Vec<_> = head.list("sec-websocket-version").collect();
        if versions.is_empty() {
            return Judgement::fail(format!(
                "{} was answered by {answer} without Sec-WebSocket-Version: a client that speaks several versions \
                 cannot tell which one to try next",
                self.what
            ))
            .by("rfc6455/4.2.2/version-mismatch-lists-versions");
        }
        if !versions.contains(&&b"13"[..]) {
            return Judgement::fail(format!(
                "{} was answered by {answer}, and Sec-WebSocket-Version does not name 13, which the server speaks",
                self.what
            ))
            .by("rfc6455/4.4/version-advertise-all");
        }
        Judgement::pass(format!("refused: {answer}, and 13 is on offer"))
    }
}

const PAGE: &str = "ambiguity/plain-http-request";
const BESIDE: &str = "ambiguity/http-beside-the-protocol";
const ALLOW: &str = "rfc9110/10.2.1/405-allow";
const UPGRADE: &str = "rfc9110/7.8/426-carries-upgrade";
const OPTION: &str = "rfc9110/7.8/upgrade-needs-connection-option";

/// What is wrong with a 426: it says to which protocol to upgrade, in Upgrade and in Connection.
pub(super) fn upgrade_required(head: &ResponseHead) -> Option<Judgement> {
    if head.list("upgrade").next().is_none() {
        let observed = "426 came without Upgrade: the client is told to upgrade, but not to what";
        return Some(Judgement::fail(observed).by(UPGRADE).resting_on(BESIDE));
    }
    if !head.has_token("connection", "upgrade") {
        let observed = "426 came with Upgrade, but Connection does not list it: the next proxy forwards what was \
                        meant for itself";
        return Some(Judgement::fail(observed).by(OPTION));
    }
    None
}
