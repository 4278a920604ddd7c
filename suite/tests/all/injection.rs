//! Injection through event writers, advisory by advisory: a writer that has exactly that bug, field by field and character by
//! character, is caught by exactly the cases of that field and that character; one that refuses, strips, escapes or splits
//! passes all of them. What an advisory says of a library was true of some releases; here it is but the shape of a bug.

use crate::bench::{Bench, check};
use pushspec::Protocol;
use pushspec_fixtures::sse::faulty::Request;
use pushspec_fixtures::sse::faulty::dialect::{Comments, DataBreaks, Dialect, FieldBreaks};
use pushspec_fixtures::sse::faulty::policy::{Answer, Rule};
use pushspec_fixtures::sse::{Faulty, Policy};
use pushspec_reports::Verdict;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The cases that a line break in each field fails, by the breaks that reach the wire.
const DATA_LF: &[&str] = &["data-lf", "data-crlf", "data-lflf"];
const DATA_CR: &[&str] = &["data-cr", "data-crcr"];
const NAME_LF: &[&str] = &["event-name-lf", "event-name-crlf", "event-name-double"];
const NAME_CR: &[&str] = &["event-name-cr", "event-name-crlf"];
const ID_LF: &[&str] = &["id-lf", "id-crlf"];
const ID_CR: &[&str] = &["id-cr", "id-crlf"];
const COMMENT_LF: &[&str] = &["comment-lf"];
const COMMENT_CR: &[&str] = &["comment-cr"];
const RETRY_LF: &[&str] = &["retry-text"];
const RETRY_CR: &[&str] = &["retry-text-cr"];

/// How a writer differs from a right one.
type Writes = fn(&mut Dialect);

