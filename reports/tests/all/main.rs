//! Tests of the report model as its readers see it.

mod formats;
mod gate;
mod known;
mod render;
mod sample;
mod schema;
