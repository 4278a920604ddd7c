//! What an event source keeps beside its events: the reconnection time, the last event ID, and
//! what is unfinished, within a connection and from one to the next.

use pushspec_parser::sse::{EventStream, Limits};

use crate::chunks::{every_cut, everyday};

#[test]
fn retry() {
    let table: &[(&[u8], Option<u64>)] = &[
        (b"retry: 5\n", Some(5)),
        (b"retry:03000\n\n", Some(3000)),
        (b"retry: 0\n", Some(0)),
        (b"retry: 5\nretry: x\n", Some(5)),
        (b"retry: 5\nretry: 6\n", Some(6)),
        (b"retry: 99999999999999999999\n", Some(u64::MAX)),
        (b"data: x\nretry: 5\n", Some(5)),
        (b"retry: 5", None),
        (b"retry: +5\n", None),
        (b"retry: -5\n", None),
        (b"retry: 1.5\n", None),
        (b"retry: 1e3\n", None),
        (b"retry: 5 \n", None),
        (b"retry:  5\n", None),
        (b"retry: 0x5\n", None),
        (b"retry: 1000x\n", None),
        (b"retry: \xd9\xa3\n", None),
        (b"retry:\n", None),
        (b"retry\n", None),
        (b"Retry: 5\n", None),
    ];
    for (body, expected) in table {
        every_cut(body, |chunks| {
            let result = everyday(chunks, Limits::default());
            assert_eq!(result.retry, *expected, "{chunks:?}");
            assert_eq!(result.events, []);
        });
    }
}

#[test]
fn the_last_event_id_changes_at_the_blank_line() {
    let table: &[(&[u8], &str)] = &[
        (b"id: 1\n", ""),
        (b"id: 1\n\n", "1"),
        (b"id: 1\n\nid: 2\ndata: x", "1"),
        (b"id: 1\r\rid\r\r", ""),
        (b"id: 1\n\nid: \0\n\n", "1"),
    ];
    for (body, expected) in table {
        every_cut(body, |chunks| {
            let result = everyday(chunks, Limits::default());
            assert_eq!(result.last_event_id, *expected, "{chunks:?}");
        });
    }
}

#[test]
fn what_is_unfinished() {
    let table: &[(&[u8], bool)] = &[
        (b"", false),
        (b"data: x\n\n", false),
        (b"data: x\n\r", false),
        (b": comment\n", false),
        (b"retry: 1\n", false),
        (b"data\n", true),
        (b"event: e\n", true),
        (b"id\n", true),
        (b"data: x\n\nda", true),
        (b"\xe2\x82", true),
    ];
    for (body, expected) in table {
        every_cut(body, |chunks| {
            assert_eq!(
                everyday(chunks, Limits::default()).unfinished,
                *expected,
                "{chunks:?}"
            );
        });
    }
}

/// What the unfinished block of one connection held must not leak into the next.
#[test]
fn a_connection_begins_afresh_but_for_id_and_retry() {
    for cut in [
        &b"event: old\nid: 2\ndata: old\n"[..],
        b"dat",
        b"data: \xe2\x82",
        b"data: old\r",
        b"\r",
    ] {
        let mut stream = EventStream::new();
        let mut events = Vec::new();
        let mut sink = |body: &[u8], stream: &mut EventStream| {
            stream
                .feed(body, |event| events.push(event.to_owned()))
                .unwrap();
        };
        sink(b"retry: 7\nid: 1\ndata: first\n\n", &mut stream);
        sink(cut, &mut stream);
        stream.finish();
        sink(b"\xef\xbb\xbfdata: new\n\n", &mut stream);
        assert_eq!(events.len(), 2, "{cut:?}");
        let new = &events[1];
        assert_eq!((&*new.event, &*new.data, &*new.id), ("message", "new", "1"));
        assert_eq!(stream.retry(), Some(7));
    }
}

#[test]
fn a_large_line_in_small_chunks() {
    let body = [
        b"data: ".to_vec(),
        b"0123456789abcdef".repeat(65_536),
        b"\n\n".to_vec(),
    ]
    .concat();
    for size in [1_000, 16_384, body.len()] {
        let chunks: Vec<&[u8]> = body.chunks(size).collect();
        let result = everyday(&chunks, Limits::default());
        assert_eq!(result.events[0].data.as_bytes(), &body[6..body.len() - 2]);
    }
}
