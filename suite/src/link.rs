//! A connection to the target whose every byte is recorded: bounded in what it reads and in how long it waits.
//!
//! It knows no protocol. It never fails: whatever goes wrong is recorded, and the judge sees it.

use crate::transcript::{End, Event, Flooded, Plan, Recorder, Streamed, What};
use crate::transport::{Transport, Wire, end_of};
use bytes::Bytes;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

/// Bytes read at once: few enough that what is made of them, a frame of two bytes, cannot take much more room than a case
/// may have.
const READ: usize = 4 * 1024;

/// What a segment takes of what a case may read, beside its bytes.
const SEGMENT: usize = 16;

/// What one look at the wire brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The target sent bytes.
    Bytes(Bytes),
    /// The target's side ended.
    Ended(End),
    /// Nothing came until the deadline. Not recorded: what was awaited is the caller's to say.
    Nothing,
    /// The case has read as much as it may.
    Full,
}

/// A recorded connection.
pub struct Link {
    wire: Option<Box<dyn Wire>>,
    recorder: Recorder,
    index: usize,
    began: Instant,
    send_patience: Duration,
    at_a_time: usize,
    budget: usize,
    ended: Option<End>,
}

impl Link {
    /// Connects. Where that fails, the reason is recorded and the link is dead from the start.
    pub async fn connect(
        transport: &dyn Transport,
        recorder: &Recorder,
        label: &'static str,
        began: Instant,
        send_patience: Duration,
        budget: usize,
    ) -> Self {
        let index = recorder.begin(label);
        let mut link = Self {
            wire: None,
            recorder: recorder.clone(),
            index,
            began,
            send_patience,
            at_a_time: READ,
            budget,
            ended: None,
        };
        match transport.dial(send_patience).await {
            Ok(wire) => {
                link.record(What::Connected);
                if let Some(protocol) = wire.protocol() {
                    link.record(What::Negotiated(protocol));
                }
                link.wire = Some(wire);
            }
            Err(reason) => {
                link.ended = Some(End::Trouble(reason.clone()));
                link.record(What::NotConnected(reason));
            }
        }
        link
    }

    /// Whether the target's side is still open, as far as we have read.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Sends bytes in one write; says whether they could be sent. Whether the target took them shows in what it does
    /// next.
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> bool {
        let bytes = bytes.into();
        let Some(wire) = &mut self.wire else {
            return false;
        };
        if bytes.is_empty() {
            return true;
        }
        // Patience begins anew with whatever the target takes: a slow way is no dead one.
        let mut rest = &bytes[..];
        let outcome = loop {
            if rest.is_empty() {
                break timeout(self.send_patience, wire.flush()).await;
            }
            match timeout(self.send_patience, wire.write(rest)).await {
                Ok(Ok(0)) => break Ok(Err(std::io::ErrorKind::WriteZero.into())),
                Ok(Ok(count)) => rest = &rest[count..],
                Ok(Err(error)) => break Ok(Err(error)),
                Err(elapsed) => break Err(elapsed),
            }
        };
        match &outcome {
            Ok(Ok(())) => self.record(What::Sent(bytes)),
            Ok(Err(error)) => self.record(What::NotSent(error.to_string())),
            Err(_) => self.record(What::NotSent(format!(
                "the target took no bytes for {} s",
                self.send_patience.as_secs_f32()
            ))),
        }
        matches!(outcome, Ok(Ok(())))
    }

    /// Records what is about to be sent.
    pub fn record_plan(&self, plan: Plan) {
        self.record(What::Planned(plan));
    }

    /// Closes our side; the target may go on sending.
    pub async fn send_fin(&mut self) {
        let Some(wire) = &mut self.wire else { return };
        let _ = timeout(self.send_patience, wire.shutdown()).await;
        self.record(What::SentFin);
    }

    /// Resets the connection: nothing more is heard from it.
    pub fn send_reset(&mut self) {
        if let Some(wire) = self.wire.take() {
            wire.reset();
            self.record(What::SentReset);
            self.ended = Some(End::Reset);
        }
    }

    /// Reads at most so many bytes at a time from now on: what was not read can be left unread.
    pub fn read_by(&mut self, bytes: usize) {
        self.at_a_time = bytes.clamp(1, READ);
    }

    /// Waits for bytes or the end, until `deadline`.
    pub async fn hear(&mut self, deadline: Instant) -> Heard {
        if let Some(end) = &self.ended {
            return Heard::Ended(end.clone());
        }
        if self.budget == 0 {
            return Heard::Full;
        }
        let Some(wire) = &mut self.wire else {
            return Heard::Ended(End::Trouble("not connected".into()));
        };
        let mut buffer = vec![0; self.at_a_time.min(self.budget)];
        match timeout_at(deadline, wire.read(&mut buffer)).await {
            Err(_) => Heard::Nothing,
            Ok(Ok(0)) => self.finish(End::Fin),
            Ok(Ok(count)) => {
                // Not the buffer itself: where bytes drip, each would keep a whole one.
                let bytes = Bytes::copy_from_slice(&buffer[..count]);
                self.record(What::Received(bytes.clone()));
                self.charge(count + SEGMENT);
                Heard::Bytes(bytes)
            }
            Ok(Err(error)) => self.finish(end_of(&error)),
        }
    }

    /// Takes so many bytes from what the case may read; where nothing is left, that is recorded.
    pub fn charge(&mut self, bytes: usize) {
        if self.budget > 0 {
            self.budget = self.budget.saturating_sub(bytes);
            if self.budget == 0 {
                self.record(What::Full);
            }
        }
    }

    /// The wire itself, for what is not to be recorded; none where there is none.
    pub(crate) fn wire(&mut self) -> Option<&mut Box<dyn Wire>> {
        self.wire.as_mut()
    }

    /// Records what came of that. The link is of no use any more: nobody knows where in its frames it stands.
    pub(crate) fn record_streamed(&mut self, streamed: Streamed) {
        self.record(What::Streamed(streamed));
        self.wire = None;
    }

    /// The same of a flood.
    pub(crate) fn record_flooded(&mut self, flooded: Flooded) {
        self.record(What::Flooded(flooded));
        self.wire = None;
    }

    /// Records that the target as a whole was told to stop.
    pub fn record_stop(&self) {
        self.record(What::ToldToStop);
    }

    /// Records that what was awaited did not come.
    pub fn record_timeout(&self, awaited: &'static str, waited: Duration) {
        self.record(What::TimedOut { awaited, waited });
    }

    fn finish(&mut self, end: End) -> Heard {
        self.ended = Some(end.clone());
        self.record(What::Ended(end.clone()));
        Heard::Ended(end)
    }

    fn record(&self, what: What) {
        self.recorder.add(
            self.index,
            Event {
                at: self.began.elapsed(),
                what,
            },
        );
    }
}
