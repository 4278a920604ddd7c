//! Messages around the limit that was declared: up to it they come back, beyond it the target says so.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Came, Transcript};
use crate::transport::Boxed;
use crate::ws::bulk::{self, Bulk};
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Severity, Verdict};
use std::time::Duration;

/// The label of its connection.
const BULK: &str = "bulk";

/// How long a slow target may take.
const WINDOW: Duration = Duration::from_secs(60);

const COUNTED: &str = "rfc6455/10.4/limit-counts-all-fragments";
const TOO_BIG: &str = "rfc6455/7.4.1/1009-too-big";

/// A message in fragments takes so many.
const FRAGMENTS: u64 = 16;

pub(super) fn cases() -> Vec<Case> {
    let sizes = [
        ("minus-1", -1, "one byte less than"),
        ("0", 0, "exactly"),
        ("plus-1", 1, "one byte more than"),
    ];
    let ways = [
        ("single", false, "in one frame"),
        ("fragmented", true, "in fragments"),
    ];
    let case = |(size, more, than): (&str, i64, &str),
                (way, fragmented, how): (&str, bool, &str)| {
        let experiment = AroundLimit { more, fragmented };
        Case::new(
            format!("ws/limits/declared-{size}-{way}"),
            Severity::Major,
            &[Need::Echo, Need::MessageLimit],
            &[COUNTED, TOO_BIG],
            experiment,
        )
        .about(
            format!("a binary message of {than} the declared limit, {how}"),
            match experiment.is_beyond() {
                true => "Close 1009",
                false => "it comes back, the same",
            },
        )
        .in_set(Set::Hardening)
        .lasting(WINDOW)
        .alone()
    };
    sizes
        .into_iter()
        .flat_map(|size| ways.map(|way| case(size, way)))
        .collect()
}

/// A message that is so much larger than the limit.
#[derive(Debug, Clone, Copy)]
struct AroundLimit {
    more: i64,
    fragmented: bool,
}

impl AroundLimit {
    fn is_beyond(self) -> bool {
        self.more > 0
    }

    fn bulk(self, limit: u64) -> Bulk {
        let size = limit.saturating_add_signed(self.more);
        Bulk {
            fragment: self.fragmented.then(|| size.div_ceil(FRAGMENTS)),
            ..Bulk::message(Opcode::BINARY, size)
        }
    }
}

impl Experiment for AroundLimit {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            if let Some(limit) = stage.setting.declared.message_limit {
                self.bulk(limit).stream(stage, BULK).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let Some(limit) = reading.declared.message_limit else {
            return Judgement::inconclusive("no limit is declared");
        };
        let streamed = match bulk::streamed(transcript, BULK) {
            Ok(streamed) => streamed,
            Err(judgement) => return judgement,
        };
        let bulk = self.bulk(limit);
        let size = bulk.size;
        match (self.is_beyond(), &streamed.came) {
            (true, Came::All) => Judgement::fail(format!(
                "a message of {size} bytes came back, where {limit} are declared to be the most: the limit protects nothing"
            ))
            .by(COUNTED),
            (true, Came::Closed(Some(1009))) => Judgement::pass("Close 1009"),
            (true, Came::Closed(_) | Came::Ended(_)) => Judgement::warn(format!(
                "a message beyond the declared limit was answered by {}: Close 1009 would tell the client why",
                streamed.came
            ))
            .by(TOO_BIG),
            (true, Came::Silence | Came::Passed | Came::Stuck) => Judgement::warn(
                "a message beyond the declared limit was answered by nothing: the client waits for ever",
            )
            .by(TOO_BIG)
            .resting_on_silence(),
            (true, Came::Changed { .. } | Came::Broken(_) | Came::Unsound(_)) | (false, _) => match bulk.flaw(streamed) {
                None => Judgement::pass(format!("{size} bytes came back, the same")),
                Some(flaw) if flaw.verdict == Verdict::Info => Judgement::fail(format!(
                    "{}, where {limit} bytes are declared to be the limit",
                    flaw.observed
                ))
                .by("rfc6455/10.4/impose-limits"),
                Some(flaw) => flaw,
            },
        }
    }
}
