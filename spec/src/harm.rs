//! Harms: what the users of a server suffer when a case fails, for people who must decide whether to mend it.
//!
//! The data is `harms.toml`, embedded like the requirements.
//!
//! # Format of the data
//!
//! `[[harm]]` tables and nothing else; unknown keys are refused.
//!
//! | key | meaning |
//! |---|---|
//! | `cases` | ids of cases; one `*` in an id stands for anything |
//! | `suffers` | what a user suffers, in one sentence |

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::SpecError;

/// The name of the data file, for messages.
const FILE: &str = "harms.toml";

/// What a user of the server suffers when one of these cases fails.
///
/// ```
/// let harm = pushspec_spec::harms().of("ws/frag/two-text-whole").unwrap();
/// assert!(harm.suffers.contains("fragments"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Harm {
    /// Ids of cases; one `*` in an id stands for anything.
    pub cases: Vec<String>,
    /// What a user suffers, in one sentence without a full stop.
    pub suffers: String,
}

/// A checked collection of harms.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harms {
    harm: Vec<Harm>,
}

/// The harms that come with this crate, read once per process.
///
/// ```
/// assert!(pushspec_spec::harms().of("ws/frame-neg/unmasked-text").is_some());
/// ```
pub fn harms() -> &'static Harms {
    static EMBEDDED: OnceLock<Harms> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        Harms::parse(include_str!("../harms.toml"))
            .unwrap_or_else(|error| panic!("the embedded data is broken: {error}"))
    })
}

impl Harms {
    /// Reads and checks a data file. The first fault found ends the reading.
    ///
    /// ```
    /// use pushspec_spec::Harms;
    ///
    /// let text = r#"
    /// [[harm]]
    /// cases = ["ws/tls/*"]
    /// suffers = "clients cannot connect over TLS"
    /// "#;
    /// assert!(Harms::parse(text)?.of("ws/tls/handshake").is_some());
    /// assert!(Harms::parse(&text.replace("cases", "case")).is_err());
    /// # Ok::<(), pushspec_spec::SpecError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let read: Self = toml::from_str(text).map_err(|error| SpecError::Syntax {
            file: FILE.into(),
            message: error.to_string(),
        })?;
        let mut told: Vec<&str> = Vec::new();
        for (index, harm) in read.harm.iter().enumerate() {
            let id = || {
                let first = harm.cases.first();
                first.map_or_else(|| format!("harm {}", index + 1), String::clone)
            };
            for (field, empty) in [
                ("cases", harm.cases.is_empty()),
                ("suffers", harm.suffers.trim().is_empty()),
            ] {
                if empty {
                    return Err(SpecError::EmptyField {
                        file: FILE.into(),
                        id: id(),
                        field,
                    });
                }
            }
            for case in &harm.cases {
                if told.contains(&case.as_str()) {
                    return Err(SpecError::DuplicateId {
                        file: FILE.into(),
                        id: case.clone(),
                        first: FILE.into(),
                    });
                }
                told.push(case);
            }
        }
        Ok(read)
    }

    /// What a failure of this case means: of the first table with a pattern that fits. `None` where none does: such a case
    /// says it itself.
    pub fn of(&self, case: &str) -> Option<&Harm> {
        let fits = |harm: &&Harm| harm.cases.iter().any(|pattern| fits(pattern, case));
        self.harm.iter().find(fits)
    }

    /// Every harm, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Harm> {
        self.harm.iter()
    }
}

/// Whether `case` is what `pattern` means, in which one `*` stands for anything.
fn fits(pattern: &str, case: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == case,
        Some((start, end)) => {
            let rest = case.strip_prefix(start);
            rest.is_some_and(|rest| rest.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_once() {
        assert!(fits("ws/frag/*", "ws/frag/many-10"));
        assert!(fits("ws/ctl/*-bytewise", "ws/ctl/ping-125-bytewise"));
        assert!(!fits("ws/ctl/*-bytewise", "ws/ctl/ping-125-whole"));
        assert!(!fits("ws/ctl/ping", "ws/ctl/ping-empty"));
        // Start and end do not overlap.
        assert!(!fits("ws/a*a", "ws/a"));
    }

    #[test]
    fn each_fault_is_told() {
        let fault = |text: &str| Harms::parse(text).expect_err("a fault").to_string();
        let none = fault("[[harm]]\ncases = []\nsuffers = \"x\"");
        assert!(none.contains("harm 1: cases is empty"), "{none}");
        let blank = fault("[[harm]]\ncases = [\"a\"]\nsuffers = \" \"");
        assert!(blank.contains("a: suffers is empty"), "{blank}");
        let twice = fault("[[harm]]\ncases = [\"a\", \"a\"]\nsuffers = \"x\"");
        assert!(twice.contains("already used"), "{twice}");
    }
}
