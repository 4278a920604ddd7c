//! Legal conversations, generated: what is said, in what pieces, with what between them. Built of numbers alone, so that
//! proptest can shrink each of them; their frames are made when it is known what was agreed on.

use super::exchange::Exchange;
use super::walk::length;
use crate::ws::compression::Compression;
use crate::ws::echo::binary;
use crate::ws::{Frame, Masking};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use pushspec_parser::ws::Opcode;

/// A conversation in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    steps: Vec<Step>,
    /// Where TCP cuts: parts of 65536 of the whole.
    cuts: Vec<u16>,
    ending: Option<Ending>,
}

/// A message, or a control frame by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    what: What,
    size: usize,
    compressed: bool,
    /// Where the message is cut into fragments: parts of 65536 of the whole.
    splits: Vec<u16>,
    /// What stands between the fragments.
    between: Vec<Control>,
    key: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Text,
    Binary,
    Control(Control),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Control {
    ping: bool,
    size: u8,
}

/// A Close.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ending {
    code: u16,
    reason: u8,
    /// Whether it comes inside a message, which then is never finished.
    inside: Option<bool>,
}

/// Codes that a client may send.
const CODES: [u16; 5] = [1000, 1001, 3000, 4000, 4999];

/// Sizes around which implementations change their ways, nothing at all among them, and small ones for the rest.
fn size() -> impl Strategy<Value = usize, Tree: Send> {
    prop_oneof![
        5 => Just(0_usize),
        18 => 1..=40_usize,
        5 => 124..=127_usize,
        3 => 128..2000_usize,
        1 => 65_535..=65_536_usize,
    ]
}

fn control() -> impl Strategy<Value = Control, Tree: Send> {
    let size = prop_oneof![2 => 0..=1_u8, 5 => 2..=16_u8, 1 => 124..=125_u8];
    (any::<bool>(), size).prop_map(|(pong, size)| Control { ping: !pong, size })
}

fn step() -> impl Strategy<Value = Step, Tree: Send> {
    let what = (0..8_u8, control()).prop_map(|(what, control)| match what {
        0..4 => What::Text,
        4..7 => What::Binary,
        _ => What::Control(control),
    });
    let splits = vec(any::<u16>(), 0..4);
    let between = vec(control(), 0..3);
    // What is shrunk first comes first: fewer frames tell more than smaller ones.
    (between, splits, what, any::<bool>(), size(), any::<u32>()).prop_map(
        |(between, splits, what, compressed, size, key)| Step {
            what,
            size,
            compressed,
            splits,
            between,
            key,
        },
    )
}

fn ending() -> impl Strategy<Value = Ending, Tree: Send> {
    let inside = proptest::option::weighted(0.4, any::<bool>());
    (0..CODES.len(), 0..40_u8, inside).prop_map(|(code, reason, inside)| Ending {
        code: CODES[code],
        reason,
        inside,
    })
}

/// A conversation of up to `steps` messages and control frames, with a Close of its own perhaps.
pub(super) fn conversation(steps: usize) -> impl Strategy<Value = Draft, Tree: Send> {
    let steps = vec(step(), 1..=steps);
    (proptest::option::of(ending()), cuts(), steps).prop_map(|(ending, cuts, steps)| Draft {
        steps,
        cuts,
        ending,
    })
}

/// What may stand before something illegal: no Close, and nothing at all perhaps.
pub(super) fn prefix(steps: usize) -> impl Strategy<Value = Draft, Tree: Send> {
    (cuts(), vec(step(), 0..=steps)).prop_map(|(cuts, steps)| Draft {
        steps,
        cuts,
        ending: None,
    })
}

fn cuts() -> impl Strategy<Value = Vec<u16>, Tree: Send> {
    vec(any::<u16>(), 0..3)
}

