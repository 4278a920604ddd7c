//! The chunked coding of event streams (RFC 9112 section 7.1): clients stop reading where it breaks.

use crate::http::Replies;
use crate::judgement::Spot;
use crate::passive::{Inspected, Sighting};
use pushspec_parser::http::BodyFraming;
use pushspec_reports::Verdict;

/// What the framing of a chunked stream may break, what that comes to, and what clients suffer from it.
const RULES: &[(&str, Verdict, &str)] = &[
    (
        "rfc9112/7.1/chunk-grammar",
        Verdict::Fail,
        "clients cannot tell where the next chunk begins: they report a network error, and what follows is lost",
    ),
    (
        "rfc9112/6.2/cl-and-te-together",
        Verdict::Fail,
        "a proxy that believes the length cuts the stream there, or takes its rest for the next answer",
    ),
    (
        "rfc9112/6.1/chunked-once",
        Verdict::Fail,
        "a client that takes the field at its word looks for chunks within the chunks, and reports a network error",
    ),
    (
        "rfc9112/7/transfer-coding-grammar",
        Verdict::Fail,
        "clients and proxies refuse the answer, or take its chunk sizes for lines of the stream",
    ),
    // What is explicit there binds the recipient: the sender's fault follows from it.
    (
        "rfc9112/6.1/te-in-http10-message",
        Verdict::Warn,
        "clients and proxies have to take its framing for faulty; those of that version read the chunk sizes as lines of \
         the stream",
    ),
    (
        "rfc9112/7.1/chunked-no-parameters",
        Verdict::Warn,
        "clients and proxies should refuse it, and those that compare the whole word take the chunk sizes for lines of the \
         stream",
    ),
];

/// What the chunks of a connection's streams break, at the first place of each rule.
pub(super) fn inspect(replies: &Replies, label: &'static str) -> Inspected {
    let mut inspected = Inspected::default();
    for reply in &replies.replies {
        let is_coded = reply.head.first("transfer-encoding").is_some();
        if !reply.is_event_stream() || reply.framing != BodyFraming::Chunked && !is_coded {
            continue;
        }
        let content: usize = reply.pieces.iter().map(|piece| piece.bytes.len()).sum();
        inspected.bytes += (reply.head.len + content) as u64;
        for &(rule, verdict, suffered) in RULES {
            let mut broken = reply
                .findings
                .iter()
                .filter(|finding| finding.violation.requirement() == rule);
            let Some(first) = broken.next() else {
                continue;
            };
            let more = match broken.count() {
                0 => String::new(),
                more => format!(" (and {more} more of this kind on the connection)"),
            };
            inspected.sightings.push(Sighting {
                verdict,
                observed: format!("{}: {suffered}{more}", first.violation),
                requirement: Some(rule),
                spot: Some(Spot::received(label, first.offset)),
            });
        }
    }
    inspected
}
