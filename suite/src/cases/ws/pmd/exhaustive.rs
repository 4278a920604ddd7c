//! Many messages behind a few, pipelined: the grid of Autobahn's sections 12 and 13 at full size, with a connection for each
//! of its 18 sizes, and by default the smallest of them alone. Where the few fail, which show the same in most servers,
//! nothing more is sent.

use super::data::Corpus;
use super::talk::Talk;
use crate::case::Experiment;
use crate::declared::Reading;
use crate::judgement::Judgement;
use crate::stage::Stage;
use crate::transcript::{Came, Connection, Transcript};
use crate::transport::Boxed;
use crate::ws::bulk::Bulk;
use crate::ws::outcome::opened;
use crate::ws::pipeline::Pipeline;
use pushspec_parser::ws::Opcode;
use pushspec_reports::Verdict;
use std::time::Duration;

/// How long a slow target may take over all of a case: half of what Autobahn gives it.
pub(super) const WINDOW: Duration = Duration::from_secs(3600);

/// What the messages of a case are cut from, in bytes.
const SOURCE: usize = 512 * 1024;

const KIB: usize = 1024;

/// The label of a connection, the bytes of its messages, and of their fragments, once compressed.
type Size = (&'static str, usize, Option<usize>);

/// Autobahn's, in its order.
pub(super) const SIZES: &[Size] = &[
    ("16 bytes", 16, None),
    ("64 bytes", 64, None),
    ("256 bytes", 256, None),
    ("1 KiB", KIB, None),
    ("4 KiB", 4 * KIB, None),
    ("8 KiB", 8 * KIB, None),
    ("16 KiB", 16 * KIB, None),
    ("32 KiB", 32 * KIB, None),
    ("64 KiB", 64 * KIB, None),
    ("128 KiB", 128 * KIB, None),
    ("8 KiB by 256 bytes", 8 * KIB, Some(256)),
    ("16 KiB by 256 bytes", 16 * KIB, Some(256)),
    ("32 KiB by 256 bytes", 32 * KIB, Some(256)),
    ("64 KiB by 256 bytes", 64 * KIB, Some(256)),
    ("128 KiB by 256 bytes", 128 * KIB, Some(256)),
    ("128 KiB by 1 KiB", 128 * KIB, Some(KIB)),
    ("128 KiB by 4 KiB", 128 * KIB, Some(4 * KIB)),
    ("128 KiB by 32 KiB", 128 * KIB, Some(32 * KIB)),
];

/// A few messages, and then very many.
pub(super) struct Exhaustive {
    pub(super) talk: Talk,
    pub(super) offer: &'static str,
    pub(super) opcode: Opcode,
    pub(super) corpus: Corpus,
    /// Of each size.
    pub(super) messages: u64,
    pub(super) sizes: &'static [Size],
}

impl Exhaustive {
    async fn send(&self, stage: &Stage) {
        self.talk.drive(stage).await;
        let so_far = self.talk.judge(&stage.transcript(), &Reading::default());
        if so_far.verdict != Verdict::Pass {
            return;
        }
        let source = (self.corpus)(SOURCE);
        for &(label, size, fragment) in self.sizes {
            let pipeline = Pipeline {
                opcode: self.opcode,
                source: &source,
                messages: self.messages,
                size,
                fragment,
            };
            if pipeline.stream(stage, label, self.offer).await != Some(Came::All) {
                return;
            }
        }
    }

    /// What is wrong with what came of one size; none where all came back.
    fn flaw(
        &self,
        transcript: &Transcript,
        label: &str,
        size: usize,
    ) -> Result<Duration, Judgement> {
        let heard = opened(transcript, label)?;
        let connection = transcript.connection(label);
        let Some(streamed) = connection.and_then(Connection::streamed) else {
            return Err(Judgement::inconclusive(format!(
                "the target took up `{}` before, and did not on the connection for messages of {label}",
                self.offer
            ))
            .to_confirm_alone());
        };
        let bulk = Bulk {
            messages: self.messages,
            ..Bulk::message(self.opcode, size as u64)
        };
        match (bulk.flaw(streamed), &streamed.came) {
            (None, _) => Ok(streamed.elapsed),
            (Some(flaw), Came::Broken(fault)) => {
                let broken = heard.compression.and_then(|it| it.broken_by(*fault));
                Err(broken.into_iter().fold(flaw, Judgement::by))
            }
            (Some(flaw), _) => Err(flaw),
        }
    }
}

impl Experiment for Exhaustive {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        Box::pin(self.send(stage))
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        let few = self.talk.judge(transcript, reading);
        if few.verdict != Verdict::Pass {
            return few;
        }
        let mut took = Duration::ZERO;
        for &(label, size, _) in self.sizes {
            match self.flaw(transcript, label, size) {
                Ok(elapsed) => took += elapsed,
                Err(flaw) => return flaw,
            }
        }
        let bytes: usize = self.sizes.iter().map(|(_, size, _)| size).sum();
        let megabytes = self.messages as f64 * bytes as f64 / 1e6;
        Judgement::pass(match self.sizes {
            [(label, ..)] => format!(
                "{}; then {} messages of {label} came back too",
                few.observed, self.messages
            ),
            sizes => format!(
                "{}; then {} messages of each of {} sizes came back too, {megabytes:.0} MB each way in {:.1} s",
                few.observed,
                self.messages,
                sizes.len(),
                took.as_secs_f64()
            ),
        })
    }
}
