//! What was said on one connection, decoded once for all checks, and what of it only gives back what we sent.

use super::frames;
use super::said::{Direction, Said};
use crate::judgement::Spot;
use crate::passive::{Inspected, Sighting};
use crate::transcript::Connection;
use crate::ws::Dialogue;
use pushspec_parser::ws::Opcode;
use pushspec_parser::{Finding, Violation};
use pushspec_reports::{Verdict, printable};

/// What was said on one connection.
pub struct Overheard<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What the target said on it.
    pub heard: Dialogue,
    /// The same, frame by frame. No frames where the target did not answer 101.
    pub theirs: Direction,
    /// What we said.
    pub ours: Direction,
    /// Where the target stopped sending frames and wrote text instead.
    pub text: Option<u64>,
    /// The first fault of the target's own in the header of a frame. A client fails the connection here; nobody knows where the
    /// next frame begins, nor whether it is one, and of this one nothing else is told.
    pub fault: Option<Finding>,
}

impl<'a> Overheard<'a> {
    /// Decodes a connection.
    pub fn of(connection: &'a Connection) -> Self {
        let heard = Dialogue::of(connection);
        let (theirs, ours) = if heard.is_open() {
            (
                Direction::received(connection, heard.frames_start(), heard.compression),
                Direction::sent(connection, heard.compression),
            )
        } else {
            (Direction::default(), Direction::default())
        };
        let text = text(&theirs, heard.compression.is_some());
        let mut overheard = Self {
            connection,
            heard,
            theirs,
            ours,
            text,
            fault: None,
        };
        overheard.fault = overheard.first_fault();
        overheard
    }

    /// The frames of the target that can be read: what it wrote as text is none, whatever its bytes would mean, and nothing
    /// behind its first fault is known to be one.
    pub fn frames(&self) -> impl Iterator<Item = (usize, &Said)> {
        let end = self.readable();
        let frames = self.theirs.frames.iter().enumerate();
        frames.take_while(move |(_, frame)| frame.offset < end)
    }

    /// Where what can be read ends; the frame with the fault belongs to it.
    fn readable(&self) -> u64 {
        let fault = self.fault.map_or(u64::MAX, |fault| fault.offset + 1);
        fault.min(self.text.unwrap_or(u64::MAX))
    }

    /// Whether the first fault is in this frame.
    pub(super) fn is_at_fault(&self, frame: &Said) -> bool {
        self.fault.is_some_and(|fault| fault.offset == frame.offset)
    }

    /// The first fault in a header that is no fault of ours given back.
    fn first_fault(&self) -> Option<Finding> {
        let of_header = |finding: &&Finding| {
            frames::HEADER
                .iter()
                .any(|rules| rules.contains(&finding.violation))
        };
        self.frames().find_map(|(index, frame)| {
            let own = |finding: &&Finding| !self.gives_back(index, finding.violation);
            frame.findings.iter().filter(of_header).find(own).copied()
        })
    }

    /// Puts every frame of the target that `judged` picks to a check for these violations, each of which breaks a MUST.
    pub(super) fn forbid(
        &self,
        judged: impl FnMut(&Said) -> bool,
        violations: &[Violation],
    ) -> Inspected {
        self.look(judged, |finding| {
            violations
                .contains(&finding.violation)
                .then_some(Verdict::Fail)
        })
    }

    /// The same with a verdict for each violation: none where it is another check's.
    pub(super) fn look(
        &self,
        mut judged: impl FnMut(&Said) -> bool,
        verdict: impl Fn(&Finding) -> Option<Verdict>,
    ) -> Inspected {
        let mut inspected = Inspected::default();
        for (index, frame) in self.frames() {
            if judged(frame) {
                inspected.bytes += frame.bytes();
            }
            for finding in &frame.findings {
                if let Some(verdict) = verdict(finding)
                    && (self.fault == Some(*finding) || !self.is_at_fault(frame))
                    && !self.gives_back(index, finding.violation)
                {
                    inspected.sightings.push(Sighting {
                        verdict,
                        observed: format!("{} ({})", finding.violation, described(frame)),
                        requirement: Some(finding.violation.requirement()),
                        spot: Some(self.spot(finding.offset)),
                    });
                }
            }
        }
        inspected
    }

    /// A spot in what the target sent.
    pub(super) fn spot(&self, offset: u64) -> Spot {
        Spot::received(self.connection.label, offset)
    }

