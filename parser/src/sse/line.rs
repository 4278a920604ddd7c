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
    bytes::complete::{tag, take_till1},
    combinator::{eof, map, opt, peek, rest, value},
    sequence::{preceded, terminated},
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
#[inline]
pub(super) fn parse(line: &[u8]) -> Line<'_> {
    match alt((comment, field)).parse(line) {
        Ok((_, line)) => line,
        // Neither a colon nor one name character: only the empty line is left.
        Err(_) => Line::Blank,
    }
}

fn comment(input: &[u8]) -> Parsed<'_, Line<'_>> {
    map(preceded(tag(":"), rest), Line::Comment).parse(input)
}

fn field(input: &[u8]) -> Parsed<'_, Line<'_>> {
    map(
        (alt((known_name, unknown_name)), separator, rest),
        |(name, (colon, space), value)| Line::Field {
            name,
            colon,
            space,
            value,
        },
    )
    .parse(input)
}

/// Compared literally, without case folding (9.2.6).
fn known_name(input: &[u8]) -> Parsed<'_, FieldName<'_>> {
    terminated(
        alt((
            value(FieldName::Data, tag("data")),
            value(FieldName::Event, tag("event")),
            value(FieldName::Id, tag("id")),
            value(FieldName::Retry, tag("retry")),
        )),
        peek(alt((tag(":"), eof))),
    )
    .parse(input)
}

fn unknown_name(input: &[u8]) -> Parsed<'_, FieldName<'_>> {
    map(take_till1(|byte| byte == b':'), FieldName::Unknown).parse(input)
}

/// `[ colon [ space ] ]`: which of the two are there.
fn separator(input: &[u8]) -> Parsed<'_, (bool, bool)> {
    map(
        opt(preceded(tag(":"), opt(tag(" ")))),
        |colon| match colon {
            Some(space) => (true, space.is_some()),
            None => (false, false),
        },
    )
    .parse(input)
}

#[cfg(test)]
mod tests {
    use super::{FieldName, Line, parse};

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
}
