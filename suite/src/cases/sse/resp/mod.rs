//! `sse/resp`: the response to a stream request.
//!
//! The cases fall into groups by what they send: the ordinary request, looked at from many sides ([`ordinary`],
//! [`latency`]); the same with other fields ([`fields`]), with another method ([`methods`]), with a faulty `Host`
//! ([`host`]); and a request to the declared path that redirects ([`redirect`]).
//!
//! A refusal may be owed to the streams of the cases that run beside, so that every verdict that rests on one is
//! confirmed alone.

mod caching;
mod fields;
mod host;
mod latency;
mod media_type;
mod methods;
mod ordinary;
mod redirect;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let groups = [
        ordinary::cases,
        latency::cases,
        fields::cases,
        methods::cases,
        host::cases,
        redirect::cases,
    ];
    groups.into_iter().flat_map(|group| group()).collect()
}

#[cfg(test)]
mod tests;
