//! The `sse/*` families.

mod resp;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let families = [resp::cases];
    families.into_iter().flat_map(|family| family()).collect()
}
