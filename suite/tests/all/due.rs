//! A run that watches a stream ends when it was said to, whatever is left.

use crate::bench::Bench;
use pushspec::case::{Case, Experiment, Need, Watching};
use pushspec::judgement::Judgement;
use pushspec::stage::Stage;
use pushspec::transcript::Transcript;
use pushspec::transport::Boxed;
use pushspec::{Protocol, Reading};
use pushspec_fixtures::sse::Faithful;
use pushspec_reports::{CaseResult, Report, Severity, Verdict};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Lasts as long as its turn says, and comes to nothing while there is a further one.
struct Lasting {
    /// In seconds; the last for all that follow.
    turns: &'static [u64],
    turn: AtomicUsize,
}

impl Experiment for Lasting {
    fn drive<'a>(&'a self, _: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let turn = self.turn.fetch_add(1, Ordering::SeqCst);
            let seconds = self.turns[turn.min(self.turns.len() - 1)];
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        })
    }

    fn judge(&self, _: &Transcript, _: &Reading) -> Judgement {
        match self.turn.load(Ordering::SeqCst) < self.turns.len() {
            true => Judgement::inconclusive("nothing yet"),
            false => Judgement::pass("done"),
        }
    }
}

fn lasting(id: &str, turns: &'static [u64]) -> Case {
    let experiment = Lasting {
        turns,
        turn: AtomicUsize::new(0),
    };
    let id = format!("sse/due/{id}");
    Case::new(id, Severity::Minor, &[Need::Sse], &[], experiment)
}

/// Runs them beside a watch of ten seconds, so many at a time.
fn run(jobs: usize, cases: Vec<Case>) -> Report {
    let watch = lasting("watch", &[10]).watching(Watching::Observation);
    let mut all = vec![watch];
    all.extend(cases);
    let bench = Bench {
        jobs,
        scripted: false,
        ..Bench::default()
    };
    bench.check_cases(Protocol::EventStream, &all, &["sse/due/*"], || {
        Arc::new(Faithful::default())
    })
}

fn result<'r>(report: &'r Report, id: &str) -> &'r CaseResult {
    let id = format!("sse/due/{id}");
    let mut results = report.results.iter();
    results.find(|result| result.case == id).expect("it ran")
}

/// What became of the last of so many such cases, and when all was over, in seconds. What else was done is not lost.
fn fate(jobs: usize, turns: &'static [u64], cases: usize) -> (Verdict, String, u64) {
    let mut all = vec![lasting("other", &[0])];
    all.extend((1..=cases).map(|nth| lasting(&format!("it-{nth}"), turns)));
    let report = run(jobs, all);
    assert_eq!(result(&report, "other").verdict, Verdict::Pass);
    assert_eq!(result(&report, "watch").verdict, Verdict::Pass);
    let it = result(&report, &format!("it-{cases}"));
    (it.verdict, it.observed.clone(), report.duration_ms / 1000)
}

#[test]
fn what_is_done_in_time_counts() {
    // In the crowd, beside the watch, and alone, with ten seconds of it beyond the watch.
    let (verdict, _, took) = fate(32, &[0, 0, 10], 1);
    assert_eq!((verdict, took), (Verdict::Pass, 20));
    // In the crowd, which is given more time once: as long as a case may take.
    let (verdict, _, took) = fate(32, &[50], 1);
    assert_eq!((verdict, took), (Verdict::Pass, 50));
}

/// The probe takes a moment, the watch ten seconds, and a second more is let go by.
#[test]
fn what_is_not_done_in_time_is_inconclusive() {
    let over = |seconds| {
        format!(
            "the run was to end after {seconds} s, and this case was not done: see it by itself (--case ID)"
        )
    };
    // One second for the case itself, which took none in the crowd, and 15 for what goes wrong.
    let found = fate(32, &[0, 0, 40], 1);
    assert_eq!(found, (Verdict::Inconclusive, over(27), 28));
    // 26 s were said at first, as two follow two. Then five are left that may take as long as the mean of those before, two of
    // ten seconds and one of none, and the last of them a minute.
    let found = fate(2, &[50], 5);
    assert_eq!(found, (Verdict::Inconclusive, over(107), 108));
}
