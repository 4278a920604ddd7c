//! What a run says of a target that sends no event stream, or one that no client takes: nothing is judged and the exit
//! status is 3, or the fault is found and it is 1. It is never 0.

use crate::bench::check;
use pushspec::Protocol;
use pushspec_fixtures::sse::faulty::policy::Answer;
use pushspec_fixtures::sse::{FAULTS, Faulty, Policy};
use pushspec_reports::gate::{Circumstances, Date, ExitStatus, Gate};
use pushspec_reports::{Report, Verdict};
use std::sync::Arc;

const fn plain(
    status: (u16, &'static str),
    fields: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> Answer {
    Answer::Plain {
        status,
        fields,
        body,
    }
}

const HTML: &[(&str, &str)] = &[("content-type", "text/html")];
const STREAM: &[(&str, &str)] = &[("content-type", "text/event-stream")];

/// Answers that are no stream, and what the note says of each.
const OTHERS: [(Answer, &str); 8] = [
    (
        plain((404, "Not Found"), HTML, "<h1>Not found</h1>"),
        "answered by 404 Not Found: give the URL of an event stream",
    ),
    (
        plain((200, "OK"), HTML, "<!doctype html>\n<p>data: x\n\n"),
        "answered by 200 OK and text/html: give the URL of an event stream",
    ),
    (
        plain((401, "Unauthorized"), STREAM, "event: error\ndata: no\n\n"),
        "answered by 401 Unauthorized: give credentials",
    ),
    (
        plain((302, "Found"), &[("location", "/events")], ""),
        "answered by 302 Found: it leads in circles, to /events again: clients give up",
    ),
    (
        plain((204, "No Content"), &[], ""),
        "answered by 204 No Content",
    ),
    (
        Answer::Raw("SSH-2.0-server\r\n"),
        "answered by bytes that are not HTTP",
    ),
    (Answer::Hangup, "answered by TCP FIN and no response"),
    (Answer::Mute, "not answered within 15 s"),
];

fn checked(answer: &Answer) -> Report {
    let answer = answer.clone();
    check(Protocol::EventStream, &[], move || {
        let mut policy = Policy::default();
        policy.when(|_| true, answer.clone());
        Arc::new(Faulty::new(policy))
    })
}

#[test]
fn without_a_stream_nothing_is_judged() {
    for (answer, said) in &OTHERS {
        let report = checked(answer);
        let judged: Vec<&str> = report
            .results
            .iter()
            .filter(|result| result.verdict != Verdict::Skip)
            .map(|result| result.case.as_str())
            .collect();
        assert_eq!(judged, Vec::<&str>::new(), "{answer:?}");
        assert!(
            report.notes.iter().any(|note| note.contains(said)),
            "{answer:?}: {:?}",
            report.notes
        );
        let circumstances = Circumstances {
            today: Date::of_unix(0),
            is_case: &|_| true,
            nearest: &|_| None,
        };
        let status = Gate::default().judge(&report, circumstances).status;
        assert_eq!(status, ExitStatus::Unsound, "{answer:?}");
    }
}

#[test]
fn a_stream_that_no_client_takes_fails() {
    for (fault, case) in [
        ("status-201", "sse/resp/status"),
        ("status-500", "sse/resp/status"),
        ("type-missing", "sse/resp/content-type"),
        ("type-octet-stream", "sse/resp/content-type"),
        ("type-twice", "sse/resp/content-type"),
        ("pragma-refused", "sse/resp/request-cache-fields"),
    ] {
        let (report, status) = fault_checked(fault);
        let failed: Vec<&str> = report
            .results
            .iter()
            .filter(|result| result.verdict == Verdict::Fail)
            .map(|result| result.case.as_str())
            .collect();
        assert_eq!(failed, [case], "{fault}");
        assert_eq!(status, ExitStatus::NotMet, "{fault}");
    }
}

/// What few cases say in favour of it does not make it a target that was judged.
#[test]
fn a_stream_that_only_unusual_requests_get_is_not_enough() {
    let (report, status) = fault_checked("accept-event-stream-refused");
    assert!(report.count(Verdict::Pass) > 0);
    assert_eq!(report.count(Verdict::Fail), 0);
    assert_eq!(status, ExitStatus::Unsound);
}

fn fault_checked(name: &'static str) -> (Report, ExitStatus) {
    let report = check(Protocol::EventStream, &[], move || {
        let fault = FAULTS.iter().find(|fault| fault.name == name);
        Arc::new(Faulty::with(fault.expect("a fault of the tables")))
    });
    let circumstances = Circumstances {
        today: Date::of_unix(0),
        is_case: &|_| true,
        nearest: &|_| None,
    };
    let status = Gate::default().judge(&report, circumstances).status;
    (report, status)
}
