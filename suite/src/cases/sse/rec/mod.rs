//! `sse/rec`: clients that come back, as a server sees them.
//!
//! No clause obliges a server to resume: what it does with a `Last-Event-ID` is judged only where resumption is declared,
//! or where the server itself proves that it resumes. What holds in any case: a legal value is no reason to fall.

mod again;
mod crowd;
mod cut;
mod difference;
mod ending;
mod fate;
mod oracle;
mod resume;
mod resumption;
mod sequence;
mod shutdown;
mod values;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let groups = [
        again::cases,
        values::cases,
        resume::cases,
        cut::cases,
        oracle::cases,
        ending::cases,
        crowd::cases,
        shutdown::cases,
    ];
    groups.into_iter().flat_map(|group| group()).collect()
}

#[cfg(test)]
mod tests;
