//! `ws/frame-neg`: illegal framing. One fault for each case, a canary behind it.

use crate::case::{Case, Need};
use crate::ws::Frame;
use crate::ws::after_fault::AfterFault;
use pushspec_reports::Severity;

pub(super) fn cases() -> Vec<Case> {
    vec![reserved_bits("text", Frame::text("reserved"))]
}

fn reserved_bits(kind: &str, frame: Frame) -> Case {
    let rsv = 2;
    let fault = AfterFault::new(
        format!("a {kind} frame with RSV2 set"),
        vec![frame.clone().with_rsv(rsv)],
        vec![frame],
    );
    Case::new(
        format!("ws/frame-neg/rsv2-{kind}"),
        Severity::Major,
        &[Need::Open],
        &[
            "rfc6455/5.2/rsv-nonzero-fails",
            "rfc6455/7.1.7/fail-closes-connection",
        ],
        fault,
    )
    .about(
        format!("a {kind} frame with RSV2 set, no extension agreed"),
        "the connection is failed",
    )
}
