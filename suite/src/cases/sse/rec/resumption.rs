//! What is said of a live stream that was cut and asked for again, held against one that was never cut.

use super::difference::{Difference, difference, list};
use super::sequence::{Sequences, Unlike};
use crate::case::WATCHING_WEIGHT;
use crate::judgement::Judgement;
use crate::sse::{Answer, Read, script};
use std::time::Duration;

/// What is held against a stream that is asked for again.
pub(super) struct Resumption {
    /// Whether the server is said to resume.
    pub(super) declared: bool,
    /// The last id that the client has seen.
    pub(super) last: String,
    /// How long what is due was waited for.
    pub(super) waited: Duration,
}

impl Resumption {
    /// What is wrong only where resumption is declared.
    fn broken(&self, observed: String) -> Judgement {
        match self.declared {
            true => Judgement::fail(observed).to_confirm_alone(),
            false => Judgement::info(observed).resting_on("ambiguity/resumption"),
        }
    }

    /// An answer that is no stream.
    pub(super) fn refused(&self, resumed: &Answer, ordinary: Option<&Answer>) -> Judgement {
        let came = resumed.in_words();
        let again = format!(
            "asked for again behind {}, the stream is answered by {came}",
            list(&[&self.last])
        );
        match (resumed.status(), ordinary) {
            (Some(204), _) => Judgement::info(format!("{again}: clients do not come back")),
            // Whoever waits for room, or for a client that is not seen to be gone, says nothing of the id.
            (Some(403 | 409 | 429 | 503), _) => {
                Judgement::info(format!("{again}: sse/rec/with-id judges that"))
            }
            (_, Some(ordinary)) if !ordinary.streams() => Judgement::inconclusive(format!(
                "{again}, and a request without an id, which got a stream before, by {}",
                ordinary.in_words()
            ))
            .to_confirm_alone(),
            (_, Some(_)) if self.declared => self.broken(format!(
                "{again}, although resumption is declared, and a request without an id gets a stream: what was sent meanwhile \
                 is lost to the client"
            )),
            (_, _) => Judgement::info(format!("{again}: sse/rec/with-id judges that")),
        }
    }

    /// A stream.
    pub(super) fn streamed(
        &self,
        whole: &Answer,
        cut: &Answer,
        resumed: &Answer,
        came_back: Duration,
    ) -> Judgement {
        let read = |answer: &Answer| answer.reply().map(Read::of).unwrap_or_default();
        let sequences = Sequences::of(&read(whole), &read(cut), &read(resumed));
        let told = sequences.whole.labels();
        let nothing = |why: String| Judgement::info(format!("nothing can be compared: {why}"));
        let last = list(&[&self.last]);
        let Some(seen) = sequences.seen() else {
            return nothing(format!(
                "no id of the stream that was cut, {last} the last, is among those of the one that was never cut"
            ));
        };
        let events = sequences.whole.events.iter();
        let early = events.take_while(|named| named.at <= came_back).count();
        let mut due = early.max(seen);
        if due == seen {
            let why = match script::is_over(&whole.replies) {
                true => {
                    "the server ended the stream that was not to be cut, which had nothing more"
                }
                false => "the stream that was never cut had nothing more",
            };
            return nothing(format!("{why} behind {last} when the client came back"));
        }
        if whole.replies.full || resumed.replies.full {
            return nothing(format!(
                "more came than the case reads ({} KiB)",
                WATCHING_WEIGHT / 1024
            ));
        }
        let came = sequences.came.labels();
        let over = script::is_over(&resumed.replies);
        let furthest = sequences.furthest();
        let missed = list(&told[seen..due]);
        let bared = sequences.bared(due);
        if bared > 0 {
            let observed = format!(
                "behind {last} the stream that was never cut had {missed} when the client came back, which got {bared} of it \
                 without an id: cut again, it has no place to come back to"
            );
            return match self.declared {
                true => Judgement::warn(observed).to_confirm_alone(),
                false => Judgement::info(observed),
            }
            .resting_on("ambiguity/resumption");
        }
        let brought = resumed
            .reply()
            .map_or(0, |reply| Read::of(reply).events.len());
        if came.is_empty() && brought > 0 {
            return nothing(format!(
                "asked for again behind {last}, the stream brings no event with an id that it shares with another connection"
            ));
        }
        if came.is_empty() {
            let observed = format!(
                "behind {last} the stream that was never cut had {missed} when the client came back, which got none of it"
            );
            return match over {
                true => self.broken(format!(
                    "{observed}, but the end of the stream: it comes back with the same id, and gets the same again"
                )),
                false => self
                    .broken(format!(
                        "{observed} within {:.1} s",
                        self.waited.as_secs_f32()
                    ))
                    .resting_on_silence(),
            };
        }
        if over && furthest > seen {
            // The client comes back for the rest.
            due = due.min(furthest);
        }
        let Some(difference) = difference(&told, seen, due, &came) else {
            return self.resumed(&sequences, &told[seen..due], due);
        };
        let observed = format!(
            "behind {last} the stream that was never cut had {missed} when the client came back, which got {}: {difference}",
            list(&came)
        );
        match sequences.unlike() {
            Some(unlike) => Judgement::info(format!(
                "behind {last} the stream that was never cut had {missed} when the client came back, which got {}; {}",
                list(&came),
                in_words(&unlike)
            ))
            .resting_on("ambiguity/resumption"),
            None if !over && is_silence(&difference, &told[..furthest]) => {
                self.broken(observed).resting_on_silence()
            }
            None => self.broken(observed),
        }
    }

