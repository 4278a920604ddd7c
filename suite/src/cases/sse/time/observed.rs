//! The stream as it is, watched for the observation time: how long it is silent, whether it ends, and what passive checks
//! make of it. One connection serves for all of that.

use crate::case::{Case, Experiment, Need, WATCHING_WEIGHT, Watching};
use crate::cases::sse::storm::{come_back, coming_back};
use crate::declared::Reading;
use crate::http::{Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, ask, script};
use crate::stage::Stage;
use crate::transcript::{Connection, End, Transcript};
use crate::transport::Boxed;
use pushspec_parser::http::BodyEnd;
use pushspec_reports::Severity;
use std::time::Duration;

const STREAM: &str = "stream";

const INCOMPLETE: &str = "rfc9112/8/incomplete-chunked";
const GRAMMAR: &str = "rfc9112/7.1/chunk-grammar";

/// WHATWG HTML 9.2.7 advises a comment every 15 s or so.
const SILENT: Duration = Duration::from_secs(20);

/// Intermediaries that cut off who is silent for so many seconds, as they come: the shortest first.
const IDLE_LIMITS: [(&str, u64); 6] = [
    ("CloudFront", 30),
    ("Heroku", 55),
    ("nginx", 60),
    ("AWS ALB", 60),
    ("Cloudflare", 100),
    ("Envoy", 300),
];

/// What such a silence means on the way.
fn cutters(silence: Duration) -> String {
    let cuts = |(_, limit): &&(&str, u64)| silence.as_secs() >= *limit;
    let named = |(name, limit): &(&str, u64)| format!("{name} ({limit} s)");
    let cutting: Vec<String> = IDLE_LIMITS.iter().filter(cuts).map(named).collect();
    match (cutting.is_empty(), IDLE_LIMITS.first()) {
        (true, Some(shortest)) => format!(
            "the first of the usual intermediaries to cut a silent stream is {}",
            named(shortest)
        ),
        (_, _) => format!("as they come, {} cut it off", cutting.join(", ")),
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Silence,
    End,
}

pub(super) fn cases() -> Vec<Case> {
    let silence = Case::new(
        "sse/time/keepalive",
        Severity::Minor,
        &[Need::Sse],
        &["sse/9.2.7/keepalive-comment"],
        Watched {
            look: Look::Silence,
        },
    )
    .about(
        "the longest silence on the stream, while it is watched",
        "never more than 20 s, lest proxies take it for dead; a shorter one that is not seen to end is recorded",
    );
    let end = Case::new(
        "sse/time/lifetime",
        Severity::Informational,
        &[Need::Sse],
        &["rfc6202/3.2/periodic-termination", INCOMPLETE, GRAMMAR],
        Watched { look: Look::End },
    )
    .about(
        "whether the server ends the stream while it is watched, and how",
        "recorded: an EventSource comes back after each end; chunks end with the last one, and an answer to POST ends in order, or \
         nobody can tell it from one that was cut off",
    );
    [silence, end]
        .map(|case| case.watching(Watching::Observation))
        .into()
}

/// What is driven so that passive checks have something to look at, whichever cases run.
pub(crate) fn observation() -> Case {
    let id = "sse/passive/observation";
    Case::new(id, Severity::Informational, &[Need::Sse], &[], Observation)
        .watching(Watching::Observation)
}

struct Observation;

impl Experiment for Observation {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(watch(stage))
    }

    fn judge(&self, _: &Transcript, _: &Reading) -> Judgement {
        Judgement::info("observed")
    }
}

/// What all that watch here have in common: the stream for the observation time, and what a client gets that comes back to
/// its end.
async fn watch(stage: &Stage) {
    let mut exchange = ask(stage, STREAM, &Request::stream(&stage.setting)).await;
    if exchange.heard().first().is_some() {
        exchange
            .listen_until(stage.setting.timing.observe, script::is_over)
            .await;
    }
    come_back(stage, exchange.heard()).await;
}

struct Watched {
    look: Look,
}

impl Experiment for Watched {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(watch(stage))
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, STREAM, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let Some(connection) = transcript.connection(STREAM) else {
            return Judgement::inconclusive("no connection");
        };
        if !answer.streams() {
            return Judgement::inconclusive(format!(
                "a request that got a stream before is answered by {}",
                answer.in_words()
            ))
            .to_confirm_alone();
        }
        match self.look {
            Look::Silence => silence(&answer, connection.asked(), reading),
            Look::End => end(transcript, &answer, connection.asked(), reading),
        }
    }
}

