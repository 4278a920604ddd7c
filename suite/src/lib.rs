//! Conformance tests for server push: point pushspec at a URL and it tells whether that server speaks WebSocket
//! (RFC 6455) or Server-Sent Events (WHATWG HTML 9.2) as the documents say, with evidence.
//!
//! Data flows one way: requirement → case → conversation → transcript → judgement → report. A reader who follows one
//! byte from the socket meets, in order, [`transport`], `pushspec-parser`, the [`passive`] checks, the case's judge,
//! the verdict, the report, and a renderer of `pushspec-reports`.

pub mod ambiguity;
pub mod autobahn;
pub mod case;
pub mod cases;
#[cfg(feature = "cli")]
pub mod cli;
mod declared;
pub mod engine;
mod harness;
pub mod http;
pub mod judgement;
pub mod link;
pub mod listening;
mod operator;
pub mod passive;
mod post;
mod secrets;
pub mod sse;
pub mod stage;
mod target;
mod timing;
pub mod transcript;
pub mod transport;
pub mod ws;

pub use declared::{Declared, Profile, Reading};
pub use harness::{Harness, harness};
pub use operator::Operator;
pub use post::Post;
pub use target::{Protocol, Target, TargetError};
pub use timing::Timing;