/// A writer with the bug of an advisory: who had it, how it writes, and which cases fail on it.
struct Row {
    advisory: &'static str,
    writes: Writes,
    fails: &'static [&'static [&'static str]],
}

const ADVISORIES: [Row; 19] = [
    Row {
        advisory: "CVE-2026-33128 (h3): id, event, data and comment, both",
        writes: |dialect| {
            dialect.data = DataBreaks::Raw;
            dialect.event = FieldBreaks::Raw;
            dialect.id = FieldBreaks::Raw;
            dialect.comments = Comments::Raw;
        },
        fails: &[
            DATA_LF, DATA_CR, NAME_LF, NAME_CR, ID_LF, ID_CR, COMMENT_LF, COMMENT_CR,
        ],
    },
    Row {
        advisory: "GHSA-4hxc-9384-m385 (h3, past its fix): data and comment, CR",
        writes: |dialect| {
            dialect.data = DataBreaks::SplitLf;
            dialect.comments = Comments::SplitLf;
        },
        fails: &[DATA_CR, COMMENT_CR],
    },
    Row {
        advisory: "GHSA-p6xx-57qc-3wxr (hono): event, id and retry, both",
        writes: |dialect| {
            dialect.event = FieldBreaks::Raw;
            dialect.id = FieldBreaks::Raw;
            dialect.retry = FieldBreaks::Raw;
        },
        fails: &[NAME_LF, NAME_CR, ID_LF, ID_CR, RETRY_LF, RETRY_CR],
    },
    Row {
        advisory: "CVE-2026-35515 (@nestjs/core): type and id, both",
        writes: |dialect| {
            dialect.event = FieldBreaks::Raw;
            dialect.id = FieldBreaks::Raw;
        },
        fails: &[NAME_LF, NAME_CR, ID_LF, ID_CR],
    },
    Row {
        advisory: "CVE-2026-43968 (cowlib): id and event, CR past a guard for LF; data and comment, CR",
        writes: |dialect| {
            dialect.event = FieldBreaks::StripLf;
            dialect.id = FieldBreaks::StripLf;
            dialect.data = DataBreaks::SplitLf;
            dialect.comments = Comments::SplitLf;
        },
        fails: &[NAME_CR, ID_CR, DATA_CR, COMMENT_CR],
    },
    Row {
        advisory: "CVE-2026-44217 (sse-channel): event, id and retry, LF",
        writes: |dialect| {
            dialect.event = FieldBreaks::StripCr;
            dialect.id = FieldBreaks::StripCr;
            dialect.retry = FieldBreaks::StripCr;
        },
        fails: &[NAME_LF, ID_LF, RETRY_LF],
    },
    Row {
        advisory: "fastapi/fastapi#15588: NUL in an id is refused, breaks in event and id are not",
        writes: |dialect| {
            dialect.event = FieldBreaks::Raw;
            dialect.id = FieldBreaks::Raw;
        },
        fails: &[NAME_LF, NAME_CR, ID_LF, ID_CR],
    },
    Row {
        advisory: "fanout/django-eventstream#185: event and id, LF; data, CR",
        writes: |dialect| {
            dialect.event = FieldBreaks::StripCr;
            dialect.id = FieldBreaks::StripCr;
            dialect.data = DataBreaks::SplitLf;
        },
        fails: &[NAME_LF, ID_LF, DATA_CR],
    },
    Row {
        advisory: "mpetrunic/fastify-sse-v2#110: event, id and comment, both; data, CR",
        writes: |dialect| {
            dialect.event = FieldBreaks::Raw;
            dialect.id = FieldBreaks::Raw;
            dialect.comments = Comments::Raw;
            dialect.data = DataBreaks::SplitLf;
        },
        fails: &[
            NAME_LF, NAME_CR, ID_LF, ID_CR, COMMENT_LF, COMMENT_CR, DATA_CR,
        ],
    },
    Row {
        advisory: "yklykl530/koa-sse#13: data, LF",
        writes: |dialect| dialect.data = DataBreaks::SplitCr,
        fails: &[DATA_LF],
    },
    Row {
        advisory: "event, LF alone",
        writes: |dialect| dialect.event = FieldBreaks::StripCr,
        fails: &[NAME_LF],
    },
    Row {
        advisory: "event, CR alone",
        writes: |dialect| dialect.event = FieldBreaks::StripLf,
        fails: &[NAME_CR],
    },
    Row {
        advisory: "id, LF alone",
        writes: |dialect| dialect.id = FieldBreaks::StripCr,
        fails: &[ID_LF],
    },
    Row {
        advisory: "id, CR alone",
        writes: |dialect| dialect.id = FieldBreaks::StripLf,
        fails: &[ID_CR],
    },
    Row {
        advisory: "data, CR alone",
        writes: |dialect| dialect.data = DataBreaks::SplitLf,
        fails: &[DATA_CR],
    },
    Row {
        advisory: "comment, LF alone",
        writes: |dialect| dialect.comments = Comments::SplitCr,
        fails: &[COMMENT_LF],
    },
    Row {
        advisory: "comment, CR alone",
        writes: |dialect| dialect.comments = Comments::SplitLf,
        fails: &[COMMENT_CR],
    },
    Row {
        advisory: "retry, LF alone",
        writes: |dialect| dialect.retry = FieldBreaks::StripCr,
        fails: &[RETRY_LF],
    },
    Row {
        advisory: "retry, CR alone",
        writes: |dialect| dialect.retry = FieldBreaks::StripLf,
        fails: &[RETRY_CR],
    },
];

/// Writers that let nothing through: what they do to values that no line can carry.
const SOUND: [(&str, Writes); 5] = [
    ("refuses fields and splits data", |_| {}),
    ("strips", |dialect| {
        dialect.event = FieldBreaks::Strip;
        dialect.id = FieldBreaks::Strip;
        dialect.data = DataBreaks::Strip;
        dialect.comments = Comments::Strip;
    }),
    ("escapes", |dialect| {
        dialect.event = FieldBreaks::Escape;
        dialect.id = FieldBreaks::Escape;
        dialect.edit = |data| serde_json::Value::from(data).to_string();
    }),
    ("keeps the first line", |dialect| {
        dialect.event = FieldBreaks::FirstLine;
        dialect.id = FieldBreaks::FirstLine;
        dialect.data = DataBreaks::FirstLine;
        dialect.comments = Comments::Dropped;
    }),
    ("splits CRLF twice, as some do", |dialect| {
        dialect.data = DataBreaks::SplitEach;
    }),
];

/// What `sse/inj` says of such a writer: the cases that do not pass, and what they saw.
fn red(writes: Writes, verdicts: &[Verdict]) -> Vec<(String, String)> {
    told(verdicts, move || {
        let mut policy = Policy::default();
        writes(&mut policy.dialect);
        policy
    })
}

/// What `sse/inj` says of such a peer, where the verdict is one of these.
fn told(
    verdicts: &[Verdict],
    policy: impl Fn() -> Policy + Send + Sync + 'static,
) -> Vec<(String, String)> {
    let report = Bench::default().check(Protocol::EventStream, &["sse/inj/*"], move || {
        Arc::new(Faulty::new(policy()))
    });
    let active = |case: &str| case.strip_prefix("sse/inj/").map(str::to_owned);
    let results = report.results.iter();
    results
        .filter(|result| verdicts.contains(&result.verdict))
        .filter_map(|result| Some((active(&result.case)?, result.observed.clone())))
        .collect()
}

#[test]
fn each_field_and_each_break_is_told_apart() {
    for row in ADVISORIES {
        let failed: BTreeSet<String> = red(row.writes, &[Verdict::Fail])
            .into_iter()
            .map(|(case, _)| case)
            .collect();
        let wanted: BTreeSet<String> = row
            .fails
            .iter()
            .flat_map(|cases| cases.iter().map(|&case| case.to_owned()))
            .collect();
        assert_eq!(failed, wanted, "{}", row.advisory);
    }
}

#[test]
fn nul_in_an_id_is_warned_of_and_breaks_nothing() {
    let nul = |dialect: &mut Dialect| dialect.id = FieldBreaks::AllowNul;
    let told: Vec<String> = red(nul, &[Verdict::Fail, Verdict::Warn])
        .into_iter()
        .map(|(case, _)| case)
        .collect();
    assert_eq!(told, ["id-nul"]);
}

/// An endpoint that refuses a step, whatever its value, writes no value of that kind: there is nothing to judge.
#[test]
fn a_step_that_is_refused_altogether_is_not_offered() {
    const STEMS: [&str; 4] = ["event-name-", "id-", "comment-", "last-event-id-"];
    const STEPS: [fn(&Request) -> bool; 4] = [
        |request| request.target.contains("%22event%22"),
        |request| request.target.contains("%22id%22"),
        |request| request.target.contains("%22comment%22"),
        |request| request.target.contains("%22last_event_id%22"),
    ];
    const STATUSES: [(u16, &str); 3] = [(400, "Bad Request"), (422, "No"), (500, "Oops")];
    for status in STATUSES {
        let skipped = told(&[Verdict::Skip], move || {
            let refused = |when| Rule {
                when,
                answer: Answer::Plain {
                    status,
                    fields: &[],
                    body: "",
                },
            };
            Policy {
                rules: STEPS.map(refused).into(),
                ..Policy::default()
            }
        });
        let steps = STEMS.map(|stem| {
            let cases = skipped.iter().filter(|(case, _)| case.starts_with(stem));
            cases.count()
        });
        assert_eq!(steps, [4, 4, 2, 1], "{status:?}: {skipped:?}");
        let offered = skipped
            .iter()
            .all(|(_, observed)| observed.contains("does not offer the step"));
        assert!(offered, "{skipped:?}");
    }
}

/// A member that is never written says nothing either.
#[test]
fn a_value_that_is_never_written_is_not_offered() {
    let dropped = |dialect: &mut Dialect| dialect.comments = Comments::Dropped;
    let skipped: Vec<String> = red(dropped, &[Verdict::Skip])
        .into_iter()
        .map(|(case, _)| case)
        .collect();
    assert_eq!(skipped, ["comment-lf", "comment-cr"]);
}

/// Only the value's own break is at the end: a pattern that ends with `$` lets it through.
#[test]
fn a_break_at_the_very_end_is_seen() {
    let last = |dialect: &mut Dialect| {
        dialect.event = FieldBreaks::AllowLast;
        dialect.id = FieldBreaks::AllowLast;
        dialect.comments = Comments::AllowLast;
    };
    let of = |verdict| -> Vec<String> {
        let told = red(last, &[verdict]);
        told.into_iter().map(|(case, _)| case).collect()
    };
    assert_eq!(of(Verdict::Fail), ["event-name-lf"]);
    assert_eq!(of(Verdict::Warn), ["id-lf", "comment-lf"]);
}

#[test]
fn an_id_that_is_pasted_back_is_caught() {
    let report = check(Protocol::EventStream, &["sse/inj/*"], || {
        let policy = Policy {
            edit_id: |id| id.replace("%0A", "\n"),
            pastes_id: true,
            ..Policy::default()
        };
        Arc::new(Faulty::new(policy))
    });
    let failed = report
        .results
        .iter()
        .filter(|it| it.verdict == Verdict::Fail);
    let failed: Vec<&str> = failed.map(|result| result.case.as_str()).collect();
    assert_eq!(failed, ["sse/inj/last-event-id-reflection"]);
}

#[test]
fn writers_that_let_nothing_through_pass() {
    const NOT_A_PASS: [Verdict; 4] = [
        Verdict::Fail,
        Verdict::Warn,
        Verdict::Inconclusive,
        Verdict::Error,
    ];
    for (what, writes) in SOUND {
        assert_eq!(red(writes, &NOT_A_PASS), [], "{what}");
    }
}
