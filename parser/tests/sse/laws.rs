//! Laws of decoding, for any bytes.

use proptest::prelude::*;
use pushspec_parser::sse::{Fact, Limits, LineEnd, OwnedEvent};

use crate::{
    chunks::{cut_at, each_fact, everyday, facts},
    generate::{body, cuts},
    reference::interpret,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn chunks_never_change_the_events(body in body(), cuts in cuts()) {
        let whole = everyday(&[&body], Limits::default());
        prop_assert_eq!(&everyday(&cut_at(&body, &cuts), Limits::default()), &whole);
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        prop_assert_eq!(&everyday(&bytes, Limits::default()), &whole);
    }

    #[test]
    fn chunks_never_change_the_facts(body in body(), cuts in cuts()) {
        let whole = facts(&[&body], Limits::default());
        prop_assert_eq!(&facts(&cut_at(&body, &cuts), Limits::default()), &whole);
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        prop_assert_eq!(&facts(&bytes, Limits::default()), &whole);
    }

    #[test]
    fn events_are_those_of_the_standard(body in body(), cuts in cuts()) {
        let ours = everyday(&cut_at(&body, &cuts), Limits::default());
        let theirs = interpret(&body);
        prop_assert_eq!(ours.events, theirs.events);
        prop_assert_eq!(ours.last_event_id, theirs.last_event_id);
        prop_assert_eq!(ours.retry, theirs.retry);
    }

    #[test]
    fn dispatches_are_those_of_the_standard(body in body(), cuts in cuts()) {
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut dispatched = Vec::new();
        each_fact(&cut_at(&body, &cuts), Limits::default(), |fact| {
            if let Fact::Dispatch(event) = fact {
                dispatched.push(OwnedEvent {
                    event: lossy(if event.event.is_empty() { b"message" } else { event.event }).into(),
                    data: lossy(event.data),
                    id: lossy(event.id),
                });
            }
        });
        prop_assert_eq!(dispatched, interpret(&body).events);
    }

    #[test]
    fn facts_give_the_bytes_back(body in body(), cuts in cuts()) {
        let mut copy = Vec::new();
        each_fact(&cut_at(&body, &cuts), Limits::default(), |fact| fact.write_to(&mut copy));
        prop_assert_eq!(copy, body);
    }

    /// Whatever covers bytes begins where the bytes before it end.
    #[test]
    fn offsets_have_no_gap(body in body(), cuts in cuts()) {
        let mut at = 0;
        let mut written = Vec::new();
        each_fact(&cut_at(&body, &cuts), Limits::default(), |fact| {
            let claimed = match fact {
                Fact::Bom => Some(0),
                Fact::Field(field) => Some(field.offset),
                Fact::Comment { offset, .. } | Fact::LineEnd { offset, .. } => Some(offset),
                Fact::Dispatch(event) => Some(event.offset),
                Fact::Blank { offset } | Fact::DeadBlock { offset, .. } => Some(offset),
                Fact::Tail(tail) => {
                    assert_eq!(tail.offset + tail.len, body.len() as u64);
                    Some((body.len() - tail.line.len()) as u64)
                }
                _ => None,
            };
            assert_eq!(claimed.unwrap_or(at), at, "{fact:?}");
            written.clear();
            fact.write_to(&mut written);
            at += written.len() as u64;
        });
        prop_assert_eq!(at, body.len() as u64);
    }

    /// A stream is judged line by line, which must come to the same as judging it in one piece.
    #[test]
    fn ill_formed_bytes_are_those_of_the_whole_stream(body in body(), cuts in cuts()) {
        let mut seen = Vec::new();
        each_fact(&cut_at(&body, &cuts), Limits::default(), |fact| {
            if let Fact::InvalidUtf8 { offset, len } = fact {
                seen.push((offset as usize, len));
            }
        });
        let mut expected = Vec::new();
        let mut at = 0;
        for chunk in body.utf8_chunks() {
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                expected.push((at, chunk.invalid().len()));
            }
            at += chunk.invalid().len();
        }
        prop_assert_eq!(seen, expected);
    }

    /// No line end other than CR is ever waited for.
    #[test]
    fn an_event_never_waits_for_the_next_byte(body in body()) {
        let expected = interpret(&body).events.len();
        let mut stream = pushspec_parser::sse::EventStream::new();
        let mut count = 0;
        stream.feed(&body, |_| count += 1).unwrap();
        prop_assert_eq!(count, expected, "before finish()");
    }

    #[test]
    fn every_line_has_one_end(body in body(), cuts in cuts()) {
        let (mut lines, mut ends) = (0, 0);
        each_fact(&cut_at(&body, &cuts), Limits::default(), |fact| match fact {
            Fact::Field(_) | Fact::Comment { .. } | Fact::Blank { .. } => lines += 1,
            Fact::Dispatch(_) | Fact::DeadBlock { .. } => lines += 1,
            Fact::LineEnd { end: LineEnd::Lf | LineEnd::CrLf | LineEnd::Cr, .. } => {
                ends += 1;
                assert_eq!(lines, ends);
            }
            _ => {}
        });
        prop_assert_eq!(lines, ends);
    }
}
