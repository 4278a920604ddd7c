//! `ws/deflate.json` and `ws/deflate-parameters.json`: payload → message or fault, and what is agreed.

use std::collections::BTreeSet;

use pushspec_parser::http::Extension;
use pushspec_parser::ws::deflate::{
    Agreed, Decompressor, DeflateAnswer, DeflateOffer, Direction, NegotiationError, WindowBits,
};
use serde::Deserialize;

use crate::format::{Bytes, Fault, HexBytes, Named, vectors};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payloads {
    name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    window_bits: Option<u8>,
    context_takeover: Option<bool>,
    limit: Option<usize>,
    messages: Vec<Payload>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    payload: HexBytes,
    message: Option<Bytes>,
    fault: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    #[serde(rename = "after")]
    _after: Option<Vec<String>>,
    offer: String,
    answer: Option<String>,
    agreed: Option<Expected>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    client: Side,
    server: Side,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    window_bits: u8,
    context_takeover: bool,
}

impl Side {
    fn direction(&self) -> Direction {
        Direction {
            window_bits: WindowBits::new(self.window_bits).expect("8 to 15"),
            context_takeover: self.context_takeover,
        }
    }
}

macro_rules! named {
    ($($type:ty)*) => {$(
        impl Named for $type {
            fn name(&self) -> &str {
                &self.name
            }

            fn faults(&self) -> &[Fault] {
                &[]
            }

            fn together(&self) -> Option<&str> {
                None
            }
        }
    )*};
}

named!(Payloads Parameters);

#[test]
fn each_payload_is_its_message_or_its_fault() {
    let mut faults = BTreeSet::new();
    for vector in vectors::<Payloads>("ws", &["deflate"]) {
        let direction = Side {
            window_bits: vector.window_bits.unwrap_or(15),
            context_takeover: vector.context_takeover.unwrap_or(true),
        };
        let limit = vector.limit.unwrap_or(1 << 20);
        let mut decompressor = Decompressor::new(direction.direction(), limit);
        for (index, message) in vector.messages.iter().enumerate() {
            let seen = decompressor.decompress(&message.payload.bytes());
            let place = format!("message {index} of {}", vector.name);
            match (&message.message, &message.fault) {
                (Some(expected), None) => assert_eq!(seen, Ok(&expected.bytes()[..]), "{place}"),
                (None, Some(expected)) => {
                    let fault = seen.expect_err(&place).fault;
                    assert_eq!(format!("{fault:?}"), *expected, "{place}");
                    faults.insert(fault);
                }
                _ => panic!("{place} is neither or both"),
            }
        }
    }
    assert_eq!(faults.len(), 8, "each fault is seen: {faults:?}");
}

#[test]
fn each_negotiation_ends_as_told() {
    let mut errors = BTreeSet::new();
    for vector in vectors::<Parameters>("ws", &["deflate-parameters"]) {
        match (
            negotiate(&vector.offer, vector.answer.as_deref()),
            &vector.agreed,
            &vector.error,
        ) {
            (Ok(agreed), Some(expected), None) => {
                let expected = Agreed {
                    client: expected.client.direction(),
                    server: expected.server.direction(),
                };
                assert_eq!(agreed, expected, "{}", vector.name);
            }
            (Err(error), None, Some(expected)) => {
                assert_eq!(format!("{error:?}"), *expected, "{}", vector.name);
                errors.insert(error);
            }
            (seen, ..) => panic!("{}: {seen:?}", vector.name),
        }
    }
    // The name is the caller's choice, and no vector has another.
    errors.insert(NegotiationError::Name);
    assert_eq!(errors.len(), 7, "each error is seen: {errors:?}");
}

fn negotiate(offer: &str, answer: Option<&str>) -> Result<Agreed, NegotiationError> {
    let extension = |text: &str| Extension::parse(text.as_bytes()).expect(text);
    let offer = DeflateOffer::from_extension(&extension(offer))?;
    let answer = match answer {
        Some(answer) => DeflateAnswer::from_extension(&extension(answer))?,
        None => offer.answer(),
    };
    answer.agreed(&offer)
}

#[test]
fn what_we_answer_fits_what_was_offered() {
    for vector in vectors::<Parameters>("ws", &["deflate-parameters"]) {
        let Ok(offer) =
            DeflateOffer::from_extension(&Extension::parse(vector.offer.as_bytes()).unwrap())
        else {
            continue;
        };
        let again = Extension::parse(offer.to_string().as_bytes()).unwrap();
        assert_eq!(
            DeflateOffer::from_extension(&again),
            Ok(offer),
            "{}",
            vector.name
        );
        let answer = offer.answer();
        let again = Extension::parse(answer.to_string().as_bytes()).unwrap();
        assert_eq!(
            DeflateAnswer::from_extension(&again),
            Ok(answer),
            "{}",
            vector.name
        );
        assert!(answer.agreed(&offer).is_ok(), "{}", vector.name);
    }
}
