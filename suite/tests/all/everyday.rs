//! The everyday view where nothing is wrong: codings, cookies and redirects that are right pass, and nobody else is asked.

use crate::bench::{Bench, check};
use crate::tls;
use pushspec::{Declared, Protocol};
use pushspec_fixtures::sse::faulty::policy::{Answer, Coded, Coding};
use pushspec_fixtures::sse::{FAULTS, Faulty, Policy};
use pushspec_fixtures::wire::{Connection, Peer, Serving};
use pushspec_reports::{Report, Verdict};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A peer whose only oddity is this one.
fn peer(policy: &Policy) -> Arc<dyn Peer> {
    Arc::new(Faulty::new(policy.clone()))
}

fn checked(patterns: &[&str], policy: Policy) -> Report {
    check(Protocol::EventStream, patterns, move || peer(&policy))
}

/// Asserts that every result is a pass, and gives what was observed.
fn passed(report: &Report) -> String {
    let told = report.results.iter().map(|result| {
        assert_eq!(
            result.verdict,
            Verdict::Pass,
            "{}: {}",
            result.case,
            result.observed
        );
        format!("{}: {}\n", result.case, result.observed)
    });
    told.collect()
}

#[test]
fn codings_that_are_right_pass_in_both_views() {
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
        let policy = Policy {
            coded: Coded::Accepted,
            coding,
            ..Policy::default()
        };
        let patterns = ["sse/everyday/*", "sse/http/coding-flush-*"];
        let told = passed(&checked(&patterns, policy));
        let read = format!("reqwest gets the stream in {}, and read", coding.name());
        assert!(told.contains(&read), "{told}");
    }
}

#[test]
fn reqwest_encrypts_as_the_raw_view_does() {
    let bench = Bench {
        url: Some("https://localhost/"),
        ..Bench::default()
    };
    let report = bench.check(Protocol::EventStream, &["sse/everyday/*"], || {
        tls::behind(peer(&Policy {
            coded: Coded::Accepted,
            ..Policy::default()
        }))
    });
    let told = passed(&report);
    assert!(told.contains("the stream in gzip"), "{told}");
}

#[test]
fn cookies_that_are_right_go_back() {
    let mut policy = Policy {
        redirect: Answer::Plain {
            status: (302, "Found"),
            fields: &[
                ("location", "/redirect"),
                ("set-cookie", "led=1; Path=/; HttpOnly; SameSite=Lax"),
            ],
            body: "",
        },
        ..Policy::default()
    };
    policy.when(
        |request| {
            let cookies = request.value("cookie").unwrap_or_default();
            request.path() == "/redirect" && cookies.contains("led=1")
        },
        Answer::Plain {
            status: (307, "Temporary Redirect"),
            fields: &[("location", "/")],
            body: "",
        },
    );
    // Whoever comes back has the cookie that the stream set, and the one that the user declared.
    policy.add("set-cookie", "session=1; Path=/; Max-Age=3600");
    policy.when(
        |request| {
            let cookies = request.value("cookie").unwrap_or_default();
            let both = cookies.contains("session=1") && cookies.contains("user=7");
            request.has("last-event-id") && request.path() == "/" && !both
        },
        Answer::Plain {
            status: (403, "Forbidden"),
            fields: &[],
            body: "",
        },
    );
    let bench = Bench {
        declared: Some(Declared {
            headers: vec![("Cookie".into(), "user=7; theme=dark".into())],
            redirecting_path: Some("/redirect".into()),
            ..Declared::default()
        }),
        ..Bench::default()
    };
    let patterns = ["sse/everyday/redirect", "sse/everyday/cookies"];
    let report = bench.check(Protocol::EventStream, &patterns, move || peer(&policy));
    let told = passed(&report);
    assert!(told.contains("with the cookies led, session"), "{told}");
    assert!(
        told.contains("with the cookies that it was given (session) gets a stream"),
        "{told}"
    );
}

#[test]
fn another_server_is_told_and_not_asked() {
    let fault = FAULTS.iter().find(|it| it.name == "redirect-elsewhere");
    let fault = fault.expect("a fault");
    let report = check(Protocol::EventStream, &["sse/everyday/redirect"], || {
        Arc::new(Faulty::with(fault))
    });
    let result = report.result("sse/everyday/redirect").expect("it was run");
    assert_eq!(result.verdict, Verdict::Info, "{}", result.observed);
    assert!(
        result.observed.contains("https://elsewhere.test/events"),
        "{}",
        result.observed
    );
}

