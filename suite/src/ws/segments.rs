//! How frames are cut into TCP segments.

/// How frames are cut into TCP segments. Between two segments is a pause, so that they are not read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segments {
    /// All frames in one.
    One,
    /// One for each frame.
    Frames,
    /// So many bytes in each, whatever the frames.
    Bytes(usize),
    /// So many bytes, a pause in which the target may react, then the rest, unless it ended the connection.
    Paused(usize),
}

impl Segments {
    /// The three ways in which cases cut the same exchange, each with the word for it in a case's id.
    pub const WAYS: [(&'static str, Self); 3] = [
        ("whole", Self::One),
        ("framewise", Self::Frames),
        ("bytewise", Self::Bytes(1)),
    ];
}

impl std::fmt::Display for Segments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One => f.write_str("in one segment"),
            Self::Frames => f.write_str("in one segment for each frame"),
            Self::Bytes(1) => f.write_str("in one segment for each byte"),
            Self::Paused(count) => write!(f, "with a pause behind {count} bytes"),
            Self::Bytes(count) => write!(f, "in segments of {count} bytes"),
        }
    }
}
