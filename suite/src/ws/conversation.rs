//! One WebSocket connection as a case drives it.

use super::compression::with_hint;
use super::dialogue::{Dialogue, Opened};
use super::frame::Frame;
use super::segments::Segments;
use crate::http::{EXTENSIONS, Request};
use crate::link::Link;
use crate::listening::{Listening, View, Waited};
use crate::stage::Stage;
use crate::transcript::Plan;
use crate::transport::Transport;
use pushspec_parser::ws::Opcode;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use std::time::Duration;
use tokio::time::Instant;

/// Between two segments that the target should read one by one. Without it, what is written in a row is read at once.
const BETWEEN_SEGMENTS: Duration = Duration::from_millis(1);

/// So many of a conversation's segments have such a pause in front of them: the system's clock makes some milliseconds of each.
/// The rest follows without pauses, and is still sent segment by segment.
const PAUSES: usize = 48;

/// Bytes of a frame in which its header lies, and where its payload begins. Here a cut tells more than in the payload.
const BEGINNING: usize = 15;

/// For a reaction that may come at once, and need not.
const TO_REACT: Duration = Duration::from_millis(100);

/// A connection, the frames to send on it, and what was heard so far.
pub struct Conversation {
    listening: Listening<Dialogue>,
    patience: Duration,
    parting: Duration,
    keys: ChaCha8Rng,
    sent_close: bool,
    /// A client answers pings (RFC 6455 section 5.5.2) until it closes; not where a pong could spoil what a case broke on purpose.
    answers_pings: bool,
    pings_answered: usize,
    /// Of [`PAUSES`].
    pauses_left: usize,
}

impl Conversation {
    /// Connects and sends the ordinary opening handshake. Whether it was accepted: [`Dialogue::is_open`].
    pub async fn open(stage: &Stage, label: &'static str) -> Self {
        let request = Request::opening(stage, label);
        Self::open_with(stage, label, &request).await
    }

    /// The same with another handshake.
    pub async fn open_with(stage: &Stage, label: &'static str, request: &Request) -> Self {
        let link = stage.connect(label).await;
        Self::begin(stage, label, link, request).await
    }

    /// The same with the ordinary handshake and these extensions on offer.
    pub async fn open_offering(stage: &Stage, label: &'static str, extensions: &str) -> Self {
        let mut request = Request::opening(stage, label);
        request.add(EXTENSIONS, extensions);
        Self::open_with(stage, label, &request).await
    }

    /// The same with these offers of permessage-deflate, and behind them the same with the hint that browsers give: for whom the
    /// compression is the means and not the question.
    pub async fn open_compressed(stage: &Stage, label: &'static str, offers: &str) -> Self {
        Self::open_offering(stage, label, &with_hint(offers)).await
    }

    /// The same with the endpoint that obeys commands; with the target itself where there is none, which no case gets to
    /// see: it needs `command`.
    pub async fn open_command(stage: &Stage, label: &'static str) -> Self {
        let Some(endpoint) = &stage.setting.command else {
            return Self::open(stage, label).await;
        };
        let request = Request::opening_at(stage, &endpoint.target, label);
        let link = stage.connect_over(&*endpoint.transport, label).await;
        Self::begin(stage, label, link, &request).await
    }

    /// The ordinary handshake over another transport than the target's.
    pub async fn open_over(stage: &Stage, transport: &dyn Transport, label: &'static str) -> Self {
        let request = Request::opening(stage, label);
        let link = stage.connect_over(transport, label).await;
        Self::begin(stage, label, link, &request).await
    }

    async fn begin(stage: &Stage, label: &str, link: Link, request: &Request) -> Self {
        let mut conversation = Self::over(stage, label, link);
        conversation.transmit(request.encode()).await;
        conversation.opened().await;
        conversation
    }

    /// Connects and sends nothing.
    pub async fn connect(stage: &Stage, label: &'static str) -> Self {
        let link = stage.connect(label).await;
        Self::over(stage, label, link)
    }

    fn over(stage: &Stage, label: &str, link: Link) -> Self {
        let timing = stage.setting.timing;
        Self {
            listening: Listening::new(link, Dialogue::default()),
            patience: timing.patience,
            parting: timing.parting,
            keys: stage.random(&format!("{label}: masking keys")),
            sent_close: false,
            answers_pings: true,
            pings_answered: 0,
            pauses_left: PAUSES,
        }
    }

    /// Waits for the answer to the handshake.
    pub async fn opened(&mut self) -> Waited {
        self.wait("the answer to the opening handshake", |heard| {
            heard.opened != Opened::Awaited
        })
        .await
    }

    /// The bytes of these frames, masked with the conversation's next keys.
    pub fn encode(&mut self, frames: &[Frame]) -> Vec<u8> {
        let mut out = Vec::new();
        for frame in frames {
            let mut key = [0; 4];
            self.keys.fill_bytes(&mut key);
            frame.encode(key, &mut out);
        }
        out
    }

    /// Sends frames in one segment.
    pub async fn send(&mut self, frames: &[Frame]) {
        self.about_to_send(frames);
        let bytes = self.encode(frames);
        self.transmit(bytes).await;
    }

