//! One illegal frame, planted into a legal conversation. Nothing but what completes its message stands behind it.

use super::model::{Breach, State, step};
use crate::ws::compression::Compression;
use crate::ws::{Frame, Masking};
use pushspec_parser::ws::Opcode;

/// What can be planted where, without an agreement.
pub(super) const PLAIN: [(Breach, State); 28] = {
    use Breach::*;
    use State::*;
    [
        (Unmasked, Between),
        (Unmasked, InText),
        (Unmasked, InBinary),
        (ReservedBit, Between),
        (ReservedBit, InText),
        (ReservedBit, InBinary),
        (ReservedData, Between),
        (ReservedData, InText),
        (ReservedData, InBinary),
        (ReservedControl, Between),
        (ReservedControl, InText),
        (ReservedControl, InBinary),
        (LongControl, Between),
        (LongControl, InText),
        (LongControl, InBinary),
        (CutControl, Between),
        (CutControl, InText),
        (CutControl, InBinary),
        (BadClose, Between),
        (BadClose, Between),
        (BadClose, InText),
        (Inside, InText),
        (Inside, InBinary),
        // What came before matters here, and the state does not tell it.
        (Stray, Between),
        (Stray, Between),
        (NotUtf8, Between),
        (NotUtf8, Between),
        (NotUtf8, Between),
    ]
};

/// What means something else where compression was agreed on, or nothing without.
pub(super) const PACKED: [(Breach, State); 14] = {
    use Breach::*;
    use State::*;
    [
        (ReservedBit, Between),
        (ReservedBit, InPackedText),
        (ReservedBit, InPackedBinary),
        (MarkedContinuation, InText),
        (MarkedContinuation, InBinary),
        (MarkedContinuation, InPackedText),
        (MarkedContinuation, InPackedBinary),
        (MarkedControl, Between),
        (MarkedControl, InText),
        (MarkedControl, InPackedBinary),
        (Inside, InPackedText),
        (Inside, InPackedBinary),
        (NotUtf8, Between),
        (NotDeflate, Between),
    ]
};

/// What is planted, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plant {
    pub(super) breach: Breach,
    /// The state in which it comes.
    pub(super) state: State,
    /// A part of 256 of the places with that state.
    pub(super) place: u8,
    /// A part of 256 of the ways to break the rule.
    pub(super) which: u8,
}

/// Bits that have no meaning under compression, and without it.
const UNDER_COMPRESSION: [u8; 3] = [2, 1, 3];
const WITHOUT: [u8; 7] = [4, 2, 1, 3, 5, 6, 7];

impl Plant {
    /// These legal frames as far as the place, and the illegal one.
    pub(super) fn spoil(self, mut legal: Vec<Frame>, agreed: Option<&Compression>) -> Vec<Frame> {
        match self.spot(&legal, agreed.is_some()) {
            Some(at) => legal.truncate(at),
            None => legal.extend(beginning(self.state)),
        }
        legal.extend(self.illegal(agreed));
        legal
    }

    /// How many frames stand before one of the places with the wanted state.
    fn spot(self, legal: &[Frame], packed: bool) -> Option<usize> {
        let mut state = State::Between;
        let mut spots = Vec::new();
        for (at, frame) in legal.iter().enumerate() {
            if state == self.state {
                spots.push(at);
            }
            (_, state) = step(state, frame, packed).ok()?;
        }
        if state == self.state {
            spots.push(legal.len());
        }
        (!spots.is_empty()).then(|| *pick(&spots, self.place))
    }

