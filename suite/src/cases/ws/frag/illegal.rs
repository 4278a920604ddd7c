//! `ws/frag-neg`: frames of which no messages can be made.
//!
//! No document names a receiver's duty here, but there is no message to go on with: whoever stays open, in whatever way,
//! has made one up or lost one.

use crate::case::{Case, Need};
use crate::ws::after_fault::AfterFault;
use crate::ws::{Frame, Segments};
use pushspec_reports::Severity;

const FAILED: &str = "the connection is failed; nothing behind the fault is processed";

const STRAY: &[&str] = &["rfc6455/5.4/continuation-without-start"];

const INSIDE: &[&str] = &[
    "rfc6455/5.4/new-data-frame-inside-fragments",
    "rfc6455/5.4/no-interleaved-messages",
];

/// Text of a faulty exchange, and of its twin.
const FAULTY: &str = "sent with a fault";
const LEGAL: &str = "sent without one";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        control("ping", "a ping", Frame::ping(FAULTY), Frame::ping(LEGAL)),
        control("pong", "a pong", Frame::pong(FAULTY), Frame::pong(LEGAL)),
        control(
            "close",
            "a Close",
            Frame::close(1000, FAULTY),
            Frame::close(1000, LEGAL),
        ),
    ];
    for fin in FINS {
        cases.extend(Segments::WAYS.map(|way| continuation_first(fin, way)));
    }
    cases.push(continuation_after_message());
    cases.extend(FINS.map(continuation_repeated));
    cases.push(text_inside_text());
    cases.extend(FINS.map(binary_inside_text));
    cases.push(interleaved());
    cases
}

/// A frame that ends a message, or does not.
#[derive(Clone, Copy)]
struct Fin {
    name: &'static str,
    words: &'static str,
    set: bool,
}

const FINS: [Fin; 2] = [
    Fin {
        name: "fin0",
        words: "without FIN",
        set: false,
    },
    Fin {
        name: "fin1",
        words: "with FIN",
        set: true,
    },
];

impl Fin {
    fn of(self, frame: Frame) -> Frame {
        Frame {
            fin: self.set,
            ..frame
        }
    }
}

fn case(
    name: impl std::fmt::Display,
    requirements: &'static [&'static str],
    fault: AfterFault,
) -> Case {
    let title = fault.fault.clone();
    Case::new(
        format!("ws/frag-neg/{name}"),
        Severity::Major,
        &[Need::Open],
        requirements,
        fault,
    )
    .about(title, FAILED)
}

/// No continuation behind it: that would be a second fault, and whoever waits for one has taken the first for legal.
fn control(name: &str, noun: &str, faulty: Frame, legal: Frame) -> Case {
    case(
        format!("control-fin0-{name}"),
        &[
            "rfc6455/5.4/control-not-fragmented",
            "rfc6455/5.5/control-fin-required",
        ],
        AfterFault::new(
            format!("{noun} without FIN"),
            vec![faulty.unfinished()],
            vec![legal],
        ),
    )
}

fn continuation_first(fin: Fin, (name, segments): (&str, Segments)) -> Case {
    let fault = AfterFault::new(
        format!(
            "a continuation {} that continues nothing, {segments}",
            fin.words
        ),
        vec![fin.of(Frame::continuation(FAULTY))],
        vec![Frame::text(LEGAL)],
    );
    case(
        format!("continuation-first-{}-{name}", fin.name),
        STRAY,
        fault.cut(segments),
    )
}

fn continuation_after_message() -> Case {
    let before = [
        Frame::text("a text in ").unfinished(),
        Frame::continuation("two fragments"),
    ];
    let fault = AfterFault::new(
        "a continuation behind a message that was complete",
        vec![Frame::continuation(FAULTY)],
        vec![Frame::text(LEGAL)],
    );
    let mut case = case(
        "continuation-after-message",
        &[
            "rfc6455/5.4/continuation-without-start",
            "rfc6455/7.1.7/no-processing-after-fail",
        ],
        fault.after(&before),
    );
    case.expected =
        "the connection is failed; the message before may be echoed, nothing behind the fault is processed".into();
    case.needs = &[Need::Echo];
    case
}

fn continuation_repeated(fin: Fin) -> Case {
    let message = |text: &str| {
        [
            Frame::text(format!("{text}, in ")).unfinished(),
            Frame::continuation("two fragments"),
        ]
    };
    let stray = || fin.of(Frame::continuation("nothing to continue"));
    let once = |text: &str| [vec![stray()], message(text).to_vec()].concat();
    case(
        format!("continuation-repeated-{}", fin.name),
        STRAY,
        AfterFault::new(
            format!(
                "a continuation {} that continues nothing, a message behind it, and both again",
                fin.words
            ),
            [once("first"), once("second")].concat(),
            message(LEGAL).to_vec(),
        ),
    )
}

fn text_inside_text() -> Case {
    case(
        "text-inside-text",
        INSIDE,
        AfterFault::new(
            "a text that begins where another one is not finished",
            vec![
                Frame::text(FAULTY).unfinished(),
                Frame::text(", and begun again"),
            ],
            vec![
                Frame::text(LEGAL).unfinished(),
                Frame::continuation(", and continued"),
            ],
        ),
    )
}

fn binary_inside_text(fin: Fin) -> Case {
    let around = |middle: Frame, text: &str| {
        vec![
            Frame::text(text).unfinished(),
            middle,
            Frame::continuation(", to the end"),
        ]
    };
    case(
        format!("binary-inside-text-{}", fin.name),
        INSIDE,
        AfterFault::new(
            format!("a binary frame {} inside a fragmented text", fin.words),
            around(fin.of(Frame::binary(", interrupted")), FAULTY),
            around(Frame::continuation(", continued").unfinished(), LEGAL),
        ),
    )
}

fn interleaved() -> Case {
    case(
        "interleave-two",
        INSIDE,
        AfterFault::new(
            "a text and a binary message, their fragments in turns",
            vec![
                Frame::text("text, ").unfinished(),
                Frame::binary("binary, ").unfinished(),
                Frame::continuation("text to the end, "),
                Frame::continuation("binary to the end"),
            ],
            vec![
                Frame::text("one after ").unfinished(),
                Frame::continuation("the other"),
                Frame::binary("as it ").unfinished(),
                Frame::continuation("must be"),
            ],
        ),
    )
}
