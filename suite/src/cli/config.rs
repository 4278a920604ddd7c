//! What a check is to do: `pushspec.toml` and the flags, joined. A flag wins over the file; nothing is guessed.

use super::Usage;
use super::again;
use super::args::{CheckArgs, FailOn, MergeArgs};
use super::declared::FileDeclared;
use super::frozen::Frozen;
use super::known;
use super::launch::Argv;
use super::output::Output;
use super::posted::{self, Method};
use super::replay::Replay;
use crate::case::{Need, Set};
use crate::transport::Trust;
use crate::{Declared, Profile, Timing};
use clap::ValueEnum as _;
use pushspec_reports::Partition;
use pushspec_reports::gate::{Gate, Known};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file that is read where no other is named.
const DEFAULT_FILE: &str = "pushspec.toml";

/// The seed where none is given: a gate says the same thing each time.
const DEFAULT_SEED: u64 = 1;

/// Cases side by side where nothing else is said: it is waiting, not work.
const DEFAULT_JOBS: usize = 32;

/// The same where each case has the target work: who answers by a language model bears few at once, and counts them.
const DEFAULT_POST_JOBS: usize = 4;

/// What a check is to do.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) targets: Vec<String>,
    pub(super) profile: Profile,
    pub(super) include: Vec<Set>,
    pub(super) cases: Vec<String>,
    /// As many compressed messages as Autobahn sends.
    pub(super) exhaustive: bool,
    pub(super) required: Vec<Need>,
    /// An endpoint that obeys commands.
    pub(super) command: Option<String>,
    /// An endpoint that plays scripts.
    pub(super) script: Option<String>,
    pub(super) declared: Declared,
    pub(super) trust: Trust,
    pub(super) start: Option<Argv>,
    pub(super) jobs: usize,
    pub(super) timing: Timing,
    pub(super) seed: u64,
    pub(super) gate: Gate,
    /// The release whose cases are scored.
    pub(super) frozen: Option<Frozen>,
    /// Which part of the cases runs.
    pub(super) partition: Option<Partition>,
    pub(super) reports: Vec<Output>,
    /// An exchange to play instead of the catalogue.
    pub(super) replay: Option<Replay>,
    /// Where exchanges are saved.
    pub(super) exchanges: Option<PathBuf>,
    pub(super) owned: bool,
    pub(super) verbose: bool,
    /// What the command to run a case again repeats.
    pub(super) flags: String,
}

/// `pushspec.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct File {
    targets: Vec<String>,
    profile: Option<Profile>,
    include: Vec<Set>,
    case: Vec<String>,
    exhaustive: bool,
    require: Vec<String>,
    command: Option<String>,
    script: Option<String>,
    method: Option<Method>,
    body: Option<PathBuf>,
    start: Option<Argv>,
    jobs: Option<usize>,
    patience: Option<f64>,
    deadline: Option<f64>,
    observe: Option<f64>,
    seed: Option<u64>,
    cacert: Option<PathBuf>,
    insecure: bool,
    fail_on: Option<FailOn>,
    max_warn: Option<usize>,
    max_inconclusive: Option<usize>,
    known: Vec<Known>,
    known_file: Vec<PathBuf>,
    catalogue: Option<String>,
    report: Vec<String>,
    exchanges: Option<PathBuf>,
    i_own_this_target: bool,
    declared: FileDeclared,
}

impl Plan {
    /// Joins flags and file.
    pub(super) fn of(args: CheckArgs) -> Result<Self, Usage> {
        let (file, path) = File::find(args.config.as_deref())?;
        let folder = folder(&path);
        let flags = again::flags(&args);
        let targets = or(args.targets, file.targets);
        if targets.is_empty() {
            return Err(Usage::new(
                "no target: give a URL, or `targets` in pushspec.toml",
            ));
        }
        let known = known::all(file.known, &file.known_file, &path)?;
        let mut declared = file
            .declared
            .joined(args.origin, args.subprotocol, &args.header)?;
        let typed = |(name, _): &(String, String)| name.eq_ignore_ascii_case("content-type");
        let typed = declared.headers.iter().any(typed);
        // A flag wins over the file: with --method GET its body is for another run.
        let filed = file.body.filter(|_| args.method != Some(Method::Get));
        let body = args.body.or(filed.map(|path| folder.join(path)));
        declared.post = posted::post(args.method.or(file.method), body.as_deref(), typed)?;
        let required = match args.require.is_empty() {
            true => file
                .require
                .iter()
                .map(|need| parse_need(need))
                .collect::<Result<_, _>>()?,
            false => args.require,
        };
        let timing = Timing::default();
        let patience = seconds("patience", args.patience.or(file.patience), timing.patience)?;
        let posts = declared.post.is_some();
        let replay = args.replay.as_deref().map(Replay::read).transpose()?;
        Ok(Self {
            targets,
            profile: args.profile.or(file.profile).unwrap_or_default(),
            include: or(args.include, file.include),
            cases: match &replay {
                Some(replay) => vec![replay.case.clone()],
                None => or(args.case, file.case),
            },
            exhaustive: args.exhaustive || file.exhaustive,
            required,
            command: args.command.or(file.command),
            script: args.script.or(file.script),
            declared,
            trust: match (args.cacert, args.insecure, file.cacert, file.insecure) {
                (Some(path), ..) => Trust::File(path),
                (None, true, ..) => Trust::Anything,
                (None, false, Some(path), _) => Trust::File(path),
                (None, false, None, true) => Trust::Anything,
                (None, false, None, false) => Trust::System,
            },
            start: match args.start {
                Some(line) => Some(Argv::parse(&line).map_err(Usage::new)?),
                None => file.start,
            },
            jobs: match args.jobs.or(file.jobs) {
                None if posts => DEFAULT_POST_JOBS,
                None => DEFAULT_JOBS,
                Some(0) => return Err(Usage::new("jobs: give a number above 0")),
                Some(jobs) => jobs,
            },
            timing: Timing {
                patience,
                recovery: 2 * patience,
                deadline: seconds("deadline", args.deadline.or(file.deadline), timing.deadline)?,
                observe: seconds("observe", args.observe.or(file.observe), timing.observe)?,
                ..timing
            },
            seed: args.seed.or(file.seed).unwrap_or(DEFAULT_SEED),
            gate: Gate {
                fail_on_warn: args.gate.fail_on.or(file.fail_on) == Some(FailOn::Warn),
                max_warn: args.gate.max_warn.or(file.max_warn),
                max_inconclusive: args
                    .gate
                    .max_inconclusive
                    .or(file.max_inconclusive)
                    .unwrap_or(0),
                known,
            },
            partition: args.partition,
            frozen: args
                .catalogue
                .or(file.catalogue)
                .map(|release| Frozen::parse(&release))
                .transpose()?,
            reports: Output::parse_all(&or(args.report, file.report))?,
            replay,
            exchanges: args.exchanges.or(file.exchanges),
            owned: args.i_own_this_target || file.i_own_this_target,
            verbose: args.verbose,
            flags,
        })
    }
}

