//! Content codings, decoded as far as the bytes go: what a client can read of a stream that is not over yet.

use std::cell::Cell;

/// A content coding of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950: what HTTP calls deflate is a zlib stream.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// What could be decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The content so far.
    pub bytes: Vec<u8>,
    /// For each coded piece, how many bytes of content it and those before it give.
    pub ends: Vec<usize>,
    /// Whether the coded bytes are broken, not merely unfinished.
    pub broken: bool,
    /// Whether there is more content than was asked for.
    pub cut: bool,
}

impl Coding {
    /// The coding with this name in `Accept-Encoding` and `Content-Encoding`.
    pub fn named(name: &[u8]) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        match name {
            _ if is("gzip") || is("x-gzip") => Some(Self::Gzip),
            _ if is("deflate") => Some(Self::Deflate),
            _ if is("br") => Some(Self::Brotli),
            _ if is("zstd") => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether this is the name of a content coding (RFC 9110 section 16.6.1), be it one that is decoded here or not.
    pub fn is_registered(name: &[u8]) -> bool {
        let is = |other: &&str| name.eq_ignore_ascii_case(other.as_bytes());
        Self::named(name).is_some() || NOT_DECODED.iter().any(is)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// What these first pieces of a coded stream give, and not much more than `most` bytes of it.
    pub fn decode(self, pieces: &[&[u8]], most: usize) -> Decoded {
        let handed = Cell::new(0);
        let input = Pieces {
            pieces,
            handed: &handed,
            offset: 0,
        };
        let mut decoded = match self {
            Self::Gzip => inflate(pieces, Wrapper::Gzip, most),
            Self::Deflate => inflate(pieces, Wrapper::Zlib, most),
            Self::Brotli => {
                let decoder = brotli_decompressor::Decompressor::new(input, BUFFER);
                drain(decoder, &handed, most)
            }
            Self::Zstd => match zstd::stream::read::Decoder::new(input) {
                Ok(decoder) => drain(decoder, &handed, most),
                Err(_) => Decoded {
                    broken: true,
                    ..Decoded::default()
                },
            },
        };
        decoded.ends.resize(pieces.len(), decoded.bytes.len());
        decoded
    }
}

/// The names in IANA's registry of content codings that nothing here decodes.
const NOT_DECODED: [&str; 7] = [
    "aes128gcm",
    "compress",
    "dcb",
    "dcz",
    "exi",
    "pack200-gzip",
    "x-compress",
];

/// Bytes that are decoded at a time.
const BUFFER: usize = 4096;

/// Coded pieces, read one by one: what a decoder gives before it asks for the next belongs to those it was handed.
struct Pieces<'a> {
    pieces: &'a [&'a [u8]],
    /// How many were handed out, the last in part perhaps.
    handed: &'a Cell<usize>,
    /// How much of the last was.
    offset: usize,
}

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let handed = self.handed.get();
            let rest = match handed.checked_sub(1) {
                Some(last) => &self.pieces[last][self.offset..],
                None => &[],
            };
            if !rest.is_empty() {
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                self.offset += count;
                return Ok(count);
            }
            if handed == self.pieces.len() {
                // More may come: no decoder is to think that this is the end, and that it is broken.
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.handed.set(handed + 1);
            self.offset = 0;
        }
    }
}

/// Reads a decoder until its input is used up.
fn drain(mut decoder: impl std::io::Read, handed: &Cell<usize>, most: usize) -> Decoded {
    let mut decoded = Decoded::default();
    let mut buffer = [0; BUFFER];
    while !decoded.cut {
        let before = decoded.bytes.len();
        match decoder.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => decoded.bytes.extend_from_slice(&buffer[..count]),
            Err(error) => {
                // Input that ends too early is a stream that is not over.
                decoded.broken = error.kind() != std::io::ErrorKind::UnexpectedEof;
                break;
            }
        }
        // Whatever was handed before the last piece has given all that it gives.
        decoded.ends.resize(handed.get().saturating_sub(1), before);
        decoded.cut = decoded.bytes.len() > most;
    }
    decoded
}

/// The fields of a gzip header that [`header_len`] skips (RFC 1952 section 2.3.1).
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;
const FHCRC: u8 = 2;

