//! Checks of every event stream: encoding, grammar, and what clients drop; and of the heads of all answers.
//!
//! What breaks the grammar fails, what the grammar allows and clients drop warns, what is legal and odd is recorded. A
//! stream that a script asked for is judged for encoding and end alone: the rest of it is what the script wanted.

mod asked;
mod chunks;
mod compat;
mod eaten;
mod head;
mod json;
mod late;
mod notes;

use self::asked::Asked;
use self::notes::{Note, Subject};
use super::{Check, Inspect, Inspected, Sighting};
use crate::http::{Replies, Reply};
use crate::judgement::Spot;
use crate::sse::coding;
use crate::transcript::{Connection, End, What};
use pushspec_parser::http::{BodyEnd, BodyFraming};
use pushspec_reports::Severity;
use std::sync::LazyLock;

/// The answers that came on one connection, event streams above all, decoded once for all checks.
pub struct Overheard<'a> {
    /// The connection.
    pub connection: &'a Connection,
    bytes: u64,
    is_scripted: bool,
    notes: Vec<Note>,
    forms: Vec<compat::Seen>,
    chunks: Inspected,
    heads: Inspected,
}

impl<'a> Overheard<'a> {
    /// Decodes a connection.
    pub fn of(connection: &'a Connection) -> Self {
        let asked = Asked::on(connection);
        let replies = Replies::of(connection, &asked.requests);
        let (mut bytes, mut notes, mut forms) = (0, Vec::new(), Vec::new());
        for reply in replies.replies.iter().filter(|reply| is_readable(reply)) {
            let content = reply.content();
            bytes += content.len() as u64;
            let ended = is_ended(reply, &replies, connection);
            notes.extend(notes::of(reply, &content, ended));
            if !asked.is_scripted {
                forms.extend(compat::of(reply, &content));
            }
        }
        // Behind a second request it may be that one's answer that spoils the chunks: a case of its own.
        let chunks = match asked.requests.len() {
            0 | 1 => chunks::inspect(&replies, connection.label),
            _ => Inspected::default(),
        };
        Self {
            connection,
            bytes,
            is_scripted: asked.is_scripted,
            notes,
            forms,
            chunks,
            heads: head::inspect(&replies, connection.label),
        }
    }

    /// What is to be said of these streams in this respect.
    fn inspect(&self, subject: Subject) -> Inspected {
        let is_judged = match subject {
            Subject::Utf8 | Subject::Grammar => true,
            Subject::Bom
            | Subject::LineEndings
            | Subject::KnownFields
            | Subject::IdNul
            | Subject::Retry
            | Subject::DeadEvents
            | Subject::Comments
            | Subject::JsonSplit => !self.is_scripted,
        };
        if !is_judged {
            return Inspected::default();
        }
        let notes = self.notes.iter().filter(|note| note.subject == subject);
        let sightings = notes.map(|note| Sighting {
            verdict: note.verdict,
            observed: match note.more {
                0 => note.observed.clone(),
                more => format!(
                    "{} (and {more} more of this kind on the connection)",
                    note.observed
                ),
            },
            requirement: note.requirement,
            spot: Some(Spot::received(self.connection.label, note.offset)),
        });
        Inspected {
            bytes: self.bytes,
            sightings: sightings.collect(),
            why_none: None,
        }
    }
}

/// Whether this is a stream whose content stands as it is in the transcript: not one in a coding, and not one whose
/// chunks cannot be told apart.
fn is_readable(reply: &Reply) -> bool {
    reply.is_event_stream() && coding(reply).is_read_as_it_is() && reply.body_end() != BodyEnd::Lost
}

/// Whether the target ended this stream in order: by its own framing, if that is sound, or by FIN where that is the
/// framing and we did not end the connection first.
fn is_ended(reply: &Reply, replies: &Replies, connection: &Connection) -> bool {
    let first_end = connection.events.iter().find(|event| match event.what {
        What::Ended(_) | What::SentFin | What::SentReset => true,
        What::Connected
        | What::NotConnected(_)
        | What::Sent(_)
        | What::Planned(_)
        | What::NotSent(_)
        | What::Received(_)
        | What::ToldToStop
        | What::TimedOut { .. }
        | What::Streamed(_)
        | What::Flooded(_)
        | What::Negotiated(_)
        | What::Told(_)
        | What::Full => false,
    });
    let is_sound = reply
        .findings
        .iter()
        .all(|finding| finding.violation.requirement() != "rfc9112/7.1/chunk-grammar");
    let by_close = first_end.is_some_and(|event| event.what == What::Ended(End::Fin));
    (reply.complete && is_sound)
        || (reply.framing == BodyFraming::UntilClose && by_close && !replies.full)
}

