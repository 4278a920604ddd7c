//! Lossless, judging parser for Server-Sent Events and WebSocket: bytes in, facts out.
//!
//! Other parsers refuse bad input; this one *sees* it. Decoding yields facts with byte offsets, and every broken
//! rule as a [`Finding`] that names the requirement it breaks, and goes on wherever the framing allows.
//! There is no I/O and no clock; chunk boundaries never change a result; nothing panics or grows beyond its limits.
//!
//! ```
//! use pushspec_parser::ws::{Role, Session, SessionEvent, SessionLimits};
//!
//! let mut session = Session::new(Role::Server, SessionLimits::default());
//! let mut seen = Vec::new();
//! session.feed(b"\x81\x05Hello\x83\x00", |event| match event {
//!     SessionEvent::Message(message) => seen.push(String::from_utf8_lossy(message.payload).into_owned()),
//!     SessionEvent::Violation(finding) => seen.push(finding.to_string()),
//!     _ => {}
//! });
//! assert_eq!(seen, ["Hello", "the opcode is reserved at byte 7"]);
//! ```
//!
//! The README, which follows here where all features are on, lists the features and has an example for each use.
//!
#![cfg_attr(
    all(feature = "stream", feature = "handshake"),
    doc = include_str!("../README.md")
)]
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod http;
pub mod sse;
mod violation;
pub mod ws;

pub use violation::{Finding, Violation};
