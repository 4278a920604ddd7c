//! `ws/pmd` and `ws/pmd-bad`: messages under permessage-deflate (RFC 7692 sections 6 and 7.2).
//!
//! A target that declines the extension has nothing to be judged by here. Where its answer rules out what a case needs (a
//! client that may look back, a window of 32 KiB), the case is skipped, and says which parameter it was.

mod bad;
mod blocks;
mod bomb;
mod data;
mod exhaustive;
mod messages;
mod server;
mod talk;
mod windows;

use crate::case::Case;

pub(super) use bomb::came_beyond;
pub(super) use talk::{Wants, left_out};

pub(super) fn cases() -> Vec<Case> {
    messages::cases()
        .into_iter()
        .chain(data::cases())
        .chain(server::cases())
        .chain(bad::cases())
        .chain(bomb::cases())
        .collect()
}

/// Those of them that have another form, in which they send so many messages of each of Autobahn's sizes.
pub(super) fn exhaustive(messages: u64) -> impl Iterator<Item = Case> {
    data::exhaustive(messages)
}
