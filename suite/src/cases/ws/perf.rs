//! `ws/perf`: large traffic. What is judged is that all of it comes back; how long that took is told beside.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::bulk::{self, Bulk};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;
use std::time::Duration;

const KIB: u64 = 1024;

/// The label of its connection.
const BULK: &str = "bulk";

/// How long a slow target may take over one of these.
const WINDOW: Duration = Duration::from_secs(60);

/// Types, each with its word in ids.
const TYPES: [(&str, Opcode); 2] = [("text", Opcode::TEXT), ("binary", Opcode::BINARY)];

/// Sizes of fragments, each with its word in ids.
const FRAGMENTS: [(&str, u64); 9] = [
    ("64", 64),
    ("256", 256),
    ("1k", KIB),
    ("4k", 4 * KIB),
    ("16k", 16 * KIB),
    ("64k", 64 * KIB),
    ("256k", 256 * KIB),
    ("1m", KIB * KIB),
    ("4m", 4 * KIB * KIB),
];

const SEGMENTS: [usize; 6] = [64, 128, 256, 512, 1024, 2048];

const SIZES: [u64; 6] = [0, 16, 64, 256, 1024, 4096];

/// Messages, each of which waits for the echo of the one before.
const ROUND_TRIPS: u64 = 1000;

pub(super) fn cases() -> Vec<Case> {
    let fragmented = TYPES.into_iter().flat_map(|(kind, opcode)| {
        FRAGMENTS.map(|(word, fragment)| {
            let bulk = Bulk {
                fragment: Some(fragment),
                ..Bulk::message(opcode, 4 * KIB * KIB)
            };
            case(
                format!("fragmented-4m-{kind}-{word}"),
                format!("a {kind} message of 4 MiB in fragments of {fragment} bytes"),
                &["rfc6455/5.4/reassembly-concatenates"],
                bulk,
            )
        })
    });
    let chopped = TYPES.into_iter().flat_map(|(kind, opcode)| {
        SEGMENTS.map(|segment| {
            let bulk = Bulk {
                segment: Some(segment),
                ..Bulk::message(opcode, KIB * KIB)
            };
            case(
                format!("chopped-1m-{kind}-{segment}"),
                format!("a {kind} message of 1 MiB in writes of {segment} bytes"),
                &["rfc6455/6.2/parse-as-frames"],
                bulk,
            )
        })
    });
    let round_trips = TYPES.into_iter().flat_map(|(kind, opcode)| {
        SIZES.map(|size| {
            let bulk = Bulk {
                messages: ROUND_TRIPS,
                ..Bulk::message(opcode, size)
            };
            case(
                format!("rtt-{kind}-{size}"),
                format!("{ROUND_TRIPS} {kind} messages of {size} bytes, one by one"),
                &["rfc6455/6.2/next-frame-new-message"],
                bulk,
            )
        })
    });
    fragmented.chain(chopped).chain(round_trips).collect()
}

fn case(id: String, title: String, requirements: &'static [&'static str], bulk: Bulk) -> Case {
    let id = format!("ws/perf/{id}");
    Case::new(
        id,
        Severity::Informational,
        &[Need::Echo],
        requirements,
        Perf(bulk),
    )
    .about(
        title,
        "all of it comes back, the same; how long that took is told",
    )
    .in_set(Set::Hardening)
    .lasting(WINDOW)
    .alone()
}

struct Perf(Bulk);

impl Experiment for Perf {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(self.0.stream(stage, BULK))
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let streamed = match bulk::streamed(transcript, BULK) {
            Ok(streamed) => streamed,
            Err(judgement) => return judgement,
        };
        match self.0.flaw(streamed) {
            Some(judgement) => judgement,
            None => Judgement::pass(format!("all of it came back in {}", self.0.pace(streamed))),
        }
    }
}
