//! Waiting for what a target says, whatever the protocol: the one loop between a link and a view of what came.

use crate::link::{Heard, Link};
use crate::transcript::{End, Event, What};
use std::time::Duration;
use tokio::time::Instant;

/// Something that decodes what happens on a connection, event by event, and is the same whether a driver feeds it while
/// it waits or a judge feeds it from a transcript.
pub trait View {
    /// The target sent bytes.
    fn receive(&mut self, at: Duration, bytes: &[u8]);

    /// The target's side ended.
    fn end(&mut self, at: Duration, end: &End);

    /// The target sent more than the case reads: nothing more is heard.
    fn stop(&mut self);

    /// How many bytes that takes which it has made of what came and keeps: they count for the case's weight, beside those
    /// that came.
    fn kept(&self) -> usize {
        0
    }

    /// We sent bytes. Of all that we did ourselves, this alone may give what is heard another meaning.
    fn sent(&mut self, _bytes: &[u8]) {}

    /// Takes in what happened next.
    fn observe(&mut self, event: &Event) {
        match &event.what {
            What::Received(bytes) => self.receive(event.at, bytes),
            What::Ended(end) => self.end(event.at, end),
            What::Full => self.stop(),
            What::Sent(bytes) => self.sent(bytes),
            What::Connected
            | What::NotConnected(_)
            | What::SentFin
            | What::SentReset
            | What::Planned(_)
            | What::NotSent(_)
            | What::ToldToStop
            | What::Streamed(_)
            | What::Flooded(_)
            | What::Negotiated(_)
            | What::Told(_)
            | What::TimedOut { .. } => {}
        }
    }
}

/// How a wait came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// What was awaited came.
    Met,
    /// The connection ended first, or the case has read as much as it may.
    Over,
    /// Neither, until the wait's end. It is on record.
    TimedOut,
}

/// A link and what was heard on it so far.
pub struct Listening<V> {
    /// The link.
    pub link: Link,
    /// What was heard.
    pub heard: V,
    waited_in_vain: bool,
    over: bool,
}

impl<V: View> Listening<V> {
    /// Nothing was heard yet.
    pub fn new(link: Link, view: V) -> Self {
        Self {
            link,
            heard: view,
            waited_in_vain: false,
            over: false,
        }
    }

    /// Whether a wait on this connection ended in vain.
    pub fn waited_in_vain(&self) -> bool {
        self.waited_in_vain
    }

    /// Waits as long as `waiting` until `met`; a wait in vain is recorded, with `awaited` to say for what.
    pub async fn wait_for(
        &mut self,
        waiting: Duration,
        awaited: &'static str,
        met: impl Fn(&V) -> bool,
    ) -> Waited {
        self.wait_until(Instant::now() + waiting, waiting, awaited, met)
            .await
    }

    /// The same where the wait began earlier: it ends at `deadline`, and `waiting` is what stands on record.
    pub async fn wait_until(
        &mut self,
        deadline: Instant,
        waiting: Duration,
        awaited: &'static str,
        met: impl Fn(&V) -> bool,
    ) -> Waited {
        loop {
            if met(&self.heard) {
                return Waited::Met;
            }
            match self.hear(deadline).await {
                Step::Heard => {}
                Step::Over if met(&self.heard) => return Waited::Met,
                Step::Over => return Waited::Over,
                Step::Nothing => {
                    self.link.record_timeout(awaited, waiting);
                    self.waited_in_vain = true;
                    return Waited::TimedOut;
                }
            }
        }
    }

    /// Listens as long as `window`, or until the connection ends: for what may come or should not. Silence is not put
    /// on record as a wait in vain.
    pub async fn listen(&mut self, window: Duration) {
        self.listen_until(Instant::now() + window, |_| false).await;
    }

    /// The same until `deadline`, or until `met`.
    pub async fn listen_until(&mut self, deadline: Instant, met: impl Fn(&V) -> bool) {
        while !met(&self.heard) && self.hear(deadline).await == Step::Heard {}
    }

    async fn hear(&mut self, deadline: Instant) -> Step {
        let (what, step) = match self.link.hear(deadline).await {
            Heard::Bytes(bytes) => (What::Received(bytes), Step::Heard),
            Heard::Nothing => return Step::Nothing,
            Heard::Ended(end) => (What::Ended(end), Step::Over),
            Heard::Full => (What::Full, Step::Over),
        };
        if step == Step::Heard || !self.over {
            let before = self.heard.kept();
            // The recorder keeps the true time; a driver that waits needs none.
            self.heard.observe(&Event {
                at: Duration::ZERO,
                what,
            });
            self.link.charge(self.heard.kept() - before);
        }
        self.over = step == Step::Over;
        step
    }
}

/// What one look at the link brought.
#[derive(PartialEq, Eq)]
enum Step {
    Heard,
    Over,
    Nothing,
}
