//! `pushspec completions` and `pushspec man`: what a package installs beside the binary, made from the command line's own
//! description.

use super::Usage;
use super::args::{CommandLine, CompletionsArgs, ManArgs};
use super::check::print;
use clap::CommandFactory as _;
use pushspec_reports::gate::ExitStatus;

pub(super) fn completions(args: &CompletionsArgs) -> Result<ExitStatus, Usage> {
    let mut script = Vec::new();
    let mut command = CommandLine::command();
    clap_complete::generate(args.shell, &mut command, "pushspec", &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(ExitStatus::Met)
}

/// A page for the command and one for each subcommand.
pub(super) fn man(args: &ManArgs) -> Result<ExitStatus, Usage> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(CommandLine::command(), folder))
        .map_err(|error| {
            Usage::new(format_args!(
                "{} cannot be written: {error}",
                folder.display()
            ))
        })?;
    Ok(ExitStatus::Met)
}
