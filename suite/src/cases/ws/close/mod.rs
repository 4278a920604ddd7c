//! `ws/close`: the closing handshake and the end of TCP.
//!
//! What answers a Close is read in one place, [`answer`]. The families of rows: legal Closes ([`legal`]), illegal and
//! unassigned ones ([`illegal`]), bytes around and behind a Close ([`around`]), the end of TCP ([`tcp`]), Closes that
//! the server begins ([`command`]), clients that vanish ([`abort`]), and a server that is
//! told to stop ([`shutdown`]).

mod abort;
mod answer;
mod around;
mod command;
mod illegal;
mod legal;
mod shutdown;
mod tcp;
#[cfg(test)]
mod tests;

use crate::case::Case;

pub(super) use around::inside_message;

pub(super) fn cases() -> Vec<Case> {
    [
        legal::cases(),
        illegal::cases(),
        around::cases(),
        tcp::cases(),
        command::cases(),
        abort::cases(),
        shutdown::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
