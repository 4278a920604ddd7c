//! Names that were mistyped: what the user may have meant.

use super::Usage;
use super::list::entries;
use crate::engine::Selection;

/// How alike two names have to be to be taken for one another: 1 for equal ones.
const ALIKE: f64 = 0.85;

/// The name among `known` that comes nearest to what was written; none where none comes near.
pub(super) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::jaro_winkler(written, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
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
            hint(stray, ids.iter().copied())
        ))),
    }
}

/// `; the nearest is …`, where there is one.
pub(super) fn hint<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(written, known).map_or_else(String::new, |name| format!("; the nearest is `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        let known = [
            "ws/hs/minimal",
            "ws/close/empty",
            "rfc6455/5.5.1/close-response",
        ];
        let rows = [
            ("ws/hs/minmal", Some("ws/hs/minimal")),
            ("ws/close/emtpy", Some("ws/close/empty")),
            ("completely different", None),
        ];
        for (written, meant) in rows {
            assert_eq!(nearest(written, known.into_iter()), meant, "{written}");
        }
    }
}
