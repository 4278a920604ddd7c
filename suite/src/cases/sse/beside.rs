//! The same live stream twice, side by side, coded and uncoded: what could be decoded late, and was not written late.

use crate::sse::{Got, Read};
use std::time::Duration;

/// So many events of the uncoded stream tell that events come at all.
pub(super) const ENOUGH: usize = 2;

/// So many tell whether each comes by itself.
pub(super) const MANY: usize = 8;

/// What comes with such a pause between was not written together.
const APART: Duration = Duration::from_millis(100);

/// How many events could be decoded no sooner than the next one had come uncoded, and how many both streams have: what is held
/// until the next is written, or until a few are. Only events that both streams have just once are compared, and none where
/// one of them came sooner coded: then the streams differ in more than the coding.
pub(super) fn held_back(coded: &Read, plain: &Read) -> (usize, usize) {
    let same = |one: &Got, other: &Got| {
        (&one.event, &one.data, &one.id) == (&other.event, &other.data, &other.id)
    };
    let once = |read: &Read, got: &Got| read.events.iter().filter(|it| same(it, got)).count() == 1;
    let (mut held, mut both) = (0, 0);
    for pair in plain.events.windows(2) {
        let [got, next] = pair else { continue };
        let coded_twin = coded.events.iter().find(|it| same(it, got));
        let Some(decoded) = coded_twin.filter(|_| once(coded, got) && once(plain, got)) else {
            continue;
        };
        if got.at > decoded.at + APART {
            return (0, 0);
        }
        both += 1;
        let is_late = decoded.at > got.at + APART && decoded.at + APART / 4 >= next.at;
        held += usize::from(is_late && next.at > got.at + APART);
    }
    (held, both)
}

/// Whether the events of a coded stream came together, and those of the uncoded one apart. One that is over has no more. The coded
/// one was asked for no later: that an answer is known already makes the other faster, if any.
pub(super) fn is_held(coded: &Read, is_over: bool, plain: &Read) -> bool {
    let times = |read: &Read| {
        let first = read.events.first()?.at;
        let last = read.events.last()?.at;
        Some(last.saturating_sub(first))
    };
    let enough = match is_over {
        true => ENOUGH,
        false => MANY,
    };
    coded.events.len() >= enough
        && times(coded).is_some_and(|together| together < APART / 4)
        && times(plain).is_some_and(|apart| apart > APART)
}

#[cfg(test)]
mod tests {
    use super::held_back;
    use crate::sse::Read;
    use std::time::Duration;

    /// Events 1, 2, 3 … at these milliseconds.
    fn came(at: &[u64]) -> Read {
        Read::of_content(at.iter().enumerate().map(|(index, &at)| {
            let event = format!("data: event {index}\n\n");
            (Duration::from_millis(at), event.into_bytes())
        }))
    }

    #[test]
    fn what_waits_for_the_next_is_held() {
        let plain = came(&[0, 250, 500, 750, 1000]);
        let held = |at: &[u64]| held_back(&came(at), &plain);
        assert_eq!(held(&[1, 252, 501, 754, 1001]), (0, 4));
        // Every second one, one behind, every fifth.
        assert_eq!(held(&[250, 250, 751, 751]), (2, 4));
        assert_eq!(held(&[251, 500, 752, 1001]), (4, 4));
        assert_eq!(held(&[1000, 1000, 1000, 1000, 1000]), (4, 4));
        // A stream that is late by itself, and one that is now late and now early.
        assert_eq!(held(&[150, 400, 650, 900, 1150]), (0, 4));
        assert_eq!(
            held_back(&came(&[0, 600, 700, 750]), &came(&[300, 400, 800, 900])),
            (0, 0)
        );
        // Uncoded, they come together too.
        let together = came(&[0, 1, 2, 1000, 1001]);
        assert_eq!(held_back(&came(&[300, 300, 300, 1300]), &together), (0, 4));
        // Events that look alike are not compared.
        let alike = |mut read: Read| {
            read.events.iter_mut().for_each(|got| got.data = "x".into());
            read
        };
        assert_eq!(
            held_back(&alike(came(&[250, 250])), &alike(came(&[0, 250]))),
            (0, 0)
        );
    }
}
