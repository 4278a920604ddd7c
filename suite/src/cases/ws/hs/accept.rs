//! `Sec-WebSocket-Accept`, and the 101 of an ordinary handshake byte by byte.

use super::variation::{VARIED, refused};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::after_fault::opened;
use crate::ws::handshake::{Answer, Rejection, ask_again, ask_twin, flaws, own_flaws, rejected};
use crate::ws::{Conversation, Dialogue, Frame};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use pushspec_parser::http::accept_value;
use pushspec_parser::{Finding, Violation};
use pushspec_reports::{Severity, Verdict, printable};
use rand_chacha::rand_core::RngCore as _;

const HASH: &[&str] = &["rfc6455/4.2.2/response-accept-hash"];

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let random = DRAWS.iter().map(|draw| {
        case(
            draw.id,
            Severity::Critical,
            HASH,
            Hashed {
                key: Key::Drawn(draw),
            },
        )
        .about(
            format!("a handshake with {}", draw.what),
            "the accept value is the base64 of the SHA-1 of that key and the fixed GUID",
        )
    });
    let sample = case(
        "accept-rfc-sample",
        Severity::Critical,
        HASH,
        Hashed {
            key: Key::Given("dGhlIHNhbXBsZSBub25jZQ=="),
        },
    )
    .about(
        "a handshake with the key of the example in RFC 6455 section 1.3",
        "the accept value of that example: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    );
    let noncanonical = case(
        "accept-noncanonical-key",
        Severity::Minor,
        &[
            "rfc6455/4.2.2/accept-uses-key-text",
            "rfc6455/4.2.1/key-noncanonical-padding-bits",
        ],
        Noncanonical,
    )
    .about(
        "a handshake with the key that section 4.1 of RFC 6455 printed: spare bits of its base64 are set",
        "101 with the accept value of the key as it is written; a server may also refuse such a key",
    );
    let once = case(
        "accept-once",
        Severity::Major,
        &["rfc6455/11.3.3/accept-once"],
        Ordinary { judge: accept_once },
    )
    .about(
        "the 101 of an ordinary handshake: how often it has Sec-WebSocket-Accept",
        "exactly one Sec-WebSocket-Accept",
    );
    let strict = case(
        "raw-http-strict",
        Severity::Major,
        &[
            "rfc6455/4.2.2/response-valid-http",
            "rfc9110/8.6/no-content-length-1xx-204",
            "rfc9112/6.1/no-te-in-101-204",
            "rfc9110/6.4.1/1xx-204-no-content",
        ],
        Ordinary { judge: strict_http },
    )
    .about(
        "the 101 of an ordinary handshake, read strictly, byte by byte",
        "sound HTTP/1.1: status line, CRLF, legal fields, no content and no length of it, then frames",
    );
    random.chain([sample, noncanonical, once, strict])
}

fn case(
    id: &str,
    severity: Severity,
    requirements: &'static [&'static str],
    experiment: impl Experiment + 'static,
) -> Case {
    Case::new(
        format!("ws/hs/{id}"),
        severity,
        &[Need::Open],
        requirements,
        experiment,
    )
}

/// A random key with a property on which sloppy code stumbles.
struct Draw {
    id: &'static str,
    what: &'static str,
    /// Brings each byte of the nonce into a range.
    shape: fn(u8) -> u8,
    /// Whether nonce, key and accept value have the property; else they are drawn again.
    wanted: fn(&[u8], &str, &str) -> bool,
}

