//! The same script to both views: what the one reads, the other reads.

use super::{EVERYDAY, LISTED, ZLIB, accepting, client, gave_up, miscoded};
use crate::case::{Case, Experiment, Need};
use crate::cases::sse::played::{Outcome, Played, played, refused_ordinary};
use crate::declared::Reading;
use crate::http::ACCEPTED;
use crate::judgement::Judgement;
use crate::sse::{Answer, Got, Read, Visited, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};
use serde_json::{Value, json};
use tokio::time::Instant;

/// The raw view of the same request, and of one that accepts no coding.
const CODED: &str = "coded";
const PLAIN: &str = "plain";

/// More than a decoder's buffers hold.
const FILL: u64 = 96 * 1024;

/// What all of it takes at most, and as much again.
const WEIGHT: usize = 512 * 1024;

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/everyday/script",
        Severity::Major,
        &[Need::Script],
        &["sse/x/content-coding-flush", LISTED, ZLIB],
        Script,
    );
    vec![
        case.about(
            "a script as a client of the field reads it to its end: reqwest, which accepts zstd, gzip, deflate and br",
            "the events that the raw view reads of the uncoded stream, the last one included, and the coding is finished",
        )
        .weighing(WEIGHT),
    ]
}

struct Script;

fn text() -> Value {
    json!([
        {"retry": 3000, "comment": "pushspec"},
        {"id": "1", "data": "first"},
        {"id": "2", "event": "named", "data": "two\nlines"},
        {"data": " a blank first, \u{fc}\u{f1}\u{ee} \u{1f600} and \u{2028}"},
        {"comment": "between"},
        {"id": "3", "fill": FILL},
        {"id": "4", "data": "last"},
    ])
}

impl Experiment for Script {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let endpoint = script::endpoint(&stage.setting);
            let longest = 3 * stage.setting.timing.patience;
            let request = script::request(&stage.setting, &text());
            let Some(client) = client(stage, &endpoint) else {
                return;
            };
            let raw = async |label, codings| {
                let request = accepting(request.clone(), codings);
                let mut exchange = script::send(stage, label, &request).await;
                script::listen_out(stage, &mut exchange, longest).await;
            };
            tokio::join!(
                async {
                    let mut visit = client.visit(EVERYDAY, &request).await;
                    let deadline = Instant::now() + longest;
                    visit.listen_until(deadline, usize::MAX).await;
                },
                raw(PLAIN, "identity"),
            );
            // Three streams at once are more than some targets give one client.
            drop(client);
            raw(CODED, ACCEPTED).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let plain = match played(transcript, PLAIN) {
            Outcome::Played(played) => played,
            Outcome::Not(judgement) => return judgement,
            Outcome::Refused(answer) => return refused_ordinary(&answer, "the script"),
        };
        let coded = match Answer::of(transcript, CODED, &[]) {
            Ok(coded) => coded,
            Err(judgement) => return judgement,
        };
        match Visited::of(transcript, EVERYDAY) {
            Ok(visited) => judge(&visited, &coded, &plain).to_confirm_alone(),
            Err(judgement) => judgement,
        }
    }
}

fn judge(visited: &Visited, coded: &Answer, plain: &Played) -> Judgement {
    if let Some(judgement) = miscoded(coded) {
        return judgement;
    }
    let spot = coded.field_spot("content-encoding");
    if !plain.over || plain.read.undecodable || plain.read.cut {
        return Judgement::inconclusive(
            "the raw view could not read the uncoded stream to its end",
        )
        .at(plain.answer.spot());
    }
    let both = [&visited.read, &plain.read];
    let difference = difference(both);
    match (difference, gave_up(visited, coded)) {
        (None, None) => Judgement::pass(format!(
            "both views read the same {} events",
            plain.read.events.len()
        ))
        .at(spot),
        (None, Some(judgement)) => judgement,
        (Some(difference), _) if !visited.is_event_stream() => Judgement::info(format!(
            "reqwest is answered by {}, so that {difference}",
            visited.in_words()
        ))
        .at(spot),
        (Some(difference), Some(_)) => Judgement::fail(format!(
            "{difference}; reqwest gave up ({})",
            visited.gave_up.as_deref().unwrap_or_default()
        ))
        .by(LISTED)
        .at(spot),
        (Some(difference), None) => {
            let judgement =
                Judgement::fail(format!("the coded stream is another one: {difference}"));
            let judgement = judgement.at(spot);
            match visited.over {
                true => judgement.by(LISTED),
                // It may still come.
                false => judgement.resting_on_silence(),
            }
        }
    }
}

/// Where what the everyday client read first differs from what the raw view read.
fn difference([everyday, raw]: [&Read; 2]) -> Option<String> {
    let fields = |got: &Got| (got.event.clone(), got.data.clone(), got.id.clone());
    let shown = |got: &Got| format!("\"{}\"", printable(got.data.as_bytes(), 24));
    let count = raw.events.len();
    for (index, raw) in raw.events.iter().enumerate() {
        match everyday.events.get(index) {
            Some(got) if fields(got) == fields(raw) => {}
            Some(got) => {
                return Some(format!(
                    "event {} of {count} is {} to the raw view and {} to reqwest",
                    index + 1,
                    shown(raw),
                    shown(got)
                ));
            }
            None => {
                return Some(format!(
                    "event {} of {count}, {}, comes to the raw view, and not to reqwest",
                    index + 1,
                    shown(raw)
                ));
            }
        }
    }
    let more = everyday.events.len().saturating_sub(count);
    (more > 0).then(|| format!("reqwest reads {more} events more than the raw view"))
}
