//! Performs one case: drive, guard, judge. Whatever a case does, a result comes out.

use super::evidence;
use super::health::{self, Full};
use crate::case::{Case, Watching};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::{Setting, Stage};
use crate::transcript::Transcript;
use futures_util::FutureExt as _;
use pushspec_reports::{CaseResult, Verdict};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A case that was performed.
pub(super) struct Performed {
    /// What came of it.
    pub(super) result: CaseResult,
    /// What happened.
    pub(super) transcript: Transcript,
    /// When.
    pub(super) began: Instant,
    /// Whether the conversation is told by another case too, which comes before.
    pub(super) told: bool,
    /// Whether the case had a connection to the target at all.
    pub(super) reached: bool,
    /// Whether the target did not answer a fresh handshake afterwards.
    pub(super) sick: bool,
    /// Whether that was because it is full: it answered, by 429 or 503.
    pub(super) full: Option<Full>,
    /// Whether it was answered by another status than those that are served.
    pub(super) refused: Option<u16>,
    /// Whether a handshake of the case's own was refused so, and the verdict is not one that does without it.
    pub(super) crowded: bool,
    /// How long a full target is left alone before it is asked again.
    pub(super) rest: Option<Duration>,
    /// Whether the verdict counts only if it comes again while nothing else runs.
    pub(super) confirm_alone: bool,
}

impl Performed {
    /// Whether the target is full after the case, and the case itself found room: what it heard alone was heard.
    pub(super) fn stands_though_full(&self) -> bool {
        self.full.is_some() && !self.crowded && self.result.verdict != Verdict::Inconclusive
    }
}

/// When a fresh handshake is made behind a case, to tell a sick target from a wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Never: the target accepted none before the run, so that its refusal says nothing.
    Never,
    /// Where an answer is missing, and behind a hostile case.
    InDoubt,
    /// In any case.
    Always,
}

/// Performs `case`.
pub(super) async fn perform(
    case: &Case,
    setting: &Setting,
    reading: &Reading,
    guard: Guard,
) -> Performed {
    let mut performed = perform_all(&[case], setting, reading, guard).await;
    performed.pop().expect("one for each case")
}

/// Performs `case` while no other asks. Where it is refused all the same, it is performed once more when the target was left
/// alone for as long as it asks: those that ran before may not be forgotten yet.
pub(super) async fn perform_patiently(
    case: &Case,
    setting: &Setting,
    reading: &Reading,
    guard: Guard,
) -> Performed {
    let performed = perform(case, setting, reading, guard).await;
    match performed.rest {
        Some(rest) if performed.crowded => {
            sleep(rest).await;
            perform(case, setting, reading, guard).await
        }
        Some(_) | None => performed,
    }
}

