//! The live stream: asked for as clients of the field ask, read as they read.

use super::super::beside::{ENOUGH, MANY, held_back, is_held};
use super::super::withheld;
use super::{EVERYDAY, IDENTITY, LISTED, ZLIB, accepting, client, coding_of, gave_up, miscoded};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{ACCEPTED, Exchange, Replies, Request};
use crate::judgement::Judgement;
use crate::listening::Waited;
use crate::sse::{Answer, Coded, Read, Visited, coding, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict};
use tokio::time::Instant;

/// The raw view of the same request, and of one that accepts no coding.
const CODED: &str = "coded";
const PLAIN: &str = "plain";

/// The uncoded stream once more, where the coded one does not come.
const LATER: &str = "later";

pub(super) fn cases() -> Vec<Case> {
    let case = Case::new(
        "sse/everyday/stream",
        Severity::Major,
        &[Need::Sse, Need::EventSource],
        &["sse/x/content-coding-flush", LISTED, ZLIB, IDENTITY],
        Stream,
    );
    vec![case.about(
        "the stream as a client of the field asks for it and reads it: reqwest, which accepts zstd, gzip, deflate and br",
        "the events come as they do uncoded: no coding, or one that can be decoded and is flushed behind each event",
    )]
}

struct Stream;

fn events(heard: &Replies) -> usize {
    heard
        .first()
        .map_or(0, |reply| Read::of(reply).events.len())
}

/// Whether enough came to tell whether the coding is what it is said to be.
fn tells(heard: &Replies) -> bool {
    let read = heard.first().map(Read::of).unwrap_or_default();
    script::is_over(heard) || read.undecodable || !read.events.is_empty()
}

impl Experiment for Stream {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let timing = stage.setting.timing;
            let request = Request::event_source(&stage.setting);
            let Some(client) = client(stage, &stage.setting.endpoint()) else {
                return;
            };
            let accepting = |codings| accepting(request.clone(), codings);
            let window = timing.observe / 3;
            let came = |heard: &Replies| events(heard) >= MANY || script::is_over(heard);
            // Each listens as soon as it is answered: what waits to be read looks as if it came together.
            let (mut visit, plain) = tokio::join!(
                async {
                    let mut visit = client.visit(EVERYDAY, &request).await;
                    visit.listen_until(Instant::now() + window, MANY).await;
                    visit
                },
                async {
                    let mut plain = Exchange::get(stage, PLAIN, &accepting("identity")).await;
                    plain.answered().await;
                    plain.listen_until(window, came).await;
                    plain
                }
            );
            visit
                .listen_until(Instant::now() + timing.at_once, ENOUGH)
                .await;
            let gave_up = visit.is_over();
            // Where reqwest waited in vain, the raw view need not wait as long.
            let patience = match visit.waited_in_vain() {
                true => timing.at_once,
                false => timing.patience,
            };
            // Three streams at once are more than some targets give one client.
            drop((visit, plain));
            let mut coded = Exchange::get(stage, CODED, &accepting(ACCEPTED)).await;
            let plain = accepting("identity");
            let answered = withheld::answered(stage, &mut coded, patience, LATER, &plain);
            if answered.await != Waited::Met {
                return;
            }
            coded
                .listen_until(if gave_up { window } else { timing.at_once }, tells)
                .await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let answers = || {
            let visited = Visited::of(transcript, EVERYDAY)?;
            let coded = Answer::of(transcript, CODED, &[])?;
            let plain = Answer::of(transcript, PLAIN, &[])?;
            Ok((visited, coded, plain))
        };
        match answers() {
            Ok((visited, coded, plain)) => {
                withheld::judge(ACCEPTED, &coded, Answer::on(transcript, LATER, &[]))
                    .unwrap_or_else(|| {
                        let judgement = judge(&visited, &coded, &plain);
                        // Where no event comes uncoded either, that is no matter of who else asks.
                        let silent = visited.is_event_stream() && events(&plain.replies) == 0;
                        match silent && judgement.verdict == Verdict::Info {
                            true => judgement,
                            false => judgement.to_confirm_alone(),
                        }
                    })
            }
            Err(judgement) => judgement,
        }
    }
}

/// Of one that is refused while the other has a stream.
const ONE_AT_A_TIME: &str = "as where a server has no room for another: the two cannot be compared";

/// Whether a refusal may be owed to another stream that is open.
fn speaks_of_room(status: Option<u16>) -> bool {
    matches!(status, Some(409 | 429 | 503))
}