/// The length of a gzip header; none where it is unfinished.
fn header_len(coded: &[u8]) -> Option<usize> {
    let flags = *coded.get(3)?;
    let mut at = 10;
    if flags & FEXTRA != 0 {
        let length = coded.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    for text in [FNAME, FCOMMENT] {
        if flags & text != 0 {
            at += 1 + coded.get(at..)?.iter().position(|&byte| byte == 0)?;
        }
    }
    if flags & FHCRC != 0 {
        at += 2;
    }
    (at <= coded.len()).then_some(at)
}

/// What stands around deflate data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    /// RFC 1952: members one after the other, each behind a header and before a check of eight bytes.
    Gzip,
    /// RFC 1950.
    Zlib,
}

/// What a gzip member begins with.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// The length of a member's check (RFC 1952 section 2.3).
const CHECK: usize = 8;

/// Where reading stands.
enum At {
    /// In front of a member.
    Header(usize),
    /// In deflate data that begin there.
    Data(usize, zlib_rs::Inflate),
}

/// Inflates as far as the pieces go.
fn inflate(pieces: &[&[u8]], wrapper: Wrapper, most: usize) -> Decoded {
    let coded = pieces.concat();
    let mut decoded = Decoded::default();
    let mut at = match wrapper {
        Wrapper::Gzip => At::Header(0),
        Wrapper::Zlib => At::Data(0, zlib_rs::Inflate::new(true, 15)),
    };
    let mut end = 0;
    for piece in pieces {
        end += piece.len();
        let so_far = &coded[..end];
        loop {
            match &mut at {
                At::Header(begin) => {
                    let begin = *begin;
                    let header = so_far.get(begin..).unwrap_or_default();
                    let magic = MAGIC.len().min(header.len());
                    if header[..magic] != MAGIC[..magic] {
                        // Behind a whole member it is no business of the coding's.
                        decoded.broken = begin == 0;
                        return decoded;
                    }
                    let Some(length) = header_len(header) else {
                        break;
                    };
                    at = At::Data(begin + length, zlib_rs::Inflate::new(false, 15));
                }
                At::Data(begin, inflate) => {
                    let step = step(so_far, *begin, inflate, &mut decoded);
                    decoded.cut = decoded.bytes.len() > most;
                    match step {
                        _ if decoded.cut => return decoded,
                        Step::On => {}
                        Step::Dry => break,
                        Step::Broken => {
                            decoded.broken = true;
                            return decoded;
                        }
                        Step::End(_) if wrapper == Wrapper::Zlib => return decoded,
                        Step::End(behind) => at = At::Header(behind + CHECK),
                    }
                }
            }
        }
        decoded.ends.push(decoded.bytes.len());
    }
    decoded
}

/// What came of one look at deflate data.
enum Step {
    /// There may be more.
    On,
    /// No more before more bytes come.
    Dry,
    /// The data end, and what stands behind them begins there.
    End(usize),
    /// They are none.
    Broken,
}

