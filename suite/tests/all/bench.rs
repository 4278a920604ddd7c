//! The test bench: a peer of the fixtures in memory, the clock paused, and the suite's own engine in between.

use crate::tls;
use pushspec::case::{Case, Need};
use pushspec::engine::{Options, Selection, Silent, run};
use pushspec::stage::{Endpoint, Setting};
use pushspec::transport::{Memory, Tls, Transport, Trust, relays_are_open};
use pushspec::{Declared, Operator, Protocol, Reading, Target, Timing, cases};
use pushspec_fixtures::wire::Peer;
use pushspec_reports::Report;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How a run in memory is done.
pub(crate) struct Bench {
    /// Cases side by side.
    pub(crate) jobs: usize,
    /// A test says the same thing each time.
    pub(crate) seed: u64,
    /// The target's URL, where it is not the ordinary one.
    pub(crate) url: Option<&'static str>,
    /// What is declared, where it is not what the peers' owner would declare.
    pub(crate) declared: Option<Declared>,
    /// Whether an event stream peer is known to play scripts.
    pub(crate) scripted: bool,
}

impl Default for Bench {
    fn default() -> Self {
        Self {
            jobs: 32,
            seed: 1,
            url: None,
            declared: None,
            scripted: true,
        }
    }
}

/// Runs the cases that match `patterns` (all, where there is none) against a peer, sets beyond the default included; those
/// that need TLS against the same peer behind it.
pub(crate) fn check(
    protocol: Protocol,
    patterns: &[&str],
    peer: impl Fn() -> Arc<dyn Peer> + Send + Sync + 'static,
) -> Report {
    let peer = Arc::new(peer);
    let inner = Arc::clone(&peer);
    let mut report = Bench::default().check(protocol, patterns, move || inner());
    let needs_tls = |case: &Case| {
        case.needs.contains(&Need::Tls) && report.results.iter().any(|it| it.case == case.id)
    };
    let ids: Vec<String> = cases::catalogue(protocol)
        .into_iter()
        .filter(needs_tls)
        .map(|case| case.id)
        .collect();
    if !ids.is_empty() {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let bench = Bench {
            url: Some(match protocol {
                Protocol::WebSocket => "wss://localhost/",
                Protocol::EventStream => "https://localhost/",
            }),
            ..Bench::default()
        };
        let behind = bench.check(protocol, &ids, move || tls::behind(peer()));
        for result in behind.results {
            let slot = report.results.iter_mut().find(|it| it.case == result.case);
            *slot.expect("it was asked for") = result;
        }
    }
    report
}

impl Bench {
    /// The same with other options.
    pub(crate) fn check(
        &self,
        protocol: Protocol,
        patterns: &[&str],
        peer: impl Fn() -> Arc<dyn Peer> + Send + Sync + 'static,
    ) -> Report {
        self.check_cases(protocol, &cases::catalogue(protocol), patterns, peer)
    }

    /// The same with other cases than those of the catalogue.
    pub(crate) fn check_cases(
        &self,
        protocol: Protocol,
        cases: &[Case],
        patterns: &[&str],
        peer: impl Fn() -> Arc<dyn Peer> + Send + Sync + 'static,
    ) -> Report {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.expect("a runtime").block_on(async {
            let url = match protocol {
                Protocol::WebSocket => "ws://peer.test/",
                Protocol::EventStream => "http://peer.test/",
            };
            let url = self.url.unwrap_or(url);
            let target = Target::parse(url).expect("a target");
            let memory = Arc::new(Memory::new(peer));
            let plain = Arc::clone(&memory) as Arc<dyn Transport>;
            let transport: Arc<dyn Transport> = match target.tls {
                false => plain,
                true => {
                    let tls = Tls::new(plain, &target.host, &Trust::Anything);
                    Arc::new(tls.expect("a name"))
                }
            };
            let further = |path: &str| Endpoint {
                target: Arc::new(Target::parse(&format!("{url}{path}")).expect("a URL")),
                transport: Arc::clone(&transport),
            };
            let command = (protocol == Protocol::WebSocket).then(|| further("command"));
            let scripted = self.scripted && protocol == Protocol::EventStream;
            let script = scripted.then(|| further("script"));
            let declared = self.declared.clone().unwrap_or_else(|| declared(protocol));
            let setting = Setting {
                target: Arc::new(target),
                transport,
                command,
                operator: Some(memory as Arc<dyn Operator>),
                script,
                timing: Timing::default(),
                declared: Arc::new(declared.clone()),
                seed: self.seed,
                flags: String::new(),
                hangs_up_when_full: false,
            };
            let patterns: Vec<String> =
                patterns.iter().map(|&pattern| pattern.to_owned()).collect();
            let options = Options {
                selection: Selection::new(&patterns, &pushspec::case::Set::ALL).expect("patterns"),
                reading: Reading {
                    declared,
                    ..Reading::default()
                },
                jobs: self.jobs,
                required: Vec::new(),
                interrupt: watch::channel(false).1,
                scored: &|_| true,
                observer: &Silent,
            };
            let selection = &options.selection;
            let visits =
                |case: &Case| case.id.starts_with(EVERYDAY) && selection.runs(&case.id, case.set);
            match cases.iter().any(visits) {
                true => tokio::select! {
                    report = run(&setting, cases, options) => report,
                    () = tick() => unreachable!("it never ends"),
                },
                false => run(&setting, cases, options).await,
            }
        })
    }
}

/// Cases whose client opens sockets of its own, be it to a relay in this process.
const EVERYDAY: &str = "sse/everyday/";

/// Keeps the paused clock from jumping while a relay is open: it goes on to the next timer when nothing is left to do, and does
/// not see that something stands in a socket.
async fn tick() {
    loop {
        let pause = match relays_are_open() {
            true => 1,
            false => 100,
        };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// What the peers' owner would declare about them.
fn declared(protocol: Protocol) -> Declared {
    match protocol {
        Protocol::WebSocket => Declared {
            subprotocols: ["chat.v2", "chat.v1"].map(str::to_owned).into(),
            headers: vec![("Cookie".into(), "session=b9e5-4ab2".into())],
            redirecting_path: Some("/redirect".into()),
            allowed_origins: vec!["https://example.org".into()],
            protected_path: Some("/protected".into()),
            message_limit: Some(4 * 1024 * 1024),
            ..Declared::default()
        },
        Protocol::EventStream => Declared {
            redirecting_path: Some("/redirect".into()),
            resumption: true,
            stream_limit: Some(6),
            cross_origin: Some("https://app.test".into()),
            ..Declared::default()
        },
    }
}
