//! The head of a response, RFC 9112 sections 2 to 5, read leniently and judged strictly, without allocation.
//!
//! Whatever has a status line is decoded; each departure from the grammar is a [`Finding`].

use alloc::vec::Vec;

use memchr::memmem;
use nom::branch::alt;
use nom::bytes::streaming::{tag, take_while_m_n, take_while1};
use nom::character::streaming::char;
use nom::combinator::{map, peek};
use nom::error::Error;
use nom::{IResult, Parser as _};

use super::grammar::{Line, is_blank, is_control, is_token, tchars, text, trim};
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

/// Longer inputs are searched for an empty line first.
const LONG: usize = 1024;

/// What [`scan_head`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadScan<'a> {
    /// The head is complete.
    Complete(HeadRef<'a>),
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

/// The status line of a complete head, and what is wrong with the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRef<'a> {
    /// Major and minor version, one digit each.
    pub version: (u8, u8),
    /// The status, 000 to 999 as sent.
    pub status: u16,
    /// The reason phrase, often empty.
    pub reason: &'a [u8],
    /// The bytes of the head, the final empty line included.
    pub len: usize,
    /// Every departure from the grammar, in the order of the bytes. Does not allocate while it is empty.
    pub findings: Vec<Finding>,
}

/// A field line, or several that are folded into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRef<'a> {
    /// The name as sent, without blanks before the colon; empty for a line without a colon.
    pub name: &'a [u8],
    /// The value without blanks at its ends; of folded lines with the line ends inside. Of a line without a colon: all.
    pub value: &'a [u8],
    /// Whether the value goes over several lines.
    pub folded: bool,
    /// Where the line begins, in bytes from the start of the input.
    pub offset: u64,
}

/// Reads a response head from the start of `input` and calls `on_field` for each field, sometimes also while the head is
/// not complete. The result does not depend on what follows the head.
///
/// While it is not complete, call it again with all of it as more comes. Of a long one, only an empty line is searched
/// then: 64 KiB that come byte by byte take about a third of a second in all, and a caller who expects that looks for the
/// LF of an empty line in what is new before calling. Too many fields may be told only when the head is complete.
///
/// This is the level below [`ResponseHead`](super::ResponseHead), for those who cannot afford to allocate.
///
/// ```
/// use pushspec_parser::http::{HeadLimits, HeadScan, scan_head};
/// let input = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
/// let mut is_stream = false;
/// let scan = scan_head(input, HeadLimits::default(), |field| {
///     is_stream |= field.name.eq_ignore_ascii_case(b"content-type") && field.value == b"text/event-stream";
/// });
/// let HeadScan::Complete(head) = scan else { panic!() };
/// assert!(head.status == 200 && head.findings.is_empty() && is_stream);
/// ```
pub fn scan_head<'a>(
    input: &'a [u8],
    limits: HeadLimits,
    mut on_field: impl FnMut(FieldRef<'a>),
) -> HeadScan<'a> {
    let within = &input[..input.len().min(limits.bytes)];
    match scan_within(within, limits.fields, &mut on_field) {
        HeadScan::Partial if input.len() >= limits.bytes => HeadScan::TooLarge,
        scan => scan,
    }
}

fn scan_within<'a>(
    input: &'a [u8],
    most_fields: usize,
    on_field: &mut impl FnMut(FieldRef<'a>),
) -> HeadScan<'a> {
    let blank_lines = leading_line_ends(input);
    if &input[blank_lines..] == b"\r" {
        return HeadScan::Partial;
    }
    let (version, status) = match status_line_start(&input[blank_lines..]) {
        Ok((_, start)) => start,
        Err(nom::Err::Incomplete(_)) => return HeadScan::Partial,
        Err(nom::Err::Error(at) | nom::Err::Failure(at)) => {
            return HeadScan::NotHttp {
                offset: (input.len() - at.input.len()) as u64,
            };
        }
    };
    // A head that comes in many small pieces is asked for with each: what is long is not read before it is complete.
    if input.len() > LONG && !has_empty_line(input) {
        return HeadScan::Partial;
    }
    let Some(line) = Line::first(&input[blank_lines..]) else {
        return HeadScan::Partial;
    };
    let mut judge = Judge {
        findings: Vec::new(),
    };
    if blank_lines > 0 {
        judge.find(Violation::HttpStatusLine, 0);
    }
    let reason = judge.status_line(&line, blank_lines);
    let mut at = blank_lines + line.len;
    let mut lines = 0;
    let mut held: Option<Held<'a>> = None;
    loop {
        if let Some((name, value)) = plain_field_line(&input[at..])
            && lines < most_fields
        {
            lines += 1;
            if let Some(held) = held.take() {
                on_field(held.field(input));
            }
            let (name, start) = (&input[at..at + name], at + name + 1);
            let end = start + value;
            held = Some(Held {
                name,
                offset: at,
                start,
                end,
                folded: false,
            });
            at = end + 2;
            continue;
        }
        let Some(line) = Line::first(&input[at..]) else {
            return HeadScan::Partial;
        };
        if line.bare_lf {
            judge.find(Violation::HttpBareLf, at + line.bytes.len());
        }
        let Some(&first) = line.bytes.first() else {
            at += line.len;
            break;
        };
        if lines == most_fields {
            return HeadScan::TooLarge;
        }
        lines += 1;
        if is_blank(first) {
            match &mut held {
                Some(held) => {
                    held.folded = true;
                    held.end = at + line.bytes.len();
                    judge.find(Violation::HttpFoldedField, at);
                }
                // Section 2.2: such lines are skipped, for they belong to no field.
                None => judge.find(Violation::HttpBlankBeforeFirstField, at),
            }
            judge.controls(line.bytes, at, Violation::HttpControlInValue);
        } else {
            if let Some(held) = held.take() {
                on_field(held.field(input));
            }
            held = Some(judge.field_line(line.bytes, at));
        }
        at += line.len;
    }
    if let Some(held) = held {
        on_field(held.field(input));
    }
    let Judge { mut findings } = judge;
    findings.sort_by_key(|finding| finding.offset);
    HeadScan::Complete(HeadRef {
        version,
        status,
        reason,
        len: at,
        findings,
    })
}

