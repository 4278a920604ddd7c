//! Runs cases together without letting verdicts depend on it.
//!
//! - At most `jobs` cases and [`BYTES_IN_FLIGHT`](super::together::BYTES_IN_FLIGHT) bytes are in flight; a hostile case, or one that says so, is alone. Where
//!   the target is mute, which makes every case last as long as it waits, hostile ones run with the others: a fall is pinned
//!   to one case all the same.
//! - A case's result waits until the target was seen alive after it. When the target falls, everything since it was
//!   last seen alive is run again, each alone with a health probe behind it, so that the fall is pinned to one case. Where
//!   none of them fells it alone, it was the crowd: the rest runs one by one.
//! - What was inconclusive, or may be owed to the crowd, is run again alone, once; where the target is full even then, once
//!   more when it was left alone for as long as it asks for.
//! - Cases that watch the stream begin first, as they last longest; those that drive the same share one conversation. Once
//!   nothing but they is in flight, what is to be seen again is seen beside them, one by one, for they ask little. Where that
//!   tells nothing, or the target has no room for many streams, it is seen alone behind them all the same.
//! - Cases that stop the target come last.

use super::bound::Bound;
use super::health::{self, Full, Recovery};
use super::needs::Room;
use super::perform::{Guard, Performed, perform, perform_patiently};
use super::together::{Done, at, in_turn};
use crate::case::Case;
use crate::declared::Reading;
use crate::stage::Setting;
use pushspec_reports::Verdict;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;

/// The hands that run cases.
pub(super) struct Crew<'a> {
    pub(super) setting: &'a Setting,
    pub(super) reading: &'a Reading,
    /// Whether the target accepted an ordinary handshake before the run: only what stood can fall.
    pub(super) stood: bool,
    /// Whether the target says nothing, so that cases are given little time.
    pub(super) hurried: bool,
    /// Cases side by side; one, once it showed that the target does not bear more.
    pub(super) jobs: usize,
    /// What the target has room for.
    pub(super) room: Room,
    /// What is known of the fall that ended the run, if one did that no case is named for.
    pub(super) fall: Option<String>,
    /// Until when the run ends; none where nothing was said of that.
    pub(super) bound: Option<Bound<'a>>,
    pub(super) interrupt: watch::Receiver<bool>,
}

/// Why a crew stopped before its work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The user wants no more.
    Interrupted,
    /// The target went away and did not come back.
    TargetLost,
    /// It took longer than was said, so long in all.
    OutOfTime(Duration),
}

/// Takes what was performed, with the case's index.
pub(super) type Sink<'a> = &'a mut (dyn FnMut(usize, Performed) + Send);

