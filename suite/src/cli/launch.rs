//! `--start`: the target as a child process in a process group of its own, started before the run and whenever it fell.

use crate::engine::Relaunch;
use crate::transport::{Boxed, Transport};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::Deserialize;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// How long a target may take until it accepts a connection: a launch script may install first.
const START_UP: Duration = Duration::from_secs(120);

/// How long a target may take to end when asked to.
const WIND_DOWN: Duration = Duration::from_secs(2);

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
    transport: Arc<dyn Transport>,
    child: Mutex<Option<Child>>,
}

impl Launcher {
    /// Starts the target and waits until it accepts a connection.
    pub(super) async fn start(
        argv: Argv,
        port: u16,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, String> {
        let launcher = Self {
            argv,
            port,
            transport,
            child: Mutex::new(None),
        };
        launcher.launch().await?;
        Ok(launcher)
    }

    /// Ends the target.
    pub(super) async fn stop(&self) {
        let Some(mut child) = self.child.lock().await.take() else {
            return;
        };
        signal(&child, Signal::SIGTERM);
        if tokio::time::timeout(WIND_DOWN, child.wait()).await.is_err() {
            signal(&child, Signal::SIGKILL);
            let _ = child.wait().await;
        }
    }

    async fn launch(&self) -> Result<(), String> {
        self.stop().await;
        let Argv(words) = &self.argv;
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .env("PORT", self.port.to_string())
            .process_group(0)
            .stdin(Stdio::null())
            // The target's own words must not be taken for the report.
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("--start `{}`: cannot be started: {error}", words[0]))?;
        let deadline = Instant::now() + START_UP;
        let outcome = loop {
            if let Ok(Some(status)) = child.try_wait() {
                break Err(format!(
                    "--start `{}`: ended before it accepted a connection ({status})",
                    words[0]
                ));
            }
            if self.transport.dial().await.is_ok() {
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
        *self.child.lock().await = Some(child);
        if outcome.is_err() {
            self.stop().await;
        }
        outcome
    }
}

impl Relaunch for Launcher {
    fn relaunch(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(self.launch())
    }
}

/// Signals the child's whole group: a launch script's server as well.
fn signal(child: &Child, signal: Signal) {
    if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
        let _ = killpg(Pid::from_raw(id), signal);
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        if let Some(child) = self.child.get_mut() {
            signal(child, Signal::SIGKILL);
        }
    }
}
