//! Which facts are violations: what breaks the grammar of 9.2.5, and what loses data for every
//! client that follows 9.2.6 although the grammar allows it.
//!
//! Legal oddities (lone CR, mixed line ends, `retry: 0`, an id without data) stay mere facts.

use super::{
    BOM,
    fact::{Fact, Field, FieldName, Tail},
    line::{self, Line},
};
use crate::violation::{Finding, Violation};

const KNOWN: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// Those that clients miss when an event is lost.
const OF_EVENTS: &[&[u8]] = KNOWN.split_at(3).0;

/// Judges facts in the order of the stream. All it remembers is what the block at hand has had.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Judge {
    event_seen: bool,
    id_seen: bool,
}

impl Judge {
    /// The violation that `fact` is, if it is one.
    pub(super) fn see(&mut self, fact: &Fact<'_>) -> Option<Finding> {
        let (violation, offset) = match fact {
            Fact::InvalidUtf8 { offset, .. } => (Violation::SseInvalidUtf8, *offset),
            Fact::BomInside { offset } => (Violation::SseBomInside, *offset),
            Fact::Field(field) => (self.field(field)?, field.offset),
            Fact::IdWithNul { offset } => (Violation::SseIdWithNul, *offset),
            Fact::RetryNotDigits { offset } => (Violation::SseRetryNotDigits, *offset),
            Fact::DeadBlock { begin, holds, .. } => {
                *self = Judge::default();
                // What was too long to be looked at may have been the data.
                if !holds.event || holds.truncated {
                    return None;
                }
                (Violation::SseEventWithoutData, *begin)
            }
            Fact::Tail(tail) if loses_event(tail) => (Violation::SseEndLosesEvent, tail.offset),
            Fact::Tail(tail) => (Violation::SseEndWithoutBlankLine, tail.offset),
            Fact::Dispatch(_) | Fact::Blank { .. } => {
                *self = Judge::default();
                return None;
            }
            Fact::Bom
            | Fact::Comment { .. }
            | Fact::Retry { .. }
            | Fact::LineEnd { .. }
            | Fact::LimitReached { .. }
            | Fact::Skipped { .. }
            | Fact::Violation(_) => return None,
        };
        Some(Finding::new(violation, offset))
    }

    fn field(&mut self, field: &Field<'_>) -> Option<Violation> {
        match field.name {
            FieldName::Event => core::mem::replace(&mut self.event_seen, true)
                .then_some(Violation::SseEventRepeated),
            // An id with NUL is ignored, so that it replaces nothing.
            FieldName::Id if field.value.contains(&0) => None,
            FieldName::Id => {
                core::mem::replace(&mut self.id_seen, true).then_some(Violation::SseIdRepeated)
            }
            FieldName::Unknown(name) => unknown(name),
            FieldName::Data | FieldName::Retry => None,
        }
    }
}

/// Why clients ignore a field of this name.
fn unknown(name: &[u8]) -> Option<Violation> {
    if let Some(behind) = name.strip_prefix(&BOM)
        && (behind.is_empty() || KNOWN.contains(&behind))
    {
        // The BOM is the fault, and was reported.
        return None;
    }
    let is_known = |name: &[u8]| KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known));
    Some(if is_known(name) {
        Violation::SseFieldCase
    } else if is_known(name.trim_ascii()) {
        Violation::SseFieldPadded
    } else {
        Violation::SseFieldUnknown
    })
}

/// Whether clients miss something when they discard this tail. An unfinished name may have been
/// that of any field that begins so.
fn loses_event(tail: &Tail<'_>) -> bool {
    let holds = tail.holds;
    let cut_name = match line::parse(tail.line) {
        Line::Field {
            name: FieldName::Unknown(name),
            colon: false,
            ..
        } => {
            let may_be = |known: &&[u8]| known.starts_with(name);
            // Behind a BOM anything may have come.
            OF_EVENTS.iter().any(may_be) || tail.offset == 0 && may_be(&&BOM[..])
        }
        Line::Field { .. } | Line::Comment(_) | Line::Blank => false,
    };
    holds.data || holds.event || holds.id || holds.truncated || cut_name
}
