//! Chunks change nothing, the two levels agree, both agree with the standard written down step by step, no byte is
//! lost, and no more memory is held than the limits allow.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pushspec_fuzz::{cut, digest, each_fact, everyday, standard};
use pushspec_parser::sse::{Fact, Limits, OwnedEvent};

fuzz_target!(|data: &[u8]| {
    let chunks = cut(data);
    let whole = everyday(&[data], Limits::default());
    assert_eq!(everyday(&chunks, Limits::default()), whole);

    let (events, last_event_id, retry) = standard(data);
    assert_eq!(whole.events, events);
    assert_eq!(whole.last_event_id, last_event_id);
    assert_eq!(whole.retry, retry);

    let (mut copy, mut dispatched) = (Vec::new(), Vec::new());
    each_fact(&chunks, Limits::default(), |fact| {
        fact.write_to(&mut copy);
        if let Fact::Dispatch(event) = fact {
            let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let name = if event.event.is_empty() {
                b"message"
            } else {
                event.event
            };
            dispatched.push(OwnedEvent {
                event: lossy(name).into(),
                data: lossy(event.data),
                id: lossy(event.id),
            });
        }
    });
    assert_eq!(copy, data);
    assert_eq!(dispatched, whole.events);
    assert_eq!(
        digest(&chunks, Limits::default()),
        digest(&[data], Limits::default())
    );

    let event = data.len() % 31;
    // Where no line is too long, it is their sum that goes beyond a limit.
    for line in [data.len() % 23, data.len()] {
        let small = Limits { line, event };
        assert_eq!(everyday(&chunks, small), everyday(&[data], small));
        assert_eq!(digest(&chunks, small), digest(&[data], small));
    }
});
