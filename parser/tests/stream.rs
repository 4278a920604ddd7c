//! The asynchronous face: the same events, errors in their place, and an id that never runs ahead.
#![cfg(feature = "stream")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::stream::{FusedStream, Stream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use pushspec_parser::sse::{
    EventStream, Events, EventsError, Limit, LimitReached, Limits, OwnedEvent,
};

/// A body of prepared chunks, with a pause before each.
struct Body {
    chunks: VecDeque<Result<Vec<u8>, &'static str>>,
    paused: bool,
}

impl Body {
    fn new(chunks: &[Result<&str, &'static str>]) -> Self {
        Body {
            chunks: chunks
                .iter()
                .map(|chunk| chunk.map(|text| text.as_bytes().to_vec()))
                .collect(),
            paused: false,
        }
    }
}

impl Stream for Body {
    type Item = Result<Vec<u8>, &'static str>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.paused = !self.paused;
        if self.paused {
            return Poll::Pending;
        }
        Poll::Ready(self.chunks.pop_front())
    }
}

type Told = Option<Result<OwnedEvent, EventsError<&'static str>>>;

/// The next item, however often it must be asked for.
fn next(events: &mut Events<Body>) -> Told {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(item) = Pin::new(&mut *events).poll_next(&mut context) {
            return item;
        }
    }
}

fn data(told: Told) -> String {
    told.expect("an item").expect("an event").data
}

#[test]
fn events_come_out_whatever_the_chunks() {
    let body = "retry: 9\nid: 1\ndata: a\n\ndata: é\r\n\r\nevent: e\ndata: c\n\ndata: lost";
    for size in 1..=body.len() {
        let chunks: VecDeque<_> = body
            .as_bytes()
            .chunks(size)
            .map(|chunk| Ok(chunk.to_vec()))
            .collect();
        let mut events = Events::new(Body {
            chunks,
            paused: false,
        });
        assert_eq!(data(next(&mut events)), "a");
        assert_eq!(data(next(&mut events)), "é");
        let last = next(&mut events).unwrap().unwrap();
        assert_eq!((&*last.event, &*last.data, &*last.id), ("e", "c", "1"));
        assert!(!events.is_terminated());
        assert_eq!(next(&mut events), None);
        assert_eq!(next(&mut events), None);
        assert!(events.is_terminated() && events.is_unfinished());
        assert_eq!((events.last_event_id(), events.retry()), ("1", Some(9)));
    }
}

#[test]
fn the_id_is_that_of_the_last_event_given_out() {
    let mut events = Events::new(Body::new(&[Ok(
        "id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\n\n",
    )]));
    assert_eq!(events.last_event_id(), "");
    next(&mut events);
    assert_eq!(
        events.last_event_id(),
        "1",
        "the second was received, and is not told"
    );
    next(&mut events);
    assert_eq!(events.last_event_id(), "2");
    assert_eq!(next(&mut events), None);
    assert_eq!(events.last_event_id(), "3", "of a block without data");
}

#[test]
fn nothing_is_decoded_before_it_is_asked_for() {
    let mut events = Events::new(Body::new(&[Ok("data: a\n\nretry: 5\ndata: b\n\n")]));
    assert_eq!(
        (data(next(&mut events)), events.retry()),
        ("a".into(), None)
    );
    assert_eq!(
        (data(next(&mut events)), events.retry()),
        ("b".into(), Some(5))
    );
}

/// An id of 1 MiB, and 1000 events of six bytes that have it: a copy for each would be 1 GB.
#[cfg(target_os = "linux")]
#[test]
fn a_long_id_is_not_kept_for_each_event_of_a_chunk() {
    let id = "i".repeat(1 << 20);
    let chunks = [
        Ok(&*format!("id: {id}\n\n")),
        Ok(&*"data\n\n".repeat(1_000)),
    ];
    let mut events = Events::new(Body::new(&chunks));
    for _ in 0..1_000 {
        assert_eq!(next(&mut events).unwrap().unwrap().id.len(), id.len());
    }
    assert_eq!(next(&mut events), None);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    assert!(peak.parse::<u64>().unwrap() < 64 << 10, "{peak} KiB");
}

