//! The target: a URL taken apart. Credentials in it are kept for requests and never shown.

use crate::secrets::percent_decoded;
use std::fmt;
use url::{Host, Url};

/// What a target is asked to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `ws` and `wss`: RFC 6455.
    WebSocket,
    /// `http` and `https`: Server-Sent Events, WHATWG HTML 9.2.
    EventStream,
}

/// A server under test.
///
/// ```
/// use pushspec::{Protocol, Target};
/// let target = Target::parse("ws://user:secret@127.0.0.1:9001/chat?room=1").unwrap();
/// assert_eq!(target.protocol, Protocol::WebSocket);
/// assert_eq!(target.authority, "127.0.0.1:9001");
/// assert_eq!(target.path, "/chat?room=1");
/// assert_eq!(target.to_string(), "ws://127.0.0.1:9001/chat?room=…");
/// assert!(Target::parse("127.0.0.1:9001").is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// What it is asked to speak.
    pub protocol: Protocol,
    /// Whether TLS lies below.
    pub tls: bool,
    /// Host name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The value of the `Host` field: host, and port where it is not the scheme's own.
    pub authority: String,
    /// Request target in origin form: path and query.
    pub path: String,
    /// The `Authorization` value that the URL's user information stands for: a secret.
    pub credentials: Option<String>,
    loopback: bool,
    secrets: Vec<String>,
}

