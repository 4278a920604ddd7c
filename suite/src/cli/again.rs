//! The flags that the command to run a case again repeats: those that change what is sent or how it is judged. Values of
//! headers are secrets and are left out.

use super::args::CheckArgs;
use clap::ValueEnum as _;
use std::fmt::Write as _;

/// Stands for what may not be shown.
const HIDDEN: char = '…';

/// The flags, each behind a blank.
pub(super) fn flags(args: &CheckArgs) -> String {
    let mut flags = Flags(String::new());
    flags.path("--config", args.config.as_deref());
    if let Some(profile) = args.profile.and_then(|profile| profile.to_possible_value()) {
        flags.value("--profile", profile.get_name());
    }
    if let Some(method) = args.method.and_then(|method| method.to_possible_value()) {
        flags.value("--method", method.get_name());
    }
    flags.path("--body", args.body.as_deref());
    if let Some(origin) = &args.origin {
        flags.value("--origin", origin);
    }
    for name in &args.subprotocol {
        flags.value("--subprotocol", name);
    }
    for header in &args.header {
        let name = header.split_once(':').map_or("", |(name, _)| name.trim());
        flags.value("--header", &format!("{name}: {HIDDEN}"));
    }
    flags.path("--cacert", args.cacert.as_deref());
    if args.insecure {
        flags.0.push_str(" --insecure");
    }
    if args.exhaustive {
        flags.0.push_str(" --exhaustive");
    }
    if let Some(start) = &args.start {
        flags.value("--start", start);
    }
    let seconds = [
        ("--patience", args.patience),
        ("--deadline", args.deadline),
        ("--observe", args.observe),
    ];
    for (flag, given) in seconds {
        if let Some(seconds) = given {
            let _ = write!(flags.0, " {flag} {seconds}");
        }
    }
    flags.0
}

struct Flags(String);

impl Flags {
    /// A flag and its value, quoted for a shell where it has to be.
    fn value(&mut self, flag: &str, value: &str) {
        // Only NUL cannot be quoted, and no argument can hold it.
        let quoted = shlex::try_quote(value).unwrap_or_default();
        let _ = write!(self.0, " {flag} {quoted}");
    }

    fn path(&mut self, flag: &str, path: Option<&std::path::Path>) {
        if let Some(path) = path {
            self.value(flag, &path.to_string_lossy());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::flags;
    use crate::cli::args::{Command, CommandLine};
    use clap::Parser as _;

    fn of(line: &str) -> String {
        let words = shlex::split(line).expect("a line");
        match CommandLine::parse_from(words).command {
            Command::Check(args) => flags(&args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_changes_the_verdict_is_repeated() {
        let repeated = "--config other.toml --profile strict --method POST --body a.json --origin https://a.test --subprotocol a --subprotocol b \
                        --insecure --exhaustive --start 'node server.js' --patience 0.5 --observe 2";
        let line = format!("pushspec check ws://a.test/ {repeated}");
        assert_eq!(of(&line), format!(" {repeated}"));
    }

    #[test]
    fn what_does_not_is_left_out() {
        let line = "pushspec check ws://a.test/ --jobs 3 --report json=x --fail-on warn --seed 7 --case 'ws/*' -v";
        assert_eq!(of(line), "");
    }

    #[test]
    fn the_value_of_a_header_is_hidden() {
        let line = "pushspec check ws://a.test/ --header 'Authorization: Bearer hunter2'";
        assert_eq!(of(line), " --header 'Authorization: …'");
    }
}
