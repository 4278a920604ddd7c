//! Scripts in files: `{"replay": 1, "case": "sse/prop/plain", "script": [...]}`, which `pushspec check URL --script URL
//! --replay FILE` plays again. What would prove nothing under its case is refused, and what the endpoint would be blamed for
//! although the file is wrong.

use super::Kind;
use super::draft::MEMBERS;
use super::verdict::Odd;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the form.
const VERSION: u32 = 1;

/// Milliseconds that all pauses of a script may take: with longer ones a stream would be taken for silent.
const PAUSES: u64 = 100;

/// A script, saved.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    replay: u32,
    case: String,
    script: Value,
}

/// In the form of a file.
pub(super) fn save(kind: Kind, script: Value) -> Value {
    let saved = Saved {
        replay: VERSION,
        case: kind.id().into(),
        script,
    };
    serde_json::to_value(saved).expect("text and numbers")
}

/// What was saved, and the property that it is of.
///
/// # Errors
/// What is wrong with the text, and where.
pub(super) fn load(text: &str) -> Result<(Kind, Value), String> {
    let saved: Saved = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if saved.replay != VERSION {
        return Err(format!(
            "this is a replay file of version {}, and only {VERSION} is known",
            saved.replay
        ));
    }
    let kind = [Kind::Plain, Kind::Hostile]
        .into_iter()
        .find(|kind| kind.id() == saved.case)
        .ok_or_else(|| format!("`{}` is no case with scripts of its own", saved.case))?;
    let steps = saved
        .script
        .as_array()
        .ok_or("`script` is a list of steps")?;
    check(kind, steps)?;
    Ok((kind, saved.script))
}

/// A step, read.
enum Step {
    /// Something is written.
    Message,
    /// Nothing is, for so many milliseconds.
    Pause(u64),
}

/// Whether a script is one of this property's: played as another's it would prove nothing.
fn check(kind: Kind, script: &[Value]) -> Result<(), String> {
    let (mut writes, mut is_hostile, mut pauses) = (false, false, 0_u64);
    for (index, step) in script.iter().enumerate() {
        let wrong = |wrong: String| format!("step {}: {wrong}", index + 1);
        match read(step).map_err(wrong)? {
            Step::Message => writes = true,
            Step::Pause(pause) => pauses = pauses.saturating_add(pause),
        }
        if kind == Kind::Plain && Odd::of(step) != Odd::Nothing {
            return Err(wrong(format!(
                "no line can carry its `{}` as it is, and all can be written in {}: name {} as `case`",
                Odd::of(step).member(),
                kind.id(),
                Kind::Hostile.id()
            )));
        }
        let mut values = MEMBERS
            .iter()
            .filter_map(|member| step.get(member)?.as_str());
        is_hostile |= values.any(|value| value.contains(['\r', '\n', '\0']));
    }
    if !writes {
        return Err("the script writes nothing, and proves nothing: let it hold a message".into());
    }
    if pauses > PAUSES {
        return Err(format!(
            "its pauses take {pauses} ms together, and silence is blamed on the endpoint: {PAUSES} at most"
        ));
    }
    if kind == Kind::Hostile && !is_hostile {
        return Err(format!(
            "no value holds a line break or NUL, and one does in {}: name {} as `case`",
            kind.id(),
            Kind::Plain.id()
        ));
    }
    Ok(())
}

/// Reads a step that the properties know: all else of the contract is judged by other cases.
fn read(step: &Value) -> Result<Step, String> {
    let known = format!(
        "a step is a message of {}, or a `sleep` of milliseconds",
        MEMBERS.map(|member| format!("`{member}`")).join(", ")
    );
    let members = step
        .as_object()
        .filter(|members| !members.is_empty())
        .ok_or_else(|| format!("it holds nothing: {known}"))?;
    if let (Some(pause), 1) = (members.get("sleep"), members.len()) {
        let pause = pause.as_u64().ok_or("`sleep` is a whole number")?;
        return Ok(Step::Pause(pause));
    }
    for (name, value) in members {
        if !MEMBERS.contains(&name.as_str()) {
            return Err(format!("`{name}` has no place here: {known}"));
        }
        if !value.is_string() {
            return Err(format!("`{name}` is not text"));
        }
    }
    Ok(Step::Message)
}

#[cfg(test)]
mod tests {
    use super::super::draft;
    use super::*;
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    use serde_json::json;

    fn loaded(case: &str, script: &Value) -> Result<(Kind, Value), String> {
        load(&json!({"replay": 1, "case": case, "script": script}).to_string())
    }

    #[test]
    fn what_proves_nothing_is_refused() {
        let rows = [
            ("sse/prop/plain", json!({}), "is a list of steps"),
            ("sse/prop/plain", json!([]), "writes nothing"),
            ("sse/prop/plain", json!([{"sleep": 10}]), "writes nothing"),
            ("sse/prop/hostile", json!([]), "writes nothing"),
            (
                "sse/prop/plain",
                json!([{"data": "a"}, {"end": "reset"}]),
                "step 2: `end` has no place here",
            ),
            (
                "sse/prop/plain",
                json!([{"dat": "a"}]),
                "step 1: `dat` has no place here: a step is a message of `data`, `event`, `id`, `comment`",
            ),
            ("sse/prop/plain", json!([{}]), "step 1: it holds nothing"),
            ("sse/prop/plain", json!(["a"]), "step 1: it holds nothing"),
            (
                "sse/prop/plain",
                json!([{"data": 7}]),
                "step 1: `data` is not text",
            ),
            (
                "sse/prop/plain",
                json!([{"data": "a"}, {"sleep": "1"}]),
                "step 2: `sleep` is a whole number",
            ),
            (
                "sse/prop/plain",
                json!([{"sleep": 60}, {"data": "a"}, {"sleep": 41}]),
                "take 101 ms together",
            ),
            (
                "sse/prop/plain",
                json!([{"id": "a\nb", "data": "c"}]),
                "step 1: no line can carry its `id` as it is",
            ),
            (
                "sse/prop/hostile",
                json!([{"data": "a"}]),
                "no value holds a line break or NUL",
            ),
            (
                "sse/prop/other",
                json!([{"data": "a"}]),
                "is no case with scripts",
            ),
        ];
        for (case, script, expected) in rows {
            let error = loaded(case, &script).expect_err("wrong");
            assert!(error.contains(expected), "{script}: {error}");
        }
    }

    /// Everything that a run may save, from what it makes to what it shrinks that to.
    fn every<S: Strategy<Value = Value>>(kind: Kind, strategy: &S) {
        let mut runner = TestRunner::deterministic();
        for number in 0..512 {
            let mut tree = strategy.new_tree(&mut runner).expect("a script");
            loop {
                let script = tree.current();
                let saved = save(kind, script.clone()).to_string();
                assert_eq!(load(&saved), Ok((kind, script)));
                let more = match number % 2 {
                    0 => tree.simplify(),
                    _ => tree.simplify() && tree.complicate(),
                };
                if !more {
                    break;
                }
            }
        }
    }

    #[test]
    fn what_is_generated_is_accepted() {
        every(Kind::Plain, &draft::plain(super::super::STEPS));
        every(Kind::Hostile, &draft::hostile(super::super::STEPS_AROUND));
    }
}
