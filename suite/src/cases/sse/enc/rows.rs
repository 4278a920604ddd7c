//! The table: what is asked for.

use pushspec_reports::{Severity, Verdict};
use serde_json::{Value, json};

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Looks {
    /// Types and data, in order.
    Events,
    /// The same, and last event IDs.
    Ids,
    /// The same, the last reconnection time, and a comment.
    Everything {
        retry: &'static str,
        comment: &'static str,
    },
    /// Types and data, and reconnection times.
    Retries(&'static [&'static str]),
    /// Types and data, and comments.
    Comments(&'static [&'static str]),
}

/// A row of the table.
pub(super) struct Fidelity {
    /// The last segment of the id.
    pub(super) name: &'static str,
    pub(super) severity: Severity,
    pub(super) requirements: &'static [&'static str],
    pub(super) title: String,
    pub(super) expected: &'static str,
    pub(super) script: Value,
    pub(super) looks: Looks,
    /// Whether an endpoint may refuse it, with nothing worse than a note.
    pub(super) odd: bool,
    /// What it means that something is missing altogether.
    pub(super) loss: Verdict,
    /// What it is, as a noun.
    pub(super) what: &'static str,
}

const APPENDS: &[&str] = &["sse/9.2.6/data-appends", "sse/9.2.6/default-type-message"];
const NAMED: &[&str] = &["sse/9.2.6/event-sets-type", "sse/9.2.6/type-reset"];
const ID: &[&str] = &["sse/9.2.6/id-sets", "sse/9.2.6/id-buffer-persists"];
const ID_EMPTY: &[&str] = &["sse/9.2.6/id-empty-resets"];
const RETRY: &[&str] = &["sse/9.2.6/retry-digits"];
const FORM: &[&str] = &["sse/9.2.5/field-form"];
const LINES: &[&str] = &["sse/9.2.5/value-single-line", "sse/9.2.6/data-appends"];
const EDGES: &[&str] = &[
    "sse/9.2.5/value-single-line",
    "sse/9.2.6/trailing-lf-removed",
];
const SPACED_NAME: &[&str] = &["sse/9.2.5/space-preserved", "sse/9.2.6/event-sets-type"];
const SPACED_ID: &[&str] = &["sse/9.2.5/space-preserved", "sse/9.2.6/id-sets"];
const SPACE: &[&str] = &["sse/9.2.5/space-preserved", "sse/9.2.6/one-space-removed"];
const COLON: &[&str] = &["sse/9.2.6/first-colon-splits"];
const EMPTY: &[&str] = &["sse/9.2.6/empty-data-no-event", "sse/9.2.6/no-colon-line"];
const UNICODE: &[&str] = &["sse/9.2.5/utf8", "sse/9.2.5/line-separators"];
const NO_LINE_END: &[&str] = &["sse/9.2.5/line-separators", "sse/9.2.5/utf8"];
const GRAMMAR: &[&str] = &["sse/9.2.5/grammar"];
const UTF8: &[&str] = &["sse/9.2.5/utf8"];
const INJECTION: &[&str] = &["sse/9.2.5/no-injection-data"];
const COMMENT: &[&str] = &["sse/9.2.5/comment-form"];

/// Data of one event.
struct Text {
    name: &'static str,
    severity: Severity,
    requirements: &'static [&'static str],
    /// What is in the data, for the title.
    with: &'static str,
    /// One event each.
    texts: &'static [&'static str],
}

const fn text(
    name: &'static str,
    severity: Severity,
    requirements: &'static [&'static str],
    with: &'static str,
    texts: &'static [&'static str],
) -> Text {
    Text {
        name,
        severity,
        requirements,
        with,
        texts,
    }
}

use Severity::{Critical, Major, Minor};