impl File {
    /// The file that was named, or the default one where it exists; and its path.
    fn find(named: Option<&Path>) -> Result<(Self, PathBuf), Usage> {
        let path = match named {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Ok((Self::default(), PathBuf::new())),
        };
        Ok((read_toml(path)?, path.to_owned()))
    }
}

/// Where the paths begin that a configuration file holds.
pub(super) fn folder(config: &Path) -> &Path {
    config.parent().unwrap_or(Path::new(""))
}

/// The gate of a merged run: what the flags say, else the file, else what the parts were judged by.
pub(super) fn gate(args: &MergeArgs, recorded: &Gate) -> Result<Gate, Usage> {
    let (file, path) = File::find(args.config.as_deref())?;
    let fail_on = args.gate.fail_on.or(file.fail_on);
    Ok(Gate {
        fail_on_warn: fail_on.map_or(recorded.fail_on_warn, |on| on == FailOn::Warn),
        max_warn: args.gate.max_warn.or(file.max_warn).or(recorded.max_warn),
        max_inconclusive: args
            .gate
            .max_inconclusive
            .or(file.max_inconclusive)
            .unwrap_or(recorded.max_inconclusive),
        known: known::all(file.known, &file.known_file, &path)?,
    })
}

/// The known failures of the file that was named, or of the default one, reasons or no.
pub(super) fn known_failures(named: Option<&Path>) -> Result<Vec<Known>, Usage> {
    let (file, path) = File::find(named)?;
    known::unchecked(file.known, &file.known_file, &path)
}

/// A TOML file, read into its form; what is wrong is named with its place.
pub(super) fn read_toml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Usage> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Usage::new(format_args!("{}: cannot be read: {error}", path.display())))?;
    toml::from_str(&text).map_err(|error| {
        // Not the line itself, which may hold a secret.
        let before = error.span().and_then(|span| text.get(..span.start));
        let place = before.map(|before| {
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            format!(
                "line {}, column {column}: ",
                before.matches('\n').count() + 1
            )
        });
        let (place, message) = (place.unwrap_or_default(), without_value(error.message()));
        Usage::new(format_args!("{}: {place}{message}", path.display()))
    })
}

/// Types as the reader of a file names them, and as people do.
const KINDS: [(&str, &str); 5] = [
    // A date that stands without quotes.
    (
        "invalid type: map, expected a string",
        "expected text in quotes",
    ),
    ("expected usize", "expected a whole number, 0 or above"),
    ("expected u64", "expected a whole number, 0 or above"),
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected a list in brackets"),
];

/// What the reader of a file says of it, in words for people, and without the text that it found where something else was
/// due.
fn without_value(message: &str) -> String {
    let kinds = KINDS.iter().filter(|(theirs, _)| message.contains(theirs));
    let message = kinds.fold(message.to_owned(), |message, (theirs, ours)| {
        message.replace(theirs, ours)
    });
    match message.split_once("string \"") {
        Some((before, rest)) => {
            let behind = rest.rfind("\", ").map_or("", |at| &rest[at + 1..]);
            format!("{before}text{behind}")
        }
        None => message.trim_end().into(),
    }
}

/// What the flags say, else what the file says.
fn or<T>(flags: Vec<T>, file: Vec<T>) -> Vec<T> {
    if flags.is_empty() { file } else { flags }
}

fn seconds(name: &str, given: Option<f64>, default: Duration) -> Result<Duration, Usage> {
    match given.map(Duration::try_from_secs_f64) {
        None => Ok(default),
        Some(Ok(duration)) if !duration.is_zero() => Ok(duration),
        Some(_) => Err(Usage::new(format_args!(
            "{name}: give a number of seconds above 0"
        ))),
    }
}

fn parse_need(word: &str) -> Result<Need, Usage> {
    Need::from_str(word, false).map_err(|_| {
        let known: Vec<&str> = Need::value_variants()
            .iter()
            .map(|need| need.as_str())
            .collect();
        Usage::new(format_args!(
            "require: `{word}` is no need: one of {}",
            known.join(", ")
        ))
    })
}
