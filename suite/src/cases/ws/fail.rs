//! `ws/fail`: how a connection is failed (RFC 6455 section 7.1.7), told once and not in every case about a fault.
//!
//! The faults are those for which the document names the reaction. That a fault goes unnoticed is for the case about it; here
//! it counts what a target does that notices.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::TWIN;
use crate::ws::bystander::{self, Bystander};
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame, Masking};
use futures_util::future::join_all;
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

/// One fault, on a connection of its own.
struct Sample {
    /// The connection's label: what is wrong.
    label: &'static str,
    frame: fn() -> Frame,
    /// The code that fits.
    code: u16,
}

const FAULTY: &str = "sent with a fault";
const CANARY: &str = "behind a fault";

const FRAMING: [Sample; 3] = [
    Sample {
        label: "reserved bit",
        frame: || Frame::text(FAULTY).with_rsv(2),
        code: 1002,
    },
    Sample {
        label: "reserved opcode",
        frame: || Frame::new(Opcode::new(3).expect("four bits"), FAULTY),
        code: 1002,
    },
    Sample {
        label: "no mask",
        frame: || Frame::text(FAULTY).masked(Masking::None),
        code: 1002,
    },
];

/// Found when the text is read, which may be never where nobody wants it.
const TEXT: Sample = Sample {
    label: "text that is not UTF-8",
    frame: || Frame::text(*b"sent with \xff"),
    code: 1007,
};

const CLOSES: &str = "rfc6455/7.1.7/fail-closes-connection";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "closes",
            Severity::Major,
            &[CLOSES],
            Failing::new(closes).patient(),
        )
        .about(
            "three faults, each on a connection of its own; a Close in answer to the target's",
            "the target ends each connection, TCP included",
        ),
        case(
            "close-frame",
            Severity::Minor,
            &[
                "rfc6455/7.1.7/close-frame-before-fail",
                "rfc6455/7.1.7/close-frame-may-be-omitted",
                "rfc6455/10.7/close-frame-for-invalid",
                "rfc6455/10.7/may-drop",
            ],
            Failing::new(close_frame).beside_twin(),
        )
        .about(
            "three faults, each on a connection of its own, with nothing behind them",
            "a Close before each end",
        ),
        case(
            "code-fits",
            Severity::Minor,
            &[
                "rfc6455/7.4.1/1002-for-protocol-error",
                "rfc6455/7.4.1/1007-for-bad-payload",
                "rfc6455/7.4.1/1003-for-unacceptable-type",
                "rfc6455/7.4.1/1008-policy",
                "rfc6455/7.4.1/1011-server-error",
            ],
            Failing::new(code_fits).with_text().beside_twin(),
        )
        .about(
            "three faults in frames and one in a text, each on a connection of its own",
            "where a Close comes, 1002 for frames and 1007 for the text",
        ),
        case(
            "nothing-after",
            Severity::Major,
            &["rfc6455/7.1.7/no-processing-after-fail"],
            Failing::new(nothing_after).with_canary(),
        )
        .about(
            "three faults, each on a connection of its own, with a ping and a text behind them",
            "nothing behind a fault is answered",
        ),
        case(
            "others-unaffected",
            Severity::Critical,
            &["rfc6455/10.4/protect-limits"],
            Failing::new(others_unaffected).with_canary().watched(),
        )
        .about(
            "a connection without fault beside three that are failed",
            "it is answered as before",
        )
        .hostile(),
    ]
}

fn case(
    name: &str,
    severity: Severity,
    requirements: &'static [&'static str],
    failing: Failing,
) -> Case {
    Case::new(
        format!("ws/fail/{name}"),
        severity,
        &[Need::Open],
        requirements,
        failing,
    )
}

struct Failing {
    judge: fn(&Failing, &Transcript, &Reading) -> Judgement,
    text: bool,
    canary: bool,
    twin: bool,
    watched: bool,
    patient: bool,
}

impl Failing {
    fn new(judge: fn(&Self, &Transcript, &Reading) -> Judgement) -> Self {
        Self {
            judge,
            text: false,
            canary: false,
            twin: false,
            watched: false,
            patient: false,
        }
    }

