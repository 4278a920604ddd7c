//! `ws/first-bytes.json`: all 65,536 pairs of first bytes, generated, against a table of bit patterns.

use std::collections::BTreeMap;

use pushspec_parser::ws::{FrameHeader, Parsed, Role, Session, SessionEvent, SessionLimits};
use serde::Deserialize;

use crate::cuts;
use crate::format::read;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    why: String,
    #[serde(rename = "rule")]
    _rule: String,
    lengths: Vec<Length>,
    violations: Vec<Row>,
}

/// Second bytes, the bytes that follow them, and the length they state.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Length {
    second: String,
    more: usize,
    length: Option<u64>,
}

/// A violation, who commits it, and the first and second bytes that have it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    violation: String,
    from: Vec<String>,
    first: Vec<String>,
    second: Vec<String>,
    count: usize,
}

/// Whether the bits of `byte` are those of the pattern, `x` standing for either.
fn fits(byte: u8, pattern: &str) -> bool {
    assert_eq!(pattern.len(), 8);
    pattern.bytes().enumerate().all(|(at, wanted)| {
        let bit = byte >> (7 - at) & 1;
        wanted == b'x' || wanted == b'0' + bit
    })
}

fn any(byte: u8, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| fits(byte, pattern))
}

/// A whole header with these first bytes, and the length it states.
fn header(table: &Table, first: u8, second: u8) -> (Vec<u8>, u64) {
    let form = table
        .lengths
        .iter()
        .find(|form| fits(second, &form.second))
        .expect("a length form");
    let length = form.length.unwrap_or(u64::from(second & 0x7f));
    let mut bytes = vec![first, second];
    bytes.extend_from_slice(&length.to_be_bytes()[8 - form.more..]);
    if second & 0x80 != 0 {
        bytes.extend_from_slice(&[0; 4]);
    }
    (bytes, length)
}

#[test]
fn every_pair_of_first_bytes_is_what_the_table_says() {
    let table: Table = read("ws/first-bytes.json");
    assert!(table.why.ends_with('.'));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (role, name) in [(Role::Server, "server"), (Role::Client, "client")] {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let (bytes, length) = header(&table, first, second);
                let expected: Vec<&str> = table
                    .violations
                    .iter()
                    .filter(|row| row.from.iter().any(|from| from == name))
                    .filter(|row| any(first, &row.first) && any(second, &row.second))
                    .map(|row| row.violation.as_str())
                    .collect();
                for violation in &expected {
                    *counts.entry(violation).or_default() += 1;
                }

                let Parsed::Complete((header, len)) = FrameHeader::parse(&bytes) else {
                    panic!("{bytes:02x?} is not a whole header");
                };
                assert_eq!((len, header.length), (bytes.len(), length), "{bytes:02x?}");
                let mut encoded = Vec::new();
                header.encode(&mut encoded);
                assert_eq!(encoded, bytes);
                let found: Vec<String> = header
                    .violations(role, 0)
                    .map(|violation| format!("{violation:?}"))
                    .collect();
                assert_eq!(found, expected, "{bytes:02x?} from a {name}");
            }
        }
    }
    for row in &table.violations {
        assert_eq!(counts[&*row.violation], row.count, "{}", row.violation);
    }
}

/// Each first byte with each kind of second byte, as the first frame of a session.
#[test]
fn a_session_judges_the_first_frame_alike_under_every_cut() {
    let table: Table = read("ws/first-bytes.json");
    for first in 0..=u8::MAX {
        for second in [0x00, 0x01, 0x7d, 0x7e, 0x7f, 0x80, 0xfd, 0xfe, 0xff] {
            let (bytes, _) = header(&table, first, second);
            let Parsed::Complete((header, _)) = FrameHeader::parse(&bytes) else {
                panic!()
            };
            let expected: Vec<_> = header.violations(Role::Server, 0).collect();
            cuts::each(&bytes, |chunks| {
                let mut session = Session::new(Role::Server, SessionLimits::default());
                let mut found = Vec::new();
                for chunk in chunks {
                    session.feed(chunk, |event| {
                        if let SessionEvent::Violation(finding) = event {
                            found.push(finding.violation);
                        }
                    });
                }
                // Rules that span frames, and those of a Close body, come behind those of the header.
                assert!(found.starts_with(&expected), "{bytes:02x?}: {found:?}");
            });
        }
    }
}
