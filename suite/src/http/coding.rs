//! Content codings, decoded as far as the bytes go: what a client can read of a stream that is not over yet.

/// A content coding of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// What could be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The content so far.
    pub bytes: Vec<u8>,
    /// Whether the coded bytes are broken, not merely unfinished.
    pub broken: bool,
}

impl Coding {
    /// The coding with this name in `Accept-Encoding` and `Content-Encoding`.
    pub fn named(name: &[u8]) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        match name {
            _ if is("gzip") || is("x-gzip") => Some(Self::Gzip),
            _ if is("br") => Some(Self::Brotli),
            _ if is("zstd") => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// What these first bytes of a coded stream give, and at most `most` bytes of it.
    pub fn decode(self, coded: &[u8], most: usize) -> Decoded {
        match self {
            Self::Gzip => gzip(coded, most),
            Self::Brotli => drain(brotli_decompressor::Decompressor::new(coded, 4096), most),
            Self::Zstd => match zstd::stream::read::Decoder::new(coded) {
                Ok(decoder) => drain(decoder, most),
                Err(_) => Decoded {
                    bytes: Vec::new(),
                    broken: true,
                },
            },
        }
    }
}

/// Reads a decoder until its input is used up.
fn drain(mut decoder: impl std::io::Read, most: usize) -> Decoded {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let broken = loop {
        match decoder.read(&mut buffer) {
            Ok(0) => break false,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            // Input that ends too early is a stream that is not over.
            Err(error) => break error.kind() != std::io::ErrorKind::UnexpectedEof,
        }
        if bytes.len() >= most {
            break false;
        }
    };
    Decoded { bytes, broken }
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

fn gzip(coded: &[u8], most: usize) -> Decoded {
    const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
    let begins = MAGIC.len().min(coded.len());
    let mut decoded = Decoded {
        bytes: Vec::new(),
        broken: coded[..begins] != MAGIC[..begins],
    };
    if decoded.broken {
        return decoded;
    }
    let Some(header) = header_len(coded) else {
        return decoded;
    };
    let mut inflate = zlib_rs::Inflate::new(false, 15);
    let mut buffer = [0; 4096];
    loop {
        let taken = usize::try_from(inflate.total_in()).unwrap_or(usize::MAX);
        let before = inflate.total_out();
        let rest = coded[header..].get(taken..).unwrap_or_default();
        let status = inflate.decompress(rest, &mut buffer, zlib_rs::InflateFlush::SyncFlush);
        let came = (inflate.total_out() - before) as usize;
        decoded.bytes.extend_from_slice(&buffer[..came]);
        match status {
            Ok(zlib_rs::Status::StreamEnd) => return decoded,
            Ok(_) if came > 0 && decoded.bytes.len() < most => {}
            Ok(_) => return decoded,
            Err(_) => {
                decoded.broken = !rest.is_empty();
                return decoded;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Coding;

    /// "data: 1\n\n" and "data: 2\n\n", flushed behind each, by each library's own compressor.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\0\x09\0\xf6\xffdata: 1\n\n\0\x09\0\xf6\xffdata: 2\n\n";
    const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\0\x58\x48\0\0data: 1\n\n\x48\0\0data: 2\n\n";

    #[test]
    fn as_far_as_the_bytes_go() {
        for (coding, coded) in [(Coding::Gzip, GZIP), (Coding::Zstd, ZSTD)] {
            for cut in 0..=coded.len() {
                let decoded = coding.decode(&coded[..cut], 4096);
                assert!(!decoded.broken, "{coding:?} {cut}");
                assert!(
                    b"data: 1\n\ndata: 2\n\n".starts_with(&decoded.bytes),
                    "{coding:?} {cut}"
                );
            }
            let all = coding.decode(coded, 4096);
            assert_eq!(all.bytes, b"data: 1\n\ndata: 2\n\n", "{coding:?}");
            let first = coding.decode(&coded[..coded.len() - 1], 4096);
            assert!(first.bytes.starts_with(b"data: 1\n\n"), "{coding:?}");
        }
    }

    #[test]
    fn noise_is_broken() {
        for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
            assert!(
                coding.decode(b"data: plain text\n\n", 4096).broken,
                "{coding:?}"
            );
        }
    }
}
