//! `ws/pmd-neg`: what a server makes of offers of permessage-deflate (RFC 7692 sections 5 and 7).
//!
//! Declining is always legal: most servers that lack the extension do. What is accepted has to be granted to the letter,
//! and what breaks a rule has to be declined, which is less than to refuse the handshake.

mod answer;
mod fallback;
mod illegal;
mod legal;
mod recorded;
#[cfg(test)]
mod tests;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    legal::cases()
        .chain(illegal::cases())
        .chain(fallback::cases())
        .chain(recorded::cases())
        .collect()
}
