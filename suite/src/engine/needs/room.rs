//! How many streams a target gives side by side: more cases at once would only get in each other's way. Nothing here is
//! judged; `sse/http/parallel-7` tells users of it.

use crate::http::{Exchange, Request};
use crate::sse::{is_open, opens_again, script};
use crate::stage::Stage;
use crate::timing::Timing;
use futures_util::future::join_all;
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;

/// So many streams are asked for beside the first, one round after another, as far as so many cases are to run: where there is
/// room for few, few are left waiting. As each round lasts as long as a head, there are fewer where heads take longer than so many ms.
const ROUNDS: [(u128, &[usize]); 3] = [(250, &[15]), (50, &[3, 12]), (0, &[1, 2, 4, 8, 16])];

/// What a target has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Room {
    /// As many streams as were asked for, or nobody asked.
    #[default]
    Enough,
    /// So many of those.
    For {
        /// As many as stayed open.
        streams: usize,
        /// As many as were asked for.
        asked: usize,
        /// Whether one for which there was no room was left without an answer.
        silent: bool,
        /// How long it took the target, when all of them were left, to give one again, or how long that was waited for.
        lingered: Duration,
        /// Whether it gave one again.
        came_again: bool,
        /// Whether it hung up on one for which there was no room.
        hangs_up: bool,
    },
    /// One client's stream ends when another is opened.
    Newest,
}

impl Room {
    /// How many of so many cases may run side by side: most ask for one stream or two at a time.
    pub(in crate::engine) fn jobs(self, wanted: usize) -> usize {
        match self {
            Self::Enough => wanted,
            Self::For { streams: 0 | 1, .. } | Self::Newest => 1,
            // One watches, and another runs beside it.
            Self::For { streams, .. } => wanted.min((streams / 2).max(2)),
        }
    }

    /// Whether one more case is in nobody's way beside those that watch.
    pub(in crate::engine) fn bears_one_beside_watchers(self) -> bool {
        match self {
            Self::Enough => true,
            Self::For { streams, .. } => streams >= 8,
            Self::Newest => false,
        }
    }

    /// Whether a client for whom there is no room is hung up on.
    pub(in crate::engine) fn hangs_up(self) -> bool {
        match self {
            Self::For { hangs_up, .. } => hangs_up,
            Self::Enough | Self::Newest => false,
        }
    }

    /// How much longer it takes at most to run so many cases, so many side by side, than where all have room. What follows
    /// each other then is windows, heads, patience with what gets no stream beside another, and the time that the target
    /// needs to notice that a client left.
    pub(in crate::engine) fn longer(self, cases: usize, jobs: usize, timing: Timing) -> Duration {
        // Halves of a window and patiences, rounded up from what runs were seen to take.
        let (halves, silences): (usize, usize) = match jobs {
            0 | 1 => (7, 6),
            2 => (4, 3),
            3 => (2, 3),
            4..=7 => (1, 0),
            _ => return Duration::ZERO,
        };
        let (silent, lingered) = match self {
            // With one at a time nobody asks how many have room.
            Self::Enough => (jobs < 2, Duration::ZERO),
            Self::For {
                silent, lingered, ..
            } => (silent, lingered),
            Self::Newest => (false, Duration::ZERO),
        };
        let others = cases.saturating_sub(1);
        let windows = halves.min(others) as u32 * timing.observe / 2;
        let patience = match silent {
            true => silences.min(others) as u32 * timing.patience,
            false => Duration::ZERO,
        };
        // Some cases ask twice.
        let heads = cases.div_ceil(jobs.max(1)) as u32 * (3 * timing.greeting / 2 + lingered);
        windows + patience + heads
    }
}

/// The beginning of a sentence that says how cases ran.
impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enough => f.write_str("the target gave as many streams as were asked for"),
            Self::For {
                streams,
                asked,
                lingered,
                came_again,
                ..
            } => {
                write!(
                    f,
                    "of {asked} streams that were asked for side by side {streams} were open together"
                )?;
                let seconds = lingered.as_secs_f32();
                match (came_again, lingered.as_millis()) {
                    (true, 0..100) => Ok(()),
                    (true, _) => write!(
                        f,
                        ", and {seconds:.1} s after they were left there was room again"
                    ),
                    (false, _) => write!(
                        f,
                        ", and {seconds:.1} s after they were left there was no room again"
                    ),
                }
            }
            Self::Newest => {
                f.write_str("the target ends a client's stream when the client opens another")
            }
        }
    }
}

/// Asks for more streams beside the `first`, which was asked for at `began` and whose head took so long: for no more than
/// there are to be `jobs`. Gives back what it has room for, and how long the slowest head took.
pub(super) async fn probe(
    stage: &Stage,
    jobs: usize,
    mut first: Exchange,
    began: Instant,
    head_after: Duration,
) -> (Room, Duration) {
    let mut slowest = head_after;
    let posts = stage.setting.declared.post.is_some();
    if jobs < 2 || posts || script::is_over(first.heard()) {
        return (Room::Enough, slowest);
    }
    let at_once = stage.setting.timing.at_once;
    let fitting = |(longer, _): &&(u128, &[usize])| head_after.as_millis() >= *longer;
    let (_, rounds) = ROUNDS.iter().find(fitting).expect("none is below 0");
    let request = Request::stream(&stage.setting);
    let mut others: Vec<Exchange> = Vec::new();
    let mut asked = began;
    for round in *rounds {
        let from = others.len();
        asked = Instant::now();
        for _ in 0..(*round).min(jobs - 1 - from) {
            others.push(Exchange::get(stage, "beside", &request).await);
        }
        let soon = asked + at_once.max(2 * head_after);
        let answers = others[from..].iter_mut().map(|other| async move {
            let left = soon.saturating_duration_since(Instant::now());
            other.answered_within(left).await;
            is_open(other).then(|| asked.elapsed())
        });
        let heads = join_all(answers).await;
        slowest = heads.iter().flatten().copied().fold(slowest, Duration::max);
        if heads.contains(&None) {
            break;
        }
    }
    let moment = at_once / 4;
    let everyone = others.iter_mut().chain([&mut first]);
    join_all(everyone.map(|stream| stream.listen_until(moment, script::is_over))).await;
    let all = 1 + others.len();
    let mut open: Vec<&mut Exchange> = others.iter_mut().filter(|other| is_open(other)).collect();
    let streams = open.len() + usize::from(is_open(&first));
    if streams == all {
        return (Room::Enough, slowest);
    }
    if !is_open(&first) {
        // All have ended by themselves.
        let Some(newest) = open.last_mut() else {
            return (Room::Enough, slowest);
        };
        // The first may have: then this one lasts no longer.
        let as_long = (began.elapsed() + moment).saturating_sub(asked.elapsed());
        newest.listen_until(as_long, script::is_over).await;
        match (is_open(newest), streams) {
            (false, _) => return (Room::Enough, slowest),
            (true, 1) => return (Room::Newest, slowest),
            (true, _) => {}
        }
    }
    let is_silent =
        |other: &Exchange| other.heard().first().is_none() && !script::is_over(other.heard());
    let silent = others.iter().any(is_silent);
    let is_hung_up =
        |other: &Exchange| other.heard().replies.is_empty() && script::is_over(other.heard());
    let hangs_up = others.iter().any(is_hung_up);
    drop((first, others));
    let left = Instant::now();
    let came_again = opens_again(stage, &request).await;
    let room = Room::For {
        streams,
        asked: all,
        silent,
        lingered: left.elapsed().saturating_sub(head_after),
        came_again,
        hangs_up,
    };
    (room, slowest)
}
