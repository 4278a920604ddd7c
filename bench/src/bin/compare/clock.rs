//! Time of this thread's CPU, interleaved: each round runs every contestant once, so that whatever else the machine
//! does hits all of them alike.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

pub const ROUNDS: usize = 15;

fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The median time of each contestant.
pub fn race(contestants: &mut [Box<dyn FnMut() + '_>]) -> Vec<Duration> {
    let mut times = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for _ in 0..ROUNDS {
        for (run, times) in contestants.iter_mut().zip(&mut times) {
            // Once before, so that nobody pays for the caches that the contestant before has left.
            run();
            let start = now();
            run();
            times.push(now() - start);
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_unstable();
            times[ROUNDS / 2]
        })
        .collect()
}
