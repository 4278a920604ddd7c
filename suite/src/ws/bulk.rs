//! Large traffic to an echo endpoint: made, sent and compared as it goes. Nothing of it is kept, so that its size is no matter
//! of memory; what came of it is on record.

use super::conversation::Conversation;
use super::dialogue::HeardMessage;
use super::echo::{binary, text};
use super::frame::Frame;
use super::outcome::opened;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Came, Connection, End, Streamed, Transcript};
use crate::transport::{Wire, end_of};
use pushspec_parser::ws::{FrameDecoder, FrameEvent, FrameHeader, Opcode, mask};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Instant, timeout};

/// What is written at once where nothing else is said, and read at once.
const AT_ONCE: usize = 64 * 1024;

/// The payload repeats itself after so many bytes: a prime, so that no power of two falls together with it.
const PERIOD: usize = 65_521;

/// Said and heard before the traffic begins: whatever the target says of its own accord to greet a client comes before that.
const GREETING_OVER: &str = "before large traffic";

/// What a ping asks behind a message for whose echo we waited in vain: its answer shows that the message was read.
pub(super) const BEHIND: &[u8] = b"behind the message";

/// What is kept of a control frame: as much as it may have.
const CONTROL: usize = 125;

/// What every target takes.
const ALWAYS_TAKEN: u64 = 125;

/// Messages to an echo endpoint, each of which is sent when the one before came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// Text or binary.
    pub opcode: Opcode,
    /// How many messages.
    pub messages: u64,
    /// The bytes of each.
    pub size: u64,
    /// The bytes of each frame; none for one frame.
    pub fragment: Option<u64>,
    /// The bytes of each write; none for as many as go.
    pub segment: Option<usize>,
}

impl Bulk {
    /// One message in one frame.
    pub const fn message(opcode: Opcode, size: u64) -> Self {
        Self {
            opcode,
            messages: 1,
            size,
            fragment: None,
            segment: None,
        }
    }

    /// Sends everything on a connection of its own, and ends that.
    pub async fn stream(&self, stage: &Stage, label: &'static str) {
        let mut conversation = Conversation::open(stage, label).await;
        if !conversation.heard().is_open() {
            return;
        }
        conversation.send(&[Frame::text(GREETING_OVER)]).await;
        conversation
            .wait("the echo of a text", |heard| {
                let came = |message: &HeardMessage| message.payload.len() == GREETING_OVER.len();
                heard.messages.iter().any(came) || heard.is_ending()
            })
            .await;
        if conversation.heard().is_ending() {
            return;
        }
        let timing = stage.setting.timing;
        let link = conversation.link();
        let Some(wire) = link.wire() else { return };
        let began = Instant::now();
        let pattern = match self.opcode {
            Opcode::TEXT => text(PERIOD),
            _ => binary(PERIOD),
        };
        let (read, write) = tokio::io::split(wire);
        let sent = AtomicU64::new(0);
        let mut writer = Writer {
            write,
            pattern: &pattern,
            keys: stage.random(label),
            patience: timing.patience,
            sent: &sent,
        };
        let mut reader = Reader {
            read,
            patience: timing.patience,
            sent: &sent,
            decoder: FrameDecoder::new(),
            heard: Heard::new(self, &pattern),
        };
        let came = self.run(&mut writer, &mut reader).await;
        let elapsed = began.elapsed();
        if came == Came::All {
            writer.frame(&Frame::close(1000, "")).await;
            reader.drain(timing.parting).await;
        }
        let streamed = Streamed {
            messages: reader.heard.messages,
            sent: sent.load(Ordering::Relaxed),
            came,
            elapsed,
        };
        drop((writer, reader));
        link.record_streamed(streamed);
    }

    async fn run(&self, writer: &mut Writer<'_>, reader: &mut Reader<'_>) -> Came {
        for number in 1..=self.messages {
            let mut came = while_sending(writer.message(self), reader.messages(number)).await;
            if came == Came::Silence {
                writer.frame(&Frame::ping(BEHIND)).await;
                came = match reader.messages(number).await {
                    Came::Silence if reader.heard.ponged => Came::Passed,
                    came => came,
                };
            }
            if came != Came::All {
                return came;
            }
        }
        Came::All
    }
}

