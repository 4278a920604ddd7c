//! What goes into the encoder comes out of the decoder, and nothing else does.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use pushspec_fuzz::{cut, everyday, facts};
use pushspec_parser::sse::{EncodeError, Limits, Message, OwnedEvent};

#[derive(Arbitrary, Debug)]
struct Sent {
    comment: Option<String>,
    event: Option<String>,
    id: Option<String>,
    retry: Option<u64>,
    data: Option<String>,
}

fuzz_target!(|messages: Vec<Sent>| {
    let (mut body, mut expected) = (Vec::new(), Vec::new());
    let (mut id, mut retry) = (String::new(), None);
    for sent in &messages {
        let message = Message {
            comment: sent.comment.as_deref(),
            event: sent.event.as_deref(),
            id: sent.id.as_deref(),
            retry: sent.retry,
            data: sent.data.as_deref(),
        };
        let before = body.len();
        let broken = |text: &Option<String>| {
            text.as_ref()
                .is_some_and(|text| text.contains(['\r', '\n']))
        };
        match message.write_to(&mut body) {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(body.len(), before, "a refused message leaves no trace");
                assert!(match error {
                    EncodeError::LineBreakInEvent => broken(&sent.event),
                    EncodeError::LineBreakInId => broken(&sent.id),
                    EncodeError::NulInId => sent.id.as_ref().is_some_and(|id| id.contains('\0')),
                });
                continue;
            }
        }
        id = sent.id.clone().unwrap_or(id);
        retry = sent.retry.or(retry);
        if let Some(data) = &sent.data {
            let event = sent.event.clone().filter(|event| !event.is_empty());
            expected.push(OwnedEvent {
                event: event.unwrap_or("message".to_owned()).into(),
                data: data.replace("\r\n", "\n").replace('\r', "\n"),
                id: id.clone(),
            });
        }
    }
    let decoded = everyday(&cut(&body), Limits::default());
    assert_eq!(decoded.events, expected);
    assert_eq!(decoded.last_event_id, id);
    assert_eq!(decoded.retry, retry);
    assert!(!decoded.unfinished);
    for fact in facts(&[&body], Limits::default()) {
        let allowed = !fact.starts_with("Violation") || fact.contains("SseEventWithoutData");
        assert!(allowed, "{fact}");
    }
});