/// Performs cases that drive the same, by one conversation: that of the first.
pub(super) async fn perform_all(
    cases: &[&Case],
    setting: &Setting,
    reading: &Reading,
    guard: Guard,
) -> Vec<Performed> {
    let [case, ..] = cases else {
        return Vec::new();
    };
    let began = Instant::now();
    let stage = Stage::new(setting.clone(), &case.id, case.weight);
    let drive = AssertUnwindSafe(case.experiment.drive(&stage)).catch_unwind();
    let watched = match case.watching {
        Watching::Observation | Watching::Alone => setting.timing.observe,
        Watching::Nothing => Duration::ZERO,
    };
    let deadline = setting.timing.deadline + case.window + watched;
    let driven = timeout(deadline, drive).await;
    let so_far = stage.transcript();
    let unreachable = so_far
        .connections
        .iter()
        .any(|connection| connection.not_connected().is_some());
    let doubtful = case.hostile || unreachable || so_far.timed_out() || driven.is_err();
    match guard {
        Guard::Always => health::guard(&stage).await,
        Guard::InDoubt if doubtful => health::guard(&stage).await,
        Guard::InDoubt | Guard::Never => {}
    }
    let mut transcript = stage.transcript();
    let mut healthy = health::is_healthy(&transcript, setting.target.protocol);
    let drove = match driven {
        Ok(Ok(())) => Ok(()),
        Ok(Err(panic)) => Err(panicked("drive", &*panic)),
        Err(_) => Err(Judgement::inconclusive(format!(
            "the case did not end within its deadline of {} s",
            deadline.as_secs_f32()
        ))),
    };
    let said = |transcript: &Transcript, healthy| -> Vec<Judgement> {
        let busy = setting.timing.busy();
        let each = cases.iter().map(|case| match &drove {
            Ok(()) => judge(case, transcript, reading, healthy, busy),
            Err(judgement) => judgement.clone(),
        });
        each.collect()
    };
    let mut judgements = said(&transcript, healthy);
    let may_be_a_fall = |judgement| may_be_a_fall(judgement, &transcript);
    if guard == Guard::InDoubt && healthy.is_none() && judgements.iter().any(may_be_a_fall) {
        health::guard(&stage).await;
        transcript = stage.transcript();
        healthy = health::is_healthy(&transcript, setting.target.protocol);
        judgements = said(&transcript, healthy);
    }
    let duration = began.elapsed();
    let each = cases.iter().zip(judgements);
    // The last takes the transcript itself.
    let each = each.zip(std::iter::repeat_n(transcript, cases.len()));
    let mut told = false;
    let hangs_up = setting.hangs_up_when_full;
    let performed = each.map(|((case, judgement), transcript)| {
        let crowded =
            judgement.verdict != Verdict::Pass && health::was_crowded(&transcript, hangs_up);
        Performed {
            told: std::mem::replace(&mut told, true),
            reached: transcript
                .connections
                .iter()
                .any(|connection| connection.not_connected().is_none()),
            sick: healthy == Some(false),
            full: health::fullness(&transcript, hangs_up),
            refused: health::refusal(&transcript, setting.target.protocol),
            crowded,
            rest: health::rest(&transcript, setting.timing, hangs_up),
            began,
            confirm_alone: crowded || needs_confirming(&judgement),
            result: evidence::result(case, &judgement, &transcript, setting, duration),
            transcript,
        }
    });
    performed.collect()
}

/// Whether a judgement counts only if it comes again while nothing else runs. What was heard and is right is right in a
/// crowd too; only what rests on silence may be owed to it.
fn needs_confirming(judgement: &Judgement) -> bool {
    match judgement.verdict {
        Verdict::Inconclusive => true,
        Verdict::Pass => judgement.confirm_alone && judgement.rests_on_silence,
        Verdict::Fail | Verdict::Warn | Verdict::Info | Verdict::Skip | Verdict::Error => {
            judgement.confirm_alone
        }
    }
}

/// Whether what the case blames the target for may be its fall over another case: then some connection of it ended.
fn may_be_a_fall(judgement: &Judgement, transcript: &Transcript) -> bool {
    let blames = matches!(
        judgement.verdict,
        Verdict::Fail | Verdict::Warn | Verdict::Info
    );
    blames
        && transcript
            .connections
            .iter()
            .any(|connection| connection.end().is_some())
}

/// The judge's word, unless it rests on the silence of a sick target. One whose fresh handshake takes longer than `busy` is
/// asked again alone.
fn judge(
    case: &Case,
    transcript: &Transcript,
    reading: &Reading,
    healthy: Option<bool>,
    busy: Duration,
) -> Judgement {
    let judged = std::panic::catch_unwind(AssertUnwindSafe(|| {
        case.experiment.judge(transcript, reading)
    }));
    match judged {
        Ok(judgement) if judgement.rests_on_silence && healthy == Some(false) => {
            Judgement::inconclusive(format!(
                "{}; but the target does not answer another client either",
                judgement.observed
            ))
        }
        Ok(judgement) if judgement.rests_on_silence && transcript.stopped_reading() => {
            Judgement::inconclusive(format!(
                "{}; but the target sent more than the case reads, and it may stand behind that",
                judgement.observed
            ))
        }
        // A target that is slow to greet has its hands full: with what the other cases ask, perhaps.
        Ok(judgement) if judgement.rests_on_silence && health::is_busy(transcript, busy) => {
            judgement.to_confirm_alone()
        }
        Ok(judgement) => judgement,
        Err(panic) => panicked("judge", &*panic),
    }
}

fn panicked(part: &str, panic: &(dyn Any + Send)) -> Judgement {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Judgement::new(
        Verdict::Error,
        format!("pushspec's own {part} of this case panicked: {message}"),
    )
}
