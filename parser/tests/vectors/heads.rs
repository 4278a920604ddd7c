//! `http/event-stream-heads.json`: the head of an answer → its media type, and whether events follow.

use pushspec_parser::Finding;
use pushspec_parser::http::{HeadLimits, HeadParse, ResponseHead};
use serde::Deserialize;

use crate::format::{Bytes, Fault, files, judged, vectors};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    #[serde(rename = "after")]
    _after: Option<Vec<String>>,
    head: Bytes,
    status: u16,
    content_type: Option<String>,
    is_event_stream: bool,
    #[serde(default)]
    violations: Vec<Fault>,
    together: Option<String>,
}

judged!(Vector);

/// What a client has to do with a head: it is no business of the parser.
fn is_event_stream(head: &ResponseHead) -> bool {
    let value = head.first("content-type").unwrap_or_default();
    let essence = value.split(|&byte| byte == b';').next().unwrap_or_default();
    let is_stream = essence
        .trim_ascii()
        .eq_ignore_ascii_case(b"text/event-stream");
    head.status == 200 && is_stream
}

#[test]
fn each_head_is_read_when_it_is_complete() {
    let files = files("http");
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for vector in vectors::<Vector>("http", &files) {
        let input = vector.head.bytes();
        for end in 0..input.len() {
            let prefix = ResponseHead::parse(&input[..end], HeadLimits::default());
            assert_eq!(prefix, HeadParse::Partial, "{} cut at {end}", vector.name);
        }
        let HeadParse::Complete(head) = ResponseHead::parse(&input, HeadLimits::default()) else {
            panic!("{}", vector.name);
        };
        let content_type = vector.content_type.as_deref().map(str::as_bytes);
        assert_eq!(head.status, vector.status, "{}", vector.name);
        assert_eq!(head.first("content-type"), content_type, "{}", vector.name);
        assert_eq!(
            is_event_stream(&head),
            vector.is_event_stream,
            "{}",
            vector.name
        );
        let expected: Vec<Finding> = vector.violations.iter().map(Fault::finding).collect();
        assert_eq!(head.findings, expected, "{}", vector.name);
    }
}
