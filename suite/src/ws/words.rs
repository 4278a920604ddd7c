//! Payloads in sentences.

use pushspec_reports::printable;

/// What is shown of a text, in characters.
const CHARACTERS: usize = 60;

/// What is shown of anything else, in bytes.
const BYTES: usize = 16;

/// A payload: text in quotes, anything else in hex; of a long one the beginning.
pub fn quoted(payload: &[u8]) -> String {
    let is_text = str::from_utf8(payload)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()));
    if is_text {
        return format!("\"{}\"", printable(payload, CHARACTERS));
    }
    let hex: String = payload
        .iter()
        .take(BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match payload.len() > BYTES {
        true => format!("0x{hex}…"),
        false => format!("0x{hex}"),
    }
}

/// So many bytes.
pub fn bytes(count: usize) -> String {
    match count {
        0 => "no bytes".into(),
        1 => "1 byte".into(),
        count => format!("{count} bytes"),
    }
}

/// What came of one payload, where another was due: what it is, and where the two part, unless that is seen at once.
pub fn other_than(due: &[u8], came: &[u8]) -> String {
    let same = due.iter().zip(came).take_while(|(a, b)| a == b).count();
    let quoted = quoted(came);
    match (same, came.len().cmp(&due.len())) {
        (0, _) => quoted,
        (same, std::cmp::Ordering::Less) if same == came.len() => {
            format!("{quoted}, the first {} of {}", bytes(same), due.len())
        }
        (same, std::cmp::Ordering::Greater) if same == due.len() => {
            format!(
                "{quoted}, with {} more behind them",
                bytes(came.len() - same)
            )
        }
        (same, _) => format!(
            "{quoted}, {} long and another from byte {same} on",
            bytes(came.len())
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_stands_in_quotes() {
        assert_eq!(quoted("Grüße".as_bytes()), "\"Grüße\"");
        assert_eq!(quoted(b"two\r\nlines"), "\"two\\r\\nlines\"");
        assert_eq!(quoted(b""), "\"\"");
        assert_eq!(quoted(b"\x00a"), "0x0061");
        assert_eq!(quoted(&[0xff; 20]), "0xffffffffffffffffffffffffffffffff…");
    }

    #[test]
    fn long_payloads_are_told_apart() {
        let due = [b'a'; 125];
        let told = |came: &[u8]| other_than(&due, came);
        let begins = format!("\"{}…\"", "a".repeat(60));
        assert_eq!(
            told(&due[..124]),
            format!("{begins}, the first 124 bytes of 125")
        );
        assert_eq!(
            told(&[b'a'; 126]),
            format!("{begins}, with 1 byte more behind them")
        );
        let mut other = due;
        other[99] = b'b';
        assert_eq!(
            told(&other),
            format!("{begins}, 125 bytes long and another from byte 99 on")
        );
        assert_eq!(told(b"else"), "\"else\"");
        assert_eq!(told(b""), "\"\"");
    }
}
