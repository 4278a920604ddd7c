//! Text from a target, made fit for a person's terminal.

use std::fmt::Write as _;

/// `bytes` as text in which no control character, escape sequence or bidirectional override is left raw, cut after
/// `limit` characters.
///
/// ```
/// use pushspec_reports::printable;
/// assert_eq!(printable(b"ok\x1b[31m\r\n", 80), r"ok\x1b[31m\r\n");
/// assert_eq!(printable(&[0xff, b'a'], 80), r"\xffa");
/// assert_eq!(printable(b"abcdef", 3), "abc…");
/// ```
pub fn printable(bytes: &[u8], limit: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if count == limit {
                out.push('…');
                return out;
            }
            count += 1;
            push_printable(&mut out, character);
        }
        for byte in chunk.invalid() {
            if count == limit {
                out.push('…');
                return out;
            }
            count += 1;
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn push_printable(out: &mut String, character: char) {
    match character {
        '\r' => out.push_str("\\r"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\0' => out.push_str("\\0"),
        c if c.is_ascii_control() => {
            let _ = write!(out, "\\x{:02x}", c as u32);
        }
        // Other controls, separators and the bidirectional marks can rewrite what a reader sees.
        c if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}') =>
        {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        // Neither XML nor HTML may hold them.
        c if matches!(c, '\u{fdd0}'..='\u{fdef}') || c as u32 & 0xfffe == 0xfffe => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_no_document_may_hold_is_escaped() {
        assert_eq!(
            printable("\u{fffe}\u{1ffff}\u{fdd0}\u{fffd}".as_bytes(), 9),
            "\\u{fffe}\\u{1ffff}\\u{fdd0}\u{fffd}"
        );
        assert_eq!(
            printable("\u{202e}\u{85}".as_bytes(), 9),
            "\\u{202e}\\u{85}"
        );
    }
}
