//! From TOML text to checked requirements: the rules that the data obeys.
//!
//! One function per rule, one [`SpecError`] variant per function's finding. What is checked here is one
//! requirement, or one file; what concerns several (unique ids) is in `catalogue.rs`.

use serde::Deserialize;

use crate::{Basis, Document, Level, Need, Observable, Requirement, Role, SpecError, Verified};

/// A data file as TOML shapes it: any key may be absent, every value is still text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    requirement: Vec<RawRequirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequirement {
    id: Option<String>,
    document: Option<String>,
    section: Option<String>,
    level: Option<String>,
    role: Option<String>,
    basis: Option<String>,
    reaction: Option<String>,
    link: Option<String>,
    summary: Option<String>,
    observable: Option<String>,
    observability: Option<String>,
    stimulus: Option<String>,
    expectation: Option<String>,
    needs: Option<Vec<String>>,
    client_observable: Option<String>,
    errata: Option<String>,
    verified: Option<String>,
}

/// Reads one file and checks each requirement by itself.
pub(crate) fn read_file(file: &str, text: &str) -> Result<Vec<Requirement>, SpecError> {
    let raw: RawFile = toml::from_str(text).map_err(|error| SpecError::Syntax {
        file: file.into(),
        message: error.to_string(),
    })?;
    if raw.requirement.is_empty() {
        return Err(SpecError::NoRequirements { file: file.into() });
    }
    raw.requirement
        .into_iter()
        .enumerate()
        .map(|(index, raw)| read_requirement(file, index, raw))
        .collect()
}

fn read_requirement(
    file: &str,
    index: usize,
    raw: RawRequirement,
) -> Result<Requirement, SpecError> {
    let id = raw.id.ok_or_else(|| SpecError::MissingField {
        file: file.into(),
        id: format!("requirement {}", index + 1),
        field: "id",
    })?;
    let place = Place { file, id: &id };
    place.id_is_well_formed()?;

    let title = place.required("document", raw.document)?;
    let document = Document::from_title(&title).ok_or_else(|| SpecError::UnknownDocument {
        file: file.into(),
        id: id.clone(),
        title,
    })?;
    place.belongs_to(document)?;

    let section = place.required("section", raw.section)?;
    place.section_agrees(&section)?;

    let link = place.required("link", raw.link)?;
    place.link_leads_to(&link, document, &section)?;

    let level = place.required("level", raw.level)?;
    let role = place.required("role", raw.role)?;
    let observable = place.required("observable", raw.observable)?;
    let verified = place.required("verified", raw.verified)?;

    let basis = place.required("basis", raw.basis)?;
    let basis = place.word("basis", &basis, Basis::from_word, Basis::WORDS)?;
    let reaction = match place.optional("reaction", raw.reaction)? {
        Some(word) => Some(place.word("reaction", &word, Basis::from_word, Basis::WORDS)?),
        None => None,
    };
    if reaction == Some(basis) {
        return Err(SpecError::RedundantReaction {
            file: file.into(),
            id,
        });
    }

    Ok(Requirement {
        document,
        level: place.word("level", &level, Level::from_word, Level::WORDS)?,
        role: place.word("role", &role, Role::from_word, Role::WORDS)?,
        basis,
        reaction,
        summary: place.required("summary", raw.summary)?,
        observable: place.word(
            "observable",
            &observable,
            Observable::from_word,
            Observable::WORDS,
        )?,
        observability: place.optional("observability", raw.observability)?,
        stimulus: place.optional("stimulus", raw.stimulus)?,
        expectation: place.optional("expectation", raw.expectation)?,
        needs: place.needs(raw.needs)?,
        client_observable: place.optional("client_observable", raw.client_observable)?,
        errata: place.optional("errata", raw.errata)?,
        verified: place.word("verified", &verified, Verified::from_word, Verified::WORDS)?,
        section,
        link,
        id,
    })
}

/// Where a value stands, for the checks to say so.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) id: &'a str,
}

