//! Streams that answer POST, and streams that end: judged as what they are, and not as broken EventSources.

use crate::bench::Bench;
use crate::command::{file, outcome, pushspec};
use crate::served::{Served, folder};
use pushspec::{Declared, Post, Protocol};
use pushspec_fixtures::sse::faulty::policy::{Answer, Chunks, Coded, Delivery, Piece};
use pushspec_fixtures::sse::{Faithful, Faulty, Policy};
use pushspec_fixtures::wire::{Connection, Peer, Serving};
use pushspec_reports::render::json;
use pushspec_reports::{Report, Verdict};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is asked: a prompt that no report may show.
const BODY: &str =
    r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"prompt-4711 is secret"}]}"#;

/// What of it is a secret.
const PROMPT: &str = "prompt-4711";

fn posting(post: Option<Post>) -> Bench {
    Bench {
        url: Some("http://peer.test/answer"),
        declared: Some(Declared {
            redirecting_path: Some("/redirect".into()),
            stream_limit: Some(6),
            resumption: true,
            post,
            ..Declared::default()
        }),
        scripted: false,
        ..Bench::default()
    }
}

fn posted(peer: impl Fn() -> Arc<dyn Peer> + Send + Sync + 'static) -> Report {
    posting(Some(Post::json(BODY))).check(Protocol::EventStream, &[], peer)
}

/// The cases that came to a verdict, with what was seen.
fn with(report: &Report, verdicts: &[Verdict]) -> Vec<String> {
    let results = report.results.iter();
    let results = results.filter(|result| verdicts.contains(&result.verdict));
    results
        .map(|result| format!("{}: {}", result.case, result.observed))
        .collect()
}

const SHORT: [Verdict; 4] = [
    Verdict::Fail,
    Verdict::Warn,
    Verdict::Inconclusive,
    Verdict::Error,
];

#[test]
fn a_faithful_answer_to_post_is_blamed_for_nothing() {
    let report = posted(|| Arc::new(Faithful::new()));
    assert_eq!(with(&report, &SHORT), Vec::<String>::new());
    let infos = with(&report, &[Verdict::Info]);
    let told: Vec<&String> = infos
        .iter()
        .filter(|info| info.contains("EventSource") || info.contains("come back"))
        .collect();
    assert_eq!(told, Vec::<&String>::new());
    for case in [
        "sse/resp/status",
        "sse/resp/content-type",
        "sse/resp/cache-fields",
        "sse/http/http10",
        "sse/time/keepalive",
        "sse/http/chunked-strict",
        "sse/passive/utf8",
        "sse/passive/grammar",
    ] {
        let result = report.result(case).expect(case);
        assert_eq!(result.verdict, Verdict::Pass, "{case}: {}", result.observed);
    }
}

#[test]
fn what_stands_on_get_is_skipped_and_says_why() {
    let report = posted(|| Arc::new(Faithful::new()));
    for case in [
        "sse/rec/no-id",
        "sse/rec/id-hostile-word",
        "sse/cors/preflight",
        "sse/resp/head",
        "sse/resp/finite",
        "sse/resp/accept-none",
        "sse/http/pipelined",
        "sse/http/parallel-7",
    ] {
        let result = report.result(case).expect(case);
        assert_eq!(result.verdict, Verdict::Skip, "{case}");
        assert!(
            result
                .observed
                .contains("is no EventSource, which can only GET"),
            "{case}: {}",
            result.observed
        );
    }
}

/// What the owner of an endpoint pays for: `--help` and the README name the number.
#[test]
fn a_run_sends_few_posts_and_nothing_else() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    posted(move || {
        Arc::new(Overheard {
            peer: Arc::new(Faithful::new()),
            lines: Arc::clone(&seen),
        })
    });
    let lines = lines.lock().expect("the lines");
    let at_answer = |line: &&String| line.contains(" /answer HTTP/");
    let asked: Vec<&String> = lines.iter().filter(at_answer).collect();
    let others: Vec<&&String> = asked
        .iter()
        .filter(|line| !line.starts_with("POST "))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!((18..=26).contains(&asked.len()), "{}", asked.len());
}

