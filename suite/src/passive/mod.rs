//! Passive checks: judges of every byte that a target sends, in every case.
//!
//! A check has one result for each run: the worst verdict, its witnesses, and how many bytes were judged. A violation
//! that only gives back what a negative case sent belongs to that case, not to the check.

pub mod sse;
pub mod ws;

use crate::case::Case;
use crate::declared::Reading;
use crate::judgement::Spot;
use crate::target::Protocol;
use crate::transcript::Connection;
use pushspec_reports::{Severity, Verdict};

/// Something a check saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What it means.
    pub verdict: Verdict,
    /// What was seen, in one sentence.
    pub observed: String,
    /// The requirement that decides, where it is not the check's first.
    pub requirement: Option<&'static str>,
    /// Where.
    pub spot: Option<Spot>,
}

/// What a check made of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspected {
    /// How many bytes there were for it to judge: none, and it has nothing to say.
    pub bytes: u64,
    /// What it saw.
    pub sightings: Vec<Sighting>,
    /// Why there was nothing to judge, where that is known.
    pub why_none: Option<&'static str>,
}

/// A check that every connection of every case is put to.
pub struct Check {
    /// Stable id.
    pub id: &'static str,
    /// What it looks at, in one line.
    pub title: &'static str,
    /// What the documents call for, in one line.
    pub expected: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Requirements that it examines, the deciding one first.
    pub requirements: &'static [&'static str],
    /// What it does.
    pub inspect: Inspect,
}

/// How a check looks at a connection, decoded once for all checks.
pub enum Inspect {
    /// At what was said behind a 101.
    WebSocket(fn(&ws::Overheard<'_>, &Reading) -> Inspected),
    /// At a response that is an event stream.
    EventStream(fn(&sse::Overheard<'_>, &Reading) -> Inspected),
}

/// The checks for targets of this protocol, in catalogue order.
pub fn checks(protocol: Protocol) -> &'static [Check] {
    match protocol {
        Protocol::WebSocket => ws::CHECKS,
        Protocol::EventStream => &sse::CHECKS,
    }
}

/// What is driven so that checks have something to look at, whichever cases run: an ordinary conversation, or a stream
/// watched for the observation time. It has no verdict of its own.
pub fn observation(protocol: Protocol) -> Case {
    match protocol {
        Protocol::WebSocket => ws::observation(),
        Protocol::EventStream => crate::cases::sse::observation(),
    }
}

/// Puts a connection to every check of the protocol, in catalogue order.
pub fn inspect(protocol: Protocol, connection: &Connection, reading: &Reading) -> Vec<Inspected> {
    let checks = checks(protocol);
    match protocol {
        Protocol::WebSocket => {
            let overheard = ws::Overheard::of(connection);
            let inspected = checks.iter().map(|check| match check.inspect {
                Inspect::WebSocket(inspect) => inspect(&overheard, reading),
                Inspect::EventStream(_) => Inspected::default(),
            });
            inspected.collect()
        }
        Protocol::EventStream => {
            let overheard = sse::Overheard::of(connection);
            let inspected = checks.iter().map(|check| match check.inspect {
                Inspect::EventStream(inspect) => inspect(&overheard, reading),
                Inspect::WebSocket(_) => Inspected::default(),
            });
            inspected.collect()
        }
    }
}
