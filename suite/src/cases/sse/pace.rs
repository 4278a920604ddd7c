//! Events that are written one by one, and how they come: one by one too, in batches, or all at the end.

use crate::sse::Read;
use serde_json::{Value, json};
use std::time::Duration;

/// How many events a paced script writes.
const EVENTS: usize = 4;

/// The pause behind each.
pub(super) const GAP: Duration = Duration::from_millis(300);

/// A script of small events, a pause behind each.
pub(super) fn script() -> Value {
    let steps = (1..=EVENTS).flat_map(|number| {
        [
            json!({"data": format!("event {number} of {EVENTS}")}),
            json!({"sleep": GAP.as_millis() as u64}),
        ]
    });
    steps.collect()
}

/// How long the script takes.
pub(super) fn duration() -> Duration {
    GAP * EVENTS as u32
}

/// How the events of [`script`] came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pace {
    /// Each by itself.
    Steady,
    /// Some together; how many came with the one before at most.
    Batched,
    /// All of them when the script was over; how late the first was.
    Held(Duration),
    /// Not all of them, or others.
    Incomplete(usize),
}

/// How the events came that were asked for at `asked`.
pub(super) fn pace(read: &Read, asked: Duration) -> Pace {
    let events: Vec<Duration> = read
        .events
        .iter()
        .filter(|event| event.data.contains(&format!(" of {EVENTS}")))
        .map(|event| event.at)
        .collect();
    let (Some(&first), Some(&last)) = (events.first(), events.last()) else {
        return Pace::Incomplete(0);
    };
    if events.len() != EVENTS {
        return Pace::Incomplete(events.len());
    }
    let late = first.saturating_sub(asked);
    if last.saturating_sub(first) < GAP / 3 && late > duration() - GAP - GAP / 2 {
        return Pace::Held(late);
    }
    let together = events
        .windows(2)
        .any(|pair| pair[1].saturating_sub(pair[0]) < GAP / 3);
    match together {
        true => Pace::Batched,
        false => Pace::Steady,
    }
}

/// When each event came, behind the request, in words.
pub(super) fn arrivals(read: &Read, asked: Duration) -> String {
    let times: Vec<String> = read
        .events
        .iter()
        .map(|event| format!("{:.1}", event.at.saturating_sub(asked).as_secs_f32()))
        .collect();
    format!("{} s", times.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Pace, pace};
    use crate::sse::{Got, Read};
    use std::time::Duration;

    fn came(at: &[u64]) -> Pace {
        let events = at.iter().enumerate().map(|(index, &at)| Got {
            at: Duration::from_millis(at),
            begin: 0,
            event: "message".into(),
            data: format!("event {} of 4", index + 1),
            id: String::new(),
            names_id: false,
        });
        let mut read = Read::default();
        read.events = events.collect();
        pace(&read, Duration::ZERO)
    }

    #[test]
    fn how_events_come() {
        assert_eq!(came(&[1, 301, 601, 901]), Pace::Steady);
        assert_eq!(came(&[50, 400, 620, 1000]), Pace::Steady);
        assert_eq!(came(&[601, 602, 603, 1200]), Pace::Batched);
        assert_eq!(
            came(&[1201, 1201, 1202, 1203]),
            Pace::Held(Duration::from_millis(1201))
        );
        // A machine that slept: nothing was held for the script.
        assert_eq!(came(&[400, 401, 402, 403]), Pace::Batched);
        assert_eq!(came(&[1, 301, 601]), Pace::Incomplete(3));
        assert_eq!(came(&[]), Pace::Incomplete(0));
    }
}
