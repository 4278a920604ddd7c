//! The `sse/*` families.

mod http;
mod pace;
mod resp;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let families = [resp::cases, http::cases];
    families.into_iter().flat_map(|family| family()).collect()
}
