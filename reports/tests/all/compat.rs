//! The compatibility section: what is legal and broke clients, told with their names and links in each form for people.

use crate::sample::{report, result};
use pushspec_reports::render::terminal::{self, Style};
use pushspec_reports::render::{html, markdown};
use pushspec_reports::{Report, Verdict};

const CASE: &str = "sse/compat/no-space";
const CLIENT: &str = "openai/openai-python";
const LINK: &str = "https://github.com/openai/openai-python/issues/498";
const LAST: &str = "dataelement/Clawith";

fn told(report: &Report) -> [String; 3] {
    let terminal = terminal::render(report, Style::default());
    [terminal, markdown::write(report), html::write(report)]
}

#[test]
fn clients_are_named_where_their_hazard_was_seen() {
    let mut seen = result(CASE, Verdict::Info);
    seen.observed = "`data:<x>`".into();
    let report = report(vec![seen]);
    for text in told(&report) {
        assert!(text.contains(CLIENT) && text.contains(LINK), "{text}");
    }
    let [terminal, markdown, html] = told(&report);
    assert!(
        terminal.contains("compatibility: Legal, and no failure"),
        "{terminal}"
    );
    assert!(terminal.contains("and 5 more: --verbose"), "{terminal}");
    assert!(!terminal.contains(LAST), "{terminal}");
    assert!(
        markdown.contains("### Compatibility") && markdown.contains(LAST),
        "{markdown}"
    );
    assert!(
        html.contains("id=\"compatibility\"") && html.contains(LAST),
        "{html}"
    );
    assert!(
        html.contains("href=\"#compatibility\"") && html.contains("7 clients"),
        "{html}"
    );
    assert!(!html.contains("data:<x>"), "{html}");
    let all = Style {
        verbose: true,
        ..Style::default()
    };
    assert!(terminal::render(&report, all).contains(LAST));
}

#[test]
fn there_is_no_section_where_nothing_was_seen() {
    let report = report(vec![
        result(CASE, Verdict::Pass),
        result("sse/passive/bom", Verdict::Info),
    ]);
    for text in told(&report) {
        assert!(!text.contains(CLIENT), "{text}");
        assert!(!text.contains("no failure of this server"), "{text}");
        assert!(!text.contains("#compatibility"), "{text}");
    }
}
