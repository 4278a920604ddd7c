//! A line that the end of a chunk cut, at the everyday level.

use alloc::string::String;
use core::mem;

use super::{
    fact::FieldName,
    limits::Limits,
    line::{self, Line},
    pending::Block,
};

/// A line whose end has not come.
#[derive(Clone, Debug, Default)]
pub(super) struct CutLine {
    state: Cut,
    /// How long the line is so far.
    len: usize,
    /// The line so far, if it is [`Cut::Kept`].
    text: String,
}

/// What becomes of a cut line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cut {
    /// There is none.
    #[default]
    None,
    /// It is kept until its end tells what it is.
    Kept,
    /// It is a `data` field, and its value goes straight to the buffer of the block.
    Data,
    /// The same, but the data is over the limit, so that the rest goes nowhere.
    FullData,
    /// It is over the limit: its bytes are dropped up to its end.
    Overlong,
}

/// From so many bytes on it is clear whether a line begins with `data:`, and whether a space follows.
const TELLING: usize = "data: ".len();

impl CutLine {
    #[inline]
    pub(super) fn is_none(&self) -> bool {
        self.state == Cut::None
    }

    pub(super) fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// Adds `piece`. If that makes the line too long, returns the line's first byte.
    #[inline(never)]
    pub(super) fn extend(&mut self, piece: &str, limits: Limits, block: &mut Block) -> Option<u8> {
        if piece.len() > limits.line - self.len {
            return self.give_up(piece);
        }
        self.len += piece.len();
        match self.state {
            Cut::Data if block.extend_data(piece, limits.event) => {}
            Cut::Data => self.state = Cut::FullData,
            Cut::None if let Some(value) = data_value(piece) => {
                self.state = begin_data(value, limits, block);
            }
            Cut::None | Cut::Kept => self.keep(piece, limits, block),
            Cut::FullData | Cut::Overlong => {}
        }
        None
    }

    /// The line has ended. What is [`Cut::Kept`] is to be taken.
    #[inline]
    pub(super) fn end(&mut self) -> Cut {
        self.len = 0;
        mem::take(&mut self.state)
    }

    /// The text of a line that was [`Cut::Kept`]; [`CutLine::reuse`] takes it back.
    pub(super) fn take(&mut self) -> String {
        mem::take(&mut self.text)
    }

    pub(super) fn reuse(&mut self, mut text: String) {
        text.clear();
        self.text = text;
    }

    pub(super) fn clear(&mut self) {
        self.end();
        self.text.clear();
    }

    fn keep(&mut self, piece: &str, limits: Limits, block: &mut Block) {
        let untold = self.text.len() < TELLING;
        self.state = Cut::Kept;
        self.text.push_str(piece);
        if untold && let Some(value) = data_value(&self.text) {
            self.state = begin_data(value, limits, block);
            self.text.clear();
        }
    }

    /// The line is over the limit with `piece`, or was before.
    #[cold]
    fn give_up(&mut self, piece: &str) -> Option<u8> {
        let first = match self.state {
            Cut::Overlong => return None,
            Cut::None => piece.as_bytes()[0],
            Cut::Data | Cut::FullData => b'd',
            Cut::Kept => self.text.as_bytes()[0],
        };
        self.state = Cut::Overlong;
        self.len = 0;
        self.text.clear();
        Some(first)
    }
}

/// The value so far, if this is certainly the beginning of a `data` field.
#[inline]
fn data_value(line: &str) -> Option<&str> {
    match line::parse(line.as_bytes()) {
        Line::Field {
            name: FieldName::Data,
            value,
            ..
        } if line.len() >= TELLING => Some(&line[line.len() - value.len()..]),
        _ => None,
    }
}

#[inline]
fn begin_data(value: &str, limits: Limits, block: &mut Block) -> Cut {
    if block.extend_data(value, limits.event) {
        Cut::Data
    } else {
        Cut::FullData
    }
}
