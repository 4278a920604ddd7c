//! A frame in progress: how much of its payload is kept, and what is found in it.

use alloc::vec::Vec;

use super::decoder::Wire;
use super::event::Unfinished;
use super::frame::FrameHeader;
use super::mask::mask;
use super::opcode::Opcode;
use super::utf8::Utf8Check;

/// A message of which some frame is still to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) told: Unfinished,
    pub(super) rsv: u8,
    /// How much of `Session::kept` is its payload.
    pub(super) kept: usize,
    pub(super) limited: bool,
    pub(super) text: TextState,
}

/// The frame in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current {
    pub(super) header: FrameHeader,
    pub(super) offset: u64,
    pub(super) part: Part,
    /// Where its payload begins in `Session::kept`.
    pub(super) start: usize,
    /// How many bytes may still be kept.
    pub(super) room: usize,
    /// There is more of it than may be kept.
    pub(super) limited: bool,
    pub(super) text: TextState,
}

/// What a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It begins a message.
    First,
    /// It continues the message in progress.
    Further,
    /// It is no part of a message.
    Lone,
}

/// The judgement of a text in progress.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TextState {
    /// Whether there is a text to judge.
    pub(super) judged: bool,
    pub(super) check: Utf8Check,
    /// Whether its fault was told.
    pub(super) told: bool,
}

impl Current {
    /// No frame at all.
    pub(super) const fn none() -> Self {
        Self {
            header: FrameHeader::new(Opcode::CONTINUATION, 0),
            offset: 0,
            part: Part::Lone,
            start: 0,
            room: 0,
            limited: false,
            text: TextState::new(false),
        }
    }

    /// Judges the whole payload of a frame without keeping it, and returns what would be kept.
    #[inline]
    pub(super) fn lend<'a>(&mut self, wire: &Wire<'a>) -> &'a [u8] {
        if self.text.judged {
            self.text.check.feed(wire.bytes, wire.offset);
        }
        &wire.bytes[..self.room.min(wire.bytes.len())]
    }

    /// Judges a piece of payload and keeps what there is room for.
    pub(super) fn keep(&mut self, kept: &mut Vec<u8>, wire: &Wire<'_>) {
        let (bytes, beyond) = wire.bytes.split_at(self.room.min(wire.bytes.len()));
        self.room -= bytes.len();
        let at = kept.len();
        kept.extend_from_slice(bytes);
        let Some(key) = self.header.masking_key else {
            if self.text.judged {
                self.text.check.feed(wire.bytes, wire.offset);
            }
            return;
        };
        mask(key, wire.position, &mut kept[at..]);
        if self.text.judged {
            self.text.check.feed(&kept[at..], wire.offset);
            // What is not kept must be unmasked to be judged.
            let mut skipped = bytes.len() as u64;
            for piece in beyond.chunks(4096) {
                let at = kept.len();
                kept.extend_from_slice(piece);
                mask(key, wire.position + skipped, &mut kept[at..]);
                self.text.check.feed(&kept[at..], wire.offset + skipped);
                kept.truncate(at);
                skipped += piece.len() as u64;
            }
        }
    }
}

impl TextState {
    pub(super) const fn new(judged: bool) -> Self {
        Self {
            judged,
            check: Utf8Check::new(),
            told: false,
        }
    }
}