/// Hears while it says, until all is heard; `sending` says whether the target took all of it.
pub(super) async fn while_sending(
    sending: impl Future<Output = bool>,
    receiving: impl Future<Output = Came>,
) -> Came {
    tokio::pin!(sending, receiving);
    let took = tokio::select! {
        biased;
        came = &mut receiving => return match came {
            // What was begun cannot be finished.
            Came::Silence => Came::Stuck,
            came => came,
        },
        took = &mut sending => took,
    };
    match (receiving.await, took) {
        // What it says before it goes tells more than that it takes nothing.
        (Came::Silence, false) => Came::Stuck,
        (came, _) => came,
    }
}

/// The side that says.
struct Writer<'a> {
    write: WriteHalf<&'a mut Box<dyn Wire>>,
    pattern: &'a [u8],
    keys: ChaCha8Rng,
    patience: Duration,
    /// How many bytes the target took, for both sides to see.
    sent: &'a AtomicU64,
}

impl Writer<'_> {
    /// Says one message; whether all of it was taken.
    async fn message(&mut self, bulk: &Bulk) -> bool {
        let segment = bulk.segment.unwrap_or(AT_ONCE);
        let fragment = bulk.fragment.unwrap_or(bulk.size).max(1);
        let mut waiting = Vec::with_capacity(2 * AT_ONCE);
        let mut at = 0;
        loop {
            let length = fragment.min(bulk.size - at);
            let mut header = FrameHeader::new(
                if at == 0 {
                    bulk.opcode
                } else {
                    Opcode::CONTINUATION
                },
                length,
            );
            header.fin = at + length == bulk.size;
            let mut key = [0; 4];
            self.keys.fill_bytes(&mut key);
            header.masking_key = Some(key);
            header.encode(&mut waiting);
            let end = at + length;
            let begins = at;
            while at < end {
                let from = (at % PERIOD as u64) as usize;
                let count = (PERIOD - from).min((end - at) as usize).min(AT_ONCE);
                let start = waiting.len();
                waiting.extend_from_slice(&self.pattern[from..from + count]);
                mask(key, at - begins, &mut waiting[start..]);
                at += count as u64;
                if waiting.len() >= AT_ONCE && !self.write(&mut waiting, segment).await {
                    return false;
                }
            }
            if header.fin {
                return self.write(&mut waiting, segment).await;
            }
        }
    }

    async fn frame(&mut self, frame: &Frame) {
        let mut bytes = Vec::new();
        frame.encode([0; 4], &mut bytes);
        self.write(&mut bytes, AT_ONCE).await;
    }

    async fn write(&mut self, waiting: &mut Vec<u8>, segment: usize) -> bool {
        for mut rest in waiting.chunks(segment) {
            while !rest.is_empty() {
                let write = async {
                    let count = self.write.write(rest).await?;
                    self.write.flush().await?;
                    std::io::Result::Ok(count)
                };
                let Ok(Ok(count @ 1..)) = timeout(self.patience, write).await else {
                    return false;
                };
                self.sent.fetch_add(count as u64, Ordering::Relaxed);
                rest = &rest[count..];
            }
        }
        waiting.clear();
        true
    }
}

/// The side that hears.
struct Reader<'a> {
    read: ReadHalf<&'a mut Box<dyn Wire>>,
    patience: Duration,
    sent: &'a AtomicU64,
    decoder: FrameDecoder,
    heard: Heard<'a>,
}

impl Reader<'_> {
    /// Hears until so many messages came back, or something else did. Silence is where nothing moves either way.
    async fn messages(&mut self, count: u64) -> Came {
        let mut buffer = vec![0; AT_ONCE];
        let mut sent = self.sent.load(Ordering::Relaxed);
        while self.heard.messages < count {
            if let Some(came) = self.heard.otherwise.take() {
                return came;
            }
            match timeout(self.patience, self.read.read(&mut buffer)).await {
                Err(_) => {
                    let before = std::mem::replace(&mut sent, self.sent.load(Ordering::Relaxed));
                    if sent == before {
                        return Came::Silence;
                    }
                }
                Ok(Ok(0)) => return Came::Ended(End::Fin),
                Ok(Err(error)) => return Came::Ended(end_of(&error)),
                Ok(Ok(read)) => {
                    let heard = &mut self.heard;
                    self.decoder
                        .feed(&buffer[..read], |event| heard.take(event));
                }
            }
        }
        self.heard.otherwise.take().unwrap_or(Came::All)
    }

    /// Hears until the end, and minds nothing.
    async fn drain(&mut self, parting: Duration) {
        let mut buffer = vec![0; AT_ONCE];
        let until = Instant::now() + parting;
        while let Ok(Ok(1..)) = tokio::time::timeout_at(until, self.read.read(&mut buffer)).await {}
    }
}

