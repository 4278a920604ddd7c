//! Streams in a content coding: what a client can decode, and when.
//!
//! A scripted endpoint writes events at known times. Without one the live stream is compared with the same stream,
//! uncoded, on a second connection.

use super::super::beside::{ENOUGH, MANY, held_back, is_held};
use super::super::pace::{self, Pace};
use super::super::withheld;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Coding, Exchange, Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::listening::Waited;
use crate::sse::{Answer, Coded, Read, coding, script};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, printable};
use std::time::Duration;

/// Connections to the live stream.
const CODED: &str = "coded";
const PLAIN: &str = "plain";

/// Connections to the endpoint that plays scripts.
const SCRIPT_CODED: &str = "script-coded";
const SCRIPT_PLAIN: &str = "script-plain";

/// The field names the codings that were applied.
const APPLIED: &str = "rfc9110/8.4/content-encoding-applied";

pub(super) fn cases() -> Vec<Case> {
    let case = |coding: Coding| {
        let name = coding.as_str();
        Case::new(
            format!("sse/http/coding-flush-{name}"),
            Severity::Minor,
            &[Need::Sse],
            &["sse/x/content-coding-flush", APPLIED],
            Flush { coding },
        )
        .about(
            format!("the stream for a client that accepts {name}"),
            "no coding, or one that is flushed behind each event, so that it can be decoded when it is written",
        )
    };
    [Coding::Gzip, Coding::Brotli, Coding::Zstd]
        .into_iter()
        .map(case)
        .collect()
}

struct Flush {
    coding: Coding,
}

fn accepting(mut request: Request, codings: &str) -> Request {
    request.set("Accept-Encoding", codings);
    request
}

/// Whether the answer is an event stream in some coding.
fn is_coded(heard: &Replies) -> bool {
    let reply = heard.first().filter(|reply| reply.is_event_stream());
    reply.is_some_and(|reply| !coding(reply).is_read_as_it_is())
}

fn events(heard: &Replies) -> usize {
    heard
        .first()
        .map_or(0, |reply| Read::of(reply).events.len())
}

impl Flush {
    /// Both streams of a script; whether the endpoint codes streams at all.
    async fn scripted(&self, stage: &Stage) -> bool {
        let paced = script::request(&stage.setting, &pace::script());
        let longest = pace::duration() + stage.setting.timing.patience;
        let request = accepting(paced.clone(), self.coding.as_str());
        let mut coded = script::send(stage, SCRIPT_CODED, &request).await;
        if !is_coded(coded.heard()) {
            return false;
        }
        let plain = async {
            let request = accepting(paced, "identity");
            let mut plain = script::send(stage, SCRIPT_PLAIN, &request).await;
            script::listen_out(stage, &mut plain, longest).await;
        };
        tokio::join!(script::listen_out(stage, &mut coded, longest), plain);
        true
    }

    async fn live(&self, stage: &Stage) {
        let timing = stage.setting.timing;
        let ordinary = Request::stream(&stage.setting);
        let request = accepting(ordinary.clone(), self.coding.as_str());
        let uncoded = accepting(ordinary, "identity");
        let mut coded = Exchange::get(stage, CODED, &request).await;
        let answered = withheld::answered(stage, &mut coded, timing.patience, PLAIN, &uncoded);
        if answered.await != Waited::Met {
            return;
        }
        // What is behind a name that nobody knows shows in the content alone.
        let shows = |heard: &Replies| {
            let is_open =
                |reply: &Reply| coding(reply) == Coded::Misnamed && reply.pieces.is_empty();
            !heard.first().is_some_and(is_open) || script::is_over(heard)
        };
        coded.listen_until(timing.at_once, shows).await;
        if !is_coded(coded.heard()) {
            return;
        }
        let mut plain = Exchange::get(stage, PLAIN, &uncoded).await;
        plain.answered().await;
        let came =
            |count: usize| move |heard: &Replies| events(heard) >= count || script::is_over(heard);
        let window = timing.observe / 3;
        tokio::join!(
            plain.listen_until(window, came(MANY)),
            coded.listen_until(window, came(MANY)),
        );
        coded.listen_until(timing.at_once, came(ENOUGH)).await;
    }
}

