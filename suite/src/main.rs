//! The `pushspec` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    pushspec::cli::main()
}