impl Crew<'_> {
    /// Performs every case and gives each result to `sink`. Cases that were not performed when it stopped are left out.
    pub(super) async fn perform_all(
        &mut self,
        cases: &[(usize, &Case)],
        sink: Sink<'_>,
    ) -> Result<(), Stopped> {
        let (last, cases): (Vec<_>, Vec<_>) = cases
            .iter()
            .copied()
            .partition(|(_, case)| case.stops_the_target());
        let (alone, together): (Vec<_>, Vec<_>) = cases
            .into_iter()
            .partition(|(_, case)| case.alone || (case.hostile && !self.hurried));
        let mut again = self.perform_together(in_turn(together), sink).await?;
        let recovery = self.setting.timing.recovery;
        self.leaves(&alone, recovery);
        // What is seen for the first time takes as long as it takes.
        self.takes_its_time();
        let seen = self
            .perform_alone(&alone, Again::Inconclusive, sink)
            .await?;
        self.hurries();
        again.extend(seen.again);
        again.sort_by_key(|(index, _)| *index);
        self.leaves(&again, recovery);
        self.perform_alone(&again, Again::Nothing, sink).await?;
        self.leaves(&last, recovery);
        self.takes_its_time();
        self.perform_last(&last, sink).await
    }

    /// Performs cases that end with the target's end: that is no fall.
    async fn perform_last(
        &mut self,
        cases: &[(usize, &Case)],
        sink: Sink<'_>,
    ) -> Result<(), Stopped> {
        for &(index, case) in cases {
            if !health::stands(self.setting).await
                && health::recover(self.setting).await != Recovery::Stands
            {
                return Err(Stopped::TargetLost);
            }
            let performed = perform(case, self.setting, self.reading, Guard::Never);
            sink(index, self.in_time(performed).await?);
        }
        Ok(())
    }

    /// Learns from what was performed how long the target takes.
    pub(super) fn learn(&mut self, index: usize, performed: &Performed) {
        if let Some(bound) = &mut self.bound {
            let took = Duration::from_millis(performed.result.duration_ms);
            bound.learn(index, took, performed.rest);
        }
    }

    /// These cases are left to be run one by one, and the target may have to be waited for that long.
    pub(super) fn leaves(&mut self, cases: &[(usize, &Case)], recovery: Duration) {
        if let Some(bound) = &mut self.bound {
            // One of them may be silent, too.
            let slack = recovery + self.setting.timing.patience;
            bound.leaves(cases.iter().copied(), 1, slack);
        }
    }

    pub(super) fn guard(&self, guard: Guard) -> Guard {
        match self.stood {
            true => guard,
            false => Guard::Never,
        }
    }

    /// Performs cases one after another; gives back those that are inconclusive, where they are to be seen `again`.
    async fn perform_alone<'c>(
        &mut self,
        cases: &[(usize, &'c Case)],
        again: Again,
        sink: Sink<'_>,
    ) -> Result<Alone<'c>, Stopped> {
        let mut outcome = Alone {
            again: Vec::new(),
            felled: false,
        };
        let (setting, reading) = (self.setting, self.reading);
        for (at, &(index, case)) in cases.iter().enumerate() {
            let guard = self.guard(match (again, case.hostile) {
                // Nothing has fallen yet, and a fall over such a case would show in the next, which is seen twice then.
                (Again::Nothing, false) => Guard::InDoubt,
                (Again::Nothing, true) | (Again::Inconclusive, _) => Guard::Always,
            });
            let performed = perform_patiently(case, setting, reading, guard);
            let mut performed = self.in_time(performed).await?;
            self.learn(index, &performed);
            if performed.sick && !performed.stands_though_full() {
                let recovery = self.recover(performed.full, &cases[at..]).await?;
                if recovery != Recovery::Stands {
                    performed.full = performed.full.or(recovery.full());
                    performed.refused = performed.refused.or(recovery.refusal());
                    pin(&mut performed);
                    sink(index, performed);
                    return Err(Stopped::TargetLost);
                }
                // A fall that does not repeat is not this case's: what ran before may have caught up with the target. One that
                // was full may take the handshake that found room for a client that is still there.
                if let Some(rest) = performed.rest {
                    self.in_time(tokio::time::sleep(rest)).await?;
                }
                let once_more = perform(case, setting, reading, guard);
                performed = self.in_time(once_more).await?;
                if performed.sick && !performed.stands_though_full() {
                    let recovery = self.recover(performed.full, &cases[at..]).await?;
                    let stands = recovery == Recovery::Stands;
                    // Who took the connection, was not started again and answers after all has not fallen: it was busy.
                    let was_busy =
                        self.setting.operator.is_none() && health::was_mute(&performed.transcript);
                    if stands && was_busy && !case.hostile {
                        stall(&mut performed);
                    } else {
                        outcome.felled |= performed.full.is_none();
                        pin(&mut performed);
                    }
                    sink(index, performed);
                    if !stands {
                        return Err(Stopped::TargetLost);
                    }
                    continue;
                }
            }
            let inconclusive = performed.result.verdict == Verdict::Inconclusive;
            if inconclusive && again == Again::Inconclusive {
                outcome.again.push((index, case));
            } else {
                sink(index, performed);
            }
        }
        Ok(outcome)
    }

    /// Waits for a target that fell or is full, to run these.
    async fn recover(
        &mut self,
        full: Option<Full>,
        left: &[(usize, &Case)],
    ) -> Result<Recovery, Stopped> {
        let timing = self.setting.timing;
        self.leaves(left, health::waits(full, timing));
        self.takes_its_time();
        let recovery = self.in_time(health::recover(self.setting)).await?;
        self.hurries();
        if self.setting.operator.is_some() {
            // Starting it again takes as long as it takes.
            self.leaves(left, timing.recovery);
        }
        Ok(recovery)
    }

    /// Does `work`, unless the user wants no more, or the run is to be over.
    pub(super) async fn in_time<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        let mut work = pin!(work);
        loop {
            let due = self.bound.as_ref().and_then(Bound::due);
            tokio::select! {
                biased;
                () = interrupted(&mut self.interrupt) => return Err(Stopped::Interrupted),
                done = &mut work => return Ok(done),
                () = at(due) => {}
            }
            if let Some(takes) = self.bound.as_mut().and_then(Bound::over) {
                return Err(Stopped::OutOfTime(takes));
            }
        }
    }

    /// What is done from here to [`Self::hurries`] takes as long as it takes, if the user does not want it to end.
    fn takes_its_time(&mut self) {
        self.bound.iter_mut().for_each(Bound::lift);
    }

    /// What follows is done within what is said.
    fn hurries(&mut self) {
        self.bound.iter_mut().for_each(Bound::lower);
    }

    /// The target fell while these were in flight: brings it back and pins the fall to one of them.
    pub(super) async fn fallen<'c>(
        &mut self,
        mut suspects: Vec<Done<'c>>,
        sink: Sink<'_>,
    ) -> Result<Vec<(usize, &'c Case)>, Stopped> {
        suspects.sort_by_key(|suspect| suspect.index);
        let cases: Vec<_> = suspects
            .iter()
            .map(|suspect| (suspect.index, suspect.case))
            .collect();
        let recovery = self.recover(None, &cases).await?;
        if recovery == Recovery::Stands {
            let alone = self
                .perform_alone(&cases, Again::Inconclusive, sink)
                .await?;
            if !alone.felled {
                self.jobs = 1;
            }
            return Ok(alone.again);
        }
        let only = suspects.len() == 1;
        let (went, stays) = match recovery.refusal() {
            Some(status) => (
                format!("came to answer everybody by {status}"),
                "goes on so",
            ),
            None => ("went away".into(), "did not come back"),
        };
        let named = self.whose_fall(&suspects);
        let fall = format!("the target {went} and {stays}: {named}");
        for Done {
            index,
            mut performed,
            ..
        } in suspects
        {
            performed.full = performed.full.or(recovery.full());
            performed.refused = performed.refused.or(recovery.refusal());
            if only || performed.full.is_some() {
                pin(&mut performed);
            } else {
                performed.result.verdict = Verdict::Inconclusive;
                performed.result.observed =
                    format!("the target {went} while this case and others ran: a note says more");
                self.fall.get_or_insert_with(|| fall.clone());
            }
            sink(index, performed);
        }
        Err(Stopped::TargetLost)
    }

    /// Who ran when the target fell, and how to find out which of them felled it.
    fn whose_fall(&self, suspects: &[Done<'_>]) -> String {
        // Servers take requests in the order in which they come.
        let asked_in_vain = |suspect: &Done<'_>| {
            let at = health::asked_in_vain(&suspect.performed.transcript)?;
            Some(suspect.performed.began + at)
        };
        let cut_off = suspects
            .iter()
            .filter_map(|suspect| Some((asked_in_vain(suspect)?, suspect.began, suspect)));
        let mut cut_off: Vec<_> = cut_off.collect();
        cut_off.sort_by_key(|(asked, began, _)| (*asked, *began));
        let mut cut_off: Vec<&str> = cut_off
            .into_iter()
            .map(|(.., suspect)| suspect.case.id.as_str())
            .collect();
        let more = cut_off.len().saturating_sub(SUSPECTS);
        cut_off.truncate(SUSPECTS);
        let named = match (cut_off.is_empty(), more) {
            (true, _) => String::new(),
            (false, 0) => format!(
                ", with requests unanswered, in this order, of {}",
                cut_off.join(", ")
            ),
            (false, more) => format!(
                ", with requests unanswered, in this order, of {} and {more} more",
                cut_off.join(", ")
            ),
        };
        let start = match self.setting.operator {
            None => "have pushspec start it again (--start CMD), or ",
            Some(_) => "",
        };
        let by_itself = match (&*cut_off, self.jobs) {
            (&[one], _) if more == 0 => format!("run that case by itself (--case {one})"),
            (_, 0 | 1) => "run each case by itself (--case ID)".to_owned(),
            (_, _) => "run cases one by one (--jobs 1)".to_owned(),
        };
        let advice = format!("{start}{by_itself}");
        let cases = suspects.len();
        format!("{cases} cases ran{named}; to learn which led to it, {advice}")
    }
}

