//! Messages of many sizes and kinds, whole and in fragments, under the usual offers.

use super::exhaustive::{self, Exhaustive};
use super::talk::{Said, Talk};
use crate::case::{Case, Experiment, Need};
use crate::judgement::Judgement;
use crate::ws::compression::{Compression, NAME};
use crate::ws::echo::{binary, text};
use crate::ws::{Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

/// Both sides of every limit of the three length forms.
const LENGTHS: [usize; 15] = [
    0, 1, 124, 125, 126, 127, 128, 255, 256, 258, 32767, 32768, 65535, 65536, 65537,
];

/// 0x010203: each of its bytes is another.
const UNLIKE_BYTES: usize = 66051;

/// Sizes of messages, and of the fragments that they are cut into; none: whole.
const SIZES: [(usize, Option<usize>); 8] = [
    (16, None),
    (64, None),
    (256, None),
    (1024, None),
    (4096, None),
    (16384, None),
    (4096, Some(256)),
    (16384, Some(1024)),
];

/// So many bytes of some kind of data.
pub(super) type Corpus = fn(usize) -> Vec<u8>;

/// The end of the id, in words, the opcode, and the data: kinds that compress more or less well.
const CORPORA: &[(&str, &str, Opcode, Corpus)] = &[
    ("json", "JSON", Opcode::TEXT, |length| {
        repeated(length, json)
    }),
    ("bitmap", "a bitmap", Opcode::BINARY, bitmap),
    ("prose", "German prose", Opcode::TEXT, |length| {
        repeated(length, prose)
    }),
    ("html", "HTML", Opcode::TEXT, |length| {
        repeated(length, html)
    }),
    ("random", "random bytes", Opcode::BINARY, binary),
];

/// The end of the id, and the offer.
const OFFERS: &[(&str, &str)] = &[
    ("plain", "permessage-deflate"),
    (
        "server-nct",
        "permessage-deflate; server_no_context_takeover",
    ),
    (
        "server-mwb-9",
        "permessage-deflate; server_max_window_bits=9",
    ),
    (
        "server-mwb-15",
        "permessage-deflate; server_max_window_bits=15",
    ),
    (
        "server-nct-mwb-9",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
    ),
    (
        "server-nct-mwb-15",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=15",
    ),
    ("client-mwb", "permessage-deflate; client_max_window_bits"),
    (
        "fallback",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, permessage-deflate; \
         server_no_context_takeover, permessage-deflate",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let texts = LENGTHS
        .iter()
        .map(|&length| one("text", length, || Frame::text("")));
    let binaries = LENGTHS
        .iter()
        .chain([&UNLIKE_BYTES])
        .map(|&length| one("binary", length, || Frame::binary("")));
    let grid = grid().map(|volume| {
        let talk = volume.talk();
        volume.case(talk)
    });
    texts
        .chain(binaries)
        .chain(grid)
        .chain([history_lasts()])
        .collect()
}

/// As many messages as Autobahn sends of its smallest size: a history that slips behind some of them shows in no short talk.
fn history_lasts() -> Case {
    const MESSAGES: u64 = 1000;
    let corpus: Corpus = |length| repeated(length, json);
    let talk = Talk::new(move |compression| {
        let mut compressor = compression.compressor();
        vec![Said::packed(&mut compressor, Frame::text(corpus(16)))]
    });
    let lasting = Exhaustive {
        talk,
        offer: NAME,
        opcode: Opcode::TEXT,
        corpus,
        messages: MESSAGES,
        sizes: &exhaustive::SIZES[..1],
    };
    Case::new(
        "ws/pmd/history-lasts",
        Severity::Major,
        &[Need::Echo, Need::Deflate],
        &[
            "rfc7692/7.2.2/server-keeps-window",
            "rfc7692/7.2.1/deflate-then-strip-tail",
        ],
        lasting,
    )
    .about(
        format!("{MESSAGES} short texts on one connection, several on the way at a time, which look back at each other"),
        "each message comes back once, the same, in order",
    )
}

/// The corpora and the offers with so many messages of each size that Autobahn sends.
pub(super) fn exhaustive(messages: u64) -> impl Iterator<Item = Case> {
    grid().map(move |volume| {
        let exhaustive = Exhaustive {
            talk: volume.talk(),
            offer: volume.offer,
            opcode: volume.opcode,
            corpus: volume.corpus,
            messages,
            sizes: exhaustive::SIZES,
        };
        volume.case(exhaustive).lasting(exhaustive::WINDOW).alone()
    })
}

/// Some data, and the offer under which they are sent.
struct Volume {
    id: String,
    title: String,
    expected: &'static str,
    requirements: &'static [&'static str],
    offer: &'static str,
    opcode: Opcode,
    corpus: Corpus,
}

fn grid() -> impl Iterator<Item = Volume> {
    let corpora = CORPORA.iter().map(|&(id, words, opcode, corpus)| Volume {
        id: format!("ws/pmd/corpora-{id}"),
        title: format!("{words}: messages from 16 bytes to 16 KiB, whole and in fragments"),
        expected: "each message comes back once, the same; how well it was compressed is recorded",
        requirements: &[
            "rfc7692/7.2.1/deflate-then-strip-tail",
            "rfc7692/7.2.1/no-strip-on-nonfinal",
            "rfc7692/6.1/compressed-send-algorithm",
        ],
        offer: NAME,
        opcode,
        corpus,
    });
    let offers = OFFERS.iter().map(|&(id, offer)| Volume {
        id: format!("ws/pmd/param-matrix-{id}"),
        title: format!(
            "an offer of `{offer}`, and messages from 16 bytes to 16 KiB, whole and in fragments"
        ),
        expected: "each message comes back once, compressed within what was agreed, or not compressed",
        requirements: &[
            "rfc7692/7.2.1/server-nct-empty-window",
            "rfc7692/7.2.1/server-mwb-obeyed",
        ],
        offer,
        opcode: Opcode::TEXT,
        corpus: |length| repeated(length, json),
    });
    corpora.chain(offers)
}

impl Volume {
    /// One message of each size.
    fn talk(&self) -> Talk {
        let (opcode, corpus) = (self.opcode, self.corpus);
        Talk::new(move |compression| sizes(compression, opcode, corpus))
            .offering(self.offer)
            .remarking(ratio)
    }

    fn case(self, experiment: impl Experiment + 'static) -> Case {
        Case::new(
            self.id,
            Severity::Major,
            &[Need::Echo, Need::Deflate],
            self.requirements,
            experiment,
        )
        .about(self.title, self.expected)
    }
}

fn case(id: String, requirements: &'static [&'static str], talk: Talk) -> Case {
    let needs = &[Need::Echo, Need::Deflate];
    Case::new(id, Severity::Major, needs, requirements, talk)
}

