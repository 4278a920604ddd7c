//! The chunked coding of event streams (RFC 9112 section 7.1): clients stop reading where it breaks.

use crate::http::Replies;
use crate::judgement::Spot;
use crate::passive::{Inspected, Sighting};
use pushspec_parser::http::BodyFraming;
use pushspec_reports::Verdict;

const GRAMMAR: &str = "rfc9112/7.1/chunk-grammar";
const LENGTH: &str = "rfc9112/6.2/cl-and-te-together";

/// What the chunks of a connection's streams break, at the first place of each rule.
pub(super) fn inspect(replies: &Replies, label: &'static str) -> Inspected {
    let mut inspected = Inspected::default();
    for reply in &replies.replies {
        if !reply.is_event_stream() || reply.framing != BodyFraming::Chunked {
            continue;
        }
        let content: usize = reply.pieces.iter().map(|piece| piece.bytes.len()).sum();
        inspected.bytes += (reply.head.len + content) as u64;
        for rule in [GRAMMAR, LENGTH] {
            let mut broken = reply
                .findings
                .iter()
                .filter(|finding| finding.violation.requirement() == rule);
            let Some(first) = broken.next() else {
                continue;
            };
            let suffered = match rule {
                LENGTH => {
                    "a proxy that believes the length cuts the stream there, or takes its rest for the next answer"
                }
                _ => {
                    "clients cannot tell where the next chunk begins: they report a network error, and what follows is lost"
                }
            };
            let more = match broken.count() {
                0 => String::new(),
                more => format!(" (and {more} more of this kind on the connection)"),
            };
            inspected.sightings.push(Sighting {
                verdict: Verdict::Fail,
                observed: format!("{}: {suffered}{more}", first.violation),
                requirement: Some(rule),
                spot: Some(Spot::received(label, first.offset)),
            });
        }
    }
    inspected
}
