//! What a target answered on one HTTP/1.1 connection: responses in order, each with the time and place of every piece
//! of its body. Made from a transcript alone.

use crate::listening::View;
use crate::transcript::{Connection, End};
use pushspec_parser::Finding;
use pushspec_parser::http::{
    BodyDecoder, BodyEnd, BodyEvent, BodyFraming, ChunkLimits, HeadLimits, HeadParse, RequestFacts,
    ResponseHead,
};
use std::time::Duration;

/// Content that came at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// When it came.
    pub at: Duration,
    /// Where it begins on the connection.
    pub offset: u64,
    /// The content, chunk framing taken off.
    pub bytes: Vec<u8>,
}

/// One response.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Interim responses before it.
    pub interim: Vec<ResponseHead>,
    /// Its head.
    pub head: ResponseHead,
    /// When the last byte of the head came.
    pub at: Duration,
    /// Where the head begins on the connection.
    pub offset: u64,
    /// How its body is delimited.
    pub framing: BodyFraming,
    /// What is wrong with head and framing; offsets on the connection.
    pub findings: Vec<Finding>,
    /// Its content.
    pub pieces: Vec<Piece>,
    /// Whether the body is complete by its own framing.
    pub complete: bool,
    body_offset: u64,
    decoder: BodyDecoder,
}

impl Reply {
    /// All content.
    pub fn content(&self) -> Vec<u8> {
        self.pieces
            .iter()
            .map(|piece| piece.bytes.as_slice())
            .collect::<Vec<_>>()
            .concat()
    }

    /// What it would mean if the connection ended here.
    pub fn body_end(&self) -> BodyEnd {
        self.decoder.finish()
    }

    /// Where a byte of the content lies on the connection.
    pub fn offset_of(&self, content_offset: u64) -> u64 {
        let mut before = 0;
        for piece in &self.pieces {
            let len = piece.bytes.len() as u64;
            if content_offset < before + len {
                return piece.offset + (content_offset - before);
            }
            before += len;
        }
        self.pieces.last().map_or(self.body_offset, |last| {
            last.offset + last.bytes.len() as u64
        })
    }

    /// When a byte of the content came; for one behind its end, when the last came.
    pub fn time_of(&self, content_offset: u64) -> Duration {
        let mut before = 0;
        let piece = self.pieces.iter().find(|piece| {
            before += piece.bytes.len() as u64;
            content_offset < before
        });
        piece
            .or(self.pieces.last())
            .map_or(self.at, |piece| piece.at)
    }

    /// The essence of the media type, in lower case: `Content-Type` without parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.head.first("content-type")?;
        let essence = value
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        Some(String::from_utf8_lossy(essence).to_ascii_lowercase())
    }

    /// Whether this is what an EventSource takes for a stream: status 200 and `text/event-stream`.
    pub fn is_event_stream(&self) -> bool {
        self.head.status == 200 && self.media_type().as_deref() == Some("text/event-stream")
    }
}

/// What stands behind the last response that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// Perhaps the beginning of a response, perhaps nothing.
    Bytes(Vec<u8>),
    /// Bytes that are no HTTP, from this place on the connection.
    NotHttp {
        /// Where.
        offset: u64,
    },
    /// A head beyond all bounds.
    TooLarge,
}

/// All that a target answered on one connection.
#[derive(Debug, Clone)]
pub struct Replies {
    /// Final responses in order.
    pub replies: Vec<Reply>,
    /// What stands behind them.
    pub rest: Rest,
    /// How and when the target's side ended.
    pub end: Option<(Duration, End)>,
    /// Whether more came than the case reads.
    pub full: bool,
    interim: Vec<ResponseHead>,
    requests: Vec<RequestFacts>,
    offset: u64,
}

impl View for Replies {
    fn receive(&mut self, at: Duration, bytes: &[u8]) {
        let Rest::Bytes(pending) = &mut self.rest else {
            return;
        };
        pending.extend(bytes);
        while self.read_body(at) && self.read_head(at) {}
    }

