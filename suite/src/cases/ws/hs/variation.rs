//! A legal handshake that is unusual in one point: whoever accepts the ordinary one has to accept it.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::target::Target;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::handshake::{
    Answer, Rejection, ask_beside_twin, flaws, own_flaws, rejected, twin_accepted,
};
use pushspec_reports::{Severity, Verdict};

/// The label of the varied handshake.
pub(super) const VARIED: &str = "varied";

/// Cases that rest on the same duty.
pub(super) struct Family {
    pub(super) severity: Severity,
    pub(super) requirements: &'static [&'static str],
    /// What it means that a member is refused.
    pub(super) refused: Verdict,
    /// What the documents leave open, so that a refusal is no failure.
    pub(super) open: Option<&'static str>,
    pub(super) expected: &'static str,
    pub(super) members: &'static [Member],
}

/// One unusual handshake.
pub(super) struct Member {
    /// The id behind `ws/hs/`.
    pub(super) id: &'static str,
    /// What is sent: "a handshake whose …".
    pub(super) what: &'static str,
    pub(super) vary: fn(&mut Request, &Target),
    /// What a refusal means for a user.
    pub(super) suffers: &'static str,
}

impl Family {
    pub(super) fn cases(&'static self) -> impl Iterator<Item = Case> {
        self.members.iter().map(|member| {
            let variation = Variation {
                vary: member.vary,
                terms: Terms {
                    what: member.what,
                    refused: self.refused,
                    open: self.open,
                    suffers: member.suffers,
                },
            };
            Case::new(
                format!("ws/hs/{}", member.id),
                self.severity,
                &[Need::Open],
                self.requirements,
                variation,
            )
            .about(member.what, self.expected)
        })
    }
}

/// How the answer to a legal handshake is read.
pub(super) struct Terms {
    /// What was sent.
    pub(super) what: &'static str,
    /// What a refusal means.
    pub(super) refused: Verdict,
    /// What the documents leave open, so that a refusal is no failure.
    pub(super) open: Option<&'static str>,
    /// What a refusal means for a user.
    pub(super) suffers: &'static str,
}

impl Terms {
    /// Judges the answer on the connection [`VARIED`] by its twin's.
    pub(super) fn judge(&self, transcript: &Transcript) -> Judgement {
        match rejected(transcript, VARIED, || accepted(transcript, self.what)) {
            Ok(rejection) => {
                let judgement = refused(&rejection, self.refused, self.what, self.suffers);
                self.open.into_iter().fold(judgement, Judgement::resting_on)
            }
            Err(judgement) => judgement,
        }
    }
}

/// A refusal of what should be accepted, while the twin was accepted.
pub(super) fn refused(
    answer: &Rejection,
    verdict: Verdict,
    what: &str,
    suffers: &str,
) -> Judgement {
    if let Rejection::Response(head) = answer
        && head.status == 503
    {
        return Judgement::inconclusive(format!(
            "{what} was answered by {answer}, and an ordinary handshake behind it by 101: the target had no room for it"
        ))
        .to_confirm_alone();
    }
    let observed = format!(
        "{what} was answered by {answer}, although an ordinary handshake gets 101: {suffers}"
    );
    let judgement = Judgement::new(verdict, observed).to_confirm_alone();
    match answer {
        Rejection::Silence => judgement.resting_on_silence(),
        Rejection::Response(_)
        | Rejection::Ended(_)
        | Rejection::NotHttp { .. }
        | Rejection::Endless => judgement,
    }
}

/// A 101: right, unless it has a flaw that the twin's has not.
fn accepted(transcript: &Transcript, what: &str) -> Judgement {
    let flawed = transcript
        .connection(VARIED)
        .is_some_and(|varied| !flaws(varied).is_empty());
    if !flawed {
        return Judgement::pass("101, as for an ordinary handshake");
    }
    if let Err(inconclusive) = twin_accepted(transcript, &Answer::to(transcript, VARIED)) {
        return inconclusive;
    }
    match own_flaws(transcript, VARIED).first() {
        None => Judgement::pass(
            "101, as for an ordinary handshake, whose 101 is itself wrong: see ws/hs/minimal",
        ),
        Some(flaw) => Judgement::fail(format!(
            "{what} was answered by a 101 that no client accepts: {}",
            flaw.violation
        ))
        .by(flaw.violation.requirement())
        .at(Spot::received(VARIED, flaw.offset)),
    }
}

struct Variation {
    vary: fn(&mut Request, &Target),
    terms: Terms,
}

impl Experiment for Variation {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, VARIED);
            (self.vary)(&mut request, &stage.setting.target);
            ask_beside_twin(stage, VARIED, &request).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        self.terms.judge(transcript)
    }
}
