//! What the user gave as a secret, in every form in which a target may give it back, and how it is taken out of what a
//! report shows. Nothing here knows a report: it knows bytes and text.
//!
//! Secrets are the credentials of URLs, the values of their queries, the values of declared fields with what stands
//! in them behind a name, and what is posted. A target that changes one in a way of its own can still show it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use memchr::{memchr, memmem};
use pushspec_reports::printable;
use std::ops::Range;

/// Secrets shorter than this could stand anywhere by chance, so they are not looked for.
const SHORTEST: usize = 4;

/// Words of a field's value are secrets of their own that are at least as long, where no name stands before them.
const SHORTEST_WORD: usize = 8;

/// What must not be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Secrets {
    /// Every form of every secret, the longest first: one may stand within another.
    forms: Vec<String>,
    /// What requests carry behind their head.
    body: Option<Bytes>,
}

impl Secrets {
    /// The secrets of these values: credentials and values of queries as they stand in URLs, and declared fields.
    pub(crate) fn of<'a>(
        urls: impl Iterator<Item = &'a str>,
        fields: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut forms: Vec<String> = urls.flat_map(forms).collect();
        for value in fields {
            forms.extend(self::forms(value));
            forms.extend(parts(value).flat_map(self::forms));
            forms.extend(value.split(' ').flat_map(|word| basic(value, word)));
        }
        forms.retain(|form| form.len() >= SHORTEST);
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        forms.dedup();
        Self { forms, body: None }
    }

    /// The same, and this body of requests, whole.
    pub(crate) fn with_body(self, body: Option<Bytes>) -> Self {
        let body = body.filter(|body| !body.is_empty());
        Self { body, ..self }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.forms.is_empty() && self.body.is_none()
    }

    /// A text without them. One that was cut off, as quotations are, is recognised by its beginning.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut hidden = String::new();
        let mut shown = 0;
        for found in self.find(text.as_bytes()) {
            hidden.push_str(text.get(shown..found.start).unwrap_or_default());
            hidden.push('…');
            shown = found.end;
        }
        hidden.push_str(text.get(shown..).unwrap_or_default());
        if hidden.contains('…') {
            for secret in &self.forms {
                hidden = without_beginning(hidden, secret);
            }
        }
        hidden
    }

    /// Overwrites the body of each request in a whole stream.
    pub(crate) fn overwrite_body(&self, stream: &mut [u8]) {
        let Some(body) = &self.body else {
            return;
        };
        let begins: Vec<usize> = memmem::find_iter(stream, body).collect();
        // A short one may stand in a head too.
        let behind_head = |begin: &usize| stream[..*begin].ends_with(b"\r\n\r\n");
        for begin in begins.into_iter().filter(behind_head).collect::<Vec<_>>() {
            stream[begin..begin + body.len()].fill(b'*');
        }
    }

    /// Overwrites them in a whole stream, at whose end one may be cut off.
    pub(crate) fn overwrite(&self, stream: &mut [u8]) {
        for found in self.find(stream) {
            stream[found].fill(b'*');
        }
        for secret in self.forms.iter().map(String::as_bytes) {
            let cut = (SHORTEST..secret.len())
                .rev()
                .find(|&cut| stream.ends_with(&secret[..cut]));
            if let Some(cut) = cut {
                let begins = stream.len() - cut;
                stream[begins..].fill(b'*');
            }
        }
    }

    /// Where they stand, as they are or escaped: in order, and none in another.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        let mut look = |bytes: &[u8], place: &dyn Fn(usize) -> usize| {
            for secret in self.forms.iter().map(String::as_bytes) {
                let places = memmem::find_iter(bytes, secret);
                found.extend(places.map(|at| place(at)..place(at + secret.len())));
            }
        };
        look(bytes, &|at| at);
        for (mark, read) in ESCAPES {
            if memchr(mark, bytes).is_some() {
                let (plain, places) = unescaped(bytes, mark, read);
                look(&plain, &|at| places[at]);
            }
        }
        found.sort_by_key(|found| (found.start, found.end));
        let mut merged: Vec<Range<usize>> = Vec::new();
        for found in found {
            match merged.last_mut() {
                Some(last) if found.start < last.end => last.end = last.end.max(found.end),
                Some(_) | None => merged.push(found),
            }
        }
        merged
    }
}

