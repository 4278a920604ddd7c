//! A hex dump with one offset marked.

use std::fmt::Write as _;

/// Bytes in one row of the dump.
const ROW: usize = 16;

/// Hex and text of `bytes`, whose first byte has the offset `start`; the byte at `mark` is pointed at from the row below.
///
/// ```
/// let dump = pushspec_reports::render::dump(b"\x81\x05Hello", 0, Some(1));
/// assert_eq!(dump, "000000  81 05 48 65 6c 6c 6f                             ..Hello\n           ^^\n");
/// ```
pub fn dump(bytes: &[u8], start: u64, mark: Option<u64>) -> String {
    let mut out = String::new();
    for (index, row) in bytes.chunks(ROW).enumerate() {
        let offset = start + (index * ROW) as u64;
        let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = row
            .iter()
            .map(|&byte| {
                if (0x20..0x7f).contains(&byte) {
                    byte as char
                } else {
                    '.'
                }
            })
            .collect();
        let _ = writeln!(out, "{offset:06x}  {:<47}  {text}", hex.join(" "));
        if let Some(column) = mark
            .and_then(|mark| mark.checked_sub(offset))
            .filter(|&column| column < row.len() as u64)
        {
            let _ = writeln!(out, "{:width$}^^", "", width = 8 + 3 * column as usize);
        }
    }
    out
}

/// The bytes that a string of hexadecimal digits stands for; stops at the first pair that is none.
pub(super) fn bytes_of(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map_while(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect()
}
