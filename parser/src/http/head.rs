//! The head of a response, RFC 9112 sections 2 to 5, read leniently and judged strictly.
//!
//! Whatever has a status line is decoded; each departure from the grammar is a [`Finding`]. Offsets count bytes from
//! the start of the input, and fields keep theirs, so that later judgements can point at the line.

use alloc::vec::Vec;

use nom::branch::alt;
use nom::bytes::streaming::{tag, take_while_m_n, take_while1};
use nom::character::streaming::char;
use nom::combinator::{map, peek};
use nom::error::Error;
use nom::{IResult, Parser as _};

use super::grammar::{Line, is_blank, is_control, is_token, trim};
use super::list::list_elements;
use crate::{Finding, Violation};

/// How large a head may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeadLimits {
    /// The most bytes, the final empty line included. Default: 64 KiB.
    pub bytes: usize,
    /// The most field lines. Default: 256.
    pub fields: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            bytes: 64 << 10,
            fields: 256,
        }
    }
}

/// What parsing a response head came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadParse {
    /// The head is complete.
    Complete(ResponseHead),
    /// What is there may be the beginning of a head.
    Partial,
    /// This is no HTTP/1 response: there is no status line.
    NotHttp {
        /// The first byte that does not fit.
        offset: u64,
    },
    /// The head does not end within [`HeadLimits`].
    TooLarge,
}

/// The head of a response: status line and fields.
///
/// ```
/// use pushspec_parser::http::{HeadLimits, HeadParse, ResponseHead};
/// use pushspec_parser::{Finding, Violation};
///
/// let input = b"HTTP/1.1 200 OK\r\nContent-Type : text/event-stream\r\n\r\ndata: 1\n\n";
/// let HeadParse::Complete(head) = ResponseHead::parse(input, HeadLimits::default()) else { panic!() };
/// assert_eq!((head.status, &input[head.len..]), (200, &b"data: 1\n\n"[..]));
/// assert_eq!(head.first("content-type"), Some(&b"text/event-stream"[..]));
/// assert_eq!(head.findings, [Finding::new(Violation::HttpBlankBeforeColon, 29)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// Major and minor version, one digit each.
    pub version: (u8, u8),
    /// The status, 000 to 999 as sent.
    pub status: u16,
    /// The reason phrase, often empty.
    pub reason: Vec<u8>,
    /// The field lines in order.
    pub fields: Vec<Field>,
    /// The bytes of the head, the final empty line included.
    pub len: usize,
    /// Every departure from the grammar, in the order of the bytes.
    pub findings: Vec<Finding>,
}

/// A field line; folded lines are one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name as sent, without blanks before the colon; empty for a line without a colon.
    pub name: Vec<u8>,
    /// The value without blanks at its ends; folded lines are joined by one space. Of a line without a colon: all.
    pub value: Vec<u8>,
    /// Where the line begins.
    pub offset: u64,
}

impl Field {
    /// Whether this is the name of the field, without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

impl ResponseHead {
    /// Reads a response head from the start of `input`. The result does not depend on what follows the head.
    pub fn parse(input: &[u8], limits: HeadLimits) -> HeadParse {
        let within = &input[..input.len().min(limits.bytes)];
        match Self::parse_within(within, limits.fields) {
            HeadParse::Partial if input.len() >= limits.bytes => HeadParse::TooLarge,
            parsed => parsed,
        }
    }

    /// The values of every field line of this name, in order; names are compared without regard to case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.lines(name).map(|field| field.value.as_slice())
    }

    /// The value of the first field line of this name.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        let field = self.fields.iter().find(|field| field.is(name))?;
        Some(&field.value)
    }

    /// The field lines of this name, in order.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> + Clone {
        self.fields.iter().filter(move |field| field.is(name))
    }

    /// The elements of a comma-separated field, over all its lines (RFC 9110 sections 5.3 and 5.6.1): trimmed, empty
    /// ones skipped, quoted strings respected.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.all(name).flat_map(list_elements)
    }

    /// Whether a comma-separated field has this element, without regard to case.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.list(name)
            .any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
    }

    fn parse_within(input: &[u8], most_fields: usize) -> HeadParse {
        let blank_lines = leading_line_ends(input);
        if &input[blank_lines..] == b"\r" {
            return HeadParse::Partial;
        }
        let (version, status) = match status_line_start(&input[blank_lines..]) {
            Ok((_, start)) => start,
            Err(nom::Err::Incomplete(_)) => return HeadParse::Partial,
            Err(nom::Err::Error(at) | nom::Err::Failure(at)) => {
                return HeadParse::NotHttp {
                    offset: (input.len() - at.input.len()) as u64,
                };
            }
        };
        let Some(line) = Line::first(&input[blank_lines..]) else {
            return HeadParse::Partial;
        };
        let mut reader = Reader {
            findings: Vec::new(),
            fields: Vec::new(),
        };
        if blank_lines > 0 {
            reader.find(Violation::HttpStatusLine, 0);
        }
        let reason = reader.status_line(&line, blank_lines);
        let mut len = blank_lines + line.len;
        loop {
            let Some(line) = Line::first(&input[len..]) else {
                return HeadParse::Partial;
            };
            if line.bytes.is_empty() {
                reader.line_end(&line, len);
                len += line.len;
                break;
            }
            if reader.fields.len() == most_fields {
                return HeadParse::TooLarge;
            }
            reader.field_line(&line, len);
            len += line.len;
        }
        let Reader {
            fields,
            mut findings,
        } = reader;
        findings.sort_by_key(|finding| finding.offset);
        HeadParse::Complete(Self {
            version,
            status,
            reason,
            fields,
            len,
            findings,
        })
    }
}