/// Each text is sent as the data of one event, with an ordinary event behind the last.
const TEXTS: [Text; 28] = [
    text(
        "simple",
        Major,
        APPENDS,
        "plain text, and what some languages take for nothing, a number or JSON",
        &[
            "Hello, world",
            "0",
            "007",
            "null",
            "false",
            "{\"b\": 1.0, \"a\": [ ]}",
        ],
    ),
    text(
        "multiline-lf",
        Critical,
        LINES,
        "LF between lines",
        &["one\ntwo\nthree"],
    ),
    text(
        "multiline-crlf",
        Critical,
        LINES,
        "CRLF between lines",
        &["one\r\ntwo\r\nthree"],
    ),
    text(
        "multiline-cr",
        Critical,
        LINES,
        "CR between lines",
        &["one\rtwo\rthree"],
    ),
    text(
        "multiline-mixed",
        Critical,
        LINES,
        "all three line breaks",
        &["one\ntwo\r\nthree\rfour"],
    ),
    text(
        "breaks-at-edges-leading",
        Major,
        EDGES,
        "a line break first",
        &["\nx"],
    ),
    text(
        "breaks-at-edges-trailing",
        Major,
        EDGES,
        "a line break last",
        &["x\n"],
    ),
    text(
        "breaks-at-edges-only",
        Major,
        EDGES,
        "a line break and nothing else",
        &["\n"],
    ),
    text(
        "breaks-at-edges-double",
        Major,
        EDGES,
        "two line breaks in a row",
        &["x\n\ny"],
    ),
    text(
        "leading-space-0",
        Major,
        SPACE,
        "no blank in front",
        &["x y "],
    ),
    text(
        "leading-space-1",
        Major,
        SPACE,
        "one space in front, and nothing but one",
        &[" x", " "],
    ),
    text(
        "leading-space-2",
        Major,
        SPACE,
        "two spaces in front",
        &["  x"],
    ),
    text(
        "leading-space-tab",
        Major,
        SPACE,
        "a tab in front",
        &["\tx"],
    ),
    text(
        "colons",
        Major,
        COLON,
        "colons at the front and elsewhere",
        &[":a::b: c:"],
    ),
    text(
        "unicode-2-byte",
        Major,
        UNICODE,
        "characters of two bytes",
        &["Grüße, Ёлка", "no\u{a0}break, soft\u{ad}hyphen"],
    ),
    text(
        "unicode-3-byte",
        Major,
        UNICODE,
        "characters of three bytes",
        &[
            "10 €, 日本語",
            "zero\u{200b}width\u{200d}, right\u{200f}to left\u{202e}",
        ],
    ),
    text(
        "unicode-4-byte",
        Major,
        UNICODE,
        "characters beyond the BMP",
        &["😀 and 𝄞"],
    ),
    text(
        "unicode-bom-inside",
        Major,
        UNICODE,
        "U+FEFF in the middle",
        &["a\u{feff}b"],
    ),
    text(
        "unicode-non-characters",
        Major,
        UNICODE,
        "non-characters",
        &["a\u{fffe}b\u{1ffff}c"],
    ),
    text(
        "unicode-u2028",
        Major,
        NO_LINE_END,
        "U+2028, which ends no line here",
        &["a\u{2028}b"],
    ),
    text(
        "unicode-u0085",
        Major,
        NO_LINE_END,
        "U+0085, which ends no line here",
        &["a\u{85}b"],
    ),
    text(
        "unicode-decomposed",
        Major,
        UNICODE,
        "letters whose marks are characters of their own",
        &["e\u{301} A\u{30a} u\u{308}"],
    ),
    text(
        "markup",
        Major,
        APPENDS,
        "what templates escape",
        &["<b>fish & chips</b> &amp; 'salt' > \"vinegar\""],
    ),
    text(
        "percent-formats",
        Major,
        APPENDS,
        "what formats replace",
        &["100 %, 100%% %s %d %n {} {0} ${x} $x $1 $& $$"],
    ),
    text(
        "percent-escapes",
        Major,
        APPENDS,
        "what decoders of URLs replace",
        &["1+1 %41%20%C3%A9 %0A %2B"],
    ),
    text(
        "backslashes",
        Major,
        APPENDS,
        "backslashes",
        &[r"C:\new\table \r \u0041 \x41 \\ \"],
    ),
    text(
        "quotes",
        Major,
        APPENDS,
        "quotes around it",
        &["\"it's so\""],
    ),
    text(
        "field-like-text",
        Critical,
        INJECTION,
        "lines that look like fields",
        &["first\nid: 7\nevent: x\n: c\nretry: 1\n# d\ndata: y"],
    ),
];

/// The event behind each text: it shows that nothing of the text reached beyond its event.
const BEHIND: &str = "behind it";

/// Ten letters of a name or an id that is to be long.
const LONG: &str = "0123456789";

/// Sizes of large data, and their names.
const LARGE: [(&str, u64); 3] = [
    ("large-64k", 64 * 1024),
    ("large-1m", 1024 * 1024),
    ("large-16m", 16 * 1024 * 1024),
];

impl Fidelity {
    fn new(
        name: &'static str,
        severity: Severity,
        requirements: &'static [&'static str],
        title: impl Into<String>,
        script: Value,
        looks: Looks,
    ) -> Self {
        Self {
            name,
            severity,
            requirements,
            title: title.into(),
            expected: "a client reads what the application wrote",
            script,
            looks,
            odd: false,
            loss: Verdict::Fail,
            what: "the event",
        }
    }

    /// What an endpoint may refuse.
    fn odd(mut self) -> Self {
        self.odd = true;
        self
    }

    /// What merely warns where it is left out.
    fn slight(mut self, what: &'static str, expected: &'static str) -> Self {
        (self.loss, self.what, self.expected) = (Verdict::Warn, what, expected);
        self
    }
}

