//! The ordinary request, and one side of its answer for each case.

use super::caching::{Caching, caching};
use super::media_type::MediaType;
use crate::case::{Case, Experiment, Need};
use crate::cases::sse::storm::{come_back, coming_back};
use crate::declared::{Profile, Reading};
use crate::http::{Replies, Reply, Request};
use crate::judgement::{Judgement, Spot};
use crate::sse::{Answer, ask, streams};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_parser::http::BodyFraming;
use pushspec_parser::sse::EventStream;
use pushspec_reports::{Severity, Verdict, printable};

/// The connection on which the target is asked as its clients ask.
const STREAM: &str = "stream";

/// The same without `Accept` and cache fields, for a target that refuses those: other cases judge that.
const BARE: &str = "bare";

/// The row that looks whether the stream ends.
const FINITE: &str = "finite";

/// A row of the table: one side of a stream's response.
struct Ordinary {
    /// The last segment of the id.
    name: &'static str,
    severity: Severity,
    needs: &'static [Need],
    requirements: &'static [&'static str],
    title: &'static str,
    expected: &'static str,
    /// Whether the stream is worth watching for a second: not where its head says all.
    watch: fn(&Reply) -> bool,
    /// Judges a stream.
    judge: fn(&Stream<'_>, &Reading) -> Judgement,
}

/// A stream that came.
struct Stream<'a> {
    transcript: &'a Transcript,
    answer: &'a Answer,
    reply: &'a Reply,
}

const ROWS: [Ordinary; 7] = [
    Ordinary {
        name: "status",
        severity: Severity::Critical,
        needs: &[Need::Stream],
        requirements: &["sse/9.2.2/status-200"],
        title: "the status of a stream",
        expected: "200: no client takes a stream under any other status",
        watch: |_| false,
        judge: status,
    },
    Ordinary {
        name: "content-type",
        severity: Severity::Critical,
        needs: &[Need::Stream],
        requirements: &["sse/9.2.2/content-type"],
        title: "the type of a stream",
        expected: "one Content-Type, text/event-stream",
        watch: |_| false,
        judge: content_type,
    },
    Ordinary {
        name: "charset",
        severity: Severity::Major,
        needs: &[Need::Sse],
        requirements: &[
            "sse/17.7/charset-utf8",
            "sse/17.7/no-required-parameters",
            "sse/9.2.2/content-type-parameters",
        ],
        title: "the parameters of the stream's type",
        expected: "none, or charset=utf-8",
        watch: |_| false,
        judge: charset,
    },
    Ordinary {
        name: "cache-fields",
        severity: Severity::Minor,
        needs: &[Need::Sse],
        requirements: &["sse/x/cache-control", "rfc6202/5.6/no-caching"],
        title: "what the response says to caches",
        expected: "Cache-Control: no-cache or no-store, so that no cache plays an old stream again",
        watch: |_| false,
        judge: cache_fields,
    },
    Ordinary {
        name: "content-length",
        severity: Severity::Minor,
        needs: &[Need::Sse],
        requirements: &["sse/x/content-length-absent"],
        title: "whether a stream without end states its length",
        expected: "no Content-Length, unless the stream ends there",
        watch: |reply| reply.head.first("content-length").is_some(),
        judge: content_length,
    },
    Ordinary {
        name: "hints",
        severity: Severity::Informational,
        needs: &[Need::Sse],
        requirements: &["sse/x/no-transform-buffering-hints"],
        title: "hints to proxies not to hold events back",
        expected: "recorded: no-transform, X-Accel-Buffering, Connection",
        watch: |_| false,
        judge: hints,
    },
    Ordinary {
        name: FINITE,
        severity: Severity::Informational,
        needs: &[Need::Sse, Need::EventSource],
        requirements: &[
            "sse/17.7/dynamic-streams",
            "sse/9.2.2/end-of-body-reconnects",
        ],
        title: "whether the stream ends within a second",
        expected: "it goes on; an end is recorded, for clients come back after each",
        watch: |_| true,
        judge: finite,
    },
];

