//! An exchange as lines of plain text: what was said, by whom, when. The terminal, Markdown and JUnit tell it alike.

use super::hex::{bytes_of, dump};
use crate::gate::plural;
use crate::{CaseResult, Direction, Exchange, Moment, Place};
use std::fmt::Write as _;

/// Moments of one exchange shown in full; of a longer one the middle is left out.
const SHOWN_MOMENTS: usize = 12;

/// Lines of decoded elements shown for one moment.
const SHOWN_LINES: usize = 12;

/// The connections that tell why a result is what it is, and the bytes around the spot that decides. Where one spot
/// decides, the connection that it lies on tells the story; else all of them do.
pub(super) fn story(result: &CaseResult, faint: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let decisive = result.place.as_ref().map(|place| &place.connection);
    for exchange in &result.evidence.exchanges {
        if decisive.is_none_or(|label| *label == exchange.label) {
            self::exchange(&mut out, exchange, faint);
        }
    }
    if let Some(place) = &result.place {
        bytes_around(&mut out, place);
    }
    out
}

fn exchange(out: &mut String, exchange: &Exchange, faint: &dyn Fn(&str) -> String) {
    let _ = writeln!(out, "  {} connection", exchange.label);
    let total = exchange.moments.len();
    for (index, moment) in exchange.moments.iter().enumerate() {
        if total > SHOWN_MOMENTS && index == SHOWN_MOMENTS / 2 {
            let more = format!("… {} more …", total - SHOWN_MOMENTS);
            let _ = writeln!(out, "    {}", faint(&more));
        }
        if total > SHOWN_MOMENTS && (SHOWN_MOMENTS / 2..total - SHOWN_MOMENTS / 2).contains(&index)
        {
            continue;
        }
        self::moment(out, moment, faint);
    }
}

fn moment(out: &mut String, moment: &Moment, faint: &dyn Fn(&str) -> String) {
    match moment {
        Moment::Note { at_us, text } => {
            let _ = writeln!(out, "    {}   {text}", time(*at_us));
        }
        Moment::Bytes {
            at_us,
            direction,
            bytes,
            decoded,
            ..
        } => {
            let arrow = match direction {
                Direction::Sent => "→",
                Direction::Received => "←",
            };
            let nothing = inside(bytes.len);
            let first = decoded.first().unwrap_or(&nothing);
            let _ = writeln!(out, "    {} {arrow} {first}", time(*at_us));
            for line in decoded.iter().skip(1).take(SHOWN_LINES - 1) {
                let _ = writeln!(out, "                 {line}");
            }
            if decoded.len() > SHOWN_LINES {
                let more = format!("… {} more …", decoded.len() - SHOWN_LINES);
                let _ = writeln!(out, "                 {}", faint(&more));
            }
        }
    }
}

/// What is said of bytes in which nothing begins.
pub(super) fn inside(len: u64) -> String {
    format!("{} inside what began before", plural(len as usize, "byte"))
}

fn time(at_us: u64) -> String {
    format!("{:>9.3} ms", at_us as f64 / 1000.0)
}

fn bytes_around(out: &mut String, place: &Place) {
    let _ = writeln!(out, "  {}", place_title(place));
    let bytes = bytes_of(&place.window.bytes);
    for line in dump(&bytes, place.window.start, Some(place.offset)).lines() {
        let _ = writeln!(out, "    {line}");
    }
}

/// Which bytes a hex dump shows.
pub(super) fn place_title(place: &Place) -> String {
    let who = match place.direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    };
    format!(
        "bytes {who} on the {} connection around offset {}",
        place.connection, place.offset
    )
}
