//! An HTTP/1.1 request that is right by default and can be made wrong in exactly one place.

use crate::post::Post;
use crate::stage::{Setting, Stage};
use crate::target::Target;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use rand_chacha::rand_core::RngCore;

/// One field line, kept as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: Vec<u8>,
    value: Vec<u8>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Method, `GET` by default.
    pub method: String,
    /// Request target, as sent.
    pub target: Vec<u8>,
    /// Protocol version, `HTTP/1.1` by default.
    pub version: &'static str,
    lines: Vec<Line>,
    /// Between each field's name and its value: a colon and, by custom, a blank.
    pub separator: &'static str,
    /// Bytes behind the blank line.
    pub body: Vec<u8>,
}

impl Request {
    /// `GET` of the target with `Host` alone.
    pub fn bare(setting: &Setting) -> Self {
        Self::bare_at(&setting.target)
    }

    /// `GET` of this URL with `Host` alone.
    fn bare_at(target: &Target) -> Self {
        Self {
            method: "GET".into(),
            target: target.path.clone().into_bytes(),
            version: "HTTP/1.1",
            lines: vec![Line {
                name: b"Host".to_vec(),
                value: target.authority.clone().into_bytes(),
            }],
            separator: ": ",
            body: Vec::new(),
        }
    }

    /// `GET` of the target with the credentials and further fields that the user declared.
    pub fn get(setting: &Setting) -> Self {
        Self::get_at(setting, &setting.target)
    }

    /// `GET` of a further URL of the target, with the credentials in it and the fields that the user declared.
    fn get_at(setting: &Setting, target: &Target) -> Self {
        let mut request = Self::bare_at(target);
        if let Some(credentials) = &target.credentials {
            request.add("Authorization", credentials);
        }
        let declared = &setting.declared;
        if let Some(origin) = declared
            .origin
            .as_ref()
            .or(declared.allowed_origins.first())
        {
            request.add("Origin", origin);
        }
        for (name, value) in &setting.declared.headers {
            request.add(name, value);
        }
        request
    }

    /// The ordinary opening handshake (RFC 6455 section 4.1), with a random key and with everything that the user
    /// declared. `label` is the connection's: each connection has a key of its own.
    pub fn opening(stage: &Stage, label: &str) -> Self {
        Self::opening_at(stage, &stage.setting.target, label)
    }

    /// The ordinary opening handshake with a further URL of the target.
    pub fn opening_at(stage: &Stage, target: &Target, label: &str) -> Self {
        let mut key = [0; 16];
        stage
            .random(&format!("{label}: Sec-WebSocket-Key"))
            .fill_bytes(&mut key);
        let mut request = Self::get_at(&stage.setting, target);
        request.add("Upgrade", "websocket");
        request.add("Connection", "Upgrade");
        request.add("Sec-WebSocket-Key", BASE64.encode(key));
        request.add("Sec-WebSocket-Version", "13");
        if !stage.setting.declared.subprotocols.is_empty() {
            request.add(
                "Sec-WebSocket-Protocol",
                stage.setting.declared.subprotocols.join(", "),
            );
        }
        request
    }

    /// The request of a browser's `EventSource` (WHATWG HTML 9.2.2, Fetch for the cache fields).
    pub fn event_source(setting: &Setting) -> Self {
        Self::event_source_at(setting, &setting.target)
    }

    /// The same with a further URL of the target.
    pub fn event_source_at(setting: &Setting, target: &Target) -> Self {
        let mut request = Self::get_at(setting, target);
        request.add("Accept", "text/event-stream");
        request.add("Cache-Control", "no-cache");
        request.add("Pragma", "no-cache");
        request
    }

    /// The request to which the target streams: the POST that was declared, else that of an `EventSource`.
    pub fn stream(setting: &Setting) -> Self {
        match &setting.declared.post {
            Some(post) => Self::post(setting, post),
            None => Self::event_source(setting),
        }
    }

    /// A POST as clients of language models and of MCP send it: what `EventSource` adds for itself is not there, and what
    /// the user declared counts. MCP demands that both types be accepted.
    fn post(setting: &Setting, post: &Post) -> Self {
        let mut request = Self::get(setting);
        request.method = "POST".into();
        if request.value("Accept").is_none() {
            request.add("Accept", "text/event-stream, application/json");
        }
        if let Some(content_type) = &post.content_type
            && request.value("Content-Type").is_none()
        {
            request.add("Content-Type", content_type);
        }
        request.set("Content-Length", post.body.len().to_string());
        request.body = post.body.to_vec();
        request
    }

