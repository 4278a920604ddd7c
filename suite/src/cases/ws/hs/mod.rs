//! `ws/hs`: opening handshakes that have to be accepted.

mod accept;
mod body;
mod chopped;
mod crowd;
mod early;
mod expect;
mod legal;
mod minimal;
mod reused;
mod sizes;
mod variation;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    minimal::cases()
        .chain(accept::cases())
        .chain(legal::cases())
        .chain(sizes::cases())
        .chain(reused::cases())
        .chain(chopped::cases())
        .chain(early::cases())
        .chain(body::cases())
        .chain(expect::cases())
        .chain(crowd::cases())
        .collect()
}
