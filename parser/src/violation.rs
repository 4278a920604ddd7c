//! Every way in which bytes on the wire can break a document.
//!
//! One variant per broken rule, one row per variant. The list is closed: a new variant is a breaking change
//! that every `match` must meet. What merely *may* be wrong (limits, oddities, truncation) is a fact of the
//! parser that sees it, not a violation.

use core::fmt;

/// Declares the enum, [`Violation::ALL`], the requirement and the summary from one table.
macro_rules! violations {
    ($($variant:ident, $requirement:literal, $summary:literal;)*) => {
        /// One rule that received bytes broke.
        ///
        /// ```
        /// use pushspec_parser::Violation;
        /// assert_eq!(Violation::MaskedByServer.requirement(), "rfc6455/5.1/server-must-not-mask");
        /// assert_eq!(Violation::MaskedByServer.to_string(), "a frame from a server is masked");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub enum Violation {
            $(
                #[doc = concat!("`", $requirement, "`: ", $summary, ".")]
                $variant,
            )*
        }

        impl Violation {
            /// Every violation, in the order of declaration.
            pub const ALL: &'static [Violation] = &[$(Violation::$variant,)*];

            /// The id of the requirement that is broken, as in the requirement catalogue.
            pub const fn requirement(self) -> &'static str {
                match self {
                    $(Violation::$variant => $requirement,)*
                }
            }

            /// What is wrong, in one line without a full stop.
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Violation::$variant => $summary,)*
                }
            }
        }
    };
}

