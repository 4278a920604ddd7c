//! Event streams as cases meet them: asking for one, telling whether one came, and saying what came instead.

mod answer;
mod likeness;

pub use answer::{Answer, ask, settle, streams};
pub use likeness::{Likeness, likeness};
