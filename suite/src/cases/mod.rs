//! The catalogue: every case that pushspec knows, in the order in which reports list them.

mod sse;
mod ws;

use crate::case::Case;
use crate::target::Protocol;

/// Every case for targets of this protocol, passive checks apart.
pub fn catalogue(protocol: Protocol) -> Vec<Case> {
    match protocol {
        Protocol::WebSocket => ws::cases(),
        Protocol::EventStream => sse::cases(),
    }
}
