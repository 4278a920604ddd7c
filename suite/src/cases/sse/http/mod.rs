//! `sse/http`: how streams are framed by HTTP/1.1: versions, ends, pipelines, content codings, many at once.
//!
//! The chunks themselves are judged on every connection of every case, by the check `sse/http/chunked-strict` of
//! [`crate::passive::sse`].

mod ending;
mod flush;
mod identity;
mod no_content;
mod parallel;
mod pipelined;
mod version;

pub(in crate::cases::sse) use parallel::LABELS;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let groups = [
        version::cases,
        ending::cases,
        no_content::cases,
        pipelined::cases,
        identity::cases,
        flush::cases,
        parallel::cases,
    ];
    groups.into_iter().flat_map(|group| group()).collect()
}

#[cfg(test)]
mod tests;
