//! A peer in JavaScript, measured by a process of its own.

use std::path::Path;
use std::process::Command;

use pushspec_bench::ours::Found;

use crate::clock::ROUNDS;

/// What eventsource-parser finds in chunks of `size` bytes, and the seconds it takes; or why that is not known.
pub fn measure(bytes: &[u8], size: usize) -> Result<(Found, f64), String> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("npm");
    if !scripts.join("node_modules").exists() {
        return Err("run `npm ci` in bench/npm".to_owned());
    }
    let file = std::env::temp_dir().join(format!("pushspec-bench-{}", std::process::id()));
    std::fs::write(&file, bytes).map_err(|error| error.to_string())?;
    let output = Command::new("node")
        .arg(scripts.join("measure.js"))
        .arg(&file)
        .args([size.to_string(), ROUNDS.to_string()])
        .output();
    std::fs::remove_file(&file).ok();
    let output = output.map_err(|error| format!("node: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<f64>);
    let mut next = || {
        let number = numbers.next().and_then(Result::ok);
        number.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (count, bytes) = (next()? as u64, next()? as u64);
    Ok((Found { count, bytes }, next()?))
}