/// What a head in progress has so far.
struct Reader {
    fields: Vec<Field>,
    findings: Vec<Finding>,
}

impl Reader {
    fn find(&mut self, violation: Violation, at: usize) {
        self.findings.push(Finding::new(violation, at as u64));
    }

    /// Judges the status line beyond what [`status_line_start`] read, and returns the reason:
    /// `HTTP-version SP status-code SP [ reason-phrase ]`, RFC 9112 section 4.
    fn status_line(&mut self, line: &Line<'_>, at: usize) -> Vec<u8> {
        // "HTTP/1.1", one blank, three digits.
        const STRICT_START: usize = 12;
        let blanks = line.bytes[8..]
            .iter()
            .take_while(|&&byte| is_blank(byte))
            .count();
        if &line.bytes[8..8 + blanks] != b" " {
            self.find(Violation::HttpStatusLine, at + 8);
        }
        let rest = &line.bytes[STRICT_START - 1 + blanks..];
        let rest_at = at + line.bytes.len() - rest.len();
        // The space is not optional even where the reason is.
        let reason = match rest.split_first() {
            Some((b' ', reason)) => reason,
            Some((_, reason)) => {
                self.find(Violation::HttpStatusLine, rest_at);
                reason
            }
            None => {
                self.find(Violation::HttpStatusLine, rest_at);
                rest
            }
        };
        let reason_at = at + line.bytes.len() - reason.len();
        if let Some(control) = reason.iter().position(|&byte| is_control(byte)) {
            let bare_cr = reason[control] == b'\r';
            self.find(
                if bare_cr {
                    Violation::HttpBareCr
                } else {
                    Violation::HttpStatusLine
                },
                reason_at + control,
            );
        }
        self.line_end(line, at);
        reason.to_vec()
    }

    /// Reads one line that is not empty: `field-name ":" OWS field-value OWS`, RFC 9112 section 5.
    fn field_line(&mut self, line: &Line<'_>, at: usize) {
        let bytes = line.bytes;
        if is_blank(bytes[0]) {
            match self.fields.last_mut() {
                Some(field) => {
                    field.value.push(b' ');
                    field.value.extend_from_slice(trim(bytes));
                    self.find(Violation::HttpFoldedField, at);
                    self.controls(bytes, at);
                }
                // Section 2.2: such lines are skipped, for they belong to no field.
                None => self.find(Violation::HttpBlankBeforeFirstField, at),
            }
        } else if let Some(colon) = memchr::memchr(b':', bytes) {
            let name = &bytes[..colon];
            let blanks = name
                .iter()
                .rev()
                .take_while(|&&byte| is_blank(byte))
                .count();
            let name = &name[..colon - blanks];
            if !is_token(name) {
                self.find(Violation::HttpFieldName, at);
            }
            if blanks > 0 {
                self.find(Violation::HttpBlankBeforeColon, at + colon - blanks);
            }
            let value = &bytes[colon + 1..];
            self.controls(value, at + colon + 1);
            self.fields.push(Field {
                name: name.to_vec(),
                value: trim(value).to_vec(),
                offset: at as u64,
            });
        } else {
            self.find(Violation::HttpFieldWithoutColon, at);
            self.controls(bytes, at);
            self.fields.push(Field {
                name: Vec::new(),
                value: bytes.to_vec(),
                offset: at as u64,
            });
        }
        self.line_end(line, at);
    }

    /// Finds the first CR and the first other control byte of a value.
    fn controls(&mut self, value: &[u8], at: usize) {
        let Some(first) = value.iter().position(|&byte| is_control(byte)) else {
            return;
        };
        let mut tell = |violation, here: fn(u8) -> bool| {
            if let Some(found) = value[first..].iter().position(|&byte| here(byte)) {
                self.find(violation, at + first + found);
            }
        };
        tell(Violation::HttpBareCr, |byte| byte == b'\r');
        tell(Violation::HttpControlInValue, |byte| {
            byte != b'\r' && is_control(byte)
        });
    }

    fn line_end(&mut self, line: &Line<'_>, at: usize) {
        if line.bare_lf {
            self.find(Violation::HttpBareLf, at + line.bytes.len());
        }
    }
}

/// The bytes of empty lines before the status line. A server may not send them, but a client can skip them.
fn leading_line_ends(input: &[u8]) -> usize {
    let mut len = 0;
    loop {
        match &input[len..] {
            [b'\r', b'\n', ..] => len += 2,
            [b'\n', ..] => len += 1,
            _ => return len,
        }
    }
}

/// A result that says where the input stopped to fit.
type Read<'a, T> = IResult<&'a [u8], T, Error<&'a [u8]>>;

/// The part of a status line without which there is no response: `"HTTP/" DIGIT "." DIGIT`, blanks, three digits and
/// the end of a word.
fn status_line_start(input: &[u8]) -> Read<'_, ((u8, u8), u16)> {
    let (input, _) = tag("HTTP/").parse(input)?;
    let (input, (major, _, minor)) = (digit, char('.'), digit).parse(input)?;
    let (input, _) = take_while1(is_blank).parse(input)?;
    let (input, (a, b, c)) = (digit, digit, digit).parse(input)?;
    let (input, _) = peek(alt((char(' '), char('\t'), char('\r'), char('\n')))).parse(input)?;
    Ok((
        input,
        (
            (major, minor),
            u16::from(a) * 100 + u16::from(b) * 10 + u16::from(c),
        ),
    ))
}

fn digit(input: &[u8]) -> Read<'_, u8> {
    map(
        take_while_m_n(1, 1, |byte: u8| byte.is_ascii_digit()),
        |digit: &[u8]| digit[0] - b'0',
    )
    .parse(input)
}
