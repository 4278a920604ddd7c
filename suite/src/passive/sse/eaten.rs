//! Comments that lack the end of their line, so that the field behind them is part of them: `: pingid: 7`.
//!
//! A comment may say anything, so that one alone proves nothing: it is told where the field that it ends with is missing from its
//! block, and stands in other blocks of the stream.

use pushspec_parser::sse::{Field, FieldName};

/// The fields that are looked for, as they stand behind a comment.
const NAMES: [(&str, &[u8]); 3] = [("data", b"data:"), ("event", b"event:"), ("id", b"id:")];

/// What comments of a stream ate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Eaten {
    /// The comment in front of the block's first field, if there are fields, and which name it holds.
    comment: Option<(u64, usize)>,
    /// Which fields the block has.
    block: [bool; NAMES.len()],
    /// Which fields any block has.
    any: [bool; NAMES.len()],
    /// Where the first comment is that ate one, and how many did.
    eaten: [Option<(u64, usize)>; NAMES.len()],
}

impl Eaten {
    /// A comment: what a field follows is the last one before it.
    pub(super) fn comment(&mut self, offset: u64, text: &[u8]) {
        if self.block.contains(&true) {
            return;
        }
        let text = text.trim_ascii_start();
        let holds = |name: &[u8]| text.windows(name.len()).skip(1).any(|part| part == name);
        let which = NAMES.iter().position(|(_, name)| holds(name));
        self.comment = which.map(|which| (offset, which));
    }

    /// A field.
    pub(super) fn field(&mut self, field: &Field<'_>) {
        let which = match field.name {
            FieldName::Data => 0,
            FieldName::Event => 1,
            FieldName::Id => 2,
            FieldName::Retry | FieldName::Unknown(_) => return,
        };
        self.block[which] = true;
        self.any[which] = true;
    }

    /// An empty line.
    pub(super) fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        let comment = self.comment.take();
        if let Some((offset, which)) = comment
            && block.contains(&true)
            && !block[which]
        {
            self.eaten[which].get_or_insert((offset, 0)).1 += 1;
        }
    }

    /// What the whole stream comes to: where the first comment is that ate such a field, how many did, and its name.
    pub(super) fn found(self) -> impl Iterator<Item = (u64, usize, &'static str)> {
        let all = self.eaten.into_iter().zip(self.any).zip(NAMES);
        all.filter_map(|((eaten, any), (name, _))| {
            let (offset, count) = eaten.filter(|_| any)?;
            Some((offset, count, name))
        })
    }
}
