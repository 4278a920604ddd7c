//! `ws/frame-neg`: illegal framing. One fault for each case.
//!
//! A faulty continuation stands inside a message that was begun properly, so that nothing else is wrong.

mod garbage;
mod http;
mod lengths;
mod truncated;

use crate::case::{Case, Need};
use crate::ws::after_fault::AfterFault;
use crate::ws::{Frame, Masking, Segments};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

/// What is called for where the documents say "fail the connection".
const FAILED: &str = "the connection is failed; nothing behind the fault is processed";

/// Text of a faulty frame. Behind each is told apart from its twin: see [`AfterFault`].
const FAULTY: &str = "sent with a fault";
const LEGAL: &str = "sent without one";

const UNMASKED: &[&str] = &[
    "rfc6455/5.1/server-closes-on-unmasked",
    "rfc6455/5.1/server-may-send-1002-for-unmasked",
    "rfc6455/7.1.7/no-processing-after-fail",
];

const RESERVED_BITS: &[&str] = &[
    "rfc6455/5.2/rsv-nonzero-fails",
    "rfc6455/7.1.7/fail-closes-connection",
    "rfc6455/7.1.7/close-frame-before-fail",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = KINDS.iter().map(unmasked).collect();
    cases.push(unmasked_empty());
    cases.push(unmasked_after_masked());
    for bits in 1..=7 {
        cases.extend(KINDS.iter().map(|kind| reserved_bits(bits, kind)));
    }
    cases.extend(Segments::WAYS.map(reserved_bits_after_message));
    for opcode in RESERVED {
        cases.push(reserved_opcode(opcode, "empty", ""));
        cases.push(reserved_opcode(opcode, "payload", FAULTY));
    }
    cases.extend([5, 6, 7, 13, 14, 15].map(reserved_opcode_after_message));
    cases.push(reserved_opcode_in_fragments());
    cases.extend([3, 11].map(reserved_opcode_fin0));
    cases.extend(lengths::cases());
    cases.extend(truncated::cases());
    cases.extend(garbage::cases());
    cases.push(http::case());
    cases
}

/// A kind of frame that gets a fault.
struct Kind {
    name: &'static str,
    /// The same in words.
    noun: &'static str,
    /// What stands before the frame, so that it is legal.
    before: fn() -> Vec<Frame>,
    frame: fn(&str) -> Frame,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "text",
        noun: "a text frame",
        before: Vec::new,
        frame: |payload| Frame::text(payload),
    },
    Kind {
        name: "binary",
        noun: "a binary frame",
        before: Vec::new,
        frame: |payload| Frame::binary(payload),
    },
    Kind {
        name: "ping",
        noun: "a ping",
        before: Vec::new,
        frame: |payload| Frame::ping(payload),
    },
    Kind {
        name: "pong",
        noun: "a pong",
        before: Vec::new,
        frame: |payload| Frame::pong(payload),
    },
    Kind {
        name: "close",
        noun: "a Close",
        before: Vec::new,
        frame: |payload| Frame::close(1000, payload),
    },
    Kind {
        name: "continuation",
        noun: "a continuation",
        before: || vec![Frame::text("a text ").unfinished()],
        frame: |payload| Frame::continuation(payload),
    },
];

impl Kind {
    /// The kind's frame with a fault, and without.
    fn fault(&self, fault: String, spoil: impl Fn(Frame) -> Frame) -> AfterFault {
        let frames = |frame: Frame| [(self.before)(), vec![frame]].concat();
        AfterFault::new(
            fault,
            frames(spoil((self.frame)(FAULTY))),
            frames((self.frame)(LEGAL)),
        )
    }
}

fn case(
    id: impl Into<String>,
    severity: Severity,
    requirements: &'static [&'static str],
    fault: AfterFault,
) -> Case {
    Case::new(id, severity, &[Need::Open], requirements, fault)
}

fn unmasked(kind: &Kind) -> Case {
    let fault = format!("{} without a mask", kind.noun);
    case(
        format!("ws/frame-neg/unmasked-{}", kind.name),
        Severity::Critical,
        UNMASKED,
        kind.fault(fault.clone(), |frame| frame.masked(Masking::None)),
    )
    .about(fault, FAILED)
}

fn unmasked_empty() -> Case {
    let fault = "an empty text frame without a mask";
    case(
        "ws/frame-neg/unmasked-empty",
        Severity::Critical,
        UNMASKED,
        AfterFault::new(
            fault,
            vec![Frame::text("").masked(Masking::None)],
            vec![Frame::text("")],
        ),
    )
    .about(fault, FAILED)
}

fn unmasked_after_masked() -> Case {
    let fault = AfterFault::new(
        "a text frame without a mask, behind one with a mask",
        vec![Frame::text(FAULTY).masked(Masking::None)],
        vec![Frame::text(LEGAL)],
    );
    let mut case = case(
        "ws/frame-neg/unmasked-after-masked",
        Severity::Critical,
        UNMASKED,
        fault.after(&[Frame::text("masked, as it must be")]),
    )
    .about(
        "a masked text frame, then one without a mask",
        "the connection is failed; the first message may be echoed, nothing behind it is processed",
    );
    case.needs = &[Need::Echo];
    case
}

