//! `ws/tls`: what a `wss` endpoint does that an endpoint without TLS cannot do wrong.

use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Connection, End, Transcript};
use crate::transport::{Boxed, Tls};
use crate::ws::echo::{Compared, Message, flaw, say_last, text};
use crate::ws::outcome::opened;
use crate::ws::{Conversation, Dialogue, Frame, Opened, Segments};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Severity;

/// Everything that is sent and heard behind the TLS handshake.
const INSIDE: &str = "inside";

/// Said without TLS.
const PLAIN: &str = "plain";

const UNKNOWN: &str = "unknown name";

/// A name that nobody hosts (RFC 6761 section 6.4).
const NOBODYS: &str = "nobody.invalid";

/// Offers of protocols, each with the label of its connection.
const OFFERS: [(&str, &[&str]); 3] = [
    ("h2 alone", &["h2"]),
    ("http/1.1 alone", &["http/1.1"]),
    ("both", &["h2", "http/1.1"]),
];

/// The ways in which frames are laid into records.
const BYTEWISE: &str = "a byte in a record";
const ODD: &str = "records of 40 bytes";
const TOGETHER: &str = "frames in a record";

/// Bytes of a record, its header and tag apart: no multiple of any frame.
const ODD_BYTES: usize = 40;

/// What is said when the others came back.
const LAST: &str = "behind the others";

const CARRIES: &str = "rfc6455/4.2.2/tls-carries-everything";

pub(super) fn cases() -> Vec<Case> {
    let case = |word, severity, needs, requirements, experiment: TlsCase| {
        let id = format!("ws/tls/{word}");
        let (title, expected) = experiment.words();
        Case::new(id, severity, needs, requirements, experiment).about(title, expected)
    };
    vec![
        case(
            "handshake",
            Severity::Major,
            &[Need::Tls],
            &["rfc6455/10.6/tls-supported", CARRIES],
            TlsCase::Handshake,
        ),
        case(
            "plain-on-tls-port",
            Severity::Major,
            &[Need::Tls],
            &[CARRIES],
            TlsCase::PlainOnTlsPort,
        ),
        case(
            "unknown-sni",
            Severity::Informational,
            &[Need::Tls],
            &["rfc6455/4.2.2/tls-failure-closes"],
            TlsCase::UnknownName,
        ),
        case(
            "record-splits",
            Severity::Major,
            &[Need::Tls, Need::Echo],
            &["rfc6455/6.2/parse-as-frames"],
            TlsCase::RecordSplits,
        ),
        case(
            "close-notify",
            Severity::Minor,
            &[Need::Tls, Need::Open],
            &[
                "rfc6455/7.1.1/clean-tcp-close",
                "rfc9112/9.8/tls-close-notify",
            ],
            TlsCase::CloseNotify,
        ),
        case(
            "alpn",
            Severity::Informational,
            &[Need::Tls],
            &["rfc6455/10.6/tls-employed"],
            TlsCase::Protocols,
        ),
    ]
}

#[derive(Debug, Clone, Copy)]
enum TlsCase {
    Handshake,
    PlainOnTlsPort,
    UnknownName,
    RecordSplits,
    CloseNotify,
    Protocols,
}

