//! What frames of a client mean to the model: the messages that an echo endpoint owes, the pongs, and the first frame that
//! breaks a rule. The same for a driver that is about to send them and for a judge that finds them in a transcript.

use super::model::{Breach, Kind, State, step};
use crate::ws::compression::{Compression, Inflated, Inflater};
use crate::ws::echo::Message;
use crate::ws::{Frame, Masking};
use pushspec_parser::ws::{FrameDecoder, FrameEvent, Opcode};
use std::collections::BTreeSet;

/// What frames of a client come to.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    /// The state behind them, or in which the breach came.
    pub(super) state: State,
    /// The steps that were gone.
    pub(super) gone: BTreeSet<(State, Kind)>,
    /// Whole messages before any breach, in order.
    pub(super) messages: Vec<Message>,
    /// The payloads of the pings before any breach, in order.
    pub(super) pings: Vec<Vec<u8>>,
    /// How many frames stand before the one behind which no message was unfinished for the last time.
    pub(super) settled: usize,
    /// The first that breaks a rule: its index, and how.
    pub(super) breach: Option<(usize, Breach)>,
}

impl Walk {
    /// Goes through `frames` where this was agreed on.
    pub(super) fn over(frames: &[Frame], compression: Option<&Compression>) -> Self {
        let mut walk = Self {
            state: State::Between,
            gone: BTreeSet::new(),
            messages: Vec::new(),
            pings: Vec::new(),
            settled: 0,
            breach: None,
        };
        let mut inflater = compression.map(|agreed| Inflater::new(agreed.agreed().client));
        let mut begun: Option<(Frame, usize)> = None;
        for (index, frame) in frames.iter().enumerate() {
            let before = walk.state;
            let (kind, after) = match step(before, frame, inflater.is_some()) {
                Ok(step) => step,
                Err(breach) => {
                    walk.breach = Some((index, breach));
                    return walk;
                }
            };
            match kind {
                Kind::Ping => walk.pings.push(frame.payload.clone()),
                Kind::Pong | Kind::Close => {}
                Kind::More | Kind::Last => {
                    if let Some((message, frames)) = &mut begun {
                        message.payload.extend(&frame.payload);
                        *frames += 1;
                    }
                }
                Kind::Text
                | Kind::TextBegins
                | Kind::Binary
                | Kind::BinaryBegins
                | Kind::PackedText
                | Kind::PackedTextBegins
                | Kind::PackedBinary
                | Kind::PackedBinaryBegins => begun = Some((frame.clone(), 1)),
            }
            if after == State::Between
                && let Some((message, frames)) = begun.take()
            {
                match meaning(message, frames, &mut inflater) {
                    Ok(message) => walk.messages.push(message),
                    Err(breach) => {
                        walk.breach = Some((index, breach));
                        return walk;
                    }
                }
            }
            walk.gone.insert((before, kind));
            walk.state = after;
            if after == State::Between {
                walk.settled = index + 1;
            }
        }
        walk
    }

    /// The ping that is owed a pong: the others may go without (RFC 6455 section 5.5.3).
    pub(super) fn last_ping(&self) -> Option<&[u8]> {
        self.pings.last().map(Vec::as_slice)
    }
}

/// What a whole message stands for.
fn meaning(
    message: Frame,
    frames: usize,
    inflater: &mut Option<Inflater>,
) -> Result<Message, Breach> {
    let payload = match inflater {
        Some(inflater) if message.rsv != 0 => match inflater.inflate(&message.payload) {
            Inflated::Payload(payload) => payload,
            Inflated::Broken(_) | Inflated::Beyond => return Err(Breach::NotDeflate),
        },
        Some(_) | None => message.payload,
    };
    if message.opcode == Opcode::TEXT && str::from_utf8(&payload).is_err() {
        return Err(Breach::NotUtf8);
    }
    Ok(Message {
        opcode: message.opcode,
        payload,
        frames,
    })
}

/// The whole frames in these bytes, each masked with the key that it came with.
pub(super) fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut current: Option<Frame> = None;
    let mut decoder = FrameDecoder::new();
    decoder.feed(bytes, |event| match event {
        FrameEvent::Header { header, .. } => {
            let mut frame = Frame::new(header.opcode, []).with_rsv(header.rsv);
            frame.fin = header.fin;
            frame.masking = header.masking_key.map_or(Masking::None, Masking::Key);
            current = Some(frame);
        }
        FrameEvent::Payload { bytes, .. } => {
            if let Some(frame) = &mut current {
                frame.payload.extend(bytes);
            }
        }
        FrameEvent::End { .. } => frames.extend(current.take()),
    });
    frames
}

/// The bytes that a frame takes on the wire.
pub(super) fn length(frame: &Frame) -> usize {
    let mut bytes = Vec::new();
    frame.encode([0; 4], &mut bytes);
    bytes.len()
}