    /// Appends a field line.
    pub fn add(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        self.lines.push(Line {
            name: name.as_ref().to_vec(),
            value: value.as_ref().to_vec(),
        });
        self
    }

    /// Replaces the value of each line with this name; adds one where there is none.
    pub fn set(&mut self, name: &str, value: impl AsRef<[u8]>) -> &mut Self {
        match self.lines.iter_mut().find(|line| is(line, name)) {
            Some(line) => line.value = value.as_ref().to_vec(),
            None => {
                self.add(name, value);
            }
        }
        self
    }

    /// Takes a cookie along, `name=value`, beside those that are there and for one of its name: clients send one line with
    /// all of them (RFC 6265 sections 5.3 and 5.4).
    pub fn add_cookie(&mut self, cookie: impl AsRef<[u8]>) -> &mut Self {
        let cookie = cookie.as_ref();
        let lines = self.lines.iter().filter(|line| is(line, "Cookie"));
        let pairs = lines.flat_map(|line| line.value.split(|&byte| byte == b';'));
        let others = pairs
            .map(<[u8]>::trim_ascii)
            .filter(|other| !other.is_empty() && cookie_name(other) != cookie_name(cookie));
        let all: Vec<&[u8]> = others.chain([cookie]).collect();
        let value = all.join(&b"; "[..]);
        self.remove("Cookie").add("Cookie", value)
    }

    /// Takes every line with this name away.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.lines.retain(|line| !is(line, name));
        self
    }

    /// Writes a field's name in another way, such as in other letter case or with a blank behind it.
    pub fn rename(&mut self, name: &str, spelling: impl AsRef<[u8]>) -> &mut Self {
        for line in self.lines.iter_mut().filter(|line| is(line, name)) {
            line.name = spelling.as_ref().to_vec();
        }
        self
    }

    /// Changes the spelling of every field name.
    pub fn rename_all(&mut self, spelling: fn(&[u8]) -> Vec<u8>) -> &mut Self {
        for line in &mut self.lines {
            line.name = spelling(&line.name);
        }
        self
    }

    /// Lets `order` rearrange the field lines, given as names and values.
    pub fn reorder(&mut self, order: impl FnOnce(&mut [(Vec<u8>, Vec<u8>)])) -> &mut Self {
        let mut pairs: Vec<_> = self
            .lines
            .drain(..)
            .map(|line| (line.name, line.value))
            .collect();
        order(&mut pairs);
        self.lines = pairs
            .into_iter()
            .map(|(name, value)| Line { name, value })
            .collect();
        self
    }

    /// The first value of a field.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.lines
            .iter()
            .find(|line| is(line, name))
            .map(|line| line.value.as_slice())
    }

    /// The field lines, names and values.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let lines = self.lines.iter();
        lines.map(|line| (line.name.as_slice(), line.value.as_slice()))
    }

    /// The request as it goes over the wire.
    pub fn encode(&self) -> Bytes {
        let mut out = self.method.clone().into_bytes();
        out.push(b' ');
        out.extend(&self.target);
        out.push(b' ');
        out.extend(self.version.as_bytes());
        out.extend(b"\r\n");
        for line in &self.lines {
            out.extend(&line.name);
            out.extend(self.separator.as_bytes());
            out.extend(&line.value);
            out.extend(b"\r\n");
        }
        out.extend(b"\r\n");
        out.extend(&self.body);
        out.into()
    }
}

/// The name of a cookie, without what it says.
pub(super) fn cookie_name(cookie: &[u8]) -> &[u8] {
    let name = cookie.split(|&byte| byte == b'=' || byte == b';').next();
    name.unwrap_or_default().trim_ascii()
}

fn is(line: &Line, name: &str) -> bool {
    line.name.eq_ignore_ascii_case(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Request;
    use crate::target::Target;

    #[test]
    fn cookies_stand_in_one_line_and_each_name_once() {
        let target = Target::parse("http://example.test/").expect("a target");
        let mut request = Request::bare_at(&target);
        request.add_cookie("a=1");
        assert_eq!(request.value("Cookie"), Some(&b"a=1"[..]));
        request.add("cookie", "session=old;b=2; ");
        request.add_cookie("session=new");
        let all: Vec<&[u8]> = request
            .fields()
            .filter(|(name, _)| name.eq_ignore_ascii_case(b"cookie"))
            .map(|(_, value)| value)
            .collect();
        assert_eq!(all, [b"a=1; b=2; session=new"]);
    }
}
