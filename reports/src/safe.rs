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
        c if c.is_control() || is_unseen(c) => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        // Neither XML nor HTML may hold them.
        c if matches!(c, '\u{fdd0}'..='\u{fdef}') || c as u32 & 0xfffe == 0xfffe => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        c => out.push(c),
    }
}

/// Format characters, separators, and what is drawn as nothing (Unicode's `Cf`, `Zl`, `Zp` and
/// `Default_Ignorable_Code_Point`): they rewrite what a reader sees, or hide in it. Variation selectors are left: they only
/// choose a drawing.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}'
        | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
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
        let unseen = "\u{61c}\u{ad}\u{115f}\u{180e}\u{e0001}\u{fff9}";
        let shown = printable(unseen.as_bytes(), 9);
        assert_eq!(
            shown,
            "\\u{61c}\\u{ad}\\u{115f}\\u{180e}\\u{e0001}\\u{fff9}"
        );
        assert_eq!(printable("ä 𝄞 ❤\u{fe0f}".as_bytes(), 9), "ä 𝄞 ❤\u{fe0f}");
    }
}
