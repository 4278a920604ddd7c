//! All requirements together: reading them, finding them, the embedded set.
//!
//! This file knows the collection. What one requirement must look like is in `check.rs`.

use std::{collections::HashMap, slice, sync::OnceLock};

use crate::{Document, Requirement, SpecError, check};

/// A checked collection of requirements, in the order of its files.
///
/// ```
/// use pushspec_spec::catalogue;
///
/// for requirement in catalogue() {
///     println!("{}: {}", requirement.id, requirement.summary);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
    by_id: HashMap<String, usize>,
}

/// The requirements that come with this crate, read once per process.
///
/// ```
/// use pushspec_spec::{Document, catalogue};
///
/// assert!(catalogue().get("sse/9.2.5/grammar").is_some());
/// assert_eq!(catalogue().of(Document::Rfc9113).count(), 4);
/// ```
pub fn catalogue() -> &'static Catalogue {
    static EMBEDDED: OnceLock<Catalogue> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        let sources: Vec<_> = Document::ALL
            .iter()
            .map(|document| (document.file(), embedded(*document)))
            .collect();
        Catalogue::parse(&sources)
            .unwrap_or_else(|error| panic!("the embedded data is broken: {error}"))
    })
}

/// The data file of a document. The match has no wildcard: a new document needs its file.
fn embedded(document: Document) -> &'static str {
    match document {
        Document::Rfc6455 => include_str!("../requirements/rfc6455.toml"),
        Document::Rfc7692 => include_str!("../requirements/rfc7692.toml"),
        Document::Rfc8441 => include_str!("../requirements/rfc8441.toml"),
        Document::Rfc9220 => include_str!("../requirements/rfc9220.toml"),
        Document::Rfc6202 => include_str!("../requirements/rfc6202.toml"),
        Document::Rfc7936 => include_str!("../requirements/rfc7936.toml"),
        Document::Rfc8307 => include_str!("../requirements/rfc8307.toml"),
        Document::Rfc9110 => include_str!("../requirements/rfc9110.toml"),
        Document::Rfc9112 => include_str!("../requirements/rfc9112.toml"),
        Document::Rfc9113 => include_str!("../requirements/rfc9113.toml"),
        Document::Rfc9114 => include_str!("../requirements/rfc9114.toml"),
        Document::WhatwgHtml => include_str!("../requirements/whatwg-html.toml"),
        Document::WhatwgFetch => include_str!("../requirements/whatwg-fetch.toml"),
        Document::WhatwgWebsockets => include_str!("../requirements/whatwg-websockets.toml"),
        Document::Iana => include_str!("../requirements/iana.toml"),
    }
}

impl Catalogue {
    /// Reads and checks data files, each given as its name and its text. The first fault found ends the
    /// reading. Without a file the catalogue is empty.
    ///
    /// ```
    /// use pushspec_spec::Catalogue;
    ///
    /// let text = r##"
    /// [[requirement]]
    /// id = "rfc6455/5.1/server-must-not-mask"
    /// document = "RFC 6455"
    /// section = "5.1"
    /// level = "MUST NOT"
    /// role = "server"
    /// basis = "explicit"
    /// link = "https://www.rfc-editor.org/rfc/rfc6455#section-5.1"
    /// summary = "Server frames are never masked."
    /// observable = "yes"
    /// verified = "text"
    /// "##;
    /// let catalogue = Catalogue::parse(&[("rfc6455.toml", text)])?;
    /// assert_eq!(catalogue.len(), 1);
    /// # Ok::<(), pushspec_spec::SpecError>(())
    /// ```
    pub fn parse(sources: &[(&str, &str)]) -> Result<Self, SpecError> {
        let mut requirements: Vec<Requirement> = Vec::new();
        let mut by_id: HashMap<String, usize> = HashMap::new();
        for (file, text) in sources {
            for requirement in check::read_file(file, text)? {
                if let Some(first) = by_id.get(&requirement.id) {
                    return Err(SpecError::DuplicateId {
                        file: (*file).into(),
                        first: requirements[*first].document.file().into(),
                        id: requirement.id,
                    });
                }
                by_id.insert(requirement.id.clone(), requirements.len());
                requirements.push(requirement);
            }
        }
        Ok(Self {
            requirements,
            by_id,
        })
    }

    /// The requirement of that id; `None` if there is none. Ids are compared exactly.
    ///
    /// ```
    /// use pushspec_spec::catalogue;
    ///
    /// assert!(catalogue().get("rfc6455/5.1/server-must-not-mask").is_some());
    /// assert!(catalogue().get("rfc6455/5.1").is_none());
    /// ```
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.by_id.get(id).map(|index| &self.requirements[*index])
    }

    /// Every requirement, in the order of the files.
    ///
    /// ```
    /// use pushspec_spec::{Level, catalogue};
    ///
    /// let bans = catalogue().iter().filter(|r| r.level == Level::MustNot).count();
    /// assert!(bans > 50);
    /// ```
    pub fn iter(&self) -> slice::Iter<'_, Requirement> {
        self.requirements.iter()
    }

    /// The requirements of one document.
    ///
    /// ```
    /// use pushspec_spec::{Document, catalogue};
    ///
    /// assert!(catalogue().of(Document::Iana).all(|r| r.id.starts_with("iana/")));
    /// ```
    pub fn of(&self, document: Document) -> impl Iterator<Item = &Requirement> {
        self.iter()
            .filter(move |requirement| requirement.document == document)
    }

    /// How many requirements there are.
    ///
    /// ```
    /// use pushspec_spec::catalogue;
    ///
    /// assert_eq!(catalogue().len(), catalogue().iter().count());
    /// ```
    pub fn len(&self) -> usize {
        self.requirements.len()
    }

    /// Whether there is no requirement at all.
    ///
    /// ```
    /// use pushspec_spec::Catalogue;
    ///
    /// assert!(Catalogue::parse(&[]).unwrap().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

impl<'a> IntoIterator for &'a Catalogue {
    type Item = &'a Requirement;
    type IntoIter = slice::Iter<'a, Requirement>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
