//! An exchange as a sequence diagram in SVG: pushspec on the left, the server on the right, time downwards.
//!
//! Rows are equally far apart, since a microsecond and a second stand in one picture; each says when it was. Drawn as text
//! of its own, because a page of a thousand cases has tens of thousands of these rows.

use super::super::story::inside;
use crate::{Direction, Exchange, Moment, Place};
use std::fmt::Write as _;

/// Moments drawn of one connection; of a longer one the middle is left out.
const MOMENTS: usize = 14;

/// Decoded lines drawn for one moment, where something went wrong.
pub(super) const LINES: usize = 6;

/// The same, where nothing did: the handshake is that of every other case.
pub(super) const FEW_LINES: usize = 2;

/// Characters of one line.
const CHARACTERS: usize = 78;

/// Where the two lifelines stand, and how wide the picture is.
const LEFT: usize = 92;
const RIGHT: usize = 648;
const WIDTH: usize = 720;

/// Heights of a line of text, and of what stands around the lines of one moment.
const LINE: usize = 16;
const GAP: usize = 12;

/// Draws `exchange`, with so many lines for a moment. The arrow that carries the bytes at `place` is marked.
pub(super) fn diagram(out: &mut String, exchange: &Exchange, place: Option<&Place>, lines: usize) {
    let total = exchange.moments.len();
    let mut rows = String::new();
    let mut y = 34;
    for (index, moment) in exchange.moments.iter().enumerate() {
        let from_end = total - index;
        if total > MOMENTS && index == MOMENTS / 2 {
            let hidden = total - MOMENTS + exchange.left_out;
            let _ = write!(
                rows,
                r#"<text class="n" x="370" y="{}">… {hidden} more …</text>"#,
                y + LINE
            );
            y += LINE + GAP;
        }
        if total > MOMENTS && index >= MOMENTS / 2 && from_end > MOMENTS / 2 {
            continue;
        }
        y = row(&mut rows, moment, marked(moment, exchange, place), lines, y);
    }
    let height = y + 10;
    let label = escaped(&exchange.label, CHARACTERS);
    let _ = write!(
        out,
        r#"<figure><figcaption>{label} connection</figcaption><div class="scroll" role="group" aria-label="Exchange on the {label} connection" tabindex="0"><svg class="seq" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="group"><text class="e" x="{LEFT}" y="14">pushspec</text><text class="e" x="{RIGHT}" y="14">server</text><path class="l" d="M{LEFT} 20V{height}M{RIGHT} 20V{height}"/>{rows}</svg></div></figure>"#
    );
}

/// Whether the bytes of this moment hold the spot that decides.
fn marked(moment: &Moment, exchange: &Exchange, place: Option<&Place>) -> bool {
    match (moment, place) {
        (
            Moment::Bytes {
                direction,
                offset,
                bytes,
                ..
            },
            Some(place),
        ) => {
            place.connection == exchange.label
                && place.direction == *direction
                && (*offset..offset.saturating_add(bytes.len)).contains(&place.offset)
        }
        (Moment::Bytes { .. } | Moment::Note { .. }, _) => false,
    }
}

/// One moment; gives back where the next begins.
fn row(out: &mut String, moment: &Moment, marked: bool, shown: usize, y: usize) -> usize {
    match moment {
        Moment::Note { at_us, text } => {
            let y = y + LINE;
            time(out, *at_us, y);
            let _ = write!(
                out,
                r#"<text class="n" x="370" y="{y}">{}</text>"#,
                escaped(text, CHARACTERS)
            );
            y + GAP
        }
        Moment::Bytes {
            at_us,
            direction,
            bytes,
            decoded,
            ..
        } => {
            let nothing = [inside(bytes.len)];
            let lines = if decoded.is_empty() {
                &nothing[..]
            } else {
                decoded
            };
            let mut y = y;
            // One line more takes no more room than saying that there is one.
            let shown = if lines.len() == shown + 1 {
                shown + 1
            } else {
                shown
            };
            for line in lines.iter().take(shown) {
                y += LINE;
                let _ = write!(
                    out,
                    r#"<text x="102" y="{y}">{}</text>"#,
                    escaped(line, CHARACTERS)
                );
            }
            if lines.len() > shown {
                y += LINE;
                let _ = write!(
                    out,
                    r#"<text x="102" y="{y}">… {} more …</text>"#,
                    lines.len() - shown
                );
            }
            y += 7;
            time(out, *at_us, y + 4);
            let path = match direction {
                Direction::Sent => format!("M{LEFT} {y}H{RIGHT}m-8 -4l8 4l-8 4"),
                Direction::Received => format!("M{RIGHT} {y}H{LEFT}m8 -4l-8 4l8 4"),
            };
            let class = match (direction, marked) {
                (_, true) => "a bad",
                (Direction::Sent, false) => "a",
                (Direction::Received, false) => "a r",
            };
            let _ = write!(out, r#"<path class="{class}" d="{path}"/>"#);
            y + GAP
        }
    }
}

fn time(out: &mut String, at_us: u64, y: usize) {
    let _ = write!(
        out,
        r#"<text class="t" x="84" y="{y}">{:.2} ms</text>"#,
        at_us as f64 / 1000.0
    );
}

/// Text inside an element or an attribute, cut after `limit` characters.
fn escaped(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        if index == limit {
            out.push('…');
            break;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
