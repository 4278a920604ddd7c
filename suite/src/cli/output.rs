//! Where reports are written, and how: whole or not at all. A report that was there before stays until the new one is.

use super::Usage;
use pushspec_reports::render::Format;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Stands in a path for the number of the target, from 1.
const NUMBER: &str = "{n}";

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) path: PathBuf,
}

impl Output {
    /// What `--report FORMAT=PATH` asks for.
    pub(super) fn parse(text: &str) -> Result<Self, Usage> {
        let wrong = |why: &dyn fmt::Display| {
            Usage::new(format_args!(
                "--report `{text}`: {why}; write FORMAT=PATH, such as json=report.json"
            ))
        };
        let (format, path) = text
            .split_once('=')
            .ok_or_else(|| wrong(&"there is no `=`"))?;
        let format = format.parse().map_err(|error| wrong(&error))?;
        if path.is_empty() {
            return Err(wrong(&"there is no path"));
        }
        if path == "-" {
            return Err(wrong(&"`-` is no path: /dev/stdout is"));
        }
        Ok(Self {
            format,
            path: path.into(),
        })
    }

    /// What each of these texts asks for.
    pub(super) fn parse_all(texts: &[String]) -> Result<Vec<Self>, Usage> {
        let outputs: Vec<Self> = texts
            .iter()
            .map(|text| Self::parse(text))
            .collect::<Result<_, _>>()?;
        for (index, output) in outputs.iter().enumerate() {
            if outputs[..index]
                .iter()
                .any(|other| other.path == output.path)
            {
                return Err(Usage::new(format_args!(
                    "--report: two reports are to be written to {}",
                    output.path.display()
                )));
            }
        }
        Ok(outputs)
    }

    /// The same, for the target with this number.
    pub(super) fn numbered(&self, number: usize) -> Self {
        Self {
            format: self.format,
            path: numbered(&self.path, number),
        }
    }

    /// Whether it can be written: better to know before the run than after it. What is there stays as it is.
    pub(super) fn check(&self) -> Result<(), Usage> {
        let way = Way::to(&self.path);
        let checked = match &way {
            Way::Direct(path) => OpenOptions::new().append(true).open(path).map(drop),
            Way::Renamed { temporary, .. } => {
                let created = File::create(temporary).map(drop);
                let _ = fs::remove_file(temporary);
                created
            }
        };
        checked.map_err(|error| self.failed(&error))
    }

    /// Writes the whole text.
    pub(super) fn write(&self, text: &str) -> Result<(), Usage> {
        let written = match Way::to(&self.path) {
            Way::Direct(path) => OpenOptions::new()
                .write(true)
                .truncate(true)
                .open(path)
                .and_then(|mut file| file.write_all(text.as_bytes())),
            Way::Renamed { temporary, path } => {
                let renamed =
                    fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path));
                if renamed.is_err() {
                    let _ = fs::remove_file(&temporary);
                }
                renamed
            }
        };
        written.map_err(|error| self.failed(&error))
    }

    /// Begins a file that is written while cases run.
    pub(super) fn begin(&self) -> Result<File, Usage> {
        File::create(&self.path).map_err(|error| self.failed(&error))
    }

    /// The user's to mend: it could not be written.
    pub(super) fn failed(&self, error: &io::Error) -> Usage {
        Usage::new(format_args!(
            "--report: {} cannot be written: {error}",
            self.path.display()
        ))
    }
}

/// Whether each of several targets gets a file of its own.
pub(super) fn is_numbered(path: &Path) -> bool {
    path.to_string_lossy().contains(NUMBER)
}

/// What the path is for the target with this number.
pub(super) fn numbered(path: &Path, number: usize) -> PathBuf {
    let path = path.to_string_lossy();
    path.replace(NUMBER, &number.to_string()).into()
}

/// How a file is written.
enum Way {
    /// Into what is there, because it is no regular file, or lies where no other can be made.
    Direct(PathBuf),
    /// Beside it, and then over it.
    Renamed { temporary: PathBuf, path: PathBuf },
}

impl Way {
    fn to(path: &Path) -> Self {
        // A link stays a link: what it points at is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let there = fs::metadata(&path).ok();
        if there
            .as_ref()
            .is_some_and(|there| !there.is_file() && !there.is_dir())
        {
            return Self::Direct(path);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        if there.is_some_and(|there| there.is_file()) && File::create(&temporary).is_err() {
            return Self::Direct(path);
        }
        Self::Renamed { temporary, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_and_path_are_told_apart() {
        let output = Output::parse("junit=a=b.xml").expect("an output");
        assert_eq!(
            (output.format, output.path),
            (Format::Junit, "a=b.xml".into())
        );
        let rows = [
            ("json", "there is no `=`"),
            ("json=", "there is no path"),
            ("json=-", "/dev/stdout is"),
            ("pdf=a", "`pdf` is no format: one of json, ndjson"),
        ];
        for (text, reason) in rows {
            let Usage(message) = Output::parse(text).expect_err(text);
            assert!(message.contains(reason), "{message}");
        }
        let Usage(message) =
            Output::parse_all(&["json=a".into(), "tap=a".into()]).expect_err("twice");
        assert!(message.contains("two reports"), "{message}");
    }

    #[test]
    fn a_number_makes_a_file_for_each_target() {
        let output = Output::parse("json=report-{n}.json").expect("an output");
        assert!(is_numbered(&output.path));
        assert_eq!(output.numbered(2).path, PathBuf::from("report-2.json"));
    }

    #[test]
    fn a_report_is_replaced_whole() {
        let folder = std::env::temp_dir().join(format!("pushspec-output-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("report.json");
        let output = Output {
            format: Format::Json,
            path: path.clone(),
        };
        output.write("old").expect("written");
        output.check().expect("can be written");
        assert_eq!(fs::read_to_string(&path).expect("still there"), "old");
        output.write("new").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "new");
        let left: Vec<_> = fs::read_dir(&folder).expect("a folder").collect();
        assert_eq!(left.len(), 1, "{left:?}");
        let nowhere = Output {
            format: Format::Json,
            path: folder.join("no/such/folder/report.json"),
        };
        let Usage(message) = nowhere.check().expect_err("no folder");
        assert!(message.contains("cannot be written"), "{message}");
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let output = Output::parse("tap=/dev/null").expect("an output");
        output.check().expect("can be written");
        output.write("text").expect("written");
        let device = fs::metadata("/dev/null").expect("still there");
        assert!(!device.is_file());
    }
}
