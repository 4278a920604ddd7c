//! Scripts, generated: messages of values that every event writer can write, and among them one with a value that no line
//! can carry.

use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// What is forged: nothing that an application would say.
pub(super) const CANARY: &str = "pushspec-forged";

/// A reconnection time that is forged: none that a server states of its own accord.
pub(super) const FORGED_RETRY: &str = "42424242";

/// Pieces of data. The first are the simplest: shrinking goes there.
const TEXT: [&str; 33] = [
    "a",
    "b",
    "\n",
    " ",
    ":",
    "\t",
    "\n ",
    "\n\n",
    ": ",
    "data: x",
    "\nid: 7",
    "\nevent: x",
    "\n: c",
    "\nretry: 1",
    "é",
    "水",
    "\u{1f600}",
    "\u{2028}",
    "\u{85}",
    "\u{feff}",
    "{\"a\": [1]}",
    "&",
    "<b>",
    "&amp;",
    "%s",
    "%%",
    "%41",
    "+",
    "\\n",
    "\\",
    "\"",
    "e\u{301}",
    "A",
];

/// Pieces of event names and ids: no blank, which some clients trim.
const WORD: [&str; 10] = ["a", "b", "7", "-", "_", "é", "水", "data", ":", "id"];

/// The same where nothing but fidelity is looked at: what templates, formats and parsers of numbers change.
const NAME: [&str; 17] = [
    "a", "b", "7", "-", "_", "é", "水", "data", ":", "id", "B", "a b", "&", "%s", "+", "\\n", "\"",
];

/// What ends a line, and NUL, which nothing but an id minds.
const BREAKS: [&str; 6] = ["\n", "\r", "\r\n", "\n\n", "\r\r", "\0"];

/// The members of a message that can hold text.
pub(super) const MEMBERS: [&str; 4] = ["data", "event", "id", "comment"];

fn text() -> impl Strategy<Value = String, Tree: Send> + Clone {
    prop_oneof![
        8 => vec(select(&TEXT[..]), 1..8).prop_map(|pieces| pieces.concat()),
        // Around the sizes of lines and of small buffers.
        1 => (1..300_usize).prop_map(|length| "x".repeat(length)),
    ]
}

fn word() -> impl Strategy<Value = String, Tree: Send> + Clone {
    vec(select(&WORD[..]), 1..5).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String, Tree: Send> + Clone {
    prop_oneof![
        4 => vec(select(&NAME[..]), 1..5).prop_map(|pieces| pieces.concat()),
        // Digits that are no number.
        1 => (0..1000_u32).prop_map(|number| format!("{number:04}")),
    ]
}

/// An event with such data, and perhaps with such a name, id or comment.
fn message(
    data: impl Strategy<Value = String, Tree: Send> + Clone + Send + Sync,
    word: impl Strategy<Value = String, Tree: Send> + Clone + Send + Sync,
) -> impl Strategy<Value = Value, Tree: Send> + Clone {
    let rest = (of(word.clone()), of(word.clone()), weighted(0.2, word));
    (rest, data).prop_map(|((event, id, comment), data)| {
        let mut message = Map::new();
        let members = [("event", event), ("id", id), ("comment", comment)];
        for (name, value) in members {
            if let Some(value) = value {
                message.insert(name.into(), value.into());
            }
        }
        message.insert("data".into(), data.into());
        Value::Object(message)
    })
}

fn step(
    data: impl Strategy<Value = String, Tree: Send> + Clone + Send + Sync,
    word: impl Strategy<Value = String, Tree: Send> + Clone + Send + Sync,
) -> impl Strategy<Value = Value, Tree: Send> + Clone {
    prop_oneof![
        8 => message(data, word.clone()),
        1 => word.prop_map(|comment| json!({ "comment": comment })),
        1 => (0..4_u64).prop_map(|pause| json!({ "sleep": pause })),
    ]
}

/// A script of up to so many steps, in which there is nothing that could not be written, and something that could.
pub(super) fn plain(steps: usize) -> impl Strategy<Value = Value, Tree: Send> {
    let writes = |step: &Value| step.get("sleep").is_none();
    vec(step(text(), name()), 1..=steps)
        .prop_filter("pauses alone", move |steps| steps.iter().any(writes))
        .prop_map(Value::Array)
}

/// A script in which one value holds a line break or NUL, and behind it what could be read as a field. An ordinary event
/// behind all shows how far it reached. All else is plain words: what else a writer does wrong is for plain scripts.
pub(super) fn hostile(steps: usize) -> impl Strategy<Value = Value, Tree: Send> {
    let forged = select(vec![
        format!("id: {CANARY}"),
        format!("data: {CANARY}"),
        format!("event: {CANARY}"),
        format!("retry: {FORGED_RETRY}"),
        "x".to_owned(),
    ]);
    let value = (forged, select(&BREAKS[..]), of(word()));
    let poisoned = (value, select(&MEMBERS[..]), message(word(), word())).prop_map(
        |((forged, broken, word), member, mut message)| {
            message[member] = format!("{}{broken}{forged}", word.unwrap_or_default()).into();
            message
        },
    );
    let around = || vec(step(word(), word()), 0..=steps);
    (around(), around(), poisoned).prop_map(|(mut script, behind, poisoned)| {
        script.push(poisoned);
        script.extend(behind);
        script.push(json!({ "data": "behind it" }));
        Value::Array(script)
    })
}
