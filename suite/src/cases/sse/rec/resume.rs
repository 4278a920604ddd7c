//! A stream that is cut behind so many events and asked for again with the last id, compared with one that was never cut.

use super::again::last_id;
use super::difference::{difference, list};
use crate::case::{Case, Experiment, Need};
use crate::cases::sse::played::{Outcome, Played, played};
use crate::declared::Reading;
use crate::http::{Exchange, Replies};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Got, Read, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict};
use rand_chacha::rand_core::RngCore as _;
use serde_json::{Value, json};

/// Never cut.
pub(super) const WHOLE: &str = "whole";

/// Cut.
pub(super) const CUT: &str = "cut";

/// Asked for again.
pub(super) const RESUMED: &str = "resumed";

/// The data of the events; the third has a character of three bytes.
pub(super) const TEXTS: [&str; 5] = ["first", "second", "third-€-of-five", "fourth", "fifth"];

/// How a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Fin,
    Reset,
}

struct Resume {
    /// So many events are read before the cut.
    seen: usize,
    manner: Manner,
}

pub(super) fn cases() -> Vec<Case> {
    let count = TEXTS.len();
    let rows = [
        ("0", 0, Manner::Fin, "before its first event"),
        ("1", 1, Manner::Fin, "behind its first event"),
        ("n-1", count - 1, Manner::Reset, "before its last event"),
        ("n", count, Manner::Reset, "behind its last event"),
    ];
    let case = |(name, seen, manner, place)| {
        let by = match manner {
            Manner::Fin => "FIN",
            Manner::Reset => "RST",
        };
        Case::new(
            format!("sse/rec/resume-{name}"),
            Severity::Major,
            &[Need::Script],
            &["sse/9.2.4/header-purpose"],
            Resume { seen, manner },
        )
        .about(
            format!("a stream is cut by {by} {place}, and asked for again"),
            "exactly the events that are missing, where resumption is declared; else recorded",
        )
    };
    rows.into_iter().map(case).collect()
}

/// What their ids end with: text is in another order than the numbers are, for who names the first and who names the last
/// but one.
pub(super) const NUMBERS: [u32; 5] = [9, 10, 11, 99, 100];

/// Five events with ids that no other case uses, behind the one that the client names. Every second has the ordinary type.
pub(super) fn script(stage: &Stage) -> Value {
    let run = stage.random("ids").next_u32();
    let events = TEXTS.iter().zip(NUMBERS).enumerate();
    let events = events.map(|(index, (text, number))| {
        let id = format!("{run:x}-{number}");
        match index % 2 {
            0 => json!({"id": id, "event": "news", "data": text}),
            _ => json!({"id": id, "data": text}),
        }
    });
    [json!({"resume": true})]
        .into_iter()
        .chain(events)
        .collect()
}

/// How many events have come.
pub(super) fn events(heard: &Replies) -> usize {
    heard
        .first()
        .map_or(0, |reply| Read::of(reply).events.len())
}

/// Asks for the script on a connection that is read byte by byte, so that what is not wanted stays unread.
pub(super) async fn open(stage: &Stage) -> Exchange {
    let request = script::request(&stage.setting, &script(stage));
    let mut cut = script::open(stage, CUT, &[pushspec_parser::http::RequestFacts::GET]).await;
    cut.read_by(1);
    cut.send(&request).await;
    cut.answered().await;
    cut
}

/// Asks for the rest behind what `cut` has heard.
pub(super) async fn come_back(stage: &Stage, id: Option<String>) {
    let mut request = script::request(&stage.setting, &script(stage));
    if let Some(id) = id {
        request.set("Last-Event-ID", id);
    }
    let mut resumed = script::send(stage, RESUMED, &request).await;
    script::listen_out(stage, &mut resumed, stage.setting.timing.patience).await;
}

impl Experiment for Resume {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let patience = stage.setting.timing.patience;
            script::play(stage, WHOLE, &script(stage), patience).await;
            let mut cut = open(stage).await;
            let enough = |heard: &Replies| events(heard) >= self.seen || script::is_over(heard);
            cut.wait("the events before the cut", enough).await;
            let id = last_id(cut.heard());
            match self.manner {
                Manner::Fin => drop(cut),
                Manner::Reset => cut.send_reset(),
            }
            come_back(stage, id).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let (whole, resumed) = match both(transcript) {
            Ok(both) => both,
            Err(judgement) => return judgement,
        };
        let seen = seen_before_the_cut(transcript);
        if seen < self.seen {
            return Judgement::inconclusive(format!(
                "only {seen} of {} events came before the cut",
                self.seen
            ))
            .to_confirm_alone();
        }
        judge(&whole.read, seen, &resumed, reading)
    }
}

