//! A connection that is cut inside an event, at places where buffers end in the field.

use super::again::last_id;
use super::resume::{
    RESUMED, TEXTS, WHOLE, both, come_back, events, judge, open, script, seen_before_the_cut,
};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Replies, Reply};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Line, script as scripts};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};

/// So many events are whole before the cut.
const SEEN: usize = 2;

/// A place within the third event.
struct Place {
    name: &'static str,
    what: &'static str,
    /// Whether the content ends there.
    reached: fn(&[u8]) -> bool,
}

const PLACES: [Place; 4] = [
    Place {
        name: "name",
        what: "within its first line",
        reached: |content| {
            let line = content.rsplit(|byte| matches!(byte, b'\r' | b'\n')).next();
            line.is_some_and(|line| line.len() == 2)
        },
    },
    Place {
        name: "data",
        what: "within its data",
        reached: |content| content.ends_with(b"third-"),
    },
    Place {
        name: "character",
        what: "within a character",
        reached: |content| content.ends_with(b"third-\xe2\x82"),
    },
    Place {
        name: "blank-line",
        what: "before its empty line",
        reached: |content| content.ends_with("third-€-of-five".as_bytes()),
    },
];

pub(super) fn cases() -> Vec<Case> {
    let case = |place: Place| {
        Case::new(
            format!("sse/rec/cut-mid-event-{}", place.name),
            Severity::Major,
            &[Need::Script],
            &["sse/x/stable-across-reconnect", "sse/9.2.6/eof-discards"],
            MidEvent {
                title: place.what,
                reached: place.reached,
            },
        )
        .about(
            format!("a stream is reset within an event, {}, and asked for again", place.what),
            "the new stream begins with a whole event; where resumption is declared, with the one that was cut",
        )
    };
    PLACES.into_iter().map(case).collect()
}

struct MidEvent {
    title: &'static str,
    reached: fn(&[u8]) -> bool,
}

impl Experiment for MidEvent {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let patience = stage.setting.timing.patience;
            scripts::play(stage, WHOLE, &script(stage), patience).await;
            let mut cut = open(stage).await;
            let reached = |heard: &Replies| {
                let content = heard.first().map(Reply::content);
                events(heard) >= SEEN && content.is_some_and(|content| (self.reached)(&content))
            };
            cut.wait("the place of the cut", |heard| {
                reached(heard) || scripts::is_over(heard)
            })
            .await;
            let id = last_id(cut.heard());
            cut.send_reset();
            come_back(stage, id).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let (whole, resumed) = match both(transcript) {
            Ok(both) => both,
            Err(judgement) => return judgement,
        };
        let seen = seen_before_the_cut(transcript);
        if seen != SEEN {
            return Judgement::inconclusive(format!(
                "the stream could not be cut {}: {seen} of {} events had come whole",
                self.title,
                TEXTS.len()
            ));
        }
        // A field that every stream of this server has is no rest of anything.
        let has = |line: &&Line| {
            whole
                .read
                .ignored
                .iter()
                .any(|known| known.text == line.text)
        };
        let mut ignored = resumed.read.ignored.iter();
        let first = ignored.find(|line| !has(line));
        let begins = resumed
            .read
            .events
            .first()
            .map_or(u64::MAX, |got| got.begin);
        if let Some(line) = first.filter(|line| line.offset <= begins) {
            let offset = resumed
                .answer
                .reply()
                .map_or(0, |reply| reply.offset_of(line.offset));
            return Judgement::fail(format!(
                "the new stream does not begin with an event but with `{}`, the rest of the one that was cut: clients ignore \
                 it, and lose what it was a part of",
                printable(line.text.as_bytes(), 60)
            ))
            .at(Spot::received(RESUMED, offset))
            .to_confirm_alone();
        }
        judge(&whole.read, seen, &resumed, reading)
    }
}

#[cfg(test)]
mod tests {
    use super::PLACES;

    /// Places where content ends two bytes into its third block, whatever ends its lines.
    #[test]
    fn the_first_line_is_cut_whatever_ends_the_one_before() {
        for line_end in ["\n", "\r", "\r\n"] {
            let before = format!("id: 1{line_end}data: x{line_end}{line_end}");
            let reached = PLACES.map(|place| (place.reached)(format!("{before}id").as_bytes()));
            assert_eq!(reached, [true, false, false, false], "{line_end:?}");
            assert!(!(PLACES[0].reached)(before.as_bytes()), "{line_end:?}");
        }
    }
}