const DRAWS: &[Draw] = &[
    Draw {
        id: "accept-random-nonce-any",
        what: "a random key",
        shape: |byte| byte,
        wanted: |_, _, _| true,
    },
    Draw {
        id: "accept-random-nonce-nul",
        what: "a random key that stands for a NUL byte, among others",
        shape: |byte| byte,
        wanted: |nonce, _, _| nonce[..15].contains(&0),
    },
    Draw {
        id: "accept-random-nonce-high",
        what: "a random key that stands for bytes from 80 on",
        shape: |byte| byte | 0x80,
        wanted: |_, _, _| true,
    },
    Draw {
        id: "accept-random-nonce-ascii",
        what: "a random key that stands for printable ASCII",
        shape: |byte| b'!' + byte % 94,
        wanted: |_, _, _| true,
    },
    Draw {
        id: "accept-random-key-plus",
        what: "a random key with a plus sign in it",
        shape: |byte| byte,
        wanted: |_, key, _| key.contains('+'),
    },
    Draw {
        id: "accept-random-key-slash",
        what: "a random key with a slash in it",
        shape: |byte| byte,
        wanted: |_, key, _| key.contains('/'),
    },
    Draw {
        id: "accept-random-accept-plus",
        what: "a random key whose accept value has a plus sign in it",
        shape: |byte| byte,
        wanted: |_, _, accept| accept.contains('+'),
    },
    Draw {
        id: "accept-random-accept-slash",
        what: "a random key whose accept value has a slash in it",
        shape: |byte| byte,
        wanted: |_, _, accept| accept.contains('/'),
    },
];

/// Where a key comes from.
enum Key {
    Drawn(&'static Draw),
    Given(&'static str),
}

impl Key {
    fn text(&self, stage: &Stage) -> String {
        let draw = match self {
            Self::Given(key) => return (*key).into(),
            Self::Drawn(draw) => draw,
        };
        let mut random = stage.random("key");
        loop {
            let mut nonce = [0; 16];
            random.fill_bytes(&mut nonce);
            let nonce = nonce.map(draw.shape);
            let key = BASE64.encode(nonce);
            if (draw.wanted)(&nonce, &key, &accept_value(key.as_bytes())) {
                return key;
            }
        }
    }
}

/// The accept value that answers a key.
struct Hashed {
    key: Key,
}

const KEYED: &str = "keyed";

impl Experiment for Hashed {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, KEYED);
            request.set("Sec-WebSocket-Key", self.key.text(stage));
            Conversation::open_with(stage, KEYED, &request)
                .await
                .part()
                .await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        if let Err(refusal) = opened(transcript, KEYED) {
            return refusal;
        }
        let flaws = transcript.connection(KEYED).map(flaws).unwrap_or_default();
        match flaws.iter().find(|flaw| is_about_accept(flaw)) {
            None => Judgement::pass("the accept value is right"),
            Some(flaw) => Judgement::fail(format!(
                "{}: a browser takes this for a server that does not speak WebSocket, and gives up",
                flaw.violation
            ))
            .at(Spot::received(KEYED, flaw.offset)),
        }
    }
}

fn is_about_accept(flaw: &Finding) -> bool {
    matches!(
        flaw.violation,
        Violation::AcceptMissing | Violation::AcceptWrong
    )
}

/// The key of section 4.1, whose base64 is not canonical: right, wrong by re-encoding it, or refused.
struct Noncanonical;

impl Experiment for Noncanonical {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut request = Request::opening(stage, VARIED);
            request.set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEC==");
            Conversation::open_with(stage, VARIED, &request)
                .await
                .part()
                .await;
            // With a key of its own: what is wrong with this one is the question.
            let transcript = stage.transcript();
            let flawless = Answer::to(&transcript, VARIED).is_accepted()
                && own_flaws(&transcript, VARIED).is_empty();
            if !flawless {
                ask_twin(stage).await;
                ask_again(stage, VARIED).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let what = "a key whose base64 has spare bits set";
        let accepted = || {
            let own = own_flaws(transcript, VARIED);
            match own.iter().find(|flaw| is_about_accept(flaw)) {
                None => Judgement::pass("101, with the accept value of the key as written"),
                Some(flaw) => Judgement::fail(format!(
                    "{}: it was not computed over the key as written, so that clients give up",
                    flaw.violation
                ))
                .at(Spot::received(VARIED, flaw.offset)),
            }
        };
        let rejection = match rejected(transcript, VARIED, accepted) {
            Ok(rejection) => rejection,
            Err(judgement) => return judgement,
        };
        let strange = "sample clients that copy the key of the RFC cannot connect";
        match &rejection {
            Rejection::Response(head) if head.status < 500 => Judgement::info(format!(
                "{what} was refused with {rejection}: strict, and allowed"
            ))
            .resting_on("ambiguity/sample-key")
            .to_confirm_alone(),
            Rejection::Ended(_) => Judgement::info(format!(
                "{what} was answered by {rejection}: strict, and allowed"
            ))
            .resting_on("ambiguity/sample-key")
            .to_confirm_alone(),
            Rejection::Response(_)
            | Rejection::NotHttp { .. }
            | Rejection::Endless
            | Rejection::Silence => refused(&rejection, Verdict::Warn, what, strange),
        }
    }
}