/// The bits by name: RSV1 is 4.
fn names(bits: u8) -> String {
    let names = [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")];
    let set: Vec<&str> = names
        .into_iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, name)| name)
        .collect();
    set.join(" and ")
}

fn reserved_bits(bits: u8, kind: &Kind) -> Case {
    let fault = format!("{} with {} set", kind.noun, names(bits));
    case(
        format!("ws/frame-neg/rsv{bits}-{}", kind.name),
        Severity::Major,
        RESERVED_BITS,
        kind.fault(fault.clone(), |frame| frame.with_rsv(bits)),
    )
    .about(
        format!("{fault}, though no extension was agreed on"),
        FAILED,
    )
}

fn reserved_bits_after_message((name, segments): (&str, Segments)) -> Case {
    let fault = AfterFault::new(
        format!("a text frame with RSV2 set behind a legal message, {segments}"),
        vec![Frame::text(FAULTY).with_rsv(2)],
        vec![Frame::text(LEGAL)],
    );
    let mut case = case(
        format!("ws/frame-neg/rsv-after-message-{name}"),
        Severity::Major,
        &[
            "rfc6455/5.2/rsv-nonzero-fails",
            "rfc6455/7.1.7/no-processing-after-fail",
        ],
        fault.after(&[Frame::text("before it")]).cut(segments),
    )
    .about(
        format!("a legal message, then a text frame with RSV2 set, {segments}"),
        "the connection is failed; the first message may be echoed, nothing behind it is processed",
    );
    case.needs = &[Need::Echo];
    case
}

/// Every opcode without a meaning.
const RESERVED: [u8; 10] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

fn opcode(value: u8) -> Opcode {
    Opcode::new(value).expect("four bits")
}

/// What is called for depends on whether the opcode would be a control frame's.
fn opcode_requirements(value: u8) -> &'static [&'static str] {
    match value {
        ..=7 => &[
            "rfc6455/5.2/unknown-noncontrol-opcode-fails",
            "rfc6455/7.4.1/1002-for-protocol-error",
            "rfc6455/7.1.7/no-processing-after-fail",
        ],
        8.. => &[
            "rfc6455/5.2/unknown-control-opcode-fails",
            "rfc6455/7.4.1/1002-for-protocol-error",
            "rfc6455/7.1.7/no-processing-after-fail",
        ],
    }
}

fn reserved_opcode(value: u8, name: &str, payload: &str) -> Case {
    let fault = match payload {
        "" => format!("an empty frame with the reserved opcode {value}"),
        _ => format!("a frame with a payload and the reserved opcode {value}"),
    };
    case(
        format!("ws/frame-neg/opcode{value}-{name}"),
        Severity::Major,
        opcode_requirements(value),
        AfterFault::new(
            fault.clone(),
            vec![Frame::new(opcode(value), payload)],
            vec![Frame::text(LEGAL)],
        ),
    )
    .about(fault, FAILED)
}

fn reserved_opcode_after_message(value: u8) -> Case {
    let fault = AfterFault::new(
        format!("a frame with the reserved opcode {value} behind a legal message"),
        vec![Frame::new(opcode(value), FAULTY)],
        vec![Frame::text(LEGAL)],
    );
    let mut case = case(
        format!("ws/frame-neg/opcode-after-message-{value}"),
        Severity::Major,
        opcode_requirements(value),
        fault.after(&[Frame::text("before it")]),
    )
    .about(
        format!("a legal message, then a frame with the reserved opcode {value}"),
        "the connection is failed; the first message may be echoed, nothing behind it is processed",
    );
    case.needs = &[Need::Echo];
    case
}

fn reserved_opcode_in_fragments() -> Case {
    let fragments = |middle: Option<Frame>, payload: &str| {
        let first = Frame::text(payload).unfinished();
        let last = Frame::continuation(", to the end");
        [first].into_iter().chain(middle).chain([last]).collect()
    };
    let fault = "a frame with the reserved opcode 3 between two fragments";
    case(
        "ws/frame-neg/opcode-in-fragments",
        Severity::Major,
        opcode_requirements(3),
        AfterFault::new(
            fault,
            fragments(Some(Frame::new(opcode(3), ", interrupted")), FAULTY),
            fragments(None, LEGAL),
        ),
    )
    .about(fault, FAILED)
}

fn reserved_opcode_fin0(value: u8) -> Case {
    let fault = format!("a frame with the reserved opcode {value} and without FIN");
    case(
        format!("ws/frame-neg/opcode-fin0-{value}"),
        Severity::Major,
        opcode_requirements(value),
        AfterFault::new(
            fault.clone(),
            vec![Frame::new(opcode(value), FAULTY).unfinished()],
            vec![Frame::text(LEGAL)],
        ),
    )
    .about(fault, FAILED)
}
