//! Names that were mistyped: what the user may have meant.

use super::Usage;
use super::check::schemes;
use super::list::entries;
use crate::Protocol;
use crate::engine::Selection;
use std::collections::BTreeSet;

/// Of so many characters one may be wrong, in what is not the same; and one in any case.
const ONE_IN: usize = 3;

/// The name among `known` that comes nearest to what was written; none where none comes near.
pub(super) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = |name: &&str| {
        let wrong = strsim::damerau_levenshtein(written, name);
        // What stands in the same folder is not alike for that.
        let same = written.split('/').zip(name.split('/'));
        let same: usize = same
            .take_while(|(one, other)| one == other)
            .map(|(one, _)| one.chars().count() + 1)
            .sum();
        let rest = written.chars().count().saturating_sub(same);
        (wrong <= (rest / ONE_IN).max(1)).then_some(wrong)
    };
    known
        .filter_map(|name| Some((near(&name)?, name)))
        .min_by_key(|(wrong, _)| *wrong)
        .map(|(_, name)| name)
}

/// The case, or the pattern of a family, that comes nearest to a pattern.
fn nearest_pattern(pattern: &str, ids: &[&str]) -> Option<String> {
    let families = |depth: usize| {
        let family = move |id: &&str| {
            let (end, _) = id.match_indices('/').nth(depth)?;
            Some(format!("{}/*", &id[..end]))
        };
        ids.iter().filter_map(family)
    };
    let mut known: BTreeSet<String> = ids.iter().map(|&id| id.to_owned()).collect();
    if pattern.contains('*') {
        known.extend(families(0).chain(families(1)));
    }
    nearest(pattern, known.iter().map(String::as_str)).map(str::to_owned)
}

/// Refuses a pattern of `--case` that matches no case of either protocol, beside others that do: the run would be green
/// without what it stands for. Where none matches, the run says so itself.
pub(super) fn refuse_strays(selection: &Selection) -> Result<(), Usage> {
    let entries = entries();
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    match selection.strays(&ids).as_slice() {
        [] => Ok(()),
        strays if strays.len() == selection.patterns() => Ok(()),
        [stray, ..] => Err(Usage::new(format_args!(
            "--case `{stray}` matches no case, though others do{}: `pushspec list` names all",
            said(nearest_pattern(stray, &ids))
        ))),
    }
}

/// Why a selection has no case for a target of this protocol, where that can be told.
pub(super) fn why_none(selection: &Selection, protocol: Protocol) -> Vec<String> {
    let entries = entries();
    let (prefix, other, whose) = match protocol {
        Protocol::WebSocket => ("ws/", Protocol::EventStream, "event streams"),
        Protocol::EventStream => ("sse/", Protocol::WebSocket, "WebSocket servers"),
    };
    let (own, others): (Vec<&str>, Vec<&str>) = entries
        .iter()
        .map(|entry| entry.id.as_str())
        .partition(|id| id.starts_with(prefix));
    let all = selection.patterns();
    let is_other = selection.strays(&own).len() == all && selection.strays(&others).len() < all;
    match is_other {
        true => vec![format!(
            "the cases that were asked for are of {whose}, whose scheme is {}",
            schemes(other)
        )],
        false => strays(selection),
    }
}

/// What is said of each pattern that matches no case of either protocol.
pub(super) fn strays(selection: &Selection) -> Vec<String> {
    let entries = entries();
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let told = selection.strays(&ids).into_iter().map(|stray| {
        let nearest = said(nearest_pattern(stray, &ids));
        format!("--case `{stray}` matches no case{nearest}")
    });
    told.collect()
}

/// `; the nearest is …`, where there is one.
pub(super) fn hint<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    said(nearest(written, known))
}

fn said(nearest: Option<impl AsRef<str>>) -> String {
    nearest.map_or_else(String::new, |name| {
        format!("; the nearest is `{}`", name.as_ref())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        let known = [
            "ws/hs/minimal",
            "ws/close/empty",
            "ws/limits/slowloris-frame",
            "rfc6455/5.5.1/close-response",
        ];
        let rows = [
            ("ws/hs/minmal", Some("ws/hs/minimal")),
            ("ws/hs/minimla", Some("ws/hs/minimal")),
            ("ws/close/emtpy", Some("ws/close/empty")),
            ("ws/clsoe/emtpy", Some("ws/close/empty")),
            ("ws/limits/limit-x", None),
            ("ws/hs/x", None),
            ("completely different", None),
            ("", None),
        ];
        for (written, meant) in rows {
            assert_eq!(nearest(written, known.into_iter()), meant, "{written}");
        }
    }

    #[test]
    fn a_pattern_is_held_against_families() {
        let entries = entries();
        let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        let rows = [
            ("ws/porp/*", Some("ws/prop/*")),
            ("ws/pro/*", Some("ws/prop/*")),
            ("sse/htp/*", Some("sse/http/*")),
            ("wss/*", Some("ws/*")),
            ("ws/ctl/ping-emty", Some("ws/ctl/ping-empty")),
            ("ws/limits/limit-x", None),
            ("ws/nothing/*", None),
        ];
        for (written, meant) in rows {
            let nearest = nearest_pattern(written, &ids);
            assert_eq!(nearest.as_deref(), meant, "{written}");
        }
    }
}
