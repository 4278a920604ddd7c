//! A conversation under permessage-deflate with an echo endpoint: each message comes back once, the same, in order.

use crate::case::Experiment;
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::listening::Waited;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::compression::Compression;
use crate::ws::echo::{Attempts, Compared, Message, flaw, is_farewell, progress, say_last};
use crate::ws::handshake::{Answer, Rejection};
use crate::ws::outcome::opened;
use crate::ws::words::quoted;
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_parser::ws::Opcode;
use pushspec_parser::ws::deflate::{Compressor, InflateFault, WindowBits};
use pushspec_reports::Verdict;
use std::time::Duration;

/// The label of its connection.
pub(super) const TALK: &str = "compressed echo";

/// The label of the connection on which the same is said once more, where the target said good-bye instead.
const AGAIN: &str = "compressed echo, once more";

/// What is said when all came back.
const MARKER: &[u8] = b"marker: all before this came back";

/// What is sent of a message, and what it means.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) frames: Vec<Frame>,
    pub(super) means: Message,
}

impl Said {
    /// A message in these frames, control frames among them perhaps.
    pub(super) fn new(frames: Vec<Frame>, meaning: impl Into<Vec<u8>>) -> Self {
        let data = || frames.iter().filter(|frame| !frame.opcode.is_control());
        let means = Message {
            opcode: data().next().map_or(Opcode::TEXT, |frame| frame.opcode),
            payload: meaning.into(),
            frames: data().count(),
        };
        Self { frames, means }
    }

    /// A compressed text whose payload is given.
    pub(super) fn text(payload: &[u8], meaning: impl Into<Vec<u8>>) -> Self {
        Self::new(vec![Frame::text(payload).compressed()], meaning)
    }

    /// A message that is not compressed.
    pub(super) fn plain(frame: Frame) -> Self {
        let meaning = frame.payload.clone();
        Self::new(vec![frame], meaning)
    }

    /// A message that is compressed here.
    pub(super) fn packed(compressor: &mut Compressor, frame: Frame) -> Self {
        let payload = compressor.compress(&frame.payload).to_vec();
        let meaning = frame.payload.clone();
        let frame = Frame { payload, ..frame };
        Self::new(vec![frame.compressed()], meaning)
    }

    /// The same message in fragments of this size.
    pub(super) fn cut_every(self, size: usize) -> Self {
        let whole: Vec<u8> = self
            .frames
            .iter()
            .flat_map(|frame| frame.payload.iter().copied())
            .collect();
        let pieces: Vec<&[u8]> = whole.chunks(size).collect();
        let frames = fragments(self.means.opcode, &pieces);
        Self::new(frames, self.means.payload)
    }
}

/// A compressed message in these fragments.
pub(super) fn fragments(opcode: Opcode, pieces: &[&[u8]]) -> Vec<Frame> {
    let last = pieces.len() - 1;
    let frame = |(index, piece): (usize, &&[u8])| {
        let frame = match index {
            0 => Frame::new(opcode, *piece).compressed(),
            _ => Frame::continuation(*piece),
        };
        match index == last {
            true => frame,
            false => frame.unfinished(),
        }
    };
    pieces.iter().enumerate().map(frame).collect()
}

/// What an answer has to leave open for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cases::ws) enum Wants {
    /// Nothing beyond the extension.
    Nothing,
    /// That the client may look back into earlier messages.
    History,
    /// That the client has a window of 32 KiB.
    Window,
    /// Both.
    HistoryAndWindow,
}

impl Wants {
    /// Why the case has to be left out; none where nothing stands against it.
    fn missing(self, compression: &Compression) -> Option<String> {
        let client = compression.agreed().client;
        let history = matches!(self, Self::History | Self::HistoryAndWindow);
        let window = matches!(self, Self::Window | Self::HistoryAndWindow);
        if history && !client.context_takeover {
            Some(
                "the target answers client_no_context_takeover: a client must not look back".into(),
            )
        } else if window && client.window_bits < WindowBits::MAX {
            Some(format!(
                "the target answers client_max_window_bits={}: a client must not look back further",
                client.window_bits.get()
            ))
        } else {
            None
        }
    }
}

type Say = Box<dyn Fn(&Compression) -> Vec<Said> + Send + Sync>;

/// A conversation. The messages in it differ from each other, or come back in any case.
pub(super) struct Talk {
    offer: &'static str,
    wants: Wants,
    say: Say,
    /// What it means that a message does not come back: a MUST, a contestable one, or nothing at all.
    weight: Verdict,
    /// How long nothing is said behind the first message.
    pause: Option<Duration>,
    /// What is said of a conversation in which everything came back.
    remark: fn(&Dialogue) -> Judgement,
    open: Option<&'static str>,
}

