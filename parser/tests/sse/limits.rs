//! Limits: what is over them is reported and left out, and memory stays bounded.

use proptest::prelude::*;
use pushspec_parser::{
    Finding, Violation,
    sse::{Decoder, EventStream, Fact, Limit, LimitReached, Limits},
};

use crate::{
    chunks::{cut_at, each_fact, every_cut, everyday, facts},
    generate::{body, cuts, data_lines},
};

const LIMITS: Limits = Limits { line: 8, event: 5 };

/// The bound that `Limits` documents.
fn bound(limits: Limits) -> usize {
    2 * (limits.event + 5 * limits.line) + 3 * 1024
}

#[test]
fn a_limit_is_the_last_length_that_fits() {
    let count = |body: &[u8]| {
        let result = everyday(&[body], LIMITS);
        (
            result.events.len(),
            result.reached.map(|reached| reached.limit),
        )
    };
    assert_eq!(count(b"data:abc\n\n"), (1, None), "a line of 8");
    assert_eq!(
        count(b"data:abcd\n\n"),
        (0, Some(Limit::Line)),
        "a line of 9"
    );
    assert_eq!(count(b"data:ab\ndata:cd\n\n"), (1, None), "data of 5");
    assert_eq!(
        count(b"data:abc\ndata:cd\n\n"),
        (0, Some(Limit::Event)),
        "data of 6"
    );
    assert_eq!(
        count(b"data\ndata\ndata\ndata\ndata\ndata\n\n"),
        (1, None),
        "five LF"
    );
}

#[test]
fn an_event_over_the_limit_harms_no_other() {
    let body = b"id:1\ndata:a\n\nid:2\ndata:far too long\n\ndata:b\n\n:long comment\ndata:c\n\n";
    every_cut(body, |chunks| {
        let result = everyday(chunks, LIMITS);
        let seen: Vec<(&str, &str)> = result.events.iter().map(|e| (&*e.data, &*e.id)).collect();
        // The id of a dropped event counts: to ask for it again would bring it again.
        assert_eq!(seen, [("a", "1"), ("b", "2"), ("c", "2")], "{chunks:?}");
        assert_eq!(result.reached, Some(LimitReached { limit: Limit::Line }));
    });
}

#[test]
fn a_line_without_end_is_reported_before_its_end() {
    let mut seen = Vec::new();
    let mut decoder = Decoder::new(LIMITS);
    decoder.feed(b"data:1\n\n", |_| {});
    for _ in 0..1_000 {
        decoder.feed(b"endless", |fact| {
            assert_eq!(
                fact,
                Fact::LimitReached {
                    offset: 8,
                    limit: Limit::Line
                }
            );
            seen.push(fact_name(&fact));
        });
    }
    assert_eq!(seen, ["LimitReached"]);
    decoder.feed(b"\n", |fact| seen.push(fact_name(&fact)));
    assert_eq!(seen, ["LimitReached", "Skipped", "LineEnd"]);
}

