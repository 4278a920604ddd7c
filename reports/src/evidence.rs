//! The exchange that a verdict rests on: who sent what, when, and what it decodes to.
//!
//! Bounded by construction: a long payload keeps its length, its hash, its head and its tail.

use serde::{Deserialize, Serialize};

/// Which way bytes went, seen from pushspec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From pushspec to the target.
    Sent,
    /// From the target to pushspec.
    Received,
}

/// A spot in the bytes that one side sent on one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The connection's label in the [`Evidence`], such as `fault` or `guard`.
    pub connection: String,
    /// Who sent the bytes.
    pub direction: Direction,
    /// Bytes from the start of what was sent that way on that connection.
    pub offset: u64,
    /// The bytes around the offset.
    pub window: Window,
}

/// A short run of bytes with its position.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Window {
    /// Offset of the first byte.
    pub start: u64,
    /// The bytes, in hexadecimal.
    pub bytes: String,
}

/// Part of a byte string: all of a short one, head and tail of a long one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Excerpt {
    /// Length of the whole, in bytes.
    pub len: u64,
    /// The first bytes, in hexadecimal.
    pub head: String,
    /// The last bytes, in hexadecimal; empty where `head` holds all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
    /// SHA-256 of the whole, in hexadecimal; empty where `head` holds all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
}

/// One thing that happened on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Moment {
    /// Bytes went one way.
    Bytes {
        /// Microseconds since the case began.
        at_us: u64,
        /// Who sent them.
        direction: Direction,
        /// Where they begin: bytes sent that way on this connection before.
        offset: u64,
        /// The bytes, or head and tail of them.
        bytes: Excerpt,
        /// What they decode to, one line for each element that begins in them.
        decoded: Vec<String>,
    },
    /// Anything else: connected, FIN, RST, a deadline that passed.
    Note {
        /// Microseconds since the case began.
        at_us: u64,
        /// What happened.
        text: String,
    },
}

/// All that happened on one connection, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exchange {
    /// What the connection was for: `case`, `twin`, `fault`, `guard`.
    pub label: String,
    /// What happened.
    pub moments: Vec<Moment>,
    /// How many moments were left out of the middle to keep the report small.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What a verdict rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The connections of the case, in the order in which they were opened.
    pub exchanges: Vec<Exchange>,
}
