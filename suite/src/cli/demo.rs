//! `pushspec demo`: the embedded strict peer must be clean, and on a broken one the planted faults must be found, all of
//! them and nothing else.

use super::Usage;
use super::check::{ids, print, style};
use crate::engine::{self, Options, Selection, Silent};
use crate::stage::Setting;
use crate::transport::Trust;
use crate::{Declared, Protocol, Reading, Target, Timing, cases};
use pushspec_fixtures::wire::{self, Peer};
use pushspec_fixtures::ws::{EchoPeer, FAULTS, Fault, Policy};
use pushspec_reports::gate::{ExitStatus, Outcome};
use pushspec_reports::render::terminal;
use pushspec_reports::{Report, Verdict};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The faults of the broken peer, and the cases that find each. What is generated from [`SEED`] finds some of them too.
const PLANTED: &[(&str, &[&str])] = &[
    ("accepts-http10", &["ws/hs-neg/http10"]),
    ("connection-tab-refused", &["ws/hs/connection-list-tabs"]),
    (
        "unmasked-ping-accepted",
        &["ws/frame-neg/unmasked-ping", "ws/prop/illegal-plain"],
    ),
    (
        "pong-none-for-empty",
        &[
            "ws/ctl/ping-empty",
            "ws/prop/legal-plain",
            "ws/prop/legal-compressed",
        ],
    ),
    ("close-empty-unanswered", &["ws/close/empty"]),
    ("sends-lengths-in-two", &["ws/passive/length-minimal"]),
];

/// Where a planted fault is served again.
const PORT: u16 = 9001;

/// Shown instead of a run's own seed: the demo says the same thing each time.
const SEED: u64 = 1;

pub(super) async fn run() -> Result<ExitStatus, Usage> {
    print("A strict peer: nothing may fail, nothing may warn.\n\n");
    let strict = check(Arc::new(EchoPeer::strict())).await?;
    show(&strict);
    let clean = ids(&strict, Verdict::Fail).is_empty()
        && ids(&strict, Verdict::Warn).is_empty()
        && ids(&strict, Verdict::Inconclusive).is_empty()
        && ids(&strict, Verdict::Error).is_empty()
        && strict.count(Verdict::Pass) > 0;

    print("\nA broken peer, with these faults:\n");
    for fault in faults() {
        print(&format!("- {}: {}\n", fault.name, fault.summary));
    }
    print("\n");
    let mut broken = check(Arc::new(EchoPeer::new(planted()))).await?;
    serve_again(&mut broken);
    show(&broken);
    let expected: BTreeSet<&str> = PLANTED
        .iter()
        .flat_map(|(_, cases)| cases.iter().copied())
        .collect();
    let found: BTreeSet<&str> = [
        Verdict::Fail,
        Verdict::Warn,
        Verdict::Inconclusive,
        Verdict::Error,
    ]
    .iter()
    .flat_map(|&v| ids(&broken, v))
    .collect();

    let missed: Vec<&str> = expected.difference(&found).copied().collect();
    let invented: Vec<&str> = found.difference(&expected).copied().collect();
    let (status, reason) = match (clean, missed.is_empty() && invented.is_empty()) {
        (true, true) => (
            ExitStatus::Met,
            "the strict peer is clean, and the planted faults are exactly those found".into(),
        ),
        (false, _) => (ExitStatus::NotMet, "the strict peer is not clean".into()),
        (true, false) => (
            ExitStatus::NotMet,
            format!(
                "planted but not found: {}; found but not planted: {}",
                missed.join(", "),
                invented.join(", ")
            ),
        ),
    };
    let outcome = Outcome {
        status,
        reasons: vec![reason],
        fail_on_warn: false,
        max_warn: None,
        max_inconclusive: 0,
        known: Vec::new(),
    };
    print(&format!("\n{}", terminal::outcome(&outcome, style(false))));
    Ok(status)
}

/// The planted faults.
fn faults() -> impl Iterator<Item = &'static Fault> {
    PLANTED.iter().map(|(name, _)| {
        let found = FAULTS.iter().find(|fault| fault.name == *name);
        found.expect("a planted fault is in the table")
    })
}

/// The peer is gone when the report is read: the commands that run a case again have to serve it again.
fn serve_again(report: &mut Report) {
    for result in &mut report.results {
        let planted = PLANTED
            .iter()
            .find(|(_, cases)| cases.contains(&result.case.as_str()));
        if let Some((fault, _)) = planted {
            result.replay = format!(
                "pushspec check ws://127.0.0.1:{PORT}/ --case {} --start 'pushspec serve ws --port {PORT} --fault {fault}'",
                result.case
            );
        }
    }
}

/// The strict policy with every planted fault. Each turns a knob of its own, so that none undoes another.
fn planted() -> Policy {
    let mut policy = Policy::default();
    for fault in faults() {
        (fault.apply)(&mut policy);
    }
    policy
}

async fn check(peer: Arc<dyn Peer>) -> Result<Report, Usage> {
    let listening = wire::listen(peer, "127.0.0.1:0")
        .await
        .map_err(Usage::new)?;
    let target = Target::parse(&format!("ws://{}/", listening.address)).map_err(Usage::new)?;
    // The peers are in this very process: less patience than for a server somewhere will do.
    let timing = Timing {
        patience: Duration::from_secs(2),
        ..Timing::default()
    };
    let setting = Setting::over_network(target, timing, Declared::default(), SEED, &Trust::System)
        .await
        .map_err(Usage::new)?;
    let options = Options {
        selection: Selection::default(),
        reading: Reading {
            timing,
            ..Reading::default()
        },
        jobs: 32,
        required: Vec::new(),
        interrupt: watch::channel(false).1,
        scored: &|_| true,
        observer: &Silent,
    };
    Ok(engine::run(&setting, &cases::catalogue(Protocol::WebSocket), options).await)
}

fn show(report: &Report) {
    print(&terminal::render(report, style(false)));
}
