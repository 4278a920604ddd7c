//! Checks of every frame that a target sends.
//!
//! [`said`] cuts both directions into frames, [`overheard`] knows what of the target's only gives back what a case sent
//! wrong on purpose; the checks stand in [`frames`], [`close`] and [`control`].

mod close;
mod control;
mod frames;
mod overheard;
mod said;
#[cfg(test)]
mod tests;

pub use overheard::Overheard;
pub use said::{Compressed, Direction, Said};

use super::{Check, Inspect};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::{Conversation, Dialogue, Frame, compression};
use pushspec_parser::ws::deflate::Compressor;
use pushspec_reports::Severity;

/// The checks, in catalogue order.
pub const CHECKS: &[Check] = &[
    Check {
        id: "ws/passive/mask",
        title: "the mask bit of every frame",
        expected: "a server masks no frame",
        severity: Severity::Critical,
        requirements: &["rfc6455/5.1/server-must-not-mask"],
        inspect: Inspect::WebSocket(frames::mask),
    },
    Check {
        id: "ws/passive/rsv",
        title: "the reserved bits of every frame",
        expected: "none is set, but for RSV1 on the first frame of a message where permessage-deflate was agreed on",
        severity: Severity::Major,
        requirements: &[
            "rfc6455/5.2/rsv-zero-on-send",
            "rfc7692/6.1/rsv1-not-on-control",
            "rfc7692/6.1/rsv1-not-on-continuation",
            "rfc7692/6/data-messages-only",
        ],
        inspect: Inspect::WebSocket(frames::rsv),
    },
    Check {
        id: "ws/passive/opcode",
        title: "the opcode of every frame",
        expected: "none but 0, 1, 2, 8, 9 and 10",
        severity: Severity::Major,
        requirements: &["rfc6455/5.2/no-reserved-opcode-sent"],
        inspect: Inspect::WebSocket(frames::opcode),
    },
    Check {
        id: "ws/passive/length-minimal",
        title: "the length field of every frame",
        expected: "the shortest form, and the top bit of a 64-bit length is 0",
        severity: Severity::Major,
        requirements: &[
            "rfc6455/5.2/length-minimal-on-send",
            "rfc6455/5.2/length-msb-zero",
        ],
        inspect: Inspect::WebSocket(frames::length_minimal),
    },
    Check {
        id: "ws/passive/control",
        title: "every ping, pong and Close",
        expected: "at most 125 bytes, in one frame",
        severity: Severity::Major,
        requirements: &[
            "rfc6455/5.5/control-length-125",
            "rfc6455/5.4/control-not-fragmented",
            "rfc6455/5.5/control-fin-required",
        ],
        inspect: Inspect::WebSocket(frames::control),
    },
    Check {
        id: "ws/passive/sequence",
        title: "how messages are cut into frames",
        expected: "a message ends before the next begins; continuations continue something",
        severity: Severity::Major,
        requirements: &[
            "rfc6455/5.4/fragmented-form",
            "rfc6455/5.4/unfragmented-form",
            "rfc6455/5.4/no-interleaved-messages",
            "rfc6455/6.1/fin-on-last",
            "rfc6455/6.1/encapsulate",
            "rfc6455/5.4/control-may-interleave",
            "rfc6455/6.1/large-data-may-fragment",
        ],
        inspect: Inspect::WebSocket(frames::sequence),
    },
    Check {
        id: "ws/passive/text-utf8",
        title: "every text message",
        expected: "UTF-8",
        severity: Severity::Major,
        requirements: &[
            "rfc6455/5.6/text-utf8-whole-message",
            "rfc6455/8.1/invalid-utf8-fails",
        ],
        inspect: Inspect::WebSocket(frames::text_utf8),
    },
    Check {
        id: "ws/passive/close-frame",
        title: "every Close: its body, its code, and that it is the only one",
        expected: "one Close; no body, or a code that a server may send and a reason in UTF-8",
        severity: Severity::Major,
        requirements: &[
            "rfc6455/5.5.1/close-body-starts-with-code",
            "rfc6455/5.5.1/close-reason-utf8",
            "rfc6455/5.5.1/one-close-only",
            "rfc6455/7.4.1/1005-not-on-wire",
            "rfc6455/7.4.1/1006-not-on-wire",
            "rfc6455/7.4.1/1015-not-on-wire",
            "rfc6455/7.4.1/1004-reserved",
            "rfc6455/7.4.2/0-999-unused",
            "rfc6455/7.4.2/1000-2999-reserved",
            "rfc6455/7.4.1/1010-client-only",
            "rfc6455/7.4.2/5000-up-undefined",
        ],
        inspect: Inspect::WebSocket(close::close_frame),
    },
    Check {
        id: "ws/passive/no-data-after-close",
        title: "what stands behind the target's own Close",
        expected: "no data frame",
        severity: Severity::Major,
        requirements: &[
            "rfc6455/5.5.1/no-data-after-close",
            "rfc6455/6.1/send-only-when-open",
            "rfc6455/6.1/abort-on-state-change",
        ],
        inspect: Inspect::WebSocket(close::no_data_after_close),
    },
    Check {
        id: "ws/passive/trailing-bytes",
        title: "all bytes up to the end of TCP, those behind a Close too",
        expected: "frames: no HTTP response, no plain text",
        severity: Severity::Major,
        requirements: &["rfc6455/6.1/encapsulate", "rfc6455/6.1/send-only-when-open"],
        inspect: Inspect::WebSocket(close::trailing_bytes),
    },
    Check {
        id: "ws/passive/pong-matches",
        title: "every pong against the pings that we sent",
        expected: "recorded: a stray pong is legal",
        severity: Severity::Informational,
        requirements: &[
            "rfc6455/5.5.3/pong-identical-data",
            "rfc6455/5.5.3/unsolicited-pong",
        ],
        inspect: Inspect::WebSocket(control::pong_matches),
    },
    Check {
        id: "ws/passive/server-ping",
        title: "pings that the target sends",
        expected: "recorded: a server may ping whenever it likes",
        severity: Severity::Informational,
        requirements: &["rfc6455/5.5.2/ping-any-time"],
        inspect: Inspect::WebSocket(control::server_ping),
    },
    Check {
        id: "ws/passive/pmd-decodes",
        title: "every compressed message",
        expected: "it inflates under the agreed limits",
        severity: Severity::Major,
        requirements: &[
            "rfc7692/5/both-use-agreed",
            "rfc7692/6/rsv1-marks-message",
            "rfc7692/6.1/compressed-send-algorithm",
            "rfc7692/7.2.1/window-at-most-32k",
            "rfc7692/7.2.1/bfinal-padding",
            "rfc7692/7.2.1/deflate-then-strip-tail",
            "rfc7692/7.2.1/server-mwb-obeyed",
            "rfc7692/7.2.1/server-nct-empty-window",
        ],
        inspect: Inspect::WebSocket(frames::pmd_decodes),
    },
];

