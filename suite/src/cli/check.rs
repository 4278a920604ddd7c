//! `pushspec check`: runs a plan against its targets, writes the reports, judges the gate.

use super::Usage;
use super::args::CheckArgs;
use super::config::Plan;
use super::events::Events;
use super::launch::{self, Launcher};
use super::list::entries;
use super::nearest;
use super::output::{Output, is_numbered, numbered};
use super::replay;
use crate::case::{Case, Need, Set, Watching};
use crate::engine::{self, Options, Selection};
use crate::stage::{Endpoint, Setting};
use crate::transport::Tcp;
use crate::{Operator, Protocol, Reading, Target, cases};
use pushspec_reports::gate::{Circumstances, Date, ExitStatus, Gate, Outcome};
use pushspec_reports::render::{Format, terminal};
use pushspec_reports::{Report, Verdict};
use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub(super) async fn run(args: CheckArgs) -> Result<ExitStatus, Usage> {
    let endpoints = [
        ("--command", args.command.is_some(), Protocol::WebSocket),
        ("--script", args.script.is_some(), Protocol::EventStream),
    ];
    let given = endpoints.into_iter().filter(|(_, given, _)| *given);
    let mut apt: Vec<(String, Protocol)> = given
        .map(|(flag, _, protocol)| (flag.to_owned(), protocol))
        .collect();
    // A file may be of more targets than those that a command line names.
    let requires_here = !args.require.is_empty() || args.targets.is_empty();
    let plan = Plan::of(args)?;
    let targets: Vec<Target> = plan
        .targets
        .iter()
        .map(|url| Target::parse(url).map_err(Usage::new))
        .collect::<Result<_, _>>()?;
    plan.trust.check().map_err(Usage::new)?;
    let required = plan.required.iter().filter(|_| requires_here);
    apt.extend(required.filter_map(|need| Some((format!("--require {need}"), need.protocol()?))));
    for (flag, protocol) in apt {
        if targets.iter().all(|target| target.protocol != protocol) {
            let schemes = schemes(protocol);
            return Err(Usage::new(format_args!(
                "{flag} goes with targets whose scheme is {schemes}, and none of these is: leave it out, or add the target"
            )));
        }
    }
    if plan.declared.post.is_some()
        && let Some(target) = targets.iter().find(|it| it.protocol == Protocol::WebSocket)
    {
        return Err(Usage::new(format_args!(
            "--method POST asks for an event stream, and a WebSocket opens by GET alone: {target} must be a http or https URL"
        )));
    }
    if let Some(replay) = &plan.replay
        && let Some(target) = targets.iter().find(|it| it.protocol != replay.protocol())
    {
        let schemes = schemes(replay.protocol());
        return Err(Usage::new(format_args!(
            "--replay plays an exchange of {}, and {target} is no target for that: its scheme must be {schemes}",
            replay.case
        )));
    }
    let selection = Selection::new(&plan.cases, &plan.include).map_err(Usage::new)?;
    nearest::refuse_strays(&selection)?;
    let selection = selection.part(plan.partition);
    for target in &targets {
        refuse_abuse(target, &selection, plan.owned)?;
    }
    let command = plan.command.as_deref().map(command).transpose()?;
    if let Some(command) = &command {
        refuse_abuse(command, &selection, plan.owned)?;
    }
    let script = plan.script.as_deref().map(script).transpose()?;
    if let Some(script) = &script {
        refuse_abuse(script, &selection, plan.owned)?;
    }
    let further = Further { command, script };
    let written = plan.reports.iter().map(|output| ("--report", &output.path));
    let mut written = written.chain(plan.exchanges.iter().map(|folder| ("--exchanges", folder)));
    if targets.len() > 1
        && let Some((flag, path)) = written.find(|(_, path)| !is_numbered(path))
    {
        return Err(Usage::new(format_args!(
            "{flag}: {} would be that of {} targets: write {{n}} into the path for the number of the target",
            path.display(),
            targets.len()
        )));
    }
    let outputs = |number| -> Vec<Output> {
        let reports = plan.reports.iter();
        reports.map(|output| output.numbered(number)).collect()
    };
    let exchanges = |number| plan.exchanges.as_ref().map(|path| numbered(path, number));
    for number in 1..=targets.len() {
        outputs(number).iter().try_for_each(Output::check)?;
        exchanges(number).as_deref().map_or(Ok(()), replay::check)?;
    }
    let interrupt = interrupt();
    let style = style(plan.verbose);
    let mut worst = ExitStatus::Met;
    for (index, target) in targets.into_iter().enumerate() {
        let outputs = outputs(index + 1);
        let events = Events::begin(target.to_string(), &outputs, plan.frozen.as_ref())?;
        let (began, protocol) = (since_1970(), target.protocol);
        let mut report = check(
            target,
            further.clone(),
            &plan,
            &selection,
            interrupt.clone(),
            &events,
        )
        .await?;
        report.began = Some(rfc3339(began));
        if let Some(frozen) = &plan.frozen {
            frozen.mark_all(&mut report);
        }
        if let Some(replay) = &plan.replay {
            replay.repeat(&mut report);
        }
        if report.results.is_empty() && plan.partition.is_none() {
            let why = nearest::why_none(&selection, protocol);
            report.notes.extend(why);
        }
        let saved = match exchanges(index + 1) {
            Some(folder) => replay::save_all(&folder, &mut report),
            None => Ok(()),
        };
        let outcome = match &plan.replay {
            None => judge(&mut report, &plan.gate),
            // What is known is known of the case: one exchange of it neither confirms nor refutes that.
            Some(_) => judge(&mut report, &plan.gate.without_known()),
        };
        events.end(&report)?;
        for output in &outputs {
            if output.format != Format::Ndjson {
                output.write(&output.format.render(&report))?;
            }
        }
        print(&format!(
            "{}{}",
            terminal::render(&report, style),
            terminal::outcome(&outcome, style)
        ));
        // Behind the reports: they are not lost with it.
        saved?;
        worst = worst.worse(outcome.status);
    }
    Ok(worst)
}

