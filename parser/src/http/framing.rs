//! How long the body of a response is, RFC 9112 section 6.3, and what its head says wrongly about that.

use alloc::vec::Vec;

use nom::branch::alt;
use nom::character::complete::char;
use nom::combinator::all_consuming;
use nom::multi::many0_count;
use nom::{IResult, Parser as _};

use super::grammar::{blanks, quoted_string, token};
use super::head::{Field, ResponseHead};
use super::list::list_elements;
use crate::{Finding, Violation};

/// What the length of a response's body depends on in its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestFacts {
    /// Whether the method was HEAD.
    pub head: bool,
    /// The version of the request, major and minor.
    pub version: (u8, u8),
}

impl RequestFacts {
    /// A GET (or anything but HEAD and CONNECT) of HTTP/1.1.
    pub const GET: Self = Self {
        head: false,
        version: (1, 1),
    };
    /// A HEAD of HTTP/1.1.
    pub const HEAD: Self = Self {
        head: true,
        version: (1, 1),
    };
    /// A GET of HTTP/1.0.
    pub const GET_1_0: Self = Self {
        head: false,
        version: (1, 0),
    };
}

/// How the end of a response's body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyFraming {
    /// There is none: 1xx, 204, 304, and every answer to HEAD.
    None,
    /// The chunked coding is the last transfer coding, with or without parameters, which it should not have.
    Chunked,
    /// So many bytes.
    Length(u64),
    /// Until the connection closes; also where Content-Length cannot be believed.
    UntilClose,
}

impl BodyFraming {
    /// How the body of this response is framed, and every rule its framing fields break. The offset of a finding is
    /// that of its field line.
    ///
    /// ```
    /// use pushspec_parser::http::{BodyFraming, HeadLimits, HeadParse, RequestFacts, ResponseHead};
    /// let input = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    /// let HeadParse::Complete(head) = ResponseHead::parse(input, HeadLimits::default()) else { panic!() };
    /// assert_eq!(BodyFraming::of(&head, RequestFacts::GET), (BodyFraming::Chunked, vec![]));
    /// assert_eq!(BodyFraming::of(&head, RequestFacts::HEAD).0, BodyFraming::None);
    /// ```
    pub fn of(head: &ResponseHead, request: RequestFacts) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let length = content_length(head, &mut findings);
        let coding = head.lines("transfer-encoding").next();
        let length_line = head.lines("content-length").next();
        let contentless = head.status / 100 == 1 || head.status == 204;
        if let Some(line) = coding {
            // Section 6.1.
            if contentless {
                findings.push(Finding::new(
                    Violation::HttpCodingWithoutContent,
                    line.offset,
                ));
            }
            if request.version < (1, 1) {
                findings.push(Finding::new(Violation::HttpCodingToHttp10, line.offset));
            }
            // By this version nobody knows chunks: whoever receives them has to doubt the framing.
            if head.version < (1, 1) {
                findings.push(Finding::new(Violation::HttpCodingInHttp10, line.offset));
            }
            if let Some(line) = chunked_again(head) {
                findings.push(Finding::new(Violation::HttpChunkedTwice, line.offset));
            }
            for line in head.lines("transfer-encoding") {
                findings.extend(codings(line));
            }
            // Section 6.2.
            if length_line.is_some() {
                findings.push(Finding::new(Violation::HttpLengthAndCoding, line.offset));
            }
        }
        if let (Some(line), true) = (length_line, contentless) {
            // RFC 9110 section 8.6.
            findings.push(Finding::new(
                Violation::HttpLengthWithoutContent,
                line.offset,
            ));
        }
        findings.sort_by_key(|finding| finding.offset);
        let last_coding = head.list("transfer-encoding").last();
        let framing = match (last_coding, length) {
            _ if contentless || head.status == 304 || request.head => Self::None,
            (Some(last), _) if is_chunked(last) => Self::Chunked,
            (None, Some(length)) if coding.is_none() => Self::Length(length),
            _ => Self::UntilClose,
        };
        (framing, findings)
    }
}

fn is_chunked(coding: &[u8]) -> bool {
    transfer_coding(coding).is_some_and(|(name, _)| name.eq_ignore_ascii_case(b"chunked"))
}

/// What is wrong with the codings of one line by themselves.
fn codings(line: &Field) -> impl Iterator<Item = Finding> {
    let (mut malformed, mut parameters) = (false, false);
    for element in list_elements(&line.value) {
        match transfer_coding(element) {
            None => malformed = true,
            // Section 7.1.
            Some((_, count)) => parameters |= count > 0 && is_chunked(element),
        }
    }
    [
        (malformed, Violation::HttpTransferCoding),
        (parameters, Violation::HttpChunkedParameters),
    ]
    .into_iter()
    .filter_map(|(found, violation)| found.then_some(Finding::new(violation, line.offset)))
}

/// The name of a coding and the number of its parameters. `None` if this is not
/// `token *( OWS ";" OWS token BWS "=" BWS ( token / quoted-string ) )`, section 7.
fn transfer_coding(element: &[u8]) -> Option<(&[u8], usize)> {
    let parsed: IResult<_, _, ()> = all_consuming((
        token,
        many0_count((
            (blanks, char(';'), blanks),
            token,
            (blanks, char('='), blanks),
            alt((token, quoted_string)),
        )),
    ))
    .parse(element);
    parsed.ok().map(|(_, coding)| coding)
}

/// The line on which the chunked coding is listed for the second time.
fn chunked_again(head: &ResponseHead) -> Option<&Field> {
    let lines = head.lines("transfer-encoding");
    lines
        .flat_map(|line| list_elements(&line.value).map(move |coding| (line, coding)))
        .filter(|(_, coding)| is_chunked(coding))
        .nth(1)
        .map(|(line, _)| line)
}

/// The one length that all Content-Length lines state; lists and repetitions of one number are understood
/// (RFC 9110 section 8.6), but not sound.
fn content_length(head: &ResponseHead, findings: &mut Vec<Finding>) -> Option<u64> {
    let mut length = None;
    let mut believed = true;
    for (index, line) in head.lines("content-length").enumerate() {
        let mut elements = list_elements(&line.value);
        let first = elements.next();
        let single = index == 0
            && elements.next().is_none()
            && first.is_some_and(|first| first == line.value);
        let mut sound = single;
        let mut differs = false;
        for element in list_elements(&line.value) {
            match (decimal(element), length) {
                (None, _) => (sound, believed) = (false, false),
                (Some(this), None) => length = Some(this),
                (Some(this), Some(other)) => differs |= this != other,
            }
        }
        believed &= first.is_some() && !differs;
        if differs {
            findings.push(Finding::new(
                Violation::HttpContentLengthsDiffer,
                line.offset,
            ));
        } else if !sound {
            findings.push(Finding::new(Violation::HttpContentLength, line.offset));
        }
    }
    length.filter(|_| believed)
}

/// `1*DIGIT` of at most 64 bits.
fn decimal(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    core::str::from_utf8(text)
        .ok()
        .filter(|_| digits)?
        .parse()
        .ok()
}
