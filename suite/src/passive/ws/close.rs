//! Checks of Closes, and of what stands behind them up to the end of TCP.

use super::overheard::{Overheard, described, excerpt};
use crate::declared::Reading;
use crate::passive::{Inspected, Sighting};
use crate::transcript::End;
use crate::ws::closing;
use pushspec_parser::Violation;
use pushspec_parser::ws::{CloseCode, Opcode, close_code_class};
use pushspec_reports::Verdict;

/// What a second Close breaks, and data behind a Close.
pub(super) const SECOND: &[Violation] = &[Violation::SecondClose];
pub(super) const DATA: &[Violation] = &[Violation::DataAfterClose];

/// The body of each Close, and that there is one Close.
pub(super) fn close_frame(overheard: &Overheard<'_>, reading: &Reading) -> Inspected {
    let mut inspected = overheard.look(
        |frame| frame.header.opcode == Opcode::CLOSE,
        |finding| match SECOND.contains(&finding.violation) {
            true => Some(Verdict::Fail),
            false => closing::body_verdict(finding.violation, reading),
        },
    );
    for (_, frame) in overheard.frames() {
        let Some(code) = frame.close_code().filter(|_| !overheard.is_at_fault(frame)) else {
            continue;
        };
        let ours = &overheard.ours.frames;
        let repeated = ours.iter().any(|sent| sent.close_code() == Some(code));
        if close_code_class(code) == CloseCode::Undefined && !repeated {
            inspected.sightings.push(Sighting {
                verdict: Verdict::Info,
                observed: format!(
                    "the target closed with {code}: the documents say nothing about codes from 5000 up"
                ),
                requirement: Some("rfc6455/7.4.2/5000-up-undefined"),
                spot: Some(overheard.spot(frame.offset)),
            });
        }
    }
    inspected
}

/// Judges what stands behind the target's own Close; without a Close there is nothing to judge.
pub(super) fn no_data_after_close(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    let close = overheard
        .frames()
        .find(|(_, frame)| frame.header.opcode == Opcode::CLOSE && frame.whole)
        .map_or(u64::MAX, |(_, frame)| frame.offset);
    overheard.forbid(|frame| frame.offset >= close, DATA)
}

/// Whether all bytes up to the end of TCP are frames.
pub(super) fn trailing_bytes(overheard: &Overheard<'_>, _: &Reading) -> Inspected {
    let theirs = &overheard.theirs;
    let mut inspected = Inspected {
        bytes: theirs.stream.len() as u64,
        ..Inspected::default()
    };
    if let Some(offset) = overheard.text {
        inspected
            .sightings
            .extend(written_as_text(overheard, offset));
        return inspected;
    }
    if overheard.fault.is_some() {
        return inspected;
    }
    // What we cut short ourselves proves nothing, and a reset throws away what is on its way: where it cuts is chance.
    let Some((_, end @ (End::Fin | End::FinWithoutAlert))) = &overheard.heard.end else {
        return inspected;
    };
    let cut = match theirs.frames.last() {
        Some(frame) if !frame.whole => {
            let missing = frame.header.length - frame.payload.len() as u64;
            Some((
                frame.offset,
                format!("{}: {missing} of them missing", described(frame)),
            ))
        }
        _ if theirs.cut_header > 0 => Some((
            theirs.end() - theirs.cut_header as u64,
            format!("only {} bytes of its header came", theirs.cut_header),
        )),
        _ => None,
    };
    if let Some((offset, what)) = cut {
        inspected.sightings.push(Sighting {
            verdict: Verdict::Info,
            observed: format!("{end} cut a frame short ({what})"),
            requirement: None,
            spot: Some(overheard.spot(offset)),
        });
    }
    inspected
}

/// Text where a frame should begin; none where it only gives back what we wrote as text.
fn written_as_text(overheard: &Overheard<'_>, offset: u64) -> Option<Sighting> {
    let theirs = &overheard.theirs;
    let text = &theirs.stream[(offset - theirs.start) as usize..];
    let ours = &overheard.ours.stream;
    if ours.windows(text.len()).any(|window| window == text) {
        return None;
    }
    let closed = overheard
        .frames()
        .any(|(_, frame)| frame.header.opcode == Opcode::CLOSE);
    let (place, requirement) = match closed {
        true => ("behind its Close", "rfc6455/6.1/send-only-when-open"),
        false => ("where a frame should begin", "rfc6455/6.1/encapsulate"),
    };
    Some(Sighting {
        verdict: Verdict::Fail,
        observed: format!(
            "{place} the target wrote {} byte{} that are no frame: \"{}\"",
            text.len(),
            if text.len() == 1 { "" } else { "s" },
            excerpt(text)
        ),
        requirement: Some(requirement),
        spot: Some(overheard.spot(offset)),
    })
}
