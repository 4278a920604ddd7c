//! Interop hazards: forms that the documents allow and that broke clients in the field. Nothing here is a server's fault.
//!
//! The data is `hazards.toml`, embedded like the requirements.
//!
//! # Format of the data
//!
//! `[[hazard]]` tables and nothing else; unknown keys are refused.
//!
//! | key | meaning |
//! |---|---|
//! | `id` | the check that sees the form, `family/…/slug`; never renamed once released |
//! | `form` | what is seen, as a noun |
//! | `requirements` | ids of the requirements that allow it |
//! | `clients` | `{ name, link }`: who broke over it, and the public issue that tells of it |

use std::slice;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::{Catalogue, SpecError, catalogue};

/// The name of the data file, for messages.
const FILE: &str = "hazards.toml";

/// A form that the documents allow and that broke clients.
///
/// ```
/// let hazard = pushspec_spec::hazards().get("sse/compat/no-space").unwrap();
/// assert!(hazard.clients.iter().any(|client| client.name == "openai/openai-python"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Hazard {
    /// The check that sees it.
    pub id: String,
    /// What is seen, as a noun.
    pub form: String,
    /// Ids of the requirements that allow it.
    pub requirements: Vec<String>,
    /// Who broke over it, fixed since or not.
    pub clients: Vec<Client>,
}

/// A client that broke over a hazard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Client {
    /// Its repository: `owner/name`.
    pub name: String,
    /// The public issue that tells of it.
    pub link: String,
}

/// A checked collection of hazards.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hazards {
    hazard: Vec<Hazard>,
}

/// The hazards that come with this crate, read once per process.
///
/// ```
/// assert!(pushspec_spec::hazards().iter().all(|hazard| !hazard.clients.is_empty()));
/// ```
pub fn hazards() -> &'static Hazards {
    static EMBEDDED: OnceLock<Hazards> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        Hazards::parse(include_str!("../hazards.toml"), catalogue())
            .unwrap_or_else(|error| panic!("the embedded data is broken: {error}"))
    })
}

impl Hazards {
    /// Reads and checks a data file whose hazards are allowed by requirements of `catalogue`. The first fault found ends
    /// the reading.
    ///
    /// ```
    /// use pushspec_spec::{Hazards, catalogue};
    ///
    /// let text = r#"
    /// [[hazard]]
    /// id = "sse/compat/bom"
    /// form = "a byte order mark"
    /// requirements = ["sse/9.2.5/bom-only-first"]
    /// clients = [{ name = "a/b", link = "https://a.test/b/1" }]
    /// "#;
    /// assert_eq!(Hazards::parse(text, catalogue())?.iter().count(), 1);
    /// assert!(Hazards::parse(&text.replace("bom-only", "bom-every"), catalogue()).is_err());
    /// # Ok::<(), pushspec_spec::SpecError>(())
    /// ```
    pub fn parse(text: &str, catalogue: &Catalogue) -> Result<Self, SpecError> {
        let read: Self = toml::from_str(text).map_err(|error| SpecError::Syntax {
            file: FILE.into(),
            message: error.to_string(),
        })?;
        for (index, hazard) in read.hazard.iter().enumerate() {
            if read.hazard[..index]
                .iter()
                .any(|other| other.id == hazard.id)
            {
                return Err(SpecError::DuplicateId {
                    file: FILE.into(),
                    id: hazard.id.clone(),
                    first: FILE.into(),
                });
            }
            for (field, empty) in [
                ("requirements", hazard.requirements.is_empty()),
                ("clients", hazard.clients.is_empty()),
            ] {
                if empty {
                    return Err(SpecError::MissingField {
                        file: FILE.into(),
                        id: hazard.id.clone(),
                        field,
                    });
                }
            }
            let unknown = hazard
                .requirements
                .iter()
                .find(|id| catalogue.get(id).is_none());
            if let Some(unknown) = unknown {
                return Err(SpecError::UnknownRequirement {
                    file: FILE.into(),
                    id: hazard.id.clone(),
                    requirement: unknown.clone(),
                });
            }
        }
        Ok(read)
    }

    /// The hazard that this check sees; `None` if it sees none.
    pub fn get(&self, id: &str) -> Option<&Hazard> {
        self.iter().find(|hazard| hazard.id == id)
    }

    /// Every hazard, in the order of the file.
    pub fn iter(&self) -> slice::Iter<'_, Hazard> {
        self.hazard.iter()
    }
}
