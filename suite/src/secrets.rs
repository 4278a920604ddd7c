//! What the user gave as a secret, in every form in which a target may give it back, and how it is taken out of what a
//! report shows. Nothing here knows a report: it knows bytes and text.
//!
//! Secrets are the credentials of URLs, the values of their queries, and the values of declared fields. A target that
//! splits one between frames or chunks, or encodes it in a way of its own, can still show parts of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use memchr::memmem;
use pushspec_reports::printable;

/// Secrets shorter than this could stand anywhere by chance, so they are not looked for.
const SHORTEST: usize = 4;

/// Of a field's value and of a cookie those parts are secrets of their own that are at least as long.
const SHORTEST_PART: usize = 8;

/// Every form of every secret, the longest first: one may stand within another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// The secrets of these values: credentials and values of queries as they stand in URLs, and declared fields.
    pub(crate) fn of<'a>(
        urls: impl Iterator<Item = &'a str>,
        fields: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut forms: Vec<String> = urls.flat_map(forms).collect();
        for value in fields {
            forms.extend(self::forms(value));
            let parts = value.split([' ', ';', ',']).flat_map(|part| {
                let value = part.split_once('=').map(|(_, value)| value);
                [Some(part), value].into_iter().flatten()
            });
            for part in parts.filter(|part| part.len() >= SHORTEST_PART) {
                forms.extend(self::forms(part));
                forms.extend(basic(value, part));
            }
        }
        forms.retain(|form| form.len() >= SHORTEST);
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        forms.dedup();
        Self(forms)
    }

    /// A text without them. One that was cut off, as quotations are, is recognised by its beginning.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut hidden = text.to_owned();
        for secret in &self.0 {
            if hidden.contains(secret.as_str()) {
                hidden = hidden.replace(secret.as_str(), "…");
            }
        }
        if hidden.contains('…') {
            for secret in &self.0 {
                hidden = without_beginning(hidden, secret);
            }
        }
        hidden
    }

    /// Overwrites them in a whole stream, at whose end one may be cut off.
    pub(crate) fn overwrite(&self, stream: &mut [u8]) {
        for secret in self.0.iter().map(String::as_bytes) {
            let found: Vec<usize> = memmem::find_iter(stream, secret).collect();
            for at in found {
                stream[at..at + secret.len()].fill(b'*');
            }
            let cut = (SHORTEST..secret.len())
                .rev()
                .find(|&cut| stream.ends_with(&secret[..cut]));
            if let Some(cut) = cut {
                let begins = stream.len() - cut;
                stream[begins..].fill(b'*');
            }
        }
    }
}

/// A text without the longest beginning of `secret` that is cut off there.
fn without_beginning(text: String, secret: &str) -> String {
    let ends = secret.char_indices().map(|(end, _)| end);
    let mut cuts = ends
        .rev()
        .filter(|&end| end >= SHORTEST)
        .map(|end| format!("{}…", &secret[..end]));
    match cuts.find(|cut| text.contains(cut)) {
        Some(cut) => text.replace(&cut, "…"),
        None => text,
    }
}

/// A value as it is, without and with percent-encoding, in base64, and as reports quote bytes and text.
fn forms(value: &str) -> Vec<String> {
    let decoded = String::from_utf8(percent_decoded(value)).ok();
    let mut forms = Vec::new();
    for plain in [Some(value), decoded.as_deref()].into_iter().flatten() {
        forms.push(plain.to_owned());
        forms.push(plain.replace('+', " "));
        forms.push(percent_encoded(plain, |byte| format!("%{byte:02X}")));
        forms.push(percent_encoded(plain, |byte| format!("%{byte:02x}")));
        forms.extend([STANDARD, URL_SAFE, URL_SAFE_NO_PAD].map(|engine| engine.encode(plain)));
        forms.push(printable(plain.as_bytes(), usize::MAX));
        forms.push(plain.escape_debug().to_string());
    }
    forms
}

/// The user information that stands behind the word `Basic` in a field's value: the pair, and its two halves.
fn basic(value: &str, part: &str) -> Vec<String> {
    let pair = value
        .get(..6)
        .filter(|scheme| scheme.eq_ignore_ascii_case("basic "))
        .and_then(|_| STANDARD.decode(part).ok())
        .and_then(|pair| String::from_utf8(pair).ok());
    let halves = |pair: &String| {
        pair.split_once(':')
            .map(|(user, password)| [user.to_owned(), password.to_owned()])
    };
    let pairs = pair
        .iter()
        .cloned()
        .chain(pair.iter().filter_map(halves).flatten());
    pairs.flat_map(|secret| forms(&secret)).collect()
}

/// `text` with each byte escaped that is not unreserved (RFC 3986 section 2.3).
fn percent_encoded(text: &str, escape: fn(u8) -> String) -> String {
    text.bytes()
        .map(
            |byte| match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                true => (byte as char).to_string(),
                false => escape(byte),
            },
        )
        .collect()
}

/// `text` with each `%xx` replaced by its byte.
pub(crate) fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escaped = bytes
            .get(index + 1..index + 3)
            .filter(|_| bytes[index] == b'%')
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                index += 3;
            }
            None => {
                out.push(bytes[index]);
                index += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let urls = ["dXNlcjpodW50ZXIyLXB3", "query/token"].into_iter();
        Secrets::of(
            urls,
            ["Bearer header-token", "theme=x; session=cookie-value"].into_iter(),
        )
    }

    #[test]
    fn each_form_is_taken_out_of_text() {
        let rows = [
            ("401 Bearer header-token", "401 …"),
            ("who is header-token?", "who is …?"),
            ("Bearer%20header-token", "…"),
            ("?query%2Ftoken and query%2ftoken", "?… and …"),
            ("aGVhZGVyLXRva2Vu", "…"),
            ("cookie-value", "…"),
            ("the text \"header-to…\"", "the text \"…\""),
            ("nothing", "nothing"),
        ];
        for (text, expected) in rows {
            assert_eq!(secrets().hide(text), expected);
        }
    }

    #[test]
    fn streams_keep_their_length() {
        let mut stream = b"\x81\x10header-token and Bearer head".to_vec();
        secrets().overwrite(&mut stream);
        assert_eq!(stream, b"\x81\x10************ and ***********");
    }

    #[test]
    fn credentials_in_a_field_are_secrets_decoded_too() {
        let value = format!("Basic {}", STANDARD.encode("walter:hunter2-password"));
        let secrets = Secrets::of(std::iter::empty(), [value.as_str()].into_iter());
        assert_eq!(
            secrets.hide("walter:hunter2-password, hunter2-password"),
            "…, …"
        );
    }

    #[test]
    fn what_is_short_may_stand_anywhere() {
        let secrets = Secrets::of(["abc"].into_iter(), ["en"].into_iter());
        assert_eq!(secrets.hide("abc en"), "abc en");
    }
}
