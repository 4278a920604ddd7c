//! The everyday view: what a client of the field, reqwest, makes of a target. It follows redirects, keeps cookies, asks for
//! every coding that it decodes, and uses a connection again, all by itself and as it does for anybody.
//!
//! It sees no bytes of the wire, so what stands in the transcript is what it tells. It reaches the target through a relay, and
//! can reach nothing else: a redirect to another server is told and not followed, and nothing that the user declared goes there.

use super::Request;
use super::request::cookie_name;
use crate::declared::Declared;
use crate::stage::Endpoint;
use crate::transcript::{Event, Recorder, Told, What};
use crate::transport::{Relay, Tls};
use bytes::Bytes;
use pushspec_parser::sse::{Decoder, Fact, Limits};
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, Url};
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// The codings that reqwest asks for, as it writes them.
pub const ACCEPTED: &str = "zstd,gzip,deflate,br";

/// Redirects that are followed: as many as Fetch follows.
pub const REDIRECTS: usize = 20;

/// A client with a jar of cookies. Its connections end with it.
pub struct Everyday {
    client: Client,
    relay: Relay,
    notes: Arc<Notes>,
    base: Url,
    patience: Duration,
    budget: usize,
}

/// Where what it tells is written down: one request at a time.
struct Notes {
    recorder: Recorder,
    began: Instant,
    connection: AtomicUsize,
}

impl Notes {
    fn add(&self, what: What) {
        let connection = self.connection.load(Ordering::Relaxed);
        let at = self.began.elapsed();
        self.recorder.add(connection, Event { at, what });
    }

    fn tell(&self, told: Told) {
        self.add(What::Told(told));
    }
}

/// The jar, which tells what goes in and out.
struct Cookies {
    jar: Jar,
    notes: Arc<Notes>,
}

impl CookieStore for Cookies {
    fn set_cookies(&self, lines: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let lines: Vec<&HeaderValue> = lines.collect();
        let names = lines.iter().map(|line| name_of(line.as_bytes()));
        self.notes.tell(Told::GotCookies(names.collect()));
        self.jar.set_cookies(&mut lines.into_iter(), url);
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let cookies = self.jar.cookies(url)?;
        let names = cookies.as_bytes().split(|&byte| byte == b';').map(name_of);
        self.notes.tell(Told::SendsCookies(names.collect()));
        Some(cookies)
    }
}

/// The name of a cookie. Its value may be a secret.
fn name_of(cookie: &[u8]) -> String {
    String::from_utf8_lossy(cookie_name(cookie)).into_owned()
}

impl Everyday {
    /// A client for one endpoint, the declared cookies in its jar. `budget` bounds what a connection carries, and what a response may decode to.
    ///
    /// # Errors
    /// Where it cannot be set up.
    pub(crate) fn new(
        endpoint: &Endpoint,
        declared: &Declared,
        recorder: Recorder,
        began: Instant,
        patience: Duration,
        budget: usize,
    ) -> Result<Self, String> {
        let notes = Arc::new(Notes {
            recorder,
            began,
            connection: AtomicUsize::new(0),
        });
        let tls = endpoint.transport.tls();
        // reqwest encrypts by itself, with the configuration of the raw view.
        let below = tls.map_or(&endpoint.transport, |tls| tls.below());
        let relay = Relay::to(Arc::clone(below), patience, budget)?;
        let target = &endpoint.target;
        let base = target.url_of(&target.path);
        let base = base.ok_or_else(|| format!("{target} is no URL to reqwest"))?;
        let cookies = Cookies {
            jar: Jar::default(),
            notes: Arc::clone(&notes),
        };
        // As a field of the request they would keep the jar shut.
        for cookie in declared.headers.iter().flat_map(declared_cookies) {
            cookies.jar.add_cookie_str(cookie, &base);
        }
        let (origin, teller) = (base.origin(), Arc::clone(&notes));
        let redirect = Policy::custom(move |attempt: Attempt<'_>| {
            // The first of those before is no redirect.
            let room = attempt.previous().len() <= REDIRECTS;
            let followed = room && attempt.url().origin() == origin;
            teller.tell(Told::Redirected {
                status: attempt.status().as_u16(),
                to: attempt.url().to_string(),
                followed,
            });
            match followed {
                true => attempt.follow(),
                false => attempt.stop(),
            }
        });
        let builder = Client::builder()
            .unix_socket(relay.path())
            .redirect(redirect)
            .referer(false)
            .cookie_provider(Arc::new(cookies));
        // Without TLS nobody is believed: reqwest would look for roots and for a provider of its own.
        let config = tls.map_or_else(Tls::trusting_nobody, Tls::config);
        let builder = builder.tls_backend_preconfigured(config);
        let client = builder.build().map_err(|error| in_words(&error))?;
        Ok(Self {
            client,
            relay,
            notes,
            base,
            patience,
            budget,
        })
    }

    /// Sends what this request asks for, in reqwest's own way, and waits for the answer that counts. What it tells stands in the
    /// transcript under `label`.
    pub async fn visit(&self, label: &'static str, request: &Request) -> Visit<'_> {
        let index = self.notes.recorder.begin(label);
        self.notes.connection.store(index, Ordering::Relaxed);
        let mut visit = Visit {
            everyday: self,
            response: None,
            waited_in_vain: false,
            left: self.budget,
            decoder: Decoder::new(Limits::default()),
            events: 0,
        };
        let target = String::from_utf8_lossy(&request.target);
        let Ok(url) = self.base.join(&target) else {
            self.notes
                .tell(Told::GaveUp(format!("{target} is no path")));
            return visit;
        };
        self.notes.tell(Told::Asks(url.to_string()));
        let asked = self.client.get(url.clone()).headers(fields(request));
        match timeout(self.patience, asked.send()).await {
            Ok(Ok(response)) => {
                let content_type = response.headers().get(reqwest::header::CONTENT_TYPE);
                let content_type =
                    content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into());
                self.notes.tell(Told::Answered {
                    status: response.status().as_u16(),
                    content_type,
                });
                visit.response = Some(response);
            }
            Ok(Err(error)) => visit.give_up(&error),
            Err(_) => {
                visit.waited_in_vain = true;
                self.notes.add(What::TimedOut {
                    awaited: "a response to an everyday client",
                    waited: self.patience,
                });
            }
        }
        visit
    }
}

