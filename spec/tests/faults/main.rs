//! Each rule of the data formats, seen to reject: one small bad file per fault.
//!
//! Every fault is one edit of the same good requirement, so that a file has one thing wrong with it.
//! The edits are the table in `edits.rs`; here are the good file, the tests over the table, and the faults
//! that one edited line cannot show.

mod ambiguities;
mod edits;

use std::collections::BTreeSet;

use pushspec_spec::{Basis, Catalogue, Document, SpecError};

const FILE: &str = "rfc6455.toml";
const ID: &str = "rfc6455/5.1/server-must-not-mask";

const GOOD: &str = r##"
[[requirement]]
id = "rfc6455/5.1/server-must-not-mask"
document = "RFC 6455"
section = "5.1"
level = "MUST NOT"
role = "server"
basis = "explicit"
reaction = "derived"
link = "https://www.rfc-editor.org/rfc/rfc6455#section-5.1"
summary = "Server frames are never masked."
observable = "yes"
observability = "mask bit"
stimulus = "any traffic"
expectation = "no mask bit passes"
needs = ["open", "tls"]
client_observable = "same"
errata = "none that matter"
verified = "text"
"##;

/// The good file with the line of `key` replaced; an empty `line` deletes it.
fn edited(key: &str, line: &str) -> String {
    let start = format!("{key} = ");
    assert_eq!(
        GOOD.lines().filter(|l| l.starts_with(&start)).count(),
        1,
        "{key} is in the good file once"
    );
    GOOD.lines()
        .map(|l| if l.starts_with(&start) { line } else { l })
        .collect::<Vec<_>>()
        .join("\n")
}

fn fault(file: &str, text: &str) -> SpecError {
    match Catalogue::parse(&[(file, text)]) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error,
    }
}

fn file() -> String {
    FILE.into()
}

fn id() -> String {
    ID.into()
}

/// Faults that one edited line cannot show.
fn other_faults() -> Vec<SpecError> {
    vec![
        fault(FILE, ""),
        fault(FILE, "[[requirement]\n"),
        fault("rfc7692.toml", GOOD),
        fault(FILE, &format!("{GOOD}{GOOD}")),
    ]
}

/// The name of a variant. No wildcard: a new variant must be named here, and then triggered.
fn variant(error: &SpecError) -> &'static str {
    match error {
        SpecError::Syntax { .. } => "Syntax",
        SpecError::NoRequirements { .. } => "NoRequirements",
        SpecError::MissingField { .. } => "MissingField",
        SpecError::EmptyField { .. } => "EmptyField",
        SpecError::UntidyField { .. } => "UntidyField",
        SpecError::BadId { .. } => "BadId",
        SpecError::DuplicateId { .. } => "DuplicateId",
        SpecError::UnknownWord { .. } => "UnknownWord",
        SpecError::UnknownDocument { .. } => "UnknownDocument",
        SpecError::WrongPrefix { .. } => "WrongPrefix",
        SpecError::WrongFile { .. } => "WrongFile",
        SpecError::WrongSection { .. } => "WrongSection",
        SpecError::BadLink { .. } => "BadLink",
        SpecError::ForeignLink { .. } => "ForeignLink",
        SpecError::WrongLinkSection { .. } => "WrongLinkSection",
        SpecError::RedundantReaction { .. } => "RedundantReaction",
        SpecError::RepeatedNeed { .. } => "RepeatedNeed",
        SpecError::BadAmbiguityId { .. } => "BadAmbiguityId",
        SpecError::UnknownRequirement { .. } => "UnknownRequirement",
        SpecError::UntoldErratum { .. } => "UntoldErratum",
    }
}

#[test]
fn the_good_file_is_accepted() {
    let catalogue = Catalogue::parse(&[(FILE, GOOD)]).unwrap();
    assert_eq!(catalogue.len(), 1);
    let requirement = catalogue.get(ID).unwrap();
    assert_eq!(requirement.reaction, Some(Basis::Derived));
    assert_eq!(requirement.observability.as_deref(), Some("mask bit"));
}