fn silence(answer: &Answer, asked: Duration, reading: &Reading) -> Judgement {
    let Some(reply) = answer.reply() else {
        return Judgement::inconclusive("no response");
    };
    let observe = reading.timing.observe;
    let mut times = vec![reply.at];
    times.extend(reply.pieces.iter().map(|piece| piece.at));
    let longest = times
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .max()
        .unwrap_or_default();
    let last = *times.last().unwrap_or(&asked);
    let tail = match script::is_over(&answer.replies) {
        true => Duration::ZERO,
        false => (asked + observe).saturating_sub(last),
    };
    let worst = longest.max(tail);
    let seen = last.saturating_sub(asked);
    let behind = Spot::received(answer.label, reply.offset_of(u64::MAX));
    if worst > SILENT {
        return Judgement::warn(format!(
            "{:.0} s passed without a byte: {}, and a client that is cut off learns of it late",
            worst.as_secs_f32(),
            cutters(worst)
        ))
        // Longer than any other case asks, so that none of them is the reason; and to look again takes as long again.
        .resting_on_silence()
        .at(behind);
    }
    if answer.replies.full {
        return Judgement::info(format!(
            "in {:.1} s more came than the case reads ({} KiB), and never a silence of more than {:.1} s: what follows was not \
             watched",
            seen.as_secs_f32(),
            WATCHING_WEIGHT / 1024,
            worst.as_secs_f32()
        ))
        .at(behind);
    }
    if tail > longest && 2 * tail > observe {
        return Judgement::info(format!(
            "not a byte came in the last {:.0} of {:.0} s: whether a comment ever does, a longer look would tell (--observe)",
            tail.as_secs_f32(),
            observe.as_secs_f32()
        ))
        .at(behind);
    }
    Judgement::pass(format!(
        "the longest silence was {:.1} s; {}",
        worst.as_secs_f32(),
        cutters(worst)
    ))
    .at(answer.spot())
}

fn end(transcript: &Transcript, answer: &Answer, asked: Duration, reading: &Reading) -> Judgement {
    let Some(reply) = answer.reply() else {
        return Judgement::inconclusive("no response");
    };
    let behind = Spot::received(answer.label, reply.offset_of(u64::MAX));
    let last = reply.pieces.last().map_or(reply.at, |piece| piece.at);
    let end = match (&answer.replies.end, reply.complete) {
        // The last chunk carries no content, and may come long behind the last that does.
        (_, true) => Some((
            transcript
                .connection(STREAM)
                .map_or(last, Connection::heard_last),
            "in order".to_owned(),
        )),
        (Some((at, end)), false) => Some((*at, format!("by {end}"))),
        (None, false) => None,
    };
    let posted = reading.declared.post.is_some();
    match end {
        Some((at, how)) if posted => end_of_answer(reply, at.saturating_sub(asked), &how),
        None if answer.replies.full => Judgement::info(format!(
            "the stream was open after {:.1} s, when more had come than the case reads ({} KiB): whether it ends was not watched",
            last.saturating_sub(asked).as_secs_f32(),
            WATCHING_WEIGHT / 1024
        )),
        None => Judgement::info(format!(
            "the stream is open after {:.0} s",
            reading.timing.observe.as_secs_f32()
        )),
        Some((at, how)) => {
            let content = reply.content();
            let mut stream = pushspec_parser::sse::EventStream::new();
            // Content beyond the limits of a decoder is more than a case reads.
            let _ = stream.feed(&content, |_| {});
            let read = crate::sse::Read::of(reply);
            let place = match (read.tail, read.events.len()) {
                (0, 0) => "before any event",
                (0, _) => "behind an event",
                (_, _) => "within an event",
            };
            let lasted = at.saturating_sub(asked);
            let observed = format!(
                "the stream is ended after {:.1} s, {how}, {place}: {}",
                lasted.as_secs_f32(),
                coming_back(transcript, lasted, stream.retry())
            );
            let is_fin = matches!(&answer.replies.end, Some((_, End::Fin)));
            match reply.body_end() {
                BodyEnd::Unterminated(finding) if is_fin => Judgement::warn(format!(
                    "{observed}. The last chunk did not come: by RFC 9112 the response is incomplete, and clients and \
                     proxies report an error"
                ))
                .by(finding.violation.requirement())
                .to_confirm_alone(),
                BodyEnd::Unterminated(_)
                | BodyEnd::Complete
                | BodyEnd::ByClose
                | BodyEnd::Short { .. }
                // Some servers end a client's stream for another that it opens.
                | BodyEnd::Lost => Judgement::info(observed).to_confirm_alone(),
            }
        }
    }
    .at(behind)
}

/// The end of a stream that answers POST: who asked does not ask again, so that all has to be there.
fn end_of_answer(reply: &Reply, after: Duration, how: &str) -> Judgement {
    let after = after.as_secs_f32();
    match reply.body_end() {
        BodyEnd::Complete => Judgement::info(format!("the answer ends after {after:.1} s, {how}")),
        BodyEnd::ByClose => Judgement::info(format!(
            "the answer ends after {after:.1} s, {how}: no framing tells that from a cut"
        )),
        BodyEnd::Unterminated(finding) => Judgement::warn(format!(
            "the answer ends after {after:.1} s, {how}, and its last chunk is missing or unfinished: by RFC 9112 it is \
             incomplete, and clients report an error, or take what they have for all"
        ))
        .by(finding.violation.requirement())
        .to_confirm_alone(),
        BodyEnd::Short { missing } => Judgement::warn(format!(
            "the answer ends after {after:.1} s, {how}, {missing} bytes before the length that was stated"
        ))
        .by(INCOMPLETE)
        .to_confirm_alone(),
        BodyEnd::Lost => Judgement::inconclusive(
            "the chunks cannot be told apart: sse/http/chunked-strict tells why",
        ),
    }
}
