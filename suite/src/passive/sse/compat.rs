//! Forms that the documents allow and that broke clients in the field: recorded, and never held against a server. Who broke
//! is data of `spec`; reports tell it.

use super::Overheard;
use super::notes::line_at;
use crate::http::Reply;
use crate::judgement::Spot;
use crate::passive::{Check, Inspect, Inspected, Sighting};
use pushspec_parser::sse::{Decoder, Fact, FieldName, Limits, LineEnd};
use pushspec_reports::{Severity, Verdict, printable};

/// A form of which clients are known that broke over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    NoSpace,
    LineEnds,
    EmptyBlocks,
    UnicodeBreaks,
    SeveralDataLines,
    CutCharacters,
    EdgeSpaces,
    ContentType,
    WordIds,
    Bom,
}

/// A form in a stream, at its first place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    form: Form,
    /// The line in which it is, fit to be shown.
    line: String,
    /// Where it is on the connection.
    offset: u64,
    /// How often it was seen behind that.
    more: usize,
}

/// What ends a line elsewhere, and none here: U+2028, U+2029, U+0085, VT, FF.
const BREAKS: [&[u8]; 5] = [
    "\u{2028}".as_bytes(),
    "\u{2029}".as_bytes(),
    "\u{85}".as_bytes(),
    b"\x0b",
    b"\x0c",
];

/// The forms in a stream, each once.
pub(super) fn of(reply: &Reply, content: &[u8]) -> Vec<Seen> {
    let mut reader = Reader {
        reply,
        content,
        seen: Vec::new(),
        comment: None,
        fields: false,
    };
    reader.content_type();
    reader.cut_characters();
    let mut decoder = Decoder::new(Limits::default());
    decoder.feed(content, |fact| reader.see(&fact));
    reader.seen
}

struct Reader<'a> {
    reply: &'a Reply,
    content: &'a [u8],
    seen: Vec<Seen>,
    /// Where the first comment of this block is.
    comment: Option<u64>,
    /// Whether this block has a field.
    fields: bool,
}

impl Reader<'_> {
    fn see(&mut self, fact: &Fact<'_>) {
        match fact {
            Fact::Bom => self.at(Form::Bom, 0),
            Fact::Comment { offset, .. } => {
                self.comment.get_or_insert(*offset);
            }
            Fact::Field(field) => {
                self.fields = true;
                let named = !matches!(field.name, FieldName::Unknown(_));
                if named && field.colon && !field.space && !field.value.is_empty() {
                    self.at(Form::NoSpace, field.offset);
                }
                match field.name {
                    FieldName::Data => self.data(field.offset, field.value),
                    FieldName::Id if !field.value.iter().all(u8::is_ascii_digit) => {
                        self.at(Form::WordIds, field.offset);
                    }
                    FieldName::Id | FieldName::Event | FieldName::Retry | FieldName::Unknown(_) => {
                    }
                }
            }
            Fact::Dispatch(event) => {
                if event.data.is_empty() {
                    self.at(Form::EmptyBlocks, event.begin);
                }
                if event.data.contains(&b'\n') {
                    self.at(Form::SeveralDataLines, event.begin);
                }
                self.end_block();
            }
            Fact::Blank { .. } => {
                if let Some(comment) = self.comment
                    && !self.fields
                {
                    self.at(Form::EmptyBlocks, comment);
                }
                self.end_block();
            }
            Fact::DeadBlock { .. } => self.end_block(),
            Fact::LineEnd { offset, end } => match end {
                LineEnd::Lf => {}
                LineEnd::CrLf | LineEnd::Cr => self.at(Form::LineEnds, *offset),
            },
            Fact::BomInside { .. }
            | Fact::InvalidUtf8 { .. }
            | Fact::IdWithNul { .. }
            | Fact::Retry { .. }
            | Fact::RetryNotDigits { .. }
            | Fact::LimitReached { .. }
            | Fact::Skipped { .. }
            | Fact::Tail(_)
            | Fact::Violation(_) => {}
        }
    }

    fn end_block(&mut self) {
        (self.comment, self.fields) = (None, false);
    }

    fn data(&mut self, offset: u64, value: &[u8]) {
        let has = |broken: &&[u8]| value.windows(broken.len()).any(|part| part == *broken);
        if BREAKS.iter().any(has) {
            self.at(Form::UnicodeBreaks, offset);
        }
        if value.first() == Some(&b' ') || value.last() == Some(&b' ') {
            self.at(Form::EdgeSpaces, offset);
        }
    }

    /// Any but the bare type in lower case.
    fn content_type(&mut self) {
        let Some(line) = self.reply.head.lines("content-type").next() else {
            return;
        };
        if line.value != b"text/event-stream" {
            let (shown, offset) = (printable(&line.value, 60), self.reply.offset + line.offset);
            self.add(Form::ContentType, offset, |_| shown);
        }
    }

    /// A character whose bytes lie in two chunks.
    fn cut_characters(&mut self) {
        let wire = |index: usize| self.reply.offset_of(index as u64);
        let ends = self.reply.pieces.iter().scan(0, |end, piece| {
            *end += piece.bytes.len();
            Some(*end)
        });
        let is_inside = |end: &usize| {
            let next = self.content.get(*end);
            next.is_some_and(|byte| byte & 0xc0 == 0x80)
        };
        // A read may end anywhere: only between chunks do other bytes lie.
        let cuts: Vec<usize> = ends
            .filter(|end| *end > 0 && is_inside(end))
            .filter(|end| wire(*end) > wire(*end - 1) + 1)
            .collect();
        for cut in cuts {
            self.at(Form::CutCharacters, cut as u64);
        }
    }

    /// Notes a form at a place in the content.
    fn at(&mut self, form: Form, offset: u64) {
        let place = self.reply.offset_of(offset);
        let content = self.content;
        self.add(form, place, |_| line_at(content, offset));
    }

    fn add(&mut self, form: Form, offset: u64, line: impl FnOnce(u64) -> String) {
        match self.seen.iter_mut().find(|seen| seen.form == form) {
            Some(seen) => seen.more += 1,
            None => self.seen.push(Seen {
                form,
                line: line(offset),
                offset,
                more: 0,
            }),
        }
    }
}

