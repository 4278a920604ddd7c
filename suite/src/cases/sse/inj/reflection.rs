//! A `Last-Event-ID` that an application writes into its stream: whoever connects chooses it.

use super::{BEHIND, CANARY, TWIN, forged, spot_of};
use crate::case::{Case, Experiment, Need};
use crate::cases::sse::played::{Outcome, Played, played};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::sse::script;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict, printable};
use serde_json::json;

/// The connection on which the other value is sent.
const SCRIPT: &str = "script";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/inj/last-event-id-reflection",
        Severity::Major,
        &[Need::Script],
        &["sse/9.2.4/value-space", "sse/9.2.5/no-injection-id"],
        Reflection,
    );
    vec![case.about(
        "a Last-Event-ID with escaped line breaks, written into the stream by the application",
        "the value comes back as data, escaped or not, or is refused; nothing of it becomes a field or an event",
    )]
}

struct Reflection;

/// A line break as a backslash and a letter, and one in percent-encoding, each with a forged id behind it.
fn value() -> String {
    format!("7\\nid: {CANARY}%0Aid: {CANARY}")
}

/// What every client may say that it has seen.
const ORDINARY: &str = "7";

async fn ask(stage: &Stage, label: &'static str, value: &str) {
    let script = json!([{"last_event_id": true}, {"data": BEHIND}]);
    let mut request = script::request(&stage.setting, &script);
    request.set("Last-Event-ID", value);
    let mut exchange = script::send(stage, label, &request).await;
    script::listen_out(stage, &mut exchange, stage.setting.timing.patience).await;
}

/// Whether an ordinary value comes back.
///
/// # Errors
/// A judgement: nothing can be said of others.
fn is_offered(transcript: &Transcript) -> Result<(), Judgement> {
    let not_offered = |came: String| {
        let why = "needs `script`: the endpoint does not offer the step `last_event_id`: with an ordinary Last-Event-ID,";
        Err(Judgement::new(
            Verdict::Skip,
            format!("{why} {ORDINARY}, {came}"),
        ))
    };
    match played(transcript, TWIN) {
        Outcome::Not(judgement) => Err(judgement),
        Outcome::Refused(answer) => {
            not_offered(format!("the script is answered by {}", answer.in_words()))
        }
        Outcome::Played(played) => match played.read.events.first() {
            Some(got) if got.data.contains(ORDINARY) => Ok(()),
            Some(_) => not_offered("it does not come as data".into()),
            None if played.over => not_offered("no event comes".into()),
            None => Err(Judgement::inconclusive("no event came").resting_on_silence()),
        },
    }
}

impl Experiment for Reflection {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            ask(stage, TWIN, ORDINARY).await;
            if is_offered(&stage.transcript()).is_ok() {
                ask(stage, SCRIPT, &value()).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        if let Err(judgement) = is_offered(transcript) {
            return judgement;
        }
        let played = match played(transcript, SCRIPT) {
            Outcome::Not(judgement) => return judgement,
            Outcome::Refused(answer) => {
                return Judgement::pass(format!("the value is refused: {}", answer.in_words()))
                    .at(answer.spot());
            }
            Outcome::Played(played) => played,
        };
        let Played { answer, read, over } = *played;
        let at = |offset: u64| spot_of(&answer, offset);
        if let Some((what, offset)) = forged(&read) {
            return Judgement::fail(format!(
                "the Last-Event-ID `{}` leaves its line: what stands behind the escaped break is read as {what}, so that \
                 whoever connects writes into the stream",
                printable(value().as_bytes(), 80)
            ))
            .at(at(offset));
        }
        match read.events.first() {
            Some(got) if got.data == value() => {
                Judgement::pass("the value comes back as data, letter by letter").at(at(got.begin))
            }
            Some(got) => Judgement::pass(format!(
                "the value comes back as \"{}\", and nothing is forged",
                printable(got.data.as_bytes(), 60)
            ))
            .at(at(got.begin)),
            None if over => Judgement::pass("the value is not written").at(at(0)),
            None => Judgement::inconclusive("no event came").resting_on_silence(),
        }
    }
}