/// Inflates a bufferful of the data that begin at `begin`.
fn step(
    so_far: &[u8],
    begin: usize,
    inflate: &mut zlib_rs::Inflate,
    decoded: &mut Decoded,
) -> Step {
    let mut buffer = [0; BUFFER];
    let taken = |inflate: &zlib_rs::Inflate| {
        begin + usize::try_from(inflate.total_in()).unwrap_or(usize::MAX - begin)
    };
    let before = inflate.total_out();
    let rest = so_far.get(taken(inflate)..).unwrap_or_default();
    let status = inflate.decompress(rest, &mut buffer, zlib_rs::InflateFlush::SyncFlush);
    let came = (inflate.total_out() - before) as usize;
    decoded.bytes.extend_from_slice(&buffer[..came]);
    match status {
        Ok(zlib_rs::Status::StreamEnd) => Step::End(taken(inflate)),
        Ok(_) if came > 0 => Step::On,
        Ok(_) => Step::Dry,
        Err(_) if rest.is_empty() => Step::Dry,
        Err(_) => Step::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::Coding;

    /// "data: 1\n\n" and "data: 2\n\n", flushed behind each, by each library's own compressor.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\0\x09\0\xf6\xffdata: 1\n\n\0\x09\0\xf6\xffdata: 2\n\n";
    const ZLIB: &[u8] = b"\x78\x01\0\x09\0\xf6\xffdata: 1\n\n\0\x09\0\xf6\xffdata: 2\n\n";
    const BROTLI: &[u8] = b"\x0c\x40\0\x08data: 1\n\n\x40\0\x08data: 2\n\n";
    const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\0\x58\x48\0\0data: 1\n\n\x48\0\0data: 2\n\n";

    const STORED: [(Coding, &[u8]); 4] = [
        (Coding::Brotli, BROTLI),
        (Coding::Gzip, GZIP),
        (Coding::Deflate, ZLIB),
        (Coding::Zstd, ZSTD),
    ];

    #[test]
    fn deflate_without_its_wrapper_is_broken() {
        assert!(Coding::Deflate.decode(&[&ZLIB[2..]], 4096).broken);
    }

    #[test]
    fn as_far_as_the_bytes_go() {
        for (coding, coded) in STORED {
            for cut in 0..=coded.len() {
                let decoded = coding.decode(&[&coded[..cut], &coded[cut..cut]], 4096);
                assert!(!decoded.broken, "{coding:?} {cut}");
                assert!(
                    b"data: 1\n\ndata: 2\n\n".starts_with(&decoded.bytes),
                    "{coding:?} {cut}"
                );
            }
            let all = coding.decode(&[coded], 4096);
            assert_eq!(all.bytes, b"data: 1\n\ndata: 2\n\n", "{coding:?}");
            let first = coding.decode(&[&coded[..coded.len() - 1]], 4096);
            assert!(first.bytes.starts_with(b"data: 1\n\n"), "{coding:?}");
        }
    }

    #[test]
    fn each_piece_gives_what_it_gives_alone() {
        for (coding, coded) in STORED {
            for size in 1..=coded.len() {
                let pieces: Vec<&[u8]> = coded.chunks(size).collect();
                let decoded = coding.decode(&pieces, 4096);
                assert_eq!(decoded.bytes, b"data: 1\n\ndata: 2\n\n");
                for (count, end) in (1..).zip(&decoded.ends) {
                    let alone = coding.decode(&pieces[..count], 4096);
                    assert_eq!(*end, alone.bytes.len(), "{coding:?} {size} {count}");
                }
            }
        }
    }

    /// RFC 1952 section 2.2: a file is a series of members.
    #[test]
    fn members_of_gzip_are_read_one_after_the_other() {
        let member = |text: &str| {
            let length = text.len() as u16;
            let mut member = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01".to_vec();
            member.extend(length.to_le_bytes());
            member.extend((!length).to_le_bytes());
            member.extend(text.bytes());
            member.extend(zlib_rs::crc32::crc32(0, text.as_bytes()).to_le_bytes());
            member.extend(u32::from(length).to_le_bytes());
            member
        };
        let (one, two) = (member("data: 1\n\n"), member("data: 2\n\n"));
        let decoded = Coding::Gzip.decode(&[&one, &two], 4096);
        assert_eq!(decoded.bytes, b"data: 1\n\ndata: 2\n\n");
        assert_eq!(decoded.ends, [9, 18]);
        let whole = [one, two].concat();
        for size in 1..=whole.len() {
            let pieces: Vec<&[u8]> = whole.chunks(size).collect();
            let decoded = Coding::Gzip.decode(&pieces, 4096);
            assert_eq!(decoded.bytes, b"data: 1\n\ndata: 2\n\n", "{size}");
            assert!(!decoded.broken, "{size}");
        }
    }

    #[test]
    fn a_bomb_is_cut() {
        let mut bomb = vec![0; 64 * 1024];
        let mut deflate = zlib_rs::Deflate::new(9, false, 15);
        let status = deflate.compress(
            &vec![b'x'; 1 << 24],
            &mut bomb,
            zlib_rs::DeflateFlush::Finish,
        );
        assert!(status.is_ok());
        bomb.truncate(deflate.total_out() as usize);
        let head = b"\x1f\x8b\x08\0\0\0\0\0\0\x03";
        let decoded = Coding::Gzip.decode(&[head, &bomb], 1 << 20);
        assert!(decoded.cut && !decoded.broken);
        assert!(decoded.bytes.len() < (1 << 20) + 8192);
    }

    #[test]
    fn noise_is_broken() {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            assert!(
                coding.decode(&[b"data: plain text\n\n"], 4096).broken,
                "{coding:?}"
            );
        }
    }
}