fn judge(visited: &Visited, coded: &Answer, plain: &Answer) -> Judgement {
    let is_stream = |answer: &Answer| answer.reply().is_some_and(|it| it.is_event_stream());
    if !is_stream(plain) {
        let came = plain.in_words();
        let open = visited.is_event_stream() && !visited.over;
        if open && speaks_of_room(plain.status()) {
            return Judgement::info(format!(
                "a request that accepts no coding is answered by {came} while reqwest has a stream open, {ONE_AT_A_TIME}"
            ));
        }
        return Judgement::inconclusive(format!(
            "a request that accepts no coding, where one got a stream before, is answered by {came}"
        ));
    }
    if let Some(429 | 503) = coded.status() {
        let came = coded.in_words();
        return Judgement::info(format!(
            "a request that accepts {ACCEPTED} is answered by {came}, which speaks of the crowd"
        ));
    }
    let Some(reply) = coded.reply().filter(|reply| reply.is_event_stream()) else {
        let judgement = Judgement::warn(format!(
            "a request that accepts {ACCEPTED}, as clients of the field do, is answered by {}; one that accepts no coding gets \
             a stream",
            coded.in_words()
        ));
        let judgement = judgement.by(IDENTITY).at(coded.spot());
        return match coded.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
    };
    if let Some(judgement) = miscoded(coded).or_else(|| gave_up(visited, coded)) {
        return judgement;
    }
    if !visited.is_event_stream() {
        let came = visited.in_words();
        let open = !script::is_over(&plain.replies);
        let judgement = Judgement::info(match open && speaks_of_room(visited.status) {
            true => format!(
                "reqwest is answered by {came} while the raw view has a stream open, {ONE_AT_A_TIME}"
            ),
            false => format!(
                "reqwest is answered by {came}, and the raw view of the same request by a stream"
            ),
        });
        return match visited.is_silent() {
            true => judgement.resting_on_silence(),
            false => judgement,
        };
    }
    let (name, spot) = (coding_of(reply), coded.field_spot("content-encoding"));
    let uncoded = plain.reply().map(Read::of).unwrap_or_default();
    if let Coded::In(_) = coding(reply)
        && let Some(judgement) = late(&name, visited, &uncoded)
    {
        return judgement.at(spot);
    }
    let is_coded = matches!(coding(reply), Coded::In(_));
    let judgement = match (visited.read.events.len(), uncoded.events.len()) {
        (0, _) if visited.cut && !is_coded => Judgement::warn(
            "reqwest gets megabytes of the stream without one event among them",
        ),
        (0, events) if visited.cut => Judgement::warn(format!(
            "reqwest gets the stream in {name}, which decodes to megabytes without one event among them; uncoded, {events} events \
             came meanwhile"
        )),
        (0, 0) => Judgement::info(format!(
            "reqwest gets the stream in {name}; no event came while it was watched, coded or not"
        )),
        (0, events) if visited.over && events >= ENOUGH => {
            let observed = format!("reqwest gets a stream in {name} that ends without one event, while {events} came uncoded");
            match is_coded {
                true => Judgement::warn(observed),
                false => Judgement::info(format!("{observed} to the raw view of the same request, {ONE_AT_A_TIME}")),
            }
        }
        (0, events) if events >= ENOUGH => Judgement::warn(format!(
            "reqwest gets the stream in {name} and could read not one event while {events} came uncoded: they are held back"
        ))
        .resting_on_silence(),
        (0, _) => Judgement::info(format!(
            "reqwest gets the stream in {name}, and too few events came while it was watched to tell whether they are held back"
        )),
        (read, ENOUGH..) => Judgement::pass(format!(
            "reqwest gets the stream in {name}, and read {read} events as they came"
        )),
        (read, _) => Judgement::pass(format!(
            "reqwest gets the stream in {name}, and read {read} events; too few came uncoded to tell more"
        )),
    };
    judgement.at(spot)
}

/// What it means that reqwest reads the events later than they came uncoded; none where it does not.
fn late(coding: &str, visited: &Visited, uncoded: &Read) -> Option<Judgement> {
    let read = visited.read.events.len();
    if is_held(&visited.read, visited.over, uncoded) {
        let first = visited
            .read
            .events
            .first()?
            .at
            .saturating_sub(visited.asked);
        return Some(Judgement::warn(format!(
            "reqwest gets the stream in {coding}, and could read its {read} events all at once, {:.1} s after it asked, while those \
             of the uncoded one came one by one: they are held back",
            first.as_secs_f32()
        )));
    }
    let (held, both) = held_back(&visited.read, uncoded);
    (held >= ENOUGH).then(|| {
        Judgement::warn(format!(
            "reqwest gets the stream in {coding}, which is flushed now and then only: of {both} events that came uncoded as well, \
             it could read {held} no sooner than a later one was written"
        ))
    })
}
