//! What the user says of the target: `[declared]` in `pushspec.toml`, joined with the flags, which win. What cannot be true
//! is refused here, by the key that says it.

use super::Usage;
use super::headers;
use crate::Declared;
use crate::target::shown;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// `[declared]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct FileDeclared {
    origin: Option<String>,
    subprotocols: Vec<String>,
    headers: BTreeMap<String, String>,
    headers_from: BTreeMap<String, String>,
    redirecting_path: Option<String>,
    allowed_origins: Vec<String>,
    protected_path: Option<String>,
    resumption: bool,
    message_limit: Option<u64>,
    stream_limit: Option<usize>,
    cross_origin: Option<String>,
    cross_origin_credentials: bool,
}

impl FileDeclared {
    /// With what the flags say. The POST is not among it: it is read from another file.
    pub(super) fn joined(
        self,
        origin: Option<String>,
        subprotocols: Vec<String>,
        fields: &[String],
    ) -> Result<Declared, Usage> {
        let headers = headers::all(fields, self.headers, self.headers_from)?;
        let origin = origin.or(self.origin);
        let origins = [
            ("origin", origin.as_slice()),
            ("cross-origin", self.cross_origin.as_slice()),
            ("allowed-origins", &self.allowed_origins),
        ];
        for (key, origins) in origins {
            origins
                .iter()
                .try_for_each(|origin| check_origin(key, origin))?;
        }
        let subprotocols = match subprotocols.is_empty() {
            true => self.subprotocols,
            false => subprotocols,
        };
        if let Some(wrong) = subprotocols.iter().find(|name| !is_token(name)) {
            return Err(Usage::new(format_args!(
                "subprotocol `{wrong}`: the name must be a token, without blanks or separators (RFC 6455 section 4.1)"
            )));
        }
        let paths = [
            ("redirecting-path", &self.redirecting_path),
            ("protected-path", &self.protected_path),
        ];
        for (key, path) in paths {
            path.iter().try_for_each(|path| check_path(key, path))?;
        }
        let limits = [
            ("message-limit", self.message_limit == Some(0)),
            ("stream-limit", self.stream_limit == Some(0)),
        ];
        if let Some((key, _)) = limits.iter().find(|(_, is_zero)| *is_zero) {
            return Err(Usage::new(format_args!(
                "[declared] {key}: give a number above 0, or leave it out"
            )));
        }
        Ok(Declared {
            origin,
            subprotocols,
            headers,
            redirecting_path: self.redirecting_path,
            allowed_origins: self.allowed_origins,
            protected_path: self.protected_path,
            resumption: self.resumption,
            message_limit: self.message_limit,
            stream_limit: self.stream_limit,
            cross_origin: self.cross_origin,
            cross_origin_credentials: self.cross_origin_credentials,
            post: None,
        })
    }
}

/// A path stands in the request line as it is (RFC 9112 section 3.2.1).
fn check_path(key: &str, path: &str) -> Result<(), Usage> {
    if path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic())
        && !path.contains('#')
    {
        return Ok(());
    }
    Err(Usage::new(format_args!(
        "[declared] {key}: `{}` is no path of a request: write it percent-encoded, beginning with `/` and without `#…`",
        shown(path)
    )))
}

/// An origin is written as browsers send it (RFC 6454 section 6.2): servers compare it byte by byte.
fn check_origin(key: &str, origin: &str) -> Result<(), Usage> {
    if origin == "null" {
        return Ok(());
    }
    let parsed = Url::parse(origin).ok();
    // Those of extensions are opaque to the library: `moz-extension://ID`.
    let sent = parsed.and_then(|url| match (url.origin().is_tuple(), url.host_str()) {
        (true, _) => Some(url.origin().ascii_serialization()),
        (false, Some(host)) => Some(format!("{}://{host}", url.scheme())),
        (false, None) => None,
    });
    let shown = shown(origin);
    match sent {
        Some(sent) if sent == origin => Ok(()),
        Some(sent) => Err(Usage::new(format_args!(
            "{key} `{shown}`: browsers send it as `{sent}`: write that"
        ))),
        None => Err(Usage::new(format_args!(
            "{key} `{shown}`: write scheme and host as browsers send them, such as https://app.example, or null"
        ))),
    }
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token(word: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !word.is_empty() && word.bytes().all(token)
}