/// A response in the making.
pub struct Visit<'a> {
    everyday: &'a Everyday,
    response: Option<Response>,
    waited_in_vain: bool,
    left: usize,
    decoder: Decoder,
    events: usize,
}

impl Visit<'_> {
    /// How many events came so far.
    pub fn events(&self) -> usize {
        self.events
    }

    /// Whether nothing was answered within the time.
    pub fn waited_in_vain(&self) -> bool {
        self.waited_in_vain
    }

    /// Whether nothing more can come.
    pub fn is_over(&self) -> bool {
        self.response.is_none()
    }

    /// Reads until `deadline`, until nothing more can come, or until so many events came.
    pub async fn listen_until(&mut self, deadline: Instant, events: usize) {
        while self.events < events {
            let Some(response) = &mut self.response else {
                return;
            };
            match timeout_at(deadline, response.chunk()).await {
                Err(_) => return,
                Ok(Ok(Some(content))) => self.take(content),
                Ok(Ok(None)) => {
                    self.response = None;
                    self.everyday.notes.tell(Told::Over);
                }
                Ok(Err(error)) => {
                    self.response = None;
                    self.give_up(&error);
                }
            }
        }
    }

    /// Takes in what came, as far as there is room: a few bytes can decode to very many.
    fn take(&mut self, mut content: Bytes) {
        let came = content.len();
        content.truncate(self.left);
        self.left -= content.len();
        let events = &mut self.events;
        self.decoder.feed(&content, |fact| {
            if let Fact::Dispatch(_) = fact {
                *events += 1;
            }
        });
        let notes = &self.everyday.notes;
        let is_full = content.len() < came;
        // Not a part of a larger buffer, which would stay.
        notes.tell(Told::Content(Bytes::copy_from_slice(&content)));
        if is_full {
            notes.add(What::Full);
            self.response = None;
        }
    }

    fn give_up(&self, error: &reqwest::Error) {
        let everyday = self.everyday;
        if let Some(reason) = everyday.relay.not_connected() {
            return everyday.notes.add(What::NotConnected(reason));
        }
        if everyday.relay.is_full() {
            return everyday.notes.add(What::Full);
        }
        everyday.notes.tell(Told::GaveUp(in_words(error)));
    }
}

/// An error with what caused it; without URLs, whose queries may be secrets.
fn in_words(error: &reqwest::Error) -> String {
    let mut words = match error {
        _ if error.is_decode() => "the content cannot be decoded".to_owned(),
        _ if error.is_body() => "the body cannot be read".to_owned(),
        _ => "the request fails".to_owned(),
    };
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(words, ": {error}");
        cause = error.source();
    }
    words
}

/// The pairs of a declared `Cookie` field.
fn declared_cookies((name, value): &(String, String)) -> impl Iterator<Item = &str> {
    let is_cookie = name.eq_ignore_ascii_case("cookie");
    value.split(';').map(str::trim).filter(move |_| is_cookie)
}

/// What a user of reqwest gives it: what it says by itself, and what stands for the connection, is left to it.
fn fields(request: &Request) -> HeaderMap {
    let own = ["host", "connection", "accept-encoding", "cookie"];
    let fields = request.fields().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name).ok()?;
        Some((name, HeaderValue::from_bytes(value).ok()?))
    });
    fields
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(name, value);
            map
        })
}
