//! Lengths that are written wastefully, that no frame can have, or that no server can hold.

use super::{FAULTY, LEGAL, case};
use crate::case::{Case, Set};
use crate::ws::Frame;
use crate::ws::after_fault::AfterFault;
use crate::ws::echo::text;
use pushspec_parser::ws::LengthForm::{Sixteen, SixtyFour};
use pushspec_parser::ws::{LengthForm, Opcode};
use pushspec_reports::{Severity, Verdict};

const TOP_BIT: u64 = 1 << 63;

const IMPOSSIBLE: &[&str] = &["rfc6455/5.2/length-msb-zero", "rfc6455/10.4/protect-limits"];

/// What is called for where a length is written wastefully: a MUST of senders without a stated reaction of receivers.
const REFUSED: &str = "the frame is refused: a length has to be written in the shortest form";

/// Why [`REFUSED`] is a warning at most.
const WASTEFUL: &[&str] = &["rfc6455/5.2/length-nonminimal-received"];

const WASTEFUL_CONTROL: &[&str] = &[
    "rfc6455/5.2/length-nonminimal-received",
    "rfc6455/5.5/control-length-125",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (kind, opcode) in [("text", Opcode::TEXT), ("binary", Opcode::BINARY)] {
        cases.push(wasteful("16", Sixteen, kind, opcode, 5));
        cases.push(wasteful("64", SixtyFour, kind, opcode, 5));
        // The longest message whose length would fit into sixteen bits.
        cases.push(wasteful("64-for-16", SixtyFour, kind, opcode, 65535));
    }
    for (bits, form) in [("16", Sixteen), ("64", SixtyFour)] {
        cases.push(wasteful_control(bits, form, "ping", &|payload| {
            Frame::ping(payload)
        }));
        // Two bytes of code, three of reason.
        cases.push(wasteful_control(bits, form, "close", &|payload| {
            Frame::close(1000, &payload[..3])
        }));
    }
    cases.extend([
        top_bit(
            "length-msb",
            "a binary frame whose 64-bit length is right but for its top bit, which is set",
            vec![Frame::binary(FAULTY).announcing(TOP_BIT | FAULTY.len() as u64)],
        ),
        top_bit(
            "length-msb-values-all-ones",
            "a binary frame with a 64-bit length of ff ff ff ff ff ff ff ff",
            vec![Frame::binary("").announcing(u64::MAX)],
        ),
        top_bit(
            "length-msb-values-minus-4",
            "a binary frame with a 64-bit length of ff ff ff ff ff ff ff fc",
            // Who takes the amount without the sign finds four bytes.
            vec![Frame::binary("four").announcing(u64::MAX - 3)],
        ),
        top_bit(
            "length-msb-values-in-fragments",
            "a continuation with a 64-bit length of ff ff ff ff ff ff ff ff",
            vec![
                Frame::binary("a").unfinished(),
                Frame::continuation("b").announcing(u64::MAX),
            ],
        ),
    ]);
    cases.extend(
        [
            ("2-31", 1 << 31),
            ("2-32", 1 << 32),
            ("2-62", 1 << 62),
            ("2-63-minus-1", TOP_BIT - 1),
        ]
        .map(|(name, length)| huge(name, length)),
    );
    cases
}

fn wasteful(name: &str, form: LengthForm, kind: &str, opcode: Opcode, length: usize) -> Case {
    let bits = match form {
        LengthForm::Short => 7,
        LengthForm::Sixteen => 16,
        LengthForm::SixtyFour => 64,
    };
    let fault = format!("a {kind} frame of {length} bytes with its length in {bits} bits");
    // The same length: nothing but the form is wrong. Two different texts, nevertheless.
    let (faulty, legal) = (text(length), text(length + 1)[1..].to_vec());
    let fault_sent = AfterFault::new(
        fault.clone(),
        vec![Frame::new(opcode, faulty).with_length_form(form)],
        vec![Frame::new(opcode, legal)],
    );
    let mut case = case(
        format!("ws/frame-neg/length-nonminimal-{name}-{kind}"),
        Severity::Minor,
        WASTEFUL,
        fault_sent
            .contestable()
            .mute(Verdict::Warn)
            .leaving_open("ambiguity/wasteful-length"),
    )
    .about(fault, REFUSED);
    case.needs = &[crate::case::Need::Echo];
    case
}

fn wasteful_control(
    bits: &str,
    form: LengthForm,
    kind: &str,
    frame: &dyn Fn(&str) -> Frame,
) -> Case {
    let fault = format!("a {kind} of 5 bytes with its length in {bits} bits");
    let sent = AfterFault::new(
        fault.clone(),
        vec![frame("fault").with_length_form(form)],
        vec![frame("legal")],
    );
    case(
        format!("ws/frame-neg/length-nonminimal-control-{bits}-{kind}"),
        Severity::Minor,
        WASTEFUL_CONTROL,
        sent.contestable()
            .mute(Verdict::Warn)
            .leaving_open("ambiguity/wasteful-length"),
    )
    .about(fault, REFUSED)
}

/// Frames of a length that cannot be. They are binary: a canary that is swallowed is not valid text. The canary stands right behind what was sent of the frame: who answers it has
/// taken the length for another.
fn top_bit(name: &str, fault: &str, faulty: Vec<Frame>) -> Case {
    let fault_sent = AfterFault::new(fault, faulty, vec![Frame::binary(LEGAL)]);
    case(
        format!("ws/frame-neg/{name}"),
        Severity::Minor,
        IMPOSSIBLE,
        fault_sent
            .mute(Verdict::Warn)
            .leaving_open("ambiguity/length-top-bit")
            .watched(),
    )
    .about(
        fault.trim_end_matches(','),
        "the connection is failed, and no other suffers; waiting for so many bytes is a warning",
    )
    .hostile()
}

/// A length that is legal, of a message that will never come. The canary is its first bytes: who answers it has lost
/// the upper half of the length, and lets the inside of one frame pass for others.
fn huge(name: &str, length: u64) -> Case {
    let fault = AfterFault::new(
        format!("a binary frame that announces {length} bytes"),
        vec![Frame::binary("").announcing(length)],
        vec![Frame::binary(LEGAL)],
    );
    case(
        format!("ws/frame-neg/length-huge-{name}"),
        Severity::Minor,
        &[
            "rfc6455/10.4/protect-limits",
            "rfc6455/5.2/length-64bit",
        ],
        // A server may wait for as many bytes as it likes to hold.
        fault.mute(Verdict::Info).watched(),
    )
    .about(
        format!("a frame that announces {length} bytes, and a few of them"),
        "the frame is refused, or waited for; no other connection suffers, and nothing inside it is taken for a frame",
    )
    .in_set(Set::Hardening)
    .hostile()
}
