//! What the WebSocket and Server-Sent Events documents require, as data.
//!
//! A **requirement** is one duty from one document: who owes it, how strongly, where it is written,
//! whether a test from outside can see it, and what such a test would send and expect. The data is in
//! `requirements/*.toml`, one file per document, and is embedded in the crate; this code only reads and
//! checks it.
//!
//! ```
//! use pushspec_spec::{Basis, Level, Role, catalogue};
//!
//! let rule = catalogue().get("rfc6455/5.1/server-must-not-mask").expect("a known id");
//! assert_eq!(rule.level, Level::MustNot);
//! assert_eq!(rule.role, Role::Server);
//! assert_eq!(rule.basis, Basis::Explicit);
//! assert_eq!(rule.reference(), "RFC 6455, section 5.1");
//! assert_eq!(rule.link, "https://www.rfc-editor.org/rfc/rfc6455#section-5.1");
//! ```
//!
//! Beside them stands the **ambiguity register** ([`ambiguities`]): points that the documents leave open or decide twice,
//! and how each is read. Its format is told in `ambiguity.rs`. Two smaller registers say why it matters: **hazards**
//! ([`hazards()`]), legal forms that broke clients, and **harms** ([`harms()`]), what users suffer when a case fails.
//!
//! What belongs here is what the documents say and why it matters. What does not: how a case is driven or judged,
//! transcripts, any byte of a wire format. The crate depends on no other crate of this workspace.
//!
//! # Format of the data
//!
//! Each file holds `[[requirement]]` tables and nothing else. Unknown keys are refused. A value that
//! would say "none" is left out.
//!
//! | key | needed | meaning |
//! |---|---|---|
//! | `id` | yes | `document/section/slug`; never renamed once released. A topic stands where the document is cited by topic, `x` where no single clause says it |
//! | `document` | yes | title of a [`Document`] |
//! | `section` | yes | section number, or heading where a document has no stable numbers |
//! | `level` | yes | [`Level`]: `MUST`, `MUST NOT`, `SHOULD`, `SHOULD NOT`, `MAY` |
//! | `role` | yes | [`Role`]: `server`, `client`, `both`, `intermediary` |
//! | `basis` | yes | [`Basis`]: `explicit`, `derived`, `consensus`, `advice` |
//! | `reaction` | no | basis of a receiver's duty to react to a breach, where it differs from `basis` |
//! | `link` | yes | https link to the clause |
//! | `summary` | yes | one sentence in our own words |
//! | `observable` | yes | [`Observable`]: `yes`, `partly`, `no` |
//! | `observability` | no | what shows it, or why nothing does |
//! | `stimulus` | no | what a tester sends |
//! | `expectation` | no | which answers pass and which fail |
//! | `needs` | no | list of [`Need`]s: what a target must offer |
//! | `client_observable` | no | the same test with the roles swapped |
//! | `errata` | no | published corrections that change the reading |
//! | `verified` | yes | [`Verified`]: `text` (checked against the document), `knowledge` (not) |

mod ambiguity;
mod catalogue;
mod check;
mod document;
mod error;
mod harm;
mod hazard;
mod requirement;
mod words;

pub use ambiguity::{Ambiguity, Outcome, Register, ambiguities};
pub use catalogue::{Catalogue, catalogue};
pub use document::Document;
pub use error::SpecError;
pub use harm::{Harm, Harms, harms};
pub use hazard::{Client, Hazard, Hazards, hazards};
pub use requirement::Requirement;
pub use words::{Basis, Leave, Level, Need, Observable, Role, Verified};
