//! `ws/utf8`: text that is UTF-8 comes back, and text that is not fails the connection (RFC 6455 sections 5.6 and 8.1).
//!
//! What is wrong with a text may be found when it is read, so a pong behind it is legal; the echo of a later message is not.
//! Which code the Close carries is for `ws/fail`.

mod fail_fast;
mod invalid;
mod scalars;
mod valid;

use crate::case::{Case, Need};
use crate::ws::after_fault::AfterFault;
use crate::ws::echo::Echo;
use pushspec_reports::Severity;
use std::fmt::Display;

const FAILED: &str =
    "the connection is failed, at once or when the message is complete; nothing comes back";

const INVALID: &[&str] = &[
    "rfc6455/8.1/invalid-utf8-fails",
    "rfc6455/7.4.1/1007-for-bad-payload",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = valid::cases();
    cases.push(scalars::case());
    cases.extend(invalid::cases());
    cases.extend(fail_fast::cases());
    cases
}

/// Text that has to come back.
fn echoed(name: impl Display, requirements: &'static [&'static str], echo: Echo) -> Case {
    Case::new(
        format!("ws/utf8/{name}"),
        Severity::Major,
        &[Need::Echo],
        requirements,
        echo,
    )
}

/// Text that must not come back.
fn refused(name: impl Display, requirements: &'static [&'static str], fault: AfterFault) -> Case {
    let title = fault.fault.clone();
    Case::new(
        format!("ws/utf8/{name}"),
        Severity::Major,
        &[Need::Echo],
        requirements,
        fault.found_late(),
    )
    .about(title, FAILED)
}
