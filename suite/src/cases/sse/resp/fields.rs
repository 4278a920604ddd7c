//! The ordinary request with some field more, less or other. Where no stream comes, requests that differ in that field
//! alone tell whether the refusal is owed to it.

use crate::case::{Case, Experiment, Need};
use crate::declared::{Profile, Reading};
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, ask, outwait, settle, streams};
use crate::stage::{Setting, Stage};
use crate::transcript::Transcript;
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict};

/// The connection that carries the unusual request.
const UNUSUAL: &str = "unusual";

/// The same with less of what is unusual.
const LESS: &str = "less";

/// The same without anything unusual.
const TWIN: &str = "twin";

/// A connection's label, and the request that is sent on it.
type Ask = (&'static str, fn(&Setting) -> Request);

/// A row of the table.
struct Fields {
    /// The last segment of the id.
    name: &'static str,
    severity: Severity,
    needs: &'static [Need],
    requirements: &'static [&'static str],
    title: &'static str,
    expected: &'static str,
    /// The unusual request, and those to try behind it until one gets a stream.
    requests: &'static [Ask],
    /// Judges a stream in answer to the unusual request.
    streamed: fn(&Answer) -> Judgement,
    /// Judges any other answer to it, given the label of the request that did get a stream.
    refused: fn(&Answer, &str, &Reading) -> Judgement,
}

/// Of the fields that an `EventSource` sends, and of those that are for GET alone.
const STREAM: &[Need] = &[Need::Stream, Need::EventSource];
const SSE: &[Need] = &[Need::Sse, Need::EventSource];

const ACCEPT: &[&str] = &["sse/9.2.2/accept-optional"];

const CACHE: &[&str] = &[
    "fetch/network/no-cache-fields",
    "sse/9.2.2/cache-mode-no-store",
];

const EXTRA: &[&str] = &[
    "rfc9110/5.1/unknown-fields-ignored",
    "rfc9110/5.4/oversized-field-4xx",
];

const BLANKS: &[&str] = &["rfc9112/5/blanks-optional"];

const STATUS: &[&str] = &["sse/9.2.2/status-200"];

