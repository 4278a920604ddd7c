//! The grammar of one complete line, in nom, on bytes without their line end.
//!
//! WHATWG HTML 9.2.5, with `end-of-line` already taken off by the line search:
//!
//! ```text
//! comment   = colon *any-char
//! field     = 1*name-char [ colon [ space ] *any-char ]
//! name-char = any character but LF, CR, colon
//! any-char  = any character but LF, CR
//! ```
//!
//! Every line without CR and LF matches one of blank, comment and field, so parsing cannot fail.

use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::take_till1,
    combinator::{eof, map, opt, rest, value},
    sequence::preceded,
};

use super::fact::FieldName;

/// What one line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Nothing: the block ends here.
    Blank,
    /// Everything behind the leading colon.
    Comment(&'a [u8]),
    /// A field; its value is always a suffix of the line.
    Field {
        name: FieldName<'a>,
        colon: bool,
        space: bool,
        value: &'a [u8],
    },
}

type Parsed<'a, T> = IResult<&'a [u8], T, ()>;

/// Parses one line, given without its line end.
///
/// Always inlined, down to what is most frequent: a call for each line would cost as much as the parsing.
#[inline(always)]
pub(super) fn parse(line: &[u8]) -> Line<'_> {
    match alt((data_field, blank, other)).parse(line) {
        Ok((_, line)) => line,
        // What is not empty has a colon or a name character at its start.
        Err(_) => Line::Blank,
    }
}

/// What there is of the value of a `data` line, given the beginning of a line. `None` until it is sure that this is one,
/// and where its value begins.
#[inline(always)]
pub(super) fn begun_data(beginning: &[u8]) -> Option<&[u8]> {
    match data_field(beginning) {
        Ok((_, Line::Field { value, .. })) if !value.is_empty() => Some(value),
        Ok(_) | Err(_) => None,
    }
}

#[inline(always)]
fn data_field(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let (input, _) = literal(b"data").parse(input)?;
    behind_name(FieldName::Data, input)
}

#[inline(always)]
fn blank(input: &[u8]) -> Parsed<'_, Line<'_>> {
    value(Line::Blank, eof).parse(input)
}

/// Names are compared literally, without case folding (9.2.6).
#[inline(never)]
fn other(input: &[u8]) -> Parsed<'_, Line<'_>> {
    alt((
        comment,
        known_field(FieldName::Id, b"id"),
        known_field(FieldName::Event, b"event"),
        known_field(FieldName::Retry, b"retry"),
        unknown_field,
    ))
    .parse(input)
}

#[inline]
fn comment(input: &[u8]) -> Parsed<'_, Line<'_>> {
    map(preceded(literal(b":"), rest), Line::Comment).parse(input)
}

#[inline]
fn known_field<'a, const N: usize>(
    name: FieldName<'a>,
    text: &'static [u8; N],
) -> impl Parser<&'a [u8], Output = Line<'a>, Error = ()> {
    preceded(literal(text), move |input| behind_name(name, input))
}

#[inline]
fn unknown_field(input: &[u8]) -> Parsed<'_, Line<'_>> {
    let (input, name) = take_till1(|byte| byte == b':').parse(input)?;
    behind_name(FieldName::Unknown(name), input)
}

/// `[ colon [ space ] *any-char ]` to the end of the line. Anything but a colon belongs to a longer name.
#[inline(always)]
fn behind_name<'a>(name: FieldName<'a>, input: &'a [u8]) -> Parsed<'a, Line<'a>> {
    let colon = preceded(literal(b":"), (opt(literal(b" ")), rest));
    let with_colon = map(colon, |(space, value)| (true, space.is_some(), value));
    let without = map(eof, |value| (false, false, value));
    map(alt((with_colon, without)), |(colon, space, value)| {
        Line::Field {
            name,
            colon,
            space,
            value,
        }
    })
    .parse(input)
}

/// These bytes, compared at once. (nom's `tag` goes byte by byte.)
#[inline(always)]
fn literal<'a, const N: usize>(
    text: &'static [u8; N],
) -> impl Parser<&'a [u8], Output = &'a [u8; N], Error = ()> {
    move |input: &'a [u8]| match input.split_first_chunk() {
        Some((start, rest)) if start == text => Ok((rest, start)),
        _ => Err(nom::Err::Error(())),
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldName, Line, begun_data, parse};

    fn field<'a>(name: FieldName<'a>, colon: bool, space: bool, value: &'a [u8]) -> Line<'a> {
        Line::Field {
            name,
            colon,
            space,
            value,
        }
    }

    #[test]
    fn every_form() {
        assert_eq!(parse(b""), Line::Blank);
        assert_eq!(parse(b":"), Line::Comment(b""));
        assert_eq!(parse(b": data: x"), Line::Comment(b" data: x"));
        assert_eq!(parse(b"data"), field(FieldName::Data, false, false, b""));
        assert_eq!(parse(b"data:"), field(FieldName::Data, true, false, b""));
        assert_eq!(parse(b"data: "), field(FieldName::Data, true, true, b""));
        assert_eq!(
            parse(b"data:  x"),
            field(FieldName::Data, true, true, b" x")
        );
        assert_eq!(
            parse(b"data:\tx"),
            field(FieldName::Data, true, false, b"\tx")
        );
        assert_eq!(
            parse(b"event:a:b"),
            field(FieldName::Event, true, false, b"a:b")
        );
        assert_eq!(parse(b"id: 1"), field(FieldName::Id, true, true, b"1"));
        assert_eq!(
            parse(b"retry: 1"),
            field(FieldName::Retry, true, true, b"1")
        );
        for unknown in [
            &b"dat"[..],
            b"datas",
            b"Data",
            b" data",
            b"data ",
            b"id\0",
            b"\xff",
        ] {
            assert_eq!(
                parse(unknown),
                field(FieldName::Unknown(unknown), false, false, b"")
            );
        }
    }

    #[test]
    fn the_beginning_of_a_data_line() {
        for unsure in [
            &b""[..],
            b"d",
            b"data",
            b"data:",
            b"data: ",
            b"datax: y",
            b"id: 1",
        ] {
            assert_eq!(begun_data(unsure), None);
        }
        assert_eq!(begun_data(b"data:x"), Some(&b"x"[..]));
        assert_eq!(begun_data(b"data: x"), Some(&b"x"[..]));
        assert_eq!(begun_data(b"data:  "), Some(&b" "[..]));
    }
}
