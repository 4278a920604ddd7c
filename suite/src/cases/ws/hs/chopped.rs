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
    let case = |id, what, cut| {
        let requirements = &["rfc6455/6.2/parse-as-frames", "rfc6455/4.2.2/response-101"];
        let chopped = Chopped { what, cut };
        Case::new(id, Severity::Major, &[Need::Open], requirements, chopped)
            .about(what, "101: how TCP cuts a request means nothing")
    };
    let bytes = case(
        "ws/hs/tcp-chop-bytes",
        "a handshake whose first and last bytes arrive one by one",
        at_its_ends,
    );
    let odd = case(
        "ws/hs/tcp-chop-odd",
        "a handshake that arrives in pieces of odd sizes",
        in_odd_sizes,
    );
    [bytes, odd].into_iter()
}

struct Chopped {
    what: &'static str,
    cut: fn(&[u8]) -> Vec<&[u8]>,
}

/// One byte each at both ends, the rest in one piece. Not every byte alone: servers may take a long row of tiny segments
/// for an attack (RFC 6455 section 10.4), and whether they see one is for the network to say.
fn at_its_ends(request: &[u8]) -> Vec<&[u8]> {
    const ALONE: usize = 24;
    let (first, rest) = request.split_at(ALONE);
    let (middle, last) = rest.split_at(rest.len() - ALONE);
    first
        .chunks(1)
        .chain([middle])
        .chain(last.chunks(1))
        .collect()
}

/// Pieces of sizes that fit no line of a request.
fn in_odd_sizes(mut request: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    for size in [3, 1, 7, 2, 13, 5, 31, 1, 11].into_iter().cycle() {
        if request.is_empty() {
            break;
        }
        let (piece, behind) = request.split_at(request.len().min(size));
        pieces.push(piece);
        request = behind;
    }
    pieces
}

impl Experiment for Chopped {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(async {
            let bytes = Request::opening(stage, VARIED).encode();
            let mut conversation = Conversation::connect(stage, VARIED).await;
            for (index, piece) in (self.cut)(&bytes).into_iter().enumerate() {
                if index > 0 {
                    tokio::time::sleep(PAUSE).await;
                }
                conversation.send_bytes(piece.to_vec()).await;
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
            open: None,
            suffers: "on a slow or lossy network clients cannot connect, now and then and for no visible reason",
        };
        terms.judge(transcript)
    }
}
