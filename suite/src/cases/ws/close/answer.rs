//! What a target makes of a Close: the answer, or how it is missing.

use crate::declared::{Profile, Reading};
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::{Connection, End, Transcript, What};
use crate::ws::after_fault::{manner, opened};
use crate::ws::closing::body_fault;
use crate::ws::echo::is_farewell;
use crate::ws::unasked::{closes_unasked, say_nothing};
use crate::ws::{Conversation, Dialogue, Frame, HeardClose};
use pushspec_parser::ws::Opcode;
use pushspec_reports::Verdict;

/// The connection that a case is about.
pub(super) const MAIN: &str = "close";

/// What came back.
pub(super) enum Answer<'a> {
    /// A Close.
    Close(&'a HeardClose),
    /// The end of TCP, and no Close.
    Ended(&'a End),
    /// Nothing, while the connection stays open.
    Silence,
    /// More than the case reads.
    Flood,
}

impl<'a> Answer<'a> {
    /// What came back on this connection.
    pub(super) fn of(heard: &'a Dialogue) -> Self {
        match (heard.close(), &heard.end) {
            (Some(close), _) => Self::Close(close),
            (None, Some((_, end))) => Self::Ended(end),
            (None, None) if heard.full => Self::Flood,
            (None, None) => Self::Silence,
        }
    }
}

/// Sends frames with a Close among them in one segment, waits for the answer, and listens for what stands behind it
/// until TCP ends.
pub(super) async fn close(conversation: &mut Conversation, frames: &[Frame]) {
    conversation.send(frames).await;
    conversation
        .wait("the answering Close", Dialogue::is_ending)
        .await;
    conversation.part().await;
}

/// Opens a connection and closes it with these frames.
pub(super) async fn open_and_close(stage: &Stage, label: &'static str, frames: &[Frame]) {
    let mut conversation = Conversation::open(stage, label).await;
    if conversation.heard().is_open() {
        close(&mut conversation, frames).await;
    }
    if label == MAIN && may_have_crossed(conversation.heard(), frames) {
        say_nothing(stage, MAIN).await;
    }
}

/// Whether the Close that came may be no answer to the one among these frames: it reproaches nothing, and says neither what
/// was sent nor what is usual.
fn may_have_crossed(heard: &Dialogue, frames: &[Frame]) -> bool {
    let Some(close) = heard.close().filter(|close| is_farewell(close)) else {
        return false;
    };
    let said = |frame: &Frame| {
        frame.opcode == Opcode::CLOSE && frame.payload.starts_with(&close.body[..2])
    };
    !matches!(close.code, None | Some(1000)) && !frames.iter().any(said)
}

/// The dialogue on the connection with this label, if our Close was sent while the connection stood.
pub(super) fn closed(transcript: &Transcript, label: &str) -> Result<Dialogue, Judgement> {
    let heard = opened(transcript, label)?;
    if let Some(unasked) = closes_unasked(transcript).filter(|_| label == MAIN) {
        return Err(unasked);
    }
    match transcript.connection(label).and_then(too_late) {
        None => Ok(heard),
        Some(reason) => {
            Err(Judgement::inconclusive(format!("{reason}: {}", manner(&heard))).to_confirm_alone())
        }
    }
}

/// Why our last frames came too late; none where they did not.
fn too_late(connection: &Connection) -> Option<&'static str> {
    let mut heard = Dialogue::default();
    let mut ending_before_sent = false;
    for event in &connection.events {
        match &event.what {
            What::Sent(_) => ending_before_sent = heard.is_ending(),
            What::NotSent(_) => {
                return Some("the target ended the connection before it was asked to");
            }
            What::Connected
            | What::NotConnected(_)
            | What::Planned(_)
            | What::SentFin
            | What::SentReset
            | What::Received(_)
            | What::Ended(_)
            | What::ToldToStop
            | What::TimedOut { .. }
            | What::Full
            | What::Streamed(_)
            | What::Flooded(_)
            | What::Negotiated(_)
            | What::Told(_) => {}
        }
        crate::listening::View::observe(&mut heard, event);
    }
    ending_before_sent.then_some("the target closed by itself before it was asked to")
}

/// The answer to a legal Close is missing.
pub(super) fn unanswered(end: &End) -> Judgement {
    Judgement::fail(format!(
        "the target ended the connection ({end}) instead of answering the Close: clients report an abnormal closure, 1006"
    ))
    .by("rfc6455/5.5.1/close-answered")
    .to_confirm_alone()
}

/// A legal Close was not answered at all.
pub(super) fn ignored(reading: &Reading) -> Judgement {
    Judgement::fail(format!(
        "the Close was not answered within {} s, and the connection stays open",
        reading.timing.patience.as_secs_f32()
    ))
    .by("rfc6455/5.5.1/close-answered")
    .resting_on_silence()
}

/// The case stopped reading before an answer came.
pub(super) fn flooded() -> Judgement {
    Judgement::inconclusive("the target sent more than the case reads before it answered the Close")
}

/// Reads the answer to a legal Close, with whatever is wrong with its body; `inspect` judges a Close that is sound.
pub(super) fn judge(
    heard: &Dialogue,
    reading: &Reading,
    inspect: impl FnOnce(&HeardClose) -> Judgement,
) -> Judgement {
    match Answer::of(heard) {
        Answer::Close(close) => wrong_body(heard, close, reading).unwrap_or_else(|| inspect(close)),
        Answer::Ended(end) => unanswered(end),
        Answer::Silence => ignored(reading),
        Answer::Flood => flooded(),
    }
}

/// An answer that breaks a rule itself.
pub(super) fn wrong_body(
    heard: &Dialogue,
    close: &HeardClose,
    reading: &Reading,
) -> Option<Judgement> {
    let (verdict, finding) = body_fault(heard, close, reading)?;
    let observed = format!("answered by {}, but {}", manner(heard), finding.violation);
    Some(
        Judgement::new(verdict, observed)
            .by(finding.violation.requirement())
            .at(Spot::received(MAIN, finding.offset)),
    )
}

/// Judges the code of a sound answer to a Close with `sent`: the same, 1000 or none are all right.
pub(super) fn judge_code(
    heard: &Dialogue,
    close: &HeardClose,
    sent: Option<u16>,
    reading: &Reading,
) -> Judgement {
    let observed = format!("answered by {}", manner(heard));
    match close.code {
        None | Some(1000) => Judgement::pass(observed),
        code if code == sent => Judgement::pass(observed),
        Some(code) => {
            let verdict = match reading.profile {
                Profile::Autobahn => Verdict::Fail,
                Profile::Standard | Profile::Strict | Profile::Browser => Verdict::Warn,
            };
            let asked = match sent {
                Some(sent) => format!("a Close {sent}"),
                None => "a Close without a code".into(),
            };
            let observed = format!(
                "{observed}: {asked} is usually answered by the same code or 1000, and clients report {code}"
            );
            Judgement::new(verdict, observed)
                .by("rfc6455/5.5.1/close-code-echoed")
                .resting_on("ambiguity/answering-code")
                .at(Spot::received(MAIN, close.offset))
        }
    }
}
