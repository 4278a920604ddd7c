//! What is to be said of one stream: a note for each kind of thing, at its first place.

use super::eaten::Eaten;
use super::json::{Looks, looks};
use super::late::Late;
use crate::http::Reply;
use pushspec_parser::sse::{Decoder, Fact, Field, FieldName, Limits, LineEnd};
use pushspec_parser::{Finding, Violation};
use pushspec_reports::{Verdict, printable};
use std::time::Duration;

/// Which check a note is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Utf8,
    Bom,
    LineEndings,
    Grammar,
    KnownFields,
    IdNul,
    Retry,
    DeadEvents,
    Comments,
    JsonSplit,
}

/// Something seen in a stream, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) subject: Subject,
    pub(super) verdict: Verdict,
    /// What was seen first.
    pub(super) observed: String,
    /// The requirement, where it is not the check's first.
    pub(super) requirement: Option<&'static str>,
    /// Where that begins on the connection.
    pub(super) offset: u64,
    /// How often the same was seen behind it.
    pub(super) more: usize,
    kind: &'static str,
}

/// What many notes have in common.
#[derive(Debug, Clone, Copy)]
struct Kind {
    subject: Subject,
    verdict: Verdict,
    /// What tells kinds on one subject apart.
    name: &'static str,
    requirement: Option<&'static str>,
}

/// A kind that is merely recorded.
const fn record(subject: Subject, name: &'static str) -> Kind {
    Kind {
        subject,
        verdict: Verdict::Info,
        name,
        requirement: None,
    }
}

/// What each violation means, and what a user suffers.
const MEANINGS: [(Violation, Subject, Verdict, &str); 12] = [
    (
        Violation::SseInvalidUtf8,
        Subject::Utf8,
        Verdict::Fail,
        "readers see U+FFFD in its place",
    ),
    (
        Violation::SseEndLosesEvent,
        Subject::Grammar,
        Verdict::Fail,
        "no client dispatches it",
    ),
    (
        Violation::SseEndWithoutBlankLine,
        Subject::Grammar,
        Verdict::Warn,
        "nothing is lost, but the block is unfinished",
    ),
    (
        Violation::SseBomInside,
        Subject::Bom,
        Verdict::Warn,
        "it becomes part of the field's name, and the field is lost",
    ),
    (
        Violation::SseFieldUnknown,
        Subject::KnownFields,
        Verdict::Warn,
        "whatever it was to say is lost",
    ),
    (
        Violation::SseFieldCase,
        Subject::KnownFields,
        Verdict::Warn,
        "names are compared literally, and what it says is lost",
    ),
    (
        Violation::SseFieldPadded,
        Subject::KnownFields,
        Verdict::Warn,
        "the blank belongs to the name, and what it says is lost",
    ),
    (
        Violation::SseEventRepeated,
        Subject::KnownFields,
        Verdict::Info,
        "the first name is lost",
    ),
    (
        Violation::SseIdRepeated,
        Subject::KnownFields,
        Verdict::Info,
        "the first id is lost",
    ),
    (
        Violation::SseIdWithNul,
        Subject::IdNul,
        Verdict::Warn,
        "a client that comes back names an older id",
    ),
    (
        Violation::SseRetryNotDigits,
        Subject::Retry,
        Verdict::Warn,
        "clients come back when they like",
    ),
    (
        Violation::SseEventWithoutData,
        Subject::DeadEvents,
        Verdict::Info,
        "no listener hears of it",
    ),
];

/// A comment of more bytes is called padding.
const PADDING: usize = 1024;

/// Milliseconds of a day: no plausible reconnection time is longer.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// An event that is not complete when so much time has passed since its first line is not one that is being written.
const ENDLESS: Duration = Duration::from_millis(1500);

/// What is to be said of a stream. `ended`: the target ended it in order, so that its end is judged too.
pub(super) fn of(reply: &Reply, content: &[u8], ended: bool) -> Vec<Note> {
    let mut reader = Reader {
        reply,
        content,
        notes: Vec::new(),
        line_ends: [None; 3],
        cut_json: None,
        unknown_lines: false,
        data_lines: None,
        blank: false,
        id_line: None,
        eaten: Eaten::default(),
        late: Late::default(),
    };
    let mut decoder = Decoder::new(Limits::default());
    decoder.feed(content, |fact| reader.see(fact));
    if ended {
        decoder.finish(|fact| reader.see(fact));
    } else {
        reader.endless();
    }
    reader.line_ends();
    reader.late_ends();
    reader.eaten_fields();
    reader.notes
}

