//! A compressed message just beyond the limit that was declared: the limit counts what is inflated (RFC 6455 section 10.4, for
//! RFC 7692 changes no message but on its way).

use crate::case::{Case, Experiment, Need, Set};
use crate::cases::ws::pmd::{Wants, came_beyond, left_out};
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::compression::{NAME, zeros};
use crate::ws::outcome::{manner, opened};
use crate::ws::{Conversation, Dialogue, Frame};
use pushspec_reports::{Severity, Verdict};

/// The label of its connection.
const COMPRESSED: &str = "compressed";

/// The largest limit that is tried: the message is made in memory, in a five-hundredth of its size.
const LARGEST: u64 = 1 << 30;

/// What the connection reads: an echo may come uncompressed.
const WEIGHT: usize = 2 << 20;

const INFLATED: &str = "rfc7692/x/decompression-limit";
const TOO_BIG: &str = "rfc6455/7.4.1/1009-too-big";

pub(super) fn cases() -> Vec<Case> {
    let needs = &[Need::Echo, Need::Deflate, Need::MessageLimit];
    let case = Case::new(
        "ws/limits/declared-plus-1-compressed",
        Severity::Major,
        needs,
        &[INFLATED, "rfc6455/10.4/protect-limits", TOO_BIG],
        BeyondLimit,
    );
    vec![
        case.about(
            "a compressed message that stands for one zero more than the declared limit",
            "Close 1009",
        )
        .in_set(Set::Hardening)
        .weighing(WEIGHT)
        .alone(),
    ]
}

struct BeyondLimit;

/// The limit, where it can be tried.
fn tried(limit: Option<u64>) -> Option<usize> {
    let limit = limit.filter(|&limit| limit <= LARGEST)?;
    usize::try_from(limit).ok()
}

impl Experiment for BeyondLimit {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let Some(limit) = tried(stage.setting.declared.message_limit) else {
                return;
            };
            let mut conversation = Conversation::open_compressed(stage, COMPRESSED, NAME).await;
            if conversation.heard().compression.is_some() {
                let frame = Frame::binary(zeros(limit + 1)).compressed();
                conversation.send(&[frame]).await;
                let reacted = |heard: &Dialogue| {
                    heard.is_ending() || heard.full || !heard.messages.is_empty()
                };
                conversation
                    .wait("an answer to a message beyond the limit", reacted)
                    .await;
            }
            conversation.part().await;
        })
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let Some(limit) = reading.declared.message_limit else {
            return Judgement::inconclusive("no limit is declared");
        };
        if tried(Some(limit)).is_none() {
            let why = format!("a limit of more than {LARGEST} bytes is not tried");
            return Judgement::new(Verdict::Skip, why);
        }
        let heard = match opened(transcript, COMPRESSED) {
            Ok(heard) => heard,
            Err(refusal) => return refusal,
        };
        if let Some(skip) = left_out(&heard, Wants::Nothing, NAME) {
            return skip;
        }
        if let Some(connection) = transcript.connection(COMPRESSED)
            && came_beyond(connection, &heard, limit + 1, limit)
        {
            return Judgement::fail(format!(
                "a message of {} bytes came back that had come compressed, where {limit} are declared to be the most: the limit \
                 does not count what is inflated",
                limit + 1
            ));
        }
        // Behind an answer the end is what we asked for.
        match heard.close().map(|close| close.code) {
            Some(Some(1009)) => Judgement::pass("Close 1009"),
            _ if heard.is_ending() && heard.messages.is_empty() => Judgement::warn(format!(
                "a message beyond the declared limit was answered by {}: Close 1009 would tell the client why",
                manner(&heard)
            ))
            .by(TOO_BIG),
            _ if heard.messages.is_empty() => Judgement::warn(
                "a message beyond the declared limit was answered by nothing: the client waits for ever",
            )
            .by(TOO_BIG)
            .resting_on_silence(),
            _ => Judgement::warn(
                "a message beyond the declared limit was answered by another one: Close 1009 would tell the client why",
            )
            .by(TOO_BIG),
        }
    }
}