/// The table.
pub(super) fn rows() -> Vec<Fidelity> {
    let texts = TEXTS.iter().map(|row| {
        let texts = row.texts.iter().chain([&BEHIND]);
        let script = texts.map(|text| json!({"data": text})).collect();
        let title = format!("data with {}", row.with);
        let looks = Looks::Events;
        let fidelity = Fidelity::new(
            row.name,
            row.severity,
            row.requirements,
            title,
            script,
            looks,
        );
        match row.texts.iter().any(|text| text.contains('\r')) {
            true => Fidelity {
                expected: "a client reads what the application wrote, each line break as LF",
                ..fidelity.odd()
            },
            false => fidelity,
        }
    });
    texts.chain(others()).chain(large()).collect()
}

fn others() -> Vec<Fidelity> {
    let fields = json!([{
        "comment": "all at once", "event": "update", "id": "event-1", "retry": 2500, "data": "x\ny",
    }, {"data": BEHIND}]);
    vec![
        Fidelity::new(
            "named",
            Major,
            NAMED,
            "events with names, `0` and a very long one among them, and one without",
            json!([
                {"event": "add", "data": "named"}, {"event": "0", "data": "named 0"},
                {"event": "null", "data": "named null"}, {"event": LONG.repeat(30), "data": "long"}, {"data": "unnamed"},
            ]),
            Looks::Events,
        ),
        Fidelity::new(
            "id",
            Major,
            ID,
            "ids: one, the same still, another, `0`, `null`, a very long one",
            json!([
                {"id": "first", "data": "1"}, {"data": "2"}, {"id": "72-abc", "data": "3"}, {"id": "0", "data": "4"},
                {"id": "null", "data": "5"}, {"id": LONG.repeat(30), "data": "6"},
            ]),
            Looks::Ids,
        ),
        Fidelity::new(
            "id-empty",
            Minor,
            ID_EMPTY,
            "an empty id behind another",
            json!([{"id": "first", "data": "1"}, {"id": "", "data": "2"}]),
            Looks::Ids,
        )
        .slight(
            "the empty id",
            "an id line without a value, which resets the last event ID",
        ),
        Fidelity::new(
            "name-case",
            Major,
            NAMED,
            "event names that differ in their letters' case alone",
            json!([{"event": "userAdded", "data": "1"}, {"event": "useradded", "data": "2"}, {"event": "USERADDED", "data": "3"}]),
            Looks::Events,
        ),
        Fidelity::new(
            "name-blanks",
            Minor,
            SPACED_NAME,
            "an event name with blanks at both ends and inside",
            json!([{"event": " user  added ", "data": "1"}, {"data": BEHIND}]),
            Looks::Events,
        ),
        Fidelity::new(
            "id-case",
            Major,
            ID,
            "ids that differ in their letters' case alone",
            json!([{"id": "aBcD", "data": "1"}, {"id": "abcd", "data": "2"}, {"id": "ABCD", "data": "3"}]),
            Looks::Ids,
        ),
        Fidelity::new(
            "id-blanks",
            Minor,
            SPACED_ID,
            "an id with blanks at both ends and inside",
            json!([{"id": " a  b ", "data": "1"}, {"data": BEHIND}]),
            Looks::Ids,
        ),
        Fidelity::new(
            "id-digits",
            Major,
            ID,
            "ids of digits that no number keeps: leading zeros, and more than 53 bits",
            json!([
                {"id": "007", "data": "1"}, {"id": "9007199254740993", "data": "2"},
                {"id": "340282366920938463463374607431768211457", "data": "3"},
            ]),
            Looks::Ids,
        ),
        Fidelity::new(
            "retry",
            Minor,
            RETRY,
            "reconnection times from nothing to a day",
            json!([
                {"retry": 0, "data": "1"}, {"retry": 1, "data": "2"},
                {"retry": 3000, "data": "3"}, {"retry": 86_400_000, "data": "4"},
            ]),
            Looks::Retries(&["0", "1", "3000", "86400000"]),
        ),
        Fidelity::new(
            "all-fields",
            Major,
            FORM,
            "comment, event, id, retry and data in one event",
            fields,
            Looks::Everything {
                retry: "2500",
                comment: "all at once",
            },
        ),
        Fidelity::new(
            "empty-data",
            Minor,
            EMPTY,
            "an event whose data is empty",
            json!([{"event": "empty", "data": ""}, {"data": BEHIND}]),
            Looks::Events,
        )
        .slight(
            "the empty data",
            "a data line without a value: without one no client dispatches the event",
        ),
        Fidelity::new(
            "control-chars",
            Minor,
            GRAMMAR,
            "data with NUL, VT, FF, ESC, separators and DEL",
            json!([{"data": "a\u{0}b\u{b}c\u{c}d\u{1b}e\u{1c}f\u{1e}g\u{7f}h"}, {"data": BEHIND}]),
            Looks::Events,
        )
        .odd(),
        Fidelity::new(
            "write-boundaries",
            Major,
            UTF8,
            "characters of three bytes across the ends of common buffers",
            // As data, not as a fill: 4200 bytes, so that some character lies across byte 4096, whatever stands before.
            json!([{"data": "€".repeat(1400), "repeat": 40}]),
            Looks::Events,
        ),
        Fidelity::new(
            "comment",
            Minor,
            COMMENT,
            "a comment between two events",
            json!([{"data": "1"}, {"comment": "between"}, {"data": "2"}]),
            Looks::Comments(&["between"]),
        )
        .slight(
            "the comment",
            "a line that begins with a colon, and no event",
        ),
        Fidelity::new(
            "order-and-count",
            Major,
            GRAMMAR,
            "10 000 events as fast as they can be written",
            (0..20)
                .map(
                    |number| json!({"data": format!("five hundred times {number}"), "repeat": 500}),
                )
                .collect(),
            Looks::Events,
        ),
    ]
}

fn large() -> Vec<Fidelity> {
    let row = |(name, bytes): (&'static str, u64)| {
        let title = format!("data of {} kB on one line", bytes / 1024);
        let script = json!([{"fill": bytes}, {"data": BEHIND}]);
        Fidelity::new(name, Minor, GRAMMAR, title, script, Looks::Events)
    };
    LARGE.into_iter().map(row).collect()
}
