//! What was set out to be reached, against what was.

use crate::table::Table;
use crate::{heads, sse, ws};

/// Prints a ratio and whether it is what was wanted: at least `wanted`.
fn line(what: &str, ratio: f64, wanted: f64) {
    println!(
        "| {what} | {ratio:.2} | ≥ {wanted:.2} | {} |",
        if ratio >= wanted { "reached" } else { "MISSED" }
    );
}

pub fn print(events: &Table, frames: &Table, answers: &Table) {
    println!("\n### Targets\n\n| | ratio | wanted | |\n|---|---:|---:|---|");
    let best = sse::PEERS;
    for (corpus, rival, whole, small, limit) in [
        ("llm", ["sse-core 0.2.3"; 2], 3.0, 2.0, 0.35),
        ("tiny", ["sse-core 0.2.3"; 2], 4.5, 4.0, 0.15),
        (
            "big",
            ["sse-stream 0.3.0", "sse-core 0.2.3"],
            1.8,
            1.7,
            0.22,
        ),
        (
            "mixed",
            [
                events.best("mixed 16K", &best),
                events.best("mixed 64", &best),
            ],
            3.0,
            2.0,
            0.28,
        ),
    ] {
        for ((size, rival), wanted) in ["16K", "64"].iter().zip(rival).zip([whole, small]) {
            let column = format!("{corpus} {size}");
            let ours = events.get(sse::BORROWED, &column);
            line(
                &format!("SSE {column}, borrowed / {rival}"),
                ours / events.get(rival, &column),
                wanted,
            );
            if *size == "16K" {
                line(
                    &format!("SSE {column}, borrowed / limit"),
                    ours / events.get(sse::LIMIT, &column),
                    limit,
                );
            }
        }
    }
    for column in &events.columns {
        let rival = events.best(column, &best);
        line(
            &format!("SSE {column}, owned / {rival}"),
            events.get(sse::OWNED, column) / events.get(rival, column),
            1.6,
        );
    }

    for (column, ours, rival, wanted) in [
        ("16 B", ws::MESSAGES, "websocket-codec 0.5.2", 2.5),
        ("16 B masked", ws::MESSAGES, "websocket-codec 0.5.2", 2.5),
        ("16 B", ws::IN_PLACE, ws::SANS_IO, 1.5),
        ("16 B masked", ws::IN_PLACE, ws::SANS_IO, 1.5),
        ("1 KiB text", ws::MESSAGES, "sockudo-ws 3.1.0", 1.3),
        ("1 KiB text masked", ws::MESSAGES, "sockudo-ws 3.1.0", 1.3),
        ("1 KiB text", ws::MESSAGES, "websocket-codec 0.5.2", 1.5),
        (
            "1 KiB text masked",
            ws::MESSAGES,
            "websocket-codec 0.5.2",
            1.5,
        ),
        ("1 KiB text", ws::MESSAGES, ws::LIMIT, 0.5),
        ("1 KiB text masked", ws::MESSAGES, ws::LIMIT, 0.5),
        (
            "64 KiB binary",
            ws::MESSAGES,
            "tokio-websockets 0.13.3",
            1.0,
        ),
        (
            "64 KiB binary masked",
            ws::MESSAGES,
            "tokio-websockets 0.13.3",
            1.0,
        ),
        ("64 KiB binary", ws::IN_PLACE, ws::LIMIT, 0.9),
        ("64 KiB binary masked", ws::IN_PLACE, ws::LIMIT, 0.9),
        ("UTF-8 single", ws::MESSAGES, "sockudo-ws 3.1.0", 1.25),
        (
            "UTF-8 fragmented masked",
            ws::MESSAGES,
            "sockudo-ws 3.1.0",
            2.4,
        ),
    ] {
        let plain = ours.replace("**", "");
        line(
            &format!("WS {column}, {plain} / {rival}"),
            frames.get(ours, column) / frames.get(rival, column),
            wanted,
        );
    }

    for (column, _) in heads::COLUMNS {
        let ours = answers.get(heads::OURS, column);
        line(
            &format!("101 head of {column}, {} / ours", heads::TUNGSTENITE),
            answers.get(heads::TUNGSTENITE, column) / ours,
            4.0,
        );
        line(
            &format!("101 head of {column}, {} / ours", heads::HTTPARSE),
            answers.get(heads::HTTPARSE, column) / ours,
            1.0 / 1.1,
        );
    }
}
