//! `sse/time`: when what was written comes, and what happens in between.
//!
//! No clause sets a time. What fails is the contract of a scripted endpoint, which flushes each event by itself; all else
//! warns or is recorded, and nothing is red on one late sample.

mod flush;
mod idle;
mod observed;
mod slow;

use crate::case::Case;

pub(crate) use observed::observation;

pub(super) fn cases() -> Vec<Case> {
    let groups = [flush::cases, idle::cases, observed::cases, slow::cases];
    groups.into_iter().flat_map(|group| group()).collect()
}

#[cfg(test)]
mod tests;
