//! The comparison of what came with what was asked for.

use super::super::played::quoted;
use super::rows::{Fidelity, Looks};
use crate::sse::{Got, Read, script};
use pushspec_reports::{Verdict, printable};

/// What differs, and what it means.
pub(super) struct Difference {
    pub(super) verdict: Verdict,
    pub(super) observed: String,
    /// Where in the content.
    pub(super) offset: Option<u64>,
    /// Whether all that came is right, and something is missing behind it.
    pub(super) is_missing: bool,
}

/// Compares; a sentence on what came where it is what was asked for.
/// `over`: whether nothing more can come.
pub(super) fn compare(row: &Fidelity, read: &Read, over: bool) -> Result<String, Difference> {
    let events = |with_ids| events(row, read, over, with_ids);
    match row.looks {
        Looks::Events => events(false),
        Looks::Ids => events(true),
        Looks::Everything { retry, comment } => {
            events(true)?;
            retries(row, read, &[retry])?;
            comments(read, &[comment])
        }
        Looks::Retries(wanted) => {
            events(false)?;
            retries(row, read, wanted)
        }
        Looks::Comments(wanted) => {
            events(false)?;
            comments(read, wanted)
        }
    }
}

fn difference(
    verdict: Verdict,
    offset: Option<u64>,
    observed: impl Into<String>,
) -> Result<String, Difference> {
    Err(Difference {
        verdict,
        observed: observed.into(),
        offset,
        is_missing: false,
    })
}

fn shown(text: &str) -> String {
    match text.len() {
        0..=60 => quoted(text, 60),
        length => format!("{} ({length} bytes)", quoted(text, 24)),
    }
}

fn events(row: &Fidelity, read: &Read, over: bool, with_ids: bool) -> Result<String, Difference> {
    let wanted = script::wanted(&row.script);
    let count = wanted.len();
    let which = |index: usize| match count {
        1 => "the event".into(),
        count => format!("event {} of {count}", index + 1),
    };
    for (index, wanted) in wanted.iter().enumerate() {
        let Some(got) = read.events.get(index) else {
            return Err(missing(row, read, over, &which(index)));
        };
        let offset = Some(got.begin);
        if got.data != wanted.data {
            if got.data == following(row, index) {
                return lost(row, &which(index), got);
            }
            let is_inserted = read.events.len() > count
                && (read.events.get(index + 1))
                    .is_some_and(|next| (&next.data, &next.event) == (&wanted.data, &wanted.event));
            if is_inserted {
                return difference(
                    Verdict::Fail,
                    offset,
                    format!(
                        "an event that nobody wrote stands before {}: a client reads {} there, and then {}",
                        which(index),
                        shown(&got.data),
                        shown(&wanted.data)
                    ),
                );
            }
            return difference(
                changed(row, &wanted.data, &got.data),
                offset,
                format!(
                    "{} was to carry {}, and a client reads {}{}",
                    which(index),
                    shown(&wanted.data),
                    shown(&got.data),
                    how(&wanted.data, &got.data)
                ),
            );
        }
        if got.event != wanted.event {
            return difference(
                Verdict::Fail,
                offset,
                format!(
                    "{} was to be of type {}, and is of type {}: listeners for it are not called{}",
                    which(index),
                    shown(&wanted.event),
                    shown(&got.event),
                    ignored(read)
                ),
            );
        }
        if with_ids && got.id != wanted.id {
            let verdict = match wanted.id.is_empty() {
                true => row.loss,
                false => Verdict::Fail,
            };
            return difference(
                verdict,
                offset,
                format!(
                    "behind {} the last event ID was to be {}, and is {}: a client that comes back names the wrong \
                     event{}",
                    which(index),
                    shown(&wanted.id),
                    shown(&got.id),
                    ignored(read)
                ),
            );
        }
    }
    if let Some(more) = read.events.get(wanted.len()) {
        return difference(
            Verdict::Fail,
            Some(more.begin),
            format!(
                "{} events were asked for, and {} came; the first that was not asked for carries {}",
                wanted.len(),
                read.events.len(),
                shown(&more.data)
            ),
        );
    }
    match wanted.as_slice() {
        [] => Ok("no event came, and none was asked for".into()),
        [one] => Ok(format!("a client reads {}", shown(&one.data))),
        all => Ok(format!(
            "a client reads all {} events as asked for",
            all.len()
        )),
    }
}

/// What stands behind an event that was left out.
fn following(row: &Fidelity, index: usize) -> String {
    let wanted = script::wanted(&row.script);
    let next = wanted.get(index + 1).map(|next| next.data.clone());
    // No data of a script is this: without a next event there is nothing to be taken for it.
    next.filter(|data| *data != wanted[index].data)
        .unwrap_or_else(|| "\0none".into())
}

fn lost(row: &Fidelity, which: &str, got: &Got) -> Result<String, Difference> {
    difference(
        row.loss,
        Some(got.begin),
        format!(
            "{which} is missing: where {} was to stand, a client reads {}",
            row.what,
            shown(&got.data)
        ),
    )
}