    fn illegal(self, agreed: Option<&Compression>) -> Vec<Frame> {
        let control = || {
            pick(
                &[Frame::ping("illegal"), Frame::pong("illegal")],
                self.which,
            )
            .clone()
        };
        let opcode = |values: [u8; 5]| {
            let opcode = Opcode::new(*pick(&values, self.which)).expect("four bits");
            Frame::new(opcode, "illegal")
        };
        let unless_whole = |frame: Frame| match self.which % 2 {
            0 => frame,
            _ => frame.unfinished(),
        };
        let frame = match self.breach {
            Breach::Unmasked => self.due().masked(Masking::None),
            Breach::ReservedBit => match agreed {
                Some(_) => self.due().with_rsv(*pick(&UNDER_COMPRESSION, self.which)),
                None => self.due().with_rsv(*pick(&WITHOUT, self.which)),
            },
            Breach::MarkedContinuation => unless_whole(Frame::continuation("illegal")).compressed(),
            Breach::MarkedControl => control().compressed(),
            Breach::ReservedData => opcode([3, 4, 5, 6, 7]),
            Breach::ReservedControl => opcode([11, 12, 13, 14, 15]),
            Breach::LongControl => Frame {
                payload: vec![b'x'; 126],
                ..control()
            },
            Breach::CutControl => control().unfinished(),
            Breach::BadClose => pick(
                &[
                    Frame::close_with([3]),
                    Frame::close(1005, "illegal"),
                    Frame::close(1006, "illegal"),
                    Frame::close(1015, ""),
                    Frame::close(999, "illegal"),
                    Frame::close(0, ""),
                    Frame::close(1000, b"illegal \xc3\x28"),
                    Frame::close(1000, b"illegal \xe6\xb0"),
                ],
                self.which,
            )
            .clone(),
            Breach::Stray => unless_whole(Frame::continuation("illegal")),
            Breach::Inside | Breach::BehindClose => unless_whole(
                pick(
                    &[Frame::text("illegal"), Frame::binary("illegal")],
                    self.place,
                )
                .clone(),
            ),
            Breach::NotUtf8 => return self.not_utf8(agreed),
            // A block of the type that there is not.
            Breach::NotDeflate => Frame::text([0x06, 0x00]).compressed(),
        };
        vec![frame]
    }

    /// A frame that would be legal.
    fn due(self) -> Frame {
        let between = [
            Frame::text("illegal"),
            Frame::binary("illegal"),
            Frame::ping("illegal"),
            Frame::pong("illegal"),
        ];
        let inside = [
            Frame::continuation("illegal"),
            Frame::continuation("illegal").unfinished(),
            Frame::ping("illegal"),
            Frame::pong("illegal"),
        ];
        let kinds = if self.state.is_inside() {
            &inside
        } else {
            &between
        };
        pick(kinds, self.which.wrapping_mul(7)).clone()
    }

    fn not_utf8(self, agreed: Option<&Compression>) -> Vec<Frame> {
        let wrong = [&b"caf\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xe6\xb0"];
        let text = *pick(&wrong, self.which);
        match agreed {
            // The messages in front are not counted in: this one looks back at nothing.
            Some(agreed) => vec![Frame::text(agreed.compressor().compress(text)).compressed()],
            None => {
                let (head, rest) = text.split_at(usize::from(self.place) % text.len());
                vec![Frame::text(head).unfinished(), Frame::continuation(rest)]
            }
        }
    }
}

/// What leads to this state from between two messages.
fn beginning(state: State) -> Option<Frame> {
    // An empty block: compressed, it stands for nothing.
    let nothing = [0x02, 0x00];
    match state {
        State::Between => None,
        State::InText => Some(Frame::text("begun").unfinished()),
        State::InBinary => Some(Frame::binary("begun").unfinished()),
        State::InPackedText => Some(Frame::text(nothing).compressed().unfinished()),
        State::InPackedBinary => Some(Frame::binary(nothing).compressed().unfinished()),
        State::Closed => Some(Frame::close(1000, "")),
    }
}

/// One of them: such a part of 256.
fn pick<T>(among: &[T], of_256: u8) -> &T {
    &among[usize::from(of_256) * among.len() / 256]
}

#[cfg(test)]
mod tests {
    use super::super::walk::Walk;
    use super::*;

    /// What is planted is the only thing that is wrong, and it is what was to be planted.
    #[test]
    fn each_plant_breaks_one_rule_where_it_should() {
        let legal = vec![
            Frame::text("a"),
            Frame::binary("b").unfinished(),
            Frame::ping(""),
            Frame::continuation("c"),
        ];
        for (breach, state) in PLAIN {
            for number in 0..=255 {
                let plant = Plant {
                    breach,
                    state,
                    place: number,
                    which: number.wrapping_mul(31),
                };
                let frames = plant.spoil(legal.clone(), None);
                let walk = Walk::over(&frames, None);
                assert_eq!(walk.breach, Some((frames.len() - 1, breach)), "{plant:?}");
                // That a text is wrong shows with its last frame.
                if breach != Breach::NotUtf8 {
                    assert_eq!(walk.state, state, "{plant:?}");
                }
            }
        }
    }
}