/// An ordinary conversation: small messages, a ping, messages around the bounds of the length forms, a Close. Beside it one
/// with compressed messages, where the target accepts permessage-deflate.
pub(super) fn observation() -> Case {
    Case::new(
        "ws/passive/observation",
        Severity::Informational,
        &[Need::Open],
        &[],
        Observation,
    )
}

struct Observation;

impl Experiment for Observation {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async { tokio::join!(plain(stage), compressed(stage)).0 })
    }

    fn judge(&self, _: &Transcript, _: &Reading) -> Judgement {
        Judgement::info("observed")
    }
}

async fn plain(stage: &Stage) {
    let mut conversation = Conversation::open(stage, "observation").await;
    let hello = [
        Frame::text("pushspec"),
        Frame::ping("pushspec"),
        Frame::text("zwölf Boxkämpfer"),
    ];
    conversation.send(&hello).await;
    let echoed = |heard: &Dialogue| heard.messages.len() >= 2;
    conversation
        .wait("a pong", |heard| {
            heard.pong(b"pushspec").is_some() || echoed(heard) || heard.is_ending()
        })
        .await;
    let at_once = stage.setting.timing.at_once;
    conversation
        .wait_for(at_once, "two messages from an echo endpoint", |heard| {
            echoed(heard) || heard.is_ending()
        })
        .await;
    // More of the same is of use only where it comes back.
    if echoed(conversation.heard()) && !conversation.heard().is_ending() {
        let sizes = [0, 125, 126, 65_535, 65_536];
        let frames = sizes.map(|size| Frame::binary(vec![0xff; size]));
        conversation.send(&frames).await;
        conversation
            .wait("the larger messages", |heard| {
                heard.messages.len() >= 2 + sizes.len() || heard.is_ending()
            })
            .await;
    }
    conversation.part().await;
}

/// Long enough that servers which leave short messages alone compress it.
const COMPRESSIBLE: usize = 8 * 1024;

async fn compressed(stage: &Stage) {
    let label = "compressed observation";
    let mut conversation = Conversation::open_offering(stage, label, compression::OFFER).await;
    let Some(agreed) = conversation.heard().compression else {
        return conversation.part().await;
    };
    let text = "zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ";
    let text = text.repeat(COMPRESSIBLE / text.len());
    let binary = vec![0; COMPRESSIBLE];
    let frames = {
        let mut compressor = agreed.compressor();
        let again = |compressor: &mut Compressor| {
            Frame::text(compressor.compress(text.as_bytes())).compressed()
        };
        [
            again(&mut compressor),
            Frame::ping("pushspec"),
            Frame::binary(compressor.compress(&binary)).compressed(),
            again(&mut compressor),
        ]
    };
    conversation.send(&frames).await;
    let at_once = stage.setting.timing.at_once;
    conversation
        .wait_for(
            at_once,
            "three compressed messages from an echo endpoint",
            |heard| heard.messages.len() + heard.broken.len() >= 3 || heard.is_ending(),
        )
        .await;
    conversation.part().await;
}
