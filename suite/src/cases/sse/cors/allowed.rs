//! What streams say about who may read them.

use super::{Allowed, allowed, allows_credentials, declared, from, origin};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::{Exchange, Replies, Reply, Request};
use crate::judgement::Judgement;
use crate::sse::{Answer, ask};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use pushspec_reports::{Severity, Verdict, printable};
use tokio::time::Instant;

/// The request from the origin that is declared, and from one that is not.
const DECLARED: &str = "declared-origin";
const OTHER: &str = "foreign-origin";

/// The same without an origin, where the server fails over one.
const CONTROL: &str = "no-origin";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// A page of the stream's own origin, or a program.
    Nobody,
    /// A page of the origin that is declared.
    Origin,
    /// A page without an origin: a sandboxed frame, a file.
    Null,
}

const EXACT: &[&str] = &[
    "fetch/cors-check/acao-required",
    "fetch/cors-check/acao-exact",
    "sse/9.2.2/cors-mode",
];

pub(super) fn cases() -> Vec<Case> {
    let acao = |name: &str, who: &str, asker| {
        Case::new(
            format!("sse/cors/acao-{name}"),
            Severity::Major,
            &[Need::Sse, Need::EventSource],
            EXACT,
            Acao { asker },
        )
        .about(
            format!("a request {who}"),
            "where cross-origin use is declared, Access-Control-Allow-Origin is `*` or that origin, letter by letter; else recorded, unless the server fails over the origin",
        )
    };
    let credentials = Case::new(
        "sse/cors/credentials",
        Severity::Major,
        &[Need::Sse, Need::EventSource],
        &["fetch/cors-check/credentials-no-star"],
        Credentials,
    )
    .about(
        "requests with a cookie, from the declared origin, from a foreign one, and from some that look like the declared one",
        "cookies are allowed to no foreign origin, look-alikes included, and beside no `*` (recorded where no cross-origin use is declared); where \
         `allowed-origins` are declared, no other origin is let in",
    );
    let vary = Case::new(
        "sse/cors/vary",
        Severity::Minor,
        &[Need::Sse, Need::EventSource],
        &["fetch/cors-check/vary-origin"],
        Vary,
    )
    .about(
        "requests from two origins",
        "the same answer to both, or Vary: Origin; recorded where no cross-origin use is declared",
    );
    vec![
        acao("none", "without Origin", Asker::Nobody),
        acao("origin", "from a page of another origin", Asker::Origin),
        acao("null", "from a page whose origin is null", Asker::Null),
        credentials,
        vary,
    ]
}

async fn send(stage: &Stage, label: &'static str, request: &Request) -> Exchange {
    let mut exchange = Exchange::get(stage, label, request).await;
    exchange.answered().await;
    exchange
}

/// Whether the server failed, by its own word or by hanging up.
fn failed(heard: &Replies) -> bool {
    match heard.first() {
        Some(reply) => reply.head.status >= 500,
        None => heard.end.is_some(),
    }
}

/// The stream on this connection.
fn stream(transcript: &Transcript, label: &str) -> Result<Answer, Judgement> {
    let answer = Answer::of(transcript, label, &[])?;
    match answer.reply().is_some_and(Reply::is_event_stream) {
        true => Ok(answer),
        false => {
            let judgement = Judgement::info(format!(
                "the request is answered by {}, not by a stream",
                answer.in_words()
            ))
            .to_confirm_alone()
            .at(answer.spot());
            Err(match answer.is_silent() {
                true => judgement.resting_on_silence(),
                false => judgement,
            })
        }
    }
}

/// The value of `Origin` that was sent on this connection.
pub(super) fn asked(transcript: &Transcript, label: &str) -> String {
    let sent = transcript.connection(label).map(Connection::sent);
    let text = String::from_utf8_lossy(sent.as_deref().unwrap_or_default()).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("Origin: "));
    line.unwrap_or_default().into()
}

struct Acao {
    asker: Asker,
}

