//! The table of edits: a key, the line that takes its place, and the error that must follow.

use pushspec_spec::{Document, SpecError};

use crate::{file, id};

/// Edits of one line, and what each must be refused with.
pub(crate) fn single_edits() -> Vec<(&'static str, &'static str, SpecError)> {
    let missing = |field| SpecError::MissingField {
        file: file(),
        id: id(),
        field,
    };
    let empty = |field| SpecError::EmptyField {
        file: file(),
        id: id(),
        field,
    };
    let untidy = |field| SpecError::UntidyField {
        file: file(),
        id: id(),
        field,
    };
    let bad_id = |id: &str| SpecError::BadId {
        file: file(),
        id: id.into(),
    };
    let bad_link = |link: &str| SpecError::BadLink {
        file: file(),
        id: id(),
        link: link.into(),
    };
    let foreign_link = |link: &str| SpecError::ForeignLink {
        file: file(),
        id: id(),
        link: link.into(),
        document: Document::Rfc6455,
    };
    let wrong_section = |section: &str| SpecError::WrongSection {
        file: file(),
        id: id(),
        section: section.into(),
    };
    let unknown = |field, word: &str, known| SpecError::UnknownWord {
        file: file(),
        id: id(),
        field,
        word: word.into(),
        known,
    };
    const LEVELS: &[&str] = &["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"];
    const ROLES: &[&str] = &["server", "client", "both", "intermediary"];
    const BASES: &[&str] = &["explicit", "derived", "consensus", "advice"];
    const NEEDS: &[&str] = &[
        "open", "echo", "command", "sse", "script", "tls", "h2", "h3", "declared", "proxy",
        "client",
    ];
    vec![
        (
            "id",
            "",
            SpecError::MissingField {
                file: file(),
                id: "requirement 1".into(),
                field: "id",
            },
        ),
        ("document", "", missing("document")),
        ("section", "", missing("section")),
        ("level", "", missing("level")),
        ("role", "", missing("role")),
        ("basis", "", missing("basis")),
        ("link", "", missing("link")),
        ("summary", "", missing("summary")),
        ("observable", "", missing("observable")),
        ("verified", "", missing("verified")),
        ("summary", r#"summary = """#, empty("summary")),
        ("section", r#"section = " ""#, empty("section")),
        (
            "observability",
            r#"observability = """#,
            empty("observability"),
        ),
        ("stimulus", r#"stimulus = """#, empty("stimulus")),
        ("expectation", r#"expectation = """#, empty("expectation")),
        (
            "client_observable",
            r#"client_observable = """#,
            empty("client_observable"),
        ),
        ("errata", r#"errata = """#, empty("errata")),
        ("reaction", r#"reaction = """#, empty("reaction")),
        ("needs", "needs = []", empty("needs")),
        ("summary", r#"summary = "two\nlines""#, untidy("summary")),
        ("summary", r#"summary = "trailing ""#, untidy("summary")),
        (
            "stimulus",
            r#"stimulus = "a \u0000 byte""#,
            untidy("stimulus"),
        ),
        ("id", r#"id = """#, bad_id("")),
        ("id", r#"id = "rfc6455/5.1""#, bad_id("rfc6455/5.1")),
        ("id", r#"id = "rfc6455/5.1/a/b""#, bad_id("rfc6455/5.1/a/b")),
        ("id", r#"id = "rfc6455//mask""#, bad_id("rfc6455//mask")),
        (
            "id",
            r#"id = "rfc6455/5.1/Mask""#,
            bad_id("rfc6455/5.1/Mask"),
        ),
        (
            "id",
            r#"id = "rfc6455/5.1/must_not""#,
            bad_id("rfc6455/5.1/must_not"),
        ),
        (
            "id",
            r#"id = "rfc6455/5.1/-mask""#,
            bad_id("rfc6455/5.1/-mask"),
        ),
        (
            "id",
            r#"id = "rfc6455/5.1/mask.""#,
            bad_id("rfc6455/5.1/mask."),
        ),
        (
            "level",
            r#"level = "must not""#,
            unknown("level", "must not", LEVELS),
        ),
        ("role", r#"role = "proxy""#, unknown("role", "proxy", ROLES)),
        (
            "basis",
            r#"basis = "implied""#,
            unknown("basis", "implied", BASES),
        ),
        (
            "reaction",
            r#"reaction = "implied""#,
            unknown("reaction", "implied", BASES),
        ),
        (
            "observable",
            r#"observable = "maybe""#,
            unknown("observable", "maybe", &["yes", "partly", "no"]),
        ),
        (
            "verified",
            r#"verified = "hearsay""#,
            unknown("verified", "hearsay", &["text", "knowledge"]),
        ),
        (
            "needs",
            r#"needs = ["any server"]"#,
            unknown("needs", "any server", NEEDS),
        ),
        (
            "document",
            r#"document = "RFC 1""#,
            SpecError::UnknownDocument {
                file: file(),
                id: id(),
                title: "RFC 1".into(),
            },
        ),
        (
            "document",
            r#"document = "RFC 7692""#,
            SpecError::WrongPrefix {
                file: file(),
                id: id(),
                document: Document::Rfc7692,
            },
        ),
        ("section", r#"section = "5.2""#, wrong_section("5.2")),
        ("section", r#"section = "5.10""#, wrong_section("5.10")),
        ("section", r#"section = "5""#, wrong_section("5")),
        (
            "section",
            r#"section = "5.1.1""#,
            SpecError::WrongLinkSection {
                file: file(),
                id: id(),
                link: "https://www.rfc-editor.org/rfc/rfc6455#section-5.1".into(),
                section: "5.1.1".into(),
            },
        ),
        (
            "link",
            r#"link = "http://www.rfc-editor.org/rfc/rfc6455#section-5.1""#,
            bad_link("http://www.rfc-editor.org/rfc/rfc6455#section-5.1"),
        ),
        (
            "link",
            r#"link = "https://www.rfc-editor.org/rfc/rfc6455""#,
            bad_link("https://www.rfc-editor.org/rfc/rfc6455"),
        ),
        (
            "link",
            r#"link = "https://www.rfc-editor.org/rfc/rfc6455#""#,
            bad_link("https://www.rfc-editor.org/rfc/rfc6455#"),
        ),
        (
            "link",
            r#"link = "https://www.rfc-editor.org/rfc/rfc6455#section 5.1""#,
            bad_link("https://www.rfc-editor.org/rfc/rfc6455#section 5.1"),
        ),
        (
            "link",
            r#"link = "https://www.rfc-editor.org/rfc/rfc7692#section-5.1""#,
            foreign_link("https://www.rfc-editor.org/rfc/rfc7692#section-5.1"),
        ),
        (
            "link",
            r#"link = "https://example.com/rfc6455#section-5.1""#,
            foreign_link("https://example.com/rfc6455#section-5.1"),
        ),
        (
            "reaction",
            r#"reaction = "explicit""#,
            SpecError::RedundantReaction {
                file: file(),
                id: id(),
            },
        ),
        (
            "needs",
            r#"needs = ["open", "open"]"#,
            SpecError::RepeatedNeed {
                file: file(),
                id: id(),
                need: "open".into(),
            },
        ),
    ]
}