    /// With a fault in a text.
    fn with_text(mut self) -> Self {
        self.text = true;
        self
    }

    /// With a ping and a text behind each fault.
    fn with_canary(mut self) -> Self {
        self.canary = true;
        self
    }

    /// With the same without a fault: an end proves nothing where that ends too.
    fn beside_twin(mut self) -> Self {
        self.twin = true;
        self
    }

    /// With a connection that takes no part.
    fn watched(mut self) -> Self {
        self.watched = true;
        self
    }

    /// Waiting for the end of TCP, and not for a Close alone.
    fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    fn samples(&self) -> impl Iterator<Item = &'static Sample> {
        FRAMING.iter().chain(self.text.then_some(&TEXT))
    }

    /// What came on each connection that was opened.
    fn heard(
        &self,
        transcript: &Transcript,
    ) -> Result<Vec<(&'static Sample, Dialogue)>, Judgement> {
        self.samples()
            .map(|sample| Ok((sample, opened(transcript, sample.label)?)))
            .collect()
    }

    /// Shows one fault. Whether the target reacted to it in time.
    async fn fail(&self, stage: &Stage, sample: &Sample) -> bool {
        let mut frames = vec![(sample.frame)()];
        if self.canary {
            frames.extend([Frame::ping(CANARY), Frame::text(CANARY)]);
        }
        let mut conversation = Conversation::open(stage, sample.label).await;
        if !conversation.heard().is_open() {
            return true;
        }
        conversation.send(&frames).await;
        let waited = conversation
            .wait("an end of the connection", Dialogue::is_ending)
            .await;
        if self.patient && !conversation.heard().closes.is_empty() {
            conversation.send(&[Frame::close(1000, "")]).await;
            conversation.ended().await;
        }
        conversation.part().await;
        waited != Waited::TimedOut
    }
}

/// The same without a fault, and whether it is still served afterwards.
async fn go_on(stage: &Stage) {
    let mut conversation = Conversation::open(stage, TWIN).await;
    if !conversation.heard().is_open() {
        return;
    }
    for frames in [
        vec![Frame::text("sent without a fault"), Frame::ping(CANARY)],
        vec![Frame::ping(CANARY)],
    ] {
        let pongs = conversation.heard().pongs.len();
        conversation.send(&frames).await;
        let answered = |heard: &Dialogue| heard.pongs.len() > pongs || heard.is_ending();
        let waited = conversation.wait("a pong without a fault", answered).await;
        if waited != Waited::Met || conversation.heard().is_ending() {
            break;
        }
    }
    conversation.part().await;
}

impl Experiment for Failing {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let bystander = match self.watched {
                true => Some(Bystander::open(stage).await),
                false => None,
            };
            if self.twin {
                go_on(stage).await;
            }
            // One after another, for a target may have room for few; once one was met by silence the rest are shown together,
            // so that silence costs patience twice and not once a fault.
            let mut samples = self.samples();
            for sample in samples.by_ref() {
                if !self.fail(stage, sample).await {
                    break;
                }
            }
            join_all(samples.map(|sample| self.fail(stage, sample))).await;
            if let Some(bystander) = bystander {
                bystander.ask_again().await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        (self.judge)(self, transcript, reading)
    }
}

fn closes(case: &Failing, transcript: &Transcript, reading: &Reading) -> Judgement {
    let all = match case.heard(transcript) {
        Ok(all) => all,
        Err(refusal) => return refusal,
    };
    if let Some((sample, _)) = all.iter().find(|(_, heard)| !heard.is_ending()) {
        return Judgement::fail(format!(
            "the connection stays open after a fault ({}): its client is never told",
            sample.label
        ))
        .resting_on_silence();
    }
    match all.iter().find(|(_, heard)| heard.end.is_none()) {
        Some((sample, heard)) => Judgement::new(
            reading.contestable(),
            format!(
                "after a fault ({}) the target sent {}, which was answered: the connection is kept for nothing",
                sample.label,
                manner(heard)
            ),
        )
        .resting_on_silence(),
        None => Judgement::pass("each connection was ended, TCP included"),
    }
}

