//! Whether a text is JSON that was cut: a guess from brackets and quotes alone.

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// An object or an array, whole.
    Whole,
    /// The beginning of one.
    Cut,
    /// Something else.
    Other,
}

/// Looks at brackets outside of strings.
pub(super) fn looks(text: &[u8]) -> Looks {
    let text = text.trim_ascii();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return Looks::Other;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (true, _) => {}
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => {
                depth -= 1;
                if depth == 0 {
                    return match at + 1 == text.len() {
                        true => Looks::Whole,
                        false => Looks::Other,
                    };
                }
            }
            (false, _) => {}
        }
    }
    Looks::Cut
}

#[cfg(test)]
mod tests {
    use super::{Looks, looks};

    #[test]
    fn brackets_and_quotes() {
        for (text, expected) in [
            ("{\"a\": [1, \"}\"]} ", Looks::Whole),
            (" [\"\\\"]\"]", Looks::Whole),
            ("{}", Looks::Whole),
            ("{", Looks::Cut),
            ("{\"a\": \"x", Looks::Cut),
            ("[1, [2]", Looks::Cut),
            ("{} {}", Looks::Other),
            ("", Looks::Other),
            ("a {", Looks::Other),
            ("\"{\"", Looks::Other),
        ] {
            assert_eq!(looks(text.as_bytes()), expected, "{text:?}");
        }
    }
}
