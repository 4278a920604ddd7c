//! Messages that grow until one does not come back: what the limit is, and how it shows.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Came, Transcript};
use crate::transport::Boxed;
use crate::ws::bulk::{self, Bulk};
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Severity, Verdict};
use std::time::Duration;

const KIB: u64 = 1024;

/// Sizes, each with the label of its connection.
const SIZES: [(&str, u64); 11] = [
    ("16 KiB", 16 * KIB),
    ("32 KiB", 32 * KIB),
    ("64 KiB", 64 * KIB),
    ("128 KiB", 128 * KIB),
    ("256 KiB", 256 * KIB),
    ("512 KiB", 512 * KIB),
    ("1 MiB", KIB * KIB),
    ("2 MiB", 2 * KIB * KIB),
    ("4 MiB", 4 * KIB * KIB),
    ("8 MiB", 8 * KIB * KIB),
    ("16 MiB", 16 * KIB * KIB),
];

/// How long a slow target may take over all of them.
const WINDOW: Duration = Duration::from_secs(120);

const REQUIREMENTS: &[&str] = &["rfc6455/10.4/impose-limits", "rfc6455/7.4.1/1009-too-big"];

pub(super) fn cases() -> Vec<Case> {
    let ways = [
        ("single", Opcode::BINARY, None, "in one frame"),
        ("single-text", Opcode::TEXT, None, "in one frame"),
        (
            "fragmented",
            Opcode::BINARY,
            Some(64 * KIB),
            "in fragments of 64 KiB",
        ),
    ];
    ways.into_iter()
        .map(|(word, opcode, fragment, how)| {
            let id = format!("ws/limits/max-message-{word}");
            let experiment = MaxMessage { opcode, fragment };
            Case::new(
                id,
                Severity::Informational,
                &[Need::Echo],
                REQUIREMENTS,
                experiment,
            )
            .about(
                format!(
                    "{opcode} messages {how}, each twice as large as the one before, up to 16 MiB"
                ),
                "recorded: the largest that comes back, and how the next is refused",
            )
            .in_set(Set::Hardening)
            .lasting(WINDOW)
            .alone()
        })
        .collect()
}

/// Messages of growing size, until one does not come back.
struct MaxMessage {
    opcode: Opcode,
    fragment: Option<u64>,
}

impl MaxMessage {
    fn bulk(&self, size: u64) -> Bulk {
        Bulk {
            fragment: self.fragment,
            ..Bulk::message(self.opcode, size)
        }
    }
}

impl Experiment for MaxMessage {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            for (label, size) in SIZES {
                self.bulk(size).stream(stage, label).await;
                let transcript = stage.transcript();
                if !bulk::streamed(&transcript, label).is_ok_and(|it| it.came == Came::All) {
                    return;
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let mut largest = None;
        for (label, size) in SIZES {
            let streamed = match bulk::streamed(transcript, label) {
                Ok(streamed) => streamed,
                Err(judgement) => return judgement,
            };
            let Some(flaw) = self.bulk(size).flaw(streamed) else {
                largest = Some(label);
                continue;
            };
            let below = largest.map_or("less than that".into(), |label| {
                format!("{label} come back")
            });
            // A drop without a word is how many show a limit, and where a smaller one went well nothing else is likely.
            return match flaw.verdict {
                Verdict::Info | Verdict::Inconclusive if largest.is_some() => {
                    Judgement::info(format!("{below}; {}", flaw.observed))
                }
                _ => flaw,
            };
        }
        Judgement::info("messages of 16 MiB come back: if there is a limit, it is larger")
    }
}
