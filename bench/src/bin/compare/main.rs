//! pushspec-parser beside its peers, in one run on one machine: `cargo run --release`.
//!
//! Every contestant gets the same bytes in the same chunks, through the interface that its documentation shows, and
//! what it found is checked: a star marks a peer that lost something or refused. MB/s are of this thread's CPU time,
//! medians of rounds in which every contestant runs once.

mod clock;
mod heads;
mod node;
mod socket;
mod sse;
mod table;
mod targets;
mod ws;

fn main() {
    let only = std::env::args().nth(1);
    let wanted = |section: &str| only.as_deref().is_none_or(|only| only == section);
    let events = if wanted("sse") {
        sse::compare()
    } else {
        table::Table::new("MB/s")
    };
    let frames = if wanted("ws") {
        ws::compare()
    } else {
        table::Table::new("MB/s")
    };
    let answers = if wanted("heads") {
        heads::compare()
    } else {
        table::Table::new("ns")
    };
    events.print("Server-Sent Events, chunks of 16 KiB and of 64 bytes");
    println!("\n`*`: lost something, or refused.");
    frames.print("WebSocket, reads of 16 KiB");
    answers.print("101 heads");
    targets::print(&events, &frames, &answers);
}
