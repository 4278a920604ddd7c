//! What the target's own compression looks like from outside: history, window, and what it is used for.

use super::talk::{Said, Talk};
use crate::case::{Case, Need};
use crate::judgement::Judgement;
use crate::ws::echo::{binary, text};
use crate::ws::{Dialogue, Frame};
use pushspec_reports::Severity;

const NEEDS: &[Need] = &[Need::Echo, Need::Deflate];

/// Offers that limit the window, each behind its number of bits.
const WINDOWS: [(u8, &str); 8] = [
    (8, "permessage-deflate; server_max_window_bits=8"),
    (9, "permessage-deflate; server_max_window_bits=9"),
    (10, "permessage-deflate; server_max_window_bits=10"),
    (11, "permessage-deflate; server_max_window_bits=11"),
    (12, "permessage-deflate; server_max_window_bits=12"),
    (13, "permessage-deflate; server_max_window_bits=13"),
    (14, "permessage-deflate; server_max_window_bits=14"),
    (15, "permessage-deflate; server_max_window_bits=15"),
];

/// A text of so many bytes is compressed even by servers that leave short ones alone.
const ENOUGH: usize = 2000;

/// What is repeated so far back: long enough to be worth a look.
const REPEATED: usize = 100;

pub(super) fn cases() -> Vec<Case> {
    let alone = Case::new(
        "ws/pmd/server-nct-honoured",
        Severity::Major,
        NEEDS,
        &["rfc7692/7.2.1/server-nct-empty-window"],
        Talk::new(|compression| {
            let mut compressor = compression.compressor();
            // Alike but for the last byte, so that whoever looks back does so.
            let like = |last: &[u8]| [&*text(ENOUGH), last].concat();
            let texts = ["1", "2", "3"].map(|last| Frame::text(like(last.as_bytes())));
            // No UTF-8, so that nobody takes them for text.
            let bytes = [b"\xfd", b"\xfe", b"\xff"].map(|last| Frame::binary(like(last)));
            let frames = texts.into_iter().chain(bytes);
            frames.map(|frame| Said::packed(&mut compressor, frame)).collect()
        })
        .offering("permessage-deflate; server_no_context_takeover")
        .remarking(used),
    )
    .about(
        "an offer of server_no_context_takeover, and three texts and three binary messages that are nearly the same",
        "each comes back compressed by itself, without looking back at the one before",
    );
    let takeover = Case::new(
        "ws/pmd/server-takeover-used",
        Severity::Informational,
        NEEDS,
        &["rfc7692/7.2.1/server-takeover-allowed"],
        Talk::new(|compression| {
            let mut compressor = compression.compressor();
            let mut again = || Said::packed(&mut compressor, Frame::text(text(ENOUGH)));
            vec![again(), again()]
        })
        .remarking(looks_back),
    )
    .about(
        "the same text twice",
        "recorded: whether the second looks back at the first",
    );
    let incompressible = Case::new(
        "ws/pmd/incompressible",
        Severity::Informational,
        NEEDS,
        &["rfc7692/7.3/compression-heuristics"],
        Talk::new(|_| vec![Said::plain(Frame::binary(binary(4096)))]).remarking(worth_it),
    )
    .about(
        "4096 random bytes, not compressed",
        "recorded: whether they come back marked as compressed",
    );
    let mut cases = vec![alone, takeover, incompressible];
    cases.extend(WINDOWS.map(|(bits, offer)| {
        Case::new(
            format!("ws/pmd/server-window-honoured-{bits}"),
            Severity::Major,
            NEEDS,
            &[
                "rfc7692/7.2.1/server-mwb-obeyed",
                "rfc7692/7/decline-unsupported-config",
            ],
            Talk::new(move |compression| {
                let mut compressor = compression.compressor();
                vec![Said::packed(&mut compressor, Frame::text(at_edge(bits)))]
            })
            .offering(offer)
            .remarking(used),
        )
        .about(
            format!(
                "an offer of server_max_window_bits={bits}, and a text that repeats itself after {} bytes, and after one \
                 more",
                1u32 << bits
            ),
            "the text comes back, and nothing in it looks back further than was agreed",
        )
        .weighing(512 * 1024)
    }));
    cases
}

/// A text that repeats itself at the edge of a window, and beyond it.
fn at_edge(bits: u8) -> Vec<u8> {
    let window = 1 << bits;
    let first = text(window);
    let beyond = text(window + 1);
    // A window's worth, its beginning again, and so on.
    [
        &first[..],
        &first[..REPEATED],
        &beyond[..],
        &beyond[..REPEATED],
    ]
    .concat()
}

/// Whether there was something to be judged.
fn used(heard: &Dialogue) -> Judgement {
    let compressed = heard
        .messages
        .iter()
        .filter_map(|message| message.compressed);
    match compressed.count() {
        0 => Judgement::info("everything came back, and nothing of it was compressed"),
        _ => Judgement::pass("everything came back, compressed within what was agreed"),
    }
}

fn looks_back(heard: &Dialogue) -> Judgement {
    let sizes: Vec<u64> = heard
        .messages
        .iter()
        .filter_map(|message| message.compressed)
        .collect();
    Judgement::info(match sizes[..] {
        [first, second, ..] if second < first => {
            format!("the second takes {second} bytes, the first {first}: it looks back")
        }
        [first, second, ..] => {
            format!("the second takes {second} bytes, the first {first}: it does not look back")
        }
        [_] | [] => "both came back, and not both compressed".into(),
    })
}

fn worth_it(heard: &Dialogue) -> Judgement {
    let first = heard.messages.first();
    Judgement::info(match first.and_then(|message| message.compressed) {
        Some(wire) => format!("they come back marked as compressed, in {wire} bytes"),
        None => "they come back as they are".into(),
    })
}
