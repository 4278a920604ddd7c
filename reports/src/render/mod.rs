//! Pure functions from a report to something a person or a program reads.
//!
//! [`json`] is complete, and every other form is made from what it holds. [`terminal`] and [`markdown`] are for people in a
//! hurry, [`html`] for people who look closely, [`badge`] for those who pass by; [`junit`], [`tap`] and [`sarif`] are
//! for the programs of others, [`ndjson`] for those that listen while cases run. [`Format`] names them.

mod autobahn;
#[cfg(feature = "renderers")]
pub mod badge;
#[cfg(feature = "renderers")]
pub mod changes;
mod compat;
#[cfg(feature = "renderers")]
mod format;
mod hex;
#[cfg(feature = "renderers")]
pub mod html;
pub mod json;
#[cfg(feature = "renderers")]
pub mod junit;
#[cfg(feature = "renderers")]
pub mod markdown;
pub mod ndjson;
#[cfg(feature = "renderers")]
pub mod sarif;
mod silence;
mod story;
mod tally;
#[cfg(feature = "renderers")]
pub mod tap;
pub mod terminal;

#[cfg(feature = "renderers")]
pub use format::Format;
pub use hex::dump;