impl Experiment for Acao {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let setting = &stage.setting;
            let origin = match self.asker {
                Asker::Nobody => None,
                Asker::Origin => Some(origin(setting)),
                Asker::Null => Some("null"),
            };
            let mut exchange = Exchange::get(stage, DECLARED, &from(setting, origin)).await;
            exchange.answered().await;
            if origin.is_some() && failed(exchange.heard()) {
                ask(stage, CONTROL, &from(setting, None)).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let origin = asked(transcript, DECLARED);
        let answer = match stream(transcript, DECLARED) {
            Ok(answer) => answer,
            Err(judgement) => {
                let judgement = self.refused(judgement, &origin, reading);
                let fails_over = match judgement.verdict == Verdict::Info {
                    true => fails_over(transcript, DECLARED),
                    false => None,
                };
                return fails_over.unwrap_or(judgement);
            }
        };
        let Some(reply) = answer.reply() else {
            return Judgement::inconclusive("no response");
        };
        self.judge_reply(reply, &origin, reading)
            .at(answer.field_spot(super::ALLOW_ORIGIN))
    }
}

/// What it means that the server fails over an origin, and gives a stream to who names none; none where it is not so.
fn fails_over(transcript: &Transcript, label: &str) -> Option<Judgement> {
    let origin = asked(transcript, label);
    let answer = Answer::on(transcript, label, &[])?;
    let control = Answer::on(transcript, CONTROL, &[])?;
    let came = answer.in_words();
    (failed(&answer.replies) && control.streams()).then(|| {
        Judgement::warn(format!(
            "a request with Origin: {} is answered by {came}, one without the field by a stream: the server fails over what \
             browsers send, and anybody can",
            printable(origin.as_bytes(), 60)
        ))
        .by("sse/9.2.2/cors-mode")
        .to_confirm_alone()
        .at(answer.spot())
    })
}

impl Acao {
    /// Whoever lets in the pages of an origin cannot refuse them the stream.
    fn refused(&self, no_stream: Judgement, origin: &str, reading: &Reading) -> Judgement {
        let is_let_in = self.asker == Asker::Origin && reading.declared.cross_origin.is_some();
        if !is_let_in || no_stream.verdict != Verdict::Info {
            return no_stream;
        }
        let observed = format!(
            "{}: an EventSource on a page of {}, which was declared to read it, reports an error and reads none of the events",
            no_stream.observed,
            printable(origin.as_bytes(), 60)
        );
        Judgement {
            verdict: Verdict::Fail,
            observed,
            ..no_stream
        }
        .by("sse/9.2.2/cors-mode")
    }

    fn judge_reply(&self, reply: &Reply, origin: &str, reading: &Reading) -> Judgement {
        let is_declared = reading.declared.cross_origin.is_some();
        let allowed = allowed(reply, origin);
        let passes = |observed: &str| match is_declared {
            true => Judgement::pass(observed),
            false => Judgement::info(observed),
        };
        let shown = printable(origin.as_bytes(), 60);
        match (self.asker, allowed) {
            (_, Allowed::Anybody) => passes("pages of every origin may read the stream, without cookies"),
            (Asker::Nobody, Allowed::Unsaid) => {
                passes("nothing is said about other origins where none asks")
            }
            (Asker::Nobody, Allowed::Exactly | Allowed::Other(_)) => {
                let value = reply.head.first(super::ALLOW_ORIGIN).unwrap_or_default();
                Judgement::info(format!(
                    "Access-Control-Allow-Origin: {}, although no page asks",
                    printable(value, 60)
                ))
            }
            (Asker::Null, Allowed::Unsaid | Allowed::Other(_)) => {
                passes("pages without an origin may not read the stream")
            }
            (Asker::Null, Allowed::Exactly) => Judgement::info(
                "pages without an origin may read the stream: any sandboxed frame is such a page",
            ),
            (Asker::Origin, Allowed::Exactly) => {
                passes(&format!("pages of {shown} may read the stream"))
            }
            (Asker::Origin, Allowed::Unsaid) => Judgement::new(
                declared(reading, Verdict::Fail),
                format!(
                    "Access-Control-Allow-Origin is missing: an EventSource on a page of {shown} reports an error, reads none \
                     of the events and does not come back"
                ),
            )
            .by("fetch/cors-check/acao-required"),
            (Asker::Origin, Allowed::Other(value)) => Judgement::new(
                declared(reading, Verdict::Fail),
                format!(
                    "Access-Control-Allow-Origin is `{value}`, and the page's origin {shown}: browsers compare letter by letter \
                     and know no list, so that an EventSource there reports an error and reads none of the events"
                ),
            )
            .by("fetch/cors-check/acao-exact"),
        }
    }
}

