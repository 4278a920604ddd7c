//! The HTML report: what it holds, that it loads nothing, that nothing a target says is markup, and how large it gets.

use crate::sample::{full, hostile, judged, report, result};
use pushspec_reports::render::{html, json};
use pushspec_reports::{Evidence, Exchange, Moment, Report, Verdict};

/// What may not stand in a page that loads nothing.
const LOADS: [&str; 9] = [
    "src=",
    "<link",
    "@import",
    "url(",
    "<iframe",
    "<img",
    "<object",
    "fetch(",
    "XMLHttpRequest",
];

fn without_text(page: &str) -> String {
    page.split('>')
        .filter_map(|part| part.rsplit_once('<').map(|(_, tag)| tag))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_page_loads_nothing() {
    for report in [full(), judged(), hostile(), report(Vec::new())] {
        let page = html::write(&report);
        let tags = without_text(&page);
        for word in LOADS {
            assert!(!tags.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn what_a_target_says_is_text() {
    let read = json::read(&json::write(&hostile())).expect("our own form");
    let page = html::write(&read);
    assert_eq!(page.matches("<script").count(), 1, "our own");
    assert!(page.contains("&lt;script&gt;alert(1)"));
    // Every element that was opened is closed: nothing a target said ended one.
    for tag in [
        "details", "summary", "div", "section", "dl", "svg", "figure", "pre", "span", "table",
    ] {
        let opened =
            page.matches(&format!("<{tag} ")).count() + page.matches(&format!("<{tag}>")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn drawings_are_well_formed() {
    let page = html::write(&hostile());
    let mut rest = page.as_str();
    let mut drawings = 0;
    while let Some(at) = rest.find("<svg") {
        let end = at + rest[at..].find("</svg>").expect("an end") + 6;
        roxmltree::Document::parse(&rest[at..end]).expect("XML");
        drawings += 1;
        rest = &rest[end..];
    }
    assert!(drawings > 3, "{drawings}");
}

#[test]
fn a_case_shows_its_clause_exchange_bytes_and_command() {
    let page = html::write(&judged());
    for part in [
        "<details class=\"case\" id=\"ws/ctl/ping-text\" data-verdict=\"fail\">",
        "href=\"https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3\"",
        "ping 4 bytes masked 00000000 &quot;pong&quot;",
        "8a 04 <mark>70</mark> 69 6e 67",
        "<mark>p</mark>ing",
        "class=\"a bad\"",
        "pushspec check 'ws://127.0.0.1:9001/' --case ws/ctl/ping-text --seed 1",
        "<dt>known</dt><dd>issue 7</dd>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn an_open_point_is_told_with_its_outcomes_and_the_verdicts_that_rest_on_it() {
    let page = html::write(&judged());
    for part in [
        "<details class=\"requirement\" id=\"ambiguity/wasteful-length\">",
        "<a href=\"#ambiguity/wasteful-length\">ambiguity/wasteful-length</a>",
        "<b>doubtful</b>: the frame is read as if it were well written",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(
        !page.contains("id=\"ambiguity/tcp-close\""),
        "no verdict rests on it"
    );
}

#[test]
fn each_link_within_the_page_leads_somewhere() {
    let page = html::write(&judged());
    let mut links = 0;
    for part in page.split("href=\"#").skip(1) {
        let id = part.split('"').next().expect("an end");
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        links += 1;
    }
    assert!(links > 10, "{links}");
}

#[test]
fn servers_stand_side_by_side() {
    let (one, mut two) = (full(), full());
    two.results[0].verdict = Verdict::Pass;
    let column =
        |name: &'static str, page: &'static str, report| html::Column { name, page, report };
    let page = html::matrix(&[
        column("one", "one.html", &one),
        column("two", "two.html", &two),
    ]);
    for part in [
        "<a href=\"#ws/ctl\">ws/ctl</a> <span class=\"said\">1 of 3 differ</span></th>",
        "<a href=\"#ws/ctl\">2 <span class=\"verdict pass\">pass</span>, 1 <span class=\"verdict info\">info</span></a>",
        "id=\"ws/ctl\"",
        "1 of 3 differ",
        "the same everywhere",
        "<a href=\"two.html#ws/ctl/ping-text\"><span class=\"verdict pass\">pass</span></a>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

/// A thousand cases, each with a long exchange.
fn large() -> Report {
    let moments: Vec<Moment> = full().results[0].evidence.exchanges[0].moments.clone();
    let exchange = Exchange {
        label: "case".into(),
        moments: moments.iter().cycle().take(64).cloned().collect(),
        left_out: 10,
    };
    let results = (0..1000).map(|index| {
        let verdict = if index % 10 == 9 {
            Verdict::Fail
        } else {
            Verdict::Pass
        };
        pushspec_reports::CaseResult {
            evidence: Evidence {
                exchanges: vec![exchange.clone(); 2],
            },
            ..result(&format!("ws/a/case-{index}"), verdict)
        }
    });
    report(results.collect())
}

#[test]
fn a_thousand_cases_weigh_less_than_three_megabytes_and_failures_keep_their_exchange() {
    let page = html::write(&large());
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    for part in page.split("<details class=\"case\"").skip(1) {
        if part.contains("data-verdict=\"fail\"") {
            assert!(part.contains("class=\"seq\""));
        }
    }
    assert!(page.contains("is left out to keep this page small"));
}

#[test]
fn what_made_the_gate_red_is_listed_under_it() {
    let mut report = judged();
    report.results.push(result("ws/a/new", Verdict::Fail));
    let page = html::write(&report);
    let list = page.split_once("<ul class=\"red\">").expect("a list").1;
    let list = list.split_once("</ul>").expect("its end").0;
    assert!(list.contains("href=\"#ws/a/new\""), "{list}");
    assert!(!list.contains("href=\"#ws/ctl/ping-text\""), "{list}");
    assert!(page.contains("<span class=\"known\">known</span>"));
}
