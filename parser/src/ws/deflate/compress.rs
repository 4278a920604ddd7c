//! Compression, RFC 7692 section 7.2.1, in a window of the agreed size.

use alloc::vec::Vec;

use zlib_rs::{Deflate, DeflateFlush};

use super::TAIL;
use super::params::Direction;

/// Compresses the messages of one direction.
///
/// ```
/// use pushspec_parser::ws::deflate::{Compressor, Direction};
/// let mut compressor = Compressor::new(Direction::default(), 6);
/// assert_eq!(compressor.compress(b"Hello"), b"\xf2\x48\xcd\xc9\xc9\x07\x00");
/// ```
pub struct Compressor {
    deflate: Deflate,
    context_takeover: bool,
    out: Vec<u8>,
}

impl core::fmt::Debug for Compressor {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Compressor")
            .field("context_takeover", &self.context_takeover)
            .finish_non_exhaustive()
    }
}

impl Compressor {
    /// Compresses as agreed for this direction, with an effort of 0 (none: stored blocks) to 9; 6 is usual.
    ///
    /// # Panics
    ///
    /// If `level` is above 9.
    pub fn new(direction: Direction, level: u8) -> Self {
        assert!(level <= 9, "a level of {level}");
        // With 9 bits zlib-rs looks back 250 bytes at most (512 less the 262 it looks ahead), so that 8 are obeyed too.
        let bits = direction.window_bits.get().max(9);
        Self {
            deflate: Deflate::new(i32::from(level), false, bits),
            context_takeover: direction.context_takeover,
            out: Vec::new(),
        }
    }

    /// The payload that stands for `message`, to be sent with RSV1 set on its first frame.
    pub fn compress(&mut self, message: &[u8]) -> &[u8] {
        if !self.context_takeover {
            self.deflate.reset();
        }
        self.out.clear();
        let (mut rest, mut written) = (message, 0);
        loop {
            // Room for what is left and for the flush; incompressible data grows by an eighth at most.
            self.out
                .resize(written + rest.len() + rest.len() / 8 + 64, 0);
            let (taken, put) = (self.deflate.total_in(), self.deflate.total_out());
            let status =
                self.deflate
                    .compress(rest, &mut self.out[written..], DeflateFlush::SyncFlush);
            debug_assert!(status.is_ok(), "{status:?}");
            rest = &rest[(self.deflate.total_in() - taken) as usize..];
            written += (self.deflate.total_out() - put) as usize;
            // The flush is complete when it leaves room.
            if rest.is_empty() && written < self.out.len() {
                break;
            }
        }
        self.out.truncate(written);
        if self.out.ends_with(&TAIL) {
            self.out.truncate(written - TAIL.len());
        }
        // A flush that follows another has nothing to say (section 7.2.3.6).
        if self.out.is_empty() {
            self.out.push(0x00);
        }
        &self.out
    }
}
