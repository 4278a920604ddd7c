//! WHATWG HTML 9.2.6 written down step by step, for a whole body at once. Slow and plain, so that
//! it can be compared with the text of the standard by reading.

use pushspec_parser::sse::OwnedEvent;

pub(crate) struct Interpreted {
    pub(crate) events: Vec<OwnedEvent>,
    pub(crate) last_event_id: String,
    pub(crate) retry: Option<u64>,
}

pub(crate) fn interpret(body: &[u8]) -> Interpreted {
    // "UTF-8 decode": bad bytes are replaced, one BOM is dropped.
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);

    let mut result = Interpreted {
        events: Vec::new(),
        last_event_id: String::new(),
        retry: None,
    };
    let (mut data, mut event_type, mut id) = (String::new(), String::new(), String::new());
    for line in complete_lines(text) {
        if line.is_empty() {
            result.last_event_id.clone_from(&id);
            if !data.is_empty() {
                assert_eq!(data.pop(), Some('\n'));
                let name = if event_type.is_empty() {
                    "message"
                } else {
                    &event_type
                };
                result.events.push(OwnedEvent {
                    event: name.to_owned().into(),
                    data: data.clone(),
                    id: result.last_event_id.clone(),
                });
            }
            data.clear();
            event_type.clear();
            continue;
        }
        let (name, value) = match line.split_once(':') {
            Some((name, value)) => (name, value.strip_prefix(' ').unwrap_or(value)),
            None => (line.as_str(), ""),
        };
        match name {
            "event" => value.clone_into(&mut event_type),
            "data" => data = data + value + "\n",
            "id" if !value.contains('\0') => value.clone_into(&mut id),
            "retry" if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) => {
                result.retry = Some(value.parse().unwrap_or(u64::MAX));
            }
            // An empty name is a comment; all others are unknown.
            _ => {}
        }
    }
    result
}

/// The lines that have a line end; what follows the last one is discarded.
fn complete_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' => lines.push(std::mem::take(&mut line)),
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    chars.next();
                }
                lines.push(std::mem::take(&mut line));
            }
            _ => line.push(char),
        }
    }
    lines
}