    fn about_to_send(&mut self, frames: &[Frame]) {
        self.sent_close |= frames.iter().any(|frame| frame.opcode == Opcode::CLOSE);
        let sound = match self.heard().compression {
            Some(_) => Frame::is_plain_or_compressed,
            None => Frame::is_plain,
        };
        self.answers_pings &= !self.sent_close && frames.iter().all(sound);
    }

    /// Sends bytes. What is heard depends on what was asked for.
    async fn transmit(&mut self, bytes: impl Into<bytes::Bytes>) -> bool {
        let bytes = bytes.into();
        self.listening.heard.sent(&bytes);
        self.listening.link.send(bytes).await
    }

    /// Sends bytes as they are, in one segment.
    pub async fn send_bytes(&mut self, bytes: impl Into<bytes::Bytes>) {
        self.answers_pings = false;
        self.transmit(bytes).await;
    }

    /// Sends bytes in segments of this size, until the target takes no more. The pauses are spread over all of them.
    pub async fn send_chopped(&mut self, bytes: &[u8], segment: usize) {
        self.answers_pings = false;
        let every = bytes.len().div_ceil(segment).div_ceil(PAUSES).max(1);
        self.chop(bytes, segment, |index| index % every == 0).await;
    }

    /// The same with frames. The pauses are where they begin; what is left of them, behind the beginning of the last.
    async fn chop_frames(&mut self, frames: &[Frame], segment: usize) {
        let mut bytes = Vec::new();
        let mut begins = Vec::new();
        for frame in frames {
            begins.push(bytes.len());
            bytes.extend(self.encode(std::slice::from_ref(frame)));
        }
        let last = begins.last().copied().unwrap_or_default();
        let mut left = self.pauses_left;
        self.chop(&bytes, segment, |index| {
            let at = index * segment;
            let near = |begin: &usize| (*begin..*begin + BEGINNING.max(segment)).contains(&at);
            let pauses = left > 0 && (at >= last || begins.iter().any(near));
            left -= usize::from(pauses);
            pauses
        })
        .await;
        self.pauses_left = left;
    }

    /// Sends segments, with a pause in front of those that are to have one.
    async fn chop(&mut self, bytes: &[u8], segment: usize, mut pauses: impl FnMut(usize) -> bool) {
        for (index, piece) in bytes.chunks(segment).enumerate() {
            if index > 0 && pauses(index) {
                tokio::time::sleep(BETWEEN_SEGMENTS).await;
            }
            if !self.transmit(piece.to_vec()).await {
                return;
            }
        }
    }

    /// Sends frames, cut behind these numbers of bytes, with a pause at each cut, until the target takes no more.
    pub async fn send_cut(&mut self, frames: &[Frame], cuts: &[usize]) {
        self.about_to_send(frames);
        let bytes = self.encode(frames);
        let mut start = 0;
        for end in cuts.iter().copied().chain([bytes.len()]) {
            let end = end.min(bytes.len());
            if start > 0 && end > start {
                tokio::time::sleep(BETWEEN_SEGMENTS).await;
            }
            if end > start && !self.transmit(bytes[start..end].to_vec()).await {
                return;
            }
            start = start.max(end);
        }
    }

    /// Puts on record what is about to be sent.
    pub fn record_plan(&self, plan: Plan) {
        self.listening.link.record_plan(plan);
    }

    /// Sends frames, cut into segments in this way.
    pub async fn say(&mut self, frames: &[Frame], segments: Segments) {
        match segments {
            Segments::One => self.send(frames).await,
            Segments::Frames => {
                for (index, frame) in frames.iter().enumerate() {
                    if index > 0 {
                        tokio::time::sleep(BETWEEN_SEGMENTS).await;
                    }
                    self.send(std::slice::from_ref(frame)).await;
                }
            }
            Segments::Bytes(count) => {
                self.about_to_send(frames);
                self.chop_frames(frames, count).await;
            }
            Segments::Paused(count) => {
                self.about_to_send(frames);
                let bytes = self.encode(frames);
                let (first, rest) = bytes.split_at(count.min(bytes.len()));
                self.listening.link.send(first.to_vec()).await;
                // A pong would become a part of what is not sent yet.
                let answers_pings = std::mem::replace(&mut self.answers_pings, false);
                self.listen_until(TO_REACT, Dialogue::is_ending).await;
                self.answers_pings = answers_pings;
                // Bytes that nobody reads any more could destroy the Close that came.
                if !self.heard().is_ending() {
                    self.listening.link.send(rest.to_vec()).await;
                }
            }
        }
    }

    /// Waits with patience until `met`.
    pub async fn wait(&mut self, awaited: &'static str, met: impl Fn(&Dialogue) -> bool) -> Waited {
        self.wait_for(self.patience, awaited, met).await
    }

