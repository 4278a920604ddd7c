//! Bytes that are no HTTP/1.1 at all.

use super::refusal::twin_unless_accepted;
use super::unended;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Connection, Transcript};
use crate::transport::Boxed;
use crate::ws::after_fault::FAULT;
use crate::ws::handshake::{Rejection, rejected};
use pushspec_reports::Severity;
use rand_chacha::rand_core::RngCore as _;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = |id, what, kind| {
        let requirements = &["rfc9112/2.2/bad-message-400"];
        let garbage = Garbage { what, kind };
        Case::new(
            format!("ws/hs-neg/{id}"),
            Severity::Minor,
            &[Need::Open],
            requirements,
            garbage,
        )
        .hostile()
        .about(
            what,
            "400 or a close; or an answer in the protocol, where the server speaks it",
        )
    };
    [
        case(
            "garbage-random",
            "random bytes and an empty line instead of a request",
            Kind::Random,
        ),
        case(
            "garbage-tls-hello",
            "the ClientHello of TLS instead of a request",
            Kind::TlsHello,
        ),
        case(
            "garbage-h2-preface",
            "the preface of HTTP/2 and its SETTINGS instead of a request",
            Kind::Http2Preface,
        ),
    ]
    .into_iter()
}

/// What is sent.
enum Kind {
    Random,
    TlsHello,
    Http2Preface,
}

impl Kind {
    fn bytes(&self, stage: &Stage) -> Vec<u8> {
        match self {
            // None of them ends a line; the empty line does, so that nobody has to wait for more. The others may have to
            // be ended.
            Self::Random => {
                let mut bytes = vec![0; 256];
                stage.random("garbage").fill_bytes(&mut bytes);
                bytes.iter_mut().for_each(|byte| *byte |= 0x80);
                bytes.extend_from_slice(b"\r\n\r\n");
                bytes
            }
            Self::TlsHello => client_hello(),
            Self::Http2Preface => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        }
    }

    /// Whether this is how a server answers that speaks the protocol after all.
    fn is_answered_by(&self, received: &[u8]) -> bool {
        match self {
            Self::Random => false,
            // A TLS record: an alert or a handshake message.
            Self::TlsHello => matches!(received, [0x15 | 0x16, 0x03, ..]),
            // An HTTP/2 frame: SETTINGS or GOAWAY.
            Self::Http2Preface => matches!(received, [_, _, _, 0x04 | 0x07, ..]),
        }
    }
}

/// A ClientHello that a TLS 1.2 server can answer: RFC 5246 section 7.4.1.2, without extensions but for the groups and
/// signatures that a server of today wants to see.
fn client_hello() -> Vec<u8> {
    const EXTENSIONS: &[u8] = &[
        0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1d, 0x00, 0x17, // groups: x25519, P-256
        0x00, 0x0d, 0x00, 0x06, 0x00, 0x04, 0x04, 0x03, 0x08,
        0x04, // ECDSA and RSA-PSS with SHA-256
    ];
    let mut hello = vec![0x03, 0x03];
    hello.extend([0x5a; 32]);
    hello.push(0);
    hello.extend([0x00, 0x04, 0xc0, 0x2b, 0xc0, 0x2f]);
    hello.extend([0x01, 0x00]);
    hello.extend([0x00, EXTENSIONS.len() as u8]);
    hello.extend(EXTENSIONS);
    let mut record = vec![0x16, 0x03, 0x01, 0x00, hello.len() as u8 + 4];
    record.extend([0x01, 0x00, 0x00, hello.len() as u8]);
    record.extend(hello);
    record
}

struct Garbage {
    what: &'static str,
    kind: Kind,
}

impl Experiment for Garbage {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            drop(unended::ask(stage, self.kind.bytes(stage)).await);
            twin_unless_accepted(stage).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let accepted = || {
            Judgement::fail(
                "101 came without a handshake: whatever is sent to the port opens a WebSocket",
            )
            .by("rfc6455/4.2.1/reject-nonconforming-handshake")
            .at(Spot::received(FAULT, 0))
        };
        let rejection = match rejected(transcript, FAULT, accepted) {
            Ok(rejection) => rejection,
            Err(judgement) => return judgement,
        };
        let received = || transcript.connection(FAULT).map(Connection::received);
        match &rejection {
            Rejection::Response(head) if matches!(head.status, 400..=499 | 501 | 505) => {
                Judgement::pass(format!("refused: {rejection}"))
            }
            Rejection::Ended(end) => Judgement::pass(format!("refused: {end}")),
            Rejection::NotHttp { .. } if received().is_some_and(|received| self.kind.is_answered_by(&received)) => {
                Judgement::pass("answered in the protocol that was spoken")
            }
            Rejection::Silence => Judgement::warn(format!(
                "{} are neither answered nor ended by a close: strangers can hold connections for nothing",
                self.what
            ))
            .resting_on_silence()
            .to_confirm_alone(),
            Rejection::Response(_) | Rejection::NotHttp { .. } | Rejection::Endless => Judgement::warn(format!(
                "{} were answered by {rejection} where 400 is due: a client that knocks at the wrong port cannot tell why",
                self.what
            ))
            .to_confirm_alone(),
        }
    }
}