fn one(kind: &'static str, length: usize, frame: fn() -> Frame) -> Case {
    case(
        format!("ws/pmd/echo-{kind}-{length}"),
        &[
            "rfc7692/6.1/opcode-unchanged",
            "rfc7692/6.2/receive-concatenate-decompress",
        ],
        Talk::new(move |compression| {
            let payload = match kind {
                "text" => text(length),
                _ => binary(length),
            };
            let frame = Frame { payload, ..frame() };
            vec![Said::packed(&mut compression.compressor(), frame)]
        }),
    )
    .about(
        format!("a compressed {kind} message of {length} bytes in one frame"),
        "the message comes back once, the same bytes and type",
    )
}

/// Messages of every size.
fn sizes(compression: &Compression, opcode: Opcode, corpus: Corpus) -> Vec<Said> {
    let mut compressor = compression.compressor();
    SIZES
        .iter()
        .map(|&(length, fragment)| {
            let said = Said::packed(&mut compressor, Frame::new(opcode, corpus(length)));
            match fragment {
                Some(size) => said.cut_every(size),
                None => said,
            }
        })
        .collect()
}

/// How well the target compresses what it sends.
fn ratio(heard: &Dialogue) -> Judgement {
    let compressed = || {
        let messages = heard.messages.iter();
        messages.filter_map(|message| Some((message.payload.len(), message.compressed?)))
    };
    let (count, total) = (compressed().count(), heard.messages.len());
    let length: usize = compressed().map(|(length, _)| length).sum();
    let wire: u64 = compressed().map(|(_, wire)| wire).sum();
    Judgement::pass(match count {
        0 => "everything came back, the same, in order; nothing of it was compressed".into(),
        _ => format!(
            "everything came back, the same, in order; {count} of {total} messages compressed, {length} bytes to {wire}"
        ),
    })
}

/// So many bytes of lines, one after another. ASCII where it may be cut anywhere.
fn repeated(length: usize, line: fn(usize) -> String) -> Vec<u8> {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < length {
        text.push_str(&line(number));
        number += 1;
    }
    // Not through the middle of a character.
    while !text.is_char_boundary(length.min(text.len())) {
        text.push(' ');
        text.remove(0);
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(length);
    bytes
}

fn json(number: usize) -> String {
    let (name, price) = (["bread", "milk", "salt"][number % 3], number * 7919 % 1000);
    format!(
        "{{\"id\":{number},\"name\":\"{name}\",\"price\":{price},\"tags\":[\"food\",\"daily\"]}},\n"
    )
}

fn prose(number: usize) -> String {
    let what = ["Boxkämpfer", "Gärtner", "Schüler", "Köche"][number * 5 % 4];
    let where_to = ["über den Deich", "durch die Straße", "ans Meer"][number * 7 % 3];
    format!("Die {number} {what} gehen {where_to}. ")
}

fn html(number: usize) -> String {
    let level = number % 6 + 1;
    format!(
        "<section id=\"s{number}\"><h{level}>Part {number}</h{level}><p class=\"text\">&nbsp;</p></section>\n"
    )
}

/// A gradient with a little noise.
fn bitmap(length: usize) -> Vec<u8> {
    let noise = binary(length);
    let pixels = noise.iter().enumerate();
    pixels
        .map(|(index, noise)| ((index % 512 / 4 + index / 512) as u8).wrapping_add(noise % 4))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corpora_are_as_long_as_asked_for() {
        for (id, _, opcode, corpus) in CORPORA {
            for (length, _) in SIZES {
                let bytes = corpus(length);
                assert_eq!(bytes.len(), length, "{id}");
                let text = str::from_utf8(&bytes).is_ok();
                assert!(text || *opcode == Opcode::BINARY, "{id} {length}");
            }
        }
    }
}