pub(super) fn cases() -> Vec<Case> {
    let case = |row: Ordinary| {
        let id = format!("sse/resp/{}", row.name);
        let (title, expected) = (row.title, row.expected);
        Case::new(id, row.severity, row.needs, row.requirements, row).about(title, expected)
    };
    ROWS.into_iter().map(case).collect()
}

impl Experiment for Ordinary {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut exchange = ask(stage, STREAM, &Request::stream(&stage.setting)).await;
            let watch = exchange.heard().first().is_some_and(self.watch);
            if streams(exchange.heard()) {
                if watch {
                    let window = stage.setting.timing.at_once;
                    let over = |heard: &Replies| heard.first().is_some_and(|reply| reply.complete);
                    exchange.listen_until(window, over).await;
                }
                if self.name == FINITE {
                    come_back(stage, exchange.heard()).await;
                }
            } else if self.needs.contains(&Need::Stream) && stage.setting.declared.post.is_none() {
                drop(exchange);
                ask(stage, BARE, &Request::get(&stage.setting)).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, STREAM, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        let bare = Answer::on(transcript, BARE, &[]);
        let stream = [Some(&answer), bare.as_ref()]
            .into_iter()
            .flatten()
            .filter(|answer| answer.streams())
            .find_map(|answer| {
                let reply = answer.reply()?;
                Some(Stream {
                    transcript,
                    answer,
                    reply,
                })
            });
        match stream {
            Some(stream) => (self.judge)(&stream, reading),
            None => Judgement::inconclusive(format!(
                "a request that got a stream before was answered by {}",
                answer.in_words()
            ))
            .to_confirm_alone(),
        }
    }
}

fn status(stream: &Stream<'_>, reading: &Reading) -> Judgement {
    match stream.reply.head.status {
        200 => Judgement::pass("the stream comes under 200"),
        other if reading.declared.post.is_some() => match other {
            201..=299 => Judgement::info(format!("the stream that answers POST comes under {other}")),
            _ => Judgement::warn(format!(
                "the stream that answers POST comes under {other}: clients take that for no success, and read none of \
                 the events"
            )),
        }
        .resting_on("ambiguity/stream-with-other-status"),
        other => Judgement::fail(format!(
            "the stream comes under {other}: an EventSource takes 200 alone, so that it reports an error, reads none of \
             the events and does not come back"
        ))
        .resting_on("ambiguity/stream-with-other-status"),
    }
    .at(stream.answer.spot())
}

fn content_type(stream: &Stream<'_>, reading: &Reading) -> Judgement {
    // Of clients that POST no document speaks: some go by the type, some read whatever comes.
    let (fault, lost) = match reading.declared.post {
        None => (
            Verdict::Fail,
            "an EventSource takes text/event-stream alone, so that it reports an error, reads none of the events and does \
             not come back",
        ),
        Some(_) => (
            reading.contestable(),
            "clients that go by the type, as MCP's do, read no events",
        ),
    };
    let lines: Vec<&[u8]> = stream.reply.head.all("content-type").collect();
    let right = |line: &[u8]| {
        MediaType::parse(line)
            .essence
            .eq_ignore_ascii_case("text/event-stream")
    };
    let shown = |line: &[u8]| format!("`{}`", printable(line, 80));
    let judgement = match *lines {
        [] => Judgement::new(fault, format!("the stream has no Content-Type: {lost}")),
        [line] if right(line) => Judgement::pass(format!("the type is {}", shown(line))),
        // Fetch splits the value and takes the last type, as it does with several lines.
        [line] if line.split(|&byte| byte == b',').all(right) => repeated(
            reading,
            format!(
                "the type is {}: all of it says text/event-stream, but the field is no list",
                shown(line)
            ),
        ),
        [line] => Judgement::new(
            fault,
            format!("the stream's type is {}: {lost}", shown(line)),
        ),
        [..] if lines.iter().all(|line| right(line)) => repeated(
            reading,
            format!(
                "Content-Type is sent {} times: all say text/event-stream, but a field that is no list may stand once",
                lines.len()
            ),
        ),
        [..] => {
            let all: Vec<String> = lines.iter().map(|line| shown(line)).collect();
            Judgement::new(
                fault,
                format!(
                    "the stream has several types, {}: which one counts differs from client to client, and {lost}",
                    all.join(" and ")
                ),
            )
        }
    };
    judgement.at(stream.answer.field_spot("content-type"))
}

