//! `sse/*.json`: body → events, last event ID, reconnection time, what is unfinished, violations.

use std::collections::BTreeSet;

use pushspec_parser::sse::{Decoder, EventStream, Fact, Limits, OwnedEvent};
use pushspec_parser::{Finding, Violation};
use serde::Deserialize;

use crate::cuts;
use crate::format::{Bytes, Fault, files, judged, vectors};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    #[serde(rename = "after")]
    _after: Option<Vec<String>>,
    input: Bytes,
    events: Vec<Expected>,
    #[serde(default)]
    last_event_id: String,
    retry: Option<serde_json::Number>,
    #[serde(default)]
    unfinished: bool,
    #[serde(default)]
    violations: Vec<Fault>,
    together: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    event: String,
    data: Bytes,
    id: String,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

judged!(Vector);

impl Vector {
    fn events(&self) -> Vec<OwnedEvent> {
        let event = |expected: &Expected| OwnedEvent {
            event: expected.event.clone().into(),
            data: expected.data.text(),
            id: expected.id.clone(),
        };
        let repeated = |expected| vec![event(expected); expected.times];
        self.events.iter().flat_map(repeated).collect()
    }

    fn findings(&self) -> Vec<Finding> {
        self.violations.iter().map(Fault::finding).collect()
    }
}

fn all() -> Vec<Vector> {
    let files = files("sse");
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    vectors("sse", &files)
}

#[test]
fn the_everyday_level_under_every_cut() {
    for vector in all() {
        let events = vector.events();
        // No number is too large for a stream; ours ends at 64 bits.
        let retry = vector
            .retry
            .as_ref()
            .map(|millis| millis.as_u64().unwrap_or(u64::MAX));
        cuts::each(&vector.input.bytes(), |chunks| {
            let mut stream = EventStream::new();
            let mut seen = 0;
            for chunk in chunks {
                let fed = stream.feed(chunk, |event| {
                    let expected = events.get(seen).map(OwnedEvent::as_event);
                    assert_eq!(Some(event), expected, "{}", vector.name);
                    seen += 1;
                });
                fed.unwrap();
            }
            assert_eq!(seen, events.len(), "{} {:?}", vector.name, lengths(chunks));
            assert_eq!(stream.finish(), vector.unfinished, "{}", vector.name);
            assert_eq!(
                stream.last_event_id(),
                vector.last_event_id,
                "{}",
                vector.name
            );
            assert_eq!(stream.retry(), retry, "{}", vector.name);
        });
    }
}

#[test]
fn the_lossless_level_under_every_cut() {
    for vector in all() {
        let (events, findings, input) = (vector.events(), vector.findings(), vector.input.bytes());
        cuts::each(&input, |chunks| {
            let mut decoder = Decoder::new(Limits::default());
            let (mut seen, mut found, mut copy) = (0, Vec::new(), Vec::new());
            let mut sink = |fact: Fact<'_>| {
                fact.write_to(&mut copy);
                match fact {
                    Fact::Violation(finding) => found.push(finding),
                    Fact::Dispatch(event) => {
                        let expected = events
                            .get(seen)
                            .unwrap_or_else(|| panic!("{}", vector.name));
                        let lossy = String::from_utf8_lossy;
                        assert_eq!(lossy(event.data), expected.data, "{}", vector.name);
                        assert_eq!(lossy(event.id), expected.id, "{}", vector.name);
                        let name = if event.event.is_empty() {
                            b"message"
                        } else {
                            event.event
                        };
                        assert_eq!(lossy(name), expected.event, "{}", vector.name);
                        seen += 1;
                    }
                    _ => {}
                }
            };
            for chunk in chunks {
                decoder.feed(chunk, &mut sink);
            }
            decoder.finish(&mut sink);
            assert_eq!(seen, events.len(), "{} {:?}", vector.name, lengths(chunks));
            assert_eq!(found, findings, "{} {:?}", vector.name, lengths(chunks));
            assert!(copy == input, "{}", vector.name);
        });
    }
}

#[test]
fn each_violation_is_seen_and_has_a_neighbour_without_it() {
    let all = all();
    let seen: BTreeSet<Violation> = all
        .iter()
        .flat_map(Vector::findings)
        .map(|finding| finding.violation)
        .collect();
    let of_streams = |violation: &Violation| violation.requirement().starts_with("sse/");
    assert!(Violation::ALL.iter().copied().filter(of_streams).eq(seen));
    assert!(all.iter().any(|vector| vector.violations.is_empty()));
}

fn lengths(chunks: &[&[u8]]) -> Vec<usize> {
    chunks.iter().map(|chunk| chunk.len()).take(4).collect()
}
