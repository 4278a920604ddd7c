//! Reads the vector files, as `fixtures/vectors/README.md` describes them. An unknown key is an error.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pushspec_parser::{Finding, Violation};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One file: why it exists, and its vectors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File<T> {
    pub(crate) why: String,
    pub(crate) vectors: Vec<T>,
}

/// Bytes: a text, or pieces of several kinds.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Bytes {
    Text(String),
    Pieces(Vec<Piece>),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Piece {
    Text(String),
    Hex(Hex),
    Repeat(Repeat),
    RepeatHex(RepeatHex),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hex {
    hex: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repeat {
    repeat: String,
    times: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatHex {
    repeat_hex: String,
    times: usize,
}

impl Bytes {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Bytes::Text(text) => text.clone().into_bytes(),
            Bytes::Pieces(pieces) => pieces.iter().flat_map(Piece::bytes).collect(),
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes()).expect("text is UTF-8")
    }
}

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Piece::Text(text) => text.clone().into_bytes(),
            Piece::Hex(piece) => hex(&piece.hex),
            Piece::Repeat(piece) => piece.repeat.repeat(piece.times).into_bytes(),
            Piece::RepeatHex(piece) => hex(&piece.repeat_hex).repeat(piece.times),
        }
    }
}

/// Hexadecimal digits, or pieces.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct HexBytes(Bytes);

impl HexBytes {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match &self.0 {
            Bytes::Text(digits) => hex(digits),
            pieces => pieces.bytes(),
        }
    }
}

/// The bytes that an even number of hexadecimal digits stands for.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "{digits}");
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(pair).collect()
}

/// A finding as the files write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    violation: String,
    requirement: String,
    offset: u64,
}

impl Fault {
    pub(crate) fn finding(&self) -> Finding {
        let violation = Violation::ALL
            .iter()
            .find(|violation| format!("{violation:?}") == self.violation)
            .unwrap_or_else(|| panic!("{} is no violation", self.violation));
        assert_eq!(violation.requirement(), self.requirement);
        Finding::new(*violation, self.offset)
    }
}

/// What every vector has.
pub(crate) trait Named {
    fn name(&self) -> &str;
    fn faults(&self) -> &[Fault];
    /// Why it has several kinds of faults.
    fn together(&self) -> Option<&str>;
}

/// A vector whose `violations` are its faults, and which says in `together` why it has several kinds of them.
macro_rules! judged {
    ($vector:ty) => {
        impl $crate::format::Named for $vector {
            fn name(&self) -> &str {
                &self.name
            }

            fn faults(&self) -> &[$crate::format::Fault] {
                &self.violations
            }

            fn together(&self) -> Option<&str> {
                self.together.as_deref()
            }
        }
    };
}
pub(crate) use judged;

/// One file of `fixtures/vectors`, by its path there.
pub(crate) fn read<T: DeserializeOwned>(path: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/vectors");
    let text = fs::read_to_string(folder.join(path)).expect(path);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The vectors of these files of one folder, once it is sure that the files are sound.
pub(crate) fn vectors<T: DeserializeOwned + Named>(folder: &str, files: &[&str]) -> Vec<T> {
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for file in files {
        let path = format!("{folder}/{file}.json");
        let File::<T> { why, vectors } = read(&path);
        sound(&path, &why, &vectors, &mut names);
        all.extend(vectors);
    }
    all
}

/// Asserts that a file says why it exists, that names are unique, and that an invalid vector has one kind of fault.
pub(crate) fn sound<T: Named>(path: &str, why: &str, vectors: &[T], names: &mut BTreeSet<String>) {
    assert!(why.ends_with('.'), "{path} does not say why it exists");
    for vector in vectors {
        let name = vector.name().to_owned();
        let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(slug), "{path}: {name}");
        let kinds: BTreeSet<_> = vector
            .faults()
            .iter()
            .map(|fault| &fault.violation)
            .collect();
        assert_eq!(
            kinds.len() > 1,
            vector.together().is_some(),
            "{path}: {name}"
        );
        assert!(names.insert(name.clone()), "{path}: {name} is there twice");
    }
}

/// The names of the files of a folder, without their ending.
pub(crate) fn files(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/vectors")
        .join(folder);
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(path)
        .expect(folder)
        .map(|entry| name(entry).trim_end_matches(".json").to_owned())
        .collect();
    names.sort();
    names
}
