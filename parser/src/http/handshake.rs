//! The answer to an opening handshake, RFC 6455 sections 4.1 (what a client validates) and 4.2.2 (what a server sends).

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::framing::{BodyFraming, RequestFacts};
use super::grammar::is_token;
use super::head::{Field, ResponseHead};
use super::list::{Extension, list_elements};
use crate::{Finding, Violation};

/// What the request offered.
///
/// ```
/// use pushspec_parser::http::Offer;
/// let offer = Offer { protocols: &["chat"], ..Offer::new("dGhlIHNhbXBsZSBub25jZQ==") };
/// assert!(offer.extensions.is_empty());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    /// The value of `Sec-WebSocket-Key`, without blanks at its ends.
    pub key: &'a str,
    /// The subprotocols, each by itself.
    pub protocols: &'a [&'a str],
    /// The names of the extensions, without parameters.
    pub extensions: &'a [&'a str],
}

impl<'a> Offer<'a> {
    /// A key, and nothing else.
    pub const fn new(key: &'a str) -> Self {
        Self {
            key,
            protocols: &[],
            extensions: &[],
        }
    }
}

/// The value of `Sec-WebSocket-Accept` that answers `key`, the text of `Sec-WebSocket-Key` as sent (section 4.2.2
/// item 5.4): 28 characters.
///
/// ```
/// use pushspec_parser::http::accept_value;
/// assert_eq!(accept_value(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
pub fn accept_value(key: &[u8]) -> String {
    let hash = Sha1::new()
        .chain_update(key)
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .finalize();
    STANDARD.encode(hash)
}

/// Judges a response as the acceptance of an opening handshake: everything that is wrong with it, in the order of
/// the offsets. A finding points at the field line it is about, or at the status line (0) for what is missing.
///
/// The findings of the head itself ([`ResponseHead::findings`]) are not repeated. A status other than 101 is one
/// finding and ends the judgement: a refusal is an ordinary response.
///
/// Of extensions, grammar and names are judged. What the parameters of permessage-deflate agree on, and whether they
/// may, is told by `ws::deflate::DeflateAnswer`, of the feature `deflate`.
///
/// ```
/// use pushspec_parser::http::{HeadLimits, HeadParse, Offer, ResponseHead, judge_upgrade};
/// use pushspec_parser::{Finding, Violation};
///
/// let input = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
///     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n";
/// let HeadParse::Complete(head) = ResponseHead::parse(input, HeadLimits::default()) else { panic!() };
/// let findings = judge_upgrade(&head, &Offer::new("dGhlIHNhbXBsZSBub25jZQ=="));
/// assert_eq!(findings, [Finding::new(Violation::SubprotocolUnrequested, 127)]);
/// ```
pub fn judge_upgrade(head: &ResponseHead, offer: &Offer<'_>) -> Vec<Finding> {
    if head.status != 101 {
        return Vec::from([Finding::new(Violation::UpgradeStatus, 0)]);
    }
    let (_, mut findings) = BodyFraming::of(head, RequestFacts::GET);
    if head.version != (1, 1) {
        findings.push(Finding::new(Violation::UpgradeVersion, 0));
    }
    // The value is the one word, in any case; a list is not (section 4.1 item 2, section 4.2.2 item 5.2), nor are two
    // lines, which mean the same as a list (RFC 9110 section 5.3).
    let is_websocket = |field: &Field| field.value.eq_ignore_ascii_case(b"websocket");
    let mut lines = head.lines("upgrade").enumerate();
    match lines.find(|(at, field)| *at > 0 || !is_websocket(field)) {
        Some((_, field)) => findings.push(Finding::new(Violation::UpgradeField, field.offset)),
        None if head.first("upgrade").is_none() => {
            findings.push(Finding::new(Violation::UpgradeField, 0))
        }
        None => {}
    }
    if !head.has_token("connection", "upgrade") {
        let offset = head
            .lines("connection")
            .next()
            .map_or(0, |field| field.offset);
        findings.push(Finding::new(Violation::UpgradeConnection, offset));
    }
    judge_accept(head, offer, &mut findings);
    judge_protocol(head, offer, &mut findings);
    judge_extensions(head, offer, &mut findings);
    findings.sort_by_key(|finding| finding.offset);
    findings
}

/// Section 4.2.2 item 5.4, and section 11.3.3: exactly one field, exactly the value.
fn judge_accept(head: &ResponseHead, offer: &Offer<'_>, findings: &mut Vec<Finding>) {
    let mut fields = head.lines("sec-websocket-accept");
    match fields.next() {
        None => findings.push(Finding::new(Violation::AcceptMissing, 0)),
        Some(field) if field.value != accept_value(offer.key.as_bytes()).as_bytes() => {
            findings.push(Finding::new(Violation::AcceptWrong, field.offset));
        }
        Some(_) => {}
    }
    repeated(fields.next(), Violation::AcceptRepeated, findings);
}

/// Section 4.2.2 item 5.5, and section 11.3.4: at most one field, one token, byte for byte from the offer.
fn judge_protocol(head: &ResponseHead, offer: &Offer<'_>, findings: &mut Vec<Finding>) {
    let mut fields = head.lines("sec-websocket-protocol");
    if let Some(field) = fields.next() {
        let offered = offer
            .protocols
            .iter()
            .any(|protocol| protocol.as_bytes() == field.value);
        let mut tell = |violation| findings.push(Finding::new(violation, field.offset));
        if offer.protocols.is_empty() {
            tell(Violation::SubprotocolUnrequested);
        }
        if field.value.is_empty() {
            tell(Violation::SubprotocolEmpty);
        } else if !is_token(&field.value) {
            tell(Violation::SubprotocolNotOneToken);
        } else if !offered && !offer.protocols.is_empty() {
            tell(Violation::SubprotocolNotOffered);
        }
    }
    repeated(fields.next(), Violation::SubprotocolRepeated, findings);
}

/// Section 4.2.2 item 5.6, sections 9.1 and 11.3.2: only names from the offer, in the grammar, never an empty value.
fn judge_extensions(head: &ResponseHead, offer: &Offer<'_>, findings: &mut Vec<Finding>) {
    for field in head.lines("sec-websocket-extensions") {
        let mut tell = |violation| findings.push(Finding::new(violation, field.offset));
        if list_elements(&field.value).next().is_none() {
            tell(Violation::ExtensionsEmpty);
        }
        let (mut malformed, mut foreign) = (false, false);
        for element in list_elements(&field.value) {
            match Extension::parse(element) {
                None => malformed = true,
                Some(extension) => {
                    foreign |= !offer
                        .extensions
                        .iter()
                        .any(|name| name.as_bytes() == extension.name);
                }
            }
        }
        if malformed {
            tell(Violation::ExtensionsMalformed);
        }
        if foreign {
            tell(Violation::ExtensionNotOffered);
        }
    }
    repeated(
        head.lines("sec-websocket-extensions").nth(1),
        Violation::ExtensionsRepeated,
        findings,
    );
}

fn repeated(second: Option<&Field>, violation: Violation, findings: &mut Vec<Finding>) {
    findings.extend(second.map(|field| Finding::new(violation, field.offset)));
}
