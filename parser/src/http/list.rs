//! Comma-separated lists (RFC 9110 section 5.6.1) and the extension lists of RFC 6455 section 9.1.

use alloc::vec::Vec;

use nom::character::complete::char;
use nom::combinator::{all_consuming, opt};
use nom::multi::many0;
use nom::sequence::preceded;
use nom::{IResult, Parser as _};

use super::grammar::{blanks, is_token, parameter_value, token, trim};

/// The elements of a comma-separated field value: trimmed, empty ones skipped, commas in quoted strings respected.
///
/// ```
/// use pushspec_parser::http::list_elements;
/// let elements: Vec<&[u8]> = list_elements(b" a, ,b;q=\"x,y\" ,").collect();
/// assert_eq!(elements, [&b"a"[..], b"b;q=\"x,y\""]);
/// ```
pub fn list_elements(value: &[u8]) -> Elements<'_> {
    Elements { rest: Some(value) }
}

/// Iterator of [`list_elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while let Some(rest) = self.rest.take() {
            let end = element_end(rest);
            self.rest = rest.get(end + 1..);
            let element = trim(&rest[..end]);
            if !element.is_empty() {
                return Some(element);
            }
        }
        None
    }
}

/// The position of the first comma outside a quoted string, or the length.
fn element_end(value: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return at,
            _ => {}
        }
    }
    value.len()
}

/// One element of `Sec-WebSocket-Extensions`.
///
/// ```
/// use pushspec_parser::http::Extension;
/// let extension = Extension::parse(b"permessage-deflate; client_max_window_bits; server_max_window_bits=\"10\"").unwrap();
/// assert_eq!(extension.name, b"permessage-deflate");
/// assert_eq!(extension.value("server_max_window_bits"), Some(Some(&b"10"[..])));
/// assert_eq!(extension.value("client_max_window_bits"), Some(None));
/// assert_eq!(Extension::parse(b"permessage-deflate;"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Extension {
    /// The extension's name, a token.
    pub name: Vec<u8>,
    /// Its parameters in order, repeated ones too: a name, and perhaps a value, unquoted.
    pub parameters: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Extension {
    /// Reads one list element by the grammar of RFC 6455 section 9.1, blanks allowed around separators.
    ///
    /// `None` if the element does not follow it: a quoted value must be a token once unquoted.
    pub fn parse(element: &[u8]) -> Option<Self> {
        let (_, (name, parameters)) = all_consuming(extension).parse(trim(element)).ok()?;
        let sound =
            |(_, value): &(_, Option<Vec<u8>>)| value.as_ref().is_none_or(|value| is_token(value));
        parameters.iter().all(sound).then(|| Self {
            name: name.to_vec(),
            parameters,
        })
    }

    /// The first parameter of this name, compared byte by byte: `None` if it is absent, `Some(None)` without a value.
    pub fn value(&self, name: &str) -> Option<Option<&[u8]>> {
        let (_, value) = self
            .parameters
            .iter()
            .find(|(this, _)| this == name.as_bytes())?;
        Some(value.as_deref())
    }
}

type Parameter = (Vec<u8>, Option<Vec<u8>>);

fn extension(input: &[u8]) -> IResult<&[u8], (&[u8], Vec<Parameter>), ()> {
    (
        token,
        many0(preceded((blanks, char(';'), blanks), parameter)),
    )
        .parse(input)
}

fn parameter(input: &[u8]) -> IResult<&[u8], Parameter, ()> {
    let (input, name) = token(input)?;
    let (input, value) = opt(parameter_value).parse(input)?;
    Ok((input, (name.to_vec(), value)))
}
