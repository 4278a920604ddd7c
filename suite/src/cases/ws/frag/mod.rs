//! `ws/frag` and `ws/frag-neg`: messages in several frames, right and wrong.

mod illegal;
mod pauses;

use crate::case::{Case, Need, ORDINARY_WEIGHT};
use crate::ws::echo::{Echo, binary, text};
use crate::ws::{Frame, Segments};
use pushspec_reports::Severity;

/// What is called for where one message is sent.
const JOINED: &str = "the message comes back once, joined, the same bytes and type";

/// Bytes of a message in one-byte fragments.
const ONE_BY_ONE: usize = 10_000;

/// What Autobahn cuts, and into what.
const AUTO: (usize, usize) = (65536, 1300);

const REASSEMBLY: &[&str] = &[
    "rfc6455/5.4/reassembly-concatenates",
    "rfc6455/5.4/fragmented-form",
    "rfc6455/5.4/receive-both-forms",
    "rfc6455/5.4/uniform-message-type",
    "rfc6455/6.2/type-from-first-frame",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for segmentation in Segments::WAYS {
        cases.push(two(
            "text",
            Frame::text("a text in "),
            "two fragments",
            segmentation,
        ));
        cases.push(two(
            "binary",
            Frame::binary(*b"\x00\xff bytes in "),
            "two\x00fragments",
            segmentation,
        ));
    }
    cases.extend([10, 256, 1000].map(many));
    cases.extend([
        zero_length("all", "of which each is empty", ["", "", ""]),
        zero_length(
            "first-last",
            "of which the first and the last are empty",
            ["", "in between", ""],
        ),
        zero_length(
            "middle",
            "of which the middle one is empty",
            ["before and ", "", "behind"],
        ),
    ]);
    cases.push(one_byte());
    cases.extend(Segments::WAYS.map(ping_between));
    cases.extend(pauses::cases());
    cases.extend([
        pong_between(),
        super::close::inside_message(),
        auto(),
        mix(),
    ]);
    cases.extend(illegal::cases());
    cases
}

/// A message as fragments with these payloads; `first` has the opcode and the first payload.
fn fragments<P: Into<Vec<u8>>>(first: Frame, rest: impl IntoIterator<Item = P>) -> Vec<Frame> {
    let rest = rest
        .into_iter()
        .map(|payload| Frame::continuation(payload).unfinished());
    let mut frames: Vec<Frame> = [first.unfinished()].into_iter().chain(rest).collect();
    if let Some(last) = frames.last_mut() {
        last.fin = true;
    }
    frames
}

/// The same payload cut into pieces of `size` bytes.
fn cut(first: fn(Vec<u8>) -> Frame, payload: &[u8], size: usize) -> Vec<Frame> {
    let mut pieces = payload.chunks(size).map(<[u8]>::to_vec);
    let begin = first(pieces.next().unwrap_or_default());
    fragments(begin, pieces)
}

fn case(name: impl std::fmt::Display, requirements: &'static [&'static str], echo: Echo) -> Case {
    Case::new(
        format!("ws/frag/{name}"),
        Severity::Major,
        &[Need::Echo],
        requirements,
        echo,
    )
}

fn two(kind: &str, first: Frame, last: &str, (name, segments): (&str, Segments)) -> Case {
    case(
        format!("two-{kind}-{name}"),
        REASSEMBLY,
        Echo::of(fragments(first, [last])).cut(segments),
    )
    .about(
        format!("a {kind} message in two fragments, {segments}"),
        JOINED,
    )
}

fn many(count: usize) -> Case {
    let numbered = |number: usize| format!("fragment {number} of {count}; ");
    case(
        format!("many-{count}"),
        &[
            "rfc6455/5.4/fragments-in-order",
            "rfc6455/5.4/no-frame-boundary-semantics",
        ],
        Echo::of(fragments(
            Frame::text(numbered(1)),
            (2..=count).map(numbered),
        )),
    )
    // Its echo may come in as many fragments.
    .weighing(2 * ORDINARY_WEIGHT)
    .about(format!("a text in {count} numbered fragments"), JOINED)
}

fn zero_length(name: &str, which: &str, [first, second, third]: [&str; 3]) -> Case {
    case(
        format!("sizes-zero-{name}"),
        &["rfc6455/5.4/any-fragment-size"],
        Echo::of(fragments(Frame::text(first), [second, third])),
    )
    .about(format!("a text in three fragments, {which}"), JOINED)
}

fn one_byte() -> Case {
    let mut case = case(
        "one-byte",
        &["rfc6455/5.4/any-fragment-size"],
        Echo::of(cut(Frame::text, &text(ONE_BY_ONE), 1)),
    )
    .about("a text of 10,000 bytes in fragments of one byte", JOINED);
    case.severity = Severity::Minor;
    case
}

fn ping_between((name, segments): (&str, Segments)) -> Case {
    let mut frames = fragments(Frame::text("before and "), ["behind the ping"]);
    frames.insert(1, Frame::ping("inside a message"));
    case(
        format!("ping-between-{name}"),
        &[
            "rfc6455/5.4/handle-control-mid-message",
            "rfc6455/6.2/control-handled",
        ],
        Echo::of(frames).cut(segments),
    )
    .about(
        format!("a ping between the two fragments of a text, {segments}"),
        "a pong, and the message comes back, joined",
    )
}

fn pong_between() -> Case {
    let mut frames = fragments(Frame::text("before and "), ["behind the pong"]);
    frames.insert(1, Frame::pong("nobody asked"));
    case(
        "pong-between",
        &[
            "rfc6455/5.4/handle-control-mid-message",
            "rfc6455/5.5.3/unsolicited-pong",
        ],
        Echo::of(frames),
    )
    .about(
        "a pong that answers nothing between the two fragments of a text",
        JOINED,
    )
}

fn auto() -> Case {
    let (length, size) = AUTO;
    case(
        "auto-1300",
        &["rfc6455/5.4/reassembly-concatenates"],
        Echo::of(cut(Frame::text, &text(length), size)),
    )
    .about(
        format!("a text of {length} bytes in fragments of {size} bytes"),
        JOINED,
    )
}

/// Each shorter than the one before, and of the other type: what is left of it shows.
fn mix() -> Case {
    let messages = [
        cut(Frame::text, &text(300), 70),
        vec![Frame::binary(binary(200))],
        vec![Frame::text(text(100))],
        cut(Frame::binary, &binary(90), 30),
        cut(Frame::text, &text(40), 20),
        vec![Frame::binary(binary(10))],
    ];
    case(
        "multi-message-mix",
        &[
            "rfc6455/6.2/next-frame-new-message",
            "rfc6455/5.4/uniform-message-type",
        ],
        Echo::of(messages.concat()),
    )
    .about(
        "text and binary messages, some in fragments and some whole, in one go",
        "each message comes back once, the same bytes and type, in order",
    )
}