/// An end without a Close, or with a wrong one, says something only if the same without a fault goes on.
fn twin_lives(transcript: &Transcript) -> Result<(), Judgement> {
    let twin = opened(transcript, TWIN)?;
    match twin.pongs.len() {
        2.. => Ok(()),
        _ => Err(Judgement::inconclusive(format!(
            "the same without a fault is ended as well ({}): how faults are answered cannot be told",
            manner(&twin)
        ))),
    }
}

fn close_frame(case: &Failing, transcript: &Transcript, _: &Reading) -> Judgement {
    let all = match case.heard(transcript) {
        Ok(all) => all,
        Err(refusal) => return refusal,
    };
    let ended: Vec<_> = all
        .iter()
        .filter(|(_, heard)| heard.end.is_some() || !heard.closes.is_empty())
        .collect();
    let Some((sample, heard)) = ended.iter().find(|(_, heard)| heard.closes.is_empty()) else {
        return match ended.len() {
            0 => Judgement::inconclusive("none of the faults was noticed: see ws/fail/closes"),
            _ => Judgement::pass("a Close came before each end"),
        };
    };
    if let Err(inconclusive) = twin_lives(transcript) {
        return inconclusive;
    }
    Judgement::warn(format!(
        "after a fault ({}) the connection was ended by {}: clients report 1006, and nobody learns what was wrong",
        sample.label,
        manner(heard)
    ))
    .resting_on("ambiguity/manner-of-failing")
    .to_confirm_alone()
}

fn code_fits(case: &Failing, transcript: &Transcript, _: &Reading) -> Judgement {
    let all = match case.heard(transcript) {
        Ok(all) => all,
        Err(refusal) => return refusal,
    };
    let mut closed = 0;
    for (sample, heard) in &all {
        let Some(close) = heard.close() else {
            continue;
        };
        // An application that has no use for the text may close in its own way, or in answer to our Close.
        let ours = sample.code == TEXT.code && close.code == Some(1000);
        if ours {
            continue;
        }
        closed += 1;
        if close.code != Some(sample.code) {
            if let Err(inconclusive) = twin_lives(transcript) {
                return inconclusive;
            }
            let requirement = match sample.code {
                1007 => "rfc6455/7.4.1/1007-for-bad-payload",
                _ => "rfc6455/7.4.1/1002-for-protocol-error",
            };
            return Judgement::warn(format!(
                "a fault ({}) was answered by {}, where {} tells what was wrong",
                sample.label,
                manner(heard),
                sample.code
            ))
            .by(requirement)
            .resting_on("ambiguity/manner-of-failing")
            .at(Spot::received(sample.label, close.offset));
        }
    }
    match closed {
        0 => Judgement::info("no fault was answered by a Close: there is no code to look at"),
        _ => Judgement::pass("1002 came for faults in frames, and 1007 for a text if any code"),
    }
}

fn nothing_after(case: &Failing, transcript: &Transcript, _: &Reading) -> Judgement {
    let all = match case.heard(transcript) {
        Ok(all) => all,
        Err(refusal) => return refusal,
    };
    for (sample, heard) in &all {
        let pong = heard.pong(CANARY.as_bytes()).map(|pong| pong.offset);
        let echo = heard
            .messages
            .iter()
            .find(|message| message.payload == CANARY.as_bytes())
            .map(|message| message.offset);
        if let Some(offset) = pong.or(echo) {
            return Judgement::fail(format!(
                "what stood behind a fault ({}) was answered: {}",
                sample.label,
                match pong {
                    Some(_) => "a pong came",
                    None => "an echo came",
                }
            ))
            .at(Spot::received(sample.label, offset));
        }
    }
    Judgement::pass("nothing behind a fault was answered")
}

fn others_unaffected(case: &Failing, transcript: &Transcript, _: &Reading) -> Judgement {
    if let Some(harm) = bystander::suffered(transcript, "a fault on another connection") {
        return harm;
    }
    match case.heard(transcript) {
        Ok(_) => Judgement::pass("the connection without fault was answered as before"),
        Err(refusal) => refusal,
    }
}
