//! Exchanges from files: whether they prove something under the case that they are of.

use super::exchange::Exchange;
use super::model::State;
use super::verdict::Sort;
use super::walk::Walk;
use crate::ws::Frame;
use crate::ws::compression::Compression;
use pushspec_parser::ws::Opcode;
use pushspec_parser::ws::deflate::DeflateAnswer;

/// Whether an exchange is one of the property with this id, which plays this sort: as another's it would prove nothing.
///
/// # Errors
/// What makes it useless, and what to do.
pub(super) fn check(id: &str, sort: Sort, exchange: &Exchange) -> Result<(), String> {
    // What is legal under these parameters is so under all others, as far as a case makes it.
    let agreed = Compression {
        answer: Ok(DeflateAnswer::default()),
    };
    let walk = Walk::over(&exchange.frames, sort.packed.then_some(&agreed));
    match walk.breach {
        Some((index, breach)) if sort.legal => Err(format!(
            "frame {} is {breach}, and all is legal in {id}: name its illegal counterpart as `case`",
            index + 1
        )),
        None if !sort.legal => Err(format!(
            "every frame is legal, and the last is not in {id}: name its legal counterpart as `case`"
        )),
        Some((index, breach)) if index + 1 < exchange.frames.len() => Err(format!(
            "frame {} is {breach}, and {id} plays nothing of its own behind that: leave out what follows",
            index + 1
        )),
        Some((index, breach)) if walk.state == State::Closed => Err(format!(
            "frame {} is {breach}, and stands behind a Close, which ends the connection whatever follows: leave the Close out",
            index + 1
        )),
        Some(_) => Ok(()),
        None => is_owed_something(&exchange.frames, &walk),
    }
}

/// Whether something is due for legal frames, and all of it before the end is asked for.
///
/// # Errors
/// What makes them prove nothing, and what to do.
fn is_owed_something(frames: &[Frame], walk: &Walk) -> Result<(), String> {
    if frames.is_empty() {
        return Err("`frames` is empty: nothing is sent, and nothing is proven".into());
    }
    if walk.state.is_inside() {
        return Err(format!(
            "the frames end {}, for which nothing is due: finish the message, or put a Close behind it",
            walk.state
        ));
    }
    let is_ping = |frame: &Frame| frame.opcode == Opcode::PING;
    match frames[walk.settled..].iter().position(is_ping) {
        None => Ok(()),
        Some(index) => Err(format!(
            "frame {} is a ping in a message that is never finished, where no pong is waited for: leave it out, or finish the \
             message",
            walk.settled + index + 1
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PROPERTIES, draft, plant::Plant, walk};
    use super::*;
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    /// Whatever a run may save: what it makes, and what it tries for a smaller one.
    #[test]
    fn what_is_generated_is_accepted() {
        let agreed = Compression {
            answer: Ok(DeflateAnswer::default()),
        };
        let mut runner = TestRunner::deterministic();
        for property in PROPERTIES {
            let agreed = property.packed.then_some(&agreed);
            let accepted = |mut exchange: Exchange| {
                // It is saved as it was sent: with its keys.
                let mut sent = Vec::new();
                for frame in &exchange.frames {
                    frame.encode([1, 2, 3, 4], &mut sent);
                }
                exchange.frames = walk::frames(&sent);
                let saved = exchange.save(property.id).to_string();
                let loaded = super::super::replayed(&saved).map(|case| case.id);
                assert_eq!(loaded.as_deref(), Ok(property.id), "{saved}");
            };
            for number in 0..8_u8 {
                if property.is_legal() {
                    let draft = draft::conversation(6).new_tree(&mut runner);
                    let draft = draft.expect("a conversation").current();
                    for draft in draft.simpler().into_iter().chain([draft]) {
                        accepted(draft.exchange(draft.frames(agreed)));
                    }
                    continue;
                }
                let draft = draft::prefix(4).new_tree(&mut runner);
                let draft = draft.expect("a conversation").current();
                for &(breach, state) in property.breaches {
                    let plant = Plant {
                        breach,
                        state,
                        place: number.wrapping_mul(37),
                        which: number.wrapping_mul(31),
                    };
                    let frames = plant.spoil(draft.frames(agreed), agreed);
                    accepted(draft.exchange(frames));
                }
            }
        }
    }
}