/// An ordinary handshake, and a ping behind it.
struct Ordinary {
    judge: fn(&Dialogue, &[Finding], &[u8]) -> Judgement,
}

const ORDINARY: &str = "ordinary";

impl Experiment for Ordinary {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let mut conversation = Conversation::open(stage, ORDINARY).await;
            if conversation.heard().is_open() {
                conversation.send(&[Frame::ping("ordinary")]).await;
                let came = |heard: &Dialogue| {
                    heard.frame_bytes > 0 || heard.end.is_some() || !heard.findings.is_empty()
                };
                conversation.wait("a pong", came).await;
            }
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        match (
            opened(transcript, ORDINARY),
            transcript.connection(ORDINARY),
        ) {
            (Ok(heard), Some(connection)) => {
                (self.judge)(&heard, &flaws(connection), &connection.received())
            }
            (Err(refusal), _) => refusal,
            (Ok(_), None) => Judgement::inconclusive("there was no connection"),
        }
    }
}

fn accept_once(_: &Dialogue, flaws: &[Finding], _: &[u8]) -> Judgement {
    let repeated = flaws
        .iter()
        .find(|flaw| flaw.violation == Violation::AcceptRepeated);
    match repeated {
        None => Judgement::pass("the field is not repeated"),
        Some(flaw) => Judgement::fail(
            "Sec-WebSocket-Accept came more than once: clients that join fields of one name read a value that does \
             not match, and give up",
        )
        .at(Spot::received(ORDINARY, flaw.offset)),
    }
}

fn strict_http(heard: &Dialogue, flaws: &[Finding], received: &[u8]) -> Judgement {
    let grammar = heard.head().map(|head| head.findings.clone());
    let first = grammar
        .unwrap_or_default()
        .into_iter()
        .chain(flaws.iter().copied().filter(is_about_http))
        .next();
    if let Some(flaw) = first {
        let judgement = Judgement::fail(format!(
            "the 101 is not sound HTTP: {}; strict clients and proxies give up on it",
            flaw.violation
        ))
        .by(flaw.violation.requirement())
        .at(Spot::received(ORDINARY, flaw.offset));
        return match flaw.violation {
            Violation::HttpLengthWithoutContent => {
                judgement.resting_on("ambiguity/http-beside-the-protocol")
            }
            _ => judgement,
        };
    }
    let start = heard.frames_start();
    let behind = &received[received.len().min(start as usize)..];
    // A frame that is merely wrong is another case's; what looks like text never was one.
    let is_text = behind.starts_with(b"\r\n")
        || behind.len() >= 4
            && behind[..4]
                .iter()
                .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    if is_text && heard.findings.iter().any(|flaw| flaw.offset == start) {
        let behind = printable(&behind[..behind.len().min(40)], 40);
        return Judgement::fail(format!(
            "what follows the 101 is no frame but {behind:?}: every client reads it as one, and breaks the connection off"
        ))
        .by("rfc9110/6.4.1/1xx-204-no-content")
        .at(Spot::received(ORDINARY, start));
    }
    Judgement::pass("sound HTTP/1.1, then frames")
}

/// What the head says of its own form and of content, the grammar of its lines apart.
fn is_about_http(flaw: &Finding) -> bool {
    matches!(
        flaw.violation,
        Violation::UpgradeVersion
            | Violation::HttpContentLength
            | Violation::HttpContentLengthsDiffer
            | Violation::HttpLengthAndCoding
            | Violation::HttpLengthWithoutContent
            | Violation::HttpCodingWithoutContent
    )
}