violations! {
    // WebSocket: one frame header, RFC 6455 section 5.
    MaskedByServer, "rfc6455/5.1/server-must-not-mask", "a frame from a server is masked";
    UnmaskedByClient, "rfc6455/5.1/client-must-mask", "a frame from a client is not masked";
    ReservedBits, "rfc6455/5.2/rsv-zero-on-send", "a reserved bit is set that no extension gave a meaning";
    Rsv1OnControl, "rfc7692/6.1/rsv1-not-on-control", "a control frame is marked as compressed";
    Rsv1OnContinuation, "rfc7692/6.1/rsv1-not-on-continuation", "a continuation frame is marked as compressed";
    ReservedOpcode, "rfc6455/5.2/no-reserved-opcode-sent", "the opcode is reserved";
    LengthNotMinimal, "rfc6455/5.2/length-minimal-on-send", "the length is not in its shortest form";
    LengthTopBit, "rfc6455/5.2/length-msb-zero", "the top bit of the 64-bit length is set";
    ControlTooLong, "rfc6455/5.5/control-length-125", "a control frame has more than 125 bytes of payload";
    ControlFragmented, "rfc6455/5.4/control-not-fragmented", "a control frame is fragmented";

    // WebSocket: the sequence of frames.
    ContinuationWithoutStart, "rfc6455/5.4/fragmented-form", "a continuation frame continues nothing";
    DataInsideMessage, "rfc6455/5.4/no-interleaved-messages", "a new message begins inside an unfinished one";
    TextNotUtf8, "rfc6455/5.6/text-utf8-whole-message", "a text message is not UTF-8";
    DataAfterClose, "rfc6455/5.5.1/no-data-after-close", "a data frame follows the sender's own Close";
    SecondClose, "rfc6455/5.5.1/one-close-only", "a second Close is sent";

    // WebSocket: the body of a Close frame.
    CloseBodyOneByte, "rfc6455/5.5.1/close-body-starts-with-code", "the Close body is one byte long, too short for a code";
    CloseReasonNotUtf8, "rfc6455/5.5.1/close-reason-utf8", "the Close reason is not UTF-8";
    CloseCodeUnused, "rfc6455/7.4.2/0-999-unused", "the close code is below 1000";
    CloseCode1004, "rfc6455/7.4.1/1004-reserved", "the close code is 1004, which is reserved";
    CloseCode1005, "rfc6455/7.4.1/1005-not-on-wire", "the close code is 1005, which is never sent";
    CloseCode1006, "rfc6455/7.4.1/1006-not-on-wire", "the close code is 1006, which is never sent";
    CloseCode1010ByServer, "rfc6455/7.4.1/1010-client-only", "a server sends close code 1010, which is for clients";
    CloseCode1015, "rfc6455/7.4.1/1015-not-on-wire", "the close code is 1015, which is never sent";
    CloseCodeReserved, "rfc6455/7.4.2/1000-2999-reserved", "the close code is reserved and not assigned";

    // HTTP/1.1: the head of a response.
    HttpStatusLine, "rfc6455/4.2.2/response-valid-http", "the status line does not have the form of RFC 9112";
    HttpBareLf, "rfc6455/4.2.2/response-valid-http", "a line of the head ends in LF without CR";
    HttpBareCr, "rfc9112/2.2/bare-cr", "a line of the head contains a CR without LF";
    HttpBlankBeforeFirstField, "rfc9112/2.2/whitespace-before-first-field", "blanks stand between the status line and the first field";
    HttpFieldName, "rfc6455/4.2.2/response-valid-http", "a field name is not a token";
    HttpFieldWithoutColon, "rfc6455/4.2.2/response-valid-http", "a field line has no colon";
    HttpBlankBeforeColon, "rfc9112/5.1/space-before-colon-400", "blanks stand between a field name and its colon";
    HttpFoldedField, "rfc9112/5.2/obs-fold", "a field value is folded over several lines";
    HttpControlInValue, "rfc9110/5.5/ctl-in-value", "a field value contains a control byte";

    // HTTP/1.1: the length of a body.
    HttpContentLength, "rfc6455/4.2.2/response-valid-http", "Content-Length is not one decimal number";
    HttpContentLengthsDiffer, "rfc6455/4.2.2/response-valid-http", "several Content-Length values differ";
    HttpLengthAndCoding, "rfc9112/6.2/cl-and-te-together", "Content-Length and Transfer-Encoding are sent together";
    HttpLengthWithoutContent, "rfc9110/8.6/no-content-length-1xx-204", "Content-Length is sent with a status that has no content";
    HttpCodingWithoutContent, "rfc9112/6.1/no-te-in-101-204", "Transfer-Encoding is sent with a status that has no content";
    HttpCodingToHttp10, "rfc9112/6.1/no-te-to-http10", "Transfer-Encoding answers an HTTP/1.0 request";
    HttpCodingInHttp10, "rfc9112/6.1/te-in-http10-message", "a response of HTTP/1.0 has Transfer-Encoding";
    HttpChunkedTwice, "rfc9112/6.1/chunked-once", "Transfer-Encoding lists the chunked coding more than once";
    HttpTransferCoding, "rfc9112/7/transfer-coding-grammar", "a transfer coding does not follow its grammar";
    HttpChunkedParameters, "rfc9112/7.1/chunked-no-parameters", "the chunked coding has parameters, of which it defines none";

    // HTTP/1.1: a chunked body.
    ChunkSize, "rfc9112/7.1/chunk-grammar", "a chunk size is not a hexadecimal number of at most 64 bits";
    ChunkExtension, "rfc9112/7.1/chunk-grammar", "a chunk extension is malformed";
    ChunkLineEnd, "rfc9112/7.1/chunk-grammar", "a line of the chunked body does not end in CRLF";
    ChunkDataEnd, "rfc9112/7.1/chunk-grammar", "chunk data is not followed by CRLF";
    ChunkTrailer, "rfc9112/7.1/chunk-grammar", "a trailer line is malformed";
    ChunkedEnd, "rfc9112/7.1/chunk-grammar", "a chunked body ends without the empty line behind its last chunk";
    ChunkedIncomplete, "rfc9112/8/incomplete-chunked", "a chunked body ends without its last chunk";

    // The opening handshake's answer, RFC 6455 sections 4.2.2 and 11.3.
    UpgradeStatus, "rfc6455/4.2.2/response-101", "the status is not 101";
    UpgradeVersion, "rfc6455/4.2.2/response-valid-http", "the 101 is not an HTTP/1.1 response";
    UpgradeField, "rfc6455/4.2.2/response-upgrade", "Upgrade does not say websocket";
    UpgradeConnection, "rfc6455/4.2.2/response-connection", "Connection does not list Upgrade";
    AcceptMissing, "rfc6455/4.2.2/response-accept-hash", "Sec-WebSocket-Accept is missing";
    AcceptWrong, "rfc6455/4.2.2/response-accept-hash", "Sec-WebSocket-Accept does not match the key";
    AcceptRepeated, "rfc6455/11.3.3/accept-once", "Sec-WebSocket-Accept is sent more than once";
    SubprotocolUnrequested, "rfc6455/4.2.2/subprotocol-none-without-offer", "a subprotocol is selected although none was offered";
    SubprotocolNotOffered, "rfc6455/4.2.2/subprotocol-from-offer", "the selected subprotocol was not offered";
    SubprotocolEmpty, "rfc6455/4.2.2/subprotocol-not-empty", "the selected subprotocol is empty";
    SubprotocolNotOneToken, "rfc6455/4.2.2/subprotocol-single-token", "the selected subprotocol is not one token";
    SubprotocolRepeated, "rfc6455/11.3.4/protocol-once-in-response", "Sec-WebSocket-Protocol is sent more than once";
    ExtensionNotOffered, "rfc6455/4.2.2/extensions-subset", "an extension is accepted that was not offered";
    ExtensionsEmpty, "rfc6455/4.2.2/extensions-not-empty", "Sec-WebSocket-Extensions is empty";
    ExtensionsMalformed, "rfc6455/9.1/malformed-header-fails", "Sec-WebSocket-Extensions does not follow its grammar";
    ExtensionsRepeated, "rfc6455/11.3.2/extensions-once-in-response", "Sec-WebSocket-Extensions is sent more than once";

    // Server-Sent Events: what breaks the grammar, WHATWG HTML 9.2.5.
    SseInvalidUtf8, "sse/9.2.5/utf8", "the stream contains bytes that are not UTF-8";
    SseEndLosesEvent, "sse/9.2.5/event-ends-with-blank-line", "the stream ends inside an event, which is lost";
    SseEndWithoutBlankLine, "sse/9.2.5/event-ends-with-blank-line", "the stream ends without a blank line, which loses no event";

    // Server-Sent Events: what the grammar allows but clients drop, WHATWG HTML 9.2.6.
    SseBomInside, "sse/9.2.5/bom-only-first", "a BOM that does not open the stream spoils a line";
    SseFieldUnknown, "sse/9.2.6/unknown-fields-ignored", "a field has an unknown name and is ignored";
    SseFieldCase, "sse/9.2.6/names-case-sensitive", "a field name is not in lower case and is ignored";
    SseFieldPadded, "sse/9.2.5/field-form", "blanks around a field name make it unknown";
    SseEventRepeated, "sse/9.2.6/event-sets-type", "a second event field replaces the first";
    SseIdRepeated, "sse/9.2.6/id-sets", "a second id field replaces the first";
    SseIdWithNul, "sse/9.2.6/id-with-nul-ignored", "an id contains NUL and is ignored";
    SseRetryNotDigits, "sse/9.2.6/retry-digits", "a retry value is not all digits and is ignored";
    SseEventWithoutData, "sse/9.2.6/empty-data-no-event", "a block has an event type but no data, so that nothing fires";
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.summary())
    }
}

/// A violation, and where it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Finding {
    /// The broken rule.
    pub violation: Violation,
    /// Bytes from the start of what was fed to the parser that found it.
    pub offset: u64,
}

impl Finding {
    /// A finding of `violation` at `offset` bytes.
    pub const fn new(violation: Violation, offset: u64) -> Self {
        Self { violation, offset }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at byte {}", self.violation, self.offset)
    }
}