    /// All that was due came.
    fn resumed(&self, sequences: &Sequences, missed: &[&str], due: usize) -> Judgement {
        let goes_on = format!(
            "the new stream goes on where the one that was cut ended: behind {} comes what was sent meanwhile, {}",
            list(&[&self.last]),
            list(missed)
        );
        if let Some(changed) = sequences.changed(due).first() {
            let observed = format!(
                "{goes_on}; but {} was {} on the stream that was never cut, and is {} here: a page that missed it gets \
                 another event",
                list(&[changed.label]),
                changed.was,
                changed.is
            );
            return match self.declared {
                true => Judgement::warn(observed).to_confirm_alone(),
                false => Judgement::info(observed),
            }
            .resting_on("ambiguity/resumption");
        }
        match sequences.followers_lost(due) {
            0 => Judgement::pass(goes_on),
            lost => Judgement::info(format!(
                "{goes_on}; {lost} events without an id of their own, which stood between them, do not come again: a client \
                 that was away misses them"
            ))
            .resting_on("ambiguity/resumption"),
        }
    }
}

/// Whether all that is amiss is that something has not come yet, as nothing that came stands behind it.
fn is_silence(difference: &Difference<'_>, overtaken: &[&str]) -> bool {
    match difference {
        Difference::FromTheStart(_) | Difference::FromNow(_) => false,
        Difference::Deviates {
            repeated,
            lost,
            doubled,
            disordered,
        } => {
            let late = lost.iter().all(|lost| !overtaken.contains(lost));
            repeated.is_empty() && doubled.is_empty() && !disordered && late
        }
    }
}

/// Why nothing is concluded.
fn in_words(unlike: &Unlike) -> String {
    match unlike {
        Unlike::Foreign(label) => format!(
            "but not all connections have {}: their ids are no places in one sequence, as where each mixes several sources \
             in its own way, and what is lost cannot be told",
            list(&[label])
        ),
        Unlike::Order => {
            "the events come out of order, so that their ids are no places in one sequence: what is lost cannot be told"
                .into()
        }
        Unlike::Recurs(label) => format!(
            "but {} stands for several events: by such an id nobody can tell where a client was, nor what it lost",
            list(&[label])
        ),
    }
}
