//! What was asked on a connection, read back from what was sent: responses depend on it.

use crate::transcript::{Connection, What};
use pushspec_parser::http::RequestFacts;

/// The requests of one connection.
pub(super) struct Asked {
    /// Each in order.
    pub(super) requests: Vec<RequestFacts>,
    /// Whether any of them carries a script.
    pub(super) is_scripted: bool,
}

impl Asked {
    /// Reads request lines: the first line of what was sent, and each behind an empty line. A body that looks like one
    /// is none of ours.
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
        let text = String::from_utf8_lossy(&sent);
        for head in text.split("\r\n\r\n") {
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
