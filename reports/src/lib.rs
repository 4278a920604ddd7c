//! What a run of pushspec found, and how it is told.
//!
//! The report model stands below the runner, so that anyone can read, gate and render a report without a socket:
//!
//! - [`Verdict`], [`CaseResult`], [`Report`]: what was judged and what came of it;
//! - [`Evidence`]: the exchange that a verdict rests on, bounded in size;
//! - [`diff`] and [`merge()`]: two reports compared, and the parts of one put together;
//! - [`gate`]: from a report to an exit status;
//! - [`render`]: pure functions from a report to text or JSON.
//!
//! This crate opens no sockets, reads no clock and knows no case.

mod autobahn;
pub mod diff;
mod evidence;
pub mod gate;
mod merge;
mod partition;
pub mod render;
mod report;
mod safe;
mod verdict;

pub use autobahn::{AutobahnCase, AutobahnClass};
pub use evidence::{Direction, Evidence, Excerpt, Exchange, Moment, Place, Window};
pub use merge::{MergeError, merge};
pub use partition::{Partition, PartitionError, selection};
pub use report::{CaseResult, Counts, NeedOutcome, Report, SCHEMA_VERSION, Standing, Witness};
pub use safe::printable;
pub use verdict::{Severity, Verdict};
