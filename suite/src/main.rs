//! The `pushspec` command.
fn main() {}
