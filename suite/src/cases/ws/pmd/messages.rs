//! Messages compressed in every legal way: worked examples, block types, fragments, history.

use super::blocks::Blocks;
use super::talk::{Said, Talk, Wants, fragments};
use super::windows;
use crate::case::{Case, Need, Set};
use crate::ws::Frame;
use crate::ws::echo::{binary, text};
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Severity, Verdict};
use std::time::Duration;

/// RFC 7692 sections 7.2.3.1 and 7.2.3.2: "Hello" by itself, and by looking back at another one.
const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
const HELLO_AGAIN: &[u8] = b"\xf2\x00\x11\x00\x00";
/// Section 7.2.3.4: in a final block.
const HELLO_FINAL: &[u8] = b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00";

/// How long `idle-history` is silent: longer than most caches of compressors live.
const SILENCE: Duration = Duration::from_secs(20);

const COMES_BACK: &str = "each message comes back once, the same type, the same bytes";

const EXAMPLES: &[&str] = &[
    "rfc7692/7.2.3/examples-decode",
    "rfc7692/7.2.2/append-tail-inflate",
    "rfc7692/6.2/receive-concatenate-decompress",
];
const KEEPS_WINDOW: &[&str] = &["rfc7692/7.2.2/server-keeps-window"];
const EMPTY: &[&str] = &[
    "rfc7692/7.2.3.6/empty-message",
    "rfc7692/6/empty-payload-rsv1",
];
const CONCATENATE: &[&str] = &["rfc7692/6.2/receive-concatenate-decompress"];
const BFINAL: &[&str] = &[
    "rfc7692/7.2.2/append-tail-inflate",
    "rfc7692/7.2.1/bfinal-one",
];
const BLOCK_TYPES: &[&str] = &[
    "rfc7692/7.2.1/any-block-type",
    "rfc7692/7.2.1/multiple-blocks",
];

pub(super) struct Row {
    id: &'static str,
    title: &'static str,
    expected: &'static str,
    severity: Severity,
    requirements: &'static [&'static str],
    talk: Talk,
}

impl Row {
    /// The same, of minor severity.
    pub(super) fn minor(self) -> Self {
        Self {
            severity: Severity::Minor,
            ..self
        }
    }

    fn case(self) -> Case {
        let id = format!("ws/pmd/{}", self.id);
        let needs = &[Need::Echo, Need::Deflate];
        Case::new(id, self.severity, needs, self.requirements, self.talk)
            .about(self.title, self.expected)
    }
}

/// A row whose messages have to come back.
pub(super) fn must(
    id: &'static str,
    title: &'static str,
    requirements: &'static [&'static str],
    talk: Talk,
) -> Row {
    Row {
        id,
        title,
        expected: COMES_BACK,
        severity: Severity::Major,
        requirements,
        talk,
    }
}

/// A row that is not decided by a MUST.
fn may(
    id: &'static str,
    title: &'static str,
    requirements: &'static [&'static str],
    talk: Talk,
) -> Row {
    Row {
        expected: "recorded: the messages come back, or what comes instead",
        severity: Severity::Informational,
        talk: talk
            .weighing(Verdict::Info)
            .leaving_open("ambiguity/deflate-odd-messages"),
        ..must(id, title, requirements, talk_nothing())
    }
}

fn talk_nothing() -> Talk {
    Talk::new(|_| Vec::new())
}

/// These payloads, each of which stands for its text.
fn texts(said: &'static [(&'static [u8], &'static str)]) -> Talk {
    Talk::new(|_| {
        said.iter()
            .map(|(payload, meaning)| Said::text(payload, *meaning))
            .collect()
    })
}

pub(super) fn cases() -> Vec<Case> {
    let rows = [
        examples(),
        blocks(),
        finals(),
        empties(),
        history(),
        windows::rows(),
        pieces(),
    ];
    let mut cases: Vec<Case> = rows.into_iter().flatten().map(Row::case).collect();
    for case in &mut cases {
        if case.id == "ws/pmd/idle-history" {
            case.set = Set::Long;
            case.window = SILENCE;
            case.severity = Severity::Minor;
        }
    }
    cases
}