impl TlsCase {
    /// What is done, and what is called for.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Handshake => (
                "an ordinary handshake over TLS, and a ping",
                "101, and all that follows, inside TLS",
            ),
            Self::PlainOnTlsPort => (
                "an ordinary handshake without TLS, to the port of wss",
                "no 101: a refusal in the clear, an alert or the end of the connection",
            ),
            Self::UnknownName => (
                "TLS that asks for a name which nobody hosts",
                "recorded: an alert, or the default certificate",
            ),
            Self::RecordSplits => (
                "texts whose frames are cut by TLS records anywhere, and frames that share one",
                "each text comes back once, the same",
            ),
            Self::CloseNotify => (
                "the end of a connection after both Closes",
                "a closure alert comes before TCP FIN",
            ),
            Self::Protocols => (
                "TLS that offers h2, http/1.1 and both (ALPN)",
                "recorded: what is agreed on",
            ),
        }
    }

    async fn talk(self, stage: &Stage, tls: &Tls) {
        match self {
            Self::Handshake => {
                let mut conversation = Conversation::open(stage, INSIDE).await;
                if conversation.heard().is_open() {
                    conversation.send(&[Frame::ping(INSIDE)]).await;
                    conversation
                        .wait("a pong inside TLS", |heard| {
                            heard.pong(INSIDE.as_bytes()).is_some() || heard.is_ending()
                        })
                        .await;
                }
                conversation.part().await;
            }
            Self::PlainOnTlsPort => {
                let plain = Conversation::open_over(stage, &**tls.below(), PLAIN).await;
                drop(plain);
            }
            Self::UnknownName => {
                let odd = tls.asking_for(NOBODYS);
                Conversation::open_over(stage, &odd, UNKNOWN)
                    .await
                    .part()
                    .await;
            }
            Self::RecordSplits => {
                let odd = tls.in_records_of(ODD_BYTES);
                for (label, frames) in record_splits() {
                    let mut conversation = match label {
                        ODD => Conversation::open_over(stage, &odd, label).await,
                        _ => Conversation::open(stage, label).await,
                    };
                    if conversation.heard().is_open() {
                        let segments = match label {
                            BYTEWISE => Segments::Bytes(1),
                            _ => Segments::One,
                        };
                        conversation.say(&frames, segments).await;
                        let last = Frame::text(LAST);
                        say_last(&mut conversation, &texts(&frames), |_| true, last).await;
                    }
                    conversation.part().await;
                }
            }
            Self::CloseNotify => {
                let mut conversation = Conversation::open(stage, INSIDE).await;
                if conversation.heard().is_open() {
                    conversation.send(&[Frame::close(1000, "")]).await;
                    conversation.ended().await;
                }
            }
            Self::Protocols => {
                for (label, protocols) in OFFERS {
                    drop(stage.connect_over(&tls.offering(protocols), label).await);
                }
            }
        }
    }
}

/// The texts of each way in which they are laid into records.
fn record_splits() -> [(&'static str, Vec<Frame>); 3] {
    let short = ["first", "second", "third"].map(Frame::text);
    [
        (BYTEWISE, short.to_vec()),
        (ODD, vec![Frame::text(text(1000)), Frame::text(text(126))]),
        (TOGETHER, short.to_vec()),
    ]
}

impl Experiment for TlsCase {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            if let Some(tls) = stage.setting.transport.tls() {
                self.talk(stage, tls).await;
            }
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        match self {
            Self::Handshake => handshake(transcript),
            Self::PlainOnTlsPort => plain_on_tls_port(transcript),
            Self::UnknownName => unknown_name(transcript),
            Self::RecordSplits => record_splits()
                .into_iter()
                .find_map(|(label, frames)| broken(transcript, label, &frames, reading))
                .unwrap_or_else(|| Judgement::pass("every text came back, however it was cut")),
            Self::CloseNotify => close_notify(transcript),
            Self::Protocols => protocols(transcript),
        }
    }
}

fn handshake(transcript: &Transcript) -> Judgement {
    let trouble = transcript
        .connection(INSIDE)
        .and_then(Connection::end)
        .and_then(|(_, end)| match end {
            End::Trouble(trouble) => Some(trouble),
            End::Fin | End::FinWithoutAlert | End::Reset | End::Alert(_) | End::Http(_) => None,
        });
    match (opened(transcript, INSIDE), trouble) {
        // No connection is no trouble behind the TLS handshake.
        (Err(judgement), _) if !was_connected(transcript, INSIDE) => judgement,
        (_, Some(trouble)) => Judgement::fail(format!(
            "what came behind the TLS handshake is not TLS ({trouble}): whoever listens on the way reads it"
        ))
        .by(CARRIES),
        (Err(judgement), None) => judgement,
        (Ok(_), None) => Judgement::pass("101, and all that followed, inside TLS"),
    }
}