/// Two requests from the declared origin and from a foreign one.
async fn both(stage: &Stage, cookie: bool) {
    let setting = &stage.setting;
    for (label, origin) in [(DECLARED, origin(setting)), (OTHER, super::SECOND)] {
        let request = from(setting, Some(origin));
        let request = match cookie {
            true => with_cookie(request),
            false => request,
        };
        let answered = send(stage, label, &request).await;
        if label == OTHER && failed(answered.heard()) {
            ask(stage, CONTROL, &from(setting, None)).await;
        }
    }
}

/// The request of a client that was given a cookie before.
fn with_cookie(mut request: Request) -> Request {
    if request.value("Cookie").is_none() {
        request.set("Cookie", "pushspec=1");
    }
    request
}

struct Credentials;

/// Origins that are not the declared one, and that a careless comparison takes for it.
pub(super) fn look_alikes(origin: &str) -> Vec<(&'static str, String)> {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return Vec::new();
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, format!(":{port}")),
        Some(_) | None => (authority, String::new()),
    };
    let mut alike = vec![
        ("ends-alike", format!("{scheme}://pushspec{authority}")),
        (
            "begins-alike",
            format!("{scheme}://{host}.pushspec.invalid{port}"),
        ),
        ("null-origin", "null".to_owned()),
    ];
    if host.contains('.') {
        // Where the dot of a pattern stands for any letter.
        let host = host.replacen('.', "x", 1);
        alike.push(("dot-alike", format!("{scheme}://{host}{port}")));
    }
    if scheme == "https" {
        alike.push(("without-tls", format!("http://{authority}")));
    }
    alike
}

/// The labels of the connections on which look-alikes ask.
const ALIKE: [&str; 5] = [
    "ends-alike",
    "begins-alike",
    "null-origin",
    "dot-alike",
    "without-tls",
];

impl Experiment for Credentials {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let began = Instant::now();
            both(stage, true).await;
            // Whoever is slow to answer two would be asked for too long.
            if began.elapsed() > stage.setting.timing.patience {
                return;
            }
            let declared = &stage.setting.declared;
            let own = declared.cross_origin.iter();
            let Some(origin) = own.chain(&declared.allowed_origins).next() else {
                return;
            };
            for (label, alike) in look_alikes(origin) {
                if !declared.allowed_origins.contains(&alike) {
                    send(
                        stage,
                        label,
                        &with_cookie(from(&stage.setting, Some(&alike))),
                    )
                    .await;
                }
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let (own, other) = match (stream(transcript, DECLARED), stream(transcript, OTHER)) {
            (Ok(own), Ok(other)) => (own, other),
            (Err(judgement), _) | (_, Err(judgement)) => return judgement,
        };
        let (Some(first), Some(second)) = (own.reply(), other.reply()) else {
            return Judgement::inconclusive("no response");
        };
        let origin = asked(transcript, DECLARED);
        let wanted = reading.declared.cross_origin_credentials;
        if allows_credentials(first) && allowed(first, &origin) == Allowed::Anybody {
            let verdict = match wanted {
                true => Verdict::Fail,
                false => Verdict::Warn,
            };
            return Judgement::new(
                declared(reading, verdict),
                "Access-Control-Allow-Credentials: true stands beside `*`: browsers refuse the stream to every page that sends \
                 cookies",
            )
            .at(own.field_spot(super::ALLOW_CREDENTIALS));
        }
        if let Some(judgement) = foreign(second, super::SECOND, reading) {
            return judgement.at(other.field_spot(super::ALLOW_ORIGIN));
        }
        // One who takes a stranger's name for that of a friend.
        for label in ALIKE {
            let Some(answer) = Answer::on(transcript, label, &[]) else {
                continue;
            };
            let reply = answer.reply().filter(|reply| reply.is_event_stream());
            let origin = asked(transcript, label);
            if let Some(judgement) = reply.and_then(|reply| foreign(reply, &origin, reading)) {
                return judgement.at(answer.field_spot(super::ALLOW_ORIGIN));
            }
        }
        let observed = match (wanted, allows_credentials(first)) {
            (true, false) => {
                return Judgement::new(
                    declared(reading, Verdict::Fail),
                    "Access-Control-Allow-Credentials: true is missing: a page that sends cookies, as was declared, cannot read \
                     the stream",
                )
                .at(own.spot());
            }
            (true, true) => "cookies are allowed to the declared origin, and not to a foreign one",
            (false, true) => "cookies are allowed to the origin that is named",
            (false, false) => "pages of other origins cannot read the stream with cookies",
        };
        match reading.declared.cross_origin {
            Some(_) => Judgement::pass(observed),
            None => Judgement::info(observed),
        }
        .at(own.spot())
    }
}

