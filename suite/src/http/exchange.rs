//! One HTTP/1.1 connection as a case drives it.

use super::reply::{Replies, Rest};
use super::request::Request;
use crate::link::Link;
use crate::listening::{Listening, Waited};
use crate::stage::{Endpoint, Stage};
use pushspec_parser::http::RequestFacts;
use std::time::Duration;

/// A connection, the requests to send on it, and what was answered so far.
pub struct Exchange {
    listening: Listening<Replies>,
    patience: Duration,
}

impl Exchange {
    /// Connects and sends nothing. `requests` says what each request is going to be, in order.
    pub async fn connect(stage: &Stage, label: &'static str, requests: &[RequestFacts]) -> Self {
        let link = stage.connect(label).await;
        Self::over(link, stage, requests)
    }

    /// The same with a further URL of the target.
    pub async fn connect_at(
        stage: &Stage,
        endpoint: &Endpoint,
        label: &'static str,
        requests: &[RequestFacts],
    ) -> Self {
        let link = stage.connect_over(&*endpoint.transport, label).await;
        Self::over(link, stage, requests)
    }

    fn over(link: Link, stage: &Stage, requests: &[RequestFacts]) -> Self {
        Self {
            listening: Listening::new(link, Replies::to(requests)),
            patience: stage.setting.timing.patience,
        }
    }

    /// Connects and sends a plain request.
    pub async fn get(stage: &Stage, label: &'static str, request: &Request) -> Self {
        let mut exchange = Self::connect(stage, label, &[RequestFacts::GET]).await;
        exchange.send(request).await;
        exchange
    }

    /// Sends a request in one segment.
    pub async fn send(&mut self, request: &Request) {
        self.send_bytes(request.encode()).await;
    }

    /// Sends bytes as they are.
    pub async fn send_bytes(&mut self, bytes: impl Into<bytes::Bytes>) {
        self.listening.link.send(bytes).await;
    }

    /// Closes our side.
    pub async fn send_fin(&mut self) {
        self.listening.link.send_fin().await;
    }

    /// Resets the connection.
    pub fn send_reset(&mut self) {
        self.listening.link.send_reset();
    }

    /// Tells the target as a whole to stop, if there is somebody who can.
    pub async fn tell_target_to_stop(&mut self, stage: &Stage) {
        if let Some(operator) = &stage.setting.operator {
            self.listening.link.record_stop();
            operator.tell_to_stop().await;
        }
    }

    /// Reads at most so many bytes at a time from now on.
    pub fn read_by(&mut self, bytes: usize) {
        self.listening.link.read_by(bytes);
    }

    /// What the target answered so far.
    pub fn heard(&self) -> &Replies {
        &self.listening.heard
    }

    /// Waits with patience for the head of the first final response. Bytes that are not HTTP end the wait.
    pub async fn answered(&mut self) -> Waited {
        self.answered_within(self.patience).await
    }

    /// The same, with more patience or less.
    pub async fn answered_within(&mut self, waiting: Duration) -> Waited {
        let settled =
            |heard: &Replies| heard.first().is_some() || !matches!(heard.rest, Rest::Bytes(_));
        match self.wait_for(waiting, "a response", settled).await {
            Waited::Met if self.heard().first().is_none() => Waited::Over,
            waited => waited,
        }
    }

    /// Waits with patience until `met`.
    pub async fn wait(&mut self, awaited: &'static str, met: impl Fn(&Replies) -> bool) -> Waited {
        self.listening.wait_for(self.patience, awaited, met).await
    }

    /// Waits as long as `waiting` until `met`; a wait in vain is recorded.
    pub async fn wait_for(
        &mut self,
        waiting: Duration,
        awaited: &'static str,
        met: impl Fn(&Replies) -> bool,
    ) -> Waited {
        self.listening.wait_for(waiting, awaited, met).await
    }

    /// Listens as long as `window`, or until the connection ends.
    pub async fn listen(&mut self, window: Duration) {
        self.listening.listen(window).await;
    }

    /// The same, but no longer than until `met`.
    pub async fn listen_until(&mut self, window: Duration, met: impl Fn(&Replies) -> bool) {
        let deadline = tokio::time::Instant::now() + window;
        self.listening.listen_until(deadline, met).await;
    }
}
