//! Event streams as cases meet them: asking for one, telling whether one came, saying what came instead; and scripts,
//! which make a target send what a case wants to see.

mod answer;
mod leads;
mod likeness;
mod read;
pub mod script;
mod visited;

pub use answer::{
    Answer, another_reason, ask, is_open, opens_again, outwait, sent_away_for_now, settle, streams,
};
pub use leads::{Leads, leads};
pub use likeness::{Likeness, likeness};
pub use read::{Coded, Got, Line, Read, coding};
pub use visited::{Hop, Visited};