    /// Waits until `met`, with patience for each of the answers that `count` counts: a target that takes its time over
    /// every one of many is slow, not silent. `met` has to bound their number.
    pub async fn wait_for_each(
        &mut self,
        awaited: &'static str,
        count: impl Fn(&Dialogue) -> usize,
        met: impl Fn(&Dialogue) -> bool,
    ) -> Waited {
        loop {
            let before = count(self.heard());
            let waited = self
                .wait(awaited, |heard| met(heard) || count(heard) > before)
                .await;
            if waited != Waited::Met || met(self.heard()) {
                return waited;
            }
        }
    }

    /// Waits as long as `waiting` until `met`; a wait in vain is recorded.
    pub async fn wait_for(
        &mut self,
        waiting: Duration,
        awaited: &'static str,
        met: impl Fn(&Dialogue) -> bool,
    ) -> Waited {
        let deadline = Instant::now() + waiting;
        loop {
            let owes = self.owes_pong();
            let waited = self
                .listening
                .wait_until(deadline, waiting, awaited, |heard| {
                    met(heard) || owes(heard)
                })
                .await;
            if owes(self.heard()) {
                self.answer_pings().await;
            }
            if waited != Waited::Met || met(self.heard()) {
                return waited;
            }
        }
    }

    /// Tells whether a pong is due.
    fn owes_pong(&self) -> impl Fn(&Dialogue) -> bool + use<> {
        let (answers, answered) = (self.answers_pings, self.pings_answered);
        move |heard| answers && heard.pings.len() > answered && !heard.is_ending()
    }

    /// Sends the pongs that are due.
    async fn answer_pings(&mut self) {
        let due: Vec<Frame> = self.heard().pings[self.pings_answered..]
            .iter()
            .map(|ping| Frame::pong(ping.payload.clone()))
            .collect();
        self.pings_answered += due.len();
        // A ping that breaks the rule for its length has no legal answer.
        let legal: Vec<Frame> = due.into_iter().filter(Frame::is_plain).collect();
        self.send(&legal).await;
    }

    /// Listens as long as `window`, or until the connection ends: for what should *not* come. Not on record as a wait
    /// in vain.
    pub async fn listen(&mut self, window: Duration) {
        self.listen_until(window, |_| false).await;
    }

    /// The same until `met`: for what may come.
    pub async fn listen_until(&mut self, window: Duration, met: impl Fn(&Dialogue) -> bool) {
        let deadline = Instant::now() + window;
        loop {
            let owes = self.owes_pong();
            self.listening
                .listen_until(deadline, |heard| met(heard) || owes(heard))
                .await;
            if met(self.heard()) || !owes(self.heard()) {
                return;
            }
            self.answer_pings().await;
        }
    }

    /// What the target said so far.
    pub fn heard(&self) -> &Dialogue {
        &self.listening.heard
    }

    /// The link below, for traffic that is not to be recorded.
    pub(super) fn link(&mut self) -> &mut Link {
        &mut self.listening.link
    }

    /// Waits for the end of the connection.
    pub async fn ended(&mut self) -> Waited {
        self.wait("the end of the connection", |heard| heard.end.is_some())
            .await
    }

    /// Ends a conversation whose end is not what the case is about: a Close, then whatever the target says until it
    /// closes TCP, for a second at most. Nothing of this is held against the target by the case; passive checks read it.
    /// A target that was waited for in vain is not waited for again.
    pub async fn part(&mut self) {
        if self.takes_leave().await {
            self.listen(self.parting).await;
        } else if self.is_listening() && self.heard().announces_end() {
            // A target with room for few has it again when it is done with this one.
            self.listen(self.parting.min(TO_REACT)).await;
        }
    }

    /// The same where many conversations follow each other: behind its Close, the target has but a moment to close TCP,
    /// which it only SHOULD (RFC 6455 section 7.1.1).
    pub async fn part_soon(&mut self) {
        if self.takes_leave().await {
            self.listen_until(self.parting, Dialogue::is_ending).await;
            self.listen(self.parting.min(TO_REACT)).await;
        }
    }

    /// Sends the Close that is due; says whether anything is to be heard behind it.
    async fn takes_leave(&mut self) -> bool {
        let listens = self.heard().is_open() && self.is_listening();
        if listens && !self.sent_close {
            self.send(&[Frame::close(1000, "")]).await;
        }
        listens
    }

    /// Whether the target can still be heard, and was not waited for in vain.
    fn is_listening(&self) -> bool {
        self.listening.link.is_open() && !self.listening.waited_in_vain()
    }

    /// Whether a wait on this connection ended in vain.
    pub fn waited_in_vain(&self) -> bool {
        self.listening.waited_in_vain()
    }

    /// Tells the target as a whole to stop, if there is somebody who can.
    pub async fn tell_target_to_stop(&mut self, stage: &Stage) {
        if let Some(operator) = &stage.setting.operator {
            self.listening.link.record_stop();
            operator.tell_to_stop().await;
        }
    }

    /// Closes our side of TCP.
    pub async fn send_fin(&mut self) {
        self.listening.link.send_fin().await;
    }

    /// Resets the connection.
    pub fn send_reset(&mut self) {
        self.listening.link.send_reset();
    }
}