fn fact_name(fact: &Fact<'_>) -> String {
    let debug = format!("{fact:?}");
    debug
        .split([' ', '('])
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_truncated_block_says_so() {
    let table: &[(&[u8], &[u8], bool)] = &[
        (b"data:abc\n\n", b"abc", false),
        (b"data:ab\ndata:cd\n\n", b"ab\ncd", false),
        (b"data:a\ndata:toolong\n\n", b"a", true),
        (b"data:abc\ndata:abc\n\n", b"abc", true),
        (b"data:abc\ndata:abc\ndata\n\n", b"abc", true),
        (b":toolong\ndata:abc\n\n", b"abc", false),
        // Without data, nothing is known of what was skipped, and nothing is held against it.
        (b"data:toolong\n\n", b"", true),
        (b"event:toolong\nevent:b\n\n", b"", true),
    ];
    for (body, data, truncated) in table {
        let with_next = [body, &b"data:ab\ndata\n\n"[..]].concat();
        every_cut(&with_next, |chunks| {
            let mut seen = Vec::new();
            each_fact(chunks, LIMITS, |fact| match fact {
                Fact::Dispatch(event) => seen.push((event.data.to_vec(), event.holds.truncated)),
                Fact::DeadBlock { holds, .. } => seen.push((Vec::new(), holds.truncated)),
                Fact::Violation(finding) => panic!("{finding}"),
                _ => {}
            });
            let next = (b"ab\n".to_vec(), false);
            assert_eq!(seen, [(data.to_vec(), *truncated), next], "{chunks:?}");
        });
    }
}

#[test]
fn a_stream_that_ends_in_a_skipped_line() {
    for (body, violation) in [
        (&b"data:toolong"[..], Violation::SseEndLosesEvent),
        (b"data:toolong\n", Violation::SseEndLosesEvent),
        (b":comment", Violation::SseEndWithoutBlankLine),
        (b":long comment", Violation::SseEndWithoutBlankLine),
    ] {
        every_cut(body, |chunks| {
            let mut tails = Vec::new();
            each_fact(chunks, LIMITS, |fact| match fact {
                Fact::Tail(tail) => assert_eq!((tail.offset, tail.len), (0, body.len() as u64)),
                Fact::Violation(finding) => tails.push(finding),
                _ => {}
            });
            assert_eq!(tails, [Finding::new(violation, 0)], "{chunks:?}");
        });
    }
}

#[test]
fn a_connection_that_ended_in_a_skipped_line_spoils_nothing() {
    let mut stream = EventStream::with_limits(LIMITS);
    let mut count = 0;
    assert!(stream.feed(b"data:too long", |_| count += 1).is_err());
    assert!(stream.finish());
    assert!(stream.feed(b"data:a\n\n", |_| count += 1).is_ok());
    assert_eq!(count, 1);
}

#[test]
fn limits_of_zero_hold_nothing() {
    let limits = Limits { line: 0, event: 0 };
    let result = everyday(&[b"\xef\xbb\xbfdata\n\nid:1\n\n:c\r\n\r\n"], limits);
    assert!(result.events.is_empty());
    assert_eq!(result.reached, Some(LimitReached { limit: Limit::Line }));
    facts(&[b"\xef\xbb", b"data\n\n:c\n"], limits);
}

#[test]
fn an_event_of_many_lines_in_small_chunks_keeps_to_its_memory() {
    let limits = Limits {
        line: 1_000,
        event: 20_000,
    };
    let line = [b"data: ".as_slice(), &[b'x'; 900], b"\r\n"].concat();
    for (lines, events) in [(20, 1), (40, 0)] {
        let body = [line.repeat(lines), b"\r\n".to_vec()].concat();
        for size in [1, 7, 64, 300] {
            let mut stream = EventStream::with_limits(limits);
            let (mut count, mut reached) = (0, 0);
            for chunk in body.chunks(size) {
                reached += u32::from(stream.feed(chunk, |_| count += 1).is_err());
                assert!(stream.buffered() <= bound(limits), "{}", stream.buffered());
            }
            assert_eq!((count, reached), (events, 1 - events), "chunks of {size}");
        }
    }
}

/// Lines as long as they may be, and one byte shorter before that, so that every buffer has doubled for the last byte.
#[test]
fn data_beyond_the_limit_is_not_kept() {
    let limits = Limits {
        line: 4096,
        event: 16,
    };
    let mut block = Vec::new();
    for name in ["id:", "event:", "data:"] {
        for len in [4095, 4096] {
            block.extend_from_slice(name.as_bytes());
            block.extend(std::iter::repeat_n(b'x', len - name.len()));
            block.push(b'\n');
        }
    }
    let mut body = block.repeat(2);
    // The ids change places.
    body.insert(block.len(), b'\n');
    for size in [1, 100, 4096, body.len()] {
        let mut stream = EventStream::with_limits(limits);
        let mut reached = 0;
        for chunk in body.chunks(size) {
            reached += u32::from(stream.feed(chunk, |event| panic!("{event:?}")).is_err());
            let buffered = stream.buffered();
            assert!(buffered <= bound(limits), "{buffered}, chunks of {size}");
        }
        assert!(reached > 0, "chunks of {size}");
    }
}

/// Deferred lines of data are counted when they end, not when they are put together.
#[test]
fn the_limit_of_an_event_is_told_although_it_never_ends() {
    let limits = Limits {
        line: 100,
        event: 5,
    };
    let reached = Some(LimitReached {
        limit: Limit::Event,
    });
    every_cut(b"data:a\ndata:bcdefgh\ndata:i", |chunks| {
        assert_eq!(everyday(chunks, limits).reached, reached, "{chunks:?}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn memory_is_bounded(body in body(), cuts in cuts(), line in 0_usize..24, event in 0_usize..24) {
        let limits = Limits { line, event };
        let mut stream = EventStream::with_limits(limits);
        let mut decoder = Decoder::new(limits);
        for chunk in cut_at(&body, &cuts) {
            let _ = stream.feed(chunk, |_| {});
            prop_assert!(stream.buffered() <= bound(limits), "{}", stream.buffered());
            decoder.feed(chunk, |_| {});
            prop_assert!(decoder.buffered() <= bound(limits), "{}", decoder.buffered());
        }
    }

    #[test]
    fn chunks_never_change_what_limits_do(
        body in body(), cuts in cuts(), line in 0_usize..24, event in 0_usize..24,
    ) {
        let limits = Limits { line, event };
        let chunks = cut_at(&body, &cuts);
        prop_assert_eq!(facts(&chunks, limits), facts(&[&body], limits));
        prop_assert_eq!(everyday(&chunks, limits), everyday(&[&body], limits));
    }

    #[test]
    fn chunks_never_change_what_limits_do_to_data(
        body in data_lines(), cuts in cuts(), line in 0_usize..24, event in 0_usize..24,
    ) {
        let limits = Limits { line, event };
        let chunks = cut_at(&body, &cuts);
        prop_assert_eq!(facts(&chunks, limits), facts(&[&body], limits));
        prop_assert_eq!(everyday(&chunks, limits), everyday(&[&body], limits));
    }

    /// With skipped lines counted in, every byte is still accounted for.
    #[test]
    fn skipped_bytes_are_counted(body in body(), line in 0_usize..24) {
        let mut at = 0;
        let mut written = Vec::new();
        each_fact(&[&body], Limits { line, event: 8 }, |fact| {
            if let Fact::Skipped { offset, len } = fact {
                assert_eq!(offset, at);
                at += len;
            }
            written.clear();
            fact.write_to(&mut written);
            at += written.len() as u64;
        });
        prop_assert_eq!(at, body.len() as u64);
    }

    /// What comes out under limits is what comes out without them, with events left out.
    #[test]
    fn limits_only_leave_out(body in body(), line in 0_usize..24, event in 0_usize..24) {
        let limited = everyday(&[&body], Limits { line, event });
        let all = everyday(&[&body], Limits::default());
        let mut rest = all.events.iter();
        for event in &limited.events {
            // A skipped `id` or `event` line leaves the id alone or drops the event.
            prop_assert!(rest.any(|other| other.data == event.data && other.event == event.event));
        }
        if limited.reached.is_none() {
            prop_assert_eq!(limited, all);
        }
    }
}