#[test]
fn a_failed_body_ends_it_and_the_next_one_goes_on() {
    let mut events = Events::new(Body::new(&[
        Ok("id: 1\ndata: a\n\nid: 2\ndata: x"),
        Err("reset"),
    ]));
    assert_eq!(data(next(&mut events)), "a");
    assert_eq!(next(&mut events), Some(Err(EventsError::Body("reset"))));
    assert_eq!(next(&mut events), None);
    assert!(events.is_unfinished());
    assert_eq!(events.last_event_id(), "1");

    let mut events = Events::resume(
        events.into_decoder(),
        Body::new(&[Ok("\u{feff}data: b\n\n")]),
    );
    assert_eq!(events.last_event_id(), "1");
    let event = next(&mut events).unwrap().unwrap();
    assert_eq!((&*event.data, &*event.id), ("b", "1"));
}

#[test]
fn each_event_over_the_limit_is_an_error_in_its_place() {
    let limits = Limits { line: 16, event: 4 };
    let body = "data: too long\n\ndata: a\r\n\r\nid: line beyond the limit\n\ndata: 1234\ndata:5\rdata: 6\r\rdata: b\n\n";
    let long = |limit| Err(EventsError::Limit(LimitReached { limit }));
    let expected = [
        long(Limit::Event),
        Ok("a".to_owned()),
        long(Limit::Line),
        long(Limit::Event),
        Ok("b".to_owned()),
    ];
    for size in 1..=body.len() {
        let chunks: Vec<_> = body.as_bytes().chunks(size).collect();
        let chunks: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok(str::from_utf8(chunk).unwrap()))
            .collect();
        let mut events = Events::resume(EventStream::with_limits(limits), Body::new(&chunks));
        let told: Vec<_> = std::iter::from_fn(|| next(&mut events))
            .map(|item| item.map(|event| event.data))
            .collect();
        assert_eq!(told, expected, "chunks of {size}");
    }
}

/// Everything that events or errors may hang on.
fn body() -> impl Strategy<Value = String> {
    let pieces = [
        "data",
        "data: x",
        "data:yy",
        "id: 1",
        "id: 2",
        "event: e",
        ":c",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "\r\r",
        "\r\n\r\n",
        "\u{feff}",
        "é",
        "far too long for a line",
    ];
    vec(select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whole or byte by byte or in between, the same items come in the same order, and the events are those of the decoder.
    #[test]
    fn chunks_never_change_what_is_given_out(body in body(), size in 1..20_usize, event in 0..12_usize) {
        let limits = Limits { line: 16, event };
        let given = |size: usize| {
            let chunks = body.as_bytes().chunks(size).map(|chunk| Ok(chunk.to_vec())).collect();
            let decoder = EventStream::with_limits(limits);
            let mut events = Events::resume(decoder, Body { chunks, paused: false });
            let items: Vec<_> = std::iter::from_fn(|| next(&mut events)).collect();
            let id = events.last_event_id().to_owned();
            (items, id, events.is_unfinished())
        };
        let whole = given(usize::MAX);
        prop_assert_eq!(&given(1), &whole);
        prop_assert_eq!(&given(size), &whole);

        let mut decoder = EventStream::with_limits(limits);
        let mut told = Vec::new();
        let fed = decoder.feed(body.as_bytes(), |event| told.push(event.to_owned()));
        let first_error = whole.0.iter().find_map(|item| item.as_ref().err().copied());
        prop_assert_eq!(fed.err().map(EventsError::Limit), first_error);
        let events: Vec<_> = whole.0.into_iter().flatten().collect();
        prop_assert_eq!(events, told);
    }
}
