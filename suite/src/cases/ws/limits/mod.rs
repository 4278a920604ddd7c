//! `ws/limits`: how much a target takes, and what it does about more. The documents leave the limits to it (RFC 6455 section
//! 10.4): what is found is recorded, and held against what was declared.

mod compressed;
mod declared;
mod floods;
mod growing;
mod slow;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let families = [
        growing::cases,
        declared::cases,
        compressed::cases,
        floods::cases,
        slow::cases,
    ];
    families.into_iter().flat_map(|family| family()).collect()
}
