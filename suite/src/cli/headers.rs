//! The fields that the user declares for every ordinary request. Their values are secrets: no message shows one.

use super::Usage;
use super::declared::is_token;
use std::collections::BTreeMap;

/// Fields that pushspec writes itself, and cases vary: a second line would make each request another than it says. With what
/// the user can do instead.
const OWN: [(&str, &str); 12] = [
    ("host", "it is taken from the URL"),
    ("connection", "leave it out"),
    ("upgrade", "leave it out"),
    ("content-length", "leave it out"),
    ("transfer-encoding", "leave it out"),
    ("sec-websocket-key", "leave it out"),
    ("sec-websocket-version", "leave it out"),
    ("sec-websocket-accept", "leave it out"),
    (
        "sec-websocket-extensions",
        "leave it out: the cases offer what they need",
    ),
    (
        "sec-websocket-protocol",
        "say --subprotocol, or `subprotocols` under [declared]",
    ),
    ("origin", "say --origin, or `origin` under [declared]"),
    (
        "last-event-id",
        "leave it out: the cases send it when they come back",
    ),
];

/// What the flags say and what the file says, in itself and by way of the environment; a flag wins over the file.
pub(super) fn all(
    flags: &[String],
    file: BTreeMap<String, String>,
    from: BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, Usage> {
    let mut headers: Vec<(String, String)> = file.into_iter().collect();
    for (name, variable) in from {
        headers.push((name, from_environment(&variable)?));
    }
    let given: Vec<(String, String)> = flags
        .iter()
        .map(|header| parse(header))
        .collect::<Result<_, _>>()?;
    headers.retain(|(name, _)| {
        !given
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    });
    headers.extend(given);
    for (name, value) in &headers {
        check(name, value)?;
    }
    Ok(headers)
}

/// A header's value. It is a secret, and so it is not shown if it cannot be used.
fn from_environment(variable: &str) -> Result<String, Usage> {
    // An engine hands out empty secrets where it hands out none: the run would be another than was asked for.
    let value = std::env::var(variable).ok();
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        Usage::new(format_args!(
            "[declared] headers-from: the environment has no variable `{variable}`, or one that is empty or no text"
        ))
    })
}

fn parse(text: &str) -> Result<(String, String), Usage> {
    match text.split_once(':') {
        Some((name, value)) => Ok((name.trim().into(), value.trim().into())),
        None => Err(Usage::new("--header: write `Name: value`")),
    }
}

/// A declared field goes into every request: a malformed one would be our fault in every case. The value is a secret and
/// is not shown.
fn check(name: &str, value: &str) -> Result<(), Usage> {
    if !is_token(name) {
        return Err(Usage::new(
            "--header, or `headers` under [declared]: a name must be a token, without blanks or separators (RFC 9110 section 5.6.2)",
        ));
    }
    if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(Usage::new(format_args!(
            "the value of header `{name}` contains a line break or NUL"
        )));
    }
    let own = OWN.iter().find(|(own, _)| name.eq_ignore_ascii_case(own));
    match own {
        Some((_, instead)) => Err(Usage::new(format_args!(
            "header `{name}`: pushspec writes this field itself, and cases vary it: {instead}"
        ))),
        None => Ok(()),
    }
}
