//! The table: which value holds what, and what an ordinary one of its kind is.

use pushspec_reports::Severity;
use serde_json::{Value, json};

/// A row of the table.
pub(super) struct Injection {
    /// The last segment of the id.
    pub(super) name: &'static str,
    /// The member of the message that carries the value.
    pub(super) member: &'static str,
    /// What it is, for people.
    pub(super) called: &'static str,
    /// A value of the kind that every writer can write: it shows whether the endpoint offers the step at all.
    pub(super) ordinary: Value,
    /// What is written instead, each in a script of its own.
    pub(super) values: Vec<Value>,
    /// What is in them.
    pub(super) with: String,
    pub(super) severity: Severity,
    pub(super) requirements: &'static [&'static str],
}

const DATA: &[&str] = &["sse/9.2.5/no-injection-data"];
const NAME: &[&str] = &["sse/9.2.5/no-injection-event-name"];
const ID: &[&str] = &["sse/9.2.5/no-injection-id"];
const COMMENT: &[&str] = &["sse/9.2.5/no-injection-comment"];
const RETRY: &[&str] = &["sse/9.2.5/no-injection-retry"];

/// Data: id, value, what is in it.
const TEXTS: [(&str, &str, &str); 5] = [
    ("data-lf", "x\nid: pushspec-forged", "LF and a forged id"),
    (
        "data-cr",
        "x\rid: pushspec-forged",
        "a lone CR and a forged id",
    ),
    (
        "data-crlf",
        "x\r\nid: pushspec-forged",
        "CRLF and a forged id",
    ),
    (
        "data-lflf",
        "x\n\ndata: pushspec-forged",
        "two LF and a forged event",
    ),
    (
        "data-crcr",
        "x\r\rdata: pushspec-forged",
        "two CR and a forged event",
    ),
];

const LF: (&str, &str) = ("\n", "LF");
const CR: (&str, &str) = ("\r", "a lone CR");
const CRLF: (&str, &str) = ("\r\n", "CRLF");

/// A value that no line break belongs in.
struct Line {
    member: &'static str,
    called: &'static str,
    ordinary: &'static str,
    /// The line that is forged behind the break.
    forged: &'static str,
    /// What that is, for people.
    what: &'static str,
    severity: Severity,
    requirements: &'static [&'static str],
    /// Ids, each with the break and what it is called.
    rows: &'static [(&'static str, (&'static str, &'static str))],
}

const LINES: [Line; 4] = [
    Line {
        member: "event",
        called: "event name",
        ordinary: "x",
        forged: "id: pushspec-forged",
        what: "a forged id",
        severity: Severity::Critical,
        requirements: NAME,
        rows: &[
            ("event-name-lf", LF),
            ("event-name-cr", CR),
            ("event-name-crlf", CRLF),
        ],
    },
    Line {
        member: "id",
        called: "id",
        ordinary: "7",
        forged: "event: pushspec-forged",
        what: "a forged event name",
        severity: Severity::Critical,
        requirements: ID,
        rows: &[("id-lf", LF), ("id-cr", CR), ("id-crlf", CRLF)],
    },
    Line {
        member: "comment",
        called: "comment",
        ordinary: "x",
        forged: "id: pushspec-forged",
        what: "a forged id",
        severity: Severity::Critical,
        requirements: COMMENT,
        rows: &[("comment-lf", LF), ("comment-cr", CR)],
    },
    Line {
        member: "retry",
        called: "reconnection time",
        ordinary: "1",
        forged: "id: pushspec-forged",
        what: "a forged id",
        severity: Severity::Major,
        requirements: RETRY,
        rows: &[("retry-text", LF), ("retry-text-cr", CR)],
    },
];

/// What an ordinary reconnection time is: a number, for some endpoints take nothing else.
const MILLISECONDS: u64 = 1000;

impl Line {
    /// The break before a forged line, where guards look for it; at the very end, where some patterns do not; and one
    /// behind two others, for those who take out the first alone.
    fn values(&self, line_break: &str) -> Vec<Value> {
        let Self {
            ordinary, forged, ..
        } = self;
        vec![
            json!(format!("{ordinary}{line_break}{forged}")),
            json!(format!("{ordinary}{line_break}")),
            json!(format!(
                "{ordinary}{line_break}{line_break}2{line_break}{forged}"
            )),
        ]
    }

    fn injections(&self) -> impl Iterator<Item = Injection> {
        self.rows
            .iter()
            .map(|&(name, (line_break, said))| Injection {
                name,
                member: self.member,
                called: self.called,
                ordinary: match self.member {
                    "retry" => json!(MILLISECONDS),
                    _ => json!(self.ordinary),
                },
                values: self.values(line_break),
                with: format!("{said} and {}; with {said} last, and thrice", self.what),
                severity: self.severity,
                requirements: self.requirements,
            })
    }
}

/// A row of one value.
fn one(
    name: &'static str,
    [member, called]: [&'static str; 2],
    [ordinary, value]: [Value; 2],
    with: &'static str,
    severity: Severity,
    requirements: &'static [&'static str],
) -> Injection {
    Injection {
        name,
        member,
        called,
        ordinary,
        values: vec![value],
        with: with.into(),
        severity,
        requirements,
    }
}

/// The table.
pub(super) fn rows() -> Vec<Injection> {
    use Severity::{Critical, Major};
    let text = |(name, value, with): (&'static str, &str, &'static str)| {
        let values = [json!("x"), json!(value)];
        one(name, ["data"; 2], values, with, Critical, DATA)
    };
    let retry = |name, value, with| {
        let member = ["retry", "reconnection time"];
        one(
            name,
            member,
            [json!(MILLISECONDS), value],
            with,
            Major,
            RETRY,
        )
    };
    let mut rows: Vec<Injection> = TEXTS.into_iter().map(text).collect();
    rows.extend(LINES.iter().flat_map(Line::injections));
    rows.extend([
        one(
            "event-name-double",
            ["event", "event name"],
            [json!("x"), json!("x\ndata: pushspec-forged\n\n")],
            "line breaks and a forged event",
            Critical,
            NAME,
        ),
        one(
            "id-nul",
            ["id"; 2],
            [json!("7"), json!("7\0pushspec")],
            "NUL",
            Critical,
            ID,
        ),
        retry("retry-negative", json!(-1), "a negative number"),
        retry("retry-float", json!(1.5), "a fraction"),
    ]);
    rows
}