fn examples() -> Vec<Row> {
    let cut = |pieces: &'static [&'static [u8]]| {
        Talk::new(move |_| vec![Said::new(fragments(Opcode::TEXT, pieces), "Hello")])
    };
    vec![
        must(
            "examples-one-block",
            "the worked example of section 7.2.3.1: `f248cdc9c90700`",
            EXAMPLES,
            texts(&[(HELLO, "Hello")]),
        ),
        must(
            "examples-fragmented",
            "the same in two fragments, `f248cd` and `c9c90700`",
            EXAMPLES,
            cut(&[b"\xf2\x48\xcd", b"\xc9\xc9\x07\x00"]),
        ),
        must(
            "examples-looking-back",
            "the worked example of section 7.2.3.2: `f248cdc9c90700`, then `f200110000`",
            EXAMPLES,
            texts(&[(HELLO, "Hello"), (HELLO_AGAIN, "Hello")]).wanting(Wants::History),
        ),
        must(
            "examples-stored",
            "the worked example of section 7.2.3.3: `000500faff48656c6c6f00`",
            EXAMPLES,
            texts(&[(b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", "Hello")]),
        ),
        must(
            "examples-final-block",
            "the worked example of section 7.2.3.4: `f348cdc9c9070000`",
            EXAMPLES,
            texts(&[(HELLO_FINAL, "Hello")]),
        ),
        must(
            "examples-two-blocks",
            "the worked example of section 7.2.3.5: `f248050000 00ffff cac9c90700`",
            EXAMPLES,
            texts(&[(
                b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
                "Hello",
            )]),
        ),
        must(
            "examples-empty-fragment",
            "the worked example of section 7.2.3.6: all of a text in the first fragment, `00` in the last",
            EXAMPLES,
            cut(&[b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", b"\x00"]),
        ),
    ]
}

fn blocks() -> Vec<Row> {
    let built = |build: fn(&mut Blocks)| {
        move |meaning: Vec<u8>| {
            Talk::new(move |_| {
                let mut blocks = Blocks::default();
                build(&mut blocks);
                vec![Said::text(&blocks.message(), meaning.clone())]
            })
        }
    };
    vec![
        must(
            "block-types-stored",
            "a text in a block without compression",
            BLOCK_TYPES,
            built(|blocks| {
                blocks.stored(b"in a stored block");
            })(b"in a stored block".to_vec()),
        ),
        must(
            "block-types-fixed",
            "a text in a block with the fixed code",
            BLOCK_TYPES,
            built(|blocks| {
                blocks.literals(false, b"in a fixed block");
            })(b"in a fixed block".to_vec()),
        ),
        must(
            "block-types-dynamic",
            "a text of 4000 bytes in a block with a code of its own",
            BLOCK_TYPES,
            Talk::new(|compression| {
                let mut compressor = compression.compressor();
                vec![Said::packed(&mut compressor, Frame::text(text(4000)))]
            }),
        ),
        must(
            "block-types-multi",
            "a text in three blocks of two types",
            BLOCK_TYPES,
            built(|blocks| {
                blocks
                    .literals(false, b"one, ")
                    .stored(b"two, ")
                    .literals(false, b"three");
            })(b"one, two, three".to_vec()),
        ),
        must(
            "block-types-empty",
            "a text between empty blocks",
            BLOCK_TYPES,
            built(|blocks| {
                blocks
                    .stored(b"")
                    .literals(false, b"")
                    .literals(false, b"between empty blocks")
                    .literals(false, b"")
                    .stored(b"");
            })(b"between empty blocks".to_vec()),
        ),
    ]
}

fn finals() -> Vec<Row> {
    vec![
        must(
            "bfinal-alone",
            "a text in a final block, which ends the data but not the message",
            BFINAL,
            texts(&[(HELLO_FINAL, "Hello")]),
        ),
        must(
            "bfinal-then-next",
            "a text in a final block, and a message behind it",
            BFINAL,
            Talk::new(|_| {
                let next = Blocks::default().literals(false, b"the next one").message();
                vec![
                    Said::text(HELLO_FINAL, "Hello"),
                    Said::text(&next, "the next one"),
                ]
            }),
        ),
        may(
            "bfinal-then-history",
            "a text in a final block, and a message that looks back behind it",
            BFINAL,
            texts(&[(HELLO_FINAL, "Hello"), (HELLO_AGAIN, "Hello")]).wanting(Wants::History),
        ),
    ]
}

fn empties() -> Vec<Row> {
    let empty = |payload: &'static [u8]| {
        Talk::new(move |_| {
            let next = Blocks::default()
                .literals(false, b"behind nothing")
                .message();
            vec![Said::text(payload, ""), Said::text(&next, "behind nothing")]
        })
    };
    // What one message leaves in a buffer shows in the empty one behind it.
    let between = |payload: &'static [u8]| {
        Talk::new(move |_| {
            let said = |opcode: Opcode, means: &[u8]| {
                let payload = match means {
                    [] => payload.to_vec(),
                    means => Blocks::default().literals(false, means).message(),
                };
                Said::new(vec![Frame::new(opcode, payload).compressed()], means)
            };
            let texts =
                ["", "between", "", "two texts"].map(|it| said(Opcode::TEXT, it.as_bytes()));
            let bytes = [&b"\xff"[..], b"", b"\xfe"].map(|it| said(Opcode::BINARY, it));
            texts.into_iter().chain(bytes).collect()
        })
    };
    vec![
        must(
            "empty-00",
            "empty messages as `00`, first of all and between texts and binary messages",
            EMPTY,
            between(b"\x00"),
        ),
        must(
            "empty-02-00",
            "empty messages as `0200`, an empty block with the fixed code, first of all and between texts and binary messages",
            EMPTY,
            between(b"\x02\x00"),
        ),
        may(
            "empty-03-00",
            "an empty text as `0300`, a final block without the octet that ends a message, and a text behind it",
            EMPTY,
            empty(b"\x03\x00"),
        ),
        may(
            "empty-no-bytes",
            "an empty text as a frame with RSV1 and no payload, and a text behind it",
            EMPTY,
            empty(b""),
        ),
        may(
            "unstripped-tail",
            "a text whose last four bytes, `0000ffff`, were not taken away, and a text behind it",
            &["rfc7692/7.2.2/tail-not-stripped-input"],
            Talk::new(|_| {
                let next = Blocks::default()
                    .literals(false, b"behind a tail")
                    .message();
                vec![
                    Said::text(b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", "Hello"),
                    Said::text(&next, "behind a tail"),
                ]
            }),
        ),
    ]
}

fn history() -> Vec<Row> {
    let back = || texts(&[(HELLO, "Hello"), (HELLO_AGAIN, "Hello")]).wanting(Wants::History);
    vec![
        must(
            "client-takeover",
            "a text, and another one that looks back at it",
            &[
                "rfc7692/7.1.1.2/server-decompresses-with-takeover",
                "rfc7692/7.2.2/server-keeps-window",
            ],
            back(),
        ),
        must(
            "client-takeover-despite-hint",
            "the same where the client hinted that it would not look back, and the answer did not take it up",
            KEEPS_WINDOW,
            back().offering("permessage-deflate; client_no_context_takeover"),
        ),
        must(
            "idle-history",
            "a text, 20 s without a word, and a text that looks back at it",
            KEEPS_WINDOW,
            back().pausing(SILENCE),
        ),
        must(
            "plain-between",
            "a compressed text, one that is not compressed, and one that looks back at the first",
            &[
                "rfc7692/7.2.3.2/plain-does-not-touch-window",
                "rfc7692/6/uncompressed-message-allowed",
                "rfc7692/6.2/receive-uncompressed-asis",
            ],
            Talk::new(|_| {
                vec![
                    Said::text(HELLO, "Hello"),
                    Said::plain(Frame::text("XXXXX")),
                    Said::text(HELLO_AGAIN, "Hello"),
                ]
            })
            .wanting(Wants::History),
        ),
        must(
            "plain-only",
            "messages that are not compressed, though that was agreed on",
            &[
                "rfc7692/6/uncompressed-message-allowed",
                "rfc7692/6.1/uncompressed-send-algorithm",
            ],
            Talk::new(|_| {
                vec![
                    Said::plain(Frame::text("not compressed")),
                    Said::plain(Frame::binary(binary(300))),
                    Said::new(
                        vec![
                            Frame::text("not compressed ").unfinished(),
                            Frame::continuation("either"),
                        ],
                        "not compressed either",
                    ),
                ]
            }),
        ),
    ]
}

fn pieces() -> Vec<Row> {
    vec![
        must(
            "fragments-every-cut",
            "compressed texts, each cut in two at another byte, one of them into an empty first fragment, one into an \
             empty last one",
            CONCATENATE,
            Talk::new(|_| {
                (0..=HELLO.len())
                    .map(|at| {
                        let (head, rest) = HELLO.split_at(at);
                        Said::new(fragments(Opcode::TEXT, &[head, rest]), "Hello")
                    })
                    .collect()
            }),
        ),
        must(
            "ping-between-fragments",
            "a ping between two fragments of a compressed text",
            &[
                "rfc6455/5.4/handle-control-mid-message",
                "rfc7692/6/data-messages-only",
            ],
            Talk::new(|_| {
                let mut frames = fragments(Opcode::TEXT, &[&HELLO[..3], &HELLO[3..]]);
                frames.insert(1, Frame::ping("between two fragments"));
                vec![Said::new(frames, "Hello")]
            }),
        ),
        must(
            "utf8-valid",
            "texts of characters of one to four bytes, the compressed bytes of which are no UTF-8",
            &["rfc7692/6.1/utf8-after-decompression"],
            Talk::new(|compression| {
                let mut compressor = compression.compressor();
                let text = "κόσμε, zwölf, 水, \u{1f600}; ".repeat(8);
                let whole = Said::packed(&mut compressor, Frame::text(text.clone()));
                let again = Said::packed(&mut compressor, Frame::text(format!("{text}!")));
                vec![whole, again.cut_every(5)]
            }),
        ),
    ]
}