/// Reads the facts of one stream.
struct Reader<'a> {
    reply: &'a Reply,
    content: &'a [u8],
    notes: Vec<Note>,
    /// How many lines end with LF, CRLF, CR, and where the first of them ends.
    line_ends: [Option<(usize, u64)>; 3],
    /// Data of the last event that looks like JSON and is cut, and where it is.
    cut_json: Option<(u64, Vec<u8>)>,
    /// Lines of no known name came since the last empty line.
    unknown_lines: bool,
    /// How many data lines stand in front of the first empty line, and where the first and the last of them begin.
    data_lines: Option<(usize, u64, u64)>,
    /// Whether an empty line came.
    blank: bool,
    /// Where the block's last id is.
    id_line: Option<u64>,
    eaten: Eaten,
    late: Late,
}

impl Reader<'_> {
    fn see(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Violation(finding) => self.violation(finding),
            Fact::Field(field) => self.field(&field),
            Fact::Comment { offset, text } => self.comment(offset, text),
            Fact::Retry {
                offset,
                millis,
                saturated,
            } => self.retry(offset, millis, saturated),
            Fact::Dispatch(event) => {
                self.json(event.begin, event.data, event.holds.unknown);
                self.unknown_lines = false;
                self.blank = true;
                self.id_line = None;
                self.eaten.end_block();
                self.late
                    .see(self.reply, self.content, event.begin, event.offset);
            }
            Fact::DeadBlock { begin, holds, .. } => {
                if !holds.truncated && !holds.event {
                    // One with a name is a violation, and noted as such.
                    let at = self.id_line.unwrap_or(begin);
                    self.note(record(Subject::DeadEvents, "id"), at, |line| {
                        format!("an id without data: `{line}`: it counts, but no event fires")
                    });
                }
                self.end_block();
            }
            Fact::Blank { .. } => self.end_block(),
            Fact::LineEnd { offset, end } => {
                let slot = match end {
                    LineEnd::Lf => 0,
                    LineEnd::CrLf => 1,
                    LineEnd::Cr => 2,
                };
                self.line_ends[slot].get_or_insert((0, offset)).0 += 1;
            }
            Fact::Bom
            | Fact::BomInside { .. }
            | Fact::InvalidUtf8 { .. }
            | Fact::IdWithNul { .. }
            | Fact::RetryNotDigits { .. }
            | Fact::LimitReached { .. }
            | Fact::Skipped { .. }
            | Fact::Tail(_) => {}
        }
    }

    /// Adds a note, or counts it where its kind was noted before. `observed` gets the line at `offset`.
    fn note(&mut self, kind: Kind, offset: u64, observed: impl FnOnce(String) -> String) {
        let Kind {
            subject,
            verdict,
            name,
            requirement,
        } = kind;
        let known = self
            .notes
            .iter_mut()
            .find(|note| note.subject == subject && note.kind == name);
        if let Some(note) = known {
            note.more += 1;
            return;
        }
        self.notes.push(Note {
            subject,
            verdict,
            observed: observed(line_at(self.content, offset)),
            requirement,
            offset: self.reply.offset_of(offset),
            more: 0,
            kind: name,
        });
    }

    fn violation(&mut self, Finding { violation, offset }: Finding) {
        let meaning = MEANINGS.iter().find(|(this, ..)| *this == violation);
        let Some(&(_, subject, verdict, suffered)) = meaning else {
            return;
        };
        let kind = Kind {
            subject,
            verdict,
            name: violation.summary(),
            requirement: Some(violation.requirement()),
        };
        // What the end cuts is more than a line.
        let rest = self.content.get(offset as usize..).unwrap_or_default();
        // No event is lost where there never was one.
        let is_no_stream = violation == Violation::SseEndWithoutBlankLine
            && !rest
                .split(|byte| matches!(byte, b'\r' | b'\n'))
                .any(is_read);
        let suffered = match is_no_stream {
            true => "no line of it is a field of an event stream, and clients read nothing in it",
            false => suffered,
        };
        self.note(kind, offset, |line| match subject {
            Subject::Grammar => format!("{violation}: `{}`: {suffered}", printable(rest, 60)),
            _ => format!("{violation}: `{line}`: {suffered}"),
        });
    }

    fn comment(&mut self, offset: u64, text: &[u8]) {
        self.eaten.comment(offset, text);
        if text.len() > PADDING {
            self.note(record(Subject::Comments, "padding"), offset, |_| {
                format!(
                    "a comment of {} bytes: padding that no current browser needs",
                    text.len()
                )
            });
        }
    }

    fn field(&mut self, field: &Field<'_>) {
        self.eaten.field(field);
        match field.name {
            FieldName::Id => self.id_line = Some(field.offset),
            FieldName::Event if field.value.trim_ascii() != field.value => {
                let kind = Kind {
                    requirement: Some("sse/9.2.6/event-sets-type"),
                    ..record(Subject::KnownFields, "padded type")
                };
                self.note(kind, field.offset, |line| {
                    format!(
                        "`{line}`: the blank belongs to the type, and a listener for the name without it never hears of the event"
                    )
                });
            }
            FieldName::Event | FieldName::Data | FieldName::Retry | FieldName::Unknown(_) => {}
        }
        if field.name == FieldName::Data && !self.blank {
            let lines = self.data_lines.get_or_insert((0, field.offset, 0));
            (lines.0, lines.2) = (lines.0 + 1, field.offset);
        }
        let FieldName::Unknown(name) = field.name else {
            return;
        };
        self.unknown_lines = true;
        let (kind, why) = if name.trim_ascii().is_empty() && field.colon {
            ("indented", "a blank before its colon makes it a field")
        } else if name.starts_with(b"#") || name.starts_with(b"//") {
            (
                "other mark",
                "a comment begins with a colon, and with nothing else",
            )
        } else {
            return;
        };
        self.note(record(Subject::Comments, kind), field.offset, |line| {
            format!("`{line}` looks like a comment and is none: {why}")
        });
    }

    fn retry(&mut self, offset: u64, millis: u64, saturated: bool) {
        if millis == 0 {
            self.note(record(Subject::Retry, "zero"), offset, |line| {
                format!("`{line}`: all clients come back at once, and at the same time")
            });
        } else if saturated || millis > DAY {
            self.note(record(Subject::Retry, "huge"), offset, |line| {
                format!("`{line}`: more than a day, which is as good as never")
            });
        }
    }

    /// An event's data: is it JSON of which the rest stands in lines without a field name, or in the next event?
    fn json(&mut self, begin: u64, data: &[u8], has_unknown_lines: bool) {
        let kind = |name| record(Subject::JsonSplit, name);
        if let Some((at, mut cut)) = self.cut_json.take() {
            cut.push(b'\n');
            cut.extend_from_slice(data);
            if looks(&cut) == Looks::Whole {
                self.note(kind("events"), at, |line| {
                    format!("`{line}` and the event behind it look like one JSON text, cut by an empty line")
                });
                return;
            }
        }
        if looks(data) != Looks::Cut {
            return;
        }
        if has_unknown_lines {
            self.note(kind("lines"), begin, |line| {
                format!(
                    "`{line}` looks like the beginning of a JSON text whose further lines have no `data:` before them, \
                     and are lost"
                )
            });
        } else if data.contains(&b'"') {
            // A lone bracket may be the token of a language model.
            self.cut_json = Some((begin, data.to_vec()));
        }
    }

    /// Data lines that came one after the other, and never an empty line.
    fn endless(&mut self) {
        let Some((count, first, last)) = self.data_lines else {
            return;
        };
        let first_at = self.reply.time_of(first);
        let passed = self.reply.time_of(last).saturating_sub(first_at);
        if self.blank || count < 3 || passed < ENDLESS {
            return;
        }
        let kind = Kind {
            subject: Subject::Grammar,
            verdict: Verdict::Warn,
            name: "endless",
            requirement: None,
        };
        self.note(kind, first, |line| {
            format!(
                "{count} data lines came in {:.1} s, the first is `{line}`, and not one empty line: an event fires at an empty \
                 line, so that an EventSource has fired none, and collects them for ever",
                passed.as_secs_f32()
            )
        });
    }

    /// What comments ate.
    fn eaten_fields(&mut self) {
        for (offset, count, name) in self.eaten.found() {
            // Each name is a kind.
            for _ in 0..count {
                self.note(record(Subject::Comments, name), offset, |line| {
                    format!(
                        "`{line}` looks like a comment without the end of its line: the {name} field behind it is part of it, and \
                         lost"
                    )
                });
            }
        }
    }

    /// What the times of all events come to.
    fn late_ends(&mut self) {
        let kind = Kind {
            subject: Subject::Grammar,
            verdict: Verdict::Warn,
            name: "late",
            requirement: None,
        };
        if let Some((begin, observed)) = self.late.most() {
            self.note(kind, begin, observed);
        }
    }

    /// An empty line that fires no event.
    fn end_block(&mut self) {
        self.blank = true;
        self.id_line = None;
        self.eaten.end_block();
        let cut = self.cut_json.take();
        if let Some((at, _)) = cut
            && self.unknown_lines
        {
            self.note(record(Subject::JsonSplit, "lines"), at, |line| {
                format!(
                    "`{line}` looks like the beginning of a JSON text whose further lines have no `data:` before them, \
                     and are lost"
                )
            });
        }
        self.unknown_lines = false;
    }

    /// What the ends of all lines come to.
    fn line_ends(&mut self) {
        let [lf, crlf, cr] = self.line_ends;
        let count = |end: Option<(usize, u64)>| end.map_or(0, |(count, _)| count);
        let counts = format!(
            "{} lines end with LF, {} with CRLF, {} with a lone CR",
            count(lf),
            count(crlf),
            count(cr)
        );
        let kind = |name| record(Subject::LineEndings, name);
        match (lf, crlf, cr) {
            (None, None, Some((_, at))) => {
                let kind = Kind {
                    requirement: Some("sse/9.2.5/lone-cr-latency"),
                    ..kind("cr")
                };
                self.note(kind, at, |_| {
                    "every line ends with a lone CR: a client that waits for an LF behind it is one event late".into()
                });
            }
            (_, _, Some((_, at))) => {
                self.note(kind("cr among others"), at, |_| {
                    format!("{counts}: a lone CR is often one that was copied from a text")
                });
            }
            (Some(lf), Some(crlf), None) => {
                let rarer = if lf.0 < crlf.0 { lf } else { crlf };
                self.note(kind("mixed"), rarer.1, |_| counts);
            }
            (Some(_), None, None) | (None, Some(_), None) | (None, None, None) => {}
        }
    }
}

