//! Pure functions from a report to something a person or a program reads.

mod hex;
pub mod json;
pub mod terminal;

pub use hex::dump;