impl Experiment for Flush {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let scripted = stage.setting.script.is_some() && self.scripted(stage).await;
            if !scripted {
                self.live(stage).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let name = self.coding.as_str();
        if let (Some(coded), Some(plain)) = (
            Heard::on(transcript, SCRIPT_CODED),
            Heard::on(transcript, SCRIPT_PLAIN),
        ) {
            let judgement = self.unasked(&coded.answer);
            let judgement = judgement.unwrap_or_else(|| scripted(name, &coded, &plain));
            return judgement.to_confirm_alone();
        }
        let answer = match Answer::of(transcript, CODED, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        if let Some(judgement) = withheld::judge(name, &answer, Answer::on(transcript, PLAIN, &[]))
        {
            return judgement;
        }
        let Some(reply) = answer.reply().filter(|reply| reply.is_event_stream()) else {
            let judgement = Judgement::inconclusive(format!(
                "a request that accepts {name} is answered by {}",
                answer.in_words()
            ));
            return judgement.to_confirm_alone();
        };
        if coding(reply).is_read_as_it_is() {
            return Judgement::pass(format!(
                "the stream is not coded for those who accept {name}"
            ))
            .at(answer.spot());
        }
        if let Some(judgement) = self.unasked(&answer) {
            return judgement.to_confirm_alone();
        }
        let Some(coded) = Heard::on(transcript, CODED) else {
            return Judgement::inconclusive("no coded stream came").to_confirm_alone();
        };
        let judgement = live(name, &coded, Heard::on(transcript, PLAIN).as_ref())
            .at(answer.field_spot("content-encoding"));
        // The events of the uncoded stream, asked for later, confirm that those of the coded one are held back.
        match judgement.rests_on_silence {
            true => judgement,
            false => judgement.to_confirm_alone(),
        }
    }
}

impl Flush {
    /// What it means that the stream is coded in another way than the one that was asked for; none where it is not.
    fn unasked(&self, answer: &Answer) -> Option<Judgement> {
        let reply = answer.reply()?;
        if coding(reply) == Coded::In(self.coding) {
            return None;
        }
        let codings: Vec<&[u8]> = reply.head.all("content-encoding").collect();
        let judgement = Judgement::warn(format!(
            "a request that accepts {} alone is answered in {}: one that knows no other sees not one event",
            self.coding.as_str(),
            printable(&codings.join(&b", "[..]), 40)
        ));
        Some(judgement.at(answer.field_spot("content-encoding")))
    }
}

/// What came on one connection, and when it was asked for.
struct Heard {
    read: Read,
    asked: Duration,
    answer: Answer,
}

impl Heard {
    fn on(transcript: &Transcript, label: &str) -> Option<Self> {
        let answer = Answer::on(transcript, label, &[])?;
        let reply = answer
            .reply()
            .filter(|reply| Reply::is_event_stream(reply))?;
        Some(Self {
            read: Read::of(reply),
            asked: transcript.connection(label)?.asked(),
            answer,
        })
    }
}

fn scripted(name: &str, coded: &Heard, plain: &Heard) -> Judgement {
    let spot = coded.answer.field_spot("content-encoding");
    if coded.read.undecodable {
        return undecodable(name, coded).at(spot);
    }
    if coded.read.cut {
        return Judgement::warn(format!(
            "the stream in {name} decodes to megabytes, where the script asks for four small events"
        ))
        .at(spot);
    }
    let times = pace::arrivals(&coded.read, coded.asked);
    let judgement = match (
        pace::pace(&coded.read, coded.asked),
        pace::pace(&plain.read, plain.asked),
    ) {
        (Pace::Steady, _) => one_late(name, &coded.read, &plain.read).unwrap_or_else(|| {
            Judgement::pass(format!(
                "each event could be decoded when it was written ({times})"
            ))
        }),
        (_, Pace::Batched | Pace::Held(_) | Pace::Incomplete(_)) => {
            Judgement::info("events are held back without a coding too: sse/time/flush tells how")
        }
        (Pace::Held(late), Pace::Steady) => Judgement::fail(format!(
            "the stream in {name} is not flushed: no event could be decoded before all were written, {:.1} s after the \
             request; uncoded, each comes when it is written",
            late.as_secs_f32()
        )),
        (Pace::Batched, Pace::Steady) => Judgement::warn(format!(
            "the stream in {name} is flushed now and then only: events could be decoded {times} behind the request, \
             uncoded {}",
            pace::arrivals(&plain.read, plain.asked)
        )),
        (Pace::Incomplete(count), Pace::Steady) => Judgement::warn(format!(
            "of the stream in {name} only {count} events could be decoded, of the uncoded one all"
        )),
    };
    judgement.at(spot)
}

/// What it means that events of the coded stream come with the next one.
fn one_late(name: &str, coded: &Read, plain: &Read) -> Option<Judgement> {
    let (held, both) = held_back(coded, plain);
    (held >= ENOUGH).then(|| {
        Judgement::warn(format!(
            "the stream in {name} is flushed now and then only: of {both} events that came uncoded as well, {held} could be \
             decoded no sooner than a later one was written. A browser accepts {name} by itself, and shows them late"
        ))
    })
}

/// A stream in which no client can read on.
fn undecodable(name: &str, coded: &Heard) -> Judgement {
    match coded.answer.reply().map(coding) {
        Some(Coded::In(said)) => Judgement::fail(format!(
            "Content-Encoding says {}, and the content is none: a client that accepts {name}, as every browser does, reports \
             an error and reads none of the events behind",
            said.as_str()
        ))
        .by(APPLIED),
        Some(Coded::Plain | Coded::Misnamed | Coded::Unknown) | None => Judgement::warn(format!(
            "a client that accepts {name} alone gets another coding, which it need not know"
        )),
    }
}

fn live(name: &str, coded: &Heard, plain: Option<&Heard>) -> Judgement {
    let is_over = script::is_over(&coded.answer.replies);
    if plain.is_some_and(|plain| is_held(&coded.read, is_over, &plain.read)) {
        return Judgement::warn(format!(
            "the stream in {name} is held back: its {} events could be decoded all at once, while those of the uncoded one \
             came one by one. A browser accepts {name} by itself and waits",
            coded.read.events.len()
        ));
    }
    if let Some(judgement) = plain.and_then(|plain| one_late(name, &coded.read, &plain.read)) {
        return judgement;
    }
    let plain = plain.map_or(0, |plain| plain.read.events.len());
    match (coded.read.events.len(), plain) {
        _ if coded.read.undecodable => undecodable(name, coded),
        (0, _) if coded.read.cut => Judgement::warn(format!(
            "the stream in {name} decodes to megabytes without one event among them; uncoded, {plain} events came meanwhile. \
             A browser accepts {name} by itself, and decodes on"
        )),
        (0, 0 | 1) => Judgement::info(format!(
            "the stream is coded in {name}, and too few events came while it was watched to tell whether it is flushed"
        )),
        (0, plain) => Judgement::warn(format!(
            "the stream in {name} is held back: uncoded, {plain} events came meanwhile, and not one of the coded stream \
             could be decoded. A browser accepts {name} by itself and waits"
        ))
        .resting_on_silence(),
        (coded, _) => Judgement::pass(format!(
            "{coded} events of the coded stream could be decoded as they came"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{CODED, PLAIN};
    use crate::declared::Reading;
    use crate::judgement::Judgement;
    use crate::transcript::{Connection, Event, Transcript, What};
    use pushspec_reports::Verdict::{Inconclusive, Warn};
    use std::time::Duration;

    /// What is said of a request that accepts br and gets no answer, when one that was made later got this.
    fn mute(later: Option<&'static str>) -> Judgement {
        let at = Duration::ZERO;
        let connection = |label, last| Connection {
            label,
            events: [
                What::Connected,
                What::Sent("GET / HTTP/1.1\r\n\r\n".into()),
                last,
            ]
            .map(|what| Event { at, what })
            .into(),
        };
        let silence = What::TimedOut {
            awaited: "a response",
            waited: Duration::from_secs(5),
        };
        let later = later.map(|answer| connection(PLAIN, What::Received(answer.into())));
        let transcript = Transcript {
            connections: [connection(CODED, silence)]
                .into_iter()
                .chain(later)
                .collect(),
        };
        let case = super::cases()
            .into_iter()
            .find(|case| case.id.ends_with("-br"));
        let case = case.expect("a case");
        case.experiment.judge(&transcript, &Reading::default())
    }

    #[test]
    fn a_head_that_waits_for_a_flush_is_held_back() {
        let stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
        let held = mute(Some(stream));
        assert_eq!((held.verdict, held.confirm_alone), (Warn, false));
        assert!(held.rests_on_silence && held.observed.contains("head and all"));
        // Nothing confirms these.
        for later in [Some("HTTP/1.1 503 Busy\r\n\r\n"), Some(""), None] {
            let judgement = mute(later);
            assert_eq!(
                (judgement.verdict, judgement.confirm_alone),
                (Inconclusive, true)
            );
        }
    }
}