const ROWS: [Fields; 10] = [
    Fields {
        name: "accept-none",
        severity: Severity::Minor,
        needs: STREAM,
        requirements: ACCEPT,
        title: "a request without Accept",
        expected: "a stream: clients need not send Accept, and none means that any type will do",
        requests: &[(UNUSUAL, |setting| accepting(setting, None)), ACCEPTED],
        streamed,
        refused: not_acceptable,
    },
    Fields {
        name: "accept-any",
        severity: Severity::Minor,
        needs: STREAM,
        requirements: ACCEPT,
        title: "a request with Accept: */*",
        expected: "a stream: the range includes its type",
        requests: &[
            (UNUSUAL, |setting| accepting(setting, Some("*/*"))),
            ACCEPTED,
        ],
        streamed,
        refused: not_acceptable,
    },
    Fields {
        name: "accept-event-stream",
        severity: Severity::Minor,
        needs: STREAM,
        requirements: ACCEPT,
        title: "a request with Accept: text/event-stream, as every browser sends it",
        expected: "a stream",
        requests: &[
            (UNUSUAL, |setting| {
                accepting(setting, Some("text/event-stream"))
            }),
            (TWIN, |setting| accepting(setting, None)),
        ],
        streamed,
        refused: |answer, label, reading| {
            let mut judgement = not_acceptable(answer, label, reading);
            if reading.profile == Profile::Browser {
                judgement.verdict = Verdict::Fail;
            }
            judgement
        },
    },
    Fields {
        name: "accept-weighted",
        severity: Severity::Minor,
        needs: STREAM,
        requirements: ACCEPT,
        title: "a request with weights in Accept, text/event-stream liked best",
        expected: "a stream",
        requests: &[
            (UNUSUAL, |setting| {
                let weighted = "application/json;q=0.5, text/event-stream;q=0.9, */*;q=0.1";
                accepting(setting, Some(weighted))
            }),
            ACCEPTED,
        ],
        streamed,
        refused: not_acceptable,
    },
    Fields {
        name: "accept-other",
        severity: Severity::Informational,
        needs: SSE,
        requirements: ACCEPT,
        title: "a request that accepts text/html alone",
        expected: "recorded: a stream all the same, 406, or another representation",
        requests: &[
            (UNUSUAL, |setting| accepting(setting, Some("text/html"))),
            ORDINARY,
        ],
        streamed: |_| Judgement::info("it streams all the same"),
        refused: recorded,
    },
    Fields {
        name: "request-cache-fields",
        severity: Severity::Major,
        needs: STREAM,
        requirements: CACHE,
        title: "a request with Pragma: no-cache and Cache-Control: no-cache",
        expected: "a stream: every EventSource sends these fields",
        requests: &[
            (UNUSUAL, |setting| {
                let mut request = accepting(setting, Some("text/event-stream"));
                request.set("Cache-Control", "no-cache");
                request.set("Pragma", "no-cache");
                request
            }),
            ACCEPTED,
        ],
        streamed,
        refused: |answer, _, _| {
            but_for_silence(
                answer,
                Judgement::fail(format!(
                    "with Pragma and Cache-Control: no-cache the request is answered by {}, without them a stream \
                     comes: no EventSource can read it, for each sends them",
                    answer.in_words()
                )),
            )
        },
    },
    Fields {
        name: "extra-fields",
        severity: Severity::Major,
        needs: &[Need::Sse],
        requirements: EXTRA,
        title: "a request with unknown fields and a cookie of 4 kB",
        expected: "a stream; a 4xx that a short cookie does not get is a limit, which is recorded",
        requests: &[
            (UNUSUAL, |setting| with_extra_fields(setting, 4096)),
            (LESS, |setting| with_extra_fields(setting, 32)),
            ORDINARY,
        ],
        streamed,
        refused: extra_fields,
    },
    Fields {
        name: "fields-without-blanks",
        severity: Severity::Major,
        needs: &[Need::Sse],
        requirements: BLANKS,
        title: "a request without a blank behind any colon",
        expected: "a stream: no blank is due between a colon and a value",
        requests: &[
            (UNUSUAL, |setting| {
                let mut request = Request::stream(setting);
                request.separator = ":";
                request
            }),
            ORDINARY,
        ],
        streamed,
        refused: |answer, _, _| {
            but_for_silence(
                answer,
                Judgement::fail(format!(
                    "without blanks behind the colons of its fields the request is answered by {}, with them a stream \
                     comes: small clients save the blanks, and some proxies take them away",
                    answer.in_words()
                )),
            )
        },
    },
    Fields {
        name: "range",
        severity: Severity::Informational,
        needs: SSE,
        requirements: STATUS,
        title: "a request with Range: bytes=0-10, which no EventSource sends",
        expected: "the field is ignored; other answers are recorded",
        requests: &[
            (UNUSUAL, |setting| {
                let mut request = Request::event_source(setting);
                request.add("Range", "bytes=0-10");
                request
            }),
            ORDINARY,
        ],
        streamed,
        refused: recorded,
    },
    Fields {
        name: "conditional",
        severity: Severity::Informational,
        needs: SSE,
        requirements: STATUS,
        title: "a request with If-None-Match and If-Modified-Since, which no EventSource sends",
        expected: "the fields are ignored; other answers, such as 304, are recorded",
        requests: &[
            (UNUSUAL, |setting| {
                let mut request = Request::event_source(setting);
                request.add("If-None-Match", "*");
                request.add("If-Modified-Since", "Sat, 29 Oct 1994 19:43:31 GMT");
                request
            }),
            ORDINARY,
        ],
        streamed,
        refused: recorded,
    },
];

/// What tells that another `Accept` is at fault.
const ACCEPTED: Ask = (TWIN, |setting| {
    accepting(setting, Some("text/event-stream"))
});

/// What tells that additional fields are at fault.
const ORDINARY: Ask = (TWIN, Request::stream);

pub(super) fn cases() -> Vec<Case> {
    let case = |row: Fields| {
        let id = format!("sse/resp/{}", row.name);
        let (title, expected) = (row.title, row.expected);
        Case::new(id, row.severity, row.needs, row.requirements, row).about(title, expected)
    };
    ROWS.into_iter().map(case).collect()
}

/// A request with this `Accept`, or none, and without cache fields: one thing at a time.
fn accepting(setting: &Setting, accept: Option<&str>) -> Request {
    let mut request = Request::get(setting);
    match accept {
        Some(accept) => request.set("Accept", accept),
        None => request.remove("Accept"),
    };
    request
}

