//! Huffman codes as RFC 1951 section 3.2.2 defines them: by the lengths of their words alone.

/// The longest code word in bits.
pub(super) const LONGEST: usize = 15;

/// Words up to this length are found in one step.
const FAST: u32 = 10;

/// The most symbols that an alphabet has: literals and lengths.
const SYMBOLS: usize = 288;

/// One code, ready to decode.
#[derive(Clone, Debug)]
pub(super) struct Code {
    /// By the next [`FAST`] bits: a symbol, and in the low four bits the length of its word; 0 if it is longer.
    fast: [u16; 1 << FAST],
    /// How many words have each length.
    counts: [u16; LONGEST + 1],
    /// The symbols in the order of their words.
    symbols: [u16; SYMBOLS],
}

/// What the next bits are.
pub(super) enum Word {
    /// A symbol, and how many bits its word has.
    Symbol(u16, u32),
    /// The beginning of a word, if they are all there is.
    Cut,
    /// No word.
    None,
}

impl Code {
    pub(super) const fn empty() -> Self {
        Self {
            fast: [0; 1 << FAST],
            counts: [0; LONGEST + 1],
            symbols: [0; SYMBOLS],
        }
    }

    /// Takes the code of words of these lengths, 0 standing for no word. False if there is none: too many words, or too
    /// few, where one word of one bit, and no word at all, are allowed (section 3.2.7).
    pub(super) fn build(&mut self, lengths: &[u8]) -> bool {
        self.counts = [0; LONGEST + 1];
        for &length in lengths {
            self.counts[usize::from(length)] += 1;
        }
        self.counts[0] = 0;
        let mut room = 1_i32;
        for &count in &self.counts[1..] {
            room = (room << 1) - i32::from(count);
            if room < 0 {
                return false;
            }
        }
        let words: u16 = self.counts.iter().sum();
        if room > 0 && words > u16::from(self.counts[1] == 1) {
            return false;
        }

        let mut places = [0_usize; LONGEST + 2];
        let mut first = [0_u32; LONGEST + 2];
        for length in 1..=LONGEST {
            let count = self.counts[length];
            places[length + 1] = places[length] + usize::from(count);
            first[length + 1] = (first[length] + u32::from(count)) << 1;
        }
        self.fast = [0; 1 << FAST];
        for (symbol, &length) in lengths.iter().enumerate() {
            if length == 0 {
                continue;
            }
            let length = usize::from(length);
            self.symbols[places[length]] = symbol as u16;
            places[length] += 1;
            let word = first[length];
            first[length] += 1;
            if length as u32 <= FAST {
                // Words come with their highest bit first, unlike everything else in the format.
                let reversed = word.reverse_bits() >> (32 - length);
                let entry = (symbol as u16) << 4 | length as u16;
                for place in (reversed as usize..1 << FAST).step_by(1 << length) {
                    self.fast[place] = entry;
                }
            }
        }
        true
    }

    /// Reads the word at the low end of `bits`, of which `count` are there; the others are 0.
    #[inline]
    pub(super) fn read(&self, bits: u64, count: u32) -> Word {
        let entry = self.fast[bits as usize & ((1 << FAST) - 1)];
        let length = u32::from(entry & 0xf);
        if length > 0 && length <= count {
            return Word::Symbol(entry >> 4, length);
        }
        self.read_slowly(bits, count)
    }

    #[cold]
    fn read_slowly(&self, bits: u64, count: u32) -> Word {
        let (mut word, mut first, mut place) = (0_i32, 0_i32, 0_i32);
        for length in 1..=LONGEST as u32 {
            if length > count {
                return Word::Cut;
            }
            word |= (bits >> (length - 1) & 1) as i32;
            let words = i32::from(self.counts[length as usize]);
            if word - first < words {
                return Word::Symbol(self.symbols[(place + word - first) as usize], length);
            }
            place += words;
            first = (first + words) << 1;
            word <<= 1;
        }
        Word::None
    }
}
