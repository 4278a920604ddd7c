//! What may be written behind `pushspec`. No defaults here: a flag that is not given leaves the word to `pushspec.toml`.

use super::posted::Method;
use crate::Profile;
use crate::case::{Need, Set};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use pushspec_reports::Partition;
use std::path::PathBuf;

/// Conformance tests for server push: WebSocket and Server-Sent Events.
#[derive(Debug, Parser)]
#[command(name = "pushspec", version, about, max_term_width = 100)]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check servers: ws:// and wss:// as WebSocket, http:// and https:// as event streams.
    Check(Box<CheckArgs>),
    /// Check the embedded strict peer, then a broken one. Needs nothing else.
    Demo,
    /// Write a saved JSON report in other forms, or tell it here.
    Render(RenderArgs),
    /// Put the parts of a run together that --partition took apart, and judge the whole as strictly as the strictest of them.
    Merge(MergeArgs),
    /// Compare two saved reports: what is better, worse, new, gone.
    Diff(DiffArgs),
    /// Write many saved reports side by side, as a site.
    Matrix(MatrixArgs),
    /// What the documents require: which cases examine it, what proves them, and why some of it no case examines.
    Coverage(CoverageArgs),
    /// Propose the known failures for pushspec.toml.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// List cases, requirements, and what the documents leave open.
    List(ListArgs),
    /// Explain a case, a requirement, or a point that the documents leave open.
    Explain(ExplainArgs),
    /// Serve a peer of the fixtures, faithful or with a fault, for people who test clients.
    Serve(ServeArgs),
    /// Write the completions of a shell to standard output.
    Completions(CompletionsArgs),
    /// Write man pages to a folder.
    Man(ManArgs),
}

/// Which verdicts fail the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FailOn {
    /// Failures.
    Fail,
    /// Failures and warnings.
    Warn,
}

