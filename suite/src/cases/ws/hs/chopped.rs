//! A handshake that arrives in pieces.

use super::variation::{Terms, VARIED};
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Conversation;
use crate::ws::handshake::twin_if_needed;
use pushspec_reports::{Severity, Verdict};
use std::time::Duration;

/// Between two pieces, so that they do not travel in one segment.
const PAUSE: Duration = Duration::from_millis(1);

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = |id, what, sizes| {
        let requirements = &["rfc6455/6.2/parse-as-frames", "rfc6455/4.2.2/response-101"];
        let chopped = Chopped { what, sizes };
        Case::new(id, Severity::Major, &[Need::Open], requirements, chopped)
            .about(what, "101: how TCP cuts a request means nothing")
    };
    let bytes = case(
        "ws/hs/tcp-chop-bytes",
        "a handshake that arrives byte by byte",
        &[1],
    );
    let odd = case(
        "ws/hs/tcp-chop-odd",
        "a handshake that arrives in pieces of odd sizes",
        &[3, 1, 7, 2, 13, 5, 31, 1, 11],
    );
    [bytes, odd].into_iter()
}

struct Chopped {
    what: &'static str,
    /// The sizes of the pieces, over and over.
    sizes: &'static [usize],
}

impl Experiment for Chopped {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let bytes = Request::opening(stage, VARIED).encode();
            let mut rest = bytes.as_ref();
            let mut conversation = Conversation::connect(stage, VARIED).await;
            for size in self.sizes.iter().cycle() {
                let (piece, behind) = rest.split_at(rest.len().min(*size));
                conversation.send_bytes(piece.to_vec()).await;
                rest = behind;
                if rest.is_empty() {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
            conversation.opened().await;
            conversation.part().await;
            drop(conversation);
            twin_if_needed(stage, VARIED).await;
        })
    }

    fn judge(&self, transcript: &Transcript, _: &Reading) -> Judgement {
        let terms = Terms {
            what: self.what,
            refused: Verdict::Fail,
            suffers: "on a slow or lossy network clients cannot connect, now and then and for no visible reason",
        };
        terms.judge(transcript)
    }
}