impl Talk {
    /// These messages, behind what browsers offer.
    pub(super) fn new(say: impl Fn(&Compression) -> Vec<Said> + Send + Sync + 'static) -> Self {
        Self {
            // A hint about the client's window would be no fault of the target's.
            offer: crate::ws::compression::NAME,
            wants: Wants::Nothing,
            say: Box::new(say),
            weight: Verdict::Fail,
            open: None,
            pause: None,
            remark: |_| Judgement::pass("everything came back, the same, in order"),
        }
    }

    /// The same with another offer.
    #[must_use]
    pub(super) fn offering(mut self, offer: &'static str) -> Self {
        self.offer = offer;
        self
    }

    /// The same where the answer has to leave something open.
    #[must_use]
    pub(super) fn wanting(mut self, wants: Wants) -> Self {
        self.wants = wants;
        self
    }

    /// The same where a message that does not come back weighs less.
    #[must_use]
    pub(super) fn weighing(mut self, weight: Verdict) -> Self {
        self.weight = weight;
        self
    }

    /// The same where the documents leave open what follows: what weighs less than a failure does so because of that.
    pub(super) fn leaving_open(mut self, ambiguity: &'static str) -> Self {
        self.open = Some(ambiguity);
        self
    }

    /// The same with a pause behind the first message.
    #[must_use]
    pub(super) fn pausing(mut self, pause: Duration) -> Self {
        self.pause = Some(pause);
        self
    }

    /// The same with another judgement of what came back.
    #[must_use]
    pub(super) fn remarking(mut self, remark: fn(&Dialogue) -> Judgement) -> Self {
        self.remark = remark;
        self
    }

    async fn talk(&self, stage: &Stage) {
        let Some(expected) = self.converse(stage, TALK).await else {
            return;
        };
        let attempts = attempts(&expected);
        if attempts.is_dismissed(stage, TALK) {
            self.converse(stage, AGAIN).await;
            attempts.say_plainly(stage).await;
        }
    }

    /// The messages that have to come back; none where nothing was said.
    async fn converse(&self, stage: &Stage, label: &'static str) -> Option<Vec<Message>> {
        let mut conversation = Conversation::open_compressed(stage, label, self.offer).await;
        let compression = conversation.heard().compression;
        let Some(compression) = compression.filter(|it| self.wants.missing(it).is_none()) else {
            conversation.part().await;
            return None;
        };
        let said = (self.say)(&compression);
        let expected = messages(&said);
        let mut frames: Vec<Frame> = said.iter().flat_map(|said| said.frames.clone()).collect();
        let mut waited = Waited::Met;
        if let Some(pause) = self.pause {
            let first: Vec<Frame> = frames.drain(..said[0].frames.len()).collect();
            conversation.send(&first).await;
            waited = conversation
                .wait_for_each(
                    "the first echo",
                    |heard| progress(&expected[..1], heard),
                    |heard| {
                        Compared::of(&expected[..1], &heard.messages).came > 0 || is_over(heard)
                    },
                )
                .await;
            conversation.listen_until(pause, Dialogue::is_ending).await;
        }
        if waited == Waited::Met && !conversation.heard().is_ending() {
            conversation.send(&frames).await;
            let ping = last_ping(&said);
            let ponged =
                |heard: &Dialogue| ping.as_ref().is_none_or(|ping| heard.pong(ping).is_some());
            say_last(&mut conversation, &expected, ponged, Frame::text(MARKER)).await;
        }
        conversation.part().await;
        Some(expected)
    }

    /// What is wrong with what came back.
    fn flaw(
        label: &'static str,
        said: &[Said],
        heard: &Dialogue,
        reading: &Reading,
    ) -> Option<Judgement> {
        if let Some(broken) = heard.broken.first() {
            let observed = format!(
                "a compressed {} message of {} bytes does not inflate: {}",
                broken.opcode, broken.length, broken.error
            );
            return Some(
                Judgement::fail(observed)
                    .by(broken_rule(broken.error.fault, heard))
                    .at(Spot::received(label, broken.offset)),
            );
        }
        if heard.full {
            return Some(Judgement::inconclusive(
                "the target sent more than the case reads, and not all was judged",
            ));
        }
        let mut expected = messages(said);
        expected.push(Message {
            opcode: Opcode::TEXT,
            payload: MARKER.to_vec(),
            frames: 1,
        });
        let compared = Compared::of(&expected, &heard.messages);
        // A good-bye in place of the pong is judged as one in place of the marker.
        let dismissed = heard.close().is_some_and(is_farewell);
        if let Some(ping) = last_ping(said)
            && !dismissed
            && heard.pong(&ping).is_none()
            && compared
                .missing
                .is_none_or(|missing| missing + 1 == expected.len())
        {
            return Some(
                Judgement::fail("every message came back, but no pong for the ping among them")
                    .by("rfc6455/5.5.2/pong-required")
                    .resting_on_silence(),
            );
        }
        let flaw = flaw(label, &expected, &compared, heard, reading);
        flaw.or_else(|| {
            let message = &heard.messages[compared.foreign?];
            let payload = quoted(&message.payload);
            Some(Judgement::info(format!(
                "everything came back, but the target says {payload} of its own accord"
            )))
        })
    }

