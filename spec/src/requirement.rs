//! The noun of this crate: one requirement.
//!
//! This file says what a requirement is made of and how it is cited. It knows neither TOML nor the rules
//! that make the data well-formed; those are in `check.rs`.

use serde::Serialize;

use crate::{Basis, Document, Level, Need, Observable, Role, Verified};

/// One duty from one document.
///
/// Serialises as a flat object with the same keys as the data files; what is absent there is absent here.
///
/// ```
/// use pushspec_spec::{Level, catalogue};
///
/// let rule = catalogue().get("rfc6455/5.5.2/pong-required").unwrap();
/// assert_eq!(rule.level, Level::Must);
/// assert!(rule.expectation.is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Requirement {
    /// Stable name: `document/section/slug`.
    pub id: String,
    /// Where it comes from.
    pub document: Document,
    /// Section number, or heading where the document has no stable numbers.
    pub section: String,
    /// How strong it is.
    pub level: Level,
    /// Who owes it.
    pub role: Role,
    /// What it rests on.
    pub basis: Basis,
    /// What a receiver's duty to react to a breach rests on, where that differs from `basis`: a document
    /// may forbid something to senders and say nothing of receivers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Basis>,
    /// The clause, as an https link.
    pub link: String,
    /// The duty in one sentence of our own.
    pub summary: String,
    /// Whether a test from outside can see it.
    pub observable: Observable,
    /// What shows it, or why nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observability: Option<String>,
    /// What a tester sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stimulus: Option<String>,
    /// Which answers pass and which fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expectation: Option<String>,
    /// What a target must offer for it to be tested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// How the same is seen with the roles swapped, against clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_observable: Option<String>,
    /// Published corrections that change the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errata: Option<String>,
    /// Whether it was held against the document's text.
    pub verified: Verified,
}

impl Requirement {
    /// The citation, such as `RFC 6455, section 5.1`. An [unwritten](Self::is_unwritten) duty says `see`
    /// before the section, which is then only the place nearest to it.
    ///
    /// ```
    /// use pushspec_spec::catalogue;
    ///
    /// let cited = |id| catalogue().get(id).unwrap().reference();
    /// assert_eq!(cited("sse/9.2.5/grammar"), "WHATWG HTML, section 9.2.5");
    /// assert_eq!(cited("sse/x/cache-control"), "WHATWG HTML, see section 9.2.2");
    /// assert_eq!(cited("fetch/cors-check/acao-exact"), "WHATWG Fetch, CORS check");
    /// ```
    pub fn reference(&self) -> String {
        let see = if self.is_unwritten() { "see " } else { "" };
        let numbered = self.section.starts_with(|c: char| c.is_ascii_digit());
        let section = if numbered { "section " } else { "" };
        format!("{}, {see}{section}{}", self.document, self.section)
    }

    /// What the duty to react to a breach rests on: `reaction` if stated, else `basis`.
    ///
    /// ```
    /// use pushspec_spec::{Basis, catalogue};
    ///
    /// let long_ping = catalogue().get("rfc6455/5.5/control-length-125").unwrap();
    /// assert_eq!(long_ping.basis, Basis::Explicit);
    /// assert_eq!(long_ping.basis_of_reaction(), Basis::Derived);
    /// ```
    pub fn basis_of_reaction(&self) -> Basis {
        self.reaction.unwrap_or(self.basis)
    }

    /// Whether the id says that no single clause demands it (its middle segment is `x`).
    ///
    /// ```
    /// use pushspec_spec::catalogue;
    ///
    /// assert!(catalogue().get("sse/x/cache-control").unwrap().is_unwritten());
    /// ```
    pub fn is_unwritten(&self) -> bool {
        self.id.split('/').nth(1) == Some("x")
    }
}
