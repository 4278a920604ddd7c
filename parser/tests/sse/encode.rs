//! The encoder: what goes in comes out, and nothing else does.

use proptest::{collection::vec, prelude::*};
use pushspec_parser::sse::{EncodeError, Event, Fact, Limits, Message, OwnedEvent};

use crate::{
    chunks::{each_fact, everyday, findings},
    generate::{OwnedMessage, message, text},
};

impl OwnedMessage {
    fn borrow(&self) -> Message<'_> {
        Message {
            comment: self.comment.as_deref(),
            event: self.event.as_deref(),
            id: self.id.as_deref(),
            retry: self.retry,
            data: self.data.as_deref(),
        }
    }
}

/// Line breaks as a client sees them in data.
fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[test]
fn forms() {
    let table: &[(Message<'_>, &str)] = &[
        (Message::default(), "\n"),
        (
            Message {
                data: Some(""),
                ..Message::default()
            },
            "data: \n\n",
        ),
        (
            Message {
                data: Some(" x"),
                ..Message::default()
            },
            "data:  x\n\n",
        ),
        (
            Message {
                data: Some("a\rb\nc\r\nd\n\r"),
                ..Message::default()
            },
            "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: \n\n",
        ),
        (
            Message {
                comment: Some("a\rdata: x"),
                ..Message::default()
            },
            ": a\n: data: x\n\n",
        ),
        (
            Message {
                id: Some(""),
                ..Message::default()
            },
            "id: \n\n",
        ),
        (
            Message {
                retry: Some(u64::MAX),
                ..Message::default()
            },
            "retry: 18446744073709551615\n\n",
        ),
        (
            Message {
                comment: Some("c"),
                event: Some("e"),
                id: Some("1"),
                retry: Some(0),
                data: Some("x"),
            },
            ": c\nevent: e\nid: 1\nretry: 0\ndata: x\n\n",
        ),
        // NUL is `any-char` of 9.2.5: text like any other, except in an id.
        (
            Message {
                comment: Some("\0"),
                event: Some("e\0"),
                data: Some("\0a\n\0"),
                ..Message::default()
            },
            ": \0\nevent: e\0\ndata: \0a\ndata: \0\n\n",
        ),
    ];
    for (message, expected) in table {
        assert_eq!(message.to_bytes().as_deref(), Ok(expected.as_bytes()));
    }
}

#[test]
fn nul_arrives_in_data_and_begins_nothing() {
    let message = Message {
        event: Some("e\0data: evil"),
        data: Some("a\0\0data: b\0id: 7"),
        ..Message::default()
    };
    let result = everyday(&[&message.to_bytes().unwrap()], Limits::default());
    let seen: Vec<_> = result.events.iter().map(OwnedEvent::as_event).collect();
    let expected = Event {
        event: "e\0data: evil",
        data: "a\0\0data: b\0id: 7",
        id: "",
    };
    assert_eq!(seen, [expected]);
}

#[test]
fn refusals() {
    for line_break in ["\n", "\r", "\r\n"] {
        let text = format!("x{line_break}data: evil");
        let event = Message {
            event: Some(&text),
            data: Some("x"),
            ..Message::default()
        };
        assert_eq!(event.to_bytes(), Err(EncodeError::LineBreakInEvent));
        let id = Message {
            id: Some(&text),
            ..Message::default()
        };
        assert_eq!(id.to_bytes(), Err(EncodeError::LineBreakInId));
    }
    let nul = Message {
        event: Some("e"),
        id: Some("1\0"),
        ..Message::default()
    };
    let mut out = b"before".to_vec();
    assert_eq!(nul.write_to(&mut out), Err(EncodeError::NulInId));
    assert_eq!(out, b"before", "a refused message leaves no trace");
    assert_eq!(EncodeError::NulInId.to_string(), "the id contains NUL");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn decoding_undoes_encoding(messages in vec(message(), 0..6)) {
        let mut body = Vec::new();
        let mut expected = Vec::new();
        let (mut id, mut retry) = (String::new(), None);
        for message in &messages {
            if message.borrow().write_to(&mut body).is_err() {
                continue;
            }
            id = message.id.clone().unwrap_or(id);
            retry = message.retry.or(retry);
            if let Some(data) = &message.data {
                let event = message.event.clone().filter(|event| !event.is_empty());
                expected.push(OwnedEvent {
                    event: event.unwrap_or("message".to_owned()).into(),
                    data: normalised(data),
                    id: id.clone(),
                });
            }
        }
        let decoded = everyday(&[&body], Limits::default());
        prop_assert_eq!(decoded.events, expected);
        prop_assert_eq!(decoded.last_event_id, id);
        prop_assert_eq!(decoded.retry, retry);
        prop_assert!(!decoded.unfinished);
    }

    /// Exactly one block, with exactly the fields asked for.
    #[test]
    fn nothing_is_injected(message in message()) {
        let Ok(body) = message.borrow().to_bytes() else {
            return Ok(());
        };
        let (mut names, mut comments, mut blanks) = (Vec::new(), Vec::new(), 0);
        each_fact(&[&body], Limits::default(), |fact| match fact {
            Fact::Field(field) => names.push(String::from_utf8(field.name.as_bytes().to_vec()).unwrap()),
            Fact::Comment { text, .. } => comments.push(String::from_utf8(text.to_vec()).unwrap()),
            Fact::Dispatch(_) | Fact::DeadBlock { .. } | Fact::Blank { .. } => blanks += 1,
            Fact::Bom | Fact::BomInside { .. } | Fact::Tail(_) => panic!("{fact:?}"),
            _ => {}
        });
        let mut expected = Vec::new();
        expected.extend(message.event.iter().map(|_| "event"));
        expected.extend(message.id.iter().map(|_| "id"));
        expected.extend(message.retry.iter().map(|_| "retry"));
        if let Some(data) = &message.data {
            expected.extend(normalised(data).split('\n').map(|_| "data"));
        }
        prop_assert_eq!(names, expected);
        let lines = message.comment.as_deref().map(normalised);
        let lines: Vec<String> =
            lines.iter().flat_map(|text| text.split('\n')).map(|line| format!(" {line}")).collect();
        prop_assert_eq!(comments, lines);
        prop_assert_eq!(blanks, 1);
    }

    /// Refused exactly where nothing could carry the value, and sound otherwise.
    #[test]
    fn refused_or_sound(event in text(), id in text()) {
        let message = Message { event: Some(&event), id: Some(&id), data: Some("x"), ..Message::default() };
        let breaks = |text: &str| text.contains(['\r', '\n']);
        match message.to_bytes() {
            Ok(body) => {
                prop_assert!(!breaks(&event) && !breaks(&id) && !id.contains('\0'));
                prop_assert_eq!(findings(&[&body]), []);
            }
            Err(EncodeError::LineBreakInEvent) => prop_assert!(breaks(&event)),
            Err(EncodeError::LineBreakInId) => prop_assert!(breaks(&id)),
            Err(EncodeError::NulInId) => prop_assert!(id.contains('\0')),
        }
    }
}
