//! `ws/origin` and `ws/auth`: who is let in.
//!
//! Browsers send cookies along with the handshakes of any page; that a server looks at Origin is all that keeps foreign
//! pages out (RFC 6455 section 10.2). Which origins are right is for the target's owner to declare.

use super::negotiated::{Accepted, Ask, Asking, Refused};
use crate::case::{Case, Need};
use crate::http::Request;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::ws::handshake::Rejection;
use pushspec_reports::Severity;

/// A page that has nothing to do with the target.
const FOREIGN: &[u8] = b"https://foreign.pushspec.invalid";

const VERIFY: &str = "rfc6455/10.2/verify-origin";

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = MATRIX.map(recorded).into();
    cases.extend([allow_list(), with_cookie()]);
    cases.extend(LOOKALIKES.map(lookalike));
    cases.extend([unauthorized(), redirected()]);
    cases
}

/// Origins, and what they are.
const MATRIX: [(&str, &str, Ask); 6] = [
    (
        "none",
        "a handshake without Origin",
        Ask::With(|request, _| {
            request.remove("Origin");
        }),
    ),
    (
        "same",
        "a handshake with the Origin of the target itself",
        Ask::With(|request, stage| {
            let target = &stage.setting.target;
            let origin = format!("{}://{}", target.http_scheme(), target.authority);
            request.set("Origin", origin);
        }),
    ),
    (
        "foreign",
        "a handshake with the Origin of a foreign site",
        Ask::Field("Origin", FOREIGN),
    ),
    (
        "null",
        "a handshake with `Origin: null`, as from a sandboxed page",
        Ask::Field("Origin", b"null"),
    ),
    (
        "malformed",
        "a handshake with an Origin that is none",
        Ask::Field("Origin", b"not an origin"),
    ),
    (
        "two",
        "a handshake with two Origin fields",
        Ask::With(|request, _| {
            request.remove("Origin");
            request.add("Origin", FOREIGN);
            request.add("Origin", "null");
        }),
    ),
];

const ANY: &str = "ambiguity/any-path-any-origin";

fn recorded((name, what, ask): (&str, &'static str, Ask)) -> Case {
    Case::new(
        format!("ws/origin/matrix-{name}"),
        Severity::Informational,
        &[Need::Open],
        &[
            "rfc6455/4.2.2/origin-validation-optional",
            "rfc6455/4.2.1/origin-absent-not-browser",
        ],
        Asking {
            ask,
            what,
            accepted: |accepted| {
                Judgement::info(format!("{} is answered by 101", accepted.what)).resting_on(ANY)
            },
            refused: Refused::Read(|answer, what| {
                Judgement::info(format!("{what} is answered by {answer}")).resting_on(ANY)
            }),
        },
    )
    .about(
        what,
        "recorded: whether a server looks at Origin is its own choice",
    )
}

fn allow_list() -> Case {
    Case::new(
        "ws/origin/allow-list",
        Severity::Major,
        &[Need::Open, Need::AllowedOrigins],
        &[
            VERIFY,
            "rfc6455/10.2/bad-origin-403",
            "rfc6455/4.2.2/origin-reject-is-http-error",
        ],
        Asking {
            ask: Ask::Field("Origin", FOREIGN),
            what: "a handshake with an Origin that is not declared as allowed",
            accepted: |accepted| let_in(accepted, Judgement::fail),
            refused: Refused::Read(|answer, what| match answer {
                Rejection::Response(head) if head.status == 403 => {
                    Judgement::pass(format!("refused: {answer}"))
                }
                Rejection::Response(head) if (400..500).contains(&head.status) => Judgement::info(
                    format!("{what} was answered by {answer}; section 10.2 asks for 403"),
                )
                .by("rfc6455/10.2/bad-origin-403"),
                _ => Judgement::warn(format!(
                    "{what} was answered by {answer}, where an HTTP error is due: nobody can tell why"
                ))
                .by("rfc6455/4.2.2/origin-reject-is-http-error"),
            }),
        },
    )
    .about(
        "a handshake with an Origin that is not declared as allowed",
        "403",
    )
}

/// Somebody who should be kept out was let in.
fn let_in(accepted: &Accepted<'_>, verdict: fn(String) -> Judgement) -> Judgement {
    verdict(format!(
        "{} was answered by 101: any such page can speak with the server in the name of its visitors",
        accepted.what
    ))
    .by(VERIFY)
    .at(accepted.spot("Upgrade"))
}

fn with_cookie() -> Case {
    Case::new(
        "ws/origin/cookie-csws",
        Severity::Minor,
        &[Need::Open, Need::Cookie],
        &[VERIFY],
        Asking {
            ask: Ask::Field("Origin", FOREIGN),
            what: "a handshake with the declared cookie and the Origin of a foreign site",
            accepted: |accepted| let_in(accepted, Judgement::warn),
            refused: Refused::Choice,
        },
    )
    .about(
        "a handshake with the declared cookie and the Origin of a foreign site, as browsers send it for any page",
        "a refusal",
    )
}

/// Origins that look like an allowed one to careless eyes.
const LOOKALIKES: [(&str, &str, Ask); 4] = [
    (
        "suffix",
        "an allowed Origin with more behind its host",
        Ask::With(|request, stage| {
            request.set(
                "Origin",
                allowed(stage).host(|host| format!("{host}.pushspec.invalid")),
            );
        }),
    ),
    (
        "prefix",
        "an allowed Origin with more before its host",
        Ask::With(|request, stage| {
            request.set(
                "Origin",
                allowed(stage).host(|host| format!("pushspec-{host}")),
            );
        }),
    ),
    (
        "port",
        "an allowed Origin with another port",
        Ask::With(|request, stage| {
            let other = |port: &str| if port == ":8443" { ":8444" } else { ":8443" };
            request.set("Origin", allowed(stage).port(other));
        }),
    ),
    (
        "scheme",
        "an allowed Origin with another scheme",
        Ask::With(|request, stage| {
            request.set("Origin", allowed(stage).other_scheme());
        }),
    ),
];

fn lookalike((name, what, ask): (&str, &'static str, Ask)) -> Case {
    Case::new(
        format!("ws/origin/lookalike-{name}"),
        Severity::Minor,
        &[Need::Open, Need::AllowedOrigins],
        &[VERIFY],
        Asking {
            ask,
            what,
            accepted: |accepted| let_in(accepted, Judgement::warn),
            refused: Refused::Choice,
        },
    )
    .about(format!("a handshake with {what}"), "a refusal")
}

/// The parts of an origin: `scheme://host:port`.
struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
    /// With its colon, where there is one.
    port: &'a str,
}

/// The origin that is declared first.
fn allowed(stage: &Stage) -> Origin<'_> {
    let declared = &stage.setting.declared.allowed_origins;
    Origin::of(declared.first().map_or("", String::as_str))
}