/// How many events came whole before the cut.
pub(super) fn seen_before_the_cut(transcript: &Transcript) -> usize {
    match played(transcript, CUT) {
        Outcome::Played(cut) => cut.read.events.len(),
        Outcome::Not(_) | Outcome::Refused(_) => 0,
    }
}

/// The stream that was never cut, and the one that was asked for again.
pub(super) fn both(transcript: &Transcript) -> Result<(Played, Played), Judgement> {
    let one = |label| match played(transcript, label) {
        Outcome::Played(played) => Ok(*played),
        Outcome::Not(judgement) => Err(judgement),
        Outcome::Refused(answer) if answer.status() == Some(400) => Err(Judgement::new(
            Verdict::Skip,
            "needs `script`: the endpoint does not know the step {\"resume\": true}",
        )),
        Outcome::Refused(answer) => Err(Judgement::inconclusive(format!(
            "the script is answered by {}",
            answer.in_words()
        ))
        .to_confirm_alone()),
    };
    let whole = one(WHOLE)?;
    let texts: Vec<&str> = whole
        .read
        .events
        .iter()
        .map(|got| got.data.as_str())
        .collect();
    let ids = whole.read.events.iter().all(|got| !got.id.is_empty());
    if texts != TEXTS || !ids {
        return Err(Judgement::inconclusive(
            "the stream that was not cut is not what was asked for: sse/enc tells more",
        ));
    }
    Ok((whole, one(RESUMED)?))
}

/// Judges what came behind `seen` events of `whole`.
pub(super) fn judge(whole: &Read, seen: usize, resumed: &Played, reading: &Reading) -> Judgement {
    let missing: Vec<&str> = data(&whole.events[seen..]);
    let came: Vec<&str> = data(&resumed.read.events);
    let spot = Spot::received(
        resumed.answer.label,
        resumed.answer.reply().map_or(0, |reply| {
            reply.offset_of(resumed.read.events.first().map_or(0, |got| got.begin))
        }),
    );
    // A server that leaves out what stands at the beginning knows what the id means.
    let proven = seen > 0 && came.first().is_some_and(|first| *first != TEXTS[0]);
    let verdict = match reading.declared.resumption || proven {
        true => Verdict::Fail,
        false => Verdict::Info,
    };
    let same_ids = {
        let ids = |events: &[Got]| events.iter().map(|got| got.id.clone()).collect::<Vec<_>>();
        ids(&whole.events[seen..]) == ids(&resumed.read.events)
    };
    if (came == missing || same_ids)
        && let Some(how) = changed(&whole.events[seen..], &resumed.read.events)
    {
        return Judgement::new(
            verdict,
            format!("behind {seen} of {} events {how}", whole.events.len()),
        )
        .at(spot)
        .to_confirm_alone();
    }
    if came == missing {
        let count = match missing.len() {
            0 => "no event is missing, and none comes again".into(),
            1 => "exactly the event that was missing comes".into(),
            count => format!("exactly the {count} events that were missing come"),
        };
        return Judgement::pass(count).at(spot);
    }
    let every: Vec<&str> = data(&whole.events);
    let due = every.len();
    let what = match difference(&every, seen, due, &came) {
        Some(difference) => difference.to_string(),
        None => "what nobody asked for stands between them".into(),
    };
    let observed = format!(
        "behind {seen} of {due} events {} were to come, and {} came: {what}",
        list(&missing),
        list(&came),
    );
    let mut judgement = Judgement::new(verdict, observed).at(spot);
    if verdict == Verdict::Info {
        judgement = judgement.resting_on("ambiguity/resumption");
    }
    match resumed.over {
        true => judgement.to_confirm_alone(),
        false => judgement.resting_on_silence(),
    }
}

/// What became of events that came again one by one, if anything did: of the first that is another.
fn changed(were: &[Got], are: &[Got]) -> Option<String> {
    let mut pairs = were.iter().zip(are);
    pairs.find_map(|(was, is)| {
        let parts = [
            ("type", &was.event, &is.event),
            ("data", &was.data, &is.data),
            ("id", &was.id, &is.id),
        ];
        let (part, was_part, is_part) = parts.into_iter().find(|(_, was, is)| was != is)?;
        let shown = |text: &str| list(&[text]);
        Some(format!(
            "the event {} was to come with the {part} {}, and came with {}",
            shown(&was.data),
            shown(was_part),
            match is_part.is_empty() {
                true => "none".into(),
                false => shown(is_part),
            }
        ))
    })
}

fn data(events: &[Got]) -> Vec<&str> {
    events.iter().map(|got| got.data.as_str()).collect()
}
