//! Answers to an opening handshake: our scan, which judges the whole grammar, beside httparse and tungstenite.

use std::hint::black_box;

use pushspec_bench::{heads, ours};
use tungstenite::handshake::client::Response;
use tungstenite::handshake::machine::TryParse;

use crate::clock::race;
use crate::table::Table;

pub const OURS: &str = "**pushspec**";
pub const HTTPARSE: &str = "httparse";
pub const TUNGSTENITE: &str = "tungstenite 0.30.0";
pub const COLUMNS: [(&str, &str); 2] = [("4 lines", heads::SHORT), ("13 lines", heads::LONG)];

type Run = fn(&str);

const RUNS: [(&str, Run); 3] = [
    (HTTPARSE, httparse),
    (TUNGSTENITE, tungstenite),
    (OURS, |head| _ = ours::head(head)),
];

/// How often a head is parsed between two looks at the clock.
const TIMES: u32 = 10_000;

pub fn compare() -> Table {
    let mut table = Table::new("ns");
    for (column, head) in COLUMNS {
        let mut contestants: Vec<Box<dyn FnMut()>> = Vec::new();
        for (_, run) in RUNS {
            contestants.push(Box::new(move || {
                (0..TIMES).for_each(|_| run(black_box(head)))
            }));
        }
        for ((name, _), time) in RUNS.iter().zip(race(&mut contestants)) {
            table.put(
                name,
                column,
                time.as_nanos() as f64 / f64::from(TIMES),
                true,
            );
        }
    }
    table
}

fn httparse(head: &str) {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut fields);
    assert!(response.parse(head.as_bytes()).unwrap().is_complete());
    assert_eq!(response.code, Some(101));
    black_box(response);
}

fn tungstenite(head: &str) {
    let (_, response) = Response::try_parse(head.as_bytes()).unwrap().unwrap();
    assert_eq!(response.status(), 101);
    black_box(response);
}