    /// A fault weighed as the case does.
    fn weighed(&self, mut judgement: Judgement, reading: &Reading) -> Judgement {
        if judgement.verdict == Verdict::Fail {
            judgement.verdict = match self.weight {
                Verdict::Warn => reading.contestable(),
                weight => weight,
            };
            judgement = self.open.into_iter().fold(judgement, Judgement::resting_on);
        }
        judgement
    }
}

/// What has to come back.
fn messages(said: &[Said]) -> Vec<Message> {
    said.iter().map(|said| said.means.clone()).collect()
}

/// Where these messages are said.
fn attempts(expected: &[Message]) -> Attempts<'_> {
    Attempts {
        labels: [TALK, AGAIN],
        expected,
    }
}

/// Nothing that could be understood can come any more.
fn is_over(heard: &Dialogue) -> bool {
    heard.is_ending() || !heard.broken.is_empty()
}

fn last_ping(said: &[Said]) -> Option<Vec<u8>> {
    let frames = said.iter().flat_map(|said| &said.frames);
    let mut pings = frames.filter(|frame| frame.opcode == Opcode::PING);
    pings.next_back().map(|ping| ping.payload.clone())
}

/// The rule that a server breaks with a message that does not inflate for this reason.
fn broken_rule(fault: InflateFault, heard: &Dialogue) -> &'static str {
    heard
        .compression
        .and_then(|compression| compression.broken_by(fault))
        .unwrap_or("rfc7692/7.2.1/deflate-then-strip-tail")
}

/// What is said of a connection on which the extension is not, or not as needed, in use; none where it is.
pub(in crate::cases::ws) fn left_out(
    heard: &Dialogue,
    wants: Wants,
    offer: &str,
) -> Option<Judgement> {
    let why = match &heard.compression {
        None => Some(format!("the target declines `{offer}`")),
        Some(compression) => match compression.answer {
            // What clients fail the connection for: ws/pmd-neg judges it.
            Err(error) => Some(format!("the answer to `{offer}` is unsound: {error}")),
            Ok(_) => wants.missing(compression),
        },
    };
    why.map(|why| Judgement::new(Verdict::Skip, why))
}

/// What is said where the handshake was refused for what it offers: another case judges that.
fn refused_for(transcript: &Transcript, offer: &str) -> Option<Judgement> {
    let skip = || {
        Judgement::new(
            Verdict::Skip,
            format!("the target refuses handshakes that offer `{offer}`: ws/pmd-neg judges that"),
        )
    };
    match Answer::to(transcript, TALK) {
        // These speak of the crowd.
        Answer::Rejected(Rejection::Response(head)) if matches!(head.status, 429 | 503) => None,
        Answer::Rejected(Rejection::Response(head)) if head.status < 500 => Some(skip()),
        Answer::Rejected(Rejection::Response(_) | Rejection::Ended(_)) => {
            Some(skip().to_confirm_alone())
        }
        Answer::Rejected(Rejection::NotHttp { .. } | Rejection::Endless | Rejection::Silence)
        | Answer::Accepted(_)
        | Answer::Unreached(_) => None,
    }
}

impl Experiment for Talk {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(self.talk(stage))
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let heard = match opened(transcript, TALK) {
            Ok(heard) => heard,
            Err(refusal) => return refused_for(transcript, self.offer).unwrap_or(refusal),
        };
        if let Some(skip) = left_out(&heard, self.wants, self.offer) {
            return skip;
        }
        let Some(compression) = &heard.compression else {
            return Judgement::inconclusive("no extension is in use");
        };
        let expected = messages(&(self.say)(compression));
        let judgement = attempts(&expected).judge(transcript, |label| {
            self.judge_attempt(transcript, label, reading)
        });
        self.weighed(judgement, reading)
    }
}

impl Talk {
    fn judge_attempt(
        &self,
        transcript: &Transcript,
        label: &'static str,
        reading: &Reading,
    ) -> Judgement {
        let heard = match opened(transcript, label) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        let Some(compression) = &heard.compression else {
            return Judgement::inconclusive(format!(
                "the target took up `{}` before, and not on the {label} connection",
                self.offer
            ));
        };
        let said = (self.say)(compression);
        match Self::flaw(label, &said, &heard, reading) {
            Some(judgement) => judgement,
            None => (self.remark)(&heard),
        }
    }
}