impl<'a> Origin<'a> {
    fn of(origin: &'a str) -> Self {
        let (scheme, rest) = origin.split_once("://").unwrap_or(("https", origin));
        // The colons inside the brackets of an IPv6 address are no ports.
        let from = rest.rfind(']').unwrap_or(0);
        let at = rest[from..].find(':').map_or(rest.len(), |at| from + at);
        let (host, port) = rest.split_at(at);
        Self { scheme, host, port }
    }

    fn other_scheme(&self) -> String {
        let other = if self.scheme == "https" {
            "http"
        } else {
            "https"
        };
        format!("{other}://{}{}", self.host, self.port)
    }

    fn host(&self, other: impl Fn(&str) -> String) -> String {
        format!("{}://{}{}", self.scheme, other(self.host), self.port)
    }

    fn port(&self, other: impl Fn(&str) -> &'static str) -> String {
        format!("{}://{}{}", self.scheme, self.host, other(self.port))
    }
}

/// The handshake for another path, without anything that is declared.
fn stranger(request: &mut Request, stage: &Stage, path: Option<&String>) {
    if let Some(path) = path {
        request.target = path.clone().into_bytes();
    }
    request.remove("Authorization");
    for (name, _) in &stage.setting.declared.headers {
        request.remove(name);
    }
}

fn unauthorized() -> Case {
    Case::new(
        "ws/auth/401",
        Severity::Informational,
        &[Need::Open, Need::ProtectedPath],
        &["rfc6455/4.2.2/auth-401"],
        Asking {
            ask: Ask::With(|request, stage| {
                stranger(request, stage, stage.setting.declared.protected_path.as_ref());
            }),
            what: "a handshake without credentials for the protected path",
            accepted: |accepted| {
                Judgement::warn(format!(
                    "{} was answered by 101: the path is not protected",
                    accepted.what
                ))
            },
            refused: Refused::Read(|answer, what| match answer {
                Rejection::Response(head) if head.status == 401 => match head.first("www-authenticate") {
                    Some(_) => Judgement::pass("401 with WWW-Authenticate"),
                    None => Judgement::warn(
                        "401 came without WWW-Authenticate: the client is not told which credentials would do",
                    ),
                },
                _ => Judgement::info(format!("{what} was answered by {answer}")),
            }),
        },
    )
    .about(
        "a handshake without credentials for the path that is declared as protected",
        "401 with WWW-Authenticate; another refusal is recorded",
    )
}

fn redirected() -> Case {
    Case::new(
        "ws/auth/redirect",
        Severity::Informational,
        &[Need::Open, Need::RedirectingPath],
        &["rfc6455/4.2.2/redirect-3xx"],
        Asking {
            ask: Ask::With(|request, stage| {
                if let Some(path) = &stage.setting.declared.redirecting_path {
                    request.target = path.clone().into_bytes();
                }
            }),
            what: "a handshake for the redirecting path",
            accepted: |accepted| Judgement::info(format!("{} was answered by 101", accepted.what)),
            refused: Refused::Read(|answer, what| match answer {
                Rejection::Response(head) if matches!(head.status, 301 | 302 | 303 | 307 | 308) => {
                    match head.first("location") {
                        Some(_) => Judgement::pass(format!("{} with Location", head.status)),
                        None => Judgement::warn(format!(
                            "{} came without Location: the client is sent nowhere",
                            head.status
                        )),
                    }
                }
                _ => Judgement::info(format!("{what} was answered by {answer}")),
            }),
        },
    )
    .about(
        "a handshake for the path that is declared to redirect",
        "a redirect with Location",
    )
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn origins_are_taken_apart() {
        for (origin, scheme, host, port) in [
            ("https://example.org", "https", "example.org", ""),
            ("http://example.org:8080", "http", "example.org", ":8080"),
            ("https://[::1]:8443", "https", "[::1]", ":8443"),
            ("https://[::1]", "https", "[::1]", ""),
        ] {
            let parts = Origin::of(origin);
            assert_eq!((parts.scheme, parts.host, parts.port), (scheme, host, port));
        }
    }
}