/// So many cases are named that may have felled a target.
const SUSPECTS: usize = 4;

/// Which cases that ran alone are seen again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// None: once is enough.
    Nothing,
    /// Those that came to nothing.
    Inconclusive,
}

/// What came of cases that ran alone.
struct Alone<'c> {
    /// Cases to be seen again.
    again: Vec<(usize, &'c Case)>,
    /// Whether one of them felled the target.
    felled: bool,
}

/// The target stopped answering after a case that ran alone: that is what the case found, if it reached the target. One
/// that has no room for another client at the moment has not fallen.
fn pin(performed: &mut Performed) {
    let result = &mut performed.result;
    if let Some(full) = performed.full {
        // What was heard was heard, unless it rests on what nobody can see again.
        if performed.confirm_alone {
            result.observed = format!("{full}; before that: {}", result.observed);
            result.verdict = Verdict::Inconclusive;
        }
        return;
    }
    if !performed.reached {
        return;
    }
    let before = &result.observed;
    result.observed = match performed.refused {
        // It may have come to that before, unless the case saw it answer otherwise. What fails by itself, fails.
        Some(status) if health::first_status(&performed.transcript) == Some(status) => {
            if result.verdict != Verdict::Fail {
                result.observed = format!(
                    "the target answers everybody by {status}, and this case too: {before}"
                );
                result.verdict = Verdict::Inconclusive;
            }
            return;
        }
        Some(status) => format!(
            "after this case, run alone, the target answered another client by {status}; before that: {before}"
        ),
        None => format!(
            "after this case, run alone, the target did not answer another client; before that: {before}"
        ),
    };
    result.verdict = Verdict::Fail;
}

/// The target was busy for longer than the patience after a case that ran alone, and no longer: what the case heard stands,
/// unless it rests on what nobody can see again.
fn stall(performed: &mut Performed) {
    let result = &mut performed.result;
    if performed.full.is_some() {
        return pin(performed);
    }
    if performed.confirm_alone {
        result.observed = format!(
            "after this case, run alone, the target was busy for longer than --patience, and then answered again; before that: {}",
            result.observed
        );
        result.verdict = Verdict::Inconclusive;
    }
}

/// Resolves when the user wants no more.
pub(super) async fn interrupted(interrupt: &mut watch::Receiver<bool>) {
    if interrupt.wait_for(|&wanted| wanted).await.is_err() {
        // Nobody can interrupt any more.
        std::future::pending().await
    }
}
