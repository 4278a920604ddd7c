//! The suite inside a server's own tests: one libtest-mimic trial for each case.
//!
//! In a test with `harness = false`:
//!
//! ```no_run
//! # async fn start_my_server() -> String { String::new() }
//! fn main() -> std::process::ExitCode {
//!     // Starts the server on a free port and gives its URL; called once for each trial, on the trial's own runtime.
//!     pushspec::harness(pushspec::Protocol::WebSocket, async || start_my_server().await)
//!         .known_to_fail("ws/hs-neg/http10", "our HTTP layer upgrades HTTP/1.0 requests too")
//!         .run()
//! }
//! ```
//!
//! Each trial is self-sufficient, so that runners which give each test a process of its own work too: it starts the
//! server, probes it, runs its case. A skip is ignored with its reason; fail, error and inconclusive fail; a passive
//! check makes its own observation.

use crate::case::{Case, Set};
use crate::engine::{self, Options, Selection, Silent};
use crate::stage::{Endpoint, Setting};
use crate::transport::Trust;
use crate::{Declared, Post, Protocol, Reading, Target, Timing, cases, passive};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use pushspec_reports::render::terminal;
use pushspec_reports::{Report, Verdict};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::watch;

/// Trials at a time: they wait more than they work.
const SIDE_BY_SIDE: usize = 16;

/// The suite as a test binary against the server that `start` starts.
///
/// `start` gives the server's URL: `ws://…` for [`Protocol::WebSocket`], `http://…` for [`Protocol::EventStream`].
pub fn harness<F>(protocol: Protocol, start: F) -> Harness<F>
where
    F: AsyncFn() -> String + Send + Sync + 'static,
{
    Harness {
        protocol,
        start,
        script: None,
        post: None,
        known: BTreeMap::new(),
    }
}

/// A test binary in the making; see [`harness`].
#[must_use = "call `run`"]
pub struct Harness<F> {
    protocol: Protocol,
    start: F,
    script: Option<String>,
    post: Option<Post>,
    known: BTreeMap<String, String>,
}

impl<F> Harness<F>
where
    F: AsyncFn() -> String + Send + Sync + 'static,
{
    /// States that a case is known to fail, and why. It still runs: once it passes, its trial fails and asks for this
    /// line to be taken away.
    pub fn known_to_fail(mut self, case: &str, reason: &str) -> Self {
        self.known.insert(case.into(), reason.into());
        self
    }

    /// Names the path of the same server that plays scripts, such as `/script`: without it, what needs a script is skipped.
    pub fn script(mut self, path: &str) -> Self {
        self.script = Some(path.into());
        self
    }

    /// States that the server streams in answer to this POST: `Post::json(r#"{"stream": true}"#)`.
    pub fn post(mut self, post: Post) -> Self {
        self.post = Some(post);
        self
    }

    /// Runs every case of the default set as a trial of its own and gives the exit code for `main`. The usual arguments
    /// of a Rust test binary are read; without `--test-threads` it is 16 trials at a time, whatever the processors.
    pub fn run(self) -> ExitCode {
        let Self {
            protocol,
            start,
            script,
            post,
            mut known,
        } = self;
        let subject = Arc::new(Subject {
            protocol,
            start,
            script,
            declared: Declared {
                post,
                ..Declared::default()
            },
            cases: cases::catalogue(protocol),
        });
        let cases = subject
            .cases
            .iter()
            .filter(|case| case.set == Set::Default)
            .map(|case| case.id.clone());
        let checks = passive::checks(protocol)
            .iter()
            .map(|check| check.id.to_owned());
        let trials: Vec<Trial> = cases
            .chain(checks)
            .map(|id| {
                let (subject, known) = (Arc::clone(&subject), known.remove(&id));
                Trial::ignorable_test(id.clone(), move || subject.trial(&id, known.as_deref()))
            })
            .collect();
        if let Some(case) = known.keys().next() {
            eprintln!(
                "pushspec: `{case}` is said to be known to fail, but there is no such case in the default set"
            );
            return ExitCode::FAILURE;
        }
        let mut arguments = Arguments::from_args();
        arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
        libtest_mimic::run(&arguments, trials).exit_code()
    }
}

/// The command that runs just this trial again.
fn again(id: &str) -> String {
    let binary = std::env::current_exe().ok();
    let stem = binary
        .as_deref()
        .and_then(|path| path.file_stem()?.to_str());
    // Cargo puts a hash behind the name of the test.
    let test = stem.map_or("conformance", |stem| {
        stem.rsplit_once('-').map_or(stem, |(name, _)| name)
    });
    format!("cargo test --test {test} -- --exact {id}")
}

/// What all trials share.
struct Subject<F> {
    protocol: Protocol,
    start: F,
    script: Option<String>,
    declared: Declared,
    cases: Vec<Case>,
}

impl<F: AsyncFn() -> String> Subject<F> {
    /// Starts the server and runs one case against it. `known` says why it is known to fail.
    fn trial(&self, id: &str, known: Option<&str>) -> Result<Completion, Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failed::from)?;
        let mut report = runtime.block_on(async { self.check(id, &(self.start)().await).await })?;
        for result in &mut report.results {
            // The server ends with the trial: the command of the report would find nobody.
            result.replay = again(id);
        }
        let result = report
            .result(id)
            .ok_or_else(|| Failed::from(format!("{id} has no result")))?;
        match (result.verdict, known) {
            (Verdict::Fail, Some(_)) | (Verdict::Pass | Verdict::Warn | Verdict::Info, None) => {
                Ok(Completion::Completed)
            }
            (Verdict::Pass | Verdict::Warn | Verdict::Info, Some(reason)) => {
                Err(Failed::from(format!(
                    "{id} is said to be known to fail ({reason}), and it does not fail any more: take the line away"
                )))
            }
            (Verdict::Skip, _) => Ok(Completion::ignored_with(&result.observed)),
            (Verdict::Fail, None) | (Verdict::Error | Verdict::Inconclusive, _) => Err(
                Failed::from(terminal::render(&report, terminal::Style::default())),
            ),
        }
    }

    async fn check(&self, id: &str, url: &str) -> Result<Report, Failed> {
        let target = Target::parse(url)?;
        if target.protocol != self.protocol {
            let asked = self.protocol;
            return Err(format!(
                "the server's URL is {target}, and the harness was asked for {asked:?}"
            )
            .into());
        }
        let timing = Timing::default();
        let script = match &self.script {
            Some(path) => {
                let authority = format!("{}://{}", target.scheme(), target.authority);
                let script = Target::parse(&format!("{authority}{path}"))?;
                Some(Endpoint::over_network(script, timing, &Trust::System).await?)
            }
            None => None,
        };
        let mut setting =
            Setting::over_network(target, timing, self.declared.clone(), 1, &Trust::System).await?;
        setting.script = script;
        let options = Options {
            selection: Selection::new(&[id.to_owned()], &[])?,
            reading: Reading {
                declared: self.declared.clone(),
                timing,
                ..Reading::default()
            },
            jobs: 1,
            required: Vec::new(),
            interrupt: watch::channel(false).1,
            scored: &|_| true,
            observer: &Silent,
        };
        Ok(engine::run(&setting, &self.cases, options).await)
    }
}
