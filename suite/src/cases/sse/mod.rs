//! The `sse/*` families.

mod beside;
mod cors;
mod enc;
mod everyday;
mod http;
mod inj;
mod pace;
mod played;
mod prop;
mod rec;
mod resp;
mod storm;
mod time;
mod withheld;

use crate::case::Case;

pub(super) use prop::replayed;
pub(crate) use time::observation;

pub(super) fn cases() -> Vec<Case> {
    let families = [
        resp::cases,
        http::cases,
        enc::cases,
        inj::cases,
        prop::cases,
        rec::cases,
        cors::cases,
        everyday::cases,
        time::cases,
    ];
    families.into_iter().flat_map(|family| family()).collect()
}
