//! Events whose empty line comes with what is written next: each fires late, and the last of all never.

use crate::http::Reply;
use std::time::Duration;

/// Of so many events the times are looked at.
const TIMED: usize = 256;

/// What comes with such a pause before it was written by itself.
const PAUSE: Duration = Duration::from_millis(100);

/// How many events of a stream are late.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Late {
    count: usize,
    /// Of how many.
    all: usize,
    /// Where the first of them begins, and how long it stood there complete but for its end.
    first: Option<(u64, Duration)>,
}

impl Late {
    /// The empty line at `blank` of the content fires the event that begins at `begin`.
    pub(super) fn see(&mut self, reply: &Reply, content: &[u8], begin: u64, blank: u64) {
        if self.all == TIMED {
            return;
        }
        self.all += 1;
        let (field, end) = (reply.time_of(blank.saturating_sub(1)), reply.time_of(blank));
        // Its first byte, and the next line's if that came at once.
        let behind = content.get(blank as usize + 2).is_some();
        let with_the_next = behind && reply.time_of(blank + 2) == end;
        let waited = end.saturating_sub(field);
        if with_the_next && waited >= PAUSE {
            self.count += 1;
            self.first.get_or_insert((begin, waited));
        }
    }

    /// Where the first late event begins, and what is said of it by its line, if more than one and most are late.
    pub(super) fn most(self) -> Option<(u64, impl FnOnce(String) -> String)> {
        let Self { count, all, first } = self;
        let (begin, waited) = first.filter(|_| count > 1 && 2 * count > all)?;
        let observed = move |line: String| {
            format!(
                "the empty line that ends an event comes with the next event, here {:.1} s behind `{line}`: {count} of {all} events \
                 fire when the next is written, and the last of all never",
                waited.as_secs_f32()
            )
        };
        Some((begin, observed))
    }
}
