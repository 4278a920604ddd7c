//! The published JSON Schema of a report: it says what the model says, and reports obey it.
//!
//! `PUSHSPEC_UPDATE=1 cargo test -p pushspec-reports schema` writes it again; review sees the change.

use crate::sample::{full, judged};
use pushspec_reports::Report;
use pushspec_reports::render::{json, ndjson};
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report-1.json");

fn committed() -> Value {
    let text = std::fs::read_to_string(PATH).expect("the schema is committed");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_committed_schema_is_that_of_the_model() {
    let mut schema = schemars::schema_for!(Report);
    schema.insert("title".into(), "A report of pushspec, schema 1".into());
    let text = format!("{:#}\n", schema.as_value());
    if std::env::var_os("PUSHSPEC_UPDATE").is_some() {
        std::fs::write(PATH, &text).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(PATH).unwrap_or_default();
    assert_eq!(committed, text, "PUSHSPEC_UPDATE=1 writes it again");
}

#[test]
fn reports_obey_the_schema() {
    let schema = jsonschema::validator_for(&committed()).expect("a schema");
    for report in [full(), judged()] {
        let mut value: Value = serde_json::from_str(&json::write(&report)).expect("JSON");
        let errors: Vec<String> = schema
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        value["results"][0]["verdict"] = "splendid".into();
        assert!(!schema.is_valid(&value), "another verdict is none");
    }
}

#[test]
fn events_of_results_obey_the_schema_of_results() {
    let mut schema = committed();
    schema["$ref"] = "#/$defs/CaseResult".into();
    for key in ["type", "properties", "required"] {
        schema.as_object_mut().expect("an object").remove(key);
    }
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let mut results = 0;
    for line in ndjson::write(&full()).lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        if event["event"] == "result" {
            results += 1;
            assert!(schema.is_valid(&event), "{line}");
        }
    }
    assert_eq!(results, full().results.len());
}