/// The checks of heads, chunks, encoding and grammar.
const OWN: [Check; 12] = [
    Check {
        id: "sse/http/head-strict",
        title: "the heads of all answers, byte by byte",
        expected: "status line, CRLF, fields without folds, controls or blanks before the colon, one Content-Length at most, none with 204",
        severity: Severity::Major,
        requirements: head::REQUIREMENTS,
        inspect: Inspect::EventStream(|heard, _| heard.heads.clone()),
    },
    Check {
        id: "sse/http/chunked-strict",
        title: "the chunks of event streams",
        expected: "hexadecimal size, CRLF, so many bytes, CRLF; the coding once and by itself, in HTTP/1.1, without Content-Length",
        severity: Severity::Major,
        requirements: &[
            "rfc9112/7.1/chunk-grammar",
            "rfc9112/6.2/cl-and-te-together",
            "rfc9112/6.1/chunked-once",
            "rfc9112/6.1/te-in-http10-message",
            "rfc9112/7/transfer-coding-grammar",
            "rfc9112/7.1/chunked-no-parameters",
        ],
        inspect: Inspect::EventStream(|heard, _| heard.chunks.clone()),
    },
    Check {
        id: "sse/passive/utf8",
        title: "the encoding of event streams",
        expected: "UTF-8 from the first byte to the last",
        severity: Severity::Critical,
        requirements: &[
            "sse/9.2.5/utf8",
            "sse/9.2.1/utf8-only",
            "sse/17.7/encoding-8bit-utf8",
        ],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::Utf8)),
    },
    Check {
        id: "sse/passive/bom",
        title: "byte order marks",
        expected: "none but at the start of a stream: elsewhere one spoils the line that it begins",
        severity: Severity::Minor,
        requirements: &["sse/9.2.5/bom-only-first"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::Bom)),
    },
    Check {
        id: "sse/passive/line-endings",
        title: "the ends of lines",
        expected: "LF or CRLF throughout; mixtures and lone CR are recorded",
        severity: Severity::Informational,
        requirements: &["sse/9.2.5/line-separators", "sse/9.2.5/lone-cr-latency"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::LineEndings)),
    },
    Check {
        id: "sse/passive/grammar",
        title: "how streams end",
        expected: "behind an empty line: an event without one is lost",
        severity: Severity::Major,
        requirements: &["sse/9.2.5/event-ends-with-blank-line", "sse/9.2.5/grammar"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::Grammar)),
    },
    Check {
        id: "sse/passive/known-fields",
        title: "the names of fields",
        expected: "data, event, id or retry in lower case: clients ignore every other line",
        severity: Severity::Minor,
        requirements: &[
            "sse/9.2.6/unknown-fields-ignored",
            "sse/9.2.5/field-form",
            "sse/9.2.6/names-case-sensitive",
            "sse/9.2.6/event-sets-type",
            "sse/9.2.6/id-sets",
        ],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::KnownFields)),
    },
    Check {
        id: "sse/passive/id-nul",
        title: "NUL in ids",
        expected: "none: clients ignore such an id and resume at an older one",
        severity: Severity::Minor,
        requirements: &["sse/9.2.6/id-with-nul-ignored"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::IdNul)),
    },
    Check {
        id: "sse/passive/retry",
        title: "reconnection times",
        expected: "ASCII digits and nothing else; zero and more than a day are recorded",
        severity: Severity::Minor,
        requirements: &["sse/9.2.6/retry-digits"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::Retry)),
    },
    Check {
        id: "sse/passive/dead-events",
        title: "blocks with a name or an id and without data",
        expected: "none: no client sees them as events; recorded",
        severity: Severity::Informational,
        requirements: &["sse/9.2.6/empty-data-no-event"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::DeadEvents)),
    },
    Check {
        id: "sse/passive/comments",
        title: "the form of comments",
        expected: "a colon first, and few bytes; what was meant for a comment and is none is recorded",
        severity: Severity::Informational,
        requirements: &["sse/9.2.5/comment-form"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::Comments)),
    },
    Check {
        id: "sse/passive/json-split",
        title: "data that looks like one JSON text broken by raw line breaks",
        expected: "none: each line of a text is a data line of its own; a guess, and recorded",
        severity: Severity::Informational,
        requirements: &["sse/9.2.5/value-single-line"],
        inspect: Inspect::EventStream(|heard, _| heard.inspect(Subject::JsonSplit)),
    },
];

/// The checks, in catalogue order.
pub static CHECKS: LazyLock<Vec<Check>> =
    LazyLock::new(|| OWN.into_iter().chain(compat::CHECKS).collect());

#[cfg(test)]
mod tests;
