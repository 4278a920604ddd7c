//! What can be wrong with the data: one variant per rule.
//!
//! Each message says the file, the id, what is wrong and what to do. This file words the faults; which
//! data is faulty is decided in `check.rs`.

use std::{error, fmt};

use crate::Document;

/// A fault in the requirement data. `file` and `id` say where; the other fields carry what was found.
///
/// ```
/// use pushspec_spec::{Catalogue, SpecError};
///
/// let error = Catalogue::parse(&[("rfc6455.toml", "")]).unwrap_err();
/// assert_eq!(error, SpecError::NoRequirements { file: "rfc6455.toml".into() });
/// assert_eq!(
///     error.to_string(),
///     "rfc6455.toml: holds no requirement; add a [[requirement]] table or delete the file",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// The file is not TOML, or has a key or a type that the format does not know.
    Syntax {
        /// Name of the file.
        file: String,
        /// What the TOML reader says, with line and column.
        message: String,
    },
    /// The file lists nothing.
    NoRequirements {
        /// Name of the file.
        file: String,
    },
    /// A requirement lacks a key that every requirement has.
    MissingField {
        /// Name of the file.
        file: String,
        /// Id of the requirement, or its position if it has none.
        id: String,
        /// The missing key.
        field: &'static str,
    },
    /// A value is empty or blank.
    EmptyField {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The key of the empty value.
        field: &'static str,
    },
    /// A value spans lines, holds a control character, or begins or ends with a blank.
    UntidyField {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The key of the value.
        field: &'static str,
    },
    /// The id is not three segments of `[a-z0-9.-]+`, each beginning and ending with a letter or digit.
    BadId {
        /// Name of the file.
        file: String,
        /// The id as found.
        id: String,
    },
    /// Two requirements have one id.
    DuplicateId {
        /// Name of the file that repeats the id.
        file: String,
        /// The repeated id.
        id: String,
        /// Name of the file that has it already.
        first: String,
    },
    /// A value is not in the closed vocabulary of its key.
    UnknownWord {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The key of the value.
        field: &'static str,
        /// The word as found.
        word: String,
        /// The words that are known.
        known: &'static [&'static str],
    },
    /// The document is none of those this crate knows.
    UnknownDocument {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The title as found.
        title: String,
    },
    /// The first segment of the id belongs to another document.
    WrongPrefix {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The document that the requirement names.
        document: Document,
    },
    /// The requirement stands in the file of another document.
    WrongFile {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The document that the requirement names.
        document: Document,
    },
    /// The id names one section, the key `section` another.
    WrongSection {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The section as found.
        section: String,
    },
    /// The link is no https address with a fragment.
    BadLink {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The link as found.
        link: String,
    },
    /// The link leads to another document.
    ForeignLink {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The link as found.
        link: String,
        /// The document that the requirement names.
        document: Document,
    },
    /// The link leads to another section of the right document.
    WrongLinkSection {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The link as found.
        link: String,
        /// The section that the requirement names.
        section: String,
    },
    /// `reaction` repeats `basis`.
    RedundantReaction {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
    },
    /// A need is listed twice.
    RepeatedNeed {
        /// Name of the file.
        file: String,
        /// Id of the requirement.
        id: String,
        /// The repeated word.
        need: String,
    },
    /// The id of an ambiguity is not `ambiguity/` and a slug of `[a-z0-9-]+`.
    BadAmbiguityId {
        /// Name of the file.
        file: String,
        /// The id as found.
        id: String,
    },
    /// An ambiguity names a requirement that there is not.
    UnknownRequirement {
        /// Name of the file.
        file: String,
        /// Id of the ambiguity.
        id: String,
        /// The requirement as found.
        requirement: String,
    },
    /// An ambiguity rests on an erratum of which none of its requirements tells.
    UntoldErratum {
        /// Name of the file.
        file: String,
        /// Id of the ambiguity.
        id: String,
        /// Number of the erratum.
        number: u32,
    },
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { file, message } => {
                write!(
                    f,
                    "{file}: not readable: {}; correct the TOML",
                    message.trim_end()
                )
            }
            Self::NoRequirements { file } => write!(
                f,
                "{file}: holds no requirement; add a [[requirement]] table or delete the file"
            ),
            Self::MissingField { file, id, field } => {
                write!(f, "{file}: {id}: {field} is missing; add it")
            }
            Self::EmptyField { file, id, field } => {
                write!(
                    f,
                    "{file}: {id}: {field} is empty; fill it in, or leave the key out if it is optional"
                )
            }
            Self::UntidyField { file, id, field } => write!(
                f,
                "{file}: {id}: {field} spans lines, holds a control character or has outer blanks; write it as one trimmed line"
            ),
            Self::BadId { file, id } => write!(
                f,
                "{file}: {id:?} is no id; write document/section/slug in lower case, digits, dots and hyphens"
            ),
            Self::DuplicateId { file, id, first } => {
                write!(
                    f,
                    "{file}: {id}: already used in {first}; choose another slug for the newer one"
                )
            }
            Self::UnknownWord {
                file,
                id,
                field,
                word,
                known,
            } => {
                write!(
                    f,
                    "{file}: {id}: {field} is {word:?}; write one of: {}",
                    known.join(", ")
                )
            }
            Self::UnknownDocument { file, id, title } => write!(
                f,
                "{file}: {id}: document {title:?} is unknown; correct the title, or add the document to Document"
            ),
            Self::WrongPrefix { file, id, document } => write!(
                f,
                "{file}: {id}: ids of {document} begin with {:?}; correct the id or the document",
                document.prefix()
            ),
            Self::WrongFile { file, id, document } => {
                write!(
                    f,
                    "{file}: {id}: requirements of {document} belong in {}; move it",
                    document.file()
                )
            }
            Self::WrongSection { file, id, section } => write!(
                f,
                "{file}: {id}: section is {section:?}, but the id names another; make them agree"
            ),
            Self::BadLink { file, id, link } => {
                write!(
                    f,
                    "{file}: {id}: link is {link:?}; write an https address with a fragment"
                )
            }
            Self::ForeignLink {
                file,
                id,
                link,
                document,
            } => write!(
                f,
                "{file}: {id}: link is {link:?}, which is not in {document}; begin it with {}",
                document.link_base()
            ),
            Self::WrongLinkSection {
                file,
                id,
                link,
                section,
            } => write!(
                f,
                "{file}: {id}: link is {link:?}, but section is {section}; make them agree"
            ),
            Self::RedundantReaction { file, id } => {
                write!(
                    f,
                    "{file}: {id}: reaction repeats basis; leave reaction out"
                )
            }
            Self::RepeatedNeed { file, id, need } => {
                write!(f, "{file}: {id}: needs lists {need} twice; list it once")
            }
            Self::BadAmbiguityId { file, id } => write!(
                f,
                "{file}: {id:?} is no id; write ambiguity/slug, the slug in lower case, digits and hyphens"
            ),
            Self::UnknownRequirement {
                file,
                id,
                requirement,
            } => write!(
                f,
                "{file}: {id}: {requirement:?} is no requirement; correct the id, or add the requirement first"
            ),
            Self::UntoldErratum { file, id, number } => write!(
                f,
                "{file}: {id}: none of its requirements tells of erratum {number}; name the requirement that it corrects, and tell of it there"
            ),
        }
    }
}

impl error::Error for SpecError {}