/// Reads an escape at the beginning of the bytes: what it stands for, and how long it is.
type Read = fn(&[u8]) -> Option<(char, usize)>;

/// How texts escape single characters, each by what an escape begins with: in URLs, in JSON, in HTML.
const ESCAPES: [(u8, Read); 3] = [
    (b'%', |bytes| digits(bytes, 1..3, 16)),
    (b'\\', |bytes| match bytes.get(1)? {
        b'u' => digits(bytes, 2..6, 16),
        b'x' => digits(bytes, 2..4, 16),
        b'n' => Some(('\n', 2)),
        b'r' => Some(('\r', 2)),
        b't' => Some(('\t', 2)),
        &other => other.is_ascii_punctuation().then_some((other.into(), 2)),
    }),
    (b'&', |bytes| {
        let end = memchr(b';', &bytes[..bytes.len().min(10)])?;
        match &bytes[1..end] {
            b"amp" => Some(('&', end + 1)),
            b"lt" => Some(('<', end + 1)),
            b"gt" => Some(('>', end + 1)),
            b"quot" => Some(('"', end + 1)),
            b"apos" => Some(('\'', end + 1)),
            [b'#', b'x' | b'X', ..] => digits(bytes, 3..end, 16).map(|(it, len)| (it, len + 1)),
            [b'#', ..] => digits(bytes, 2..end, 10).map(|(it, len)| (it, len + 1)),
            _ => None,
        }
    }),
];

/// The character of this number, and where its digits end.
fn digits(bytes: &[u8], digits: Range<usize>, radix: u32) -> Option<(char, usize)> {
    let end = digits.end;
    let digits = std::str::from_utf8(bytes.get(digits)?).ok()?;
    let number = u32::from_str_radix(digits, radix).ok()?;
    Some((char::from_u32(number)?, end))
}

/// Bytes with each escape replaced by what it stands for, and for each of them and for the end where it came from.
fn unescaped(bytes: &[u8], mark: u8, read: Read) -> (Vec<u8>, Vec<usize>) {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut places = Vec::with_capacity(bytes.len() + 1);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == mark).then(|| read(&bytes[at..])).flatten();
        let before = plain.len();
        let len = match escape {
            // An octet of a URL is one of UTF-8, and not a character.
            Some((character, len)) if mark == b'%' => {
                plain.push(character as u8);
                len
            }
            Some((character, len)) => {
                plain.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
                len
            }
            None => {
                plain.push(byte);
                1
            }
        };
        places.resize(places.len() + plain.len() - before, at);
        at += len;
    }
    places.push(at);
    (plain, places)
}

/// What separates words and values in a field's value.
const BETWEEN: [char; 11] = [' ', ';', ',', '=', ':', '"', '\'', '{', '}', '[', ']'];

/// What stands between a name and its value: `name=`, `name="`, `"name": {"`.
const BEFORE: [char; 5] = [' ', '"', '\'', '{', '['];

/// Schemes and parameters of credentials (RFC 7235, RFC 7616) that are long enough to be taken for secrets, and words that
/// are no secret wherever they stand.
const PUBLIC: [&str; 14] = [
    "true",
    "false",
    "null",
    "basic",
    "bearer",
    "digest",
    "token",
    "apikey",
    "negotiate",
    "signature",
    "privatetoken",
    "aws4-hmac-sha256",
    "scram-sha-1",
    "scram-sha-256",
];

/// Parameters whose values are no secrets (RFC 7616 section 3.4).
const TOLD: [&str; 5] = ["algorithm", "nc", "qop", "realm", "uri"];