/// What the gate lets pass. Where nothing is said, the parts of a run are judged as the strictest of them was.
#[derive(Debug, Args)]
pub(super) struct GateArgs {
    /// Which verdicts fail the gate [default: fail].
    #[arg(long, value_enum)]
    pub(super) fail_on: Option<FailOn>,
    /// How many warnings the gate bears [default: any number].
    #[arg(long, value_name = "N")]
    pub(super) max_warn: Option<usize>,
    /// How many inconclusive cases the gate bears [default: 0].
    #[arg(long, value_name = "N")]
    pub(super) max_inconclusive: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Targets, such as ws://127.0.0.1:9001/ or http://127.0.0.1:8080/events.
    #[arg(value_name = "URL")]
    pub(super) targets: Vec<String>,
    /// How severely to read the documents.
    #[arg(long, value_enum)]
    pub(super) profile: Option<Profile>,
    /// Sets to run beyond the default: a list, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SETS")]
    pub(super) include: Vec<Set>,
    /// Run only cases whose id matches; globs cross `/`, and `autobahn:GLOB` means Autobahn's ids. Repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) case: Vec<String>,
    /// Send as many compressed messages as Autobahn|Testsuite does in its sections 12 and 13: 10.9 GB each way, one case after
    /// another.
    #[arg(long, conflicts_with = "replay")]
    pub(super) exhaustive: bool,
    /// Needs that the targets must meet, each of those that speak its protocol: without them the gate is not met. A list,
    /// separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NEEDS")]
    pub(super) require: Vec<Need>,
    /// A WebSocket endpoint that obeys commands: a text `send:1:8:text:1` makes it send 8 bytes of text.
    #[arg(long, value_name = "URL")]
    pub(super) command: Option<String>,
    /// An event stream endpoint that plays the script in its query: `script=[{"data":"x"}]` makes it send one event.
    #[arg(long, value_name = "URL")]
    pub(super) script: Option<String>,
    /// The method that gets the event stream: GET, as an EventSource asks, or POST. Each POST may cost or change something:
    /// about 25 are sent [default: GET].
    #[arg(long, value_enum, ignore_case = true)]
    pub(super) method: Option<Method>,
    /// What to POST: a file of at most 64 KiB, or - for standard input. Its content is a secret; it is JSON, unless a
    /// header says otherwise.
    #[arg(long, value_name = "FILE")]
    pub(super) body: Option<PathBuf>,
    /// The `Origin` of ordinary requests.
    #[arg(long)]
    pub(super) origin: Option<String>,
    /// A subprotocol that the target speaks. Repeatable, the most liked first.
    #[arg(long, value_name = "NAME")]
    pub(super) subprotocol: Vec<String>,
    /// A further field of ordinary requests. Its value is a secret. Repeatable.
    #[arg(long, value_name = "NAME: VALUE")]
    pub(super) header: Vec<String>,
    /// Believe only the certificates in this PEM file.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(super) cacert: Option<PathBuf>,
    /// Believe any certificate.
    #[arg(long)]
    pub(super) insecure: bool,
    /// Start the target with this command, without a shell; PORT is in its environment.
    #[arg(long, value_name = "CMD")]
    pub(super) start: Option<String>,
    /// How many cases run side by side [default: 32; 4 where they POST].
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
    /// Seconds to wait for an expected reaction [default: 5].
    #[arg(long, value_name = "S")]
    pub(super) patience: Option<f64>,
    /// Seconds that one case may take [default: 60].
    #[arg(long, value_name = "S")]
    pub(super) deadline: Option<f64>,
    /// Seconds to watch an event stream [default: 10].
    #[arg(long, value_name = "S")]
    pub(super) observe: Option<f64>,
    /// Play this exchange and nothing else: what --exchanges wrote, or `exchange` in a JSON report.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["case", "include", "partition"])]
    pub(super) replay: Option<PathBuf>,
    /// Write the smallest failing exchange of each case that generates them into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(super) exchanges: Option<PathBuf>,
    /// The same seed sends the same bytes [default: 1].
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Configuration file [default: pushspec.toml, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) gate: GateArgs,
    /// Score only the cases that this release of pushspec had, such as 0.1: newer ones run, and fail no gate.
    #[arg(long, value_name = "RELEASE")]
    pub(super) catalogue: Option<String>,
    /// Run only a part of the cases: hash:2/4 is the second of four. `pushspec merge` puts the reports together.
    #[arg(long, value_name = "hash:I/N")]
    pub(super) partition: Option<Partition>,
    /// Write the report to a file: json, ndjson (while cases run), junit, tap, sarif, markdown, html or badge. Repeatable.
    /// With several targets, the letter n in braces in the path stands for the number of the target.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
    /// The target is mine: run abusive cases against it although it is not on this machine.
    #[arg(long)]
    pub(super) i_own_this_target: bool,
    /// Tell every failure and warning in full, and list passes, skips and what was recorded too.
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// A report that `--report json=PATH` wrote.
    #[arg(value_name = "REPORT")]
    pub(super) saved: PathBuf,
    /// Write it to a file: json, ndjson, junit, tap, sarif, markdown, html or badge. Repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
    /// Told here: every failure and warning in full, and passes, skips and what was recorded too.
    #[arg(long, short, conflicts_with = "report")]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The JSON reports of all parts.
    #[arg(value_name = "REPORT", required = true)]
    pub(super) saved: Vec<PathBuf>,
    /// Write the whole to a file: json, ndjson, junit, tap, sarif, markdown, html or badge. Repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
    /// Configuration file with the gate and its known failures [default: pushspec.toml, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) gate: GateArgs,
    /// Tell every failure and warning in full, and list passes, skips and what was recorded too.
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct MatrixArgs {
    /// The JSON reports, each in a file that is named after its server.
    #[arg(value_name = "REPORT", required = true)]
    pub(super) saved: Vec<PathBuf>,
    /// The folder that the site is written to.
    #[arg(long, short, value_name = "FOLDER", default_value = "matrix")]
    pub(super) output: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct CoverageArgs {
    /// A saved JSON report, for the verdicts.
    #[arg(value_name = "REPORT")]
    pub(super) report: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The JSON report from before.
    #[arg(value_name = "OLD")]
    pub(super) old: PathBuf,
    /// The JSON report of now.
    #[arg(value_name = "NEW")]
    pub(super) new: PathBuf,
    /// As Markdown.
    #[arg(long)]
    pub(super) markdown: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Write an entry for each failure of a saved report. Entries that are in pushspec.toml keep what is written there.
    Write(BaselineArgs),
}

#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    /// A report that `--report json=PATH` wrote.
    #[arg(value_name = "REPORT")]
    pub(super) saved: PathBuf,
    /// Why the failures are borne. Without it each reason is left empty, and has to be written before the file is of use.
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// Warnings too.
    #[arg(long)]
    pub(super) warn: bool,
    /// Write to this file [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Configuration file whose entries are kept [default: pushspec.toml, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// As JSON: {"cases": [...], "requirements": [...], "ambiguities": [...]}, or only what else was asked for.
    #[arg(long)]
    pub(super) json: bool,
    /// The requirements instead of the cases.
    #[arg(long, conflicts_with = "case")]
    pub(super) requirements: bool,
    /// The points that the documents leave open, instead of the cases.
    #[arg(long, conflicts_with_all = ["case", "requirements"])]
    pub(super) ambiguities: bool,
    /// What examines the same as these cases of Autobahn|Testsuite: 6.4.1, '6.*'.
    #[arg(long, value_name = "GLOB", conflicts_with_all = ["case", "requirements", "ambiguities", "json"])]
    pub(super) autobahn: Option<String>,
    /// Only cases whose id matches; globs cross `/`. Repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) case: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The id of a case, of a requirement, of an ambiguity, or of a case of Autobahn's; `autobahn` tells what its words mean.
    pub(super) id: String,
}

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// What to serve.
    #[arg(value_enum)]
    pub(super) protocol: Served,
    /// The fault to plant; an unknown name lists all.
    #[arg(long, value_name = "NAME")]
    pub(super) fault: Option<String>,
    /// The port on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    pub(super) port: u16,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The folder; it is made where there is none.
    #[arg(value_name = "FOLDER")]
    pub(super) folder: PathBuf,
}

/// What `pushspec serve` serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Served {
    /// A WebSocket echo server.
    Ws,
    /// An event stream.
    Sse,
}