/// Whether clients read this line: as a field or a comment.
fn is_read(line: &[u8]) -> bool {
    const NAMES: [&[u8]; 5] = [b"", b"data", b"event", b"id", b"retry"];
    let name = line.split(|&byte| byte == b':').next();
    !line.is_empty() && name.is_some_and(|name| NAMES.contains(&name))
}

/// The line of which `offset` is a byte, fit to be shown.
pub(super) fn line_at(content: &[u8], offset: u64) -> String {
    let offset = usize::try_from(offset)
        .unwrap_or(usize::MAX)
        .min(content.len());
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let begin = content[..offset]
        .iter()
        .rposition(is_end)
        .map_or(0, |at| at + 1);
    let end = content[offset..]
        .iter()
        .position(is_end)
        .map_or(content.len(), |at| offset + at);
    printable(&content[begin..end], 60)
}

#[cfg(test)]
mod tests {
    use super::MEANINGS;
    use pushspec_parser::Violation;

    #[test]
    fn every_violation_of_a_stream_has_a_meaning() {
        for violation in Violation::ALL {
            let known = MEANINGS
                .iter()
                .filter(|(this, ..)| this == violation)
                .count();
            let is_of_streams = violation.requirement().starts_with("sse/");
            assert_eq!(known, usize::from(is_of_streams), "{violation:?}");
        }
    }
}
