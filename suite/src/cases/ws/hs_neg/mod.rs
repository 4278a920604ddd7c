//! `ws/hs-neg`: opening handshakes that have to be refused. One fault for each connection.

mod afterwards;
mod fields;
mod garbage;
mod plain;
mod recorded;
mod refusal;
mod requests;
mod syntax;
mod unended;
mod version;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    requests::cases()
        .chain(plain::cases())
        .chain(fields::cases())
        .chain(version::cases())
        .chain(syntax::cases())
        .chain(garbage::cases())
        .chain(afterwards::cases())
        .chain(recorded::cases())
        .collect()
}