/// A peer, and the first line of each thing that it was sent.
struct Overheard {
    peer: Arc<dyn Peer>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Peer for Overheard {
    fn serve(self: Arc<Self>, connection: Box<dyn Connection>) -> Serving {
        let overheard = Line {
            connection,
            lines: Arc::clone(&self.lines),
        };
        Arc::clone(&self.peer).serve(Box::new(overheard))
    }
}

struct Line {
    connection: Box<dyn Connection>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.connection).poll_read(cx, buf);
        let text = String::from_utf8_lossy(&buf.filled()[before..]).into_owned();
        if let Some(line) = text.lines().next() {
            self.lines.lock().expect("the lines").push(line.to_owned());
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

impl Connection for Line {
    fn reset(self: Box<Self>) {
        self.connection.reset();
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.connection.peer()
    }
}

/// A peer that answers POST by a few events and `[DONE]`, with one fault more.
fn answering(fault: fn(&mut Policy)) -> impl Fn() -> Arc<dyn Peer> + Send + Sync {
    move || {
        let mut policy = Policy {
            post: Answer::Stream,
            events: Some(3),
            after: vec![Piece::Bytes(b"data: [DONE]\n\n".into())],
            ..Policy::default()
        };
        fault(&mut policy);
        Arc::new(Faulty::new(policy))
    }
}

#[test]
fn a_faulty_answer_to_post_is_caught() {
    let clean = posted(answering(|_| {}));
    assert_eq!(with(&clean, &SHORT), Vec::<String>::new());
    type Row = (fn(&mut Policy), &'static str, Verdict, &'static str);
    let rows: [Row; 8] = [
        (
            |policy| policy.fields[0].1 = "application/json".into(),
            "sse/resp/content-type",
            Verdict::Warn,
            "clients that go by the type",
        ),
        (
            |policy| policy.status = (503, "Service Unavailable"),
            "sse/resp/status",
            Verdict::Warn,
            "comes under 503",
        ),
        (
            |policy| policy.after = vec![Piece::Bytes(b"data: the last\n".into())],
            "sse/passive/grammar",
            Verdict::Fail,
            "the last",
        ),
        (
            |policy| policy.after = vec![Piece::Bytes(b"data: caf\xe9\n\n".into())],
            "sse/passive/utf8",
            Verdict::Fail,
            "caf",
        ),
        (
            |policy| policy.chunks = Chunks::NoLast,
            "sse/time/lifetime",
            Verdict::Warn,
            "last chunk is missing or unfinished",
        ),
        (
            |policy| policy.chunks = Chunks::HexPrefix,
            "sse/http/chunked-strict",
            Verdict::Fail,
            "",
        ),
        (
            |policy| {
                policy.coded = Coded::Accepted;
                policy.delivery = Delivery::HeldIfCoded;
            },
            "sse/http/coding-flush-gzip",
            Verdict::Warn,
            "is held back: its 4 events",
        ),
        (
            |policy| policy.fields[1].1 = "public, max-age=60".into(),
            "sse/resp/cache-fields",
            Verdict::Pass,
            "Content-Location",
        ),
    ];
    for (fault, case, verdict, seen) in rows {
        let report = posted(answering(fault));
        let result = report.result(case).expect(case);
        assert_eq!(result.verdict, verdict, "{case}: {}", result.observed);
        assert!(
            result.observed.contains(seen),
            "{case}: {}",
            result.observed
        );
    }
}

#[test]
fn an_answer_without_stream_is_no_fault() {
    for (status, advice) in [
        (
            (200, "OK"),
            "most others stream only if the body asks for it",
        ),
        ((405, "Method Not Allowed"), "takes POST"),
        (
            (422, "Unprocessable Content"),
            "is it the body that it wants?",
        ),
    ] {
        let report = posted(move || {
            let post = Answer::Plain {
                status,
                fields: &[("content-type", "application/json")],
                body: "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
            };
            Arc::new(Faulty::new(Policy {
                post,
                ..Policy::default()
            }))
        });
        let told = report.notes.join("\n");
        assert!(
            told.contains("no event stream") && told.contains(advice),
            "{told}"
        );
        let judged = with(&report, &[Verdict::Fail, Verdict::Warn, Verdict::Pass]);
        assert_eq!(judged, Vec::<String>::new());
    }
}

#[test]
fn a_finite_stream_that_ends_by_done_is_blamed_for_nothing() {
    let patterns = ["sse/resp/*", "sse/http/*", "sse/time/*", "sse/passive/*"];
    let report = posting(None).check(Protocol::EventStream, &patterns, || {
        Arc::new(Faithful::new())
    });
    assert_eq!(with(&report, &SHORT), Vec::<String>::new());
    let finite = report.result("sse/resp/finite").expect("the case");
    assert!(
        finite.observed.contains("behind 6 events"),
        "{}",
        finite.observed
    );
}

#[test]
fn no_report_shows_the_body() {
    let report = posted(|| Arc::new(Faithful::new()));
    let text = json::write(&report);
    let hex: String = PROMPT.bytes().map(|byte| format!("{byte:02x}")).collect();
    for secret in [PROMPT, &hex] {
        assert!(!text.contains(secret));
    }
    // And it was sent: its length stands where it stood.
    let result = report.result("sse/resp/status").expect("the case");
    let stars: String = "2a".repeat(BODY.len());
    assert!(json::write(&report).contains(&stars), "{}", result.replay);
}

#[test]
fn the_command_posts_a_file() {
    let served = Served::peer("sse", &[]);
    let url = format!("{}answer", served.url);
    let body = file("ask.json", BODY);
    let body = body.to_str().expect("UTF-8");
    let report = folder("posted").join("report.json");
    let path = format!("json={}", report.display());
    let args = [
        "check", &url, "--method", "post", "--body", body, "--report", &path,
    ];
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("skipped: needs `event-source`"), "{said}");
    let text = std::fs::read_to_string(report).expect("a report");
    assert!(!text.contains(PROMPT) && !said.contains(PROMPT));
    let again = format!("--method POST --body {body} --seed 1");
    assert!(text.contains(&again), "{again} is missing");
}