/// What a URL begins with whose target speaks it.
pub(super) fn schemes(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::WebSocket => "ws or wss",
        Protocol::EventStream => "http or https",
    }
}

/// Further URLs of the targets.
#[derive(Clone)]
struct Further {
    command: Option<Target>,
    script: Option<Target>,
}

async fn check(
    target: Target,
    further: Further,
    plan: &Plan,
    selection: &Selection,
    interrupt: watch::Receiver<bool>,
    events: &Events<'_>,
) -> Result<Report, Usage> {
    let (host, port) = (target.host.clone(), target.port);
    let declared = plan.declared.clone();
    let setting = Setting::over_network(
        target,
        plan.timing,
        declared.clone(),
        plan.seed,
        &plan.trust,
    );
    let mut setting = setting.await.map_err(Usage::new)?;
    setting.flags.clone_from(&plan.flags);
    setting.command = endpoint(further.command, plan).await?;
    setting.script = endpoint(further.script, plan).await?;
    let launcher = match &plan.start {
        Some(argv) => {
            let tcp = Tcp::resolve(&host, port, plan.timing.patience).await;
            let mut interrupt = interrupt.clone();
            tokio::select! {
                biased;
                // The run ends at once, then, with a report that says so.
                _ = interrupt.wait_for(|wanted| *wanted) => None,
                started = Launcher::start(argv.clone(), port, tcp) => {
                    Some(Arc::new(started.map_err(Usage::new)?))
                }
            }
        }
        None => None,
    };
    setting.operator = launcher
        .clone()
        .map(|launcher| launcher as Arc<dyn Operator>);
    let options = Options {
        selection: selection.clone(),
        reading: Reading {
            profile: plan.profile,
            declared,
            timing: plan.timing,
        },
        jobs: plan.jobs,
        required: plan.required.clone(),
        interrupt,
        scored: &|case| {
            plan.frozen
                .as_ref()
                .is_none_or(|frozen| frozen.scores(case))
        },
        observer: events,
    };
    let catalogue = match &plan.replay {
        Some(replay) => vec![replay.as_case()],
        None if plan.exhaustive => {
            cases::exhaustive(setting.target.protocol, cases::AUTOBAHN_MESSAGES)
        }
        None => cases::catalogue(setting.target.protocol),
    };
    if plan.declared.post.is_some() {
        announce(&setting.target, &catalogue, selection, plan.jobs);
    }
    let mut report = engine::run(&setting, &catalogue, options).await;
    report.exhaustive = plan.exhaustive;
    events.clear();
    if let Some(launcher) = &launcher {
        launcher.stop().await;
    }
    Ok(report)
}

