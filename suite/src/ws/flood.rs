//! Floods: one frame over and over, and what a target makes of that. Made and sent as it goes; nothing of it is kept, and what
//! came of it is on record.

use super::bulk::while_sending;
use super::conversation::Conversation;
use super::frame::Frame;
use super::outcome::opened;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Came, Connection, End, Flooded, Transcript};
use crate::transport::{Wire, end_of};
use pushspec_parser::ws::{FrameDecoder, FrameEvent, Opcode};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Instant, timeout};

/// About what is written at once, and read at once.
const AT_ONCE: usize = 64 * 1024;

/// What is asked behind the flood: its answer shows that all of it was read.
const BEHIND: &[u8] = b"behind the flood";

/// Frames to be sent as fast as they go.
#[derive(Debug, Clone)]
pub struct Flood {
    /// What comes first.
    pub first: Vec<Frame>,
    /// What comes over and over.
    pub frame: Frame,
    /// How often.
    pub times: u64,
    /// What comes last; a ping follows it.
    pub last: Vec<Frame>,
    /// Whether nothing is read before all is sent, or nothing more is taken.
    pub unread: bool,
}

impl Flood {
    /// Sends everything on a connection of its own, and ends that.
    pub async fn pour(&self, stage: &Stage, label: &'static str) {
        let mut conversation = Conversation::open(stage, label).await;
        if !conversation.heard().is_open() || conversation.heard().is_ending() {
            return;
        }
        let source = Source::new(self, &mut conversation);
        let timing = stage.setting.timing;
        let link = conversation.link();
        let Some(wire) = link.wire() else { return };
        let began = Instant::now();
        let (read, write) = tokio::io::split(wire);
        let mut writer = Writer {
            write,
            source,
            sent: 0,
        };
        let mut held_back = None;
        if self.unread && !writer.run(timing.at_once).await {
            held_back = Some(writer.sent);
        }
        let mut reader = Reader {
            read,
            decoder: FrameDecoder::new(),
            patience: timing.patience,
            frames: 0,
            control: None,
            payload: Vec::new(),
        };
        let came = while_sending(writer.run(timing.patience), reader.run()).await;
        let flooded = Flooded {
            sent: writer.sent,
            held_back,
            frames: reader.frames,
            came,
            elapsed: began.elapsed(),
        };
        drop((writer, reader));
        link.record_flooded(flooded);
    }
}

/// The bytes of a flood, piece by piece.
struct Source {
    first: Vec<u8>,
    /// The frame, as often as goes into one piece.
    piece: Vec<u8>,
    pieces: u64,
    /// What is left of the frames, and what comes behind them.
    last: Vec<u8>,
    /// Pieces given so far, the first among them.
    given: u64,
    /// Bytes of the current piece that were taken.
    at: usize,
}

impl Source {
    fn new(flood: &Flood, conversation: &mut Conversation) -> Self {
        let first = conversation.encode(&flood.first);
        let frame = conversation.encode(std::slice::from_ref(&flood.frame));
        let together = (AT_ONCE / frame.len()).max(1) as u64;
        let mut last = frame.repeat((flood.times % together) as usize);
        last.extend(conversation.encode(&flood.last));
        last.extend(conversation.encode(&[Frame::ping(BEHIND)]));
        Self {
            first,
            piece: frame.repeat(together as usize),
            pieces: flood.times / together,
            last,
            given: 0,
            at: 0,
        }
    }

    /// What is to be sent next; none, where all is sent.
    fn rest(&self) -> Option<&[u8]> {
        let piece = match self.given {
            0 => &self.first,
            given if given <= self.pieces => &self.piece,
            given if given == self.pieces + 1 => &self.last,
            _ => return None,
        };
        Some(&piece[self.at..])
    }

    fn took(&mut self, bytes: usize) {
        self.at += bytes;
        if self.rest().is_some_and(<[u8]>::is_empty) {
            (self.given, self.at) = (self.given + 1, 0);
        }
    }
}

/// The side that says.
struct Writer<'a> {
    write: WriteHalf<&'a mut Box<dyn Wire>>,
    source: Source,
    sent: u64,
}

impl Writer<'_> {
    /// Says all that is left; false, where nothing more was taken for so long.
    async fn run(&mut self, patience: Duration) -> bool {
        while let Some(rest) = self.source.rest() {
            if rest.is_empty() {
                self.source.took(0);
                continue;
            }
            let write = async {
                let count = self.write.write(rest).await?;
                self.write.flush().await?;
                std::io::Result::Ok(count)
            };
            match timeout(patience, write).await {
                Ok(Ok(count @ 1..)) => {
                    self.source.took(count);
                    self.sent += count as u64;
                }
                Ok(Ok(0) | Err(_)) | Err(_) => return false,
            }
        }
        true
    }
}

/// The side that hears.
struct Reader<'a> {
    read: ReadHalf<&'a mut Box<dyn Wire>>,
    decoder: FrameDecoder,
    patience: Duration,
    frames: u64,
    /// The control frame that is coming.
    control: Option<Opcode>,
    payload: Vec<u8>,
}

impl Reader<'_> {
    /// Hears until the flood is over.
    async fn run(&mut self) -> Came {
        let mut buffer = vec![0; AT_ONCE];
        loop {
            let read = match timeout(self.patience, self.read.read(&mut buffer)).await {
                Err(_) => return Came::Silence,
                Ok(Ok(0)) => return Came::Ended(End::Fin),
                Ok(Err(error)) => return Came::Ended(end_of(&error)),
                Ok(Ok(read)) => read,
            };
            let mut came = None;
            let Self {
                decoder,
                frames,
                control,
                payload,
                ..
            } = self;
            decoder.feed(&buffer[..read], |event| match event {
                FrameEvent::Header { header, .. } => {
                    *control = header.opcode.is_control().then_some(header.opcode);
                    payload.clear();
                }
                FrameEvent::Payload { bytes, .. } => {
                    if control.is_some() && payload.len() <= BEHIND.len() {
                        payload.extend(bytes);
                    }
                }
                FrameEvent::End { .. } => {
                    *frames += 1;
                    match *control {
                        Some(Opcode::PONG) if payload == BEHIND => came = Some(Came::All),
                        Some(Opcode::CLOSE) => {
                            let code = payload
                                .first_chunk()
                                .map(|code: &[u8; 2]| u16::from_be_bytes(*code));
                            came = Some(Came::Closed(code));
                        }
                        Some(_) | None => {}
                    }
                }
            });
            if let Some(came) = came {
                return came;
            }
        }
    }
}

/// What came of the flood on the connection with this label.
///
/// # Errors
/// A judgement: inconclusive, because there was none.
pub fn flooded<'t>(transcript: &'t Transcript, label: &str) -> Result<&'t Flooded, Judgement> {
    opened(transcript, label)?;
    let connection = transcript.connection(label);
    connection.and_then(Connection::flooded).ok_or_else(|| {
        Judgement::inconclusive("the target ended the connection before anything was asked of it")
            .to_confirm_alone()
    })
}
