//! `ws/frame/parallel-echo-50`: whether connections that are open at once get each other's messages.

use crate::case::{Case, Experiment, Need, Set};
use crate::declared::Reading;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::echo::{Compared, Message, flaw, say_last, text};
use crate::ws::outcome::opened;
use crate::ws::{Conversation, Dialogue, Frame};
use futures_util::future::join_all;
use pushspec_parser::ws::Opcode;
use pushspec_reports::{Severity, printable};

/// The connections. Each marks its messages with its label.
const LABELS: [&str; 50] = [
    "echo-01", "echo-02", "echo-03", "echo-04", "echo-05", "echo-06", "echo-07", "echo-08",
    "echo-09", "echo-10", "echo-11", "echo-12", "echo-13", "echo-14", "echo-15", "echo-16",
    "echo-17", "echo-18", "echo-19", "echo-20", "echo-21", "echo-22", "echo-23", "echo-24",
    "echo-25", "echo-26", "echo-27", "echo-28", "echo-29", "echo-30", "echo-31", "echo-32",
    "echo-33", "echo-34", "echo-35", "echo-36", "echo-37", "echo-38", "echo-39", "echo-40",
    "echo-41", "echo-42", "echo-43", "echo-44", "echo-45", "echo-46", "echo-47", "echo-48",
    "echo-49", "echo-50",
];

/// Messages of each connection; the last is sent when the others came back.
const MESSAGES: usize = 8;

/// Fewer connections than this are not many.
const ENOUGH: usize = 2;

pub(super) fn case() -> Case {
    Case::new(
        "ws/frame/parallel-echo-50",
        Severity::Critical,
        &[Need::Echo],
        &[
            "rfc6455/6.1/transmit",
            "rfc6455/5.3/mask-xor-mod4",
            "rfc6455/6.2/next-frame-new-message",
        ],
        ParallelEcho,
    )
    .about(
        "50 connections at once, each with messages of its own",
        "every connection gets its own messages back, in order, and nobody else's; connections that the target refuses \
         are left out",
    )
    .in_set(Set::Hardening)
    .alone()
}

struct ParallelEcho;

/// The messages of one connection: lengths from tens to thousands of bytes, so that buffers are used again.
fn messages(label: &str) -> Vec<Message> {
    (0..MESSAGES)
        .map(|number| {
            let mark = format!("{label}, message {number}: ").into_bytes();
            let filler = text(37 * (number % 3) * (number + label.len()) * 3);
            Message {
                opcode: Opcode::TEXT,
                payload: [mark, filler].concat(),
                frames: 1,
            }
        })
        .collect()
}

fn frame(message: &Message) -> Frame {
    Frame::new(message.opcode, message.payload.clone())
}

async fn talk(label: &'static str, conversation: &mut Conversation) {
    if !conversation.heard().is_open() {
        return;
    }
    let messages = messages(label);
    let [first @ .., last] = messages.as_slice() else {
        return;
    };
    // One by one, so that the connections' messages mix in the target.
    for message in first {
        conversation.send(&[frame(message)]).await;
        tokio::task::yield_now().await;
    }
    say_last(conversation, first, |_| true, frame(last)).await;
    conversation.part().await;
}

impl Experiment for ParallelEcho {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            // All are open before any of them speaks.
            // Not `LABELS.map`, which would put an array of handshakes under way on the stack.
            let opening = LABELS
                .into_iter()
                .map(|label| Conversation::open(stage, label));
            let mut conversations = join_all(opening).await;
            let talks = LABELS.into_iter().zip(&mut conversations);
            join_all(talks.map(|(label, conversation)| talk(label, conversation))).await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let open: Vec<(&'static str, Dialogue)> = LABELS
            .into_iter()
            .filter_map(|label| Some((label, opened(transcript, label).ok()?)))
            .collect();
        for (label, heard) in &open {
            if let Some(stolen) = stolen(label, heard) {
                return stolen;
            }
        }
        let (mut served, mut ended) = (0, 0);
        for (label, heard) in &open {
            let expected = messages(label);
            let compared = Compared::of(&expected, &heard.messages);
            match flaw(label, &expected, &compared, heard, reading) {
                None => served += 1,
                // A target may have as few connections as it likes, and close those that are too many.
                Some(_) if compared.only_missing() && heard.is_ending() => ended += 1,
                Some(mut judgement) => {
                    judgement.observed = format!(
                        "on connection {label} of {}: {}",
                        open.len(),
                        judgement.observed
                    );
                    return judgement;
                }
            }
        }
        let refused = LABELS.len() - open.len();
        let left_out = match (refused, ended) {
            (0, 0) => String::new(),
            _ => format!("; {refused} were refused and {ended} ended by the target"),
        };
        if served < ENOUGH {
            return Judgement::inconclusive(format!(
                "of 50 connections only {served} were served to the end{left_out}"
            ));
        }
        Judgement::pass(format!(
            "{served} connections at once got their own messages back, and nobody else's{left_out}"
        ))
    }
}

/// A message on this connection that belongs to another one.
fn stolen(label: &'static str, heard: &Dialogue) -> Option<Judgement> {
    let (message, owner) = heard.messages.iter().find_map(|message| {
        let owner = LABELS
            .into_iter()
            .find(|owner| message.payload.starts_with(owner.as_bytes()))?;
        (owner != label).then_some((message, owner))
    })?;
    let payload = printable(&message.payload, 40);
    Some(
        Judgement::fail(format!(
            "connection {label} got a message of connection {owner}: \"{payload}\""
        ))
        .at(Spot::received(label, message.offset)),
    )
}