/// What was heard of the echoes, held against the pattern.
struct Heard<'a> {
    opcode: Opcode,
    size: u64,
    pattern: &'a [u8],
    /// Whole messages that came back.
    messages: u64,
    /// Bytes of the message that is coming.
    at: u64,
    /// Whether a message has begun.
    begun: bool,
    frame: Option<FrameHeader>,
    /// The payload of the control frame that is coming.
    control: Vec<u8>,
    /// Whether the ping behind a message was answered.
    ponged: bool,
    otherwise: Option<Came>,
}

impl<'a> Heard<'a> {
    fn new(bulk: &Bulk, pattern: &'a [u8]) -> Self {
        Self {
            opcode: bulk.opcode,
            size: bulk.size,
            pattern,
            messages: 0,
            at: 0,
            begun: false,
            frame: None,
            control: Vec::new(),
            ponged: false,
            otherwise: None,
        }
    }

    fn take(&mut self, event: FrameEvent<'_>) {
        if self.otherwise.is_some() {
            return;
        }
        match event {
            FrameEvent::Header { header, .. } => {
                self.frame = Some(header);
                self.control.clear();
                if !header.opcode.is_control() {
                    let due = if self.begun {
                        Opcode::CONTINUATION
                    } else {
                        self.opcode
                    };
                    if header.opcode != due || header.rsv != 0 {
                        self.otherwise = Some(Came::Changed { byte: self.at });
                    }
                    self.begun = true;
                }
            }
            FrameEvent::Payload { bytes, .. } => match self.frame {
                Some(frame) if frame.opcode.is_control() => {
                    let room = CONTROL.saturating_sub(self.control.len());
                    self.control.extend(&bytes[..bytes.len().min(room)]);
                }
                Some(_) | None => self.compare(bytes),
            },
            FrameEvent::End { .. } => match self.frame.take() {
                Some(frame) if frame.opcode == Opcode::CLOSE => {
                    let code = match self.control.as_slice() {
                        [high, low, ..] => Some(u16::from_be_bytes([*high, *low])),
                        _ => None,
                    };
                    self.otherwise = Some(Came::Closed(code));
                }
                Some(frame) if frame.opcode == Opcode::PONG => {
                    self.ponged |= self.control == BEHIND;
                }
                Some(frame) if !frame.opcode.is_control() && frame.fin => {
                    if self.at == self.size {
                        self.messages += 1;
                        (self.at, self.begun) = (0, false);
                    } else {
                        self.otherwise = Some(Came::Changed { byte: self.at });
                    }
                }
                Some(_) | None => {}
            },
        }
    }

    fn compare(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let from = (self.at % PERIOD as u64) as usize;
            let count = bytes.len().min(PERIOD - from);
            let (piece, rest) = bytes.split_at(count);
            let due = &self.pattern[from..from + count];
            let beyond = self.at + count as u64 > self.size;
            if beyond || piece != due {
                let same = piece.iter().zip(due).take_while(|(a, b)| a == b).count() as u64;
                let byte = (self.at + same).min(self.size);
                self.otherwise = Some(Came::Changed { byte });
                return;
            }
            self.at += count as u64;
            bytes = rest;
        }
    }
}

/// What came of the traffic on the connection with this label.
///
/// # Errors
/// A judgement: inconclusive, because there was none.
pub fn streamed<'t>(transcript: &'t Transcript, label: &str) -> Result<&'t Streamed, Judgement> {
    opened(transcript, label)?;
    let connection = transcript.connection(label);
    connection.and_then(Connection::streamed).ok_or_else(|| {
        Judgement::inconclusive("the target ended the connection before anything was asked of it")
            .to_confirm_alone()
    })
}

