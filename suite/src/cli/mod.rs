//! The command line: a thin skin over the library.

mod again;
mod args;
mod baseline;
mod check;
mod config;
mod coverage;
mod declared;
mod demo;
mod events;
mod explain;
mod frozen;
mod headers;
mod known;
mod launch;
mod list;
mod matrix;
mod merge;
mod nearest;
mod output;
mod package;
mod posted;
mod progress;
mod render;
mod replay;
mod serve;

use args::{BaselineCommand, Command, CommandLine};
use clap::Parser as _;
use pushspec_reports::gate::ExitStatus;
use std::fmt;
use std::process::ExitCode;

/// Something that the user has to change before anything can run: what, where, and what to do. Exit status 2.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl Usage {
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("pushspec: the runtime does not start: {error}");
            return ExitCode::from(ExitStatus::OwnError.code());
        }
    };
    let outcome = runtime.block_on(async {
        match command {
            Command::Check(args) => check::run(*args).await,
            Command::Demo => demo::run().await,
            Command::Matrix(args) => matrix::run(&args),
            Command::Coverage(args) => coverage::run(&args),
            Command::Merge(args) => merge::run(&args),
            Command::Diff(args) => merge::compare(&args),
            Command::Render(args) => render::run(&args),
            Command::Baseline(BaselineCommand::Write(args)) => baseline::write(&args),
            Command::List(args) => list::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Serve(args) => serve::run(&args).await,
            Command::Completions(args) => package::completions(&args),
            Command::Man(args) => package::man(&args),
        }
    });
    match outcome {
        Ok(status) => ExitCode::from(status.code()),
        Err(Usage(message)) => {
            eprintln!("pushspec: {message}");
            ExitCode::from(ExitStatus::Usage.code())
        }
    }
}
