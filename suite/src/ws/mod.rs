//! A WebSocket conversation over any transport: frames sent right or wrong on purpose, and what the target says decoded.
//!
//! Cases speak to a [`Conversation`] and judge a [`Dialogue`]; neither knows which wire lies below.

pub mod after_fault;
pub mod bulk;
pub mod bystander;
pub mod closing;
pub mod compression;
mod conversation;
mod dialogue;
pub mod echo;
pub mod flood;
mod frame;
pub mod handshake;
pub mod outcome;
pub mod pipeline;
#[cfg(test)]
pub(crate) mod scene;
mod segments;
mod step;
mod twin;
pub mod unasked;
pub mod words;

pub use compression::Compression;
pub use conversation::Conversation;
pub use dialogue::{
    Dialogue, HeardBroken, HeardClose, HeardControl, HeardFrame, HeardMessage, Opened,
};
pub use frame::{Frame, Masking};
pub use segments::Segments;