fn plain_on_tls_port(transcript: &Transcript) -> Judgement {
    let Some(connection) = transcript.connection(PLAIN) else {
        return Judgement::inconclusive("there is no TLS to leave out");
    };
    if let Some(reason) = connection.not_connected() {
        return Judgement::inconclusive(reason.to_owned()).to_confirm_alone();
    }
    let heard = Dialogue::of(connection);
    if heard.is_open() {
        return Judgement::fail(
            "the port of wss answers 101 without TLS as well: a client that is led there says everything in the clear",
        );
    }
    Judgement::pass(match (heard.head(), &heard.opened, &heard.end) {
        (Some(head), ..) => format!("status {} in the clear, and no 101", head.status),
        (None, Opened::NotHttp { .. }, _) => "an answer that is not HTTP: a TLS alert".into(),
        (None, _, Some((_, end))) => format!("no answer: {end}"),
        (None, _, None) => "no answer".into(),
    })
}

fn unknown_name(transcript: &Transcript) -> Judgement {
    let Some(connection) = transcript.connection(UNKNOWN) else {
        return Judgement::inconclusive("there is no TLS to ask");
    };
    if let Some(reason) = connection.not_connected() {
        return Judgement::info(format!("{NOBODYS} is refused: {}", why(reason)));
    }
    let status = Dialogue::of(connection).head().map(|head| head.status);
    Judgement::info(match status {
        Some(status) => format!(
            "{NOBODYS} is taken for a name of this server: its certificate, and status {status}"
        ),
        None => {
            format!("{NOBODYS} is taken for a name of this server: its certificate, and no answer")
        }
    })
}

/// The messages that these frames are.
fn texts(frames: &[Frame]) -> Vec<Message> {
    let text = |frame: &Frame| Message {
        opcode: Opcode::TEXT,
        payload: frame.payload.clone(),
        frames: 1,
    };
    frames.iter().map(text).collect()
}

/// What is wrong with the echoes on one connection; none, where nothing is.
fn broken(
    transcript: &Transcript,
    label: &'static str,
    frames: &[Frame],
    reading: &Reading,
) -> Option<Judgement> {
    let heard = match opened(transcript, label) {
        Ok(heard) => heard,
        Err(judgement) => return Some(judgement),
    };
    let expected = texts(&[frames, &[Frame::text(LAST)]].concat());
    let compared = Compared::of(&expected, &heard.messages);
    let mut judgement = flaw(label, &expected, &compared, &heard, reading)?;
    judgement.observed = format!("{label}: {}", judgement.observed);
    Some(judgement)
}

fn close_notify(transcript: &Transcript) -> Judgement {
    let heard = match opened(transcript, INSIDE) {
        Ok(heard) => heard,
        Err(judgement) => return judgement,
    };
    match &heard.end {
        Some((_, End::Fin)) => Judgement::pass("a closure alert, then TCP FIN"),
        Some((_, End::FinWithoutAlert)) => Judgement::warn(
            "TCP FIN without a closure alert: the end cannot be told from a cut that somebody on the way made",
        )
        .by("rfc9112/9.8/tls-close-notify"),
        Some((_, end @ (End::Reset | End::Alert(_) | End::Trouble(_) | End::Http(_)))) => {
            Judgement::info(format!("{end} instead of a closure alert and TCP FIN"))
        }
        None => Judgement::info("the connection was not ended behind both Closes"),
    }
}

fn protocols(transcript: &Transcript) -> Judgement {
    let outcomes = OFFERS.iter().filter_map(|(label, _)| {
        let connection = transcript.connection(label)?;
        let came = match (connection.not_connected(), connection.negotiated()) {
            (Some(reason), _) => format!("refused ({})", why(reason)),
            (None, Some(protocol)) => format!("agreed on {protocol}"),
            (None, None) => "nothing agreed on".into(),
        };
        Some(format!("{label}: {came}"))
    });
    let outcomes: Vec<String> = outcomes.collect();
    match outcomes.is_empty() {
        true => Judgement::inconclusive("there is no TLS to ask"),
        false => Judgement::info(outcomes.join("; ")),
    }
}

fn was_connected(transcript: &Transcript, label: &str) -> bool {
    let connection = transcript.connection(label);
    connection.is_some_and(|connection| connection.not_connected().is_none())
}

/// Why no connection could be had, without the advice behind it: here it was to be expected.
fn why(reason: &str) -> &str {
    reason.split_once("): ").map_or(reason, |(why, _)| why)
}