fn given_the_redirecting_url(policy: Policy) -> Report {
    let bench = Bench {
        url: Some("http://peer.test/redirect?room=1"),
        declared: Some(Declared::default()),
        ..Bench::default()
    };
    let patterns = ["sse/resp/*", "sse/everyday/redirect"];
    bench.check(Protocol::EventStream, &patterns, move || peer(&policy))
}

#[test]
fn a_url_that_redirects_to_a_stream_is_judged_where_it_leads() {
    let report = given_the_redirecting_url(Policy::default());
    assert_eq!(report.target, "http://peer.test/redirect?room=…");
    let note = report.notes.concat();
    assert!(
        note.contains("the cases speak to http://peer.test/"),
        "{note}"
    );
    for case in [
        "sse/resp/status",
        "sse/resp/redirect",
        "sse/everyday/redirect",
    ] {
        let result = report.result(case).expect("it was run");
        assert_eq!(result.verdict, Verdict::Pass, "{case}: {}", result.observed);
    }
}

#[test]
fn a_url_that_redirects_elsewhere_is_told_with_its_server() {
    for (location, why) in [
        (
            "https://elsewhere.test/events?token=1",
            "another server, https://elsewhere.test, which was not asked",
        ),
        ("/login", "it leads to 404 Not Found, which is no stream"),
        (
            "/redirect?room=1",
            "it leads in circles, to /redirect again: clients give up",
        ),
        (
            "/redirect?room=2",
            "to /redirect again: who keeps the cookie that comes with it may get on: --header 'Cookie: …'",
        ),
    ] {
        let redirect = match location {
            "/login" => redirect(&[("location", "/login")]),
            "/redirect?room=1" => redirect(&[("location", "/redirect?room=1")]),
            "/redirect?room=2" => {
                redirect(&[("location", "/redirect?room=1"), ("set-cookie", "seen=1")])
            }
            _ => redirect(&[("location", "https://elsewhere.test/events?token=1")]),
        };
        let mut policy = Policy {
            redirect,
            ..Policy::default()
        };
        policy.when(
            |request| request.path() == "/login",
            Answer::Plain {
                status: (404, "Not Found"),
                fields: &[],
                body: "",
            },
        );
        let report = given_the_redirecting_url(policy);
        let note = report.notes.concat();
        assert!(note.contains(why) && !note.contains("token"), "{note}");
        assert_eq!(report.count(Verdict::Fail), 0);
    }
}

const fn redirect(fields: &'static [(&'static str, &'static str)]) -> Answer {
    Answer::Plain {
        status: (302, "Found"),
        fields,
        body: "",
    }
}

/// Answers everything by a comment of 64 MiB in a few kilobytes of gzip.
struct Bomb;

impl Peer for Bomb {
    fn serve(self: Arc<Self>, mut connection: Box<dyn Connection>) -> Serving {
        Box::pin(async move {
            let mut bomb = vec![0; 128 * 1024];
            let mut deflate = zlib_rs::Deflate::new(9, false, 15);
            let text = vec![b':'; 64 * 1024 * 1024];
            let done = deflate.compress(&text, &mut bomb, zlib_rs::DeflateFlush::SyncFlush);
            assert!(done.is_ok());
            bomb.truncate(deflate.total_out() as usize);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n";
            let mut request = [0; 4096];
            let _ = connection.read(&mut request).await;
            let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";
            for bytes in [head.as_bytes(), gzip, &bomb] {
                let _ = connection.write_all(bytes).await;
            }
            std::future::pending().await
        })
    }
}

#[test]
fn a_bomb_is_read_in_part() {
    let report = check(Protocol::EventStream, &["sse/everyday/cookies"], || {
        Arc::new(Bomb)
    });
    let result = report.result("sse/everyday/cookies").expect("it was run");
    let evidence = format!("{:?}", result.evidence);
    assert!(evidence.contains("stopped reading"), "{evidence}");
    assert_eq!(result.verdict, Verdict::Pass, "{}", result.observed);
}
