//! What the benchmark program and the instruction counter share: the corpora, and our own decoders run over them.

pub mod frames;
pub mod heads;
pub mod ours;
pub mod streams;
