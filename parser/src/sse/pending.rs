//! What the lines since the last blank line amount to: the buffers of WHATWG HTML 9.2.6, for the
//! everyday level.
//!
//! An event of one `data` line that came in one piece is never copied: it is [`Lent`]. The buffers
//! are for all other events, and are used again.

use alloc::string::String;

/// The copied part of a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// There is anything at all in here, which the most frequent events do not need.
    used: bool,
    /// The values of the `data` lines, an LF behind each.
    pub(super) data: String,
    pub(super) event: String,
    pub(super) id: String,
    pub(super) has_id: bool,
    /// A limit was reached: the event will not be dispatched.
    pub(super) dropped: bool,
}

/// Parts of the block at hand that still lie in the text at hand.
#[derive(Default)]
pub(super) struct Lent<'t> {
    pub(super) data: Option<&'t str>,
    pub(super) event: Option<&'t str>,
    pub(super) id: Option<&'t str>,
}

impl Block {
    /// Adds a further line of data; `false` if it goes beyond the limit.
    #[inline]
    pub(super) fn add_data(&mut self, value: &str, limit: usize) -> bool {
        self.used = true;
        // The last LF does not count, so that this may be one more than the limit.
        let fits = self.data.len() + value.len() <= limit;
        if fits {
            self.data.push_str(value);
            self.data.push('\n');
        }
        fits
    }

    /// Adds lines of data, an LF behind each; `false` if they go beyond the limit.
    #[inline]
    pub(super) fn add_lines(&mut self, lines: &str, limit: usize) -> bool {
        let fits = self.data.len() + lines.len() <= limit.saturating_add(1);
        if fits {
            self.data.push_str(lines);
        }
        fits
    }

    /// Moves lent data into the buffer, because more follows.
    #[inline]
    pub(super) fn keep_data(&mut self, lent: &mut Lent<'_>) {
        if let Some(data) = lent.data.take() {
            self.data.push_str(data);
            self.data.push('\n');
            self.used = true;
        }
    }

    /// Moves what is lent into the buffers, because the text goes away.
    #[inline(always)]
    pub(super) fn keep(&mut self, mut lent: Lent<'_>) {
        self.keep_data(&mut lent);
        if let Some(event) = lent.event {
            replace(&mut self.event, event);
            self.used = true;
        }
        if let Some(id) = lent.id {
            replace(&mut self.id, id);
            self.has_id = true;
            self.used = true;
        }
    }

    /// Nothing of the event will be seen, so that nothing of its data is kept.
    pub(super) fn drop(&mut self) {
        self.dropped = true;
        self.used = true;
        self.data.clear();
    }

    /// Everything that is known of the block is lent.
    #[inline]
    pub(super) fn is_unused(&self) -> bool {
        !self.used
    }

    /// The end of the stream loses nothing.
    pub(super) fn is_empty(&self) -> bool {
        !(self.has_id || self.dropped) && self.data.is_empty() && self.event.is_empty()
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.used = false;
        self.data.clear();
        self.event.clear();
        self.has_id = false;
        self.dropped = false;
    }
}

#[inline]
pub(super) fn replace(buffer: &mut String, value: &str) {
    buffer.clear();
    buffer.push_str(value);
}
