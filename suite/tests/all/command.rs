//! Runs of the built binary, and what they said.

use std::path::PathBuf;
use std::process::{Command, Output};

pub(crate) fn pushspec(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pushspec"))
        .args(args)
        // No configuration of the developer's must leak in.
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the binary runs")
}

/// The exit status, and everything that was said.
pub(crate) fn outcome(output: &Output) -> (i32, String) {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (
        output.status.code().expect("no signal"),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// Asserts exit status and message of a check of `url` with little patience.
#[track_caller]
pub(crate) fn ends_with(url: &str, more: &[&str], status: i32, message: &str) {
    let mut args = vec!["check", url, "--patience", "0.3"];
    args.extend(more);
    let (code, said) = outcome(&pushspec(&args));
    assert_eq!(code, status, "{said}");
    assert!(
        said.contains(message),
        "`{message}` is missing from:\n{said}"
    );
}

pub(crate) fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a temporary file");
    path
}
