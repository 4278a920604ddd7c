//! What a stream that was asked for again lacks, repeats or shuffles, beside the one that was never cut. Events are told
//! apart by ids or by texts; how a server makes them is its own affair.

use pushspec_reports::printable;
use std::collections::{HashMap, HashSet};
use std::fmt;

/// How a stream that was asked for again differs from the one that was never cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Difference<'a> {
    /// It begins where every stream begins, with all these that the client has seen: at least two, for with one of them a
    /// repetition looks the same.
    FromTheStart(Vec<&'a str>),
    /// It begins with what is sent now, without all these that were sent meanwhile: at least two, for with one of them a
    /// loss looks the same.
    FromNow(Vec<&'a str>),
    /// Anything else.
    Deviates {
        /// Seen before the cut, and sent again.
        repeated: Vec<&'a str>,
        /// Never sent.
        lost: Vec<&'a str>,
        /// Sent twice.
        doubled: Vec<&'a str>,
        /// Whether the rest comes in another order.
        disordered: bool,
    },
}

/// What `came` lacks of `whole`, of which the client had `seen` so many, and so many were `due` at least when it came back.
/// None where there is no difference. What `came` holds beside is left out of account.
pub(super) fn difference<'a>(
    whole: &[&'a str],
    seen: usize,
    due: usize,
    came: &[&'a str],
) -> Option<Difference<'a>> {
    let mut at: HashMap<&str, usize> = HashMap::new();
    for (place, text) in whole.iter().enumerate() {
        at.entry(text).or_insert(place);
    }
    let places: Vec<usize> = came
        .iter()
        .filter_map(|text| at.get(text).copied())
        .collect();
    let came_once: HashSet<&str> = came.iter().copied().collect();
    let known = |range: &[&'a str], wanted: bool| -> Vec<&'a str> {
        let chosen = range
            .iter()
            .filter(|text| came_once.contains(**text) == wanted);
        chosen.copied().collect()
    };
    let furthest = places.iter().max().map_or(0, |last| last + 1);
    let repeated = known(&whole[..seen], true);
    let lost = known(&whole[seen..furthest.max(due)], false);
    let mut doubled: Vec<&str> = Vec::new();
    let mut first: Vec<usize> = Vec::new();
    let mut known_places = HashSet::new();
    for place in places {
        match known_places.insert(place) {
            true => first.push(place),
            false => doubled.push(whole[place]),
        }
    }
    let disordered = !first.is_sorted();
    if repeated.is_empty() && lost.is_empty() && doubled.is_empty() && !disordered {
        return None;
    }
    let all_again = repeated.len() == seen && first.first() == Some(&0);
    if seen > 1 && all_again && !disordered {
        return Some(Difference::FromTheStart(repeated));
    }
    let none_of_those_due = first.iter().all(|&place| place >= due);
    if due > seen + 1 && none_of_those_due && !came.is_empty() && !disordered {
        return Some(Difference::FromNow(lost));
    }
    Some(Difference::Deviates {
        repeated,
        lost,
        doubled,
        disordered,
    })
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromTheStart(again) => write!(
                f,
                "the id is ignored, and the stream begins anew: {}",
                counted(again, "comes again", "come again")
            ),
            Self::FromNow(lost) => write!(
                f,
                "the id is ignored, and the stream begins with what is new: {}, and no client can know",
                counted(lost, "is lost", "are lost")
            ),
            Self::Deviates {
                repeated,
                lost,
                doubled,
                disordered,
            } => {
                let mut parts = Vec::new();
                if !repeated.is_empty() {
                    parts.push(format!(
                        "{} that the client has seen",
                        counted(repeated, "comes again", "come again")
                    ));
                }
                if !lost.is_empty() {
                    parts.push(format!(
                        "{}, and no client can know",
                        counted(lost, "is lost", "are lost")
                    ));
                }
                if !doubled.is_empty() {
                    parts.push(counted(doubled, "comes twice", "come twice"));
                }
                if *disordered {
                    parts.push("the events come out of order".into());
                }
                f.write_str(&parts.join("; "))
            }
        }
    }
}

/// So many events, what became of them, and which.
fn counted(events: &[&str], of_one: &str, of_many: &str) -> String {
    let which = list(events);
    match events {
        [_] => format!("1 event {of_one} ({which})"),
        events => format!("{} events {of_many} ({which})", events.len()),
    }
}

/// Events in words: the first few.
pub(super) fn list(events: &[&str]) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<String> = events
        .iter()
        .take(SHOWN)
        .map(|text| format!("\"{}\"", printable(text.as_bytes(), 40)))
        .collect();
    if events.len() > SHOWN {
        shown.push("…".into());
    }
    match shown.is_empty() {
        true => "none".into(),
        false => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    /// What is said where a client had seen two of six, and four were due at least.
    fn said(came: &[&str]) -> String {
        let whole = ["1", "2", "3", "4", "5", "6"];
        difference(&whole, 2, 4, came).map_or("nothing".into(), |difference| difference.to_string())
    }

    #[test]
    fn faults_are_told_apart() {
        for (came, what) in [
            (&["3", "4"][..], "nothing"),
            (&["3", "4", "5", "6", "7"], "nothing"),
            // Something that has no place in the sequence.
            (&["hello", "3", "4"], "nothing"),
            (
                &["4", "5"],
                "1 event is lost (\"3\"), and no client can know",
            ),
            (
                &["3", "4", "6"],
                "1 event is lost (\"5\"), and no client can know",
            ),
            (
                &["2", "3", "4"],
                "1 event comes again (\"2\") that the client has seen",
            ),
            (&["4", "3", "5"], "the events come out of order"),
            (&["3", "3", "4"], "1 event comes twice (\"3\")"),
            (
                &["1", "2", "3", "4"],
                "the id is ignored, and the stream begins anew: 2 events come again (\"1\", \"2\")",
            ),
            (
                &["5", "6"],
                "the id is ignored, and the stream begins with what is new: 2 events are lost (\"3\", \"4\"), and no client can \
                 know",
            ),
            (
                &["7", "8"],
                "the id is ignored, and the stream begins with what is new: 2 events are lost (\"3\", \"4\"), and no client can \
                 know",
            ),
            (
                &["2", "4"],
                "1 event comes again (\"2\") that the client has seen; 1 event is lost (\"3\"), and no client can know",
            ),
            (
                &[],
                "2 events are lost (\"3\", \"4\"), and no client can know",
            ),
        ] {
            assert_eq!(said(came), what, "{came:?}");
        }
    }

    #[test]
    fn one_event_tells_no_repetition_from_an_id_that_is_ignored() {
        let whole = ["1", "2", "3"];
        let said = |came: &[&'static str]| difference(&whole, 1, 2, came).expect("a difference");
        let again = said(&["1", "2", "3"]).to_string();
        assert!(again.starts_with("1 event comes again"), "{again}");
        let lost = said(&["3"]).to_string();
        assert!(lost.starts_with("1 event is lost"), "{lost}");
    }
}
