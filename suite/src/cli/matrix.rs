//! `pushspec matrix`: many saved reports side by side, as a site that can be published as it is.

use super::Usage;
use super::args::MatrixArgs;
use super::check::print;
use super::render::read;
use pushspec_reports::Report;
use pushspec_reports::gate::ExitStatus;
use pushspec_reports::render::html::{self, Column};
use std::fs;
use std::path::Path;

pub(super) fn run(args: &MatrixArgs) -> Result<ExitStatus, Usage> {
    let mut servers: Vec<(String, String, Report)> = Vec::new();
    for path in &args.saved {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let page = format!("{}.html", slug(&name));
        if servers.iter().any(|(_, other, _)| *other == page) || page == "index.html" {
            return Err(Usage::new(format_args!(
                "{}: another report is called `{name}`, or the page of the matrix is: files are named after servers",
                path.display()
            )));
        }
        servers.push((name, page, read(path)?));
    }
    let write = |name: &str, text: &str| {
        let path = args.output.join(name);
        fs::write(&path, text).map_err(|error| cannot(&path, &error))
    };
    fs::create_dir_all(&args.output).map_err(|error| cannot(&args.output, &error))?;
    for (_, page, report) in &servers {
        write(page, &html::write(report))?;
    }
    let columns: Vec<Column<'_>> = servers
        .iter()
        .map(|(name, page, report)| Column { name, page, report })
        .collect();
    write("index.html", &html::matrix(&columns))?;
    print(&format!("{}\n", args.output.join("index.html").display()));
    Ok(ExitStatus::Met)
}

/// A name fit for a file and a link.
fn slug(name: &str) -> String {
    let fit = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' || c == '_' {
            c
        } else {
            '-'
        }
    };
    name.chars().map(fit).collect()
}

fn cannot(path: &Path, error: &std::io::Error) -> Usage {
    Usage::new(format_args!(
        "{}: cannot be written: {error}",
        path.display()
    ))
}