impl Draft {
    /// Its frames, where this was agreed on.
    pub(super) fn frames(&self, compression: Option<&Compression>) -> Vec<Frame> {
        let mut compressor = compression.map(Compression::compressor);
        let mut frames = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let name = b'a' + index as u8;
            let mut own = match step.what {
                What::Control(control) => vec![control.frame(name)],
                What::Text | What::Binary => {
                    let (opcode, mut payload) = match step.what {
                        What::Binary => (Opcode::BINARY, binary(step.size)),
                        What::Text | What::Control(_) => (Opcode::TEXT, text(name, step.size)),
                    };
                    let compressor = compressor.as_mut().filter(|_| step.compressed);
                    let marked = compressor.is_some();
                    if let Some(compressor) = compressor {
                        payload = compressor.compress(&payload).to_vec();
                    }
                    let mut own = step.fragments(opcode, &payload, name);
                    if marked {
                        own[0] = own[0].clone().compressed();
                    }
                    own
                }
            };
            for (index, frame) in own.iter_mut().enumerate() {
                // A key of zeros stays one; of others each frame has its own.
                frame.masking = Masking::Key(step.key.rotate_left(7 * index as u32).to_be_bytes());
            }
            frames.extend(own);
        }
        if let Some(ending) = &self.ending {
            frames.extend(ending.frames());
        }
        frames
    }

    /// What is simpler by one step: without one or two of what is said, then with one of them simpler. A control frame alone is
    /// simpler than a message around it.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let with = |steps: Vec<Step>| Self {
            steps,
            ..self.clone()
        };
        let without = |left_out: &[usize]| {
            let steps = self.steps.iter().enumerate();
            let kept = steps.filter(|(index, _)| !left_out.contains(index));
            with(kept.map(|(_, step)| step.clone()).collect())
        };
        let count = self.steps.len();
        let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |other| [one, other]));
        let mut simpler: Vec<Self> = (0..count).map(|index| without(&[index])).collect();
        simpler.extend(pairs.map(|pair| without(&pair)));
        if self.ending.is_some() || !self.cuts.is_empty() {
            simpler.push(Self {
                ending: None,
                ..self.clone()
            });
            simpler.push(Self {
                cuts: Vec::new(),
                ..self.clone()
            });
        }
        for (index, step) in self.steps.iter().enumerate() {
            simpler.extend(step.simpler().into_iter().map(|step| {
                let mut steps = self.steps.clone();
                steps[index] = step;
                with(steps)
            }));
        }
        // What is the same is no simpler, and would be tried for ever.
        simpler
            .retain(|draft| draft != self && !(draft.steps.is_empty() && draft.ending.is_none()));
        simpler
    }

    /// As an exchange, with these frames.
    pub(super) fn exchange(&self, frames: Vec<Frame>) -> Exchange {
        let total: usize = frames.iter().map(length).sum();
        let mut cuts: Vec<usize> = self.cuts.iter().map(|cut| part(*cut, total)).collect();
        cuts.sort_unstable();
        Exchange { frames, cuts }
    }
}

impl Step {
    /// The same, simpler in one respect.
    fn simpler(&self) -> Vec<Self> {
        let controls = self.between.iter().map(|control| Self {
            what: What::Control(*control),
            splits: Vec::new(),
            between: Vec::new(),
            ..self.clone()
        });
        let mut simpler: Vec<Self> = controls.collect();
        for index in 0..self.between.len() {
            let mut step = self.clone();
            step.between.remove(index);
            simpler.push(step);
        }
        for index in 0..self.splits.len() {
            let mut step = self.clone();
            step.splits.remove(index);
            simpler.push(step);
        }
        if let What::Control(Control { ping: true, size }) = self.what
            && size > 1
        {
            let what = What::Control(Control {
                ping: true,
                size: 1,
            });
            simpler.push(Self {
                what,
                ..self.clone()
            });
        }
        if self.is_message() {
            simpler.extend(
                [0, 1]
                    .into_iter()
                    .filter(|size| *size < self.size)
                    .map(|size| Self {
                        size,
                        ..self.clone()
                    }),
            );
            simpler.extend(self.compressed.then(|| Self {
                compressed: false,
                ..self.clone()
            }));
        }
        simpler
    }

    fn is_message(&self) -> bool {
        match self.what {
            What::Text | What::Binary => true,
            What::Control(_) => false,
        }
    }

    /// The frames of a message with this payload, control frames among them.
    fn fragments(&self, opcode: Opcode, payload: &[u8], name: u8) -> Vec<Frame> {
        let mut splits: Vec<usize> = self
            .splits
            .iter()
            .map(|split| part(*split, payload.len()))
            .collect();
        splits.sort_unstable();
        let mut controls = self.between.iter();
        let mut frames = Vec::new();
        let mut start = 0;
        for end in splits.iter().copied().chain([payload.len()]) {
            let opcode = match frames.is_empty() {
                true => opcode,
                false => Opcode::CONTINUATION,
            };
            frames.push(Frame::new(opcode, &payload[start..end]).unfinished());
            start = end;
            if frames
                .iter()
                .filter(|frame| !frame.opcode.is_control())
                .count()
                <= splits.len()
                && let Some(control) = controls.next()
            {
                frames.push(control.frame(name));
            }
        }
        if let Some(last) = frames.last_mut() {
            last.fin = true;
        }
        frames
    }
}

impl Control {
    fn frame(self, name: u8) -> Frame {
        let payload = vec![name; usize::from(self.size)];
        match self.ping {
            true => Frame::ping(payload),
            false => Frame::pong(payload),
        }
    }
}

impl Ending {
    fn frames(&self) -> Vec<Frame> {
        let close = Frame::close(self.code, vec![b'z'; usize::from(self.reason)]);
        let begun = self.inside.map(|text| match text {
            false => Frame::binary("never finished").unfinished(),
            true => Frame::text("never finished").unfinished(),
        });
        begun.into_iter().chain([close]).collect()
    }
}

/// Such a part of 65536 of so many.
fn part(of_65536: u16, total: usize) -> usize {
    usize::from(of_65536) * (total + 1) / 65_536
}

/// So many bytes of text that begins with `name`, in characters of one to four bytes.
fn text(name: u8, size: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(size);
    let pieces: [&[u8]; 5] = [
        &[name],
        "é".as_bytes(),
        "水".as_bytes(),
        "\u{1f600}".as_bytes(),
        b" ",
    ];
    for piece in pieces.iter().cycle() {
        if text.len() + piece.len() > size {
            break;
        }
        text.extend_from_slice(piece);
    }
    text.resize(size, name);
    text
}
