//! Floods: a message without an end, one of countless fragments, pings and echoes whose answers nobody reads.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Came, Flooded, Transcript};
use crate::transport::Boxed;
use crate::ws::Frame;
use crate::ws::flood::{self, Flood};
use pushspec_reports::Severity;
use std::time::Duration;

const FLOOD: &str = "flood";

/// How long a slow target may take over one.
const WINDOW: Duration = Duration::from_secs(60);

/// A fragment, or a message, of a flood in bytes.
const LARGE: usize = 64 * 1024;

/// What an endless message comes to, and what is asked for and not read: more than two kernels keep for a connection.
const TOTAL: u64 = 64 * 1024 * 1024;

const TINY: u64 = 100_000;

const PINGS: u64 = 10_000;

const PROTECT: &str = "rfc6455/10.4/protect-limits";

/// What is poured.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Endless,
    Tiny { bytes: usize },
    Pings,
    Unread,
}

pub(super) fn cases() -> Vec<Case> {
    let tiny = |word, bytes| {
        (
            format!("tiny-fragments-{word}"),
            Kind::Tiny { bytes },
            format!("one text in {TINY} fragments of {bytes} bytes"),
            "it is taken, or refused by a Close; the target goes on",
        )
    };
    let rows = [
        (
            "endless-fragments".into(),
            Kind::Endless,
            "a text of 64 MiB in fragments that does not end".into(),
            "the target ends the connection, or takes no more; it goes on to serve others",
        ),
        tiny("1", 1),
        tiny("empty", 0),
        (
            "ping-flood-10k".into(),
            Kind::Pings,
            format!("{PINGS} pings of 125 bytes, whose pongs are not read before all are sent"),
            "the last is answered, or the flooder is shut out; the target goes on",
        ),
        (
            "no-read".into(),
            Kind::Unread,
            "64 MiB of messages, whose echoes are not read before no more is taken".into(),
            "the target takes no more than it can keep (back-pressure), or ends the connection",
        ),
    ];
    let case = |(word, kind, title, expected): (String, Kind, String, &str)| {
        let needs: &[Need] = match kind {
            Kind::Unread => &[Need::Echo],
            Kind::Endless | Kind::Tiny { .. } | Kind::Pings => &[Need::Open],
        };
        let requirements: &[&str] = match kind {
            Kind::Pings => &[PROTECT, "rfc6455/5.5.3/pong-most-recent-only"],
            Kind::Endless | Kind::Tiny { .. } | Kind::Unread => &[PROTECT],
        };
        let id = format!("ws/limits/{word}");
        Case::new(id, Severity::Minor, needs, requirements, kind)
            .about(title, expected)
            .in_set(Set::Hardening)
            .lasting(WINDOW)
            .hostile()
    };
    rows.into_iter().map(case).collect()
}

impl Kind {
    fn flood(self) -> Flood {
        match self {
            Self::Endless => Flood {
                first: vec![Frame::text(vec![b'x'; LARGE]).unfinished()],
                frame: Frame::continuation(vec![b'x'; LARGE]).unfinished(),
                times: TOTAL / LARGE as u64,
                last: Vec::new(),
                unread: false,
            },
            Self::Tiny { bytes } => Flood {
                first: vec![Frame::text("a").unfinished()],
                frame: Frame::continuation(vec![b'b'; bytes]).unfinished(),
                times: TINY - 2,
                last: vec![Frame::continuation("c")],
                unread: false,
            },
            Self::Pings => Flood {
                first: Vec::new(),
                frame: Frame::ping(vec![b'p'; 125]),
                times: PINGS,
                last: Vec::new(),
                unread: true,
            },
            Self::Unread => Flood {
                first: Vec::new(),
                frame: Frame::binary(vec![b'x'; LARGE]),
                times: TOTAL / LARGE as u64,
                last: Vec::new(),
                unread: true,
            },
        }
    }

    /// What it means that all was taken, and what was asked behind it was answered.
    fn taken(self, flooded: &Flooded) -> Judgement {
        let mib = flooded.sent >> 20;
        match (self, flooded.held_back) {
            (Self::Endless, _) => Judgement::info(format!(
                "{mib} MiB of one message were taken: if there is a limit, it is larger"
            ))
            .by("rfc6455/10.4/impose-limits"),
            (Self::Tiny { .. }, _) => Judgement::pass("all fragments were taken"),
            (Self::Pings, None) => {
                Judgement::pass("all pings were read, and the last was answered")
            }
            (Self::Pings, Some(_)) => Judgement::pass(
                "while pongs were not read, no more pings were taken; then the last was answered",
            ),
            (Self::Unread, Some(_)) => Judgement::pass(
                "while echoes were not read, no more messages were taken; then all came back",
            ),
            (Self::Unread, None) => Judgement::warn(format!(
                "{mib} MiB were taken while not one echo was read: a few clients that do not read fill the memory"
            )),
        }
    }
}

impl Experiment for Kind {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async { self.flood().pour(stage, FLOOD).await })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let flooded = match flood::flooded(transcript, FLOOD) {
            Ok(flooded) => flooded,
            Err(judgement) => return judgement,
        };
        match &flooded.came {
            Came::All => self.taken(flooded),
            Came::Closed(_) | Came::Ended(_) => {
                Judgement::pass(format!("the target ended it: {}", flooded.came))
            }
            Came::Silence
            | Came::Passed
            | Came::Stuck
            | Came::Changed { .. }
            | Came::Broken(_)
            | Came::Unsound(_) => Judgement::warn(format!(
                "the target neither ended the connection nor answered a ping behind the flood: {}",
                flooded.came
            ))
            .resting_on_silence(),
        }
    }
}