    fn end(&mut self, at: Duration, end: &End) {
        self.end = Some((at, end.clone()));
    }

    fn stop(&mut self) {
        self.full = true;
    }
}

impl Replies {
    /// Nothing was heard yet. `requests` says what each request was, in order; a request beyond them was a plain GET.
    pub fn to(requests: &[RequestFacts]) -> Self {
        Self {
            replies: Vec::new(),
            rest: Rest::Bytes(Vec::new()),
            end: None,
            full: false,
            interim: Vec::new(),
            requests: requests.to_vec(),
            offset: 0,
        }
    }

    /// What the target answered to these requests on this connection.
    pub fn of(connection: &Connection, requests: &[RequestFacts]) -> Self {
        let mut replies = Self::to(requests);
        for event in &connection.events {
            replies.observe(event);
        }
        replies
    }

    /// The first final response.
    pub fn first(&self) -> Option<&Reply> {
        self.replies.first()
    }

    /// Interim responses behind the last final one.
    pub fn interim(&self) -> &[ResponseHead] {
        &self.interim
    }

    /// Reads into the body of the last response; whether it is complete, so that another may begin.
    fn read_body(&mut self, at: Duration) -> bool {
        let Rest::Bytes(pending) = &mut self.rest else {
            return false;
        };
        let Some(reply) = self.replies.last_mut().filter(|reply| !reply.complete) else {
            return true;
        };
        let (start, findings, pieces) = (reply.body_offset, &mut reply.findings, &mut reply.pieces);
        let taken = reply.decoder.feed(pending, |event| match event {
            BodyEvent::Data { bytes, offset } => {
                pieces.push(Piece {
                    at,
                    offset: start + offset,
                    bytes: bytes.to_vec(),
                });
            }
            BodyEvent::Violation(finding) => {
                findings.push(Finding::new(finding.violation, start + finding.offset));
            }
            BodyEvent::Chunk { .. }
            | BodyEvent::LastChunk { .. }
            | BodyEvent::Trailer { .. }
            | BodyEvent::End { .. }
            | BodyEvent::LimitReached { .. }
            | BodyEvent::Lost { .. } => {}
        });
        pending.drain(..taken);
        self.offset += taken as u64;
        reply.complete = reply.decoder.is_done();
        reply.complete
    }

    /// Reads one head; whether there was one, so that its body may be read.
    fn read_head(&mut self, at: Duration) -> bool {
        let Rest::Bytes(pending) = &mut self.rest else {
            return false;
        };
        if pending.is_empty() {
            return false;
        }
        let head = match ResponseHead::parse(pending, HeadLimits::default()) {
            HeadParse::Partial => return false,
            HeadParse::NotHttp { offset } => {
                self.rest = Rest::NotHttp {
                    offset: self.offset + offset,
                };
                return false;
            }
            HeadParse::TooLarge => {
                self.rest = Rest::TooLarge;
                return false;
            }
            HeadParse::Complete(head) => head,
        };
        pending.drain(..head.len);
        let offset = self.offset;
        self.offset += head.len as u64;
        if (100..200).contains(&head.status) && head.status != 101 {
            self.interim.push(head);
            return true;
        }
        let request = self
            .requests
            .get(self.replies.len())
            .copied()
            .unwrap_or(RequestFacts::GET);
        // Behind a 101 another protocol is spoken: whatever comes is its bytes.
        let (framing, framing_findings) = match head.status {
            101 => (BodyFraming::UntilClose, Vec::new()),
            _ => BodyFraming::of(&head, request),
        };
        let findings = head.findings.iter().chain(&framing_findings);
        let findings = findings
            .map(|finding| Finding::new(finding.violation, offset + finding.offset))
            .collect();
        let decoder = BodyDecoder::new(framing, ChunkLimits::default());
        let complete = decoder.is_done();
        let interim = std::mem::take(&mut self.interim);
        self.replies.push(Reply {
            interim,
            head,
            at,
            offset,
            framing,
            findings,
            pieces: Vec::new(),
            complete,
            body_offset: self.offset,
            decoder,
        });
        true
    }
}
