//! Each rule of the ambiguity register, seen to reject: edits of one good entry.

use pushspec_spec::{Leave, Register, SpecError, catalogue};

const FILE: &str = "ambiguities.toml";
const ID: &str = "ambiguity/two-fields";

const GOOD: &str = r##"
[[ambiguity]]
id = "ambiguity/two-fields"
question = "One field, or several?"
reading = "Either."
errata = [3433]
requirements = ["rfc6455/11.3.2/extensions-once-in-response"]
outcomes = [{ leave = "permitted", what = "one field", clause = "rfc6455/9.1/split-equivalent" }]
"##;

/// What is replaced by what, and the error that must follow.
pub(crate) fn edits() -> Vec<(&'static str, &'static str, SpecError)> {
    let (file, id) = (|| FILE.to_owned(), || ID.to_owned());
    let unknown = |requirement: &str| SpecError::UnknownRequirement {
        file: file(),
        id: id(),
        requirement: requirement.into(),
    };
    let bad_id = |id: &str| SpecError::BadAmbiguityId {
        file: file(),
        id: id.into(),
    };
    let missing = |field| SpecError::MissingField {
        file: file(),
        id: id(),
        field,
    };
    vec![
        ("ambiguity/two", "two", bad_id("two-fields")),
        (
            "ambiguity/two",
            "ambiguity/Two",
            bad_id("ambiguity/Two-fields"),
        ),
        ("ambiguity/two", "ambiguity/", bad_id("ambiguity/-fields")),
        (
            "question = \"One field, or several?\"",
            "",
            missing("question"),
        ),
        ("reading = \"Either.\"", "", missing("reading")),
        (
            "\"Either.\"",
            "\" \"",
            SpecError::EmptyField {
                file: file(),
                id: id(),
                field: "reading",
            },
        ),
        (
            "\"Either.\"",
            "\"Either. \"",
            SpecError::UntidyField {
                file: file(),
                id: id(),
                field: "reading",
            },
        ),
        (
            "\"rfc6455/11.3.2/extensions-once-in-response\"",
            "",
            missing("requirements"),
        ),
        (
            "in-response",
            "in-respons",
            unknown("rfc6455/11.3.2/extensions-once-in-respons"),
        ),
        (
            "9.1/split",
            "9.2/split",
            unknown("rfc6455/9.2/split-equivalent"),
        ),
        ("leave = \"permitted\", ", "", missing("leave")),
        (
            "\"permitted\"",
            "\"allowed\"",
            SpecError::UnknownWord {
                file: file(),
                id: id(),
                field: "leave",
                word: "allowed".into(),
                known: &["permitted", "doubtful", "forbidden"],
            },
        ),
        (
            "3433",
            "343",
            SpecError::UntoldErratum {
                file: file(),
                id: id(),
                number: 343,
            },
        ),
    ]
}

pub(crate) fn fault(text: &str) -> SpecError {
    match Register::parse(text, catalogue()) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error,
    }
}

#[test]
fn the_good_entry_is_accepted() {
    let register = Register::parse(GOOD, catalogue()).unwrap();
    let found = register.get(ID).unwrap();
    assert_eq!(found.outcomes[0].leave, Leave::Permitted);
    assert!(register.get("ambiguity/other").is_none());
}

#[test]
fn every_edit_is_refused_for_its_own_reason() {
    for (old, new, expected) in edits() {
        assert_eq!(GOOD.matches(old).count(), 1, "{old}");
        assert_eq!(fault(&GOOD.replace(old, new)), expected, "{old}: {new}");
    }
}

#[test]
fn an_id_is_used_once() {
    let expected = SpecError::DuplicateId {
        file: FILE.into(),
        id: ID.into(),
        first: FILE.into(),
    };
    assert_eq!(fault(&format!("{GOOD}{GOOD}")), expected);
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_with_their_line() {
    for (old, new) in [
        ("reading", "readin"),
        ("[3433]", "[\"3433\"]"),
        ("what", "wat"),
    ] {
        let SpecError::Syntax { message, .. } = fault(&GOOD.replace(old, new)) else {
            panic!("{old}: {new}")
        };
        assert!(message.contains("line "), "{message}");
    }
}