#[test]
fn optional_keys_may_be_left_out() {
    for key in [
        "reaction",
        "observability",
        "stimulus",
        "expectation",
        "needs",
        "client_observable",
        "errata",
    ] {
        assert!(
            Catalogue::parse(&[(FILE, &edited(key, ""))]).is_ok(),
            "{key}"
        );
    }
}

#[test]
fn every_edit_is_refused_for_its_own_reason() {
    for (key, line, expected) in edits::single_edits() {
        assert_eq!(fault(FILE, &edited(key, line)), expected, "{key}: {line}");
    }
}

#[test]
fn every_variant_is_triggered() {
    let seen: BTreeSet<_> = edits::single_edits()
        .iter()
        .map(|(_, _, e)| e.clone())
        .chain(other_faults())
        .chain(ambiguities::edits().into_iter().map(|(_, _, e)| e))
        .map(|e| variant(&e))
        .collect();
    assert_eq!(seen.len(), 20, "{seen:?}");
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_with_their_line() {
    let rows = [
        (
            edited("summary", "summry = \"x\""),
            "unknown field `summry`",
        ),
        (
            edited("summary", "summary = 1"),
            "invalid type: integer `1`",
        ),
        (edited("needs", "needs = \"open\""), "expected a sequence"),
        (format!("title = \"x\"\n{GOOD}"), "unknown field `title`"),
        (
            edited("level", "level = \"MUST\"\nlevel = \"MAY\""),
            "duplicate key",
        ),
    ];
    for (text, expected) in rows {
        let SpecError::Syntax { file, message } = fault(FILE, &text) else {
            panic!("{text}")
        };
        assert_eq!(file, FILE);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("line "), "{message}");
    }
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(
        fault(FILE, "# nothing\n"),
        SpecError::NoRequirements { file: file() }
    );
}

#[test]
fn a_requirement_stands_in_the_file_of_its_document() {
    assert_eq!(
        fault("rfc7692.toml", GOOD),
        SpecError::WrongFile {
            file: "rfc7692.toml".into(),
            id: id(),
            document: Document::Rfc6455
        }
    );
}

#[test]
fn an_id_is_used_once_in_a_file_and_across_files() {
    let expected = SpecError::DuplicateId {
        file: file(),
        id: id(),
        first: file(),
    };
    assert_eq!(fault(FILE, &format!("{GOOD}{GOOD}")), expected);
    assert_eq!(
        Catalogue::parse(&[(FILE, GOOD), (FILE, GOOD)]).unwrap_err(),
        expected
    );
}

#[test]
fn an_unwritten_duty_may_cite_any_known_document_only() {
    let unwritten = GOOD
        .replace("/5.1/", "/x/")
        .replace("rfc6455#section-5.1", "rfc7692#section-8");
    assert!(Catalogue::parse(&[(FILE, &unwritten)]).is_ok());
    let elsewhere = unwritten.replace("www.rfc-editor.org", "example.com");
    assert!(matches!(
        fault(FILE, &elsewhere),
        SpecError::ForeignLink { .. }
    ));
}

#[test]
fn messages_say_file_id_fault_and_remedy() {
    for error in edits::single_edits()
        .into_iter()
        .map(|(_, _, e)| e)
        .chain(other_faults())
        .chain(ambiguities::edits().into_iter().map(|(_, _, e)| e))
    {
        let message = error.to_string();
        assert!(message.contains(".toml: "), "{message}");
        assert!(message.contains("; "), "no remedy: {message}");
    }
    assert_eq!(
        fault(FILE, &edited("level", "level = \"must\"")).to_string(),
        "rfc6455.toml: rfc6455/5.1/server-must-not-mask: level is \"must\"; \
         write one of: MUST, MUST NOT, SHOULD, SHOULD NOT, MAY"
    );
    assert_eq!(
        fault(FILE, &edited("section", "section = \"5.2\"")).to_string(),
        "rfc6455.toml: rfc6455/5.1/server-must-not-mask: section is \"5.2\", \
         but the id names another; make them agree"
    );
}
