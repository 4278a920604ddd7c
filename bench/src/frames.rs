//! The WebSocket corpora: about 1 MiB of frames each, unmasked as a server sends them and masked as a client does.

use bytes::Bytes;
use pushspec_parser::ws::{FrameHeader, Opcode, mask};

use crate::streams::SIZE;

/// Frames, and what a decoder must find in them.
pub struct Corpus {
    pub name: &'static str,
    pub masked: bool,
    pub bytes: Bytes,
    pub frames: u64,
    pub messages: u64,
    /// Bytes of payload in all messages.
    pub payload: u64,
}

/// One message, and how often and how finely it is sent.
struct Recipe {
    name: &'static str,
    opcode: Opcode,
    payload: Vec<u8>,
    /// The longest payload of one frame.
    fragment: usize,
}

impl Recipe {
    fn write(&self, masked: bool) -> Corpus {
        let mut bytes = Vec::with_capacity(SIZE + self.payload.len() + 1024);
        let (mut frames, mut messages) = (0, 0);
        while bytes.len() < SIZE {
            let pieces = self.payload.chunks(self.fragment);
            let last = pieces.len() - 1;
            for (at, piece) in pieces.enumerate() {
                let key = 0x9e37_79b9_u32.wrapping_mul(frames + 1).to_be_bytes();
                let header = FrameHeader {
                    fin: at == last,
                    masking_key: masked.then_some(key),
                    ..FrameHeader::new(
                        if at == 0 {
                            self.opcode
                        } else {
                            Opcode::CONTINUATION
                        },
                        piece.len() as u64,
                    )
                };
                header.encode(&mut bytes);
                let start = bytes.len();
                bytes.extend_from_slice(piece);
                if masked {
                    mask(key, 0, &mut bytes[start..]);
                }
                frames += 1;
            }
            messages += 1;
        }
        Corpus {
            name: self.name,
            masked,
            bytes: bytes.into(),
            frames: frames.into(),
            messages,
            payload: messages * self.payload.len() as u64,
        }
    }
}

pub fn all() -> Vec<Corpus> {
    let ascii: String = "The quick brown fox jumps over the lazy dog. ".repeat(2000);
    let utf8: String = "Grüße, Κόσμε! Привет, мир. 日本語のテキスト 😀 ".repeat(2000);
    let recipe = |name, opcode, payload: &str, len, fragment| Recipe {
        name,
        opcode,
        payload: payload.as_bytes()[..len].to_vec(),
        fragment,
    };
    let utf8_len = utf8.floor_char_boundary(64 << 10);
    let small = recipe("16 B", Opcode::BINARY, &ascii, 16, 16);
    let text = recipe("1 KiB text", Opcode::TEXT, &ascii, 1 << 10, 1 << 10);
    let binary = recipe("64 KiB binary", Opcode::BINARY, &ascii, 64 << 10, 64 << 10);
    let single = recipe("UTF-8 single", Opcode::TEXT, &utf8, utf8_len, utf8_len);
    // Not a multiple of any character's length, so that fragments cut characters.
    let fragmented = recipe("UTF-8 fragmented", Opcode::TEXT, &utf8, utf8_len, 509);
    vec![
        small.write(false),
        small.write(true),
        text.write(false),
        text.write(true),
        binary.write(false),
        binary.write(true),
        single.write(false),
        fragmented.write(true),
    ]
}