/// Says, before it begins, what a run asks of a target to which each request may be dear.
fn announce(target: &Target, catalogue: &[Case], selection: &Selection, jobs: usize) {
    let posts = |case: &&Case| {
        let others = [Need::EventSource, Need::Script];
        // What those judge that watch is what the observation comes to.
        selection.runs(&case.id, case.set)
            && case.watching != Watching::Observation
            && !others.iter().any(|need| case.needs.contains(need))
            && (target.tls || !case.needs.contains(&Need::Tls))
    };
    let count = catalogue.iter().filter(posts).count();
    eprintln!(
        "pushspec: a probe, {count} cases and an observation POST to {target}, most of them once, at most {jobs} at a time"
    );
}

async fn endpoint(target: Option<Target>, plan: &Plan) -> Result<Option<Endpoint>, Usage> {
    let Some(target) = target else {
        return Ok(None);
    };
    let endpoint = Endpoint::over_network(target, plan.timing, &plan.trust).await;
    endpoint.map(Some).map_err(Usage::new)
}

/// The endpoint that plays scripts: they come in the query of an HTTP request.
fn script(url: &str) -> Result<Target, Usage> {
    let target = endpoint_url("--script", url)?;
    match target.protocol {
        Protocol::EventStream => Ok(target),
        Protocol::WebSocket => Err(Usage::new(format_args!(
            "--script {target}: scripts are asked for by HTTP, so the scheme must be http or https"
        ))),
    }
}

/// The URL that a flag, or its key in `pushspec.toml`, names.
fn endpoint_url(flag: &str, url: &str) -> Result<Target, Usage> {
    Target::parse(url).map_err(|error| Usage::new(format_args!("{flag}: {error}")))
}

/// The endpoint that obeys commands: commands are WebSocket messages.
fn command(url: &str) -> Result<Target, Usage> {
    let target = endpoint_url("--command", url)?;
    match target.protocol {
        Protocol::WebSocket => Ok(target),
        Protocol::EventStream => Err(Usage::new(format_args!(
            "--command {target}: commands are WebSocket messages, so the scheme must be ws or wss"
        ))),
    }
}

/// Abusive cases run off loopback only with the user's word.
fn refuse_abuse(target: &Target, selection: &Selection, owned: bool) -> Result<(), Usage> {
    if owned || target.is_loopback() {
        return Ok(());
    }
    let abusive = cases::catalogue(target.protocol)
        .into_iter()
        .find(|case| case.set == Set::Hardening && selection.includes(&case.id, case.set));
    match abusive {
        None => Ok(()),
        Some(case) => Err(Usage::new(format_args!(
            "`{}` sends abusive traffic and {target} is not on this machine: say --i-own-this-target if it is yours",
            case.id
        ))),
    }
}

/// Turns true at the first Ctrl-C or SIGTERM; the second ends the process.
fn interrupt() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        let signals = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        );
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            // No handler can be had: the process ends as it would without us. The sender stays, lest its end be taken
            // for a signal.
            return std::future::pending::<()>().await;
        };
        let mut any = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        any().await;
        let _ = sender.send(true);
        eprintln!("pushspec: stopping; once more to quit without a report");
        any().await;
        launch::kill_started();
        std::process::exit(130);
    });
    receiver
}

/// Colour for a person at a terminal, plain text for everything else.
pub(super) fn style(verbose: bool) -> terminal::Style {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    terminal::Style {
        colour: wanted && std::io::stdout().is_terminal(),
        verbose,
    }
}

/// Prints, and does not mind that nobody reads: `pushspec … | head` is no error.
pub(super) fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// What the gate says of a report, today; the report keeps it.
pub(super) fn judge(report: &mut Report, gate: &Gate) -> Outcome {
    let cases: BTreeSet<String> = entries().into_iter().map(|entry| entry.id).collect();
    let circumstances = Circumstances {
        today: Date::of_unix(since_1970()),
        is_case: &|id| cases.contains(id),
        nearest: &|id| nearest::nearest(id, cases.iter().map(String::as_str)).map(str::to_owned),
    };
    let outcome = gate.judge(report, circumstances);
    report.gate = Some(outcome.clone());
    outcome
}

/// The wall clock, in seconds. Only reports look at it: the suite's own time is the runtime's.
fn since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// A moment so many seconds after the beginning of 1970, as in `2026-11-20T13:07:51Z`.
fn rfc3339(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    let date = Date::of_unix(seconds);
    format!("{date}T{hours:02}:{minutes:02}:{:02}Z", seconds % 60)
}

/// The ids of the cases with this verdict.
pub(super) fn ids(report: &Report, verdict: Verdict) -> Vec<&str> {
    report
        .results
        .iter()
        .filter(|result| result.verdict == verdict)
        .map(|result| result.case.as_str())
        .collect()
}
