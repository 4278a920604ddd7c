//! The everyday types as JSON: the form is a promise.
#![cfg(feature = "serde")]

use pushspec_parser::sse::{Event, Limits, Message, OwnedEvent};
use pushspec_parser::ws::{Incoming, ProtocolError, Role};
use pushspec_parser::{Finding, Violation};
use serde_json::{from_str, json, to_value};

#[test]
fn events() {
    let event = Event {
        event: "message",
        data: "a\nb",
        id: "7",
    };
    let value = json!({"event": "message", "data": "a\nb", "id": "7"});
    assert_eq!(to_value(event).unwrap(), value);
    assert_eq!(to_value(event.to_owned()).unwrap(), value);
    assert_eq!(
        from_str::<OwnedEvent>(&value.to_string()).unwrap(),
        event.to_owned()
    );
}

#[test]
fn messages_and_limits() {
    let message = Message {
        event: Some("add"),
        data: Some("x"),
        ..Message::default()
    };
    assert_eq!(
        to_value(message).unwrap(),
        json!({"comment": null, "event": "add", "id": null, "retry": null, "data": "x"})
    );
    let limits = Limits { line: 1, event: 2 };
    assert_eq!(to_value(limits).unwrap(), json!({"line": 1, "event": 2}));
}

#[test]
fn what_is_received() {
    assert_eq!(to_value(Incoming::Text("x")).unwrap(), json!({"Text": "x"}));
    assert_eq!(
        to_value(Incoming::Binary(b"\x01")).unwrap(),
        json!({"Binary": [1]})
    );
    let close = Incoming::Close(Some((1000, "bye")));
    assert_eq!(to_value(close).unwrap(), json!({"Close": [1000, "bye"]}));
    assert_eq!(to_value(Role::Server).unwrap(), json!("Server"));
    let error = ProtocolError::Violation(Finding::new(Violation::ReservedBits, 3));
    let value = json!({"Violation": {"violation": "ReservedBits", "offset": 3}});
    assert_eq!(to_value(error).unwrap(), value);
    assert_eq!(
        from_str::<ProtocolError>(&value.to_string()).unwrap(),
        error
    );
}

#[cfg(feature = "deflate")]
#[test]
fn window_bits_are_checked() {
    use pushspec_parser::ws::deflate::{Agreed, WindowBits};
    assert_eq!(to_value(WindowBits::MIN).unwrap(), json!(8));
    assert!(from_str::<WindowBits>("16").is_err());
    let agreed = Agreed::default();
    let text = serde_json::to_string(&agreed).unwrap();
    assert_eq!(from_str::<Agreed>(&text).unwrap(), agreed);
}
