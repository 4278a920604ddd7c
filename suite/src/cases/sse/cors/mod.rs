//! `sse/cors`: pages of other origins (Fetch, "CORS check").
//!
//! Whether other origins may read a stream is its owner's to say: verdicts rest on what is declared, and without a
//! declaration everything is recorded, but that any page whatever may read with its visitor's cookies.

mod allowed;
mod elsewhere;

use crate::case::Case;
use crate::declared::Reading;
use crate::http::{Reply, Request};
use crate::stage::Setting;
use pushspec_reports::{Verdict, printable};

pub(super) fn cases() -> Vec<Case> {
    let groups = [allowed::cases, elsewhere::cases];
    groups.into_iter().flat_map(|group| group()).collect()
}

/// An origin that nobody declares.
const FOREIGN: &str = "https://pushspec.invalid";

/// Another one.
const SECOND: &str = "https://second.pushspec.invalid";

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";

/// The origin whose pages are declared to read the stream, else a foreign one.
fn origin(setting: &Setting) -> &str {
    setting.declared.cross_origin.as_deref().unwrap_or(FOREIGN)
}

/// An EventSource's request from a page of this origin, or from the stream's own.
fn from(setting: &Setting, origin: Option<&str>) -> Request {
    let mut request = Request::event_source(setting);
    match origin {
        Some(origin) => request.set("Origin", origin),
        None => request.remove("Origin"),
    };
    request
}

/// A verdict where cross-origin use is declared; else a record.
fn declared(reading: &Reading, verdict: Verdict) -> Verdict {
    match reading.declared.cross_origin {
        Some(_) => verdict,
        None => Verdict::Info,
    }
}

/// What a response says about who may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    /// Nothing.
    Unsaid,
    /// Pages of every origin, without cookies.
    Anybody,
    /// Pages of the origin that asked.
    Exactly,
    /// Something else: no browser takes it for that origin.
    Other(String),
}

/// What this response says to pages of `origin`.
fn allowed(reply: &Reply, origin: &str) -> Allowed {
    let lines: Vec<&[u8]> = reply.head.all(ALLOW_ORIGIN).collect();
    match *lines {
        [] => Allowed::Unsaid,
        [b"*"] => Allowed::Anybody,
        [line] if line == origin.as_bytes() => Allowed::Exactly,
        [..] => Allowed::Other(printable(&lines.join(&b", "[..]), 80)),
    }
}

/// Whether a browser lets a page that sent cookies read this.
fn allows_credentials(reply: &Reply) -> bool {
    reply.head.first(ALLOW_CREDENTIALS) == Some(b"true")
}

#[cfg(test)]
mod tests;
