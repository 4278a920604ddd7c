//! The parameters of a media type (RFC 9110 section 8.3.1), read leniently: what is odd is told, not refused.

/// A media type, its parts without blanks and quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType {
    /// Type and subtype, in lower case.
    pub(super) essence: String,
    /// Names in lower case, values as sent.
    pub(super) parameters: Vec<(String, String)>,
    /// Whether something stands behind a semicolon that is no parameter.
    pub(super) malformed: bool,
}

impl MediaType {
    pub(super) fn parse(value: &[u8]) -> Self {
        let text = String::from_utf8_lossy(value);
        let mut parts = split(&text).into_iter();
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let (mut parameters, mut malformed) = (Vec::new(), false);
        for part in parts {
            match part.trim().split_once('=') {
                Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                    parameters.push((name.to_ascii_lowercase(), unquoted(value)));
                }
                Some(_) | None => malformed = true,
            }
        }
        Self {
            essence,
            parameters,
            malformed,
        }
    }

    /// The values of every parameter of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.parameters
            .iter()
            .filter(move |(this, _)| this == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Cuts at each semicolon outside of quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|c| {
        let here = c == ';' && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        here
    })
    .collect()
}

fn unquoted(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    match inner {
        Some(inner) => inner.replace('\\', ""),
        None => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::MediaType;

    #[test]
    fn types() {
        type Row = (
            &'static str,
            &'static str,
            &'static [(&'static str, &'static str)],
            bool,
        );
        let rows: [Row; 7] = [
            ("text/event-stream", "text/event-stream", &[], false),
            (
                "Text/Event-Stream ; Charset=UTF-8",
                "text/event-stream",
                &[("charset", "UTF-8")],
                false,
            ),
            (
                "a/b;charset=\"utf-8\";x=\"a;\\\"b\"",
                "a/b",
                &[("charset", "utf-8"), ("x", "a;\"b")],
                false,
            ),
            ("a/b;", "a/b", &[], true),
            ("a/b; =c; d=; e", "a/b", &[], true),
            ("", "", &[], false),
            ("a/b, c/d", "a/b, c/d", &[], false),
        ];
        for (value, essence, parameters, malformed) in rows {
            let parameters = parameters
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let expected = MediaType {
                essence: essence.into(),
                parameters,
                malformed,
            };
            assert_eq!(MediaType::parse(value.as_bytes()), expected, "{value:?}");
        }
    }
}
