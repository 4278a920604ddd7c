//! What an event source keeps from one connection to the next, and large lines. (What it keeps within a connection
//! is in the vectors.)

use pushspec_parser::sse::{EventStream, Limits};

use crate::chunks::everyday;

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