/// What is said twice, and alike, where it may be said once: no browser minds.
fn repeated(reading: &Reading, observed: String) -> Judgement {
    let verdict = match reading.profile {
        Profile::Strict => Verdict::Fail,
        Profile::Standard | Profile::Browser | Profile::Autobahn => Verdict::Warn,
    };
    Judgement::new(verdict, observed)
}

fn charset(stream: &Stream<'_>, reading: &Reading) -> Judgement {
    let value = stream.reply.head.first("content-type").unwrap_or_default();
    let media_type = MediaType::parse(value);
    let shown = format!("`{}`", printable(value, 80));
    let charsets: Vec<&str> = media_type.all("charset").collect();
    let named = |name: &str| {
        charsets
            .iter()
            .any(|charset| charset.eq_ignore_ascii_case(name))
    };
    let other = charsets.iter().find(|charset| {
        !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("utf8")
    });
    let others: Vec<&str> = media_type
        .parameters
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| *name != "charset")
        .collect();
    let judgement = if let Some(other) = other
        && charsets
            .first()
            .is_some_and(|first| first.eq_ignore_ascii_case("utf-8"))
    {
        repeated(
            reading,
            format!(
            "the type {shown} announces utf-8 first and {} behind it: browsers take the first, others may take the last, and \
             read other text than was written",
            printable(other.as_bytes(), 40)
        ))
        .resting_on("ambiguity/charset")
    } else if let Some(other) = other {
        Judgement::fail(format!(
            "the type {shown} announces {}, but event streams are UTF-8 and nothing else: whoever believes it reads \
             other text than was written",
            printable(other.as_bytes(), 40)
        ))
        .resting_on("ambiguity/charset")
    } else if named("utf8") {
        let verdict = match reading.profile {
            Profile::Strict => Verdict::Fail,
            Profile::Standard | Profile::Browser | Profile::Autobahn => Verdict::Warn,
        };
        Judgement::new(
            verdict,
            format!("the type {shown} means UTF-8, but its registered name is `utf-8`"),
        )
    } else if !others.is_empty() {
        Judgement::info(format!(
            "the type {shown} has parameters that the registration does not know: {}",
            printable(others.join(", ").as_bytes(), 80)
        ))
        .by("sse/9.2.2/content-type-parameters")
        .resting_on("ambiguity/charset")
    } else if media_type.malformed {
        Judgement::info(format!(
            "the type {shown} has a semicolon and no parameter behind it"
        ))
        .by("sse/9.2.2/content-type-parameters")
        .resting_on("ambiguity/charset")
    } else if charsets.is_empty() {
        Judgement::pass("no charset is announced")
    } else {
        Judgement::pass("utf-8 is announced")
    };
    judgement.at(stream.answer.field_spot("content-type"))
}

const ADVICE: &str = "ambiguity/stream-advice";

fn cache_fields(stream: &Stream<'_>, reading: &Reading) -> Judgement {
    // RFC 9110 section 9.3.3.
    let is_kept_off = stream.reply.head.first("content-location").is_none();
    if reading.declared.post.is_some() && is_kept_off {
        return Judgement::pass("no cache stores an answer to POST without Content-Location")
            .at(stream.answer.spot());
    }
    match caching(&stream.reply.head) {
        Caching::Forbidden => Judgement::pass("caches are told to keep off"),
        Caching::Unsaid(why) => {
            Judgement::info(format!("nothing keeps caches off: {why}")).resting_on(ADVICE)
        }
        Caching::Allowed(what) => Judgement::warn(format!(
            "the stream may be stored and given out again ({what}): a cache in between waits for its end, or plays \
             old events to the next client"
        ))
        .resting_on(ADVICE),
    }
    .at(match stream.reply.head.first("cache-control") {
        Some(_) => stream.answer.field_spot("cache-control"),
        None => stream.answer.field_spot("expires"),
    })
}