impl Place<'_> {
    fn id_is_well_formed(self) -> Result<(), SpecError> {
        let well_formed = |segment: &str| {
            let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            segment.starts_with(edge)
                && segment.ends_with(edge)
                && segment.chars().all(|c| edge(c) || c == '.' || c == '-')
        };
        if self.id.split('/').count() == 3 && self.id.split('/').all(well_formed) {
            Ok(())
        } else {
            Err(SpecError::BadId {
                file: self.file.into(),
                id: self.id.into(),
            })
        }
    }

    fn belongs_to(self, document: Document) -> Result<(), SpecError> {
        let (file, id) = (self.file.into(), self.id.into());
        if self.id.split('/').next() != Some(document.prefix()) {
            return Err(SpecError::WrongPrefix { file, id, document });
        }
        if self.file != document.file() {
            return Err(SpecError::WrongFile { file, id, document });
        }
        Ok(())
    }

    /// A numbered middle segment is the section or an ancestor of it; a topic is not compared.
    fn section_agrees(self, section: &str) -> Result<(), SpecError> {
        let named = self.middle();
        let numbered = named.starts_with(|c: char| c.is_ascii_digit());
        let agrees = section
            .strip_prefix(named)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if numbered && !agrees {
            return Err(SpecError::WrongSection {
                file: self.file.into(),
                id: self.id.into(),
                section: section.into(),
            });
        }
        Ok(())
    }

    /// An unwritten duty (`x`) may cite any known document; every other cites its own.
    fn link_leads_to(self, link: &str, document: Document, section: &str) -> Result<(), SpecError> {
        let (file, id) = (self.file.into(), self.id.into());
        let fragment = link.split_once('#').map(|(_, fragment)| fragment);
        let tidy = link.bytes().all(|b| b.is_ascii_graphic());
        if !link.starts_with("https://") || fragment.is_none_or(str::is_empty) || !tidy {
            return Err(SpecError::BadLink {
                file,
                id,
                link: link.into(),
            });
        }
        if self.middle() == "x" {
            if Document::ALL
                .iter()
                .any(|known| link.starts_with(known.link_base()))
            {
                return Ok(());
            }
            return Err(SpecError::ForeignLink {
                file,
                id,
                link: link.into(),
                document,
            });
        }
        let Some(target) = link.strip_prefix(document.link_base()) else {
            return Err(SpecError::ForeignLink {
                file,
                id,
                link: link.into(),
                document,
            });
        };
        if document.links_by_number() && target != section {
            return Err(SpecError::WrongLinkSection {
                file,
                id,
                link: link.into(),
                section: section.into(),
            });
        }
        Ok(())
    }

    pub(crate) fn required(
        self,
        field: &'static str,
        value: Option<String>,
    ) -> Result<String, SpecError> {
        self.optional(field, value)?
            .ok_or_else(|| SpecError::MissingField {
                file: self.file.into(),
                id: self.id.into(),
                field,
            })
    }

    fn optional(
        self,
        field: &'static str,
        value: Option<String>,
    ) -> Result<Option<String>, SpecError> {
        let (file, id) = (self.file.into(), self.id.into());
        match value {
            Some(text) if text.trim().is_empty() => Err(SpecError::EmptyField { file, id, field }),
            Some(text) if text.trim() != text || text.contains(char::is_control) => {
                Err(SpecError::UntidyField { file, id, field })
            }
            other => Ok(other),
        }
    }

    pub(crate) fn word<T>(
        self,
        field: &'static str,
        word: &str,
        from_word: fn(&str) -> Option<T>,
        known: &'static [&'static str],
    ) -> Result<T, SpecError> {
        from_word(word).ok_or_else(|| SpecError::UnknownWord {
            file: self.file.into(),
            id: self.id.into(),
            field,
            word: word.into(),
            known,
        })
    }

    fn needs(self, words: Option<Vec<String>>) -> Result<Vec<Need>, SpecError> {
        let Some(words) = words else {
            return Ok(Vec::new());
        };
        if words.is_empty() {
            return Err(SpecError::EmptyField {
                file: self.file.into(),
                id: self.id.into(),
                field: "needs",
            });
        }
        let mut needs = Vec::with_capacity(words.len());
        for word in words {
            let need = self.word("needs", &word, Need::from_word, Need::WORDS)?;
            if needs.contains(&need) {
                return Err(SpecError::RepeatedNeed {
                    file: self.file.into(),
                    id: self.id.into(),
                    need: word,
                });
            }
            needs.push(need);
        }
        Ok(needs)
    }

    /// The id's second segment; ids are known to have three.
    fn middle(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or_default()
    }
}
