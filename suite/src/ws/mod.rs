//! A WebSocket conversation over any transport: frames sent right or wrong on purpose, and what the target says decoded.
//!
//! Cases speak to a [`Conversation`] and judge a [`Dialogue`]; neither knows which wire lies below.

pub mod after_fault;
pub mod closing;
mod conversation;
mod dialogue;
mod frame;
pub mod handshake;
#[cfg(test)]
pub(crate) mod scene;

pub use conversation::Conversation;
pub use dialogue::{Dialogue, HeardClose, HeardControl, HeardFrame, HeardMessage, Opened};
pub use frame::{Frame, Masking};
