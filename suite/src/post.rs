//! A POST that is answered by an event stream, as language models and MCP servers answer one. No `EventSource` asks so:
//! it can only GET.
//!
//! What it says is a secret: prompts and keys stand in it. Nothing here knows how requests are sent or reports written.

use bytes::Bytes;
use std::fmt;

/// A text of the body is looked for in pieces of at most so many bytes.
const PIECE: usize = 256;

/// Shorter texts of the body are words that anybody may use.
const SHORTEST: usize = 8;

/// A word within a text of the body is a secret of its own from this length on: that of keys, not of prose.
const KEY: usize = 20;

/// What an event stream is asked for with, where that is no GET.
///
/// ```
/// let post = pushspec::Post::json(r#"{"model": "m", "stream": true}"#);
/// assert_eq!(post.content_type.as_deref(), Some("application/json"));
/// assert_eq!(format!("{post:?}"), "Post(30 bytes)");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Post {
    /// Its content. No report shows it.
    pub body: Bytes,
    /// The type of its content, where none of the declared fields says it.
    pub content_type: Option<String>,
}

/// Without its content.
impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Post({} bytes)", self.body.len())
    }
}

impl Post {
    /// A POST of JSON text.
    pub fn json(text: impl Into<Bytes>) -> Self {
        Self {
            body: text.into(),
            content_type: Some("application/json".into()),
        }
    }

    /// What of the body a target may give back: the texts of JSON; else lines, and the values of a form.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut texts = Vec::new();
        match serde_json::from_slice(&self.body) {
            Ok(value) => collect(&value, &mut texts),
            Err(_) => {
                let text = String::from_utf8_lossy(&self.body);
                for part in text.split(['\r', '\n', '&']) {
                    texts.push(part.to_owned());
                    texts.extend(part.split_once('=').map(|(_, value)| value.to_owned()));
                }
            }
        }
        let keys = texts.iter().flat_map(|text| text.split_whitespace());
        let keys: Vec<&str> = keys.filter(|word| word.len() >= KEY).collect();
        let texts = texts.iter().map(String::as_str);
        let texts = texts.filter(|text| text.len() >= SHORTEST);
        keys.into_iter().chain(texts).flat_map(pieces).collect()
    }
}

/// Every text in a JSON value but the names of members.
fn collect(value: &serde_json::Value, texts: &mut Vec<String>) {
    use serde_json::Value::{Array, Bool, Null, Number, Object, String};
    match value {
        String(text) => texts.push(text.clone()),
        Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Object(members) => members.values().for_each(|value| collect(value, texts)),
        Null | Bool(_) | Number(_) => {}
    }
}

/// A text in pieces of about the same length: one that was short could stand anywhere.
fn pieces(text: &str) -> Vec<String> {
    let count = text.len().div_ceil(PIECE).max(1);
    let length = text.len().div_ceil(count);
    let mut pieces = vec![String::new()];
    for character in text.chars() {
        if pieces.last().is_some_and(|piece| piece.len() >= length) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_a_body_are_secrets_and_its_names_are_none() {
        let body = r#"{"model": "m-1", "messages": [{"role": "user", "content": "what is in\nthe vault?"}],
            "api_key": "Bearer sk-7f3a0b51c0ffee9912ab"}"#;
        let expected = [
            "sk-7f3a0b51c0ffee9912ab",
            "what is in\nthe vault?",
            "Bearer sk-7f3a0b51c0ffee9912ab",
        ];
        let mut found = Post::json(body).secrets();
        found.sort();
        let mut expected = expected.map(str::to_owned);
        expected.sort();
        assert_eq!(found, expected);
        let form = Post {
            body: "a=1&token=hunter2-aa".into(),
            content_type: None,
        };
        assert_eq!(form.secrets(), ["token=hunter2-aa", "hunter2-aa"]);
    }

    #[test]
    fn long_texts_are_looked_for_in_pieces_that_leave_nothing_out() {
        for length in [PIECE, PIECE + 1, 10 * PIECE - 3] {
            let text: String = ('a'..='z').chain(['é']).cycle().take(length).collect();
            let pieces = pieces(&text);
            assert_eq!(pieces.concat(), text);
            let short = pieces.iter().filter(|piece| piece.len() < PIECE / 4);
            assert_eq!(short.count(), 0, "{length}");
        }
    }
}
