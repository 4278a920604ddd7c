//! The catalogue: every case that pushspec knows, in the order in which reports list them.

mod generated;
pub(crate) mod sse;
mod ws;

use crate::case::Case;
use crate::target::Protocol;

/// The case that plays an exchange which `text` describes: a report holds it as `exchange`, `--exchanges` writes it.
///
/// # Errors
/// What is wrong with the text, and where.
pub fn replayed(text: &str) -> Result<Case, String> {
    #[derive(serde::Deserialize)]
    struct Of {
        case: String,
    }
    let Of { case } = serde_json::from_str(text).map_err(|error| match text.contains("\"results\"") {
        true => "this is a whole report: what can be played is what stands under `exchange` of one of its results".into(),
        false => error.to_string(),
    })?;
    match case.starts_with("sse/") {
        true => sse::replayed(text),
        false => ws::replayed(text),
    }
}

/// Every case for targets of this protocol, passive checks apart.
pub fn catalogue(protocol: Protocol) -> Vec<Case> {
    match protocol {
        Protocol::WebSocket => ws::cases(),
        Protocol::EventStream => sse::cases(),
    }
}

/// The messages of each size that Autobahn|Testsuite sends in each case of its sections 12 and 13.
pub const AUTOBAHN_MESSAGES: u64 = 1000;

/// The same, but the counterparts of Autobahn|Testsuite's sections 12 and 13 send so many messages of each of its sizes, pipelined,
/// behind the few that they send otherwise.
pub fn exhaustive(protocol: Protocol, messages: u64) -> Vec<Case> {
    let mut cases = catalogue(protocol);
    for exhaustive in ws::exhaustive(messages) {
        if let Some(case) = cases.iter_mut().find(|case| case.id == exhaustive.id) {
            *case = exhaustive;
        }
    }
    cases
}
