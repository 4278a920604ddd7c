//! Tests of the report model as its readers see it.

mod gate;
mod render;
mod sample;