/// Whether there is an empty line behind some other, where a head may end.
#[inline(never)]
fn has_empty_line(input: &[u8]) -> bool {
    memmem::find(input, b"\n\r\n").is_some() || memmem::find(input, b"\n\n").is_some()
}

/// The lengths of name and value, blanks included, if `input` begins with a sound field line.
#[inline]
fn plain_field_line(input: &[u8]) -> Option<(usize, usize)> {
    let name = tchars(input);
    if name == 0 || input.get(name) != Some(&b':') {
        return None;
    }
    let value = text(&input[name + 1..]);
    input[name + 1 + value..]
        .starts_with(b"\r\n")
        .then_some((name, value))
}

/// A field that the next line may continue.
struct Held<'a> {
    name: &'a [u8],
    offset: usize,
    /// The place of its value, blanks included.
    start: usize,
    end: usize,
    folded: bool,
}

impl<'a> Held<'a> {
    #[inline]
    fn field(&self, input: &'a [u8]) -> FieldRef<'a> {
        FieldRef {
            name: self.name,
            value: trim(&input[self.start..self.end]),
            folded: self.folded,
            offset: self.offset as u64,
        }
    }
}

/// What a head in progress has against it.
struct Judge {
    findings: Vec<Finding>,
}

impl Judge {
    #[cold]
    fn find(&mut self, violation: Violation, at: usize) {
        self.findings.push(Finding::new(violation, at as u64));
    }

    /// Judges the status line beyond what [`status_line_start`] read, and returns the reason:
    /// `HTTP-version SP status-code SP [ reason-phrase ]`, RFC 9112 section 4.
    fn status_line<'a>(&mut self, line: &Line<'a>, at: usize) -> &'a [u8] {
        const VERSION: usize = "HTTP/1.1".len();
        let behind_version = &line.bytes[VERSION..];
        let blanks = behind_version
            .iter()
            .take_while(|&&byte| is_blank(byte))
            .count();
        if &behind_version[..blanks] != b" " {
            self.find(Violation::HttpStatusLine, at + VERSION);
        }
        let behind_status = &behind_version[blanks + 3..];
        // The space is not optional even where the reason is.
        if behind_status.first() != Some(&b' ') {
            self.find(
                Violation::HttpStatusLine,
                at + line.bytes.len() - behind_status.len(),
            );
        }
        let reason = behind_status.get(1..).unwrap_or_default();
        if behind_status.iter().any(|&byte| is_control(byte)) {
            let behind_status_at = at + line.bytes.len() - behind_status.len();
            self.controls(behind_status, behind_status_at, Violation::HttpStatusLine);
        }
        if line.bare_lf {
            self.find(Violation::HttpBareLf, at + line.bytes.len());
        }
        reason
    }

    /// Reads a line that begins a field and is not quite `field-name ":" OWS field-value OWS`, RFC 9112 section 5.
    #[cold]
    fn field_line<'a>(&mut self, bytes: &'a [u8], at: usize) -> Held<'a> {
        let end = at + bytes.len();
        let Some(colon) = memchr::memchr(b':', bytes) else {
            self.find(Violation::HttpFieldWithoutColon, at);
            self.controls(bytes, at, Violation::HttpControlInValue);
            return Held {
                name: &[],
                offset: at,
                start: at,
                end,
                folded: false,
            };
        };
        let name = &bytes[..colon];
        let blanks = name
            .iter()
            .rev()
            .take_while(|&&byte| is_blank(byte))
            .count();
        let name = &name[..colon - blanks];
        if !is_token(name) {
            self.find(Violation::HttpFieldName, at);
            memchr::memchr_iter(b'\r', name)
                .for_each(|cr| self.find(Violation::HttpBareCr, at + cr));
        }
        if blanks > 0 {
            self.find(Violation::HttpBlankBeforeColon, at + colon - blanks);
        }
        self.controls(
            &bytes[colon + 1..],
            at + colon + 1,
            Violation::HttpControlInValue,
        );
        Held {
            name,
            offset: at,
            start: at + colon + 1,
            end,
            folded: false,
        }
    }

    /// Finds every CR, and every other control byte, which is a `violation`.
    #[cold]
    fn controls(&mut self, bytes: &[u8], at: usize, violation: Violation) {
        for (place, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\r' => self.find(Violation::HttpBareCr, at + place),
                _ if is_control(byte) => self.find(violation, at + place),
                _ => {}
            }
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