/// What of a field's value a target may give back alone: its words, what stands in quotation marks, and what stands
/// behind a name. Names are no secrets.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    let words = value.split([' ', ';', ',']);
    let quoted = value.split('"').skip(1).step_by(2);
    let named = words.clone().filter_map(|word| word.split_once('='));
    let named = named.map(|(_, value)| value);
    let pieces = value.split(BETWEEN);
    let parts = words.chain(named).chain(quoted).chain(pieces);
    parts.filter(move |part| {
        let start = part.as_ptr().addr() - value.as_ptr().addr();
        let (before, behind) = (&value[..start], &value[start + part.len()..]);
        let before = before.trim_end_matches(BEFORE);
        let is =
            |word: &str, known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(word));
        let long_enough = match before.strip_suffix(['=', ':']) {
            Some(named) => {
                let name = named.trim_end_matches(['"', '\'']).rsplit(BETWEEN).next();
                part.len() >= SHORTEST && !is(name.unwrap_or_default(), &TOLD)
            }
            None => part.len() >= SHORTEST_WORD,
        };
        // Base64 may end with it.
        let padding = behind.trim_start_matches('=').is_empty();
        let names = (behind.starts_with('=') && !padding) || behind.starts_with("\":");
        let told = is(part.split('=').next().unwrap_or_default(), &TOLD);
        long_enough && !names && !told && !is(part, &PUBLIC)
    })
}

/// A text without the longest beginning of `secret` that is cut off there.
fn without_beginning(text: String, secret: &str) -> String {
    // Spares most secrets the trials.
    let shortest = secret.char_indices().map(|(end, _)| end);
    let shortest = shortest.filter(|&end| end >= SHORTEST).min();
    if shortest.is_none_or(|end| !text.contains(&secret[..end])) {
        return text;
    }
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

/// A value as it is, without and with percent-encoding, in base64, in hexadecimal, and as reports quote bytes and text.
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
        forms.push(plain.bytes().map(|byte| format!("{byte:02x}")).collect());
        forms.push(plain.bytes().map(|byte| format!("{byte:02X}")).collect());
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

    fn of_field(value: &str) -> Secrets {
        Secrets::of(std::iter::empty(), [value].into_iter())
    }

    #[test]
    fn a_value_within_a_field_is_a_secret_and_its_name_is_none() {
        let rows = [
            ("ApiKey keyid77:hunter2-secret-aa", "hunter2-secret-aa"),
            (
                "Digest username=\"walter\", response=\"hunter2-secret-aa\", qop=auth",
                "hunter2-secret-aa",
            ),
            ("{\"token\":\"hunter2-secret-aa\"}", "hunter2-secret-aa"),
            ("{\"a\": [{\"token\": \"h2aa\"}]}", "h2aa"),
            ("Token token=\"hunter2-secret-aa\"", "hunter2-secret-aa"),
            ("Token token=\"hunter2 secret aa\"", "hunter2 secret aa"),
            ("session=hunt3r2", "hunt3r2"),
            ("a=1; session='hunt3r2'", "hunt3r2"),
            ("Bearer bearer-7f3a/0b51==", "bearer-7f3a/0b51"),
        ];
        for (value, secret) in rows {
            let told = of_field(value).hide(&format!("no {secret}!"));
            assert_eq!(told, "no …!", "{value}");
            let names = "Digest, Token, ApiKey, Bearer: username, response, session, token, authorized, qop=auth";
            assert_eq!(of_field(value).hide(names), names, "{value}");
        }
    }

    #[test]
    fn escaped_secrets_are_found() {
        let secrets = of_field("key=a\"b\\c/d&<e>'é");
        let rows = [
            r#"a\"b\\c\/d&<e>'é"#,
            r#"a\u0022b\u005Cc/d\u0026\u003ce\u003e\u0027\u00e9"#,
            "a&quot;b\\c/d&amp;&lt;e&gt;&#39;é",
            "a&#34;b&#x5C;c&#x2f;d&#38;&lt;e&gt;&apos;&#233;",
            "a%22b%5cc/d%26%3Ce%3E'%C3%a9",
            "6122625c632f64263c653e27c3a9",
            "6122625C632F64263C653E27C3A9",
        ];
        for escaped in rows {
            assert_eq!(secrets.hide(&format!("<{escaped}>")), "<…>", "{escaped}");
            let mut stream = format!("<{escaped}>").into_bytes();
            secrets.overwrite(&mut stream);
            assert_eq!(
                stream,
                format!("<{}>", "*".repeat(escaped.len())).as_bytes()
            );
        }
        for unfinished in ["100%", "a \\", "\\u12", "&", "&#;", "&#x110000;", "%zz&;"] {
            assert_eq!(secrets.hide(unfinished), unfinished);
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