impl Overheard<'_> {
    /// What is to be said of these streams in respect of this form.
    fn form(&self, form: Form) -> Inspected {
        // What a script asks for is the script's.
        if self.is_scripted {
            return Inspected::default();
        }
        let seen = self.forms.iter().filter(|seen| seen.form == form);
        let sightings = seen.map(|seen| Sighting {
            verdict: Verdict::Info,
            observed: match seen.more {
                0 => format!("`{}`", seen.line),
                more => format!(
                    "`{}` (and {more} more of this kind on the connection)",
                    seen.line
                ),
            },
            requirement: None,
            spot: Some(Spot::received(self.connection.label, seen.offset)),
        });
        Inspected {
            bytes: self.bytes,
            sightings: sightings.collect(),
            why_none: None,
        }
    }
}

const fn check(
    id: &'static str,
    title: &'static str,
    requirements: &'static [&'static str],
    inspect: fn(&Overheard<'_>, &crate::declared::Reading) -> Inspected,
) -> Check {
    Check {
        id,
        title,
        expected: "legal, and recorded: clients are known that broke over it",
        severity: Severity::Informational,
        requirements,
        inspect: Inspect::EventStream(inspect),
    }
}

/// One check for each form.
pub(super) const CHECKS: [Check; 10] = [
    check(
        "sse/compat/no-space",
        "fields without a space behind the colon",
        &["sse/9.2.6/one-space-removed"],
        |heard, _| heard.form(Form::NoSpace),
    ),
    check(
        "sse/compat/line-ends",
        "lines that end with CRLF or a lone CR",
        &["sse/9.2.5/line-separators"],
        |heard, _| heard.form(Form::LineEnds),
    ),
    check(
        "sse/compat/empty-blocks",
        "comments with an empty line behind them, and events whose data is empty",
        &["sse/9.2.5/comment-form", "sse/9.2.6/empty-data-no-event"],
        |heard, _| heard.form(Form::EmptyBlocks),
    ),
    check(
        "sse/compat/unicode-breaks",
        "characters in data that end lines elsewhere",
        &["sse/9.2.5/line-separators"],
        |heard, _| heard.form(Form::UnicodeBreaks),
    ),
    check(
        "sse/compat/several-data-lines",
        "events with several data lines",
        &["sse/9.2.6/data-appends"],
        |heard, _| heard.form(Form::SeveralDataLines),
    ),
    check(
        "sse/compat/cut-characters",
        "characters that lie in two chunks",
        &["sse/9.2.5/utf8"],
        |heard, _| heard.form(Form::CutCharacters),
    ),
    check(
        "sse/compat/edge-spaces",
        "data that begins or ends with a space",
        &["sse/9.2.5/space-preserved"],
        |heard, _| heard.form(Form::EdgeSpaces),
    ),
    check(
        "sse/compat/content-type",
        "a content type with a parameter, or in upper case",
        &["sse/9.2.2/content-type-parameters"],
        |heard, _| heard.form(Form::ContentType),
    ),
    check(
        "sse/compat/word-ids",
        "ids that are no numbers",
        &["sse/9.2.4/value-space"],
        |heard, _| heard.form(Form::WordIds),
    ),
    check(
        "sse/compat/bom",
        "a byte order mark at the start of a stream",
        &["sse/9.2.5/bom-only-first"],
        |heard, _| heard.form(Form::Bom),
    ),
];
