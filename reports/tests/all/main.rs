//! Tests of the report model as its readers see it.

mod compat;
mod formats;
mod gate;
mod html;
mod known;
mod parts;
mod render;
mod sample;
mod schema;
