//! A private way to one target for a client that opens its connections itself: a Unix socket, whose connections lead to the
//! target and nowhere else.
//!
//! Wherever the client believes that it goes, to a server that a redirect names perhaps, it meets the target or nobody. The
//! relay knows no protocol: it carries bytes both ways, and no more of them than it may.

use super::Transport;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, copy, split};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

/// Connections that one client opens at most. It follows twenty redirects, perhaps each on a connection of its own.
const CONNECTIONS: usize = 64;

/// A way to one target. It ends, with all of its connections, when it is dropped.
pub struct Relay {
    directory: Directory,
    fate: Arc<Fate>,
    /// Carries; aborted on drop.
    _tasks: JoinSet<()>,
}

/// How many relays are open in this process.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Whether some relay is open: then a paused clock must not jump, for it does not see that bytes stand in a socket.
#[doc(hidden)]
pub fn relays_are_open() -> bool {
    OPEN.load(Ordering::Relaxed) > 0
}

/// What became of the connections.
#[derive(Default)]
struct Fate {
    not_connected: Mutex<Option<String>>,
    full: AtomicBool,
}

impl Relay {
    /// Opens the way. Each connection carries at most `budget` bytes from the target.
    ///
    /// # Errors
    /// Where no socket can be made in the directory for temporary files.
    pub fn to(
        transport: Arc<dyn Transport>,
        patience: Duration,
        budget: usize,
    ) -> Result<Self, String> {
        let directory = Directory::new().map_err(|error| {
            let place = std::env::temp_dir();
            let place = place.display();
            format!(
                "no socket in {place} ({error}): let TMPDIR name a directory that can be written"
            )
        })?;
        let listener = UnixListener::bind(directory.socket())
            .map_err(|error| format!("no socket at {} ({error})", directory.socket().display()))?;
        let fate = Arc::new(Fate::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(
            listener,
            Arc::clone(&fate),
            transport,
            patience,
            budget as u64,
        ));
        Ok(Self {
            directory,
            fate,
            _tasks: tasks,
        })
    }

    /// Where the client connects.
    pub fn path(&self) -> PathBuf {
        self.directory.socket()
    }

    /// Why no connection to the target could be had, where one could not.
    pub fn not_connected(&self) -> Option<String> {
        let reason = self.fate.not_connected.lock();
        reason.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a connection was cut because the target sent more than it may carry.
    pub fn is_full(&self) -> bool {
        self.fate.full.load(Ordering::Relaxed)
    }
}

async fn accept(
    listener: UnixListener,
    fate: Arc<Fate>,
    transport: Arc<dyn Transport>,
    patience: Duration,
    budget: u64,
) {
    // Aborted with this task.
    let mut carried = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let Ok((client, _)) = listener.accept().await else {
            break;
        };
        let (transport, fate) = (Arc::clone(&transport), Arc::clone(&fate));
        carried.spawn(async move { carry(client, &*transport, patience, budget, &fate).await });
    }
    drop(listener);
    while carried.join_next().await.is_some() {}
}

/// Carries bytes both ways until one side ends.
async fn carry(
    mut client: UnixStream,
    transport: &dyn Transport,
    patience: Duration,
    budget: u64,
    fate: &Fate,
) {
    let wire = match transport.dial(patience).await {
        Ok(wire) => wire,
        Err(reason) => {
            let place = fate.not_connected.lock();
            *place.unwrap_or_else(PoisonError::into_inner) = Some(reason);
            return;
        }
    };
    let (from_target, mut to_target) = split(wire);
    let (mut from_client, mut to_client) = client.split();
    let mut limited = from_target.take(budget);
    tokio::select! {
        _ = copy(&mut from_client, &mut to_target) => {}
        _ = copy(&mut limited, &mut to_client) => {
            if limited.limit() == 0 {
                fate.full.store(true, Ordering::Relaxed);
            }
        }
    }
}

/// A directory that only this user can enter; it goes with its socket.
struct Directory(PathBuf);

impl Directory {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let (process, place) = (std::process::id(), std::env::temp_dir());
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = place.join(format!("pushspec-{process}-{count}"));
            match std::fs::DirBuilder::new().mode(0o700).create(&path) {
                // Left behind by a process of the same number that was killed, or somebody else's.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(()) => break Ok(Self::counted(path)),
            }
        }
    }

    fn counted(path: PathBuf) -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        Path::join(&self.0, "s")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
        // Nothing depends on it: what stays is an empty directory.
        let _ = std::fs::remove_file(self.socket());
        let _ = std::fs::remove_dir(&self.0);
    }
}
