//! `--start`: the target as a child process in a process group of its own, started before the run and whenever it fell.

use crate::operator::Operator;
use crate::transport::{Boxed, Tcp, Transport as _};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::Deserialize;
use std::process::Stdio;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a target may take until it accepts a connection: a launch script may install first.
const START_UP: Duration = Duration::from_secs(120);

/// For a connection to it.
const TO_CONNECT: Duration = Duration::from_secs(5);

/// How long a target may take to end, once it was first asked to.
const WIND_DOWN: Duration = Duration::from_secs(2);

/// The process group of the target that runs now; 0 for none. A process that quits at once has no other way to it.
static GROUP: AtomicI32 = AtomicI32::new(0);

/// A command and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Words")]
pub(super) struct Argv(Vec<String>);

/// How a command may be written in `pushspec.toml`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Line(String),
    List(Vec<String>),
}

impl Argv {
    /// Splits a line into words as a shell does, without a shell.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        match shlex::split(line) {
            Some(words) if !words.is_empty() => Ok(Self(words)),
            Some(_) => Err("--start: the command is empty".into()),
            None => Err("--start: the command has an unbalanced quote".into()),
        }
    }
}

impl TryFrom<Words> for Argv {
    type Error = String;

    fn try_from(words: Words) -> Result<Self, String> {
        match words {
            Words::Line(line) => Self::parse(&line),
            Words::List(words) if words.is_empty() => Err("start: the command is empty".into()),
            Words::List(words) => Ok(Self(words)),
        }
    }
}

/// A target that pushspec starts.
pub(super) struct Launcher {
    argv: Argv,
    port: u16,
    /// TCP alone: whether a certificate is trusted is for the run to say.
    tcp: Tcp,
    child: Mutex<Option<Started>>,
}

/// A target that was started.
struct Started {
    child: Child,
    /// When it was first told to stop.
    told: Option<Instant>,
}

impl Launcher {
    /// Starts the target and waits until it accepts a connection.
    pub(super) async fn start(argv: Argv, port: u16, tcp: Tcp) -> Result<Self, String> {
        if tcp.dial(TO_CONNECT).await.is_ok() {
            // It would be checked instead of the one that is to be started.
            return Err(format!(
                "--start: something listens on port {port} already: stop it, or leave out --start to check it"
            ));
        }
        let launcher = Self {
            argv,
            port,
            tcp,
            child: Mutex::new(None),
        };
        launcher.launch().await?;
        Ok(launcher)
    }

    /// Ends the target.
    pub(super) async fn stop(&self) {
        let Some(Started { mut child, told }) = self.child.lock().await.take() else {
            return;
        };
        let told = told.unwrap_or_else(Instant::now);
        signal(&child, Signal::SIGTERM);
        if timeout_at(told + WIND_DOWN, child.wait()).await.is_err() {
            signal(&child, Signal::SIGKILL);
            let _ = child.wait().await;
        }
        GROUP.store(0, Ordering::Relaxed);
    }

    async fn launch(&self) -> Result<(), String> {
        self.stop().await;
        let Argv(words) = &self.argv;
        let child = Command::new(&words[0])
            .args(&words[1..])
            .env("PORT", self.port.to_string())
            .process_group(0)
            .stdin(Stdio::null())
            // The target's own words must not be taken for the report.
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("--start `{}`: cannot be started: {error}", words[0]))?;
        let mut slot = self.child.lock().await;
        // Held before anything is awaited: whoever gives up on us ends it by dropping us.
        let Started { child, .. } = slot.insert(Started { child, told: None });
        GROUP.store(group(child).map_or(0, Pid::as_raw), Ordering::Relaxed);
        let deadline = Instant::now() + START_UP;
        let outcome = loop {
            if let Ok(Some(status)) = child.try_wait() {
                break Err(format!(
                    "--start `{}`: ended before it accepted a connection ({status})",
                    words[0]
                ));
            }
            if self.tcp.dial(TO_CONNECT).await.is_ok() {
                break Ok(());
            }
            if Instant::now() >= deadline {
                break Err(format!(
                    "--start `{}`: accepts no connection after {} s",
                    words[0],
                    START_UP.as_secs()
                ));
            }
            // Nothing tells when a server is up: asking is all there is.
            sleep(Duration::from_millis(50)).await;
        };
        drop(slot);
        if outcome.is_err() {
            self.stop().await;
        }
        outcome
    }
}

impl Operator for Launcher {
    fn tell_to_stop(&self) -> Boxed<'_, ()> {
        Box::pin(async {
            if let Some(Started { child, told }) = &mut *self.child.lock().await {
                told.get_or_insert_with(Instant::now);
                signal(child, Signal::SIGTERM);
            }
        })
    }

    fn relaunch(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(self.launch())
    }
}

/// Ends the target that runs now, if one does: for a process that quits without unwinding.
pub(super) fn kill_started() {
    let group = GROUP.load(Ordering::Relaxed);
    if group > 0 {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

/// Signals the child's whole group: a launch script's server as well.
fn signal(child: &Child, signal: Signal) {
    if let Some(group) = group(child) {
        let _ = killpg(group, signal);
    }
}

/// The child's process group; none once it was waited for.
fn group(child: &Child) -> Option<Pid> {
    let id = child.id().and_then(|id| i32::try_from(id).ok())?;
    Some(Pid::from_raw(id))
}

impl Drop for Launcher {
    fn drop(&mut self) {
        if let Some(Started { child, .. }) = self.child.get_mut() {
            signal(child, Signal::SIGKILL);
        }
    }
}