impl Bulk {
    /// What is wrong with what came of it; none where all came back.
    pub fn flaw(&self, streamed: &Streamed) -> Option<Judgement> {
        let Self {
            messages,
            size,
            fragment,
            ..
        } = *self;
        let frames = fragment.map_or(1, |fragment| size.div_ceil(fragment).max(1));
        let what = match (messages, frames) {
            (1, 1) => format!("a {} message of {size} bytes", self.opcode),
            (1, _) => format!(
                "a {} message of {size} bytes in {frames} frames",
                self.opcode
            ),
            (_, _) => format!(
                "number {} of {messages} {} messages of {size} bytes",
                streamed.messages + 1,
                self.opcode
            ),
        };
        let judgement = match &streamed.came {
            Came::All => return None,
            Came::Changed { byte } => Judgement::fail(format!(
                "{what} did not come back as it was sent: it is another from byte {byte} on"
            ))
            .by("rfc6455/6.1/transmit"),
            Came::Broken(fault) => Judgement::fail(format!(
                "{what} came back as a compressed message that does not inflate: {fault}"
            ))
            .by("rfc7692/7.2.1/deflate-then-strip-tail"),
            Came::Unsound(violation) => Judgement::fail(format!(
                "what came in place of {what} breaks a rule: {violation}"
            ))
            .by(violation.requirement()),
            Came::Closed(Some(1009)) if streamed.messages > 0 => Judgement::warn(format!(
                "{what} was answered by Close 1009, though others of that size had come back on this connection: 1009 tells of \
                 a message that is too big"
            ))
            .by("rfc6455/7.4.1/1009-too-big")
            .to_confirm_alone(),
            Came::Closed(Some(code @ (1008 | 1009))) if size > ALWAYS_TAKEN || messages > 1 => {
                Judgement::info(format!(
                    "the target has a limit: {what} was answered by Close {code}"
                ))
                .by("rfc6455/10.4/impose-limits")
            }
            Came::Closed(None | Some(1000 | 1001 | 1012..=1014 | 3000..=4999)) if messages > 1 => Judgement::info(
                format!("the target has a limit: it said good-bye at {what}"),
            )
            .by("rfc6455/10.4/impose-limits")
            .to_confirm_alone(),
            Came::Closed(Some(1003)) if self.opcode == Opcode::BINARY => Judgement::info(format!(
                "the target takes no binary messages: {what} was answered by Close 1003"
            ))
            .by("rfc6455/7.4.1/1003-for-unacceptable-type"),
            Came::Closed(code) => {
                let code = code.map_or("without a code".into(), |code| code.to_string());
                Judgement::fail(format!(
                    "{what}, which is legal, was answered by Close {code}"
                ))
                .to_confirm_alone()
            }
            Came::Ended(end) => Judgement::inconclusive(format!(
                "{end} in answer to {what}: that may be a limit of the target (Close 1009 would say so)"
            )),
            Came::Stuck => Judgement::fail(format!(
                "the target stopped reading in the middle of {what}, and said nothing"
            ))
            .resting_on_silence(),
            // Hung, or still at it: that nobody can see.
            Came::Silence => Judgement::inconclusive(format!(
                "{what} did not come back while nothing moved for a whole patience, nor was a ping behind it answered: a slow \
                 target needs a longer --patience"
            ))
            .resting_on_silence(),
            Came::Passed => Judgement::fail(format!(
                "{what} never came back, though a ping behind it was answered"
            ))
            .resting_on_silence(),
        };
        Some(judgement)
    }

    /// How long it took, and how fast that is.
    pub fn pace(&self, streamed: &Streamed) -> String {
        let seconds = streamed.elapsed.as_secs_f64();
        match self.messages {
            1 => {
                let megabytes = self.size as f64 / 1e6;
                format!(
                    "{seconds:.3} s: {:.0} MB/s each way",
                    megabytes / seconds.max(1e-6)
                )
            }
            messages => format!(
                "{seconds:.3} s: {:.0} µs for each message",
                seconds * 1e6 / messages as f64
            ),
        }
    }
}
