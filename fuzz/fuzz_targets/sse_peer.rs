//! Agreement with an independent parser, sse-core: the same events from any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pushspec_fuzz::{cut, everyday};
use pushspec_parser::sse::{Limits, OwnedEvent};
use sse_core::{SseDecoder, SseEvent};

fuzz_target!(|data: &[u8]| {
    let ours = everyday(&cut(data), Limits::default());
    let mut decoder = SseDecoder::new();
    let (mut events, mut retry) = (Vec::new(), None);
    let mut rest = data;
    while let Some(event) = decoder.next(&mut rest) {
        match event.expect("the input is smaller than any limit") {
            SseEvent::Message(message) => events.push(OwnedEvent {
                event: message.event,
                data: message.data,
                id: message
                    .last_event_id
                    .as_deref()
                    .unwrap_or_default()
                    .to_owned(),
            }),
            SseEvent::Retry(millis) => retry = Some(u64::from(millis)),
        }
    }
    assert_eq!(ours.events, events);
    // Theirs has 32 bits.
    if ours
        .retry
        .is_none_or(|millis| millis <= u64::from(u32::MAX))
        && retry.is_some()
    {
        assert_eq!(ours.retry, retry);
    }
});
