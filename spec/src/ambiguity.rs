//! The ambiguity register: points that the documents leave open or decide twice, and how each is read here.
//!
//! The data is `ambiguities.toml`, embedded like the requirements. Texts are ours; what is permitted stands in the
//! clauses of the requirements that are named. Which verdicts rest on an ambiguity is not known here: that is said
//! where the cases are.
//!
//! # Format of the data
//!
//! `[[ambiguity]]` tables and nothing else; unknown keys are refused.
//!
//! | key | needed | meaning |
//! |---|---|---|
//! | `id` | yes | `ambiguity/slug`; never renamed once released |
//! | `question` | yes | what is open, as a question |
//! | `reading` | yes | how it is read here, and why |
//! | `requirements` | yes | ids of the requirements that it concerns |
//! | `outcomes` | yes | `{ leave, what, clause }`: what may be seen, the [`Leave`] that the documents give it, and the requirement that says so |
//! | `errata` | no | numbers of RFC errata that change the reading; one of the requirements tells of each |

use std::collections::BTreeSet;
use std::slice;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::check::Place;
use crate::{Catalogue, Leave, Requirement, SpecError, catalogue};

/// The name of the data file, for messages.
const FILE: &str = "ambiguities.toml";

/// A point that the documents leave open, and how it is read here.
///
/// ```
/// use pushspec_spec::{Leave, ambiguities};
///
/// let lengths = ambiguities().get("ambiguity/wasteful-length").unwrap();
/// assert!(lengths.question.ends_with('?'));
/// assert!(lengths.outcomes.iter().any(|outcome| outcome.leave == Leave::Doubtful));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ambiguity {
    /// Stable name: `ambiguity/slug`.
    pub id: String,
    /// What is open, as a question.
    pub question: String,
    /// How it is read here, and why.
    pub reading: String,
    /// Ids of the requirements that it concerns.
    pub requirements: Vec<String>,
    /// What may be seen, and what the documents say of it.
    pub outcomes: Vec<Outcome>,
    /// Numbers of RFC errata that change the reading.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errata: Vec<u32>,
}

/// One way in which an ambiguity may turn out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// What the documents say of it.
    pub leave: Leave,
    /// What is seen.
    pub what: String,
    /// Id of the requirement that says so.
    pub clause: String,
}

/// A checked collection of ambiguities.
#[derive(Clone, Debug)]
pub struct Register {
    ambiguities: Vec<Ambiguity>,
}

/// The ambiguities that come with this crate, read once per process.
///
/// ```
/// use pushspec_spec::{ambiguities, catalogue};
///
/// for ambiguity in ambiguities() {
///     assert!(ambiguity.requirements.iter().all(|id| catalogue().get(id).is_some()));
/// }
/// ```
pub fn ambiguities() -> &'static Register {
    static EMBEDDED: OnceLock<Register> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        Register::parse(include_str!("../ambiguities.toml"), catalogue())
            .unwrap_or_else(|error| panic!("the embedded data is broken: {error}"))
    })
}

impl Register {
    /// Reads and checks a data file whose ambiguities concern requirements of `catalogue`. The first fault found ends
    /// the reading.
    ///
    /// ```
    /// use pushspec_spec::{Register, catalogue};
    ///
    /// let text = r##"
    /// [[ambiguity]]
    /// id = "ambiguity/pongs"
    /// question = "Is each ping answered?"
    /// reading = "The latest is."
    /// requirements = ["rfc6455/5.5.2/pong-required"]
    /// outcomes = [{ leave = "permitted", what = "one pong", clause = "rfc6455/5.5.3/pong-most-recent-only" }]
    /// "##;
    /// assert_eq!(Register::parse(text, catalogue())?.iter().count(), 1);
    /// # Ok::<(), pushspec_spec::SpecError>(())
    /// ```
    pub fn parse(text: &str, catalogue: &Catalogue) -> Result<Self, SpecError> {
        let raw: RawFile = toml::from_str(text).map_err(|error| SpecError::Syntax {
            file: FILE.into(),
            message: error.to_string(),
        })?;
        let mut ids = BTreeSet::new();
        let mut ambiguities = Vec::with_capacity(raw.ambiguity.len());
        for (index, raw) in raw.ambiguity.into_iter().enumerate() {
            let ambiguity = read(index, raw, catalogue)?;
            if !ids.insert(ambiguity.id.clone()) {
                return Err(SpecError::DuplicateId {
                    file: FILE.into(),
                    id: ambiguity.id,
                    first: FILE.into(),
                });
            }
            ambiguities.push(ambiguity);
        }
        Ok(Self { ambiguities })
    }

