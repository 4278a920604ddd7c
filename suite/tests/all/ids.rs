//! Ids that a server never gave out, asked of servers that do with them what they may.

use crate::bench::check;
use pushspec::Protocol;
use pushspec_fixtures::sse::faulty::Request;
use pushspec_fixtures::sse::faulty::policy::{Answer, Piece, Policy, Rule};
use pushspec_fixtures::sse::{Faulty, script};
use pushspec_reports::{CaseResult, Report, Verdict};
use std::sync::Arc;
use std::time::Duration;

const CASES: &str = "sse/rec/id-*";

fn checked(change: fn(&mut Policy)) -> Report {
    check(Protocol::EventStream, &[CASES], move || {
        let mut policy = Policy::default();
        change(&mut policy);
        Arc::new(Faulty::new(policy))
    })
}

fn told(report: &Report, verdict: Verdict) -> Vec<&CaseResult> {
    let told = report.results.iter();
    told.filter(|result| result.verdict == verdict).collect()
}

#[track_caller]
fn assert_nothing_is_held_against(report: &Report) {
    for verdict in [Verdict::Fail, Verdict::Warn, Verdict::Inconclusive] {
        let told = told(report, verdict);
        let told: Vec<String> = told
            .iter()
            .map(|result| format!("{}: {}", result.case, result.observed))
            .collect();
        assert!(told.is_empty(), "{verdict}:\n{}", told.join("\n"));
    }
}

fn with_an_id(request: &Request) -> bool {
    request.has("last-event-id")
}

/// An answer to what comes with an id.
fn to_ids(status: (u16, &'static str), body: &'static str) -> Rule {
    Rule {
        when: with_an_id,
        answer: Answer::Plain {
            status,
            fields: &[("content-type", "text/event-stream")],
            body,
        },
    }
}

/// A stream that ends soon by itself is not over in the same moment each time: the end may stand behind what came first.
#[test]
fn a_stream_that_ends_ends_with_an_id_too() {
    let report = checked(|policy| {
        policy.rules.push(to_ids((200, "OK"), "data: other\n\n"));
        policy.events = Some(2);
        policy.interval = Duration::from_millis(300);
        policy.end = script::End::Close;
    });
    assert_nothing_is_held_against(&report);
}

/// The same content is the same answer, however long the end of one of them takes.
#[test]
fn the_same_content_is_the_same_answer() {
    let report = checked(|policy| {
        policy.rules.push(to_ids((200, "OK"), "data: all\n\n"));
        let all = Piece::Bytes(b"data: all\n\n".to_vec());
        policy.before = vec![all, Piece::Pause(Duration::from_secs(3600))];
    });
    assert_nothing_is_held_against(&report);
}

/// Whoever knows only its own ids says so to a word in whatever letters.
#[test]
fn an_id_beyond_ascii_may_be_refused_as_any_word_is() {
    let report = checked(|policy| policy.rules.push(to_ids((400, "Bad Request"), "")));
    assert_nothing_is_held_against(&report);
}

/// Ids are numbers, and every word fells the request.
#[test]
fn one_bug_counts_once() {
    let falls: [fn(&mut Policy); 3] = [
        |policy| {
            policy
                .rules
                .push(to_ids((500, "Internal Server Error"), ""))
        },
        |policy| {
            policy.rules.push(Rule {
                when: with_an_id,
                answer: Answer::Reset,
            });
        },
        |policy| policy.rules.push(to_ids((200, "OK"), "")),
    ];
    for change in falls {
        let report = checked(change);
        let red = [told(&report, Verdict::Fail), told(&report, Verdict::Warn)].concat();
        let red: Vec<&str> = red.iter().map(|result| result.case.as_str()).collect();
        assert_eq!(red, ["sse/rec/id-hostile-word"]);
        for result in told(&report, Verdict::Info) {
            assert!(
                result.observed.contains("sse/rec/id-hostile-word"),
                "{result:?}"
            );
        }
    }
}

/// A notification stream may say nothing for long: what is listened to side by side costs that once.
#[test]
fn a_quiet_stream_takes_no_longer_than_a_lively_one() {
    let report = checked(|policy| {
        policy.before = vec![Piece::Pause(Duration::from_secs(3600))];
    });
    assert_nothing_is_held_against(&report);
    assert!(report.duration_ms < 1500, "{} ms", report.duration_ms);
}