    /// Whether a violation in a frame of the target only gives back what we sent, wrong as it was: that belongs to the
    /// case that sent it.
    ///
    /// It does where a frame of ours that went before broke the same rule in the same way, around the same payload.
    fn gives_back(&self, index: usize, violation: Violation) -> bool {
        let frame = &self.theirs.frames[index];
        let before = || {
            let sent = self.ours.frames.iter().enumerate();
            sent.filter(|(_, sent)| sent.event < frame.event)
        };
        let same = |alike: fn(&Said, &Said) -> bool| {
            before().any(|(_, sent)| {
                sent.breaks(violation) && sent.payload == frame.payload && alike(sent, frame)
            })
        };
        match violation {
            Violation::ReservedBits => same(|sent, frame| sent.header.rsv == frame.header.rsv),
            Violation::ReservedOpcode => {
                same(|sent, frame| sent.header.opcode == frame.header.opcode)
            }
            Violation::LengthNotMinimal => {
                same(|sent, frame| sent.header.length_form == frame.header.length_form)
            }
            Violation::LengthTopBit => {
                same(|sent, frame| sent.header.length == frame.header.length)
            }
            Violation::ControlTooLong
            | Violation::ControlFragmented
            | Violation::ContinuationWithoutStart
            | Violation::DataInsideMessage
            | Violation::CloseBodyOneByte => same(|_, _| true),
            Violation::CloseReasonNotUtf8 => {
                let reason = frame.close_reason();
                before().any(|(_, sent)| {
                    sent.breaks(violation) && sent.close_reason().starts_with(reason)
                })
            }
            Violation::CloseCodeUnused
            | Violation::CloseCode1004
            | Violation::CloseCode1005
            | Violation::CloseCode1006
            | Violation::CloseCode1010ByServer
            | Violation::CloseCode1015
            | Violation::CloseCodeReserved => {
                before().any(|(_, sent)| sent.close_code() == frame.close_code())
            }
            Violation::TextNotUtf8 => {
                let text = self.theirs.message_around(index);
                before().any(|(index, sent)| {
                    sent.breaks(violation) && self.ours.message_around(index).starts_with(&text)
                })
            }
            // Owed to the target's own state, whatever we sent.
            _ => false,
        }
    }
}

/// A frame in a few words.
pub(super) fn described(frame: &Said) -> String {
    let opcode = frame.header.opcode;
    let name = match opcode {
        Opcode::CLOSE => match frame.close_code() {
            Some(code) => format!("Close {code}"),
            None => "Close without a code".into(),
        },
        _ => format!("{opcode} frame"),
    };
    let length = frame.header.length;
    let plural = if length == 1 { "" } else { "s" };
    format!("{name}, {length} byte{plural}")
}

/// Where a stream stops being frames and goes on as text: at the beginning of a frame, from which on everything is
/// printable, or is an HTTP response.
///
/// No printable byte begins a frame: each has a reserved bit set, which only `A` and `B` may have, and only where
/// compression was agreed on: then text that begins with these is not told from frames. (A line break could be a fragmented control frame,
/// so text that begins with one counts only if it is blank altogether.) Where frames were broken before, we may have
/// lost step and be reading payload: then only an HTTP response is beyond doubt.
fn text(theirs: &Direction, compression: bool) -> Option<u64> {
    let cut = (theirs.cut_header > 0).then(|| (theirs.end() - theirs.cut_header as u64, false));
    let begins = theirs.frames.iter().map(|frame| {
        let broken = frames::HEADER
            .iter()
            .flat_map(|rules| rules.iter())
            .any(|&rule| frame.breaks(rule));
        (frame.offset, broken)
    });
    let mut in_step = true;
    for (offset, broken) in begins.chain(cut) {
        let rest = &theirs.stream[(offset - theirs.start) as usize..];
        let may_be_frame = compression && matches!(rest.first(), Some(b'A' | b'B'));
        if rest.starts_with(b"HTTP/") || in_step && !may_be_frame && is_text(rest) {
            return Some(offset);
        }
        in_step &= !broken;
    }
    None
}

fn is_text(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first() else {
        return false;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let printable = text
        .chars()
        .all(|character| !character.is_control() || matches!(character, '\r' | '\n' | '\t'));
    printable && (matches!(first, b' '..=b'~' | b'\r') || text.trim().is_empty())
}

/// What a target wrote as text, shortened.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let line = bytes
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    printable(line, 60)
}