    /// The ambiguity of that id; `None` if there is none.
    pub fn get(&self, id: &str) -> Option<&Ambiguity> {
        self.iter().find(|ambiguity| ambiguity.id == id)
    }

    /// Every ambiguity, in the order of the file.
    pub fn iter(&self) -> slice::Iter<'_, Ambiguity> {
        self.ambiguities.iter()
    }

    /// Those that concern a requirement.
    ///
    /// ```
    /// use pushspec_spec::ambiguities;
    ///
    /// let found: Vec<_> = ambiguities().about("rfc6455/11.3.2/extensions-once-in-response").collect();
    /// assert_eq!(found[0].errata, [3433]);
    /// ```
    pub fn about<'a>(&'a self, requirement: &'a str) -> impl Iterator<Item = &'a Ambiguity> {
        self.iter()
            .filter(move |ambiguity| ambiguity.requirements.iter().any(|id| id == requirement))
    }
}

impl<'a> IntoIterator for &'a Register {
    type Item = &'a Ambiguity;
    type IntoIter = slice::Iter<'a, Ambiguity>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The data file as TOML shapes it: any key may be absent, every value is still text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    ambiguity: Vec<RawAmbiguity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAmbiguity {
    id: Option<String>,
    question: Option<String>,
    reading: Option<String>,
    #[serde(default)]
    requirements: Vec<String>,
    #[serde(default)]
    outcomes: Vec<RawOutcome>,
    #[serde(default)]
    errata: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutcome {
    leave: Option<String>,
    what: Option<String>,
    clause: Option<String>,
}

fn read(index: usize, raw: RawAmbiguity, catalogue: &Catalogue) -> Result<Ambiguity, SpecError> {
    let id = raw.id.ok_or_else(|| SpecError::MissingField {
        file: FILE.into(),
        id: format!("ambiguity {}", index + 1),
        field: "id",
    })?;
    let place = Place {
        file: FILE,
        id: &id,
    };
    id_is_well_formed(&id)?;
    for (field, empty) in [
        ("requirements", raw.requirements.is_empty()),
        ("outcomes", raw.outcomes.is_empty()),
    ] {
        if empty {
            return Err(SpecError::MissingField {
                file: FILE.into(),
                id,
                field,
            });
        }
    }
    let concerned: Vec<&Requirement> = raw
        .requirements
        .iter()
        .map(|requirement| known(&id, requirement, catalogue))
        .collect::<Result<_, _>>()?;
    for &number in &raw.errata {
        let told = format!("eid{number})");
        let texts = concerned.iter().filter_map(|found| found.errata.as_ref());
        if !texts.into_iter().any(|text| text.contains(&told)) {
            return Err(SpecError::UntoldErratum {
                file: FILE.into(),
                id,
                number,
            });
        }
    }
    let outcomes = raw
        .outcomes
        .into_iter()
        .map(|raw| {
            let leave = place.required("leave", raw.leave)?;
            let clause = place.required("clause", raw.clause)?;
            known(&id, &clause, catalogue)?;
            Ok(Outcome {
                leave: place.word("leave", &leave, Leave::from_word, Leave::WORDS)?,
                what: place.required("what", raw.what)?,
                clause,
            })
        })
        .collect::<Result<_, SpecError>>()?;
    Ok(Ambiguity {
        question: place.required("question", raw.question)?,
        reading: place.required("reading", raw.reading)?,
        requirements: raw.requirements,
        outcomes,
        errata: raw.errata,
        id,
    })
}

fn id_is_well_formed(id: &str) -> Result<(), SpecError> {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let well_formed = id.strip_prefix("ambiguity/").is_some_and(|slug| {
        slug.starts_with(edge) && slug.ends_with(edge) && slug.chars().all(|c| edge(c) || c == '-')
    });
    match well_formed {
        true => Ok(()),
        false => Err(SpecError::BadAmbiguityId {
            file: FILE.into(),
            id: id.into(),
        }),
    }
}

fn known<'a>(
    id: &str,
    requirement: &str,
    catalogue: &'a Catalogue,
) -> Result<&'a Requirement, SpecError> {
    catalogue
        .get(requirement)
        .ok_or_else(|| SpecError::UnknownRequirement {
            file: FILE.into(),
            id: id.into(),
            requirement: requirement.into(),
        })
}
