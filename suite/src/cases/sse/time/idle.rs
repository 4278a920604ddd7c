//! Two minutes without an event.

use crate::case::{Case, Experiment, Need, Set};
use crate::cases::sse::played::{Outcome, played, refused_ordinary};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::sse::script;
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use pushspec_reports::Severity;
use serde_json::{Value, json};
use std::time::Duration;

const SCRIPT: &str = "script";

/// Longer than most proxies and servers leave a silent connection open.
const IDLE: Duration = Duration::from_secs(120);

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/time/long-idle",
        Severity::Informational,
        &[Need::Script],
        &["sse/9.2.7/keepalive-comment", "rfc6202/5.5/timeout-30s"],
        LongIdle,
    )
    .about(
        "an event, two minutes without one, and another",
        "recorded: whether the stream is still there",
    )
    .in_set(Set::Long)
    .lasting(IDLE + Duration::from_secs(15));
    vec![case]
}

struct LongIdle;

fn idle() -> Value {
    json!([{"data": "before"}, {"sleep": IDLE.as_millis() as u64}, {"data": "after"}])
}

impl Experiment for LongIdle {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut exchange = script::ask(stage, SCRIPT, &idle()).await;
            let window = IDLE + stage.setting.timing.patience;
            exchange.listen_until(window, script::is_over).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let played = match played(transcript, SCRIPT) {
            Outcome::Played(played) => played,
            Outcome::Not(judgement) => return judgement,
            Outcome::Refused(answer) => return refused_ordinary(&answer, "two events and a pause"),
        };
        let begun = transcript
            .connection(SCRIPT)
            .map_or(Duration::ZERO, Connection::asked);
        let came = |data: &str| played.read.events.iter().find(|got| got.data == data);
        let judgement = match (came("after"), &played.answer.replies.end) {
            (Some(got), _) => Judgement::info(format!(
                "the stream survives: the second event came after {:.0} s",
                got.at.saturating_sub(begun).as_secs_f32()
            )),
            (None, Some((at, end))) => Judgement::info(format!(
                "the stream was ended by {end} after {:.0} s of silence",
                at.saturating_sub(begun).as_secs_f32()
            )),
            (None, None) => {
                Judgement::info("the stream stayed open, and the second event never came")
            }
        };
        judgement.at(played.answer.spot())
    }
}
