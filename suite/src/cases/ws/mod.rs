//! The `ws/*` families.

mod close;
mod frame_neg;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let families = [frame_neg::cases, close::cases];
    families.into_iter().flat_map(|family| family()).collect()
}