/// Why a URL names no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetError {
    /// Not a URL.
    Malformed {
        /// What was given.
        given: String,
        /// What the URL parser says.
        reason: String,
    },
    /// A scheme that pushspec does not test.
    Scheme {
        /// What was given.
        given: String,
    },
    /// No host.
    NoHost {
        /// What was given.
        given: String,
    },
    /// A fragment, which a WebSocket URL must not have (RFC 6455 section 3).
    Fragment {
        /// What was given.
        given: String,
    },
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { given, reason } => write!(
                f,
                "`{given}` is not a URL ({reason}): give one such as ws://127.0.0.1:9001/ or http://127.0.0.1:8080/events"
            ),
            Self::Scheme { given } => {
                write!(
                    f,
                    "`{given}`: the scheme must be ws or wss (WebSocket), http or https (Server-Sent Events)"
                )
            }
            Self::NoHost { given } => write!(f, "`{given}` names no host"),
            Self::Fragment { given } => {
                write!(
                    f,
                    "`{given}`: a fragment is not sent to a server (RFC 6455 section 3): leave out `#…`"
                )
            }
        }
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// Where the text is no URL, has another scheme than ws, wss, http or https, no host, or a fragment.
    pub fn parse(given: &str) -> Result<Self, TargetError> {
        let url = Url::parse(given).map_err(|error| TargetError::Malformed {
            given: shown(given),
            reason: error.to_string(),
        })?;
        // The parser of browsers mends `ws:/host`: whoever wrote that may have meant another host.
        let behind = given.trim_start().get(url.scheme().len() + 1..);
        if url.has_host() && !behind.is_some_and(|behind| behind.starts_with("//")) {
            return Err(TargetError::Malformed {
                given: shown(given),
                reason: "`//` is missing behind the scheme".into(),
            });
        }
        let (protocol, tls) = match url.scheme() {
            "ws" => (Protocol::WebSocket, false),
            "wss" => (Protocol::WebSocket, true),
            "http" => (Protocol::EventStream, false),
            "https" => (Protocol::EventStream, true),
            _ => {
                return Err(TargetError::Scheme {
                    given: shown(given),
                });
            }
        };
        if url.fragment().is_some() {
            return Err(TargetError::Fragment {
                given: shown(given),
            });
        }
        let Some(host) = url.host() else {
            return Err(TargetError::NoHost {
                given: shown(given),
            });
        };
        let default_port = if tls { 443 } else { 80 };
        let port = url.port().unwrap_or(default_port);
        let authority = if port == default_port {
            host.to_string()
        } else {
            format!("{host}:{port}")
        };
        let loopback = match &host {
            Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().into(),
        };
        let host = match host {
            Host::Domain(name) => name.into(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Ok(Self {
            protocol,
            tls,
            host,
            port,
            authority,
            path,
            credentials: credentials(&url),
            loopback,
            secrets: secrets(&url),
        })
    }

    /// Whether the target is on this machine, so that abusive cases hurt nobody else.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The URL of a path of this server, without credentials.
    pub(crate) fn url_of(&self, path: &str) -> Option<Url> {
        let authority = format!("{}://{}", self.http_scheme(), self.authority);
        Url::parse(&authority).ok()?.join(path).ok()
    }

    /// Another path of the same server, for the same user.
    pub(crate) fn at(&self, path: &str) -> Self {
        let (_, query) = path.split_once('?').unwrap_or_default();
        let mut other = self.clone();
        other.path = path.to_owned();
        other.secrets.extend(secrets_of_query(query));
        other
    }

    /// What in requests to the target must never be shown: credentials, and values of the query.
    pub(crate) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// The scheme of the target's URL.
    pub fn scheme(&self) -> &'static str {
        match (self.protocol, self.tls) {
            (Protocol::WebSocket, false) => "ws",
            (Protocol::WebSocket, true) => "wss",
            (Protocol::EventStream, false) => "http",
            (Protocol::EventStream, true) => "https",
        }
    }

    /// The scheme of HTTP requests to the target: what an absolute request target begins with.
    pub fn http_scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

/// The URL as it may be shown: without user information, and without the values of the query, where tokens tend to lie.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, query) = self
            .path
            .split_once('?')
            .map_or((self.path.as_str(), None), |(p, q)| (p, Some(q)));
        write!(f, "{}://{}{path}", self.scheme(), self.authority)?;
        for (index, pair) in query
            .into_iter()
            .flat_map(|query| query.split('&'))
            .enumerate()
        {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            match pair.split_once('=') {
                Some((name, _)) => write!(f, "{name}=…")?,
                None => f.write_str("…")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was given for a URL and is none that can be used, as it may be shown. It may be written wrongly in any way, so all
/// before its last `@` may be credentials, and its query and fragment may be tokens.
pub(crate) fn shown(given: &str) -> String {
    let (hidden, place) = match given.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_inclusive("//").next().filter(|first| {
                let name = first.strip_suffix("://").unwrap_or_default();
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
            (format!("{}…@", scheme.unwrap_or_default()), after)
        }
        None => (String::new(), given),
    };
    match place.split_once(['?', '#']) {
        Some((before, _)) => {
            let mark = &place[before.len()..=before.len()];
            format!("{hidden}{before}{mark}…")
        }
        None => format!("{hidden}{place}"),
    }
}

fn credentials(url: &Url) -> Option<String> {
    use base64::Engine as _;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair = percent_decoded(url.username());
    pair.push(b':');
    pair.extend(percent_decoded(url.password().unwrap_or_default()));
    Some(format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    ))
}

/// Credentials as they stand in the URL and as they are sent, and the query's pairs and values.
fn secrets(url: &Url) -> Vec<String> {
    let mut secrets = Vec::new();
    if let Some(basic) = credentials(url) {
        secrets.extend(basic.strip_prefix("Basic ").map(str::to_owned));
        secrets.push(basic);
        secrets.push(url.username().to_owned());
        secrets.extend(url.password().map(str::to_owned));
    }
    secrets.extend(secrets_of_query(url.query().unwrap_or_default()));
    secrets
}

/// The pairs of a query, and their values.
pub(crate) fn secrets_of_query(query: &str) -> impl Iterator<Item = String> {
    query.split('&').flat_map(|pair| {
        let value = pair.split_once('=').map(|(_, value)| value);
        std::iter::once(pair).chain(value).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_told_without_what_may_be_secret() {
        let rows = [
            ("tcp://user:hunter2@a.test/", "`tcp://…@a.test/`"),
            ("ws://user:hunter2@:x/", "`ws://…@:x/`"),
            ("user:hunter2@a.test", "`…@a.test`"),
            (
                "ws://user:hunter2@a.test/?token=hunter2#frag",
                "`ws://…@a.test/?…`",
            ),
            ("ftp://a.test/?token=hunter2", "`ftp://a.test/?…`"),
            ("ws://a.test/#access_token=hunter2", "`ws://a.test/#…`"),
            ("ws://user:hunter2#x@a.test/", "`ws://…@a.test/`"),
            ("ws://user:hunter2?x@a.test/", "`ws://…@a.test/`"),
            ("ws://user:hunter2/x@a.test:y", "`ws://…@a.test:y`"),
            ("user:hunter2//x@a.test", "`…@a.test`"),
        ];
        for (given, expected) in rows {
            let told = Target::parse(given).expect_err(given).to_string();
            assert!(
                told.contains(expected) && !told.contains("hunter2"),
                "{told}"
            );
        }
    }
}
