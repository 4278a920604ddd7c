//! The SSE corpora, the same on every run.

use std::fmt::Write as _;

use bytes::Bytes;

/// How large a corpus is, but for its last event: small enough for the second-level cache, where what was just read
/// from a socket is. Beyond it, the memory of the machine and its other users are measured.
pub const SIZE: usize = 1 << 20;

/// An event stream, and what a parser must find in it.
pub struct Corpus {
    pub name: &'static str,
    pub bytes: Bytes,
    pub events: u64,
    /// Bytes of `data` in all events, so that a parser which loses lines is found out.
    pub data: u64,
}

impl Corpus {
    fn new(name: &'static str, mut event: impl FnMut(u64, &mut String) -> usize) -> Self {
        let mut text = String::with_capacity(SIZE + (128 << 10));
        let (mut events, mut data) = (0, 0);
        while text.len() < SIZE {
            data += event(events, &mut text) as u64;
            events += 1;
        }
        // Some peers wait for what follows a CR, and never tell the last event if nothing does.
        text.push_str(":\n");
        Self {
            name,
            bytes: text.into(),
            events,
            data,
        }
    }
}

/// A stream in pieces of `size` bytes, as a socket might give it.
pub fn chunks(bytes: &Bytes, size: usize) -> Vec<Bytes> {
    let starts = (0..bytes.len()).step_by(size);
    starts
        .map(|at| bytes.slice(at..bytes.len().min(at + size)))
        .collect()
}

pub fn all() -> [Corpus; 4] {
    [llm(), tiny(), big(), mixed()]
}

/// The tokens of a language model: one line of JSON each, about 200 bytes.
pub fn llm() -> Corpus {
    const TOKENS: [&str; 8] = [
        " the", "Server", " sent", " events", ",", " stream", "ing", " tokens",
    ];
    Corpus::new("llm", |n, out| {
        let token = TOKENS[n as usize * 5 % TOKENS.len()];
        let data = format!(
            "{{\"id\":\"chatcmpl-9xQ2b7Yt5KpLm3\",\"object\":\"chat.completion.chunk\",\"created\":17{n:08},\"model\":\
             \"large-2\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{token}\"}},\"finish_reason\":null}}]}}"
        );
        write!(out, "data: {data}\n\n").unwrap();
        data.len()
    })
}

/// The smallest events there are.
pub fn tiny() -> Corpus {
    Corpus::new("tiny", |_, out| {
        out.push_str("data: x\n\n");
        1
    })
}

/// Events of 64 KiB in lines of 80 characters.
pub fn big() -> Corpus {
    const LINE: &str =
        "data: All of this text is one event, cut into lines of eighty characters each.--\n";
    const { assert!(LINE.len() == 81) }
    Corpus::new("big", |_, out| {
        let lines = (64 << 10) / LINE.len();
        for _ in 0..lines {
            out.push_str(LINE);
        }
        out.push('\n');
        // The values, and the line feeds between them.
        lines * (LINE.len() - "data: \n".len()) + lines - 1
    })
}

/// All line ends, all fields, comments, and text of several scripts.
pub fn mixed() -> Corpus {
    const WORDS: [&str; 6] = [
        "plain ASCII",
        "naïve café",
        "Привет, мир",
        "日本語のテキスト",
        "emoji 😀🚀",
        "x",
    ];
    Corpus::new("mixed", |n, out| {
        let end = ["\n", "\r\n", "\r"][n as usize % 3];
        let word = WORDS[n as usize % WORDS.len()];
        let first = format!("{word} no. {n}");
        let mut data = first.len();
        if n % 5 == 0 {
            write!(out, ": keep-alive {n}{end}").unwrap();
        }
        if n % 2 == 0 {
            write!(out, "id: {n}{end}").unwrap();
        }
        if n % 3 != 1 {
            write!(out, "event: update{end}").unwrap();
        }
        if n % 16 == 0 {
            write!(out, "retry: 3000{end}").unwrap();
        }
        write!(out, "data: {first}{end}").unwrap();
        if n % 4 == 0 {
            write!(out, "data:{word}{end}").unwrap();
            data += 1 + word.len();
        }
        out.push_str(end);
        data
    })
}
