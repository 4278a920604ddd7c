//! Runs one of our decoders over one corpus so many times, to be counted by valgrind: `count <corpus>-<chunk> <passes>`,
//! or `count head-<lines> <passes>`.

use std::hint::black_box;

use bytes::Bytes;
use pushspec_bench::{frames, heads, ours, streams};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, passes] = &arguments[..] else {
        panic!("a case and a number of passes")
    };
    let passes: u32 = passes.parse().expect("a number");
    let (corpus, chunk) = case
        .rsplit_once('-')
        .expect("a corpus and the size of chunks");
    let (bytes, run): (Bytes, fn(&[Bytes])) = match corpus {
        "head" => {
            let head = match chunk {
                "4" => heads::SHORT,
                "13" => heads::LONG,
                lines => panic!("there is no head of {lines} lines"),
            };
            for _ in 0..passes {
                black_box(ours::head(black_box(head)));
            }
            return println!("{}", head.len());
        }
        "ws16-masked" | "ws-fragmented-masked" => {
            let name = if corpus == "ws16-masked" {
                "16 B"
            } else {
                "UTF-8 fragmented"
            };
            let corpus = frames::all()
                .into_iter()
                .find(|known| known.masked && known.name == name)
                .expect("a masked corpus");
            (corpus.bytes, |chunks| {
                _ = black_box(ours::messages(chunks, true))
            })
        }
        _ => {
            let corpus = streams::all()
                .into_iter()
                .find(|known| known.name == corpus)
                .expect("a known corpus");
            (corpus.bytes, |chunks| {
                _ = black_box(ours::events_borrowed(chunks))
            })
        }
    };
    let chunks = streams::chunks(&bytes, chunk.parse().expect("a number of bytes"));
    for _ in 0..passes {
        run(black_box(&chunks));
    }
    println!("{}", bytes.len());
}