fn with_extra_fields(setting: &Setting, cookie: usize) -> Request {
    let mut request = Request::stream(setting);
    request.add("X-Pushspec-Unknown", "1");
    request.add("Pushspec-Unknown", "some value; of=no \"meaning\"");
    request.add_cookie(format!("{:x<cookie$}", "pushspec="));
    request
}

impl Fields {
    /// Whether this is the stream that the row asks for: where only a stream in some manner is needed, its status and
    /// type are judged elsewhere.
    fn is_served(&self, replies: &Replies) -> bool {
        match self.needs.contains(&Need::Stream) {
            true => streams(replies),
            false => replies.first().is_some_and(Reply::is_event_stream),
        }
    }
}

impl Experiment for Fields {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut unserved: Option<Exchange> = None;
            for (label, request) in self.requests {
                let exchange = ask(stage, label, &request(&stage.setting)).await;
                if self.is_served(exchange.heard()) {
                    break;
                }
                unserved.get_or_insert(exchange);
            }
            if let Some(first) = &mut unserved
                && first.heard().first().is_none()
            {
                outwait(stage, first).await;
                if first.heard().first().is_some() {
                    settle(first).await;
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let answer = match Answer::of(transcript, UNUSUAL, &[]) {
            Ok(answer) => answer,
            Err(judgement) => return judgement,
        };
        if self.is_served(&answer.replies) {
            return (self.streamed)(&answer).at(answer.spot());
        }
        let served = self.requests.iter().find(|(label, _)| {
            Answer::on(transcript, label, &[]).is_some_and(|other| self.is_served(&other.replies))
        });
        let judgement = match served {
            // Whoever is told that there is no room may be told so at any time.
            Some(_) if matches!(answer.status(), Some(429 | 503)) => {
                Judgement::inconclusive(format!(
                    "the request was answered by {}, and one behind it by a stream: the target had no room for it",
                    answer.in_words()
                ))
            }
            Some((label, _)) => (self.refused)(&answer, label, reading),
            None => Judgement::inconclusive(format!(
                "the request was answered by {}, but an ordinary one, which got a stream before, gets none either",
                answer.in_words()
            )),
        };
        judgement.to_confirm_alone().at(answer.spot())
    }
}

fn streamed(_: &Answer) -> Judgement {
    Judgement::pass("a stream comes")
}

fn recorded(answer: &Answer, _: &str, _: &Reading) -> Judgement {
    but_for_silence(
        answer,
        Judgement::info(format!("answered by {}", answer.in_words())),
    )
}

/// A refusal that another `Accept` does not get.
fn not_acceptable(answer: &Answer, _: &str, _: &Reading) -> Judgement {
    let came = answer.in_words();
    let judgement = match answer.status() {
        // Content negotiation at work.
        Some(200..=299) => Judgement::info(format!(
            "answered by {came}: the stream is one of several representations"
        )),
        _ => Judgement::warn(format!(
            "answered by {came}, while a request that differs in Accept alone gets a stream: clients that ask so \
             are shut out"
        )),
    };
    but_for_silence(answer, judgement)
}

fn extra_fields(answer: &Answer, served: &str, _: &Reading) -> Judgement {
    let came = answer.in_words();
    if served == TWIN {
        let judgement = Judgement::warn(format!(
            "with fields that it does not know and a short cookie the request is answered by {came}, without them a \
             stream comes: unknown fields are to be ignored"
        ));
        return but_for_silence(answer, judgement);
    }
    let judgement = match answer.status() {
        Some(400..=499) => Judgement::info(format!(
            "a cookie of 4 kB is answered by {came}, a short one by a stream: a limit on the size of fields"
        )),
        _ => Judgement::warn(format!(
            "a cookie of 4 kB is answered by {came}, a short one by a stream: a limit is to be told by a 4xx"
        )),
    };
    but_for_silence(answer, judgement.by("rfc9110/5.4/oversized-field-4xx"))
}

/// A judgement that stands only for a healthy target where it is owed to silence.
fn but_for_silence(answer: &Answer, judgement: Judgement) -> Judgement {
    match answer.is_silent() {
        true => judgement.resting_on_silence(),
        false => judgement,
    }
}