fn content_length(stream: &Stream<'_>, reading: &Reading) -> Judgement {
    let Some(length) = stream.reply.head.first("content-length") else {
        return Judgement::pass("no Content-Length").at(stream.answer.spot());
    };
    let length = printable(length, 20);
    let is_framing = matches!(stream.reply.framing, BodyFraming::Length(_));
    if is_framing && stream.reply.complete {
        Judgement::pass(format!("the stream ends after the {length} bytes that it states"))
    } else if let Some((_, end)) = &stream.answer.replies.end {
        Judgement::warn(format!(
            "Content-Length: {length} stands on a stream that is ended by {end} behind {} bytes: to clients the response is \
             incomplete, and they report a network error",
            stream.reply.content().len()
        ))
        .resting_on(ADVICE)
        .to_confirm_alone()
    } else {
        Judgement::warn(format!(
            "Content-Length: {length} stands on a stream that is still open after {} s: clients stop at that byte, \
             and proxies may wait for it",
            reading.timing.at_once.as_secs_f32()
        ))
        .resting_on(ADVICE)
    }
    .at(stream.answer.field_spot("content-length"))
}

fn hints(stream: &Stream<'_>, _: &Reading) -> Judgement {
    let head = &stream.reply.head;
    let shown = |name: &str| {
        let values: Vec<&[u8]> = head.all(name).collect();
        match values.is_empty() {
            true => "not sent".into(),
            false => format!("`{}`", printable(&values.join(&b", "[..]), 60)),
        }
    };
    let no_transform = match head.has_token("cache-control", "no-transform") {
        true => "sent",
        false => "not sent",
    };
    Judgement::info(format!(
        "no-transform: {no_transform}; X-Accel-Buffering: {}; Connection: {}",
        shown("x-accel-buffering"),
        shown("connection")
    ))
    .resting_on(ADVICE)
    .at(stream.answer.spot())
}

fn finite(stream: &Stream<'_>, reading: &Reading) -> Judgement {
    let Stream {
        transcript,
        answer,
        reply,
    } = stream;
    let end = match (reply.complete, &answer.replies.end) {
        (true, _) => "by itself".into(),
        (false, Some((_, end))) => format!("by {end}"),
        (false, None) if answer.replies.full => {
            return Judgement::info(
                "more came within the second than the case reads: whether the stream ends was not seen",
            )
            .at(answer.spot());
        }
        (false, None) => {
            return Judgement::pass(format!(
                "the stream is open after {} s",
                reading.timing.at_once.as_secs_f32()
            ))
            .at(answer.spot());
        }
    };
    let content = reply.content();
    let (mut events, mut decoder) = (0, EventStream::new());
    // Content beyond the decoder's limits is more than a case reads.
    let _ = decoder.feed(&content, |_| events += 1);
    let events = match events {
        0 => "no event".into(),
        1 => "one event".into(),
        events => format!("{events} events"),
    };
    let behind = reply.offset_of(content.len() as u64);
    let last = reply.pieces.last().map_or(reply.at, |piece| piece.at);
    let lasted = last.saturating_sub(reply.at);
    Judgement::info(format!(
        "the stream ends at once, {end}, behind {events} in {} bytes: {}",
        content.len(),
        coming_back(transcript, lasted, decoder.retry())
    ))
    .resting_on("ambiguity/finite-streams")
    .to_confirm_alone()
    .at(Spot::received(answer.label, behind))
}