fn missing(row: &Fidelity, read: &Read, over: bool, which: &str) -> Difference {
    let why = match (read.dead, read.tail, read.ignored.is_empty()) {
        (0, 0, true) => String::new(),
        (_, tail, _) if tail > 0 && over => format!(
            ": the stream ends within it, without the empty line that lets clients dispatch it ({tail} bytes are lost)"
        ),
        (_, tail, _) if tail > 0 => {
            format!(": {tail} bytes came, without the empty line that lets clients dispatch them")
        }
        (dead, _, _) if dead > 0 => {
            ": a block came without a data line, and no client dispatches that".into()
        }
        (_, _, _) => ignored(read),
    };
    Difference {
        verdict: row.loss,
        observed: format!("{which} is missing{why}"),
        // Where it was to come: behind all that did.
        offset: Some(u64::MAX),
        is_missing: true,
    }
}

fn ignored(read: &Read) -> String {
    read.first_ignored().map_or(String::new(), |field| {
        format!(" (the stream has the field {field}, which every client ignores)")
    })
}

/// What a change means. The contract: what comes out equals what went in, and a value that is stripped is warned of. So odd
/// characters that are taken out warn; whatever is put in fails, a second line break for one CRLF too: the text has lines
/// that nobody wrote.
fn changed(row: &Fidelity, wanted: &str, got: &str) -> Verdict {
    let stripped = |text: &str| text.replace(char::is_control, "");
    let mut left = wanted.chars();
    let taken_out = got.chars().all(|got| left.any(|wanted| wanted == got));
    match row.odd && taken_out && stripped(wanted) == stripped(got) {
        true => Verdict::Warn,
        false => Verdict::Fail,
    }
}

/// What happened to the text, where that can be told.
fn how(wanted: &str, got: &str) -> String {
    if wanted.is_empty() {
        return ": something that nobody wrote".into();
    }
    if wanted.starts_with(got) {
        return format!(": it is cut after {} of {} bytes", got.len(), wanted.len());
    }
    if got
        .strip_suffix('"')
        .and_then(|got| got.strip_prefix('"'))
        .is_some()
    {
        return ": it is written as a JSON text, quotes and all".into();
    }
    if wanted.trim_start() == got.trim_start() {
        return match wanted.len() > got.len() {
            true => ": a client takes one space off, so that a writer has to put one there".into(),
            false => ": a client takes one space off, and no more".into(),
        };
    }
    if wanted.replace('\n', "") == got.replace('\n', "") {
        let breaks = |text: &str| text.matches('\n').count();
        return match breaks(got).checked_sub(breaks(wanted)) {
            Some(more @ 1..) => format!(": {more} more line breaks than were written"),
            Some(0) | None => ": line breaks are not what they were".into(),
        };
    }
    if got.contains('\u{fffd}') && !wanted.contains('\u{fffd}') {
        return ": characters became U+FFFD".into();
    }
    let at = wanted
        .bytes()
        .zip(got.bytes())
        .position(|(wanted, got)| wanted != got);
    at.map_or(String::new(), |at| format!(", other from byte {at} on"))
}

fn retries(row: &Fidelity, read: &Read, wanted: &[&str]) -> Result<String, Difference> {
    let same = |wanted: &str, got: &str| {
        let digits = !got.is_empty() && got.bytes().all(|byte| byte.is_ascii_digit());
        digits && got.parse::<u64>().ok() == wanted.parse().ok()
    };
    // A writer may state its own time before the first event.
    let begin = read.events.first().map_or(0, |first| first.begin);
    let got = read.retries.iter().filter(|line| line.offset >= begin);
    let got: Vec<&str> = got.map(|line| line.text.as_str()).collect();
    let mut left = wanted.iter();
    let in_order = got.iter().all(|got| left.any(|wanted| same(wanted, got)));
    if in_order && got.len() == wanted.len() {
        return Ok(format!(
            "the reconnection times come as asked for: {}",
            wanted.join(", ")
        ));
    }
    // Who has no way to write one leaves it out; another one in its place is wrong.
    let verdict = match in_order {
        true => Verdict::Warn,
        false => row.loss,
    };
    let offset = read.retries.first().map(|line| line.offset);
    let got = match got.as_slice() {
        [] => "there is none".into(),
        got => printable(got.join(", ").as_bytes(), 60),
    };
    difference(
        verdict,
        offset,
        format!(
            "retry was to be {} ms, and in the stream {got}: clients come back at another time than the application wants",
            wanted.join(", ")
        ),
    )
}

fn comments(read: &Read, wanted: &[&str]) -> Result<String, Difference> {
    for wanted in wanted {
        let come = read.comments.iter().any(|line| line.text.trim() == *wanted);
        if !come {
            return difference(
                Verdict::Warn,
                None,
                format!(
                    "the comment {} is not in the stream: whoever writes comments to keep connections alive writes nothing",
                    shown(wanted)
                ),
            );
        }
    }
    Ok("the comment stands in the stream, and clients see no event".into())
}
