//! DEFLATE by hand (RFC 1951), for what a compressor does not write: distances to the very edge of the window, final
//! blocks, empty ones, and blocks of a chosen type.

/// A message in the making: bits, the lowest of each byte first.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocks {
    bytes: Vec<u8>,
    /// How many bits of the last byte are free.
    free: u32,
}

/// What a block says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Symbol {
    /// A byte.
    Literal(u8),
    /// 258 bytes from so far back.
    Longest(u32),
}

impl Blocks {
    /// Appends bits, the lowest first.
    pub(super) fn bits(&mut self, value: u32, count: u32) -> &mut Self {
        for index in 0..count {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> index & 1) as u8) << (8 - self.free);
            }
            self.free -= 1;
        }
        self
    }

    /// Appends a word of a Huffman code, the highest bit first.
    fn word(&mut self, value: u32, count: u32) {
        for index in (0..count).rev() {
            self.bits(value >> index & 1, 1);
        }
    }

    /// Fills up the last byte.
    pub(super) fn align(&mut self) -> &mut Self {
        self.free = 0;
        self
    }

    /// A block without compression, of at most 65535 bytes.
    pub(super) fn stored(&mut self, bytes: &[u8]) -> &mut Self {
        self.bits(0, 3).align();
        let length = bytes.len() as u16;
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend((!length).to_le_bytes());
        self.bytes.extend(bytes);
        self
    }

    /// A block with the fixed code.
    pub(super) fn fixed(&mut self, last: bool, symbols: &[Symbol]) -> &mut Self {
        self.bits(u32::from(last), 1).bits(1, 2);
        for &symbol in symbols {
            match symbol {
                Symbol::Literal(byte @ 0..144) => self.word(0x30 + u32::from(byte), 8),
                Symbol::Literal(byte) => self.word(0x190 + u32::from(byte) - 144, 9),
                Symbol::Longest(back) => {
                    // Length 258 is symbol 285.
                    self.word(0xc0 + 285 - 280, 8);
                    let (symbol, base, extra) = distance(back);
                    self.word(symbol, 5);
                    self.bits(back - base, extra);
                }
            }
        }
        // The end of the block is symbol 256.
        self.word(0, 7);
        if last {
            self.align();
        }
        self
    }

    /// The same for bytes alone.
    pub(super) fn literals(&mut self, last: bool, bytes: &[u8]) -> &mut Self {
        let symbols: Vec<Symbol> = bytes.iter().copied().map(Symbol::Literal).collect();
        self.fixed(last, &symbols)
    }

    /// The payload: the header of an empty stored block, whose lengths are not sent (RFC 7692 section 7.2.1).
    pub(super) fn message(&mut self) -> Vec<u8> {
        self.bits(0, 3);
        self.bytes.clone()
    }

    /// The bytes so far.
    pub(super) fn unfinished(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// The symbol of a distance, the shortest distance of that symbol, and how many bits are added to it.
fn distance(back: u32) -> (u32, u32, u32) {
    let (mut symbol, mut base) = (0, 1);
    loop {
        let extra = if symbol < 2 { 0 } else { symbol / 2 - 1 };
        if back < base + (1 << extra) {
            return (symbol, base, extra);
        }
        base += 1 << extra;
        symbol += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pushspec_parser::ws::deflate::{Decompressor, Direction};

    fn inflated(payload: &[u8]) -> Vec<u8> {
        let mut decompressor = Decompressor::new(Direction::default(), 1 << 20);
        decompressor.decompress(payload).expect("sound").to_vec()
    }

    #[test]
    fn the_worked_examples_are_written() {
        let fixed = Blocks::default().literals(false, b"Hello").message();
        assert_eq!(fixed, b"\xf2\x48\xcd\xc9\xc9\x07\x00");
        let stored = Blocks::default().stored(b"Hello").message();
        assert_eq!(stored, b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00");
        let last = Blocks::default().literals(true, b"Hello").message();
        assert_eq!(last, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00");
    }

    #[test]
    fn distances_reach_to_the_edge() {
        for back in [1, 4, 5, 258, 24576, 24577, 32768] {
            let stored: Vec<u8> = (0..32768u32).map(|n| ((n * 31) >> 3) as u8).collect();
            let mut blocks = Blocks::default();
            let payload = blocks
                .stored(&stored)
                .fixed(false, &[Symbol::Longest(back)])
                .message();
            let out = inflated(&payload);
            let expected: Vec<u8> = (0..258)
                .map(|index| out[stored.len() + index - back as usize])
                .collect();
            assert_eq!(out[stored.len()..], expected, "{back}");
        }
    }

    #[test]
    fn every_literal_has_its_word() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(
            inflated(&Blocks::default().literals(false, &bytes).message()),
            bytes
        );
    }
}
