//! `ws/ctl`: pings and pongs.

mod after_close;
mod burst;
mod during_echo;
mod idle;
mod latency;
mod pong;

use crate::case::{Case, Need};
use crate::ws::after_fault::AfterFault;
use crate::ws::{Frame, Segments};
use pong::Pong;
use pushspec_parser::ws::LengthForm;
use pushspec_reports::{Severity, Verdict};

const SAME: &str = "a pong with the same bytes";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        ping(
            "ping-empty",
            "a ping without data",
            &[
                "rfc6455/5.5.2/pong-required",
                "rfc6455/5.5.2/ping-may-carry-data",
            ],
            Pong::to(""),
        ),
        ping(
            "ping-text",
            "a ping with a short text, and in the end one of a single byte",
            &["rfc6455/5.5.3/pong-identical-data"],
            Pong::to("Hello, pushspec").then(b"!"),
        ),
        ping(
            "ping-binary",
            "a ping with bytes that are no text",
            &["rfc6455/5.5.3/pong-identical-data"],
            Pong::to(*b"\x00\xff\xfe\x80\xc0\xaf\x00\r\n\xed\xa0\x80"),
        ),
        ping(
            "ping-125-whole",
            "a ping of 125 bytes, the most there may be",
            LONGEST,
            Pong::to(longest()),
        ),
        ping(
            "ping-125-bytewise",
            "a ping of 125 bytes, each byte in a TCP segment of its own",
            LONGEST,
            Pong::to(longest()).cut(Segments::Bytes(1)),
        ),
        too_long_ping("16bit", LengthForm::Sixteen),
        too_long_ping("64bit", LengthForm::SixtyFour),
        too_long_pong(),
    ];
    let behind = |payload| {
        Pong::to("a ping behind it")
            .behind(payload)
            .cut(Segments::Frames)
    };
    cases.push(stray(
        "pong-stray-empty",
        "an empty pong that answers nothing, then a ping",
        behind(""),
    ));
    cases.push(stray(
        "pong-stray-data",
        "a pong with data that answers nothing, then a ping",
        behind("nobody asked"),
    ));
    cases.push(stray(
        "pong-then-ping",
        "a pong that answers nothing and a ping, in one TCP segment",
        Pong::to("the ping").behind("the stray pong"),
    ));
    cases.extend(burst::cases());
    cases.extend([
        latency::case(),
        during_echo::case(),
        after_close::case(),
        idle::case(),
    ]);
    cases
}

const LONGEST: &[&str] = &[
    "rfc6455/5.5.3/pong-identical-data",
    "rfc6455/5.5/control-length-125",
];

/// As much as a ping can carry, of any value.
fn longest() -> Vec<u8> {
    crate::ws::echo::binary(125)
}

fn ping(name: &str, title: &str, requirements: &'static [&'static str], pong: Pong) -> Case {
    Case::new(
        format!("ws/ctl/{name}"),
        Severity::Major,
        &[Need::Open],
        requirements,
        pong,
    )
    .about(title, SAME)
}

fn stray(name: &str, title: &str, pong: Pong) -> Case {
    Case::new(
        format!("ws/ctl/{name}"),
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/5.5.3/unsolicited-pong",
            "rfc6455/5.5.2/pong-required",
        ],
        pong,
    )
    .about(
        title,
        "nothing answers the stray pong; one pong answers the ping",
    )
}

/// A control frame that is one byte too long. Receivers have no stated duty: processing it is a fault, sitting it out
/// is one that can be argued about.
fn too_long(name: &str, fault: &str, faulty: Frame, legal: Frame) -> Case {
    Case::new(
        format!("ws/ctl/{name}"),
        Severity::Major,
        &[Need::Open],
        &["rfc6455/5.5/control-length-125"],
        AfterFault::new(fault, vec![faulty], vec![legal])
            .mute(Verdict::Warn)
            .leaving_open("ambiguity/derived-reaction"),
    )
    .about(
        fault,
        "the connection is failed; neither the frame nor what is behind it is processed",
    )
}

fn too_long_ping(name: &str, form: LengthForm) -> Case {
    let bits = match form {
        LengthForm::SixtyFour => " with its length in 64 bits",
        LengthForm::Short | LengthForm::Sixteen => "",
    };
    too_long(
        &format!("ping-126-{name}"),
        &format!("a ping of 126 bytes{bits}"),
        Frame::ping(vec![b'f'; 126]).with_length_form(form),
        Frame::ping(vec![b'l'; 125]),
    )
}

fn too_long_pong() -> Case {
    too_long(
        "pong-126",
        "a pong of 126 bytes",
        Frame::pong(vec![b'f'; 126]),
        Frame::pong(vec![b'l'; 125]),
    )
}
