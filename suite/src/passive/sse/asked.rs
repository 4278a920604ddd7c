//! What was asked on a connection, read back from what was sent: responses depend on it.

use crate::transcript::{Connection, What};
use memchr::memmem;
use pushspec_parser::http::RequestFacts;

/// What stands behind a head.
const END: &[u8] = b"\r\n\r\n";

/// The requests of one connection.
pub(super) struct Asked {
    /// Each in order.
    pub(super) requests: Vec<RequestFacts>,
    /// Whether any of them carries a script.
    pub(super) is_scripted: bool,
}

impl Asked {
    /// Reads request lines: the first line of what was sent, and each behind an empty line and what the Content-Length
    /// above it announces.
    pub(super) fn on(connection: &Connection) -> Self {
        let mut asked = Self {
            requests: Vec::new(),
            is_scripted: false,
        };
        let sent: Vec<u8> = connection
            .events
            .iter()
            .filter_map(|event| match &event.what {
                What::Sent(bytes) => Some(bytes.as_ref()),
                _ => None,
            })
            .collect::<Vec<&[u8]>>()
            .concat();
        let mut rest = &sent[..];
        while !rest.is_empty() {
            let (head, behind) = match memmem::find(rest, END) {
                Some(at) => (&rest[..at], &rest[at + END.len()..]),
                None => (rest, &rest[rest.len()..]),
            };
            let head = String::from_utf8_lossy(head);
            rest = &behind[content_length(&head).min(behind.len())..];
            let line = head.trim_start().lines().next().unwrap_or_default();
            let mut words = line.split(' ');
            let (Some(method), Some(target), Some(version)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            if !version.starts_with("HTTP/") {
                continue;
            }
            asked.requests.push(RequestFacts {
                head: method == "HEAD",
                version: if version == "HTTP/1.0" {
                    (1, 0)
                } else {
                    (1, 1)
                },
            });
            let query = target.split_once('?').map_or("", |(_, query)| query);
            asked.is_scripted |= query.split('&').any(|field| field.starts_with("script="));
        }
        asked
    }
}

/// How long the body of this request is.
fn content_length(head: &str) -> usize {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = lengths
        .next()
        .and_then(|(_, value)| value.trim().parse().ok());
    length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Event;
    use std::time::Duration;

    #[test]
    fn a_body_is_no_request() {
        let body = "a\r\n\r\nHEAD /?script=[] HTTP/1.0\r\n\r\n";
        let length = body.len();
        let head = "HTTP/1.1\r\nHost: a";
        let sent = format!(
            "POST / {head}\r\ncontent-length: {length}\r\n\r\n{body}GET / {head}\r\n\r\nGET /?script=[] {head}\r\n\r\n"
        );
        let asked = |sent: &str| {
            Asked::on(&Connection {
                label: "main",
                events: vec![Event {
                    at: Duration::ZERO,
                    what: What::Sent(sent.to_owned().into()),
                }],
            })
        };
        let all = asked(&sent);
        assert_eq!(all.requests, [RequestFacts::GET; 3]);
        assert!(all.is_scripted);
        let first = asked(&sent[..sent.rfind("GET").expect("the last")]);
        assert_eq!(first.requests, [RequestFacts::GET; 2]);
        assert!(!first.is_scripted);
    }
}
