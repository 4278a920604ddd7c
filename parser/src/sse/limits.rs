//! How much memory a stream may claim. Reaching a limit is reported, never an allocation failure.

use core::fmt;

/// Bounds in bytes on what one stream may make us hold.
///
/// The buffers of a [`Decoder`](super::Decoder) or an [`EventStream`](super::EventStream) together
/// hold at most twice `event + 5 × line` bytes, and 3 KiB more: buffers grow by doubling, and small
/// chunks are put together. Lines are counted as they came. So is data at the lossless level; at the everyday
/// level, data, event types and ids count as decoded, where an ill-formed byte has become the three bytes of U+FFFD.
///
/// ```
/// use pushspec_parser::sse::Limits;
///
/// let small = Limits { line: 64 * 1024, ..Limits::default() };
/// assert_eq!(small.event, 16 * 1024 * 1024);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Limits {
    /// The longest line, without its line end. A longer one is skipped. Also, decoded, the longest event type and id.
    pub line: usize,
    /// The longest data of one event: its lines joined by LF. A longer event is incomplete.
    pub event: usize,
}

impl Default for Limits {
    /// 16 MiB each: the contract tests of existing clients send single lines of about 13 MiB.
    fn default() -> Self {
        Limits {
            line: 16 * 1024 * 1024,
            event: 16 * 1024 * 1024,
        }
    }
}

/// Which of the [`Limits`] was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Limit {
    /// [`Limits::line`].
    Line,
    /// [`Limits::event`].
    Event,
}

/// An event was dropped because it was larger than the [`Limits`].
///
/// The stream remains usable: the events before and after it are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LimitReached {
    /// The limit that was reached first.
    pub limit: Limit,
}

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.limit {
            Limit::Line => "an event was dropped: a line is longer than the limit",
            Limit::Event => "an event was dropped: its data is longer than the limit",
        })
    }
}

impl core::error::Error for LimitReached {}
