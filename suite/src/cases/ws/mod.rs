//! The `ws/*` families.

mod close;
mod ctl;
mod ext;
mod fail;
mod frag;
mod frame;
mod frame_neg;
mod hs;
mod hs_neg;
mod limits;
mod negotiated;
mod origin;
mod perf;
mod pmd;
mod pmd_neg;
mod prop;
mod sub;
mod tls;
mod utf8;

use crate::case::Case;

pub(super) use prop::replayed;

pub(super) fn cases() -> Vec<Case> {
    let families = [
        hs::cases,
        hs_neg::cases,
        sub::cases,
        ext::cases,
        origin::cases,
        frame::cases,
        frame_neg::cases,
        frag::cases,
        ctl::cases,
        utf8::cases,
        close::cases,
        pmd_neg::cases,
        pmd::cases,
        fail::cases,
        prop::cases,
        limits::cases,
        perf::cases,
        tls::cases,
    ];
    families.into_iter().flat_map(|family| family()).collect()
}

/// Those of them that have another form, in which they send so many messages of each of Autobahn's sizes.
pub(super) fn exhaustive(messages: u64) -> impl Iterator<Item = Case> {
    pmd::exhaustive(messages)
}
