//! Event streams: tables, and laws that hold for every input.

mod chunks;
mod encode;
mod everyday;
mod facts;
mod generate;
mod laws;
mod limits;
mod many;
mod reference;
