//! Renderers: pure functions, pinned whole.

use crate::sample::{full, judged, report, result};
use pushspec_reports::gate::{ExitStatus, Outcome};
use pushspec_reports::render::json::{self, ReadError};
use pushspec_reports::render::terminal::{self, Style};
use pushspec_reports::render::{html, markdown, ndjson};
use pushspec_reports::{
    AutobahnCase, AutobahnClass, CaseResult, Evidence, Exchange, Moment, Verdict,
};

#[test]
fn a_terminal_report_shows_what_went_wrong_first() {
    insta::assert_snapshot!(terminal::render(&full(), Style::default()));
}

/// What the terminal says of a failure, every file of results says too; it comes from the register, whoever wrote the file.
#[test]
fn what_users_suffer_is_written() {
    let suffers = full().results[0].suffers().expect("the register has it");
    let of = |value: &serde_json::Value| value["suffers"].as_str().map(str::to_owned);
    let text = json::write(&full());
    let whole: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let written: Vec<_> = whole["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(of)
        .collect();
    let lines = ndjson::write(&full());
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let told: Vec<_> = lines
        .filter(|line: &serde_json::Value| line["event"] == "result")
        .map(|line| of(&line))
        .collect();
    for said in [written, told] {
        assert_eq!(said[0].as_deref(), Some(suffers));
        assert_eq!(said[1..], [const { None }; 5]);
    }
    let forged = text.replace(suffers, "nothing at all");
    assert_eq!(json::read(&forged).expect("a report"), full());
}

#[test]
fn verbose_lists_passes_and_skips_too() {
    let text = terminal::render(
        &full(),
        Style {
            verbose: true,
            ..Style::default()
        },
    );
    assert!(text.contains("pass  ws/ctl/ping-empty"), "{text}");
    assert!(text.contains("skip  ws/frame/a  needs `echo`"), "{text}");
}

#[test]
fn the_fourth_failure_of_a_family_gets_one_line() {
    let results = (0..5).map(|index| result(&format!("ws/hs-neg/case-{index}"), Verdict::Fail));
    let report = report(results.collect());
    let told = |verbose| {
        let style = Style {
            verbose,
            ..Style::default()
        };
        terminal::render(&report, style)
            .matches("  again     ")
            .count()
    };
    assert_eq!((told(false), told(true)), (3, 5));
    assert!(
        terminal::render(&report, Style::default())
            .contains("\n2 of these in one line only: --verbose tells them in full")
    );
    assert!(
        terminal::render(&report, Style::default())
            .contains("fail  ws/hs-neg/case-4  what the target did\n")
    );
}

#[test]
fn results_that_say_the_same_get_one_line() {
    let results = (0..150).map(|index| result(&format!("ws/frame/case-{index}"), Verdict::Fail));
    let text = terminal::render(&report(results.collect()), Style::default());
    let line = "fail  ws/frame/case-3 … ws/frame/case-149  147 cases alike: what the target did\n";
    assert!(text.contains(line), "{text}");
    assert!(!text.contains("case-77"), "{text}");
}

#[test]
fn results_that_differ_in_what_they_quote_get_one_line() {
    let results = (0..6).map(|index| {
        let mut result = result(&format!("ws/pmd-neg/case-{index}"), Verdict::Warn);
        result.observed = format!("an offer of `x={index}` was refused: \"{index}\"");
        result
    });
    let text = terminal::render(&report(results.collect()), Style::default());
    let line = "warn  ws/pmd-neg/case-3 … ws/pmd-neg/case-5  3 cases alike, such as: an offer of `x=3` was refused: \"3\"\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn many_failures_of_a_mute_target_are_told_as_one_silence() {
    let silent = |index: usize, end: &str| {
        let note = |text: &str| Moment::Note {
            at_us: 1,
            text: text.into(),
        };
        let exchange = Exchange {
            label: "fault".into(),
            moments: vec![
                note("connected"),
                note("waited 0.05 s in vain for an answer"),
                note(end),
            ],
            left_out: 0,
        };
        CaseResult {
            evidence: Evidence {
                exchanges: vec![exchange],
            },
            ..result(&format!("ws/a/case-{index}"), Verdict::Fail)
        }
    };
    let told = |end: &str, count: usize| {
        let results = (0..count).map(|index| silent(index, end)).collect();
        terminal::render(&report(results), Style::default()).contains("are one silence")
    };
    let line = "\n12 of the 12 failures are one silence: after the handshake the target neither answered nor closed\n";
    let results = (0..12).map(|index| silent(index, "→ TCP FIN")).collect();
    assert!(terminal::render(&report(results), Style::default()).contains(line));
    assert!(!told("→ TCP FIN", 9), "few are told one by one");
    assert!(!told("← TCP FIN", 12), "the target closed");
}

#[test]
fn cases_that_are_not_scored_are_told() {
    let mut frozen = report(vec![result("ws/a/b", Verdict::Fail)]);
    frozen.results[0].scored = false;
    frozen.catalogue = Some("0.1".into());
    let text = terminal::render(&frozen, Style::default());
    assert!(
        text.contains("\n1 case newer than catalogue 0.1: not scored\n"),
        "{text}"
    );
    assert!(text.contains("  counted   no: the case is newer"), "{text}");
}

#[test]
fn what_was_recorded_is_a_number_unless_it_is_asked_for() {
    let report = report(vec![result("ws/a/b", Verdict::Info)]);
    let told = |verbose| {
        let style = Style {
            verbose,
            ..Style::default()
        };
        terminal::render(&report, style)
    };
    assert!(
        told(false)
            .contains("\n1 recorded, where the documents leave it open: --verbose lists them\n")
    );
    assert!(!told(false).contains("info  ws/a/b"));
    assert!(told(true).contains("info  ws/a/b  what the target did\n"));
}

#[test]
fn colour_is_an_option_and_nothing_else_changes() {
    let plain = terminal::render(&full(), Style::default());
    let coloured = terminal::render(
        &full(),
        Style {
            colour: true,
            ..Style::default()
        },
    );
    assert!(!plain.contains('\x1b') && coloured.contains("\x1b[1;31mfail\x1b[0m"));
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').expect("a whole escape sequence").1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}

#[test]
fn the_outcome_names_status_and_reason() {
    let outcome = |reasons: &[&str]| Outcome {
        status: ExitStatus::NotMet,
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
        fail_on_warn: false,
        max_warn: None,
        max_inconclusive: 0,
        known: Vec::new(),
    };
    let told = |reasons| terminal::outcome(&outcome(reasons), Style::default());
    assert_eq!(told(&["1 failure"]), "exit 1: 1 failure\n");
    assert_eq!(
        told(&["1 failure", "a known one passes", "another passes"]),
        "exit 1: 1 failure\n        a known one passes\n        another passes\n"
    );
}

#[test]
fn json_is_pinned_and_read_back() {
    let report = full();
    let text = json::write(&report);
    insta::assert_snapshot!(text);
    assert_eq!(json::read(&text).expect("our own form"), report);
}

#[test]
fn results_carry_case_and_verdict_as_strings() {
    let value: serde_json::Value = serde_json::from_str(&json::write(&full())).expect("JSON");
    assert_eq!(value["results"][0]["case"], "ws/ctl/ping-text");
    assert_eq!(value["results"][0]["verdict"], "fail");
}

#[test]
fn another_schema_is_refused_by_name() {
    let text = json::write(&report(vec![result("ws/a/b", Verdict::Pass)])).replacen(
        "\"schema\": 1",
        "\"schema\": 99",
        1,
    );
    let error = json::read(&text).expect_err("another version");
    assert!(matches!(error, ReadError::Schema { found: 99 }));
    assert_eq!(
        error.to_string(),
        "a report of schema 99, and this pushspec reads schema 1"
    );
    assert!(matches!(json::read("{"), Err(ReadError::Malformed(_))));
}

#[test]
fn what_is_known_does_not_drown_what_is_new() {
    let report = judged();
    let borne = "fail  ws/ctl/ping-text";
    assert!(!terminal::render(&report, Style::default()).contains(borne));
    let verbose = Style {
        verbose: true,
        ..Style::default()
    };
    assert!(terminal::render(&report, verbose).contains(borne));
    let outcome = report.gate.as_ref().expect("judged");
    let told = terminal::outcome(outcome, Style::default());
    assert!(
        told.starts_with("known failure ws/ctl/ping-text still fails"),
        "{told}"
    );
}

#[test]
fn autobahns_classes_are_counted_and_what_is_not_ok_is_named() {
    let case = |id: &str, class| AutobahnCase {
        id: id.into(),
        class,
        cases: vec!["ws/utf8/fail-fast-frames-sequence".into()],
    };
    let mut report = full();
    assert!(!terminal::render(&report, Style::default()).contains("Autobahn"));
    assert!(!markdown::write(&report).contains("Autobahn"));
    assert!(!html::write(&report).contains("Autobahn"));
    report.autobahn = vec![
        case("1.1.1", AutobahnClass::Ok),
        case("6.4.1", AutobahnClass::NonStrict),
        case("7.1.5", AutobahnClass::WrongCode),
        case("7.9.1", AutobahnClass::Ok),
    ];
    report
        .autobahn
        .extend((1..=13).map(|n| case(&format!("9.7.{n}"), AutobahnClass::Failed)));
    let told = terminal::render(&report, Style::default());
    let line =
        "in Autobahn's words: 2 OK, 1 NON-STRICT (6.4.1), 1 WRONG CODE (7.1.5), 13 FAILED (9.7.1, ";
    assert!(told.contains(line), "{told}");
    assert!(told.contains("9.7.12 and 1 more)"), "{told}");
    assert!(json::write(&report).contains("\"WRONG CODE\""));
    let markdown = markdown::write(&report);
    assert!(markdown.contains("### In Autobahn's words"), "{markdown}");
    assert!(
        markdown.contains("\n- 2 OK\n- 1 NON-STRICT: 6.4.1\n"),
        "{markdown}"
    );
    let page = html::write(&report);
    assert!(page.contains("id=\"autobahn\""));
    assert!(
        page.contains("1 NON-STRICT")
            && page.contains("6.4.1 <a href=\"#ws/utf8/fail-fast-frames-sequence\">")
    );
}
