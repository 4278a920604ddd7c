//! What an event stream is asked for with: `--method` and `--body`, or `method` and `body` in `pushspec.toml`.

use super::Usage;
use crate::Post;
use clap::ValueEnum;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// A body may be so long: it is sent again and again, and every text in it is looked for in the report.
const LONGEST: u64 = 64 * 1024;

/// A method that gets an event stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[value(rename_all = "UPPER")]
pub(super) enum Method {
    /// As an `EventSource` asks.
    Get,
    /// As clients of language models and of MCP ask.
    Post,
}

/// The POST that `method` and `body` ask for; none for a GET. `typed` says whether some declared field is a
/// Content-Type.
pub(super) fn post(
    method: Option<Method>,
    body: Option<&Path>,
    typed: bool,
) -> Result<Option<Post>, Usage> {
    match (method, body) {
        (Some(Method::Post), Some(path)) => posted(path, typed).map(Some),
        (Some(Method::Post), None) => Ok(Some(Post::default())),
        (Some(Method::Get) | None, None) => Ok(None),
        (Some(Method::Get) | None, Some(_)) => Err(Usage::new(
            "--body: only a POST carries it: add --method POST, which may cost or change something each time that it is \
             sent",
        )),
    }
}

fn posted(path: &Path, typed: bool) -> Result<Post, Usage> {
    let shown = match path.to_str() {
        Some("-") => "standard input".into(),
        _ => path.display().to_string(),
    };
    let body = read(path)
        .map_err(|error| Usage::new(format_args!("--body: {shown} cannot be read: {error}")))?;
    if body.len() as u64 > LONGEST {
        return Err(Usage::new(format_args!(
            "--body: {shown} is longer than {} KiB: give a shorter request",
            LONGEST / 1024
        )));
    }
    if typed || body.is_empty() {
        return Ok(Post {
            body: body.into(),
            content_type: None,
        });
    }
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(_) => Ok(Post::json(body)),
        // Not what is wrong with it: that would quote it.
        Err(error) => Err(Usage::new(format_args!(
            "--body: {shown} is no JSON (line {}, column {}): mend it, or say what it is: --header 'Content-Type: …'",
            error.line(),
            error.column()
        ))),
    }
}

/// At most one byte more than may be.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match path.to_str() {
        Some("-") => io::stdin().take(LONGEST + 1).read_to_end(&mut body)?,
        _ => File::open(path)?.take(LONGEST + 1).read_to_end(&mut body)?,
    };
    Ok(body)
}
