//! `ws/handshake.json`: the head of an answer, and what was asked → everything that is wrong.

use std::collections::BTreeSet;

use pushspec_parser::http::{HeadLimits, HeadParse, Offer, ResponseHead, judge_upgrade};
use pushspec_parser::{Finding, Violation};
use serde::Deserialize;

use crate::format::{Bytes, Fault, judged, read, sound};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    why: String,
    /// The `Sec-WebSocket-Key` of every vector that has none of its own.
    key: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    key: Option<String>,
    #[serde(default)]
    protocols: Vec<String>,
    #[serde(default)]
    extensions: Vec<String>,
    head: Bytes,
    #[serde(default)]
    partial: bool,
    not_http: Option<u64>,
    #[serde(default)]
    violations: Vec<Fault>,
    together: Option<String>,
}

judged!(Vector);

fn file() -> File {
    let file: File = read("ws/handshake.json");
    sound(
        "ws/handshake.json",
        &file.why,
        &file.vectors,
        &mut BTreeSet::new(),
    );
    file
}

/// The findings of the head and of the answer it is, in the order of the bytes.
fn judge(file: &File, vector: &Vector, head: &ResponseHead) -> Vec<Finding> {
    let protocols: Vec<&str> = vector.protocols.iter().map(String::as_str).collect();
    let extensions: Vec<&str> = vector.extensions.iter().map(String::as_str).collect();
    let offer = Offer {
        key: vector.key.as_ref().unwrap_or(&file.key),
        protocols: &protocols,
        extensions: &extensions,
    };
    let mut found = head.findings.clone();
    found.extend(judge_upgrade(head, &offer));
    found.sort_by_key(|finding| finding.offset);
    found
}

#[test]
fn each_answer_has_exactly_its_violations() {
    let file = file();
    for vector in &file.vectors {
        let input = vector.head.bytes();
        match ResponseHead::parse(&input, HeadLimits::default()) {
            HeadParse::Complete(head) => {
                let expected: Vec<Finding> = vector.violations.iter().map(Fault::finding).collect();
                assert_eq!(judge(&file, vector, &head), expected, "{}", vector.name);
                assert!(
                    !vector.partial && vector.not_http.is_none(),
                    "{}",
                    vector.name
                );
            }
            HeadParse::Partial => assert!(vector.partial, "{}", vector.name),
            HeadParse::NotHttp { offset } => {
                assert_eq!(Some(offset), vector.not_http, "{}", vector.name);
            }
            HeadParse::TooLarge => panic!("{}", vector.name),
        }
    }
}

/// A head is asked for again with every byte that comes, so that a cut shows as a prefix.
#[test]
fn every_prefix_is_partial_and_what_follows_changes_nothing() {
    let file = file();
    for vector in &file.vectors {
        let mut input = vector.head.bytes();
        let whole = ResponseHead::parse(&input, HeadLimits::default());
        for end in 0..input.len() {
            let prefix = ResponseHead::parse(&input[..end], HeadLimits::default());
            let fits = match (&whole, &prefix) {
                (HeadParse::NotHttp { offset }, HeadParse::NotHttp { offset: at }) => at == offset,
                (_, prefix) => *prefix == HeadParse::Partial,
            };
            assert!(fits, "{} cut at {end}: {prefix:?}", vector.name);
        }
        if !vector.partial {
            input.extend_from_slice(b"\x88\x02\x03\xe9");
            assert_eq!(
                ResponseHead::parse(&input, HeadLimits::default()),
                whole,
                "{}",
                vector.name
            );
        }
    }
}

#[test]
fn each_handshake_violation_is_seen() {
    let seen: BTreeSet<Violation> = file()
        .vectors
        .iter()
        .flat_map(|vector| {
            vector
                .violations
                .iter()
                .map(|fault| fault.finding().violation)
        })
        .collect();
    let first = Violation::ALL
        .iter()
        .position(|&violation| violation == Violation::UpgradeStatus)
        .unwrap();
    let behind = Violation::ALL
        .iter()
        .position(|&violation| violation == Violation::SseInvalidUtf8)
        .unwrap();
    for violation in &Violation::ALL[first..behind] {
        assert!(seen.contains(violation), "{violation:?}");
    }
}