/// What is wrong with what a foreign origin is allowed.
fn foreign(reply: &Reply, origin: &str, reading: &Reading) -> Option<Judgement> {
    let allowed = allowed(reply, origin);
    let (is_named, is_let_in) = match allowed {
        Allowed::Unsaid | Allowed::Other(_) => (false, false),
        Allowed::Anybody => (false, true),
        Allowed::Exactly => (true, true),
    };
    let is_with_cookies = is_named && allows_credentials(reply);
    let who = match (origin, is_with_cookies) {
        (super::SECOND, true) => {
            "any page on the web can read the stream as the user who visits it"
        }
        (super::SECOND, false) => "any page on the web can read the stream",
        ("null", _) => "any page can read the stream out of a sandboxed frame",
        (_, true) => "whoever has that name can read the stream as the user who visits it",
        (_, false) => "whoever has that name can read the stream",
    };
    let others = &reading.declared.allowed_origins;
    if is_let_in && !others.is_empty() {
        return Some(Judgement::fail(format!(
            "a foreign origin, {}, is let in, although no others than {} were declared to be: {who}",
            shown(origin),
            others.join(", ")
        )));
    }
    // Whoever wants the whole web to read says `*`; to name whoever asks, and to allow cookies, takes down the only wall.
    is_with_cookies.then(|| {
        Judgement::warn(format!(
            "a foreign origin, {}, is named in the answer, and cookies are allowed: {who}",
            shown(origin)
        ))
    })
}

fn shown(origin: &str) -> String {
    printable(origin.as_bytes(), 60)
}

struct Vary;

impl Experiment for Vary {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(both(stage, false))
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let (own, other) = match (stream(transcript, DECLARED), stream(transcript, OTHER)) {
            (Ok(own), Ok(other)) => (own, other),
            // Of the first tells another case.
            (Ok(_), Err(judgement)) => {
                return fails_over(transcript, OTHER).unwrap_or(judgement);
            }
            (Err(judgement), _) => return judgement,
        };
        let value = |answer: &Answer| {
            let reply = answer.reply();
            reply.and_then(|reply| reply.head.first(super::ALLOW_ORIGIN).map(<[u8]>::to_vec))
        };
        let varies = |answer: &Answer| {
            answer.reply().is_some_and(|reply| {
                reply.head.has_token("vary", "origin") || reply.head.has_token("vary", "*")
            })
        };
        let judgement = if value(&own) == value(&other) {
            let observed = "both origins get the same answer";
            match reading.declared.cross_origin {
                Some(_) => Judgement::pass(observed),
                None => Judgement::info(observed),
            }
        } else if varies(&own) && varies(&other) {
            let observed = "the answer depends on the origin, and Vary says so";
            match reading.declared.cross_origin {
                Some(_) => Judgement::pass(observed),
                None => Judgement::info(observed),
            }
        } else {
            Judgement::new(
                declared(reading, Verdict::Warn),
                "Access-Control-Allow-Origin depends on the origin, and Vary: Origin does not say so: a cache gives one page the \
                 answer to another, which its browser refuses",
            )
        };
        judgement.at(own.field_spot("vary"))
    }
}
