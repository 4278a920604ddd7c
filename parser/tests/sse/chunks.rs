//! Runs both levels over a body that is cut into chunks, and cuts it in every way that is short
//! enough to be tried exhaustively.

use pushspec_parser::{
    Finding,
    sse::{Decoder, EventStream, Fact, LimitReached, Limits, OwnedEvent},
};

/// Everything the everyday level says about a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Everyday {
    pub(crate) events: Vec<OwnedEvent>,
    pub(crate) last_event_id: String,
    pub(crate) retry: Option<u64>,
    /// What `finish` returned.
    pub(crate) unfinished: bool,
    /// The first limit that was reached.
    pub(crate) reached: Option<LimitReached>,
}

pub(crate) fn everyday(chunks: &[&[u8]], limits: Limits) -> Everyday {
    let mut stream = EventStream::with_limits(limits);
    let mut events = Vec::new();
    let mut reached = None;
    for chunk in chunks {
        let result = stream.feed(chunk, |event| events.push(event.to_owned()));
        reached = reached.or(result.err());
    }
    let unfinished = stream.finish();
    Everyday {
        events,
        last_event_id: stream.last_event_id().to_owned(),
        retry: stream.retry(),
        unfinished,
        reached,
    }
}

/// Hands every fact about the body to `sink`.
pub(crate) fn each_fact(chunks: &[&[u8]], limits: Limits, mut sink: impl FnMut(Fact<'_>)) {
    let mut decoder = Decoder::new(limits);
    for chunk in chunks {
        decoder.feed(chunk, &mut sink);
    }
    decoder.finish(&mut sink);
}

/// Every fact about the body, in its debug form: what can be compared and kept.
pub(crate) fn facts(chunks: &[&[u8]], limits: Limits) -> Vec<String> {
    let mut facts = Vec::new();
    each_fact(chunks, limits, |fact| facts.push(format!("{fact:?}")));
    facts
}

/// The violations in the body, in the order in which they are found.
pub(crate) fn findings(chunks: &[&[u8]]) -> Vec<Finding> {
    let mut findings = Vec::new();
    each_fact(chunks, Limits::default(), |fact| {
        if let Fact::Violation(finding) = fact {
            findings.push(finding);
        }
    });
    findings
}

/// Calls `check` with the body whole, byte by byte, and cut once and twice at every place, the
/// beginning and the end included (so that chunks may be empty).
pub(crate) fn every_cut(body: &[u8], mut check: impl FnMut(&[&[u8]])) {
    check(&[body]);
    check(&body.chunks(1).collect::<Vec<_>>());
    for first in 0..=body.len() {
        let (head, tail) = body.split_at(first);
        check(&[head, tail]);
        for second in 0..=tail.len() {
            let (middle, end) = tail.split_at(second);
            check(&[head, middle, end]);
        }
    }
}

/// The body cut behind each of `cuts`, which are taken modulo its length.
pub(crate) fn cut_at<'b>(body: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(body.len());
    let mut begin = 0;
    cuts.iter()
        .map(|&end| &body[std::mem::replace(&mut begin, end)..end])
        .collect()
}
