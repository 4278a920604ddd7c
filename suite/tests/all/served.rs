//! Peers that the binary itself serves, and the binary run in a folder of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A peer that pushspec serves, ended with this value.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
}

impl Served {
    /// The WebSocket peer with this fault.
    pub(crate) fn start(fault: &str) -> Self {
        Self::peer("ws", &["--fault", fault])
    }

    /// The peer of this protocol, `ws` or `sse`, with these further arguments.
    pub(crate) fn peer(protocol: &str, more: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let child = Command::new(env!("CARGO_BIN_EXE_pushspec"))
            .args(["serve", protocol, "--port", &port.to_string()])
            .args(more)
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let served = Self {
            child,
            url: match protocol {
                "ws" => format!("ws://127.0.0.1:{port}/"),
                _ => format!("http://127.0.0.1:{port}/"),
            },
        };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return served;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("nobody listens on {port}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An empty folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

pub(crate) fn pushspec(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the binary runs")
}

pub(crate) fn status(output: &Output) -> Option<i32> {
    output.status.code()
}

pub(crate) fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}
