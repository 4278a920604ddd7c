//! The heads of all answers, read strictly: what a lenient client mends, another one or a proxy takes for something else.
//!
//! What the head says of the body's coding is judged with the chunks.

use crate::http::Replies;
use crate::judgement::Spot;
use crate::passive::{Inspected, Sighting};
use pushspec_parser::Violation;
use pushspec_reports::Verdict;

/// What is wrong with the form of a head, the requirement that says so, and what clients suffer from it.
const RULES: &[(Violation, &str, &str)] = &[
    (
        Violation::HttpStatusLine,
        "rfc9112/4/status-line",
        "strict clients and proxies take the answer for no HTTP",
    ),
    (
        Violation::HttpBareLf,
        "rfc9112/2.1/message-format",
        "strict clients and proxies wait for the CRLF, or refuse the answer",
    ),
    (
        Violation::HttpBareCr,
        "rfc9112/2.2/bare-cr",
        "to whoever ends lines at CR, the rest of the value is a field of its own: headers are injected",
    ),
    (
        Violation::HttpBlankBeforeFirstField,
        "rfc9112/2.2/whitespace-before-first-field",
        "clients skip the line, or refuse the answer",
    ),
    (
        Violation::HttpFieldName,
        "rfc9112/2.1/message-format",
        "strict clients and proxies refuse the answer",
    ),
    (
        Violation::HttpFieldWithoutColon,
        "rfc9112/2.1/message-format",
        "strict clients and proxies refuse the answer",
    ),
    (
        Violation::HttpBlankBeforeColon,
        "rfc9112/2.1/message-format",
        "some take the blank for part of the name and miss the field, others read it: proxy and client disagree",
    ),
    (
        Violation::HttpFoldedField,
        "rfc9112/5.2/no-folding",
        "some join the lines, others drop the second: proxy and client disagree on the value",
    ),
    (
        Violation::HttpControlInValue,
        "rfc9110/5.5/ctl-in-value",
        "clients refuse the answer, or cut the value at that byte",
    ),
    (
        Violation::HttpContentLength,
        "rfc9110/8.6/content-length-grammar",
        "where the body ends is anybody's guess: clients report a network error",
    ),
    (
        Violation::HttpContentLengthsDiffer,
        "rfc9110/8.6/content-length-grammar",
        "proxy and client may disagree on where the body ends: clients report a network error",
    ),
    (
        Violation::HttpLengthWithoutContent,
        "rfc9110/8.6/no-content-length-1xx-204",
        "a client that believes it waits for content that never comes",
    ),
    (
        Violation::HttpCodingWithoutContent,
        "rfc9112/6.1/no-te-in-101-204",
        "a client that believes it waits for chunks that never come",
    ),
];

/// The requirements of [`RULES`], each once.
pub(super) const REQUIREMENTS: &[&str] = &[
    "rfc9112/4/status-line",
    "rfc9112/2.1/message-format",
    "rfc9112/2.2/bare-cr",
    "rfc9112/2.2/whitespace-before-first-field",
    "rfc9112/5.2/no-folding",
    "rfc9110/5.5/ctl-in-value",
    "rfc9110/8.6/content-length-grammar",
    "rfc9110/8.6/no-content-length-1xx-204",
    "rfc9112/6.1/no-te-in-101-204",
];

/// What the heads of a connection's answers break, at the first place of each rule.
pub(super) fn inspect(replies: &Replies, label: &'static str) -> Inspected {
    let mut inspected = Inspected::default();
    for reply in &replies.replies {
        inspected.bytes += reply.head.len as u64;
        for &(violation, requirement, suffered) in RULES {
            let mut broken = reply
                .findings
                .iter()
                .filter(|finding| finding.violation == violation);
            let Some(first) = broken.next() else {
                continue;
            };
            let more = match broken.count() {
                0 => String::new(),
                more => format!(" (and {more} more of this kind in the head)"),
            };
            inspected.sightings.push(Sighting {
                verdict: Verdict::Fail,
                observed: format!(
                    "an answer of status {} is not sound HTTP: {violation}: {suffered}{more}",
                    reply.head.status
                ),
                requirement: Some(requirement),
                spot: Some(Spot::received(label, first.offset)),
            });
        }
    }
    inspected
}
