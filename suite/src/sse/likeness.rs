//! Whether an answer carries an event stream, whatever its status and its type.
//!
//! An `EventSource` asks for status 200 and `text/event-stream`, and nothing else: [`Reply::is_event_stream`]. But a
//! stream under another status or type is the very fault that some cases are for, so they need to know a stream when
//! they see one. A page, a redirect or an error is none, and then there is nothing to judge.

use super::coding;
use crate::http::{Replies, Reply, Rest};
use pushspec_parser::sse::{Decoder, Fact, FieldName, Limits};

/// What an answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// An event stream.
    Stream,
    /// Something else, or nothing.
    Other,
    /// More has to come before that can be said.
    Undecided,
}

/// What the first response of a connection carries.
///
/// - Of success and called `text/event-stream`: a stream, unless it ended without a byte.
/// - Of success and called otherwise: a stream if its lines are those of one, and one event, or a block of comments and
///   no end, came.
/// - An error: a stream only if it goes on behind two events. An error that says so in the form of an event, and ends,
///   is an error.
/// - 204 and redirects carry nothing.
pub fn likeness(replies: &Replies) -> Likeness {
    let Some(reply) = replies.first() else {
        return match (&replies.rest, &replies.end) {
            (Rest::Bytes(_), None) => Likeness::Undecided,
            (Rest::Bytes(_), Some(_)) | (Rest::NotHttp { .. } | Rest::TooLarge, _) => {
                Likeness::Other
            }
        };
    };
    if reply.is_event_stream() {
        return Likeness::Stream;
    }
    let over = reply.complete || replies.end.is_some() || replies.full;
    match reply.head.status {
        204 | 205 => Likeness::Other,
        200..=299 if is_called_event_stream(reply) => match over && reply.pieces.is_empty() {
            true => Likeness::Other,
            false => Likeness::Stream,
        },
        200..=299 => of_content(reply, over, 1),
        400.. => of_content(reply, over, 2),
        _ => Likeness::Other,
    }
}

/// Whether any of the response's types is `text/event-stream`.
fn is_called_event_stream(reply: &Reply) -> bool {
    reply.head.list("content-type").any(|value| {
        let essence = value.split(|&byte| byte == b';').next();
        essence.is_some_and(|essence| {
            essence
                .trim_ascii()
                .eq_ignore_ascii_case(b"text/event-stream")
        })
    })
}

/// Whether the content itself is that of a stream; `enough` events say so.
fn of_content(reply: &Reply, over: bool, enough: usize) -> Likeness {
    if !coding(reply).is_read_as_it_is() {
        return Likeness::Other;
    }
    let (mut events, mut known, mut blocks, mut foreign) = (0, false, 0, false);
    let mut decoder = Decoder::new(Limits::default());
    for piece in &reply.pieces {
        decoder.feed(&piece.bytes, |fact| match fact {
            Fact::Field(field) => match field.name {
                FieldName::Data | FieldName::Event | FieldName::Id | FieldName::Retry => {
                    known = true;
                }
                FieldName::Unknown(_) => foreign = true,
            },
            Fact::Comment { .. } => known = true,
            Fact::Dispatch(_) => events += 1,
            Fact::Blank { .. } | Fact::DeadBlock { .. } if known => blocks += 1,
            Fact::Blank { .. }
            | Fact::DeadBlock { .. }
            | Fact::Bom
            | Fact::BomInside { .. }
            | Fact::InvalidUtf8 { .. }
            | Fact::IdWithNul { .. }
            | Fact::Retry { .. }
            | Fact::RetryNotDigits { .. }
            | Fact::LineEnd { .. }
            | Fact::LimitReached { .. }
            | Fact::Skipped { .. }
            | Fact::Tail(_)
            | Fact::Violation(_) => {}
        });
    }
    let is_error = enough > 1;
    let is_stream = match is_error {
        true => events >= enough && !over,
        false => events >= enough || (blocks > 0 && !over),
    };
    match (foreign, is_stream, over) {
        (true, _, _) => Likeness::Other,
        (false, true, _) => Likeness::Stream,
        (false, false, true) => Likeness::Other,
        (false, false, false) => Likeness::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::{Likeness, likeness};
    use crate::http::Replies;
    use crate::listening::View as _;
    use crate::transcript::{End, Event, What};
    use std::time::Duration;

    /// The likeness of this answer, on a connection that stays open and on one that ends behind it.
    fn both(head: &str, body: &str) -> (Likeness, Likeness) {
        let mut replies = Replies::to(&[]);
        let mut see = |what| {
            let at = Duration::ZERO;
            replies.observe(&Event { at, what });
            likeness(&replies)
        };
        let open = see(What::Received(
            format!("HTTP/1.1 {head}\r\n\r\n{body}").into(),
        ));
        (open, see(What::Ended(End::Fin)))
    }

    #[test]
    fn streams_and_others() {
        use Likeness::{Other, Stream, Undecided};
        let sse = "Content-Type: text/event-stream";
        let rows = [
            (format!("200 OK\r\n{sse}"), "", Stream, Stream),
            (format!("201 Created\r\n{sse}; a=b"), "", Stream, Other),
            (format!("202 Accepted\r\n{sse}"), ": hi\n", Stream, Stream),
            (
                format!("200 OK\r\nContent-Type: text/html\r\n{sse}"),
                "data",
                Stream,
                Stream,
            ),
            (format!("204 No Content\r\n{sse}"), "", Other, Other),
            (
                "302 Found\r\nLocation: /".into(),
                "data: x\n\n",
                Other,
                Other,
            ),
            ("200 OK".into(), "", Undecided, Other),
            ("200 OK".into(), "data: x\n\n", Stream, Stream),
            ("200 OK".into(), "data: x\n", Undecided, Other),
            ("200 OK".into(), ": hi\nretry: 1\n\n", Stream, Other),
            ("200 OK".into(), "\n\n", Undecided, Other),
            (
                "200 OK\r\nContent-Type: text/plain".into(),
                "id: 1\nevent: a\ndata: x\n\n",
                Stream,
                Stream,
            ),
            ("200 OK".into(), "<!doctype html>\n", Other, Other),
            ("200 OK".into(), "{\"a\": 1}\n", Other, Other),
            ("200 OK".into(), "data: x\nname: y\n\n", Other, Other),
            (
                "200 OK\r\nContent-Encoding: gzip".into(),
                "data: x\n\n",
                Other,
                Other,
            ),
            (
                "404 Not Found\r\nContent-Length: 3".into(),
                "no\n",
                Other,
                Other,
            ),
            (format!("401 No\r\n{sse}"), "data: x\n\n", Undecided, Other),
            (
                format!("500 No\r\n{sse}"),
                "data: x\n\ndata: y\n\n",
                Stream,
                Other,
            ),
        ];
        for (head, body, open, ended) in rows {
            assert_eq!(both(&head, body), (open, ended), "{head:?} {body:?}");
        }
    }
}
